"""Entries that are to be matched on the text of their own page: which, for how long that may keep
us waiting, and when a page that could not be read is asked for again.

    met -> set aside -> its page comes in time: matched on that
                     -> it does not: matched on what the feed says, and once more when it comes
                     -> it cannot be had: matched on what the feed says, with the reason

This module must neither fetch nor match.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from monitor.core.feeds.identity import article_id
from monitor.core.text.whole import whole
from monitor.model import (
    Article,
    Entry,
    Feed,
    FeedInfo,
    FeedRow,
    FullText,
    Identity,
    Late,
    Page,
    PageFailed,
    PageText,
)

SHORT: Final = 400  # letters of an entry's text, below which "auto" asks for its page
PATIENCE: Final = 30.0  # seconds for which an entry waits for its page before it is matched
_MOST_LATE: Final = 500  # entries of one feed
_MOST_TEXT: Final = 1_000_000  # letters of them: 2 MB of its file, written anew with each page
_LONGEST: Final = 86_400.0  # seconds; no server is granted more patience
_AGAIN: Final = (60.0, 300.0, 1_800.0, 7_200.0)  # seconds after the first, second … failure


def wants_page(feed: Feed, entry: Entry, identity: Identity) -> bool:
    """Whether an entry is to be matched on its page: where the feed is set so, and it has a link
    that is its own."""
    if feed.full_text is FullText.NEVER or entry.link is None or not identity.link_key:
        return False
    return feed.full_text is FullText.ALWAYS or sum(map(str.isalpha, entry.text)) < SHORT


def set_aside(article: Article, key: str, revision: int, now: float) -> Late:
    """What must be kept of an entry until its page is there. It has a link: see wants_page."""
    return Late(
        key=key,
        link=article.link or "",
        since=now,
        due=now,
        title=article.title,
        text=article.text,
        author=article.author,
        categories=article.categories,
        published=article.published.timestamp() if article.published is not None else None,
        revision=revision,
    )


def has_room(late: Collection[Late]) -> bool:
    """Whether one entry more may be kept waiting."""
    return len(late) < _MOST_LATE and sum(len(each.text) for each in late) < _MOST_TEXT


def to_ask_for(late: Collection[Late], now: float, most: int) -> tuple[Late, ...]:
    """Up to `most` of those whose pages are due: first who waits for it to be matched at all."""
    told = (by_clock(each, now) for each in late)
    due = sorted((each for each in told if each.due <= now), key=lambda e: (e.matched, e.due))
    return tuple(due[:most])


def matched_by(late: Collection[Late], now: float) -> float | None:
    """Until when the first of those that are not matched at all may wait for its page."""
    told = (by_clock(each, now) for each in late)
    return min((each.since + PATIENCE for each in told if not each.matched), default=None)


def by_clock(late: Late, now: float) -> Late:
    """The same where the clock went back since, by which it would wait until it comes to the same
    moment again: it has waited long enough, and its page is due."""
    if late.since <= now and late.due <= now + _LONGEST:
        return late
    return replace(late, since=min(late.since, now - PATIENCE), due=min(late.due, now))


def after(late: Late, failed: PageFailed, now: float) -> Late | None:
    """What is left to do after a failure; None where the feed's text stands in for good."""
    if failed.lasting or late.tries >= len(_AGAIN):
        return None
    wait = max(_AGAIN[late.tries], failed.retry_after or 0.0)
    return replace(late, tries=late.tries + 1, due=now + wait)


def as_article(late: Late, feed: Feed, page: Page | None) -> Article:
    """The article of an entry: with the text of its page, and what the feed says beside that; or
    with what the feed says alone."""
    read = isinstance(page, PageText)
    return Article(
        id=article_id(feed.id, late.key),
        title=late.title,
        text=whole(late.text, [page.text]) if isinstance(page, PageText) else late.text,
        link=late.link,
        author=late.author,
        categories=late.categories,
        published=datetime.fromtimestamp(late.published, UTC) if late.published else None,
        language=feed.language,
        feed=FeedInfo(feed.name, feed.category, feed.language),
        text_source="page" if read else "feed",
    )


def at_once(row: FeedRow, now: float) -> FeedRow:
    """The feed's line with all that waits due now, as for a clock that went back."""
    return replace(row, late_due=now, late_match=row.late_match and now)


def put_off(row: FeedRow, until: float) -> FeedRow:
    """The feed's line with nothing that waits due before that moment."""
    match = row.late_match and max(row.late_match, until)
    return replace(row, late_due=max(row.late_due, until), late_match=match)


def counted(row: FeedRow, late: Collection[Late]) -> FeedRow:
    """The feed's line with how many wait, and until when."""
    return replace(
        row,
        late=len(late),
        late_due=min((each.due for each in late), default=0.0),
        late_match=min((each.since + PATIENCE for each in late if not each.matched), default=0.0),
    )
