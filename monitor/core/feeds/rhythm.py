"""Whether a feed is silent for far longer than it ever was: its server answers, yet nothing new
comes, as where a paper has moved its feed and left the old one standing.

The rhythm is learnt from when the feed's entries were first seen; what they say of their own dates
counts for nothing. A feed is judged only once two weekends and ten comings of something new are
known, so that a new one, or one that hardly ever says anything, raises no alarm. Three times the
longest silence so far is far longer: a weekend is some 60 hours of nothing, so that such a paper
may have a week off; of a blog that posts at random, every tenth day or so, one silence in some
thousands is as long. This module must not read a clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final, NamedTuple

from monitor.model import FeedRow

DAY: Final = 86_400.0
LEAST: Final = 10  # silences between comings of something new
SPAN: Final = 14 * DAY
FAR: Final = 3.0  # times the longest silence
SHORTEST: Final = 2 * DAY  # a silence that anybody may have


class Rhythm(NamedTuple):
    """`newest`: when something new was last found (0: never); `longest`: the longest silence
    between two such moments, in seconds (0: too little is known)."""

    newest: float
    longest: float


def learn(first_seen: Iterable[float], now: float) -> Rhythm:
    """The rhythm of a feed with entries that were first seen at these moments (seconds since 1970);
    those that lie ahead were noted by a clock that was wrong."""
    moments = sorted({moment for moment in first_seen if moment <= now})
    if not moments:
        return Rhythm(0.0, 0.0)
    known = len(moments) > LEAST and moments[-1] - moments[0] >= SPAN
    longest = max(b - a for a, b in pairwise(moments)) if known else 0.0
    return Rhythm(moments[-1], longest)


def silent_since(row: FeedRow) -> float | None:
    """Since when a feed has been silent for far longer than before, as of its last good check; None
    where it is not, or nobody can tell."""
    silence = row.last_ok - row.newest
    far = row.longest_silence > 0 and silence > max(SHORTEST, FAR * row.longest_silence)
    return row.newest if far else None
