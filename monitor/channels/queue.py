"""What waits for one channel, and what goes out next: order, pauses, bundles.

    in order     the oldest first; while it waits to be tried again, so do those behind it
    aside        a message that alone is refused for the moment, while a later one was taken, goes
                 on at its own pace and holds up nobody
    paused       the other side does not answer, or refuses the channel: nothing until then
    bundled      more than `burst` deliveries wait: several go out in a message, until none waits

No thread, no clock, no I/O: `now` is an argument, and who tries what is handed out tells what came
of it. This module must not know ledgers or services.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import takewhile
from math import inf
from typing import Final

from monitor.core.alerts.ids import bundle_id, day_of
from monitor.model import Delivery, LedgerRecord, LedgerState, Outcome, Parcel

PATIENCE: Final = 2  # tries of the oldest, all answered, after which the next one is probed
LONGER_PATIENCE: Final = 6  # the same where no answer comes: one message alone is rarely the cause
AFTER_FAULT: Final = 60.0  # seconds until a try that our own side spoilt (full disk) is made again
TOO_MANY: Final = 429  # HTTP: the channel as a whole is to wait


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try: the record that it left, and the channel's answer. `outcome` None: the
    parcel was settled already. `instead` are the parcels that it was split into."""

    record: LedgerRecord
    outcome: Outcome | None = None
    instead: tuple[tuple[Parcel, LedgerRecord], ...] = ()


@dataclass(order=True, slots=True)
class _Waiting:
    made_at: float
    number: int
    parcel: Parcel = field(compare=False)
    due: float = field(compare=False)
    record: LedgerRecord | None = field(compare=False)

    @property
    def alone(self) -> bool:
        """Whether it goes out as what it is: it may have arrived so, or was refused with others."""
        known = self.record
        return len(self.parcel.deliveries) > 1 or (
            known is not None and (known.in_doubt > 0 or known.state is LedgerState.SENDING)
        )


class _Role(Enum):
    """Why a parcel was handed out."""

    OLDEST = auto()
    PROBE = auto()
    ASIDE = auto()


