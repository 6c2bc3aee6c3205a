"""The configuration that the polling benchmark runs rasid with, and the commands over it."""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from poll_feeds import KEYWORDS, PLACES, FeedMaker, Plan
from poll_process import Used, run

RULES = 200
_TELLING = ("RASID_CONFIG", "STATE_DIRECTORY")  # what would lead rasid elsewhere
_IMPORTS = (
    "import monitor.cli.main, monitor.cli.watch, monitor.service.once, monitor.settings.load,"
    " monitor.channels.build, monitor.app.logs, monitor.settings.known"
)


@dataclass(frozen=True, slots=True)
class Pass:
    """One `rasid once`: what it says itself, and what its process took."""

    told: dict[str, float]
    used: Used


class Desk:
    """A folder with a configuration for feeds at these addresses, and its state."""

    def __init__(self, folder: Path, urls: Sequence[str], *, polling: str = "") -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        feeds = (f"  - {{url: {url}, name: f{n}}}\n" for n, url in enumerate(urls))
        self._write("monitor.yaml", _MONITOR.format(polling=polling))
        self._write("feeds.yaml", "feeds:\n" + "".join(feeds))
        self._write("rules.yaml", "rules:\n" + "".join(_rules()))

    def once(self) -> Pass:
        """A pass over all feeds."""
        used = self.rasid("once", "--json")
        return Pass(json.loads(used.out), used)

    def rasid(self, *arguments: str) -> Used:
        """Any command over this configuration."""
        command = [sys.executable, "-m", "monitor", *arguments, "-c", str(self.folder)]
        return run(command, environ=_environ())

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, "utf-8")


def imports() -> float:
    """Seconds that a process takes that only imports what a pass needs."""
    return run([sys.executable, "-c", _IMPORTS], environ=_environ()).wall


def _environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _TELLING}


_MONITOR = """\
timezone: Asia/Baghdad
contact: benchmark@example.org
polling: {{interval: 15m, min_interval: 0s{polling}}}
allow_private: [127.0.0.0/8]
channels:
  screen: {{url: "console://"}}
"""


def _rules() -> list[str]:
    """Rules of which most find nothing, as it is: the words of some stand in the feeds."""
    rng = random.Random(7)
    words = FeedMaker(Plan(seed=99)).vocabulary
    rules = []
    for number in range(RULES):
        any_of = rng.sample(words, 4)
        places = ""
        if number < len(KEYWORDS):
            any_of[0] = KEYWORDS[number]
        elif number % 4 == 0:
            places = f"    places: [{', '.join(rng.sample(PLACES, 2))}]\n"
            any_of = [*any_of, rng.choice(KEYWORDS)]
        else:
            any_of = [f"={word} {rng.choice(words)}" for word in any_of]
        rules.append(f"  - name: r{number}\n    any: [{', '.join(any_of)}]\n{places}")
    return rules
