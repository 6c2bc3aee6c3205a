"""The newsroom of the command tests: its configuration folder, and how commands are run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RULES: list[dict[str, Any]] = [
    {
        "name": "داعش في مخمور",
        "any": ["داعش", "تنظيم الدولة"],
        "places": ["مخمور"],
        "examples": {
            "match": ["اشتبكت القوات مع عناصر داعش في قضاء مخمور"],
            "no_match": ["أوقفت الشرطة سائق مخمور"],
        },
    },
    {"name": "حرائق", "any": ["حريق"], "none": ["مسلسل"]},
]


@dataclass(frozen=True)
class Answer:
    """What a command left: its code, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True)
class Desk:
    """A configuration folder with the rules above, a console channel and no feed."""

    folder: Path

    def write(self, name: str, value: object) -> None:
        """Writes a file of the configuration (JSON is YAML)."""
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        (self.folder / name).write_text(text, "utf-8")

    def monitor(self, **settings: object) -> None:
        settings = {
            "timezone": "Asia/Baghdad",
            "allow_private": ["127.0.0.0/8"],
            "polling": {"min_interval": "1m", "timeout": "5s"},
            "channels": {"screen": {"url": "console://"}},
        } | settings
        self.write("monitor.yaml", settings)

    def feeds(self, *urls: str) -> None:
        feeds = [{"url": url, "name": f"صحيفة {n}"} for n, url in enumerate(urls, 1)]
        self.write("feeds.yaml", {"feeds": feeds})

    @property
    def state(self) -> Path:
        return self.folder / "state"


class Started(subprocess.Popen[bytes]):
    """A process that ends with the test that fails beside it."""

    def __exit__(self, kind: type[BaseException] | None, *about: Any) -> None:
        if kind is not None:
            self.kill()
        super().__exit__(kind, *about)


def start(*args: object, more: dict[str, str] | None = None, **options: Any) -> Started:
    """Starts a command as a process of its own, with `more` in its environment."""
    environ = {k: v for k, v in os.environ.items() if k not in ("RASID_CONFIG", "STATE_DIRECTORY")}
    command = [sys.executable, "-m", "monitor", *map(str, args)]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return Started(command, env=environ | (more or {}), **(pipes | options))
