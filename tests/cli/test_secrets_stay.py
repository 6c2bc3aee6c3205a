"""Canaries: no secret of a configuration is ever printed, logged or kept, whoever quotes it.

Every kind of channel that can be pointed at the loopback sends in earnest, and fails there: the
servers quote in their answers all that they were told. Services of a fixed host are tested in
tests/channels/test_notify.py.
"""

from __future__ import annotations

import base64
import json
import logging
import signal
import sys
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest
from newsroom import Desk, start

from monitor.app.logs import set_up
from monitor.core.redact import HIDDEN, Redactor, address_secrets
from monitor.settings.known import secrets_of
from monitor.settings.load import load
from origin import Origin, Reply, Request, rss
from sink import Sink

CANARY = "Canary7Xq"  # stands in every secret; some services take only letters and digits
HIT = {
    "guid": "fire-1",
    "title": "حريق في سوق الخشب",
    "link": "https://example.org/fire",
    "description": "أخمدت فرق الدفاع المدني الحريق بعد ساعتين",
    "pubDate": formatdate(time.time() - 3600),
}
LONG = CANARY + "0" * 40
ROCKET = f"{CANARY}{'x' * 8}/{CANARY}{'x' * 15}"

# Addresses with a secret in each place that one can stand in; {http} and {smtp} are ports.
ADDRESSES = {
    "mail": f"mailto://user:{CANARY}@127.0.0.1:{{smtp}}/?from=a@x.example&to=b@x.example",
    "mail-tls": f"mailtos://{CANARY}:{CANARY}@127.0.0.1:{{smtp}}/?from=a@x.example&to=b@x.example",
    "json": f"json://user:{CANARY}@127.0.0.1:{{http}}/{CANARY}/hook?+X-Token=Bearer%20{CANARY}",
    "json-payload": f"json://127.0.0.1:{{http}}/hook?:key={CANARY}&-token={CANARY}",
    "xml": f"xml://127.0.0.1:{{http}}/hook/{CANARY}?+Authorization={CANARY}",
    "form": f"form://{CANARY}:pw@127.0.0.1:{{http}}/hook",
    "ntfy": f"ntfy://user:{CANARY}@127.0.0.1:{{http}}/topic-{CANARY}",
    "ntfy-token": f"ntfy://tk_{LONG}@127.0.0.1:{{http}}/topic",
    "gotify": f"gotify://127.0.0.1:{{http}}/A{CANARY}",
    "mattermost": f"mmost://127.0.0.1:{{http}}/{CANARY.lower()}{'0' * 20}",
    "matrix": f"matrix://user:{CANARY}@127.0.0.1:{{http}}/!room:127.0.0.1",
    "matrix-hook": f"matrix://user:{CANARY}@127.0.0.1:{{http}}/?mode=slack",
    "rocket-hook": f"rocket://{ROCKET}@127.0.0.1:{{http}}/?mode=webhook",
    "rocket-login": f"rocket://user:{CANARY}@127.0.0.1:{{http}}/#room",
    "signal": f"signal://user:{CANARY}@127.0.0.1:{{http}}/+15551234567/+15551234568",
    "apprise": f"apprise://user:{CANARY}@127.0.0.1:{{http}}/{CANARY}",
    "home-assistant": f"hassio://127.0.0.1:{{http}}/{LONG}",
    "webhook": f"webhook+http://user:{CANARY}@127.0.0.1:{{http}}/{CANARY}?token={CANARY}",
    "webhook-tls": f"webhook+https://user:{CANARY}@127.0.0.1:{{http}}/{CANARY}",
    "webhook-blocked": f"webhook+http://user:{CANARY}@10.255.255.1/{CANARY}",
}


def telltale(request: Request) -> str:
    """All that a request said, and what it meant."""
    login = request.headers.get("authorization", "").partition(" ")[2]
    try:
        meant = base64.b64decode(login, validate=True).decode("utf-8", "replace")
    except ValueError:
        meant = login
    body = request.body.decode("utf-8", "replace")
    return f"no: {request.path} {request.headers} {meant} {body} error={meant}"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        yield server


