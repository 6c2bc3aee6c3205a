"""The same story in several feeds: what papers tell under one long title, with the same numbers,
within a day. Their links and texts differ, so that neither tells.

A story is known by keys that hold the hour in which it alerted, so that looking for it asks for the
hours before. What its own feed tells again under that title is another article. This module must
not decide what becomes of a story that was told.
"""

from __future__ import annotations

from typing import Final

from monitor.core.feeds.identity import digest
from monitor.core.text.tokens import numbers_among, words
from monitor.model import Article, Entry

LEAST_WORDS: Final = 5  # of a title; shorter ones (حصاد اليوم, أسعار الذهب اليوم) are many stories'
LEAST_LETTERS: Final = 25
_HOUR: Final = 3600.0
_HOURS: Final = 24  # begun ones: at most so many hours lie between two tellings


def story_of(entry: Entry | Article, at: float) -> str:
    """What stands for the story of an entry that alerts at that moment; "" where its title may be
    another one's."""
    told = _told(entry)
    return f"{told}.{int(at // _HOUR)}" if told else ""


def keys_of(story: str, feed_id: str) -> tuple[str, ...]:
    """The cross-feed keys of a story that a feed told."""
    return (digest("story", story), digest("story", story, feed_id)) if story else ()


def wanted(
    entry: Entry | Article, feed_id: str, at: float
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys under which any feed told the story of this entry within the last day, and those
    under which this feed did."""
    told, now = _told(entry), int(at // _HOUR)
    if not told:
        return (), ()
    keys = [keys_of(f"{told}.{hour}", feed_id) for hour in range(now - _HOURS + 1, now + 1)]
    any_feed, own = zip(*keys, strict=True)
    return any_feed, own


def _told(entry: Entry | Article) -> str:
    """What stands for the title and the numbers of an entry."""
    title = words(entry.title)
    if len(title) < LEAST_WORDS or sum(map(str.isalpha, "".join(title))) < LEAST_LETTERS:
        return ""
    numbers = numbers_among((*title, *words(entry.text)))
    return digest("story", " ".join(title), *sorted(numbers))
