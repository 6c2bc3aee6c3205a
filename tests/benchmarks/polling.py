"""How fast feeds are polled, against a peer and a floor, in one command.

    python tests/benchmarks/polling.py [--feeds N] [--items N] [--rounds N] [--peer reader|none]
        [--start N] [--concurrency N] [--per-host N] [--folder DIR] [--json FILE]

Everything that a ratio compares is measured in one run, in turns, over one loopback server:
`rasid once` as a process with a state on disk; lemon24/reader's update_feeds with 1, 4 and 20
workers (after the first round only with those that won a scenario); and bare asyncio streams that
read nothing. Counts are checked against what the server saw; figures are medians of the rounds.
Needs Linux. The peer is installed on demand, into an environment in the user's cache.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from statistics import median

from poll_contenders import (
    READERS_WORKERS,
    Begin,
    Contender,
    Floor,
    Took,
    rasid,
    reader,
    readers_python,
)
from poll_desk import Desk, imports
from poll_feeds import ILL_FORMED_EVERY, Plan
from poll_origin import Origin
from poll_process import run
from poll_tables import (
    FLOOR,
    OURS,
    SCENARIOS,
    Loop,
    Results,
    Row,
    Scenario,
    Start,
    bars,
    middle,
    render,
)

HOSTS = 1_000
BEFORE = 3600.0  # seconds by which the newest articles are old, so that none is from the future
_HERE = Path(__file__).parent

Passes = dict[tuple[str, str], list[Took]]


def compare(plan: Plan, begins: Mapping[str, Begin], rounds: int, folder: Path) -> Passes:
    """The passes of all contenders, by scenario and name. They take turns in each scenario, so that
    what else the machine does hits none alone."""
    passes: Passes = defaultdict(list)
    with Origin(plan, hosts=HOSTS) as origin:
        chosen = dict(begins)
        for number in range(rounds):
            contenders = {
                name: begin(folder / f"{name} {number}", origin.urls)
                for name, begin in chosen.items()
            }
            for name, scenario, took in _round(contenders, origin, plan, f"round {number + 1}"):
                passes[scenario, name].append(took)
            chosen = {name: chosen[name] for name in _worth_it(passes, chosen)}
    return passes


def _round(
    contenders: Mapping[str, Contender], origin: Origin, plan: Plan, label: str
) -> Iterator[tuple[str, str, Took]]:
    """All contenders' way through all scenarios."""
    generation = 0
    for scenario in SCENARIOS:
        generation += scenario.generations
        for name, contender in contenders.items():
            _tell(f"{label}, {scenario.name}: {name}")
            origin.turn(generation=generation, validators=scenario.validators)
            took = contender.poll()
            _check(scenario, origin, plan, generation, took, name)
            if scenario.counts:
                yield name, scenario.name, took


def _check(
    scenario: Scenario, origin: Origin, plan: Plan, generation: int, took: Took, name: str
) -> None:
    """Raises AssertionError where somebody polled more or less than asked, or rasid found other
    articles than are new."""
    counts = origin.counts()
    changed = plan.changed(generation) if scenario.generations else 0
    cold = scenario is SCENARIOS[0]
    fresh = plan.all if cold or not scenario.validators else changed
    # reader keeps no validators of feeds that it finds ill-formed, and fetches them whole again.
    ill = 0 if took.new is not None else plan.all // ILL_FORMED_EVERY + 1
    if counts.fresh + counts.not_modified != plan.all or not 0 <= counts.fresh - fresh <= ill:
        raise AssertionError(f"{name}, {scenario.name}: the server saw {counts}")
    expected = plan.all * min(plan.items, 6) if cold else changed  # 6 are of the last 24 h
    if took.new is not None and took.new != expected:
        raise AssertionError(f"{name}, {scenario.name}: {took.new} new articles, not {expected}")


def _worth_it(passes: Passes, names: Mapping[str, Begin]) -> list[str]:
    """Those to go on with: us, the floor, and the peer's ways that won a scenario."""
    peers = [name for name in names if name not in (OURS, FLOOR)]
    winners = {OURS, FLOOR}
    for scenario in SCENARIOS:
        if scenario.counts and peers:
            winners.add(
                min(peers, key=lambda n: median(p.seconds for p in passes[scenario.name, n]))
            )
    return [name for name in names if name in winners]


