"""Until when a delivery waits by the operator's own wish, and with what it goes out then.

    quiet         hours of a channel, or of all rules of a delivery; what weighs enough goes out
    digest        a time of the day, of a channel or of all rules of a delivery: the earliest
    group_wait    the first delivery of some rules waits so long for others of the same rules
    max_per_day   what all rules of a delivery have used up waits for the end of the day
    by hand       the operator wants it out: nothing else counts

The latest of several reasons counts. All hours are those of the clock on the wall: a night begins
when it first shows the one time and ends when it last shows the other, so that an hour that comes
twice is quiet twice; a time that it skips is the moment of the leap. This module must not read a
clock, nor know ledgers or queues.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from math import inf
from typing import Final, NamedTuple

from monitor.model import (
    Alert,
    ChannelConfig,
    Delivery,
    Hold,
    LedgerRecord,
    Quiet,
    Rule,
    Severity,
)

DIGEST: Final = "digest"
SEVERAL: Final = "several"  # reasons, of a bundle
GROUP: Final = "group_wait"
FLOOD: Final = "max_per_day"
BY_HAND: Final = "by_hand"
BACKFILL: Final = "backfill"  # waits for nothing, but what it brings goes out together
ONE_BY_ONE: Final = ("", GROUP, BACKFILL)  # what waited so uses up a limit
CLOCK_STEP: Final = 60.0  # seconds by which a clock that is set back is told from a slow thread
_WEIGHT: Final = {severity: weight for weight, severity in enumerate(Severity)}
_MOST_ENDS: Final = 16  # quiet hours that end where others begin; more leave no time to send at all
_DAY: Final = 24 * 60  # minutes
_LONG_AGO: Final = 2 * 86_400.0  # seconds after which no digest, group or limit holds anything back


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """What a rule says about when its deliveries go out."""

    quiet: Quiet | None = None
    digest: time | None = None
    max_per_day: int | None = None


_NO_TERMS: Final = RuleTerms()


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides when the deliveries of one channel go out; `rules` by name, those alone that say
    something."""

    timezone: tzinfo
    quiet: Quiet | None = None
    digest: time | None = None
    group_wait: float = 0.0
    rules: Mapping[str, RuleTerms] = field(default_factory=dict)

    @classmethod
    def of(cls, channel: ChannelConfig, rules: Iterable[Rule], timezone: tzinfo) -> Terms:
        """The terms of a channel."""
        here = (rule for rule in rules if not rule.channels or channel.name in rule.channels)
        told = {r.name: RuleTerms(r.quiet, r.digest, r.max_per_day) for r in here}
        own = {name: each for name, each in told.items() if each != _NO_TERMS}
        return cls(timezone, channel.quiet, channel.digest, channel.group_wait, own)

    @property
    def hold_nothing(self) -> bool:
        """Whether whatever comes may go out at once."""
        return not (self.quiet or self.digest or self.group_wait or self.rules)


class Waits(NamedTuple):
    """What waits to go out in one message. `since` is when it was made, by a clock that is believed
    not to be ahead; `tried`: it was sent once, so that nothing but quiet hours holds it back;
    `asked`: since when the operator wants it out, whatever holds it back."""

    deliveries: Sequence[Delivery]
    since: float
    tried: bool = False
    asked: float | None = None

    @classmethod
    def of(cls, deliveries: Sequence[Delivery], since: float, record: LedgerRecord | None) -> Waits:
        """With what the ledger knows of them."""
        if record is not None and record.held_for == BY_HAND:
            return cls(deliveries, since, asked=record.held_until)
        # Without a try it is feared to have been sent, by a ledger that lost its memory. What is
        # to be held even now cannot have gone out.
        return cls(deliveries, since, record is not None and not record.feared)


def made_since(made_at: float, now: float) -> float:
    """Since when what is found at a start waits. A moment far ahead is of a clock that was wrong,
    and nobody knows how long ago that was: long enough, since what begins to wait anew with each
    start of a process may never go out."""
    return min(made_at, now) if made_at <= now + CLOCK_STEP else now - _LONG_AGO


class Plan(NamedTuple):
    """What holds each of those who wait, in their order; None: nothing, and nothing did. `look` is
    when to plan anew, should nothing else happen."""

    holds: tuple[Hold | None, ...]
    look: float


Told = Callable[[str, float, float], int]


