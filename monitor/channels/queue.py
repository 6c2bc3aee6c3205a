"""What waits for one channel, and what goes out next: order, pauses, bundles.

    in order     the oldest first; while it waits to be tried again, so do those behind it
    aside        what is put off alone, while another was taken, goes on at its own pace
    paused       the other side does not answer, refuses the channel, or asks to wait
    bundled      more than `burst` deliveries wait: several go out in a message, until none waits
    held back    until a time that the operator wishes; what is released at one time is bundled,
                 however few, and so is what a backfill brings

Whether the oldest is put off alone is found out by probes: once it was put off a few times, each
further time some others are tried behind it, the next ones each time. No thread, no clock, no I/O:
`now` is an argument, and who tries what is handed out tells what came of it. This module must not
know ledgers or services.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from itertools import takewhile
from math import inf
from typing import Final

from monitor.core.alerts import retry
from monitor.core.alerts.hold import (
    BACKFILL,
    CLOCK_STEP,
    FLOOD,
    GROUP,
    SEVERAL,
    Plan,
    Waits,
    made_since,
)
from monitor.core.alerts.ids import bundle_id, day_of
from monitor.model import Delivery, Hold, LedgerRecord, LedgerState, Outcome, Parcel

PATIENCE: Final = 2  # tries of the oldest, all answered, after which another is probed
LONGER_PATIENCE: Final = 6  # the same where no answer comes: one message alone is rarely the cause
PROBES: Final = 3  # at a time, where answers come; else one
AFTER_FAULT: Final = 60.0  # seconds until a try that our own side spoilt (full disk) is made again

_BACKFILLED: Final = Hold(0.0, BACKFILL)

Planner = Callable[[Sequence[Waits], float], Plan]


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try: the record that it left, and the channel's answer. `outcome` None: the
    parcel was settled already, or is somebody else's. `partly`: some of its recipients have it.
    `instead` are the parcels that it was split into."""

    record: LedgerRecord
    outcome: Outcome | None = None
    partly: bool = False
    instead: tuple[tuple[Parcel, LedgerRecord], ...] = ()

    @property
    def answered(self) -> bool:
        """Whether the other side takes messages: it took this one, or judged it by itself."""
        return self.partly or self.outcome in (Outcome.SENT, Outcome.REJECTED)


@dataclass(order=True, slots=True)
class _Waiting:
    made_at: float
    number: int
    parcel: Parcel = field(compare=False)
    due: float = field(compare=False)
    record: LedgerRecord | None = field(compare=False)
    since: float | None = field(default=None, compare=False)  # when made, by a clock not ahead
    hold: Hold | None = field(default=None, compare=False)
    aside: bool = field(default=False, compare=False)  # where it stood when it was held back

    @property
    def alone(self) -> bool:
        """Whether it goes out as what it is: a bundle, a message of our own, what may have arrived
        so or was refused with others."""
        first, known = self.parcel.deliveries[0], self.record
        if len(self.parcel.deliveries) > 1 or not first.alerts or first.doubtful:
            return True
        if known is None:
            return False
        elsewhere = day_of(known.made_at) != day_of(first.made_at)
        return elsewhere or known.alone or known.in_doubt > 0 or known.state is LedgerState.SENDING

    @property
    def held_by_the_clock(self) -> bool:
        """Whether it is held back whatever else waits, so that it need not be planned anew."""
        return self.hold is not None and self.hold.why not in (GROUP, FLOOD)

    @property
    def put_off(self) -> bool:
        """Whether a try of it came to nothing."""
        return self.record is not None and self.record.state is not LedgerState.SENDING

    @property
    def released_by(self) -> Hold | None:
        """What it waited for; or else what it goes out with others by."""
        backfilled = self.record is None and self.parcel.deliveries[0].backfilled
        return _BACKFILLED if self.hold is None and backfilled else self.hold

    def is_with(self, other: _Waiting) -> bool:
        """Whether both are to go out together, since they were released at one time."""
        one, two = self.released_by, other.released_by
        if one is None or two is None or self.alone or other.alone:
            return False
        return one.until == two.until and one.rules == two.rules


class _Role(Enum):
    """Why a parcel was handed out."""

    OLDEST = auto()
    PROBE = auto()
    ASIDE = auto()


