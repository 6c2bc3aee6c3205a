"""Tells the operator of the daemon's own troubles: once each, and when it is over.

A notice goes the way of any delivery, through the senders and their ledgers; it stands in
system.json until it is settled, and so does what is amiss, over restarts. It goes over the
operator's channel, or over another one where that is the trouble itself. Without an `operator` in
the configuration only the log and `rasid status` tell. Nothing here may ever raise.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from monitor.channels.queue import Tried
from monitor.core.alerts.notices import Day, Notice, Trouble, heartbeat_for, notice_for
from monitor.errors import CannotWriteError, Problem, RasidError, StateError
from monitor.model import Amiss, Delivery, Lang, LedgerState, Outcome, SystemState
from monitor.ports import Clock, System
from monitor.settings.load import Config

log = logging.getLogger("rasid.service")

DISK, METRICS, RELOAD = "disk", "metrics", "reload"
MOST_ERRORS = 5  # of a configuration, in one notice; `rasid status` and `rasid check` tell all
FEED, GONE, SILENT = "feed ", "gone ", "silent "  # keys of feeds; with the feed's id
OF_FEEDS = (FEED, GONE, SILENT)
LATE = 3600.0  # seconds that an alert may wait before the operator hears of it
HOUR, DAY, WEEK = 3600.0, 86_400.0, 7 * 86_400.0


class Operator:
    """`hand_over` gets durable notices; `settled` says which need to be kept no longer. Safe in any
    thread."""

    def __init__(
        self,
        config: Config,
        system: System,
        clock: Clock,
        *,
        hand_over: Callable[[Sequence[Delivery]], None],
        settled: Callable[[Delivery], bool],
    ) -> None:
        self._config = config
        self._system = system
        self._clock = clock
        self._hand_over = hand_over
        self._settled = settled
        self._lock = threading.Lock()
        self._troubles: Mapping[str, Amiss] = system.load().troubles
        self._refused: set[tuple[str, ...]] = set()  # errors of configurations that were told

    def use(self, config: Config) -> None:
        """Puts a new configuration into force."""
        self._config = config

    def heard(self, channel: str, tried: Tried) -> None:
        """What came of a try over a channel."""
        record = tried.record
        held, late = f"held {channel}", f"late {channel}"
        if tried.outcome is Outcome.SENT:
            over = Notice(Trouble.HELD_OVER, channel)
            self._end(held, over, without=channel)
            if self._clock() - record.ready_at > LATE:  # what was late itself
                self._end(late, over, without=channel)
            if tried.partly:
                self._begin(f"partly {channel}", Notice(Trouble.PARTLY, channel, record.detail))
        elif tried.outcome is Outcome.HELD:
            self._begin(held, Notice(Trouble.HELD, channel, record.detail), without=channel)
        elif tried.outcome is Outcome.RETRY and self._clock() - record.ready_at > LATE:
            self._begin(late, Notice(Trouble.LATE, channel, record.detail), without=channel)
        elif record.state is LedgerState.DEAD and record.rules and not tried.instead:
            detail = f"{record.title} — {record.detail}"  # without rules it is a notice itself
            self._begin(f"dead {channel}", Notice(Trouble.DEAD, channel, detail), without=channel)

    def failed(self, error: RasidError) -> None:
        """An error of our own side."""
        if isinstance(error, CannotWriteError):
            self._begin(DISK, Notice(Trouble.DISK, detail=str(error)))
        elif isinstance(error, StateError):
            file, _, detail = str(error).partition(": ")
            self._damaged(file, detail or "unreadable")

    def damage(self, problems: Iterable[Problem]) -> None:
        """Files of the state that cannot be read, or are stood in for."""
        for problem in problems:
            self._damaged(problem.file, problem.reason)

    def written(self) -> None:
        """The disk takes what is written."""
        self._end(DISK, Notice(Trouble.DISK_OVER))

    def unheard(self, why: str | None) -> None:
        """Metrics cannot be served, and why; None: they are."""
        if why is None:
            self._end(METRICS, Notice(Trouble.METRICS_OVER))
        else:
            self._begin(METRICS, Notice(Trouble.METRICS, detail=why))

    def reloaded(self, errors: Sequence[str]) -> None:
        """The configuration was read again; with `errors` it was refused. Until it is right again
        the same errors are told once; others are, since who repaired the first ones waits for an
        answer."""
        if not errors:
            self._refused.clear()
            self._end(RELOAD, Notice(Trouble.RELOAD_OVER))
        elif (known := tuple(errors)) not in self._refused:
            told = [*errors[:MOST_ERRORS]]
            if len(errors) > MOST_ERRORS:
                told.append(f"+{len(errors) - MOST_ERRORS}")
            notice = Notice(Trouble.RELOAD, detail="\n".join(told))
            self._begin(RELOAD, notice, anew=bool(self._refused))
            self._refused.add(known)

    def most_gone(self, names: str, left: int) -> None:
        """A reload took most of the rules away, which a file that was cut off does too."""
        with self._lock:
            self._tell(Notice(Trouble.FEWER, str(left), names), without=None)

    def heartbeat(self, name: str, day: Day | None) -> None:
        """Notes the day of that name as done; tells of it, but where it is passed over (None)."""
        with self._lock:
            channel = self._channel(None)
            told: tuple[Delivery, ...] = ()
            if day is not None and channel is not None:
                told = (heartbeat_for(day, name, channel, self._spoken(channel), self._clock()),)
            try:
                self._system.update(lambda state: replace(self._with(state, told), heartbeat=name))
            except RasidError as error:  # to be told at the next look
                log.error("the heartbeat is not stored: %s", error)
            else:
                self._hand_over(told)

    def knows(self, key: str) -> bool:
        """Whether a trouble was told that is not over."""
        known = self._troubles.get(key)
        return known is not None and not known.over

    def rested(self, trouble: Trouble, rest: float) -> bool:
        """Whether the last gathered notice of this kind was told over `rest` seconds ago."""
        last = self._troubles.get(trouble)
        return last is None or not 0 <= self._clock() - last.since < rest

    def gathered(self, keys: Iterable[str], notice: Notice, *, over: bool = False) -> None:
        """Several troubles that begin, or are over, in one notice."""
        with self._lock:
            now = self._clock()
            kept = self._kept(now)
            if over:
                ended = {key: replace(kept[key], over=True) for key in keys if key in kept}
            else:
                ended = {key: Amiss(now) for key in keys}
            self._troubles = {**kept, **ended, notice.trouble.value: Amiss(now, over=True)}
            self._tell(notice, without=None)

    def leave_out(self, live: Iterable[str]) -> None:
        """Forgets the troubles of feeds that are watched no more; `live` are the keys of those that
        are."""
        there = frozenset(live)
        if all(key in there for key in self._troubles if key.startswith(OF_FEEDS)):
            return
        with self._lock:
            self._troubles = {
                key: each
                for key, each in self._troubles.items()
                if key in there or not key.startswith(OF_FEEDS)
            }

    def _kept(self, now: float) -> dict[str, Amiss]:
        """The troubles of late; those of feeds as long as they last, since they are told once."""
        return {
            key: each
            for key, each in self._troubles.items()
            if now - each.since < WEEK or (not each.over and key.startswith(OF_FEEDS))
        }

    def _damaged(self, file: str, detail: str) -> None:
        self._begin(f"state {file}", Notice(Trouble.STATE, file, detail))

    def _begin(
        self, key: str, notice: Notice, *, without: str | None = None, anew: bool = False
    ) -> None:
        """A trouble: told, unless it is known (but for one that is told `anew`), or was told and
        over lately: some come and go."""
        with self._lock:
            now, known = self._clock(), self._troubles.get(key)
            ends = notice.trouble not in (Trouble.STATE, Trouble.PARTLY, Trouble.DEAD)
            lasts = ends and known is not None and not known.over and not anew
            if known and (lasts or 0 <= now - known.since < _rest(notice)):
                return
            self._troubles = {**self._kept(now), key: Amiss(now)}
            self._tell(notice, without=without)

    def _end(self, key: str, notice: Notice, *, without: str | None = None) -> None:
        with self._lock:
            known = self._troubles.get(key)
            if known and not known.over:
                self._troubles = {**self._troubles, key: replace(known, over=True)}
                self._tell(notice, without=without)

    def _tell(self, notice: Notice, *, without: str | None) -> None:
        channel = self._channel(without)
        told: tuple[Delivery, ...] = ()
        if channel is not None:
            told = (notice_for(notice, channel, self._spoken(channel), self._clock()),)
        try:
            self._system.update(lambda state: self._with(state, told))
        except RasidError as error:  # a full disk is a reason to tell, not to be silent
            log.error("a notice to the operator is not stored: %s", error)
        if told:
            self._hand_over(told)

    def _spoken(self, channel: str) -> Lang:
        language = next((c.language for c in self._config.channels if c.name == channel), None)
        return "en" if (language or self._config.language) == "en" else "ar"

    def _with(self, state: SystemState, told: tuple[Delivery, ...]) -> SystemState:
        kept = tuple(each for each in state.notices if not self._settled(each))
        return replace(state, notices=(*kept, *told), troubles=self._troubles)

    def _channel(self, without: str | None) -> str | None:
        """The operator's channel, or the first other one where that is the trouble itself."""
        operator = self._config.operator
        if operator is None or operator != without:
            return operator
        return next((c.name for c in self._config.channels if c.name != without), None)


def _rest(notice: Notice) -> float:
    """Seconds for which a trouble that came and went is not told again. What the operator does is
    answered each time."""
    if notice.trouble is Trouble.RELOAD:
        return 0.0
    return DAY if notice.trouble in (Trouble.STATE, Trouble.PARTLY) else HOUR