def plan(waiting: Sequence[Waits], terms: Terms, told: Told, now: float) -> Plan:
    """What holds each of those that wait for a channel, oldest first, at the moment `now`.

    A Hold that is over (`until` <= now) says with what a delivery goes out. `told(rule, start,
    end)` is how many deliveries made between two moments were sent that name a rule, of those that
    waited for nothing but what is ONE_BY_ONE."""
    planner = _Planner(terms, told, now)
    holds = tuple(planner.hold(each) for each in waiting)
    ends = (each.until for each in holds if each is not None and each.until > now)
    return Plan(holds, min((*ends, *_starts(terms, now)), default=inf))


@dataclass(slots=True)
class _Planner:
    terms: Terms
    told: Told
    now: float
    groups: dict[tuple[str, ...], float] = field(default_factory=dict)
    spent: Counter[tuple[str, float]] = field(default_factory=Counter)

    def hold(self, each: Waits) -> Hold | None:
        alerts = [alert for delivery in each.deliveries for alert in delivery.alerts]
        if not alerts:
            return None  # our own message to the operator
        if each.asked is not None:
            return Hold(min(each.asked, self.now), BY_HAND)
        hold = None if each.tried else self._wished(alerts, each.since)
        if hold is not None and hold.until > self.now:
            return hold
        return self._quiet(alerts, self.now, None) or self._over(alerts, each.since, hold)

    def _wished(self, alerts: Sequence[Alert], since: float) -> Hold | None:
        """The hold of what was found at a moment, could all be sent at once."""
        reasons = list(self._digests(alerts, since))
        counted = not reasons
        if self.terms.group_wait:
            reasons.append(self._group(alerts, since))
        last = max(reasons, default=None)
        hold = self._quiet(alerts, since if last is None else last.until, last)
        if counted and (hold is None or hold.why == GROUP):
            hold = self._flood(alerts, since) or hold
        return hold

    def _over(self, alerts: Sequence[Alert], since: float, hold: Hold | None) -> Hold | None:
        """The quiet hours that ended last while it waited, where that was behind its hold: with
        what was found in them goes out what could not be sent before."""
        after = since if hold is None else max(hold.until, since)
        for end in sorted(_ends(alerts, self.now, self.terms), reverse=True):
            before = _silent(alerts, end - 1.0, self.terms) if after < end <= self.now else None
            if before is not None and _silent(alerts, end, self.terms) is None:
                return Hold(end, before[1])
        return hold

    def _quiet(self, alerts: Sequence[Alert], moment: float, otherwise: Hold | None) -> Hold | None:
        """The hold by quiet hours at that moment, if any."""
        free, why = _free(alerts, moment, self.terms)
        return Hold(free, why) if free > moment else otherwise

    def _digests(self, alerts: Sequence[Alert], since: float) -> Iterator[Hold]:
        own = [_of_rule(self.terms, alert).digest for alert in alerts]
        for times in ([self.terms.digest], own):
            if found := [each for each in times if each is not None]:
                if len(found) < len(times):
                    continue
                yield min(_digest(each, since, self.terms.timezone) for each in found)

    def _group(self, alerts: Sequence[Alert], since: float) -> Hold:
        rules = tuple(sorted({alert.rule for alert in alerts}))
        if since > self.groups.get(rules, -inf):
            self.groups[rules] = since + self.terms.group_wait
        return Hold(self.groups[rules], GROUP, rules)

    def _flood(self, alerts: Sequence[Alert], since: float) -> Hold | None:
        """The hold of what all its rules had enough of that day; else it is one more of it."""
        zone = self.terms.timezone
        start, end = _day(datetime.fromtimestamp(since, zone).date(), zone)
        rules = {alert.rule: _of_rule(self.terms, alert).max_per_day for alert in alerts}
        over = all(
            most is not None and self.told(rule, start, end) + self.spent[rule, start] >= most
            for rule, most in rules.items()
        )
        if not over:
            self.spent.update((rule, start) for rule in rules)
            return None
        hold = Hold(end, FLOOD)
        return self._quiet(alerts, end, hold)


def _of_rule(terms: Terms, alert: Alert) -> RuleTerms:
    return terms.rules.get(alert.rule, _NO_TERMS)


# --- hours on the wall --------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def moments(day: date, at: time, zone: tzinfo) -> tuple[float, float]:
    """The first and the last moment at which a zone's clocks show a time on a day: two where it
    comes twice. Where they skip it, the moment of the leap."""
    shown = datetime.combine(day, at, zone)
    first, last = (shown.replace(fold=fold).timestamp() for fold in (0, 1))
    if first <= last:
        return first, last
    leap = _leap(last, first, zone)  # PEP 495: fold=1 in a gap counts by the offset behind it
    return leap, leap


