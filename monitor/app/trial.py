"""Rules laid on what is remembered: what they would have told, what they nearly told, what another
wording of them would change.

    rows of the archive -> may it fire? (core.rules.shortlist) -> the article, heard in full

Only what may fire is heard, so that rare words take as long as looking through the vocabularies
does. What a common word brings is heard until the time is up: the newest articles, which are shown,
and others drawn at random, from which the rest is reckoned; the answer says so, and how far off it
may be. This module must not print, nor change anything.
"""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from functools import cached_property, lru_cache
from itertools import zip_longest
from math import sqrt
from typing import Final, NamedTuple, TypeVar

from monitor.core.rules.compiled import CompiledRule, compile_rule
from monitor.core.rules.explain import explain_rules
from monitor.core.rules.matcher import RuleSet
from monitor.core.rules.shortlist import Shortlist, Shortlists, shortlist
from monitor.errors import QueryError
from monitor.model import Archived, ClauseResult, Match, RuleExplanation
from monitor.ports import Clock
from monitor.stores.archive import ArchiveView

PATIENCE: Final = 3.0  # seconds until no more candidates are heard
_NEAR_PATIENCE: Final = 0.3  # seconds in which near misses are explained
_LATEST: Final = 20_000  # articles that may be near misses by other forms of their words
_LEAST_EXPLAINED: Final = 8  # in any case
_FEW: Final = 150  # candidates of which all are heard in any case
_LEAST: Final = 40  # the same of more
_TELLING: Final = 30  # articles of a day that tell of that day; of fewer all days tell
_LOOKED_AT: Final = 100  # articles that may be near misses, of each kind
_SURE: Final = 1.96  # deviations that 19 of 20 samples keep within
_QUARTER: Final = 900.0  # seconds
_QUARTERS: Final = 10_000  # of a hundred days
_EVERY: Final = 1_000  # rows between two tellings of the progress
_EVERY_HEARD: Final = 50  # articles
_KEPT: Final = 1_000  # letters of a text that a change is shown by

Progress = Callable[[int], None]
T = TypeVar("T")


class Candidate(NamedTuple):
    """An article on which a rule may fire, and what it is known by across feeds."""

    came: float
    number: int
    link_key: str = ""
    print_key: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """How many articles came out on a day, and how many alerts they would have made: reckoned, no
    whole number, where not all were heard."""

    date: date
    articles: int
    alerts: float


@dataclass(frozen=True, slots=True)
class Found:
    """An article that would have alerted."""

    archived: Archived
    match: Match


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An article that lacks but one thing, and all that the rule asks for."""

    archived: Archived
    clauses: tuple[ClauseResult, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would have done. `days` without gaps, the oldest first; `candidates` held what it
    looks for, and `heard` of them were heard; where those are not all, the number of alerts is
    likely (19 times of 20) within `margin` of what is told. `found` and `near` have the newest
    first."""

    days: tuple[Day, ...]
    candidates: int
    heard: int
    margin: float
    found: tuple[Found, ...]
    near: tuple[NearMiss, ...]

    @property
    def articles(self) -> int:
        return sum(day.articles for day in self.days)

    @property
    def alerts(self) -> float:
        return sum(day.alerts for day in self.days)

    @property
    def reckoned(self) -> bool:
        """Whether not all candidates were heard."""
        return self.heard < self.candidates


def attempt(
    view: ArchiveView,
    rules: RuleSet,
    since: float,
    *,
    zone: tzinfo,
    newest: int = 10,
    near: int = 5,
    patience: float = PATIENCE,
    elapsed: Clock = time.monotonic,
    progress: Progress | None = None,
) -> Trial:
    """Lays the one rule of a set on what came out since a moment. An article that several feeds
    brought counts once, as it would alert once."""
    (rule,) = rules.compiled
    end = elapsed() + patience
    looked = _look_through(view, rule, rules, since, zone, progress)
    ear = _Ear(view, rules, looked.candidates)
    _hear(ear, looked.candidates, newest, end, elapsed)
    days, margin = _reckoned(looked, ear, zone)
    told = sorted(ear.counted, reverse=True)[:newest]
    misses = _near_misses(view, rules, ear.passed, looked.nearly, near, elapsed)
    return Trial(
        days=tuple(days),
        candidates=len(looked.candidates),
        heard=len(ear.asked),
        margin=margin,
        found=tuple(_found(view, rules, told)),
        near=tuple(misses),
    )


