"""What a running daemon shows to Prometheus, and to whoever asks whether it is well."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from at_work import NOW, OFTEN, Clocks, Life, at_work, configured
from prometheus_client.parser import text_string_to_metric_families

from monitor.app.health import health
from monitor.service.listen import LONGEST_REQUEST, MOST_CONNECTIONS, Listener, Page
from monitor.settings.load import Config, load
from monitor.stores.ledger import TinyLedger
from monitor.stores.system import SystemFile
from monitor.stores.tiny import TinyStore
from origin import Origin, rss
from sink import Sink

Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        assert self.headers["content-type"] == "application/json"
        return json.loads(self.body)


async def ask(at: Path, request: bytes) -> Answer:
    """The answer to a request, as its bytes are given."""
    reader, writer = await asyncio.open_unix_connection(str(at))
    writer.write(request)
    told = await reader.read()
    writer.close()
    head, _, body = told.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
    return Answer(int(first.split()[1]), headers, body)


async def get(at: Path, path: str) -> Answer:
    return await ask(at, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


async def figures(at: Path) -> Figures:
    answer = await get(at, "/metrics")
    assert answer.status == 200
    families = text_string_to_metric_families(answer.body.decode())
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for f in families for s in f.samples}


def item(number: int, text: str) -> dict[str, str]:
    return {"guid": f"n{number}", "title": text, "content": text}


def newsroom(tmp_path: Path, origin: Origin, monitor: str = "", rules: str = "") -> Config:
    origin.put("/a.xml", rss([item(0, "لا شيء")]))
    origin.put(OFTEN, rss([]))
    feeds = f"  - {{name: a, url: '{origin.url('/a.xml')}'}}\n"
    feeds += f"  - {{name: often, url: '{origin.url(OFTEN)}', interval: 1m}}\n"
    config = configured(tmp_path, feeds, f"metrics: {{listen: ./m.sock}}\n{monitor}")
    if rules:
        (tmp_path / "rules.yaml").write_text(rules, "utf-8")
        return load(tmp_path, environ={})
    return config


async def both_seen(life: Life) -> None:
    await life.until(lambda asked: asked["/a.xml"] >= 1 and asked[OFTEN] >= 1)


def test_figures_of_what_happened_and_of_how_things_stand(
    tmp_path: Path, origin: Origin, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = 'خبر "عاجل" \\ و{س}'
    rules = f"rules: [{{name: {json.dumps(rule, ensure_ascii=False)}, any: [فيضان]}}]\n"
    config = newsroom(tmp_path, origin, rules=rules)
    at = tmp_path / "m.sock"

    async def live() -> None:
        async with at_work(config, origin, Clocks()) as life:
            await both_seen(life)
            found = await figures(at)
            assert found["rasid_matches_total", (("rule", rule),)] == 0
            assert found["rasid_config_last_reload_successful", ()] == 1
            assert found["rasid_config_last_reload_success_timestamp_seconds", ()] == NOW
            origin.put("/a.xml", rss([item(0, "لا شيء"), item(1, "فيضان يغمر القرى كلها")]))
            life.clocks.go(930)
            await life.until(lambda asked: asked["/a.xml"] == 2)
            async with asyncio.timeout(30):
                while not capsys.readouterr().out:  # it was sent
                    await asyncio.sleep(0.01)
                while not (await figures(at))["rasid_notifications_total", (("channel", "x"),)]:
                    await asyncio.sleep(0.01)
            found = await figures(at)
            assert found["rasid_matches_total", (("rule", rule),)] == 1
            assert found["rasid_alerts_total", (("rule", rule),)] == 1
            assert found["rasid_feeds", (("status", "ok"),)] == 2
            assert found["rasid_feeds", (("status", "failing"),)] == 0
            assert found["rasid_articles_total", ()] == 1
            assert found["rasid_fetch_duration_seconds_count", (("status", "ok"),)] >= 3
            assert found["rasid_state_commit_seconds_count", ()] >= 2
            assert found["rasid_outbox_dead", (("channel", "x"),)] == 0
            assert found["rasid_state_bytes", ()] > 1000
            (about,) = (key for key in found if key[0] == "rasid_build_info")
            assert dict(about[1])["version"]
            assert not any("127.0.0.1" in value for _, labels in found for _, value in labels)

    asyncio.run(live())


def test_a_daemon_that_is_well_says_so_and_ends_saying_so(tmp_path: Path, origin: Origin) -> None:
    config = newsroom(tmp_path, origin)
    at = tmp_path / "m.sock"

    async def live() -> None:
        async with at_work(config, origin, Clocks()) as life:
            await both_seen(life)
            assert stat.S_IMODE(at.stat().st_mode) == 0o600
            ready = await get(at, "/-/ready")
            assert (ready.status, ready.json) == (200, {"ready": True})
            well = await get(at, "/-/healthy")
            assert well.status == 200
            assert well.json["healthy"] is True
            assert well.json["problems"] == []
            assert well.json["feeds"] == {"total": 2, "ok": 2, "failing": 0, "gone": 0}
        assert not at.exists()

    asyncio.run(live())


def test_no_feed_that_succeeds_for_three_intervals_is_unhealthy(
    tmp_path: Path, origin: Origin
) -> None:
    config = newsroom(tmp_path, origin)
    at = tmp_path / "m.sock"

    async def live() -> None:
        async with at_work(config, origin, Clocks()) as life:
            await both_seen(life)
            for path in ("/a.xml", OFTEN):
                origin.put(path, b"", status=503)
            await life.minute()
            assert (await get(at, "/-/healthy")).status == 200
            life.clocks.go(100)
            async with asyncio.timeout(30):
                while (ill := await get(at, "/-/healthy")).status == 200:
                    await asyncio.sleep(0.05)
            assert ill.status == 503
            assert ill.json["healthy"] is False
            assert ill.json["problems"][0].startswith("no feed succeeded for ")
            assert ill.body.isascii()

    asyncio.run(live())


def test_what_waits_for_its_time_is_well_and_a_channel_that_refuses_shows(
    tmp_path: Path, origin: Origin, sink: Sink
) -> None:
    """Eight quiet hours of one channel, while another has a wrong password."""
    newsroom(tmp_path, origin)
    sink.answer(535, times=99, at="MAIL")
    (tmp_path / "monitor.yaml").write_text(
        "allow_private: [127.0.0.0/8]\nmetrics: {listen: ./m.sock}\nchannels:\n"
        "  calm: {url: 'console://', quiet: {from: 07:00, to: 16:00}}\n"
        f"  refused: {{url: '{sink.mailto}'}}\n",
        "utf-8",
    )
    config, at = load(tmp_path, environ={}), tmp_path / "m.sock"
    calm, refused = ((("channel", name),) for name in ("calm", "refused"))

    async def live() -> None:
        async with at_work(config, origin, clocks := Clocks()) as life:
            await both_seen(life)
            origin.put("/a.xml", rss([item(0, "لا شيء"), item(1, "خبر عن فيضان في القرى")]))
            life.clocks.go(930)
            await life.until(lambda asked: asked["/a.xml"] == 2)
            async with asyncio.timeout(30):
                while not (await figures(at))["rasid_outbox_held", refused]:
                    await asyncio.sleep(0.01)
            clocks.go(5 * 3600)
            await life.minute()
            async with asyncio.timeout(30):  # what is told is up to a second old
                while (well := await get(at, "/-/healthy")).json["problems"]:
                    await asyncio.sleep(0.05)
            assert well.status == 200
            assert well.json["outbox"] == {"pending": 1, "oldest_seconds": 0.0}
            assert (await get(at, "/-/ready")).status == 200
            found = await figures(at)
            names = ("rasid_outbox_pending", "rasid_outbox_held", "rasid_outbox_dead")
            assert [found[name, calm] for name in names] == [1, 0, 0]
            assert [found[name, refused] for name in names] == [0, 1, 0]
            assert found["rasid_outbox_oldest_seconds", ()] == 0
            failed = (("channel", "refused"), ("reason", "channel"))
            assert found["rasid_notifications_failed_total", failed] >= 1
            shown = health(
                config,
                TinyStore.read(config.state),
                {name: TinyLedger.read(config.state, name) for name in ("calm", "refused")},
                SystemFile(config.state),
                running=True,
                now=clocks.wall,
            )
            assert [shown.channels[name].state for name in ("calm", "refused")] == ["ok", "held"]
            assert shown.problems == ("channel refused is held with 1 undelivered",)
            assert (shown.outbox.pending, shown.outbox.held_back) == (1, 1)

    asyncio.run(live())


def test_a_reload_turns_figures_on_and_off(tmp_path: Path, origin: Origin) -> None:
    on = newsroom(tmp_path, origin)
    off = replace(on, listen=None)
    at = tmp_path / "m.sock"

    async def live() -> None:
        async with at_work(off, origin, Clocks()) as life:
            await both_seen(life)
            assert not at.exists()
            await life.reload(on)
            async with asyncio.timeout(30):
                while not at.exists():
                    await asyncio.sleep(0.01)
            assert (await figures(at))["rasid_config_last_reload_successful", ()] == 1
            await life.reload(off)
            async with asyncio.timeout(30):
                while at.exists():
                    await asyncio.sleep(0.01)

    asyncio.run(live())


# --- the server ----------------------------------------------------------------------------------


async def served(at: Path | tuple[str, int]) -> Listener:
    async def page() -> Page:
        return Page(b"here\n")

    async def broken() -> Page:
        raise ValueError("a fault")

    listener = Listener({"/page": page, "/broken": broken})
    await listener.open(at)
    return listener


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GET /page HTTP/1.1", 200),
        ("GET /page?x=1 HTTP/1.0", 200),
        ("GET /other HTTP/1.1", 404),
        ("GET /page/ HTTP/1.1", 404),
        ("GET /../page HTTP/1.1", 404),
        ("HEAD /page HTTP/1.1", 200),
        ("HEAD /other HTTP/1.1", 404),
        ("POST /page HTTP/1.1", 405),
        ("DELETE /page HTTP/1.1", 405),
        ("get /page HTTP/1.1", 405),
        ("GET /page", 400),
        ("GET /page HTTP/2", 400),
        ("\x16\x03\x01 hello", 400),
        ("GET /خبر HTTP/1.1", 404),
        (f"GET /{'x' * LONGEST_REQUEST} HTTP/1.1", 431),
    ],
)
def test_only_what_is_there_is_given(tmp_path: Path, request_line: str, status: int) -> None:
    async def live() -> None:
        listener = await served(tmp_path / "s")
        answer = await ask(tmp_path / "s", f"{request_line}\r\nHost: x\r\n\r\n".encode())
        assert answer.status == status
        assert answer.headers["connection"] == "close"
        bare = request_line.startswith("HEAD")
        assert (answer.body == b"here\n") is (status == 200 and not bare)
        assert (answer.body == b"") is bare
        assert int(answer.headers["content-length"]) >= 5
        assert (answer.headers.get("allow") == "GET, HEAD") is (status == 405)
        await listener.close()

    asyncio.run(live())


@pytest.mark.parametrize(
    ("hosts", "status"),
    [
        (["127.0.0.1:9464"], 200),
        (["127.1.2.3"], 200),
        (["LocalHost:1"], 200),
        (["[::1]:9464"], 200),
        ([], 200),
        (["evil.example"], 421),
        (["evil.example:9464"], 421),
        (["localhost.evil.example"], 421),
        (["127.0.0.1.evil.example"], 421),
        (["127.0.0.1", "evil.example"], 421),
        (["10.0.0.1"], 421),
        ([""], 421),
        (["خبر"], 421),
    ],
)
def test_on_an_address_only_who_means_this_machine_is_answered(
    hosts: list[str], status: int
) -> None:
    """DNS rebinding: a page in a browser whose own host's name leads here."""

    async def live() -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            port = free.getsockname()[1]
        listener = await served(("127.0.0.1", port))
        told = "".join(f"Host: {host}\r\n" for host in hosts)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /page HTTP/1.1\r\n{told}\r\n".encode())
        assert int((await reader.read()).split()[1]) == status
        writer.close()
        await listener.close()

    asyncio.run(live())


