"""What a run of the matching benchmark found, and how it is printed.

This module must measure nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Speed:
    """One engine with so many rules. `per_article` in microseconds, `build` in seconds, over the
    first `articles` of all."""

    engine: str
    rules: int
    per_article: float
    articles: int
    build: float


@dataclass(frozen=True, slots=True)
class Passing:
    """`rasid match` from JSON to JSON on one core: seconds until its first answer, then articles
    a second."""

    rules: int
    start_up: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Building:
    """A step of making ready so many rules in a process of its own: seconds, and MB resident after
    it and at its peak, both beyond what was there before."""

    step: str
    rules: int
    seconds: float
    kept: float
    peak: float


@dataclass(frozen=True, slots=True)
class Part:
    """Microseconds an article that one part of the work takes, all parts before it apart."""

    part: str
    per_article: float


@dataclass(frozen=True, slots=True)
class Results:
    """All that a run found. `conditions` are what one needs to know to compare two runs; `bar`:
    our cost an article with the most rules over that with the fewest, with the same hits."""

    conditions: dict[str, float | int | str]
    speeds: tuple[Speed, ...]
    bar: float
    passings: tuple[Passing, ...]
    buildings: tuple[Building, ...]
    parts: tuple[Part, ...]


def render(results: Results) -> str:
    """The results as tables in plain text."""
    return "\n\n".join(_sections(results))


def _sections(results: Results) -> Iterator[str]:
    yield "\n".join(f"{name}: {value}" for name, value in results.conditions.items())
    sizes = sorted({speed.rules for speed in results.speeds})
    for size in sizes:
        yield _engines([speed for speed in results.speeds if speed.rules == size])
    yield (
        f"{sizes[-1]:,} rules against {sizes[0]:,} with the same hits:"
        f" {results.bar:.2f} times the cost an article (wanted: at most 1.5)"
    )
    yield table(
        ("rasid match, one core, JSON to JSON", "start-up s", "articles/s (wanted: 1,000)"),
        ((f"{p.rules:,} rules", f"{p.start_up:.2f}", f"{p.per_second:,.0f}")
         for p in results.passings),
    )  # fmt: skip
    yield table(
        (f"making {results.buildings[0].rules:,} rules ready", "s", "MB more", "MB more at peak"),
        ((b.step, f"{b.seconds:.2f}", f"{b.kept:,.0f}", f"{b.peak:,.0f}")
         for b in results.buildings),
    )  # fmt: skip
    yield table(
        ("part of rasid's work", "us/article"),
        ((part.part, f"{part.per_article:.0f}") for part in results.parts),
    )


def _engines(speeds: Sequence[Speed]) -> str:
    own = speeds[0].per_article
    return table(
        (f"{speeds[0].rules:,} rules", "us/article", "articles/s", "to ours", "build s", "over"),
        ((s.engine, f"{s.per_article:,.0f}", f"{1e6 / s.per_article:,.0f}",
          f"{s.per_article / own:.2f}", f"{s.build:.2f}", f"{s.articles:,}")
         for s in speeds),
    )  # fmt: skip


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns, the first to the left and numbers to the right."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )
