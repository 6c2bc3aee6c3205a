"""What a run of the polling benchmark found, its bars, and how it is printed.

This module must measure nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from poll_contenders import Took
from tables import table

OURS, FLOOR = "rasid", "floor"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A state of the feeds to poll. `bar` and `goal`: how many times as fast as the peer."""

    name: str
    generations: int  # by which the feeds go on before the pass
    validators: bool
    bar: float = 0.0
    goal: float = 0.0

    @property
    def counts(self) -> bool:
        """Whether its figures are told; else it only leads to the next."""
        return self.bar > 0


SCENARIOS = (
    Scenario("cold", 0, validators=True, bar=2.5, goal=10),
    Scenario("304", 0, validators=True, bar=5, goal=10),
    Scenario("2 % changed, validators", 1, validators=True, bar=5, goal=10),
    Scenario("the first pass without validators", 0, validators=False),
    Scenario("2 % changed, no validators", 1, validators=False, bar=20, goal=50),
)


@dataclass(frozen=True, slots=True)
class Row:
    """The median of one contender's passes in one scenario."""

    scenario: str
    who: str
    took: Took
    rounds: int


@dataclass(frozen=True, slots=True)
class Start:
    """With so many known feeds: seconds from the start of the process to the first request, and
    those of the imports alone; the peaks in MB of a first pass and of one of 304 alone."""

    feeds: int
    first_request: float
    imports: float
    cold_rss: float
    known_rss: float


@dataclass(frozen=True, slots=True)
class Loop:
    """The heartbeat of 5 ms on the event loop. Seconds; `over` counts blocks of over 50 ms."""

    feeds: int
    seconds: float
    longest: float
    p99: float
    over: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One promise: what was wanted, at best, and measured. Less is better where `most`."""

    name: str
    bar: float
    goal: float | None
    measured: float
    most: bool

    @property
    def met(self) -> str:
        """yes, no, or that even the goal is met."""
        reached = [self._holds(limit) for limit in (self.bar, self.goal) if limit is not None]
        if not reached[0]:
            return "no"
        return "yes, and the goal" if len(reached) > 1 and reached[1] else "yes"

    def _holds(self, limit: float) -> bool:
        return self.measured <= limit if self.most else self.measured >= limit


@dataclass(frozen=True, slots=True)
class Results:
    """All that a run found. `conditions` are what one needs to know to compare two runs."""

    conditions: dict[str, float | int | str]
    feeds: int
    rows: tuple[Row, ...]
    start: Start | None
    loop: Loop | None

    def best_peer(self, scenario: str) -> Row | None:
        """The fastest of the peer's ways in a scenario."""
        peers = [r for r in self.rows if r.scenario == scenario and r.who not in (OURS, FLOOR)]
        return min(peers, key=lambda row: row.took.seconds, default=None)

    def ours(self, scenario: str) -> Row:
        """Our row in a scenario."""
        return next(r for r in self.rows if (r.scenario, r.who) == (scenario, OURS))


def middle(passes: Sequence[Took]) -> Took:
    """The median of each figure."""
    told = [one.new for one in passes if one.new is not None]
    return Took(
        *(
            median(getattr(one, name) for one in passes)
            for name in ("seconds", "wall", "cpu", "rss", "tree", "written")
        ),
        new=int(median(told)) if told else None,
    )


def bars(results: Results) -> tuple[Bar, ...]:
    """The promises that a run could judge."""
    return tuple(_bars(results))


def _bars(results: Results) -> Iterator[Bar]:
    told = [scenario for scenario in SCENARIOS if scenario.counts]
    for scenario in told:
        peer, ours = results.best_peer(scenario.name), results.ours(scenario.name).took
        if peer is not None:
            times = peer.took.seconds / ours.seconds
            name = f"{scenario.name}: times as fast as {peer.who}"
            yield Bar(name, scenario.bar, scenario.goal, times, most=False)
            more = ours.written / max(peer.took.written, 0.001)
            yield Bar(f"{scenario.name}: MB written, to its", 1, None, more, most=True)
    takes = [results.ours(scenario.name).took for scenario in told]
    rss = max(take.rss for take in takes)
    yield Bar(f"MB of the main process, {results.feeds:,} feeds", 120, None, rss, most=True)
    tree = max(take.tree for take in takes)
    yield Bar("MB with its workers", 220, None, tree, most=True)
    if (start := results.start) is not None:
        rss = max(start.cold_rss, start.known_rss)
        yield Bar(f"MB of the main process, {start.feeds:,} feeds", 250, None, rss, most=True)
        beyond = start.first_request - start.imports
        name = f"s to the first request beyond imports, {start.feeds:,} known feeds"
        yield Bar(name, 2, 0.5, beyond, most=True)
    if (loop := results.loop) is not None:
        yield Bar("ms that the event loop stands still", 50, None, loop.longest * 1e3, most=True)


def render(results: Results) -> str:
    """The results as tables in plain text."""
    return "\n\n".join(_sections(results))


def _sections(results: Results) -> Iterator[str]:
    yield "\n".join(f"{name}: {value}" for name, value in results.conditions.items())
    for scenario in SCENARIOS:
        rows = [row for row in results.rows if row.scenario == scenario.name]
        if scenario.counts and rows:
            yield table(
                (scenario.name, "s", "feeds/s", "times ours", "CPU s", "times ours",
                 "process s", "MB", "MB with children", "MB written", "passes"),
                _scenario(results, rows),
            )  # fmt: skip
    if (start := results.start) is not None:
        yield (
            f"{start.feeds:,} known feeds: first request {start.first_request:.2f} s after the"
            f" start of the process, imports alone {start.imports:.2f} s; peak"
            f" {start.cold_rss:.0f} MB in the first pass, {start.known_rss:.0f} MB in one of 304s"
        )
    if (loop := results.loop) is not None:
        yield (
            f"event loop over {loop.feeds} feeds, some of 5 MB, in {loop.seconds:.1f} s: longest"
            f" block {loop.longest * 1e3:.0f} ms, p99 {loop.p99 * 1e3:.1f} ms,"
            f" {loop.over} over 50 ms"
        )
    yield table(
        ("bar", "wanted", "goal", "measured", "met"),
        (
            (
                bar.name,
                f"{'<=' if bar.most else '>='} {bar.bar:g}",
                "" if bar.goal is None else f"{bar.goal:g}",
                f"{bar.measured:.2f}",
                bar.met,
            )
            for bar in bars(results)
        ),
    )


def _scenario(results: Results, rows: Sequence[Row]) -> Iterable[Sequence[str]]:
    ours = results.ours(rows[0].scenario).took
    for row in rows:
        took = row.took
        yield (
            row.who,
            f"{took.seconds:.2f}",
            f"{results.feeds / took.seconds:,.0f}",
            f"{took.seconds / ours.seconds:.2f}",
            f"{took.cpu:.2f}",
            f"{took.cpu / ours.cpu:.2f}",
            f"{took.wall:.2f}" if took.wall else "",
            f"{took.rss:.0f}",
            f"{took.tree:.0f}" if took.tree else "",
            f"{took.written:.1f}",
            str(row.rounds),
        )