def test_a_peer_that_says_nothing_keeps_nobody_else_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.service.listen.TIME", 0.3)

    async def live() -> None:
        listener = await served(tmp_path / "s")
        silent = [await asyncio.open_unix_connection(str(tmp_path / "s")) for _ in range(9)]
        for _, writer in silent:
            writer.write(b"GET /page HTTP/1.1\r\n")
        for reader, _ in silent:
            with suppress(OSError):
                assert await reader.read() == b""
        assert (await get(tmp_path / "s", "/page")).status == 200
        for _, writer in silent:
            writer.close()
        await listener.close()

    assert MOST_CONNECTIONS < 9
    asyncio.run(live())


def test_a_socket_that_a_crash_left_is_replaced_and_one_in_use_is_not(tmp_path: Path) -> None:
    at = tmp_path / "s"

    async def live() -> None:
        with closing(socket.socket(socket.AF_UNIX)) as left:
            left.bind(str(at))
        listener = await served(at)
        assert (await get(at, "/page")).status == 200
        with pytest.raises(OSError, match="somebody listens"):
            await served(at)
        assert (await get(at, "/page")).status == 200
        await listener.close()
        at.write_text("a file of somebody's", "utf-8")
        with pytest.raises(OSError, match="no socket"):
            await served(at)
        assert at.read_text("utf-8") == "a file of somebody's"

    asyncio.run(live())


def test_a_port_that_is_taken_is_told_once_and_tried_again(tmp_path: Path, origin: Origin) -> None:
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    port = taken.getsockname()[1]
    feeds = f"  - {{name: often, url: '{origin.url(OFTEN)}', interval: 1m}}\n"
    origin.put(OFTEN, rss([]))
    config = configured(
        tmp_path, feeds, f"metrics: {{listen: 'localhost:{port}'}}\noperator: x\nlanguage: en\n"
    )

    async def live() -> None:
        async with at_work(config, origin, Clocks()) as life:
            await life.until(lambda asked: asked[OFTEN] >= 1)  # the daemon goes on
            notices = life.notices()
            assert ["metrics cannot be served" in each for each in notices] == [True]
            await life.serve_again()
            assert life.notices() == notices
            taken.close()
            await life.serve_again()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /-/ready HTTP/1.1\r\n\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.1 200 OK\r\n")
            writer.close()

    asyncio.run(live())
