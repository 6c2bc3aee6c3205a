"""From an address to a channel: which are taken, what is said of the others, and the deadline."""

from __future__ import annotations

import threading

import pytest
from channel_samples import message

from monitor.channels.build import InTime, build, check_url
from monitor.errors import ConfigError
from monitor.model import ChannelConfig, Message, Outcome, Receipt

SECRET = "Canary123456"


@pytest.mark.parametrize(
    "url",
    [
        "console://",
        "mailto://127.0.0.1:25/?from=a@x.example&to=b@x.example",
        "mailtos://user:password@gmail.com",
        "MAILTO://127.0.0.1/?from=a@x.example&to=b@x.example",
        "json://127.0.0.1:8080/hook",
        "webhook+https://user:password@hooks.example/a?b=c",
        "WEBHOOK+HTTP://127.0.0.1:8080/",
        "tgram://123456789:abcdefg_hijklmnop/12315544/",
        "https://discord.com/api/webhooks/111111111111111111/" + "A" * 68,
    ],
)
def test_addresses_that_are_taken(url: str) -> None:
    assert check_url(url) is None
    assert build(ChannelConfig("desk", url)).name == "desk"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (f"tgrm://{SECRET}/1", "unknown scheme tgrm:// (did you mean tgram://?)"),
        (f"mailtoo://{SECRET}/1", "unknown scheme mailtoo:// (did you mean mailto://?)"),
        ("consol://", "unknown scheme consol:// (did you mean console://?)"),
        ("console:", "write it as console://"),
        ("console://x", "write it as console://"),
        (f"zzzzqqqq://{SECRET}", "unknown scheme zzzzqqqq://"),
        (f"tgram://{SECRET}", "the address after tgram:// is incomplete or wrong"),
        (SECRET, "an address starts with a scheme"),
        (f"tgram:/{SECRET}", "an address starts with a scheme"),
        ("", "an address starts with a scheme"),
        (f"mailto://{SECRET}@127.0.0.1/?from=a@x.example&to=nobody", "no valid address to send"),
        (f"webhook+ftp://hooks.example/{SECRET}", "an address with the scheme ftp: not http(s)"),
        (f"webhook+https://{SECRET}:secret@/", "an address without a host"),
        (f"webhook+https://a.example:x/{SECRET}", "an address that cannot be read"),
        (f"webhook+https://a.example/{SECRET * 1000}", "more than 8192 letters"),
        (f"webhook+{SECRET}", "an address with the scheme (none)"),
    ],
)
def test_what_is_said_of_other_addresses_never_quotes_them(url: str, reason: str) -> None:
    told = check_url(url)
    assert told is not None
    assert told.startswith(reason) or reason in told
    assert SECRET not in told
    with pytest.raises(ConfigError) as refused:
        build(ChannelConfig("desk", url))
    assert "channels.desk" in str(refused.value)
    assert SECRET not in str(refused.value)


class Slow:
    """A channel that answers once it is let go."""

    name = "slow"
    longest = 1000
    limits = ()

    def __init__(self) -> None:
        self.go = threading.Event()
        self.sends = 0
        self.threads: list[threading.Thread] = []

    def send(self, message: Message) -> Receipt:
        self.sends += 1
        self.threads.append(threading.current_thread())
        self.go.wait(20)
        return Receipt(Outcome.SENT, "at last")


def test_a_try_that_hangs_ends_at_the_deadline_and_is_not_doubled() -> None:
    slow = Slow()
    channel = InTime(slow, deadline=0.05)
    first = channel.send(message())
    assert (first.outcome, first.in_doubt) == (Outcome.RETRY, True)
    assert channel.send(message()) == Receipt(Outcome.RETRY, "the try before still hangs")
    assert slow.sends == 1
    slow.go.set()
    slow.threads[0].join(10)
    assert channel.send(message()) == Receipt(Outcome.SENT, "at last")


def test_what_the_other_side_quotes_is_taken_out_of_receipts() -> None:
    class Telltale:
        name = "telltale"
        longest = 1000
        limits = ()

        def send(self, message: Message) -> Receipt:
            return Receipt(Outcome.HELD, f"no such token: {SECRET}", 401)

    channel = InTime(Telltale(), redact=lambda text: text.replace(SECRET, "***"))
    assert channel.send(message()) == Receipt(Outcome.HELD, "no such token: ***", 401)


def test_a_secret_that_signs_nothing_is_refused_without_being_quoted() -> None:
    config = ChannelConfig("desk", "webhook+https://a.example/", secret=f"whsec_{SECRET}!")
    with pytest.raises(ConfigError, match="the secret is no base64 behind whsec_") as refused:
        build(config)
    assert SECRET not in str(refused.value)


def test_a_fault_of_ours_is_raised_where_it_is_waited_for() -> None:
    class Broken:
        name = "broken"
        longest = 1000
        limits = ()

        def send(self, message: Message) -> Receipt:
            return Receipt(Outcome(1 / 0), "")

    with pytest.raises(ZeroDivisionError):
        InTime(Broken()).send(message())
