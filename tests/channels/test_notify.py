"""Apprise's services over a web server on the loopback: what they are sent, what answers lead to.

Services with a fixed address are pointed at the loopback by the attribute of the plugin that holds
it; all else is theirs.
"""

from __future__ import annotations

import json
import logging
import re
import socket
import sys
from collections.abc import Iterator

import pytest
from channel_samples import HOSTILE, LINK, REPEAT, message
from services import CHATS, SERVICES, TOKEN, delivered, service

from monitor.app.logs import set_up
from monitor.channels.notify import Notify, check_address
from monitor.model import Outcome, Receipt, Severity
from origin import Origin, Reply, Request


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_gets_the_whole_alert_in_one_message(name: str, origin: Origin) -> None:
    text = delivered(name, origin, message(severity=Severity.HIGH, repeat=True))
    for part in (REPEAT, "مهم: قصف على سنجار", "القاعدة: قصف المدن — قصف", "ليلًا.", "النهر"):
        assert part in text, part
    assert LINK in text.replace("&amp;", "&")
    assert text.count("قصف على سنجار") == 1


@pytest.mark.parametrize("name", CHATS)
def test_nothing_from_a_feed_acts_in_a_chat(name: str, origin: Origin) -> None:
    text = delivered(name, origin, message(HOSTILE[:200], excerpt=HOSTILE))
    text = text.replace(LINK, "").replace(LINK.replace("&", "&amp;"), "")
    text = text.replace("<b>", "").replace("</b>", "") if name == "telegram" else text
    for pattern in (
        r"@\w",
        r"<[!@#\w/]",
        r"&lt;[!@#\w/]",
        r"\]\(",
        r"evil\.example",
        r"https?://",
        r"[*`]\w",
        r"\|\|",
        r"(?<!\w)_\w",
    ):
        assert not re.search(pattern, text), pattern
    assert not set(text) & set("\x00\x1b\u202e\u2028")


def test_programs_get_the_text_without_replaced_letters(origin: Origin) -> None:
    assert "snake_case *" in delivered("json", origin, message(excerpt="snake_case * نجمة"))


def test_what_would_be_too_long_is_cut_by_us_link_kept(origin: Origin) -> None:
    text = delivered("discord", origin, message("عنوان " * 50, excerpt="قصف " * 900))
    content = max(text.split("\n\n"), key=len)
    assert len(content) <= 2000
    assert LINK in text


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.SENT),
        (204, Outcome.SENT),
        (307, Outcome.HELD),
        (400, Outcome.REJECTED),
        (401, Outcome.HELD),
        (403, Outcome.HELD),
        (404, Outcome.HELD),
        (408, Outcome.RETRY),
        (410, Outcome.HELD),
        (413, Outcome.REJECTED),
        (429, Outcome.RETRY),
        (500, Outcome.RETRY),
        (502, Outcome.RETRY),
        (503, Outcome.RETRY),
    ],
)
def test_what_each_status_leads_to(status: int, outcome: Outcome, origin: Origin) -> None:
    channel, path = service("json", origin)
    other = origin.put("/other", b"ok")
    origin.put(path, handler=lambda _: Reply(b"x", status, {"Location": other}))
    receipt = channel.send(message())
    assert receipt.outcome is outcome
    assert receipt.code == (None if outcome is Outcome.SENT else status)
    assert [request.path for request in origin.requests] == [path]  # no redirect, no second try
    assert not receipt.in_doubt


@pytest.mark.parametrize(
    ("name", "status", "body", "expected"),
    [
        (
            "telegram",
            400,
            {"ok": False, "description": "Bad Request: chat not found"},
            Receipt(Outcome.HELD, "the service refuses the channel", 400),
        ),
        (
            "telegram",
            403,
            {"ok": False, "description": "Forbidden: bot was blocked by the user"},
            Receipt(Outcome.HELD, "the service refuses the channel", 403),
        ),
        (
            "telegram",
            400,
            {"ok": False, "description": "Bad Request: message is too long"},
            Receipt(Outcome.REJECTED, "HTTP 400", 400),
        ),
        (
            "telegram",
            429,
            {"ok": False, "description": "Too Many Requests", "parameters": {"retry_after": 35}},
            Receipt(Outcome.RETRY, "HTTP 429", 429, retry_after=35.0),
        ),
        ("ntfy", 429, {"code": 42901, "http": 429}, Receipt(Outcome.RETRY, "HTTP 429", 429)),
    ],
)
def test_what_services_say_in_words(
    name: str, status: int, body: dict[str, object], expected: Receipt, origin: Origin
) -> None:
    channel, path = service(name, origin)
    origin.put(path, json.dumps(body), status=status)
    assert channel.send(message()) == expected


def test_a_server_that_is_away_is_tried_later() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    receipt = Notify("desk", f"json://127.0.0.1:{port}/").send(message())
    assert receipt == Receipt(Outcome.RETRY, "not reached")


