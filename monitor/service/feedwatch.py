"""Which feeds the operator is to be told of: those that go on failing, those that work again, those
that are gone for good (410), and those that are silent for far longer than they ever were.

A network of our own that is down lets hundreds of feeds fail within minutes, so they are gathered
into one notice, at most one an hour. What to tell is read from the feeds' lines and from what was
told before, both of which outlive a restart. This module must not know how a notice travels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from monitor.core.alerts.notices import Notice, Trouble
from monitor.core.feeds.rhythm import silent_since
from monitor.core.feeds.schedule import WORTH_TELLING
from monitor.model import Feed, FeedRow
from monitor.service.operator import FEED, GONE, OF_FEEDS, SILENT, Operator

GATHER = 30.0  # seconds that others are waited for which fail at the same time
REST = 3600.0  # seconds between two notices of one kind
MOST_NAMED = 10  # feeds; `rasid feeds list` knows them all

Pair = tuple[Feed, FeedRow]
Tell = Callable[[Feed, FeedRow], str]


def look(
    feeds: Iterable[Feed],
    rows: Mapping[str, FeedRow],
    operator: Operator,
    now: float,
    *,
    gather: float = GATHER,
) -> None:
    """Tells what is to be told of the feeds that are checked. Costs some milliseconds for 10,000 of
    them; to be called off the event loop, since it may write."""
    pairs = [(feed, rows[feed.id]) for feed in feeds if feed.id in rows]
    operator.leave_out(f"{kind}{feed.id}" for feed, _ in pairs for kind in OF_FEEDS)
    gone = [(f, r) for f, r in pairs if r.gone and not operator.knows(GONE + f.id)]
    if gone:
        operator.gathered((GONE + feed.id for feed, _ in gone), _notice(Trouble.GONE, gone))
    failing = [(f, r) for f, r in pairs if _fails(r) and not operator.knows(FEED + f.id)]
    ripe = failing and now - min(row.last_check for _, row in failing) >= gather
    if ripe and operator.rested(Trouble.FAILING, REST):
        operator.gathered(
            (FEED + feed.id for feed, _ in failing), _notice(Trouble.FAILING, failing)
        )
    _look_for_ends(pairs, operator)
    _look_for_silence(pairs, operator)


def _look_for_silence(pairs: Sequence[Pair], operator: Operator) -> None:
    quiet = [(feed, row) for feed, row in pairs if silent_since(row) is not None]
    new = [(f, r) for f, r in quiet if not (r.failures or r.gone or operator.knows(SILENT + f.id))]
    if new and operator.rested(Trouble.SILENT, REST):
        notice = _notice(Trouble.SILENT, new, lambda f, r: f"{f.name} ({_date(r.newest)})")
        operator.gathered((SILENT + feed.id for feed, _ in new), notice)
    still = {feed.id for feed, _ in quiet}
    over = [(f, r) for f, r in pairs if f.id not in still and operator.knows(SILENT + f.id)]
    if over and operator.rested(Trouble.SILENT_OVER, REST):
        notice = _notice(Trouble.SILENT_OVER, over, lambda f, _: f.name)
        operator.gathered((SILENT + feed.id for feed, _ in over), notice, over=True)


def _date(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")


def _look_for_ends(pairs: Sequence[Pair], operator: Operator) -> None:
    over = [
        (feed, row)
        for feed, row in pairs
        if not row.failures and (operator.knows(FEED + feed.id) or operator.knows(GONE + feed.id))
    ]
    if over and operator.rested(Trouble.FAILING_OVER, REST):
        keys = (kind + feed.id for feed, _ in over for kind in (FEED, GONE))
        operator.gathered(keys, _notice(Trouble.FAILING_OVER, over), over=True)


def _fails(row: FeedRow) -> bool:
    return row.failures >= WORTH_TELLING and not row.gone


def _notice(trouble: Trouble, pairs: Sequence[Pair], tell: Tell | None = None) -> Notice:
    """One feed is named in the title, of several their number."""
    subject = pairs[0][0].name if len(pairs) == 1 else str(len(pairs))
    told = [(tell or _told)(feed, row) for feed, row in pairs[:MOST_NAMED]]
    if len(pairs) > MOST_NAMED:
        told.append(f"+{len(pairs) - MOST_NAMED}")
    return Notice(trouble, subject, " · ".join(told))


def _told(feed: Feed, row: FeedRow) -> str:
    return f"{feed.name} ({row.error})" if row.failures and not row.gone else feed.name