def _leap(low: float, high: float, zone: tzinfo) -> float:
    """The second in which a zone's offset changes between two moments."""
    before = datetime.fromtimestamp(low, zone).utcoffset()
    while high - low > 1.0:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def _day(day: date, zone: tzinfo) -> tuple[float, float]:
    midnight = time()
    return moments(day, midnight, zone)[0], moments(day + timedelta(days=1), midnight, zone)[0]


def next_daily(at: time, after: float, zone: tzinfo) -> float:
    """The first moment after another at which it is that time of the day: once a day."""
    today = datetime.fromtimestamp(after, zone).date()
    days = (today + timedelta(days=n) for n in range(-1, 4))
    return next(found for day in days if (found := moments(day, at, zone)[0]) > after)


def _digest(at: time, since: float, zone: tzinfo) -> Hold:
    return Hold(next_daily(at, since, zone), f"{DIGEST} {at:%H:%M}")


def quiet_until(quiet: Quiet, moment: float, zone: tzinfo) -> float | None:
    """The end of the quiet hours that a moment falls into; None where it falls into none."""
    ends = [end for start, end in _nights(quiet, moment, zone) if start <= moment < end]
    return max(ends, default=None)


def _nights(quiet: Quiet, moment: float, zone: tzinfo) -> Iterator[tuple[float, float]]:
    """The quiet hours that begin on the days around a moment."""
    today = datetime.fromtimestamp(moment, zone).date()
    over_midnight = timedelta(days=quiet.start > quiet.end)
    for day in (today + timedelta(days=n) for n in (-1, 0, 1)):
        start = moments(day, quiet.start, zone)[0]
        yield start, moments(day + over_midnight, quiet.end, zone)[1]


def _free(alerts: Sequence[Alert], moment: float, terms: Terms) -> tuple[float, str]:
    """From when on alerts may go out that are ready at that moment, and what they wait for. Where
    the hours of a channel and of rules leave no time at all, those of the channel count alone."""
    for own in (terms, replace(terms, rules={})):
        free, why = moment, ""
        for _ in range(_MOST_ENDS):
            silent = _silent(alerts, free, own)
            if silent is None:
                return free, why
            free, why = silent
    return moment, ""  # better loud than never


def leave_no_time(ours: Quiet, own: Quiet, severity: Severity) -> bool:
    """Whether the quiet hours of a channel and those of a rule of that severity cover the day."""
    if _breaks(ours, severity) or _breaks(own, severity):
        return False
    loud_from = (_minutes(ours.end) - _minutes(own.start)) % _DAY
    loud_for = (_minutes(ours.start) - _minutes(ours.end)) % _DAY
    return loud_from + loud_for <= (_minutes(own.end) - _minutes(own.start)) % _DAY


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _breaks(quiet: Quiet, severity: Severity) -> bool:
    """Whether an alert of that severity goes out all the same."""
    return quiet.but is not None and _WEIGHT[severity] >= _WEIGHT[quiet.but]


def _silent(alerts: Sequence[Alert], moment: float, terms: Terms) -> tuple[float, str] | None:
    """The end of the channel's quiet hours, or the first end of those of the rules, if all have
    them at that moment."""
    heaviest = max((alert.severity for alert in alerts), key=_WEIGHT.__getitem__)
    ours = _end(terms.quiet, heaviest, moment, terms.timezone)
    if ours is not None:
        return ours
    ends = [
        _end(_of_rule(terms, alert).quiet, alert.severity, moment, terms.timezone)
        for alert in alerts
    ]
    found = [each for each in ends if each is not None]
    return min(found) if len(found) == len(ends) else None


def _ends(alerts: Sequence[Alert], moment: float, terms: Terms) -> set[float]:
    """When quiet hours of a channel or of rules end on the days before a moment."""
    own = {terms.quiet, *(_of_rule(terms, alert).quiet for alert in alerts)}
    today = datetime.fromtimestamp(moment, terms.timezone).date()
    days = [today - timedelta(days=n) for n in range(3)]
    return {moments(day, quiet.end, terms.timezone)[1] for quiet in own if quiet for day in days}


def _end(
    quiet: Quiet | None, severity: Severity, moment: float, zone: tzinfo
) -> tuple[float, str] | None:
    if quiet is None or _breaks(quiet, severity):
        return None
    end = quiet_until(quiet, moment, zone)
    return None if end is None else (end, f"quiet {quiet.start:%H:%M}-{quiet.end:%H:%M}")


def _starts(terms: Terms, now: float) -> Iterator[float]:
    """When quiet hours begin next, of the channel and of each rule."""
    for quiet in (terms.quiet, *(each.quiet for each in terms.rules.values())):
        if quiet is not None:
            yield next_daily(quiet.start, now, terms.timezone)
