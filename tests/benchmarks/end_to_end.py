"""`rasid match` as a process of its own: its configuration, and a pipe through it.

Start-up with many rules takes many times what a thousand articles take, so that two runs with and
without them differ by noise. So one process is kept open instead: start-up ends with its first
answer, and articles are timed from the first byte in to the last answer out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from newswire import News

_LAST = "the last of a batch"


@dataclass(frozen=True, slots=True)
class Folder:
    """A configuration with so many rules. `articles` are JSON lines without the last one, which is
    `last`; `keywords` stand one a line in keywords.txt beside rules.yaml."""

    path: Path
    rules: int
    articles: bytes
    last: bytes


def write_folder(parent: Path, news: News, rules: int) -> Folder:
    """Writes rules.yaml with one rule for each of the first keywords."""
    path = parent / str(rules)
    path.mkdir()
    keywords = news.keywords[:rules]
    written = (f"  - name: k{n}\n    any: [{word}]\n" for n, word in enumerate(keywords))
    (path / "rules.yaml").write_text("rules:\n" + "".join(written), "utf-8")
    (path / "keywords.txt").write_text("\n".join(keywords), "utf-8")
    lines = (_line(a.id, a.title, a.text) for a in news.articles)
    return Folder(path, rules, b"".join(lines), _line(_LAST, keywords[0], ""))


class Filter:
    """A running `rasid match` on one core. `start_up`: seconds until it answered an article."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        start = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "monitor", "match", "-c", str(folder.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        _pin(self._process.pid)
        self.seconds(b"")
        self.start_up = time.perf_counter() - start

    def seconds(self, articles: bytes) -> float:
        """How long the articles take, from JSON in to the last answer out."""
        to, answers = self._pipes()
        writer = threading.Thread(target=_write, args=(to, articles + self.folder.last))
        start = time.perf_counter()
        writer.start()
        for line in answers:
            if _LAST.encode() in line:
                break
        else:
            raise RuntimeError(f"rasid match ended with {self._process.wait()}")
        taken = time.perf_counter() - start
        writer.join()
        return taken

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        to, answers = self._process.stdin, self._process.stdout
        if to is None or answers is None:
            raise RuntimeError("rasid match was started without pipes")
        return to, answers

    def __enter__(self) -> Filter:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def _line(name: str, title: str, text: str) -> bytes:
    article = {"id": name, "title": title, "text": text}
    return json.dumps(article, ensure_ascii=False).encode() + b"\n"


def _write(to: IO[bytes], lines: bytes) -> None:
    to.write(lines)
    to.flush()


def _pin(pid: int) -> None:
    """Keeps a process on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(pid, {max(os.sched_getaffinity(0))})
