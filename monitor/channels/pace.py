"""How fast messages may follow one another: limits by key, shared by all channels of a process.

A key is a channel or a chat, so that two channels into one chat keep its limit together. This
module must know no service: limits come in as values.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Final

from monitor.model import Limit, Rate

_FREE: Final = 0.0


class Pace:
    """Who sent when. Safe in any thread; `now` is in seconds of any one clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: defaultdict[str, deque[float]] = defaultdict(deque)

    def take(self, limits: Sequence[Limit], now: float) -> float:
        """0 where a message may go out now, which is noted; else the seconds to wait for it."""
        with self._lock:
            wait = max((self._wait(key, rate, now) for key, rate in limits), default=_FREE)
            if wait <= _FREE:
                for key, _ in limits:
                    self._sent[key].append(now)
            return max(wait, _FREE)

    def _wait(self, key: str, rate: Rate, now: float) -> float:
        sent = self._sent[key]
        # A moment in the future is one before the clock was set back: it says nothing.
        while sent and not now - rate.seconds < sent[0] <= now:
            sent.popleft()
        full = sent[-rate.count] + rate.seconds - now if len(sent) >= rate.count else _FREE
        gap = sent[-1] + rate.gap - now if sent else _FREE
        return max(full, gap)
