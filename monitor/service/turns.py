"""Whose turn it is among feeds that are due, so that no host and no slow feed holds up the others.

    due  ->  its host has a place, and for a slow feed there is a slow place  ->  ready

A host that answers slowly has its feeds wait here instead of taking all the room there is; and
feeds whose last check ran into the time limit, each of which may hold an exchange for as long
again, get half of the exchanges at most. Both places are taken at once, so that who waits for one
of them keeps nobody from the other. On each host who waits longest is first, and hosts whose slow
feeds wait take turns. This module must not know what a check is, nor read a clock.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlsplit

from monitor.model import Feed, FeedRow, Polling

_READ_AHEAD = 16  # checks that wait to be read or stored, beside those that fetch


@dataclass(frozen=True, slots=True)
class Turn:
    """A feed that is due; `slow`: its last check ran into the time limit."""

    feed_id: str
    host: str
    slow: bool = False


def turn_of(feed: Feed, row: FeedRow | None) -> Turn:
    """A feed's turn, by its line (None: it was never checked)."""
    address = feed.url if row is None or row.moved_to is None else row.moved_to
    slow = row is not None and row.failures > 0 and row.error.startswith("timeout")
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:  # an address that will be refused when it is asked
        host = ""
    return Turn(feed.id, host, slow)


def most_at_once(polling: Polling) -> int:
    """How many checks may be under way: more than exchanges, since some of them are being read or
    stored, yet not many more, since each holds a document."""
    return polling.concurrency + _READ_AHEAD


@dataclass(slots=True)
class _Host:
    """Those who wait for a host, each with a number that tells who came first; and how many checks
    it has now."""

    busy: int = 0
    fast: deque[tuple[int, Turn]] = field(default_factory=deque)
    slow: deque[tuple[int, Turn]] = field(default_factory=deque)


class Turns:
    """Within what `polling` says. A check is more than its exchange, since its document is read and
    stored as well, so that one host has twice as many checks at once as exchanges."""

    def __init__(self, polling: Polling) -> None:
        self._known: dict[str, Turn] = {}
        self._numbers = count()
        self._ready: deque[Turn] = deque()
        self._hosts: defaultdict[str, _Host] = defaultdict(_Host)
        self._lack_slow: dict[str, None] = {}  # hosts that have a place, in the order of their turn
        self._slow_now = 0
        self.limit(polling)

    def __contains__(self, feed_id: str) -> bool:
        """Whether a feed waits or has its turn."""
        return feed_id in self._known

    def limit(self, polling: Polling) -> None:
        """Sets new limits, for those who come from now on."""
        self._per_host, self._most_slow = 2 * polling.per_host, max(polling.concurrency // 2, 1)

    def wait(self, turn: Turn) -> None:
        """Lines up a feed that is due; it must neither wait nor have its turn already."""
        self._known[turn.feed_id] = turn
        host = self._hosts[turn.host]
        (host.slow if turn.slow else host.fast).append((next(self._numbers), turn))
        self._move_up(turn.host)

    def take(self, most: int) -> list[str]:
        """Up to `most` feeds that have their turn now; each is to be given back by `done`."""
        return [self._ready.popleft().feed_id for _ in range(min(most, len(self._ready)))]

    def done(self, feed_id: str) -> None:
        """A turn is over: others move up, those of other hosts to a slow place first."""
        turn = self._known.pop(feed_id)
        self._hosts[turn.host].busy -= 1
        self._slow_now -= turn.slow
        while self._lack_slow and self._slow_now < self._most_slow:
            name = next(iter(self._lack_slow))
            del self._lack_slow[name]
            self._move_up(name)
        self._move_up(turn.host)

    def _move_up(self, name: str) -> None:
        """Gives a host's places to those who can take them."""
        host = self._hosts[name]
        while host.busy < self._per_host and (turn := self._next(host)) is not None:
            host.busy += 1
            self._slow_now += turn.slow
            self._ready.append(turn)
        if host.slow and host.busy < self._per_host:
            self._lack_slow.setdefault(name)
        else:
            self._lack_slow.pop(name, None)
        if not (host.busy or host.slow or host.fast):
            del self._hosts[name]

    def _next(self, host: _Host) -> Turn | None:
        lines = [host.fast, host.slow] if self._slow_now < self._most_slow else [host.fast]
        waiting = [line for line in lines if line]
        return min(waiting, key=lambda line: line[0][0]).popleft()[1] if waiting else None
