"""Run as a process of its own: makes rules ready, and prints the seconds and MB of each step.

    python tests/benchmarks/building.py objects|yaml DIR

DIR is a folder as end_to_end writes it. Memory is read from the kernel's account of this process:
getrusage would carry over the peak of the process that started it. Imports are not counted.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from engines import rules_of

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import compile_rules
from monitor.settings.load import load_rules

_Made = TypeVar("_Made")
_STATUS = Path("/proc/self/status")


class _Account:
    """The steps so far: seconds of each, and MB beyond those at the beginning."""

    def __init__(self) -> None:
        self.steps: list[dict[str, str | float]] = []
        self._before = _megabytes("VmRSS")

    def step(self, name: str, work: Callable[[], _Made]) -> _Made:
        start = time.perf_counter()
        made = work()
        seconds = time.perf_counter() - start
        kept, peak = (_megabytes(key) - self._before for key in ("VmRSS", "VmHWM"))
        self.steps.append({"step": name, "seconds": seconds, "kept": kept, "peak": peak})
        return made


def _megabytes(key: str) -> float:
    lines = _STATUS.read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{key}:"))


def _from_objects(directory: Path) -> list[dict[str, str | float]]:
    rules = rules_of((directory / "keywords.txt").read_text("utf-8").splitlines())
    account = _Account()
    account.step("compile_rules from Rule objects", lambda: compile_rules(rules, Gazetteer(())))
    return account.steps


def _from_yaml(directory: Path) -> list[dict[str, str | float]]:
    account = _Account()
    config = account.step("load_rules from YAML", lambda: load_rules(directory))
    account.step("then compile_rules", lambda: compile_rules(config.rules, config.gazetteer))
    return account.steps


if __name__ == "__main__":
    way = {"objects": _from_objects, "yaml": _from_yaml}[sys.argv[1]]
    print(json.dumps(way(Path(sys.argv[2]))))