def traces(text: str) -> list[str]:
    """Where a canary shows, in any coding that a secret travels in."""
    forms = {CANARY.lower(), *(form.lower() for form in _base64_of(CANARY))}
    return [form for form in forms if form in text.lower()]


def _base64_of(secret: str) -> set[str]:
    """What its letters look like inside base64, at each of the three offsets."""
    coded = (base64.b64encode(b"x" * n + secret.encode()).decode() for n in range(3))
    return {text[4 * bool(n) : -4] for n, text in enumerate(coded)}


def test_the_search_itself_sees_what_it_looks_for() -> None:
    assert traces(f"x {CANARY.upper()} y")
    for user in ("u", "us", "use"):
        assert traces(base64.b64encode(f"{user}:{CANARY}".encode()).decode())
    assert not traces("خبر")


def kept(folder: Path) -> str:
    """All that stands in the files of the state, names included."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return "\n".join(f"{path}\n{path.read_bytes().decode('utf-8', 'replace')}" for path in files)


def configure(desk: Desk, origin: Origin, sink: Sink) -> None:
    """A channel for each address, each kept in a file; feeds with a login, headers, a proxy."""
    channels: dict[str, dict[str, str]] = {}
    for name, address in ADDRESSES.items():
        secret(desk.folder / f"{name}.url", address.format(http=origin.port, smtp=sink.port))
        channels[name] = {"url_file": f"{name}.url"}
    secret(desk.folder / "signing", f"whsec_{base64.b64encode(LONG.encode()).decode()}")
    channels["webhook"]["secret_file"] = "signing"
    (desk.folder / "words.j2").write_text("{{ article.title }}", "utf-8")
    channels["json"]["template"] = "words.j2"
    secret(desk.folder / "headers", f"Authorization: Bearer {CANARY}\nX-Key: {LONG}\n")
    desk.monitor(channels=channels, log={"level": "debug"})
    good = origin.put("/feed.xml", rss([HIT]))
    bad = f"http://user:{CANARY}@127.0.0.1:{origin.port}/refused.xml"
    proxy = f"http://user:{CANARY}@127.0.0.1:{origin.port}/"
    feeds = [
        {"url": good, "name": "أولى", "headers_file": "headers"},
        {"url": bad, "name": "ثانية", "headers_file": "headers"},
        {"url": "http://news.invalid/rss", "name": "ثالثة", "proxy": proxy},
    ]
    desk.write("feeds.yaml", {"feeds": feeds})


def secret(path: Path, text: str) -> None:
    path.write_text(text + "\n", "utf-8")
    path.chmod(0o600)


COMMANDS = (
    ("check",),
    ("once",),
    ("once", "--json"),
    ("status",),
    ("status", "--json"),
    ("feeds", "list"),
    ("feeds", "list", "--json"),
    ("channels", "list"),
    ("channels", "list", "--json"),
    ("outbox", "list"),
    ("outbox", "list", "--json"),
    ("alerts", "list"),
    ("alerts", "list", "--json"),
)


@pytest.mark.untraced
@pytest.mark.parametrize("status", [400, 401, 500, 307])
def test_no_command_shows_or_keeps_what_servers_quote(rasid, desk, origin, sink, status) -> None:
    configure(desk, origin, sink)
    origin.elsewhere(
        lambda told: Reply(telltale(told), status, {"Location": f"/x/{CANARY}", "X-Echo": CANARY})
    )
    if status != 500:
        plain = base64.b64encode(f"\0user\0{CANARY}".encode()).decode()
        text = f"5.7.8 no {CANARY} {plain} {base64.b64encode(CANARY.encode()).decode()}"
        sink.answer(535, times=100, at="AUTH", text=text)
    else:
        sink.answer(554, times=100, at="DATA", text=f"5.6.0 no {CANARY} user {CANARY}")
    for command in COMMANDS:
        answer = rasid(*command, "-c", desk.folder)
        assert answer.code in (0, 1, 75), (command, answer.err[-500:])
        assert traces(answer.out + answer.err) == [], command
    for name in ADDRESSES:
        answer = rasid("channels", "test", name, "-c", desk.folder)
        assert answer.code in (65, 75, 78), (name, answer.err)
        assert f"{name}: " in answer.err
        assert traces(answer.out + answer.err) == [], name
    assert traces(kept(desk.state)) == []
    state = kept(desk.state)
    assert HIT["title"] in state or json.dumps(HIT["title"]) in state
    heard = "".join(telltale(request) for request in origin.requests)
    assert heard.count(CANARY) > len(ADDRESSES)  # they were told the secrets, and said so


@pytest.mark.untraced
@pytest.mark.parametrize("through", ["url", "url_file"])
@pytest.mark.parametrize(
    "address",
    [
        f"tgram://{CANARY}",
        f"tgram://{CANARY}:{CANARY}/",
        f"discord://{CANARY}",
        f"slack://{CANARY}/x",
        f"mailto://user:{CANARY}@",
        f"mailto://user:{CANARY}@127.0.0.1:99999/?from=a@x.example",
        f"mailtos://user:{CANARY}@127.0.0.1/?from=a@x.example&to={CANARY}",
        f"json://user:{CANARY}@",
        f"json://user:{CANARY}@[::1/{CANARY}",
        f"matrix://user:{CANARY}@",
        f"gchat://{CANARY}",
        f"rocket://{CANARY}",
        f"webhook+https://user:{CANARY}@/",
        f"webhook+https://user:{CANARY}@x.example:port/{CANARY}",
        f"webhook+ftp://user:{CANARY}@x.example/",
        f"webhook+{CANARY}",
        f"nothing://{CANARY}",
        f"http://{CANARY}",
        f"{CANARY}",
        f"tgram:{CANARY}",
        f"tgram:/{CANARY}:1/2",
        f"console://{CANARY}",
    ],
)
def test_no_error_quotes_an_address_that_is_wrong(rasid, desk, address, through) -> None:
    secret(desk.folder / "a.url", address)
    source = {"url": address} if through == "url" else {"url_file": "a.url"}
    desk.monitor(channels={"desk": source})
    for command in (("check",), ("once",), ("channels", "test", "desk"), ("channels", "list")):
        for more in ((), ("--debug",)):
            answer = rasid(*more, *command, "-c", desk.folder)
            assert answer.code in (0, 78)
            assert answer.code == 78 or command == ("channels", "list")
            told = (answer.out + answer.err).replace(str(desk.folder), "")
            assert traces(told) == [], (command, told)


@pytest.mark.parametrize(
    ("channel", "file"),
    [
        ({"url": "webhook+https://x.example/", "secret_file": "s"}, f"whsec_{CANARY}!"),
        ({"url": "webhook+https://x.example/", "secret_file": "s"}, f"{CANARY}\n{CANARY}"),
        ({"url": "webhook+https://x.example/", "secret_file": f"https://{CANARY}"}, ""),
        ({"url": "console://", "secret_file": "s"}, CANARY),
        ({"url": f"console://{CANARY}", "template": "s"}, f"{CANARY}"),
        ({"url_file": f"tgram://{CANARY}/1"}, ""),
        ({f"tgram://{CANARY}/": 1}, ""),
        ([f"tgram://{CANARY}/"], ""),
        (f"tgram://{CANARY}/", ""),
    ],
)
def test_no_error_quotes_a_secret_in_a_wrong_place(rasid, desk, channel, file) -> None:
    secret(desk.folder / "s", file)
    desk.monitor(channels={"desk": channel})
    answer = rasid("check", "-c", desk.folder)
    assert answer.code == 78
    assert traces(answer.out + answer.err) == []


def test_a_log_learns_the_secrets_of_a_configuration_read_anew(
    desk, capsys, monkeypatch, tmp_path
) -> None:
    import click

    from monitor.cli.options import loader
    from monitor.cli.watch import run

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RASID_CONFIG", str(desk.folder))
    with click.Context(run):
        read = loader(addresses=True)
        set_up("debug", "json", sys.stderr, secrets=secrets_of(read()))
        log = logging.getLogger("rasid.outbox")
        log.debug("before %s", CANARY)
        desk.monitor(channels={"a": {"url": f"json://u:{CANARY}@127.0.0.1/"}})
        read()
    log.debug("after %s", CANARY)
    try:
        int(CANARY)
    except ValueError:
        log.exception("fault")
    before, after, fault = map(json.loads, capsys.readouterr().err.splitlines())
    assert before["message"] == f"before {CANARY}"  # nobody could know it yet
    assert after["message"] == f"after {HIDDEN}"
    assert HIDDEN in fault["exception"]
    assert CANARY not in fault["exception"]


def test_a_daemon_at_debug_logs_and_keeps_none(desk, origin, sink) -> None:
    configure(desk, origin, sink)
    origin.elsewhere(lambda told: Reply(telltale(told), 401))
    sink.answer(535, times=100, at="AUTH", text=f"5.7.8 no {CANARY}")
    tried: set[str] = set()
    err = ""
    with start("run", "-c", desk.folder) as process:
        while tried != set(ADDRESSES):
            line = process.stderr.readline().decode()
            assert line, err
            err += line
            tried |= {name for name in ADDRESSES if f'"{name}: ' in line}
        process.send_signal(signal.SIGTERM)
        out, rest = (text.decode() for text in process.communicate(timeout=60))
    assert process.returncode == 0
    assert traces(out + err + rest) == []
    assert traces(kept(desk.state)) == []


def test_a_log_knows_every_secret_of_every_address(desk, origin, sink) -> None:
    configure(desk, origin, sink)
    known = secrets_of(load(desk.folder, environ={}))
    redact = Redactor(known)
    for address in ADDRESSES.values():
        told = address.format(http=origin.port, smtp=sink.port)
        assert traces(redact(f"{told} | {told.partition('://')[2]} | {sorted(known)}")) == []


@pytest.mark.parametrize(
    ("address", "hidden", "shown"),
    [
        ("tgram://123456789:AAbbccdd_ee/12315544/", ["123456789", "AAbbccdd_ee"], ["tgram"]),
        ("mailto://ali:pw%40x@mail.example.org/?to=a@b.example", ["pw@x", "ali"], ["a@b.example"]),
        ("json://127.0.0.1:8080/hook", [], ["127.0.0.1:8080", "hook"]),
        ("https://h.example/api/webhooks/12345678/tok-tok-tok", ["tok-tok-tok"], ["webhooks"]),
        ("json://h.example/?+X-Key=Bearer%20abcdefgh", ["Bearer abcdefgh", "abcdefgh"], ["X-Key"]),
        ("json://h.example/?pass=abc&rto=30", ["abc"], ["30"]),
        ("ntfy://topicname-secret", ["topicname-secret"], []),
        ("console://", [], ["console://"]),
    ],
)
def test_what_of_an_address_is_secret(address, hidden, shown) -> None:
    redact = Redactor(address_secrets(address))
    for secret_part in hidden:
        assert redact(f"({secret_part})") == f"({HIDDEN})"
    for part in shown:
        assert redact(f"({part})") == f"({part})"


def test_short_secrets_go_as_words_and_not_inside_of_others() -> None:
    redact = Redactor(["abc", "x"])
    assert redact("abc, abcd xabc: abc") == f"{HIDDEN}, abcd xabc: {HIDDEN}"
    assert redact("x") == "x"  # of one letter: it would take the text with it
    assert Redactor(['a"b\\c-long'])(repr({"k": 'a"b\\c-long'})) == f"{{'k': '{HIDDEN}'}}"
