"""Whose turn it is among feeds that are due, so that no host and no slow feed holds up the others.

    due  ->  its host has a place  ->  a slow feed: one of the slow places is free  ->  ready

A host that answers slowly has its feeds wait here instead of taking all the room there is; and
feeds whose last check ran into the time limit, each of which may hold an exchange for as long
again, get half of the exchanges at most. Within each of these queues who waits longest is first.
This module must not know what a check is, nor read a clock.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from urllib.parse import urlsplit

from monitor.model import Feed, FeedRow, Polling


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


class Turns:
    """Within what `polling` says. A check is more than its exchange, since its document is read and
    stored as well, so that one host has twice as many checks at once as exchanges."""

    def __init__(self, polling: Polling) -> None:
        self._known: dict[str, Turn] = {}
        self._ready: deque[Turn] = deque()
        self._hosts: defaultdict[str, deque[Turn]] = defaultdict(deque)
        self._slow: deque[Turn] = deque()
        self._on_host: Counter[str] = Counter()
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
        if self._on_host[turn.host] < self._per_host:
            self._on_its_host(turn)
        else:
            self._hosts[turn.host].append(turn)

    def take(self, most: int) -> list[str]:
        """Up to `most` feeds that have their turn now; each is to be given back by `done`."""
        return [self._ready.popleft().feed_id for _ in range(min(most, len(self._ready)))]

    def done(self, feed_id: str) -> None:
        """A turn is over: others move up."""
        turn = self._known.pop(feed_id)
        if turn.slow:
            self._slow_now -= 1
            if self._slow and self._slow_now < self._most_slow:
                self._start_slow(self._slow.popleft())
        self._leave_host(turn.host)

    def _leave_host(self, host: str) -> None:
        self._on_host[host] -= 1
        if (waiting := self._hosts.get(host)) and self._on_host[host] < self._per_host:
            self._on_its_host(waiting.popleft())
        if not self._on_host[host]:
            del self._on_host[host]
            self._hosts.pop(host, None)

    def _on_its_host(self, turn: Turn) -> None:
        self._on_host[turn.host] += 1
        if not turn.slow:
            self._ready.append(turn)
        elif self._slow_now < self._most_slow:
            self._start_slow(turn)
        else:
            self._slow.append(turn)

    def _start_slow(self, turn: Turn) -> None:
        self._slow_now += 1
        self._ready.append(turn)
