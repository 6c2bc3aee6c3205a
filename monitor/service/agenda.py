"""Which feeds are due, by a clock that nobody sets: a step of the wall clock neither stops nor
floods."""

from __future__ import annotations

import heapq
import time

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def since_boot() -> float:
    """Seconds since the machine started. Unlike Linux's monotonic clock it goes on while the
    machine is suspended, so that what became due meanwhile is due on waking (clock_gettime(2))."""
    return time.clock_gettime(_CLOCK)


class Agenda:
    """A heap of (moment, feed id). A feed stands in it once; the later call decides."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, str]] = []
        self._due: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._due)

    def put(self, feed_id: str, due: float) -> None:
        """Notes when a feed is to be checked next."""
        self._due[feed_id] = due
        heapq.heappush(self._heap, (due, feed_id))

    def take(self, now: float, most: int) -> list[str]:
        """Takes out up to `most` of the feeds that are due, the longest due first."""
        taken: list[str] = []
        while self._heap and self._heap[0][0] <= now and len(taken) < most:
            due, feed_id = heapq.heappop(self._heap)
            if self._due.get(feed_id) == due:
                del self._due[feed_id]
                taken.append(feed_id)
        return taken
