"""Was I told of this article, when, by which rule, over which channel, at which try; if not, why?

It reads through the ports and must change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from monitor.core.feeds.identity import Wanted, article_id, canonical_link
from monitor.errors import StateError
from monitor.model import FeedState, LedgerRecord, Seen
from monitor.ports import LedgerView, StoreView


@dataclass(frozen=True, slots=True)
class Told:
    """One message about the article, or one to come: `record` None was never tried."""

    channel: str
    delivery_id: str
    record: LedgerRecord | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """The article as one feed showed it, and the messages that it led to."""

    feed_id: str
    feed_url: str
    seen: Seen
    told: tuple[Told, ...]


def sightings(
    article: str, store: StoreView, ledgers: Mapping[str, LedgerView]
) -> tuple[Sighting, ...]:
    """Every feed's memory of an article, named by its link, its id in the feed, its title, or the
    id of a delivery."""
    wanted = Wanted.of(article)
    found = [
        (state, seen)
        for state in _states(store)
        for seen in state.entries
        if wanted.is_met({seen.key, seen.known_by}, seen.link_key, seen.content)
        or article in seen.sent.values()
    ]
    if not found:
        return ()
    records = [(name, record) for name, ledger in ledgers.items() for record in ledger.records()]
    link = canonical_link(article)
    return tuple(
        Sighting(state.feed_id, state.url, seen, tuple(_told(state, seen, records, link)))
        for state, seen in found
    )


def _states(store: StoreView) -> Iterator[FeedState]:
    for feed_id in store.rows():
        try:
            state = store.feed(feed_id)
        except StateError:  # the store's problems() tell of it
            continue
        if state is not None:
            yield state


def _told(
    state: FeedState, seen: Seen, records: list[tuple[str, LedgerRecord]], link: str | None
) -> Iterator[Told]:
    ids = {(channel, ident) for channel, ident in seen.sent.items()}
    own = article_id(state.feed_id, seen.key)
    ids |= {(each.channel, each.id) for each in state.open if each.story.id == own}
    found = set()
    for channel, record in records:
        for ident, its_link in _parts(record):
            if (channel, ident) in ids or (link is not None and canonical_link(its_link) == link):
                found.add((channel, ident))
                yield Told(channel, ident, record)
    for channel, ident in sorted(ids - found):
        yield Told(channel, ident, None)


def _parts(record: LedgerRecord) -> list[tuple[str, str | None]]:
    members = [(each.delivery_id, each.link) for each in record.members]
    return members or [(record.delivery_id, record.link)]
