"""How fast rules match: against other engines, with many rules, and through the command.

    python tests/benchmarks/matching.py [--rules N] [--articles N] [--rounds N] [--json]

Everything that a ratio compares is measured in one run, in turns: for each batch of articles the
best of several rounds counts, so that what else the machine does hits no side alone. Needs Linux
and pyahocorasick. This module must depend on public names alone: the matcher behind them changes.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from end_to_end import Filter, Folder, write_folder
from engines import ENGINES, Engine, Find, numbers, ours, text_of
from newswire import News, Shape, make_news
from tables import Building, Part, Passing, Results, Speed, render

from monitor.core.text.normalise import fold
from monitor.core.text.tokens import words
from monitor.model import Article

_BATCH = 50
_BUILDER = Path(__file__).with_name("building.py")


@dataclass(frozen=True, slots=True)
class _Runner:
    """What is timed over the first `limit` articles."""

    find: Callable[[Article], object]
    limit: int


def run(shape: Shape, rounds: int) -> Results:
    """Makes the news of a shape and measures everything on it. Raises AssertionError where two
    engines do not find the same keywords."""
    _tell("making articles and keywords")
    news = make_news(shape)
    sizes = sizes_up_to(shape)
    with tempfile.TemporaryDirectory() as made:
        folders = [write_folder(Path(made), news, size) for size in sizes]
        _tell("building in processes of their own")
        buildings = tuple(_buildings(folders[-1]))
        _tell("the command from JSON to JSON")
        passings = _passings([folders[0], folders[-1]], news, rounds)
    speeds = _speeds(news, sizes, rounds)
    own = [speed.per_article for speed in speeds if speed.engine == ENGINES[0].name]
    _tell("parts")
    return Results(
        conditions=_conditions(news, shape, rounds),
        speeds=speeds,
        bar=own[-1] / own[0],
        passings=passings,
        buildings=buildings,
        parts=_parts(news, (sizes[0], sizes[-1]), rounds),
    )


def sizes_up_to(shape: Shape) -> tuple[int, ...]:
    """The numbers of rules that are compared: the hot ones alone, 10,000, and all."""
    return tuple(sorted({shape.hot, min(10_000, shape.keywords), shape.keywords}))


def check_agreement(name: str, find: Find, expected: Sequence[frozenset[int]], news: News) -> None:
    """Raises AssertionError at the first article in which an engine finds other keywords."""
    for article, wanted in zip(news.articles, expected, strict=False):
        found = numbers(find(article))
        if found != wanted:
            differing = [news.keywords[number] for number in found ^ wanted]
            raise AssertionError(f"{name} differs on {differing} in article {article.id}")


def _speeds(news: News, sizes: Sequence[int], rounds: int) -> tuple[Speed, ...]:
    """Every engine with every number of rules, all of them in turns."""
    expected = [numbers(find) for find in map(ours(news.keywords[: sizes[0]]), news.articles)]
    built: list[tuple[Engine, int, float]] = []
    runners: list[_Runner] = []
    for engine in ENGINES:
        for size in sizes:
            _tell(f"building {engine.name} with {size:,} rules")
            start = time.perf_counter()
            find = engine.build(news.keywords[:size])
            built.append((engine, size, time.perf_counter() - start))
            limit = max(5, 1_000_000 // size) if engine.heavy else len(news.articles)
            runners.append(_Runner(find, min(limit, len(news.articles))))
            check_agreement(engine.name, find, expected[: runners[-1].limit], news)
    _tell("engines in turns")
    return tuple(
        Speed(engine.name, size, seconds * 1e6, runner.limit, build)
        for (engine, size, build), runner, seconds in zip(
            built, runners, _race(runners, news.articles, rounds), strict=True
        )
    )


def _parts(news: News, sizes: Sequence[int], rounds: int) -> tuple[Part, ...]:
    """Where the time of an article goes, by taking ever more of the work."""
    hot, cold = news.keywords[: sizes[0]], news.keywords[sizes[0] :]
    steps: list[Callable[[Article], object]] = [
        lambda article: fold(text_of(article)),
        lambda article: words(text_of(article)),
    ]
    for size in sizes:
        steps += [ours(cold[:size]), ours((*hot, *cold[: size - len(hot)]))]
    runners = [_Runner(step, len(news.articles)) for step in steps]
    folded, split, *matched = (seconds * 1e6 for seconds in _race(runners, news.articles, rounds))
    parts = [
        Part("(folding the long way, which common letters spare)", folded),
        Part("folded words", split),
    ]
    for size, nothing, hits in zip(sizes, matched[::2], matched[1::2], strict=True):
        parts.append(Part(f"{size:,} rules that hit nothing", nothing - split))
        parts.append(Part(f"{size:,} rules: their hits with spans", hits - nothing))
    return tuple(parts)


def _race(runners: Sequence[_Runner], articles: Sequence[Article], rounds: int) -> list[float]:
    """Seconds an article for each runner: the best of the rounds for each batch, all in turns.

    What the runners hold is kept out of garbage collection, which would count all of it on any."""
    starts = range(0, len(articles), _BATCH)
    best = [[math.inf] * len(starts) for _ in runners]
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for batch, start in enumerate(starts):
            for times, runner in zip(best, runners, strict=True):
                chosen = articles[start : min(start + _BATCH, runner.limit)]
                times[batch] = min(times[batch], _seconds(runner.find, chosen))
    gc.unfreeze()
    return [sum(times) / runner.limit for times, runner in zip(best, runners, strict=True)]


def _seconds(find: Callable[[Article], object], articles: Sequence[Article]) -> float:
    start = time.perf_counter()
    for article in articles:
        find(article)
    return time.perf_counter() - start


def _passings(folders: Sequence[Folder], news: News, rounds: int) -> tuple[Passing, ...]:
    """The command with each folder's rules, fed in turns through one pipe for all rounds."""
    with ExitStack() as stack:
        filters = [stack.enter_context(Filter(folder)) for folder in folders]
        seconds = [
            min(times)
            for times in zip(
                *([each.seconds(folders[0].articles) for each in filters] for _ in range(rounds)),
                strict=True,
            )
        ]
    return tuple(
        Passing(each.folder.rules, each.start_up, len(news.articles) / taken)
        for each, taken in zip(filters, seconds, strict=True)
    )