class Queue:
    """One channel's waiting deliveries. `fitting` tells how many of some deliveries one message
    holds. An `eager` queue is for a single pass: it does not wait out what an earlier run put off,
    unless the other side asked for it. Not safe in several threads at once."""

    def __init__(
        self,
        channel: str,
        *,
        burst: int,
        fitting: Callable[[Sequence[Delivery]], int],
        eager: bool = False,
    ) -> None:
        self._channel = channel
        self._burst = burst
        self._fitting = fitting
        self._eager = eager
        self._line: list[_Waiting] = []
        self._aside: list[_Waiting] = []
        self._known: set[str] = set()  # ids of deliveries
        self._out: _Waiting | None = None  # what is being tried, and why
        self._role = _Role.OLDEST
        self._probing = False
        self._bundling = False
        self._paused_until = -inf
        self._number = 0

    def __len__(self) -> int:
        return len(self._line) + len(self._aside) + (self._out is not None)

    def add(self, parcel: Parcel, record: LedgerRecord | None) -> bool:
        """Puts a parcel in its place; False where one of its deliveries waits here already.
        `record` is what its ledger knows of it, with the moment of its next try."""
        ids = {each.id for each in parcel.deliveries}
        if not self._known.isdisjoint(ids):
            return False
        self._known |= ids
        self._put(parcel, record)
        return True

    def _put(self, parcel: Parcel, record: LedgerRecord | None) -> None:
        self._number += 1
        due = -inf
        if record is not None and record.next_at is not None:
            due = -inf if self._eager and record.code != TOO_MANY else record.next_at
        first = parcel.deliveries[0].made_at
        insort(self._line, _Waiting(first, self._number, parcel, due, record))

    def wait(self, now: float) -> float:
        """Seconds until something is to be tried: 0 is now, infinite that nothing waits."""
        if self._paused_until > now:
            return self._paused_until - now
        if self._probing and len(self._line) > 1:
            return 0.0
        due = min((each.due for each in (*self._aside, *self._line[:1])), default=inf)
        return max(due - now, 0.0)

    def take(self, now: float) -> Parcel:
        """What is to be tried now; to be followed by `learn` or `failed`. Asked only where `wait`
        is 0."""
        late = next((each for each in self._aside if each.due <= now), None)
        if late is not None:
            self._aside.remove(late)
            return self._hand_out(late, _Role.ASIDE)
        if self._probing and len(self._line) > 1:
            return self._hand_out(self._line.pop(1), _Role.PROBE)
        return self._hand_out(self._first(), _Role.OLDEST)

    def _hand_out(self, waiting: _Waiting, role: _Role) -> Parcel:
        self._out, self._role = waiting, role
        return waiting.parcel

    def _first(self) -> _Waiting:
        """The oldest; where too many wait, with as many of the next as one message holds."""
        self._bundling = self._bundling or len(self._line) > self._burst
        first = self._line[0]
        if not self._bundling or first.alone:
            return self._line.pop(0)
        day = day_of(first.made_at)
        run = takewhile(lambda w: not w.alone and day_of(w.made_at) == day, self._line)
        together = [waiting.parcel.deliveries[0] for waiting in run]
        count = self._fitting(together)
        if count < 2:
            return self._line.pop(0)
        del self._line[:count]
        ident = bundle_id(self._channel, [each.id for each in together[:count]])
        parcel = Parcel(ident, tuple(together[:count]))
        return _Waiting(first.made_at, first.number, parcel, first.due, None)

    def learn(self, tried: Tried, now: float) -> None:
        """What came of the parcel handed out last."""
        out, role = self._take_back()
        if tried.outcome in (Outcome.SENT, Outcome.REJECTED):
            self._answers(role)
        if not tried.record.open:
            self._known -= {each.id for each in out.parcel.deliveries}
            for parcel, own in tried.instead:
                self.add(parcel, own)
            self._bundling = self._bundling and bool(self._line)
            return
        out.record = tried.record
        out.due = now + AFTER_FAULT if out.record.next_at is None else out.record.next_at
        insort(self._aside if role is _Role.ASIDE else self._line, out)
        if tried.outcome is Outcome.HELD:
            self._probing, self._paused_until = False, out.due
        elif tried.outcome is Outcome.RETRY and role is not _Role.ASIDE:
            self._put_off(out, tried.record, role)

    def failed(self, now: float, *, alone: bool) -> None:
        """The last try was spoilt by our own side: `alone` by this parcel, else by what all need
        (the disk)."""
        out, role = self._take_back()
        out.due = now + AFTER_FAULT
        self._probing = False
        insort(self._aside if alone or role is _Role.ASIDE else self._line, out)
        if not alone:
            self._paused_until = out.due

    def release(self) -> None:
        """The operator says that the other side is well again: everything is due."""
        self._paused_until, self._probing = -inf, False
        self._line = sorted([*self._line, *self._aside])
        self._aside = []
        for waiting in self._line:
            waiting.due = -inf

    def remove(self, parcel_id: str) -> bool:
        """Takes a parcel out that is not being tried; whether it was here."""
        for line in (self._line, self._aside):
            for index, waiting in enumerate(line):
                if waiting.parcel.id == parcel_id:
                    del line[index]
                    self._known -= {each.id for each in waiting.parcel.deliveries}
                    return True
        return False

    def _take_back(self) -> tuple[_Waiting, _Role]:
        out, self._out = self._out, None
        if out is None:
            raise RuntimeError("nothing was handed out")
        return out, self._role

    def _answers(self, role: _Role) -> None:
        """The other side takes messages: if it took the second, the oldest alone is put off."""
        self._paused_until = -inf
        self._probing = False
        if role is _Role.PROBE:
            insort(self._aside, self._line.pop(0))
        if role is not _Role.ASIDE and self._line:
            self._line[0].due = -inf

    def _put_off(self, out: _Waiting, record: LedgerRecord, role: _Role) -> None:
        """A temporary failure: those behind wait as well, unless it may be this message's alone."""
        patience = LONGER_PATIENCE if record.code is None else 1 if self._eager else PATIENCE
        often = record.attempts >= patience and record.code != TOO_MANY
        self._probing = role is _Role.OLDEST and often and len(self._line) > 1
        if not self._probing:
            self._paused_until = max(self._line[0].due, out.due)