def matches(
    view: ArchiveView, rules: RuleSet, since: float, progress: Progress | None = None
) -> Iterator[tuple[Archived, tuple[Match, ...]]]:
    """Every article that came out since a moment and one of the rules fires on, the newest first.
    `progress` hears how many were looked through, and then how many of those heard."""
    listed = Shortlists(rules.compiled, rules.gazetteer)
    found: list[Candidate] = []
    for number, row in enumerate(view.rows(since)):
        if progress is not None and number % _EVERY == 0:
            progress(number)
        if listed.admits(row.words):
            found.append(Candidate(row.came, row.number))
    found.sort(reverse=True)
    for number, archived in enumerate(view.articles(each.number for each in found)):
        if progress is not None and number % _EVERY_HEARD == 0:
            progress(number)
        if fired := rules.match(archived.article):
            yield archived, fired


# --- what another wording changes -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one rule: the articles that it fires on now and did not before, and those
    that it fired on before; the newest first, of each as many as are shown, and how many."""

    rule: str
    added: Sequence[Archived]
    lost: Sequence[Archived]
    many_added: int
    many_lost: int


def compare(
    view: ArchiveView,
    before: RuleSet,
    after: RuleSet,
    since: float,
    *,
    most: int = 5,
    progress: Progress | None = None,
) -> list[Change]:
    """What the rules of one set, which may be missing in the other, tell otherwise; in order of
    their names in `after`, then those that are gone. What several feeds brought counts once."""
    names = dict.fromkeys(rule.name for rule in (*after.rules, *before.rules))
    old, new = (_hits(view, rules, since, progress) for rules in (before, after))
    changes = []
    for name in names:
        added, lost = _without(new[name], old[name]), _without(old[name], new[name])
        changes.append(Change(name, added[:most], lost[:most], len(added), len(lost)))
    return changes


def _hits(
    view: ArchiveView, rules: RuleSet, since: float, progress: Progress | None
) -> defaultdict[str, list[Archived]]:
    """For each rule what it fires on, of whose text enough to show it is kept."""
    found: defaultdict[str, list[Archived]] = defaultdict(list)
    for archived, fired in matches(view, rules, since, progress):
        article = replace(archived.article, text=archived.article.text[:_KEPT])
        for match in fired:
            found[match.rule.name].append(replace(archived, article=article))
    return found


def _without(these: Iterable[Archived], others: Iterable[Archived]) -> list[Archived]:
    """Those that do not alert among the others, each once, the newest first."""
    known = {key for each in others for key in _keys(each)}
    several = [each for each in these if known.isdisjoint(_keys(each))]
    several.sort(key=lambda each: each.came)
    told: list[Archived] = []
    met: set[str] = set()
    for each in several:
        if met.isdisjoint(_keys(each)):
            told.append(each)
        met |= _keys(each)
    return told[::-1]


def _keys(archived: Archived) -> set[str]:
    """What tells that another article is the same."""
    return {archived.article.id or "", archived.link_key, archived.print_key} - {""}


# --- the steps of a trial -------------------------------------------------------------------------


@dataclass(slots=True)
class _Looked:
    """What looking through the vocabularies gave: articles a day, those that the rule may fire on,
    the newest first, and those that lack one part of it, or hold but other forms of its words."""

    articles: Counter[date]
    candidates: list[Candidate]
    nearly: list[list[Candidate]]


def _look_through(
    view: ArchiveView,
    rule: CompiledRule,
    rules: RuleSet,
    since: float,
    zone: tzinfo,
    progress: Progress | None,
) -> _Looked:
    listed, wide = shortlist(rule, rules.gazetteer), _widely(rule, rules)
    several = len(listed.groups) > 1
    widely: list[Candidate] = []
    quarters: Counter[int] = Counter()
    found: list[Candidate] = []
    lacking: defaultdict[int, list[Candidate]] = defaultdict(list)
    for number, row in enumerate(view.rows(since)):
        if progress is not None and number % _EVERY == 0:
            progress(number)
        quarters[int(row.came // _QUARTER)] += 1
        lacks = listed.lacks(row.words)
        if not lacks:
            found.append(Candidate(row.came, row.number, row.link_key, row.print_key))
        elif several and len(lacks) == 1:
            lacking[lacks[0]].append(Candidate(row.came, row.number))
        elif wide and number < _LATEST and len(widely) < _LOOKED_AT and wide.admits(row.words):
            widely.append(Candidate(row.came, row.number))
    found.sort(reverse=True)
    days: Counter[date] = Counter()
    for quarter, count in quarters.items():
        days[_day_of(quarter, zone)] += count
    return _Looked(days, found, [widely, *lacking.values()])


def _widely(rule: CompiledRule, rules: RuleSet) -> Shortlist | None:
    """The same rule were it to hear derived words and loose spellings too, which near misses are
    told by; None where it does already."""
    if rule.rule.forms and rule.rule.loose:
        return None
    wide = replace(rule.rule, forms=True, loose=True)
    try:
        return shortlist(compile_rule(wide, rules.gazetteer, rules.lexicon), rules.gazetteer)
    except QueryError:  # it takes no derived forms
        return None


class _Ear:
    """What was heard of the candidates, and what came of it. Each is heard once."""

    def __init__(self, view: ArchiveView, rules: RuleSet, candidates: Sequence[Candidate]) -> None:
        self._view = view
        self._rules = rules
        self._candidates = candidates
        self.fires: dict[int, bool] = {}  # by number
        self.passed: list[Archived] = []  # some of those on which the rule does not fire
        self.asked: dict[Candidate, bool] = {}  # and whether they would have alerted
        self.drawn: list[Candidate] = []  # at random

    @property
    def counted(self) -> Iterator[Candidate]:
        return (candidate for candidate, counts in self.asked.items() if counts)

    def counts(self, candidate: Candidate) -> bool:
        """Whether it would have alerted: the rule fires on it, and on no other feed's article that
        is the same and came before. Those are heard for it, but are no part of a sample."""
        if candidate not in self.asked:
            self.asked[candidate] = self._fires(candidate) and self._is_first(candidate)
        return self.asked[candidate]

    def _is_first(self, candidate: Candidate) -> bool:
        keys = {candidate.link_key, candidate.print_key} - {""}
        same = {each for key in keys for each in self._bearers[key]}
        return not any(self._fires(each) for each in sorted(same) if each < candidate)

    @cached_property
    def _bearers(self) -> Mapping[str, list[Candidate]]:
        """The candidates by each of the keys that they have across feeds."""
        bearers: defaultdict[str, list[Candidate]] = defaultdict(list)
        for candidate in self._candidates:
            if candidate.link_key:
                bearers[candidate.link_key].append(candidate)
            if candidate.print_key:
                bearers[candidate.print_key].append(candidate)
        return bearers

    def _fires(self, candidate: Candidate) -> bool:
        number = candidate.number
        if number not in self.fires:
            self.fires[number] = False
            for archived in self._view.articles([number]):
                self.fires[number] = self._rules.fires(archived.article)
                if not self.fires[number] and len(self.passed) < _LOOKED_AT:
                    self.passed.append(archived)
        return self.fires[number]


def _hear(
    ear: _Ear, newest_first: Sequence[Candidate], wanted: int, end: float, elapsed: Clock
) -> None:
    """Hears all, or until the time is up: the newest, until so many that are `wanted` would have
    alerted, in turns with others drawn at random."""
    drawn = list(newest_first)
    random.Random(len(drawn)).shuffle(drawn)  # noqa: S311 - the same answer to the same question
    newest = iter(newest_first)
    many = len(drawn) > _FEW
    for candidate in drawn:
        if many and len(ear.asked) >= _LEAST and elapsed() > end:
            break
        if wanted > 0 and (new := next(newest, None)) is not None:
            wanted -= ear.counts(new)
        ear.counts(candidate)
        ear.drawn.append(candidate)


def _found(view: ArchiveView, rules: RuleSet, told: Sequence[Candidate]) -> Iterator[Found]:
    for archived in view.articles(each.number for each in told):
        for match in rules.match(archived.article):
            yield Found(archived, match)


def _reckoned(looked: _Looked, ear: _Ear, zone: tzinfo) -> tuple[list[Day], float]:
    """Each day from the first with an article to the last, and how far off all alerts may be. What
    was not heard of a day is taken to alert as often as what was drawn of it, or of all days if
    that is little."""

    def by_day(candidates: Iterable[Candidate]) -> Counter[date]:
        return Counter(_day(each.came, zone) for each in candidates)

    unheard = by_day(each for each in looked.candidates if each not in ear.asked)
    drawn, alerts = by_day(ear.drawn), by_day(ear.counted)
    hits = by_day(filter(ear.asked.__getitem__, ear.drawn))
    overall = hits.total() / max(drawn.total(), 1)
    days = []
    for day in _all_days(looked.articles):
        share = hits[day] / drawn[day] if drawn[day] >= _TELLING else overall
        days.append(Day(day, looked.articles[day], alerts[day] + share * unheard[day]))
    return days, _margin(hits.total(), drawn.total()) * unheard.total()


def _all_days(some: Iterable[date]) -> Iterator[date]:
    """All from the first to the last."""
    ordinals = [day.toordinal() for day in some]
    if ordinals:
        yield from map(date.fromordinal, range(min(ordinals), max(ordinals) + 1))


def _margin(hits: int, drawn: int) -> float:
    """How far off a share may be that a sample tells, 19 times of 20: half of Wilson's interval
    (https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval), and where its middle
    lies beside the share, so much more."""
    share, spread = hits / max(drawn, 1), _SURE**2 / max(drawn, 1)
    middle = (share + spread / 2) / (1 + spread)
    half = sqrt(spread * share * (1 - share) + spread**2 / 4) / (1 + spread)
    return half + abs(middle - share)


def _near_misses(
    view: ArchiveView,
    rules: RuleSet,
    passed: Sequence[Archived],
    nearly: Sequence[list[Candidate]],
    most: int,
    elapsed: Clock,
) -> list[NearMiss]:
    """Articles that lack one thing alone, of each clause in turn, the newest first."""
    end = elapsed() + _NEAR_PATIENCE
    by_clause: defaultdict[str, list[NearMiss]] = defaultdict(list)
    groups = [iter(passed), *(_newest(view, each) for each in nearly)]
    for number, archived in enumerate(_in_turns(groups)):
        if number >= _LEAST_EXPLAINED and elapsed() > end:
            break
        (told,) = explain_rules(rules, archived.article)
        failing = [clause for clause in told.clauses if not clause.matched]
        if sum(clause.lacks for clause in failing) == 1 and _is_near(told):
            by_clause[failing[0].clause].append(NearMiss(archived, told.clauses))
    for misses in by_clause.values():
        misses.sort(key=lambda miss: -miss.archived.came)
    return list(_in_turns(map(iter, by_clause.values())))[:most]


def _is_near(told: RuleExplanation) -> bool:
    """Not what only a limit on feeds or languages keeps out: that is what such a limit is for."""
    limits = ("feeds: ", "language: ", "enabled: ")
    return not any(not c.matched and c.clause.startswith(limits) for c in told.clauses)


def _newest(view: ArchiveView, found: list[Candidate]) -> Iterator[Archived]:
    return view.articles(each.number for each in sorted(found, reverse=True)[:_LOOKED_AT])


def _in_turns(each: Iterable[Iterator[T]]) -> Iterator[T]:
    """One of each, then the next of each."""
    for several in zip_longest(*each):
        yield from (one for one in several if one is not None)


def _day(moment: float, zone: tzinfo) -> date:
    return _day_of(int(moment // _QUARTER), zone)


@lru_cache(_QUARTERS)
def _day_of(quarter: int, zone: tzinfo) -> date:
    """A zone's day begins on a quarter of an hour."""
    return datetime.fromtimestamp(quarter * _QUARTER, zone).date()