def measure_start(feeds: int, rounds: int, folder: Path) -> Start:
    """The start with so many feeds, small ones, that are known already."""
    plan = Plan(feeds, items=5, start=time.time() - BEFORE)
    importing = median(imports() for _ in range(rounds))
    with Origin(plan, hosts=HOSTS) as origin:
        desk = Desk(folder / "start", origin.urls)
        _tell(f"the first pass over {feeds:,} feeds")
        cold = desk.once().used.rss
        first, rss = [], []
        for number in range(rounds):
            _tell(f"start {number + 1} of {rounds} with {feeds:,} known feeds")
            origin.turn(generation=0, validators=True)
            used = desk.once().used
            began = origin.counts().first_at
            assert began is not None, "nothing was polled"
            first.append(began - used.started)
            rss.append(used.rss)
    return Start(feeds, median(first), importing, cold, median(rss))


def measure_loop(feeds: int, items: int, big: int, folder: Path) -> Loop:
    """The event loop while so many new feeds, and some big ones, are read."""
    _tell("the event loop")
    plan = Plan(feeds, items=items, big=big, start=time.time() - BEFORE)
    with Origin(plan, hosts=HOSTS) as origin:
        desk = Desk(folder / "loop", origin.urls)
        used = run([sys.executable, str(_HERE / "poll_loop.py"), str(desk.folder)])
    told = json.loads(used.out.splitlines()[-1])  # behind the alerts
    if told["read"] != plan.all:
        raise AssertionError(f"{told['read']} of {plan.all} feeds were read")
    return Loop(plan.all, told["seconds"], told["longest"], told["p99"], told["over"])


def measure(args: argparse.Namespace, folder: Path) -> Results:
    """All that the command line asks for."""
    begins: dict[str, Begin] = {OURS: rasid(args.concurrency, args.per_host)}
    if args.peer == "reader" and (python := readers_python()) is not None:
        begins |= {f"reader, workers={n}": reader(python, n) for n in READERS_WORKERS}
    begins[FLOOR] = Floor
    plan = Plan(args.feeds, items=args.items, start=time.time() - BEFORE)
    passes = compare(plan, begins, args.rounds, folder)
    rows = (
        Row(scenario, who, middle(several), len(several))
        for (scenario, who), several in passes.items()
    )
    return Results(
        conditions=_conditions(args),
        feeds=args.feeds,
        rows=tuple(rows),
        start=measure_start(args.start, args.rounds, folder) if args.start else None,
        loop=measure_loop(min(args.feeds, 300), args.items, args.big, folder) if args.big else None,
    )


def _conditions(args: argparse.Namespace) -> dict[str, float | int | str]:
    return {
        "python": sys.version.split()[0],
        "cores": os.cpu_count() or 0,
        "load": round(os.getloadavg()[0], 2),
        "feeds": args.feeds,
        "items": args.items,
        "rounds": args.rounds,
        "rasid's imports, in its process and CPU, s": round(imports(), 2),
    }


def _tell(step: str) -> None:
    print(f"... {step}", file=sys.stderr)


def main() -> None:
    """Reads the command line, runs, prints."""
    parser = argparse.ArgumentParser(description="How fast feeds are polled.")
    parser.add_argument("--feeds", type=int, default=2_000)
    parser.add_argument("--items", type=int, default=30, help="articles in each feed")
    parser.add_argument("--rounds", type=int, default=3, help="the median of so many counts")
    parser.add_argument("--peer", choices=("reader", "none"), default="reader")
    parser.add_argument("--start", type=int, default=10_000, help="known feeds at a start; 0: skip")
    parser.add_argument("--big", type=int, default=4, help="feeds of 5 MB on the loop; 0: skip")
    parser.add_argument("--concurrency", type=int, help="rasid's; else its own default")
    parser.add_argument("--per-host", type=int, help="rasid's; else its own default")
    parser.add_argument("--folder", type=Path, help="where memories are kept while it runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    args = parser.parse_args()
    if min(args.feeds, args.items, args.rounds) < 1:
        parser.error("at least one feed, one item and one round are needed")
    with tempfile.TemporaryDirectory(dir=args.folder) as made:
        results = measure(args, Path(made))
    if args.json:
        told = asdict(results) | {"bars": [asdict(b) | {"met": b.met} for b in bars(results)]}
        args.json.write_text(json.dumps(told, indent=1), "utf-8")
    print(render(results))


if __name__ == "__main__":
    main()
