"""Who polls in the polling benchmark: rasid, its peer lemon24/reader, and a floor.

Each begins with a memory of its own that knows all addresses and nothing else; each `poll` is one
pass over all feeds. This module must not decide what is compared.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from poll_desk import Desk
from poll_process import run

READER = ("reader>=3.16,<4", "sgmllib3k")  # its copy of feedparser needs the second
READERS_WORKERS = (1, 4, 20)
_FLOORS_CONCURRENCY = 100
_TRIAL = "from reader import make_reader; make_reader(':memory:').add_feed('http://localhost/')"
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Took:
    """What one pass took. `seconds` as told by who polls, `wall` its process from start to end
    (0: the process does more than that); `cpu` seconds; MB: `rss` of the main process, `tree` with
    its children (0: not looked at), `written` to disk. `new`: articles, as far as told."""

    seconds: float
    wall: float
    cpu: float
    rss: float
    tree: float
    written: float
    new: int | None = None


class Contender(Protocol):
    """Somebody who polls, with a memory."""

    def poll(self) -> Took: ...


class Rasid:
    """`rasid once`, as a process."""

    def __init__(self, folder: Path, urls: Sequence[str], polling: str) -> None:
        self._desk = Desk(folder, urls, polling=polling)

    def poll(self) -> Took:
        made = self._desk.once()
        told, used = made.told, made.used
        if told["failed"] or told["polled"] != told["feeds"] or told["pending"]:
            raise AssertionError(f"not all feeds were polled well: {told}")
        return Took(
            told["seconds"],
            used.wall,
            used.cpu,
            used.rss,
            used.tree,
            used.written,
            int(told["new_articles"]),
        )


class Reader:
    """reader's update_feeds alone, without the start of its process."""

    def __init__(self, folder: Path, urls: Sequence[str], python: Path, workers: int) -> None:
        folder.mkdir(parents=True)
        self._workers = workers
        self._command = [str(python), str(_HERE / "poll_reader.py"), str(folder / "reader.sqlite")]
        run([*self._command, "add"], stdin="\n".join(urls))

    def poll(self) -> Took:
        used = run([*self._command, "update", str(self._workers)])
        told = json.loads(used.out)
        return Took(told["seconds"], 0.0, told["cpu"], told["rss"], 0.0, told["written"])


class Floor:
    """Bare asyncio streams, without the start of their process."""

    def __init__(self, folder: Path, urls: Sequence[str]) -> None:
        folder.mkdir(parents=True)
        script, memory = str(_HERE / "poll_floor.py"), str(folder / "memory.json")
        self._command = [sys.executable, script, memory, str(_FLOORS_CONCURRENCY)]
        self._urls = "\n".join(urls)

    def poll(self) -> Took:
        used = run(self._command, stdin=self._urls)
        told = json.loads(used.out)
        return Took(told["seconds"], 0.0, told["cpu"], used.rss, 0.0, 0.0)


Begin = Callable[[Path, Sequence[str]], Contender]


def rasid(concurrency: int | None = None, per_host: int | None = None) -> Begin:
    """rasid, with its own defaults where None is given."""
    told = (("concurrency", concurrency), ("per_host", per_host))
    polling = "".join(f", {name}: {value}" for name, value in told if value is not None)
    return lambda folder, urls: Rasid(folder, urls, polling)


def reader(python: Path, workers: int) -> Begin:
    """reader, in that environment, with so many workers."""
    return lambda folder, urls: Reader(folder, urls, python, workers)


def readers_python() -> Path | None:
    """The interpreter of an environment with reader in it, made where there is none; None, with a
    word about it, where it cannot be had."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "rasid-benchmarks" / "reader"
    python = folder / "bin" / "python"
    steps = (
        [sys.executable, "-m", "venv", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", *READER],
        [str(python), "-c", _TRIAL],
    )
    if python.exists() and _works(steps[-1]):
        return python
    if all(map(_works, steps)):
        return python
    print("... reader cannot be installed here: going on without it", file=sys.stderr)
    return None


def _works(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0
