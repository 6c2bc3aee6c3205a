"""kill -9 at random moments while articles appear: nothing is lost, and repeats say so."""

from __future__ import annotations

import random
import threading
from collections import Counter
from email.message import EmailMessage
from pathlib import Path

import pytest

from origin import Origin, rss
from sink import Sink
from stranger import Daemon, Stranger

REPEAT = "تنبيه ربما تكرر · possible repeat"
WINDOW = 1.2  # seconds after the start within which the kill falls
EACH = 4  # articles that appear in one life of the daemon


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


def one_life(home: Stranger, folder: Path, press: Press, chance: random.Random) -> None:
    over = threading.Event()
    with Daemon(home, folder) as daemon:
        daemon.wait_until_ready()
        writer = threading.Thread(target=press.publish_for, args=(over,))
        writer.start()
        over.wait(chance.random() * WINDOW)
        daemon.kill()
        over.set()
        writer.join()


def _subject_number(message: EmailMessage) -> int:
    return int("".join(c for c in str(message["Subject"]) if c.isdigit()))


@pytest.mark.parametrize(
    "kills",
    [
        pytest.param(6),
        pytest.param(30, marks=pytest.mark.long),
        pytest.param(200, marks=pytest.mark.long),
    ],
)
def test_kills_lose_nothing_and_repeats_are_marked(tmp_path: Path, kills: int) -> None:
    chance = random.Random(kills)
    with Origin() as origin, Sink() as sink:
        origin.put("/feed.xml", rss([]))
        home = Stranger(
            tmp_path,
            feeds={"a": origin.url("/feed.xml")},
            channels={"mail": sink.mailto},
            rules="rules:\n  - {name: داعش, any: [داعش]}\n",
        )
        home.once()
        press = Press(origin, chance)
        for _ in range(kills):
            one_life(home, tmp_path / "daemon", press, chance)
        press.publish()
        assert home.once()["pending"] == 0
        mails = [received.message for received in sink.messages]
    bodies = [mail.get_body(("plain",)).get_content() for mail in mails]
    numbers = [_subject_number(mail) for mail in mails]
    copies = Counter(numbers)
    assert set(copies) == set(range(1, press.published + 1))
    unmarked = Counter(n for n, body in zip(numbers, bodies, strict=True) if REPEAT not in body)
    assert max(unmarked.values()) == 1
    assert sum(copies.values()) - len(copies) <= kills
    ids = {}
    for number, mail in zip(numbers, mails, strict=True):
        assert ids.setdefault(number, mail["Message-ID"]) == mail["Message-ID"]