@pytest.mark.parametrize("fault", ["stall", "hang-up"])
def test_an_answer_that_gets_lost_leaves_a_doubt(fault: str, origin: Origin) -> None:
    origin.fail("/hook", fault)
    channel = Notify("desk", f"json://127.0.0.1:{origin.port}/hook?rto=0.3")
    receipt = channel.send(message())
    assert receipt == Receipt(Outcome.RETRY, "no answer in time", in_doubt=True)


def test_messages_follow_each_other_without_a_pause(origin: Origin) -> None:
    """The plugins wait 5.5 seconds between two messages; when to send is ours to say."""
    channel, path = service("json", origin)
    origin.put(path, b"ok")
    for _ in range(3):
        assert channel.send(message()).outcome is Outcome.SENT
    assert origin.requests[-1].time - origin.requests[0].time < 4


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_in_logs_receipts_or_reasons(
    name: str,
    origin: Origin,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(1)
    with caplog.at_level(1, "apprise"), caplog.at_level(1, "urllib3"):
        channel, path = service(name, origin)
        origin.put(path.replace("{n}", "0"), b"no", status=500)
        origin.elsewhere(lambda request: Reply(f"{request}", 500))
        receipts = [channel.send(message()) for _ in range(2)]
        spoilt = SERVICES[name][0].partition("://")[0] + "://" + TOKEN + ":/:/"
        reason = check_address(spoilt)
    assert [receipt.outcome for receipt in receipts] == [Outcome.RETRY] * 2
    secrets = [TOKEN, "hijklmnop", "TIiajkdnlazkcOXrIdevi7FQ", "Atoken123456789", "3ccdd1134747223"]
    told = f"{receipts} {reason} {channel!r} {caplog.text} {''.join(capfd.readouterr())}"
    assert not [secret for secret in secrets if secret in told]


def test_a_log_at_debug_shows_nothing_of_it_either(
    origin: Origin, capfd: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        set_up("debug", "human", sys.stderr)
        root.setLevel(1)
        channel, _ = service("telegram", origin)
        channel.send(message())
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    assert "hijklmnop" not in "".join(capfd.readouterr())


def chats(origin: Origin, refused: dict[str, int]) -> list[str]:
    """Has a server of ntfy note who got a message; `refused` topics answer with a status."""
    had: list[str] = []

    def answer(request: Request) -> Reply:
        topic = json.loads(request.body)["topic"]
        if topic in refused:
            return Reply(status=refused[topic])
        had.append(topic)
        return Reply()

    origin.put("/", handler=answer)
    return had


def test_each_chat_of_an_address_is_served_for_itself(origin: Origin) -> None:
    refused = {"later": 503}
    had = chats(origin, refused)
    channel = Notify("desk", f"ntfy://127.0.0.1:{origin.port}/one/later/two")
    receipt = channel.send(message())
    assert (receipt.outcome, receipt.partly, receipt.in_doubt) == (Outcome.RETRY, True, True)
    assert "1 of 3 chats" in receipt.detail
    refused.clear()
    assert channel.send(message()).outcome is Outcome.SENT
    assert had == ["one", "two", "later"]


@pytest.mark.parametrize("status", [403, 413])
def test_a_chat_that_refuses_does_not_hold_up_the_others(origin: Origin, status: int) -> None:
    had = chats(origin, {"shut": status})
    receipt = Notify("desk", f"ntfy://127.0.0.1:{origin.port}/one/shut").send(message())
    assert (receipt.outcome, receipt.partly) == (Outcome.SENT, True)
    assert "1 of 2 chats refuse" in receipt.detail
    assert had == ["one"]


def test_all_chats_that_refuse_are_the_channel_that_refuses(origin: Origin) -> None:
    chats(origin, {"one": 403, "two": 413})
    receipt = Notify("desk", f"ntfy://127.0.0.1:{origin.port}/one/two").send(message())
    assert (receipt.outcome, receipt.partly) == (Outcome.HELD, False)


def test_the_limits_of_services_are_known_by_chat() -> None:
    bot = "tgram://123456789:abcdefg_hijklmnop"
    (group, _), (person, _) = Notify("a", f"{bot}/-1001234567/12315544").limits
    assert group == Notify("b", f"{bot}/-1001234567").limits[0][0]
    assert group != person
    rates = [rate.count for _, rate in Notify("a", f"{bot}/-1001234567/12315544").limits]
    assert rates == [20, 60]
    assert Notify("c", "ntfy://127.0.0.1/topic").limits == ()


def test_each_chat_gets_it_once_however_its_service_calls_it(origin: Origin) -> None:
    had: list[str] = []

    def answer(request: Request) -> Reply:
        had.append(json.loads(request.body)["channel"])
        return Reply('{"success": true}', headers={"content-type": "application/json"})

    path = "/hooks/wwwwwwwwwwwwwwwww/xxxxxxxxxxxxxxxxxxxxxxxx"
    origin.put(path, handler=answer)
    address = f"rocket://wwwwwwwwwwwwwwwww/xxxxxxxxxxxxxxxxxxxxxxxx@127.0.0.1:{origin.port}"
    channel = Notify("desk", f"{address}/%23a/%23b/@c?mode=webhook")
    assert channel.send(message()).outcome is Outcome.SENT
    assert len(had) == len(set(had)) == 3, had