def _buildings(folder: Folder) -> Iterator[Building]:
    """From Rule objects, and from rules.yaml."""
    for way in ("objects", "yaml"):
        command = [sys.executable, str(_BUILDER), way, str(folder.path)]
        answer = subprocess.run(command, check=True, capture_output=True)
        for step in json.loads(answer.stdout):
            yield Building(step["step"], folder.rules, step["seconds"], step["kept"], step["peak"])


def _conditions(news: News, shape: Shape, rounds: int) -> dict[str, float | int | str]:
    find = ours(news.keywords[: shape.hot])
    hits = [len(find(article)) for article in news.articles]
    texts = [text_of(article) for article in news.articles]
    hitting = sum(map(bool, hits))
    return {
        "python": sys.version.split()[0],
        "cores": os.cpu_count() or 0,
        "load": round(os.getloadavg()[0], 2),
        "rounds": rounds,
        "seed": shape.seed,
        "articles": len(texts),
        "letters": round(sum(map(len, texts)) / len(texts)),
        "words": round(sum(len(words(text)) for text in texts) / len(texts)),
        "share that hits": round(hitting / len(texts), 3),
        "keywords in each": round(sum(hits) / max(1, hitting), 2),
    }


def _tell(step: str) -> None:
    print(f"... {step}", file=sys.stderr)


def main() -> None:
    """Reads the command line, runs, prints."""
    parser = argparse.ArgumentParser(description="How fast rules match.")
    parser.add_argument("--rules", type=int, default=100_000, help="the most rules to try")
    parser.add_argument("--articles", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5, help="the best of so many counts")
    parser.add_argument("--share", type=float, default=0.6, help="of articles that hold a keyword")
    parser.add_argument("--hits", type=float, default=3.0, help="keywords in each of those")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    args = parser.parse_args()
    shape = Shape(args.articles, keywords=args.rules, share=args.share, hits=args.hits)
    if args.rules < 2 * shape.hot or args.articles < 1 or args.rounds < 1:
        parser.error(f"at least {2 * shape.hot} rules, one article and one round are needed")
    results = run(shape, args.rounds)
    print(json.dumps(asdict(results), indent=1) if args.json else render(results))


if __name__ == "__main__":
    main()
