"""Was I told of this article, when, by which rule, over which channel, at which try; if not, why?

It reads through the ports and must change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from monitor.app.trial import matches
from monitor.core.feeds.identity import Wanted, article_id, canonical_link
from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import compile_rules
from monitor.core.text.lexicon import Lexicon
from monitor.core.text.tokens import words
from monitor.errors import QueryError, StateError
from monitor.model import FeedState, LedgerRecord, Rule, Seen
from monitor.ports import LedgerView, StoreView
from monitor.stores.archive import ArchiveView

MOST_LIKE: Final = 10  # titles
_LEAST_LETTERS: Final = 3


@dataclass(frozen=True, slots=True)
class Told:
    """One message about the article, or one to come: `record` None was never tried."""

    channel: str
    delivery_id: str
    record: LedgerRecord | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """The article as one feed showed it, under its id there, and the messages that it led to."""

    feed_id: str
    feed_url: str
    article: str
    seen: Seen
    told: tuple[Told, ...]


class Titled(NamedTuple):
    """An article that may be meant: its title and its paper ("" unknown), and when it came."""

    title: str
    link: str | None
    source: str
    at: float


def sightings(
    article: str, store: StoreView, ledgers: Mapping[str, LedgerView]
) -> tuple[Sighting, ...]:
    """Every feed's memory of an article, named by its link, its id in the feed, its title, or the
    id of a delivery; with what other feeds told under other words and links, of which it was one
    alert."""
    wanted = Wanted.of(article)

    def named(_: FeedState, seen: Seen) -> bool:
        names = {seen.key, seen.known_by}
        met = wanted.is_met(names, seen.link_key, seen.content)
        return met or article in seen.sent.values()

    found = _where(store, named)
    stories = {_story(state, seen) for state, seen in found}
    if any(seen.outlet for _, seen in found) or any(map(store.outlets, stories)):
        found = _where(store, lambda *each: _story(*each) in stories)
    if not found:
        return ()
    records = [(name, record) for name, ledger in ledgers.items() for record in ledger.records()]
    link = canonical_link(article)
    return tuple(
        Sighting(
            state.feed_id,
            state.url,
            article_id(state.feed_id, seen.key),
            seen,
            tuple(_told(state, seen, records, link)),
        )
        for state, seen in found
    )


def titled_like(
    text: str,
    ledgers: Mapping[str, LedgerView],
    archive: ArchiveView | None,
    gazetteer: Gazetteer,
    lexicon: Lexicon,
) -> tuple[Titled, ...]:
    """Articles whose title holds all words of a text, of those that alerted and those that are
    archived: the newest, at most MOST_LIKE."""
    wanted = words(text)
    if "://" in text or sum(map(len, wanted)) < _LEAST_LETTERS:
        return ()
    found = list(_in_ledgers(wanted, ledgers))
    if archive is not None:
        found += _in_archive(wanted, archive, gazetteer, lexicon)
    found.sort(key=lambda each: each.at)
    several = {each.link or each.title: each for each in found}
    return tuple(sorted(several.values(), key=lambda each: -each.at)[:MOST_LIKE])


def _in_ledgers(wanted: Sequence[str], ledgers: Mapping[str, LedgerView]) -> Iterator[Titled]:
    for record in (record for ledger in ledgers.values() for record in ledger.records()):
        for each in record.members or (record,):
            title = " ".join(words(each.title))
            if all(word in title for word in wanted):
                yield Titled(each.title, each.link, each.source, record.made_at)


def _in_archive(
    wanted: Sequence[str], archive: ArchiveView, gazetteer: Gazetteer, lexicon: Lexicon
) -> list[Titled]:
    try:
        rule = Rule(name="", all=tuple(wanted), fields=("title",))
        rules = compile_rules([rule], gazetteer, lexicon)
        with archive:
            found = [each for each, _ in islice(matches(archive, rules, 0.0), MOST_LIKE)]
    except (QueryError, StateError):  # words that no rule takes; `rasid state verify` tells
        return []
    return [
        Titled(
            each.article.title,
            each.article.link,
            (each.article.feed and each.article.feed.name) or "",
            each.came,
        )
        for each in found
    ]


def _story(state: FeedState, seen: Seen) -> str:
    """The id of the article that alerted for this one."""
    return seen.outlet.article if seen.outlet else article_id(state.feed_id, seen.key)


def _where(
    store: StoreView, fits: Callable[[FeedState, Seen], bool]
) -> list[tuple[FeedState, Seen]]:
    """The entries of all feeds of which this is so."""
    return [
        (state, seen) for state in _states(store) for seen in state.entries if fits(state, seen)
    ]


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
