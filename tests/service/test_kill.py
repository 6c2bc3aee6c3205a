"""kill -9 and SIGTERM at random moments, while articles appear and a tenth of all sends fails:
nothing is lost, no kill repeats more than one message a channel, and repeats say so."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from origin import Origin, Reply, Request, rss
from sink import Sink
from stranger import Daemon, Stranger

REPEAT = "تنبيه ربما تكرر · possible repeat"
WINDOW = 1.2  # seconds after the start within which the kill falls
EACH = 4  # articles that appear in one life of the daemon
FAULTS = 0.1  # the share of sends that the other side puts off
MANY = [pytest.mark.long]


def item(number: int) -> dict[str, str]:
    return {
        "title": f"داعش يهاجم نقطة {number}",
        "link": f"https://news.example/{number}",
        "guid": f"n{number}",
        "content": f"هاجم عناصر من داعش نقطة تفتيش رقم {number} في أطراف القضاء دون خسائر.",
    }


class Press:
    """A feed that gains an article now and then, in a thread of its own."""

    def __init__(self, origin: Origin, chance: random.Random) -> None:
        self.published = 0
        self._origin = origin
        self._chance = chance
        self._items: list[dict[str, str]] = []

    def publish(self) -> None:
        self.published += 1
        self._items = [item(self.published), *self._items][:60]
        self._origin.put("/feed.xml", rss(self._items))

    def publish_for(self, over: threading.Event) -> None:
        for _ in range(EACH):
            if over.wait(self._chance.random() * WINDOW / EACH):
                return
            self.publish()


@dataclass(frozen=True)
class Had:
    """One message as a receiver had it: its id, the articles in it, and whether it was marked."""

    ident: str
    links: tuple[str, ...]
    marked: bool


@dataclass
class Receivers:
    """A mail server and a web hook, both of which put off a tenth of what comes."""

    sink: Sink
    hooks: list[Had] = field(default_factory=list)

    def hook(self, chance: random.Random, request: Request) -> Reply:
        if chance.random() < FAULTS:
            return Reply(status=503)
        data = json.loads(request.body)
        links = tuple(article["link"] for article in data["articles"])
        self.hooks.append(Had(data["id"], links, data["possible_repeat"]))
        return Reply()

    def mails(self) -> list[Had]:
        had = []
        for received in self.sink.messages:
            part = received.message.get_body(("plain",))
            assert part is not None
            lines = str(part.get_content()).splitlines()
            links = tuple(line for line in lines if line.startswith("https://news.example/"))
            had.append(Had(str(received.message["Message-ID"]), links, REPEAT in lines))
        return had


@contextmanager
def newsroom(tmp_path: Path, chance: random.Random) -> Iterator[tuple[Stranger, Press, Receivers]]:
    """A watcher over one feed with two channels, all of it on the loopback."""
    with Origin() as origin, Sink() as sink:
        receivers = Receivers(sink)
        faults = random.Random(chance.random())
        sink.faults = lambda: 451 if faults.random() < FAULTS else None
        origin.put("/hook", handler=lambda request: receivers.hook(faults, request))
        press = Press(origin, chance)
        origin.put("/feed.xml", rss([]))
        hook = origin.url("/hook")
        home = Stranger(
            tmp_path,
            feeds={"a": origin.url("/feed.xml")},
            channels={"mail": sink.mailto, "hook": f"webhook+{hook}"},
            rules="rules:\n  - {name: داعش, any: [داعش]}\n",
        )
        home.once()
        yield home, press, receivers


def one_life(
    home: Stranger, folder: Path, press: Press, chance: random.Random, *, kill: bool
) -> None:
    over = threading.Event()
    with Daemon(home, folder) as daemon:
        daemon.wait_until_ready()
        writer = threading.Thread(target=press.publish_for, args=(over,))
        writer.start()
        over.wait(chance.random() * WINDOW)
        if kill:
            daemon.kill()
        else:
            assert daemon.stop() == 0
        over.set()
        writer.join()


def drain(home: Stranger, press: Press, receivers: Receivers) -> None:
    """One more article, and passes without faults until nothing waits."""
    receivers.sink.faults = lambda: None
    press.publish()
    for _ in range(5):
        if home.once(expect=[0, 75])["pending"] == 0:
            return
    raise AssertionError("something waits for ever")


def check(had: list[Had], published: int, kills: int) -> None:
    """What one channel had."""
    links = {f"https://news.example/{number}" for number in range(1, published + 1)}
    assert {link for each in had for link in each.links} == links, "nothing is lost"
    first: dict[str, Had] = {}
    for each in had:
        assert first.setdefault(each.ident, each).links == each.links, "a repeat repeats the same"
    arrived = Counter(link for each in first.values() for link in each.links)
    assert set(arrived.values()) == {1}, "who drops known ids sees nothing twice"
    again = Counter(each.ident for each in had if not each.marked)
    assert max(again.values()) == 1, "a repeat is marked"
    assert len(had) - len(first) <= kills, "at most one repeat a kill"


@pytest.mark.parametrize(
    "kills", [6, pytest.param(200, marks=MANY), pytest.param(1000, marks=MANY)]
)
def test_kills_lose_nothing_and_repeats_are_marked(tmp_path: Path, kills: int) -> None:
    chance = random.Random(kills)
    with newsroom(tmp_path, chance) as (home, press, receivers):
        for _ in range(kills):
            one_life(home, tmp_path / "daemon", press, chance, kill=True)
        drain(home, press, receivers)
        mails, hooks = receivers.mails(), receivers.hooks
    check(mails, press.published, kills)
    check(hooks, press.published, kills)


@pytest.mark.parametrize("stops", [2, pytest.param(100, marks=MANY)])
def test_a_stop_loses_and_repeats_nothing(tmp_path: Path, stops: int) -> None:
    chance = random.Random(stops)
    with newsroom(tmp_path, chance) as (home, press, receivers):
        for _ in range(stops):
            one_life(home, tmp_path / "daemon", press, chance, kill=False)
        drain(home, press, receivers)
        mails, hooks = receivers.mails(), receivers.hooks
    for had in (mails, hooks):
        check(had, press.published, kills=0)
        assert not any(each.marked for each in had)


def test_a_stop_does_not_wait_for_a_send_that_hangs(tmp_path: Path) -> None:
    chance = random.Random(3)
    with newsroom(tmp_path, chance) as (home, press, receivers):
        receivers.sink.faults = lambda: None
        receivers.sink.delay = 60.0
        with Daemon(home, tmp_path / "daemon") as daemon:
            daemon.wait_until_ready()
            press.publish()
            receivers.sink.wait_for(1)
            assert daemon.stop(within=10) == 0
        receivers.sink.delay = 0.0
        drain(home, press, receivers)
        mails = receivers.mails()
    check(mails, press.published, kills=1)
    assert [each.marked for each in mails] == [False, True, False]
