"""What became of an article, from what is remembered of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from outbox_samples import NOON, delivery

from monitor.app.why import sightings
from monitor.core.feeds.identity import article_id, identify
from monitor.errors import StateError
from monitor.model import (
    Entry,
    FeedRow,
    FeedState,
    FeedUpdate,
    LedgerRecord,
    LedgerState,
    Member,
    Seen,
    Verdict,
)
from monitor.stores.memory import MemoryLedger, MemoryStore

ENTRY = Entry(id="n1", title="داعش يهاجم نقطة 1", link="https://news.example/1", text="نص الخبر")


def seen(entry: Entry = ENTRY, **more: object) -> Seen:
    (known,) = identify([entry])
    found = Seen(known.key, known.link_key, known.print_key, known.content, NOON)
    return replace(found, verdict=Verdict.ALERTED, fired=("داعش",), **more)  # type: ignore[arg-type]


def store(*entries: Seen, **more: object) -> MemoryStore:
    made = MemoryStore()
    state = FeedState("ab01", "https://a.example/rss", entries=entries, **more)  # type: ignore[arg-type]
    made.commit(FeedUpdate(FeedRow("ab01", state.url), state))
    return made


@pytest.mark.parametrize(
    "named", ["n1", "https://www.news.example/1?utm_source=x", "داعش يهاجم نقطة ١", "d0001"]
)
def test_an_article_is_known_by_link_id_title_or_delivery(named: str) -> None:
    record = LedgerRecord("d0001", LedgerState.SENT, NOON, attempts=2)
    ledgers = {"mail": MemoryLedger([record])}
    (found,) = sightings(named, store(seen(sent={"mail": "d0001"})), ledgers)
    ((channel, ident, known),) = [(t.channel, t.delivery_id, t.record) for t in found.told]
    assert (channel, ident, known) == ("mail", "d0001", record)


@pytest.mark.parametrize("named", ["n2", "https://news.example/2", "عنوان آخر", "", "https://["])
def test_what_no_feed_has_shown_is_not_known(named: str) -> None:
    assert sightings(named, store(seen()), {}) == ()


def test_a_message_that_was_never_tried_and_one_in_a_bundle_are_told() -> None:
    waiting = replace(delivery(5), story=replace(delivery(5).story, id=""))
    own = article_id("ab01", seen().key)
    waiting = replace(waiting, story=replace(waiting.story, id=own))
    bundle = LedgerRecord(
        "b1", LedgerState.SENT, NOON, members=(Member("d7", link="http://news.example/1"),)
    )
    ledgers = {"mail": MemoryLedger(), "chat": MemoryLedger([bundle])}
    (found,) = sightings(str(ENTRY.link), store(seen(), open=(waiting,)), ledgers)
    assert [(t.channel, t.delivery_id, t.record) for t in found.told] == [
        ("chat", "d7", bundle),
        ("mail", "d0005", None),
    ]


def test_a_feed_that_cannot_be_read_hides_no_other() -> None:
    class Broken(MemoryStore):
        def feed(self, feed_id: str) -> FeedState | None:
            raise StateError("corrupt")

    broken = Broken()
    broken.commit(FeedUpdate(FeedRow("ab01", "https://a.example/rss")))
    assert sightings("n1", broken, {}) == ()