class Queue:
    """One channel's waiting deliveries. `fitting` tells how many of some deliveries one message
    holds, `plan` what holds each of them back at a moment. An `eager` queue is for a single pass:
    it does not wait out what an earlier run put off, unless the other side asked for it or refused
    the channel. Not safe in several threads at once.
    """

    def __init__(
        self,
        channel: str,
        *,
        burst: int,
        fitting: Callable[[Sequence[Delivery]], int],
        eager: bool = False,
        plan: Planner | None = None,
    ) -> None:
        self._channel = channel
        self._burst = burst
        self._fitting = fitting
        self._eager = eager
        self._plan = plan
        self._planned = True  # for all that wait
        self._afresh = False  # what is held back is to be planned as well
        self._look = inf  # when to plan all anew
        self._held: list[_Waiting] = []
        self._line: list[_Waiting] = []
        self._aside: list[_Waiting] = []
        self._known: set[str] = set()  # ids of deliveries
        self._out: _Waiting | None = None  # what is being tried, and why
        self._role = _Role.OLDEST
        self._place = 0  # where it stood, as a probe
        self._probes = PROBES  # to be made: at first, for what stood aside before a restart
        self._probe = 1  # where in the line the next one is
        self._bundling = False
        self._spoilt = False  # the disk refused the last record
        self._paused_until = -inf
        self._number = 0
        self._now = -inf

    def __len__(self) -> int:
        return len(self._line) + len(self._aside) + len(self._held) + (self._out is not None)

    @property
    def held_back(self) -> frozenset[str]:
        """The ids of the deliveries that wait for a time that the operator wishes."""
        return frozenset(each.id for held in self._held for each in held.parcel.deliveries)

    def add(self, parcel: Parcel, record: LedgerRecord | None) -> bool:
        """Puts a parcel in its place; False where one of its deliveries waits here already.
        `record` is what its ledger knows of it, with the moment of its next try."""
        ids = {each.id for each in parcel.deliveries}
        if not self._known.isdisjoint(ids):
            return False
        self._known |= ids
        self._number += 1
        made_at = parcel.deliveries[0].made_at
        due = self._due(record)
        insort(self._line, _Waiting(made_at, self._number, parcel, due, record))
        self._planned = False
        return True

    def _due(self, record: LedgerRecord | None) -> float:
        if record is None or record.next_at is None:
            return -inf
        obeyed = record.asked or record.state is LedgerState.HELD
        return record.next_at if obeyed or not self._eager else -inf

    def wait(self, now: float) -> float:
        """Seconds until something is to be tried: 0 is now, infinite that nothing waits."""
        self._look_at(now)
        if self._notice() is not None:
            return 0.0
        if self._paused_until > now:
            return self._paused_until - now
        if self._next_probe(now) is not None:
            return 0.0
        waiting = (each.due for each in (*self._aside, *self._line[:1]))
        held = (each.hold.until for each in self._held if each.hold is not None)
        return max(min((*waiting, *held), default=inf) - now, 0.0)

    def _look_at(self, clock: float) -> None:
        """A clock that was set back makes nobody wait until it is where it was; nor does a ledger
        of a time when it was ahead."""
        if clock < self._now - CLOCK_STEP:
            self.release()
        self._afresh = self._afresh or clock < self._now or clock >= self._look
        self._now = clock
        if self._plan is not None and (self._afresh or not self._planned):
            self._hold_back(self._plan, clock)
        for waiting in self._line[:1]:
            if waiting.record is not None and waiting.record.changed_at > clock + CLOCK_STEP:
                waiting.due = -inf

    def _hold_back(self, plan: Planner, now: float) -> None:
        """Has each of those that wait wait for its time, or not any more."""
        for line in (self._line, self._aside):
            for waiting in line:
                waiting.aside = line is self._aside
        held = [] if self._afresh else [each for each in self._held if each.held_by_the_clock]
        kept = {each.number for each in held}
        others = (each for each in self._held if each.number not in kept)
        everyone = sorted([*self._line, *self._aside, *others])
        holds, look = plan([_asked(each, now) for each in everyone], now)
        self._look = min([look, *(each.hold.until for each in held if each.hold is not None)])
        self._line, self._aside, self._held = [], [], held
        for waiting, hold in zip(everyone, holds, strict=True):
            waiting.hold = hold
            waits = hold is not None and hold.until > now
            (self._held if waits else self._aside if waiting.aside else self._line).append(waiting)
        self._planned, self._afresh = True, False

    def take(self, now: float) -> Parcel:
        """What is to be tried now; to be followed by `learn` or `failed`. Asked only where `wait`
        is 0."""
        notice = self._notice()
        if notice is not None:
            return self._hand_out(self._line.pop(notice), _Role.ASIDE)
        probe = self._next_probe(now)
        late = next((each for each in self._aside if each.due <= now), None)
        in_turn = bool(self._line) and self._line[0].due <= now
        if late is not None and (self._role is not _Role.ASIDE or not (probe or in_turn)):
            self._aside.remove(late)
            if len(late.parcel.deliveries) > 1:  # it may be one of them that is put off
                late.parcel = replace(late.parcel, apart=True)
            return self._hand_out(late, _Role.ASIDE)
        if probe is not None:
            self._place = probe
            return self._hand_out(self._line.pop(probe), _Role.PROBE)
        return self._hand_out(self._first(), _Role.OLDEST)

    def _next_probe(self, now: float) -> int | None:
        """Where in the line a probe stands that is due, while the oldest waits."""
        if not self._probes or len(self._line) < 2 or not self._put_off_often(self._line[0]):
            return None
        if self._line[0].due <= now:
            return None
        for place, waiting in enumerate(self._line):
            if place and waiting.record is None:  # what was never tried is the best probe
                return place
        place = (self._probe - 1) % (len(self._line) - 1) + 1
        return place if self._line[place].due <= now else None

    def _put_off_often(self, waiting: _Waiting) -> bool:
        """Whether it is time to see if others fare better."""
        known = waiting.record
        if known is None or known.asked:
            return False
        old = known.state is LedgerState.HELD and retry.expired(known, known.changed_at)
        if known.state is not LedgerState.WAITING and not old:
            return False
        if known.code is None:
            return known.attempts >= LONGER_PATIENCE
        return self._eager or known.attempts >= PATIENCE

    def _notice(self) -> int | None:
        """Where a message of our own stands that need not wait for the disk."""
        if not self._spoilt:
            return None
        places = (i for i, each in enumerate(self._line) if not each.parcel.deliveries[0].alerts)
        return next((i for i in places if self._line[i].due <= self._now), None)

    def _hand_out(self, waiting: _Waiting, role: _Role) -> Parcel:
        if waiting.record is None and waiting.parcel.hold is None:
            waiting.parcel = replace(waiting.parcel, hold=waiting.released_by)
        self._out, self._role = waiting, role
        return waiting.parcel

    def _first(self) -> _Waiting:
        """The oldest; with as many as one message holds of those that were released with it, or
        where too many wait of the next."""
        first = self._line[0]
        released = [each for each in self._line if first.released_by and each.is_with(first)]
        if len(released) > 1:
            return self._together(released)
        self._bundling = self._bundling or len(self._line) > self._burst
        if not self._bundling or first.alone:
            return self._line.pop(0)
        day = day_of(first.made_at)
        return self._together(
            list(takewhile(lambda w: not w.alone and day_of(w.made_at) == day, self._line))
        )

    def _together(self, run: Sequence[_Waiting]) -> _Waiting:
        """As many of the first of the line's as one message holds."""
        count = self._fitting([waiting.parcel.deliveries[0] for waiting in run])
        first, taken = run[0], run[:count]
        gone = {each.number for each in taken}
        self._line = [each for each in self._line if each.number not in gone]
        if count < 2:
            return first
        deliveries = tuple(each.parcel.deliveries[0] for each in taken)
        ident = bundle_id(self._channel, [each.id for each in deliveries])
        parcel = Parcel(ident, deliveries, hold=_common(taken))
        return _Waiting(first.made_at, first.number, parcel, first.due, None)

    def learn(self, tried: Tried, now: float) -> None:
        """What came of the parcel handed out last."""
        self._now = now
        out, role = self._take_back()
        if out.parcel.deliveries[0].alerts:
            self._spoilt = False
        if tried.answered:
            self._answers(role)
        if not tried.record.open or tried.outcome is None:
            self._done(out, tried.instead)
            return
        out.record = tried.record
        out.due = now + AFTER_FAULT if out.record.next_at is None else out.record.next_at
        aside = role is _Role.ASIDE or tried.partly
        self._planned = False
        insort(self._aside if aside else self._line, out)
        asked = tried.outcome is Outcome.RETRY and out.record.asked and not tried.partly
        if tried.outcome is Outcome.HELD or asked:
            self._probes, self._paused_until = 0, out.due
        elif tried.outcome is Outcome.RETRY and not aside:
            self._put_off(out, role)

    def _done(self, out: _Waiting, instead: Iterable[tuple[Parcel, LedgerRecord]]) -> None:
        self._known -= {each.id for each in out.parcel.deliveries}
        for parcel, own in instead:
            self.add(parcel, own)
        self._bundling = self._bundling and bool(self._line)

    def failed(self, now: float, *, alone: bool) -> None:
        """The last try was spoilt by our own side: `alone` by this parcel, else by what all need
        (the disk)."""
        out, role = self._take_back()
        out.due = now + AFTER_FAULT
        never_was = out.record is None and len(out.parcel.deliveries) > 1  # not on disk, either
        for waiting in self._apart(out) if never_was else [out]:
            insort(self._aside if alone or role is _Role.ASIDE else self._line, waiting)
        if not alone:
            self._spoilt, self._paused_until = True, out.due

    def _apart(self, bundle: _Waiting) -> list[_Waiting]:
        numbered = enumerate(bundle.parcel.deliveries, self._number + 1)
        self._number += len(bundle.parcel.deliveries)
        self._planned = False
        return [
            _Waiting(each.made_at, number, Parcel(each.id, (each,)), bundle.due, None)
            for number, each in numbered
        ]

    def release(self) -> None:
        """The operator says that the other side is well again: everything is due."""
        self._paused_until, self._probes = -inf, 0
        self._line = sorted([*self._line, *self._aside])
        self._aside = []
        self._afresh = True
        for waiting in (*self._line, *self._held):
            waiting.due, waiting.aside = -inf, False

    def renew(self, known: Mapping[str, LedgerRecord | None]) -> None:
        """Learns what the ledger knows now of parcels that wait, by their ids."""
        for waiting in (*self._line, *self._aside, *self._held):
            if waiting.parcel.id in known:
                waiting.record = known[waiting.parcel.id]
        self._afresh = True

    def remove(self, parcel_id: str) -> tuple[Delivery, ...]:
        """Takes a parcel out that is not being tried, and gives what was in it."""
        for line in (self._line, self._aside, self._held):
            for index, waiting in enumerate(line):
                if waiting.parcel.id == parcel_id:
                    del line[index]
                    self._known -= {each.id for each in waiting.parcel.deliveries}
                    return waiting.parcel.deliveries
        return ()

    def _take_back(self) -> tuple[_Waiting, _Role]:
        out, self._out = self._out, None
        if out is None:
            raise RuntimeError("nothing was handed out")
        return out, self._role

    def _answers(self, role: _Role) -> None:
        """The other side takes messages: if it took a probe, the oldest alone is put off."""
        self._paused_until = -inf
        if role is _Role.PROBE:
            self._set_aside()
        if role is not _Role.ASIDE:
            self._probes, self._probe = 0, 1
            if self._line:
                self._line[0].due = -inf

    def _set_aside(self) -> None:
        """What was put off before the probe that was taken; not what a crash left being sent."""
        before, behind = self._line[: self._place], self._line[self._place :]
        self._aside = sorted([*self._aside, *(each for each in before if each.put_off)])
        self._line = [*(each for each in before if not each.put_off), *behind]

    def _put_off(self, out: _Waiting, role: _Role) -> None:
        """A temporary failure: those behind wait as well, unless it may be this message's alone."""
        if role is _Role.PROBE:
            self._probe += 1
            self._probes -= 1
        else:
            answered = out.record is not None and out.record.code is not None
            self._probes = (PROBES if answered else 1) if self._put_off_often(out) else 0
            self._probes = min(self._probes, len(self._line) - 1)
        if not self._probes:
            self._paused_until = max(self._line[0].due, out.due)


def _asked(waiting: _Waiting, now: float) -> Waits:
    """What is to be planned; since when it waits is learnt at the first look."""
    if waiting.since is None:
        waiting.since = made_since(waiting.made_at, now)
    waiting.since = min(waiting.since, now)
    return Waits.of(waiting.parcel.deliveries, waiting.since, waiting.record)


def _common(together: Sequence[_Waiting]) -> Hold | None:
    """What those that go out together waited for: all the same, or a digest of several."""
    holds = [each.released_by for each in together if each.released_by is not None]
    if len(holds) < len(together):
        return None
    alike = len({hold.why for hold in holds}) == 1
    return holds[0] if alike else holds[0]._replace(why=SEVERAL)
