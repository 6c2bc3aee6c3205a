"""How fast rules are tried on what is remembered, and what remembering costs.

    python tests/benchmarks/archive.py [--articles N] [--words N] [--rounds N] [--cold] [--json]

Makes an archive of made-up news, into which words and places are strewn as often as the table says,
and asks `rasid rules try` in processes of their own, in turns with the floor: a process that starts
and goes through all rows. The best of several rounds counts. With --cold the file is read from the
disk each time.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from newswire import Shape, make_news

from monitor.model import Archived, Article, FeedInfo
from monitor.stores.archive import FILE, SqliteArchive, archive_size

DAY = 86_400.0
_DIFFERENT = 4_000  # articles; the others are these, turned and with other words strewn in
_FEEDS = 200
_BATCH = 20  # articles of a check
_STREWN = {
    "في العراق": 0.3, "ببغداد": 0.12, "قصف": 0.04, "غارة جوية": 0.03, "مدينة حلب": 0.03,
    "داعش": 0.02, "صواريخ": 0.02, "مقتل عناصر": 0.02, "تنظيم الدولة": 0.01, "مقاتلو": 0.01,
    "في الموصل": 0.01, "قرب مخمور": 0.002, "سائق مخمور": 0.002,
}  # fmt: skip
_TOLD = 2_000  # articles after which all has to be written
_YEARS = 0.3  # of all articles
QUERIES = {
    "a word that nobody writes": "كلمةنادرة",
    "a word in 2 of 100": "داعش",
    "a word in 30 of 100": "العراق",
    "a word in nearly all": "في",
    "a phrase": '"تنظيم الدولة"',
    "two words, one not": "قصف AND غارة NOT داعش",
    "derived forms": "مقاتل+ OR صاروخ+",
    "NEAR": "قصف NEAR/20 داعش",
    "NEAR of common words": "العراق NEAR/5 في",
    "a common word, not one": "العراق NOT قصف",
    "counted": "count(العراق)>=2",
    "a rare place": 'place:"مخمور"',
    "a place": 'place:"الموصل"',
    "a country and all in it": 'within:"العراق"',
    "a word near a country": 'غارة NEAR/10 within:"العراق"',
    "an expression": "/عام 20[0-9][0-9]/",
    "a word and an expression": "داعش /عام 20[0-9][0-9]/",
}
_FLOOR = """
import sys
from pathlib import Path
from monitor.stores.archive import ArchiveView
with ArchiveView(Path(sys.argv[1])) as view:
    print(sum(len(row.words) for row in view.rows(0)))
"""


@dataclass(frozen=True, slots=True)
class Told:
    """One question: the seconds that its answer took, and what it says of it."""

    what: str
    query: str
    seconds: float
    candidates: int
    heard: int
    alerts: float
    margin: float
    reckoned: bool


@dataclass(frozen=True, slots=True)
class Results:
    """`written`: microseconds until an article is written, `handed` those of its caller's CPU;
    `size` bytes of the file, `floor` seconds."""

    articles: int
    letters: float
    written: float
    handed: float
    size: int
    floor: float
    told: tuple[Told, ...]


def strewn(articles: int, words: int) -> Iterator[Archived]:
    """The news, spread over two weeks up to now."""
    base = make_news(Shape(articles=min(articles, _DIFFERENT), words=words, keywords=2_000))
    rng, now = random.Random(1), time.time()
    for number in range(articles):
        article = base.articles[number % len(base.articles)]
        said = article.text.split(" ")
        turn = rng.randrange(len(said))
        said = said[turn:] + said[:turn]
        for phrase, share in _STREWN.items():
            if rng.random() < share:
                said.insert(rng.randrange(len(said)), phrase)
        if rng.random() < _YEARS:
            said.append(f"عام {rng.randrange(1990, 2026)}")
        seen = now - 13.9 * DAY * (articles - number) / articles
        feed = number % _FEEDS
        yield Archived(
            Article(
                id=f"a{number}",
                title=article.title,
                text=" ".join(said),
                link=f"https://news.example/{number}",
                published=datetime.fromtimestamp(seen, UTC),
                feed=FeedInfo(f"feed {feed}", "security", "ar"),
            ),
            f"f{feed}",
            seen,
            f"l{number}",
            f"p{number}",
        )


def fill(root: Path, articles: int, words: int) -> tuple[float, float, float]:
    """Makes an archive; (microseconds for each article until it is written, and those in which its
    caller hands it over, letters of one on average)."""
    archive = SqliteArchive(root, keep=30 * DAY, clock=time.time, patient=True)
    handed, took, letters = 0.0, 0.0, 0
    batch: list[Archived] = []
    for number, each in enumerate(strewn(articles, words), 1):
        batch.append(each)
        letters += len(each.article.title) + len(each.article.text)
        if len(batch) == _BATCH or number == articles:
            start, cpu = time.perf_counter(), time.thread_time()
            archive.put(batch)
            handed += time.thread_time() - cpu
            if number % _TOLD < _BATCH:
                archive.flush()
            took += time.perf_counter() - start
            batch = []
    archive.close()
    return took / articles * 1e6, handed / articles * 1e6, letters / articles


def run(articles: int, words: int, rounds: int, *, cold: bool = False) -> Results:
    """Makes an archive and asks all questions of it."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "state").mkdir()
        (folder / "monitor.yaml").write_text('channels: {screen: {url: "console://"}}\n')
        (folder / "feeds.yaml").write_text("feeds: []\n")
        (folder / "rules.yaml").write_text("rules: []\n")
        written, handed, letters = fill(folder / "state", articles, words)
        floors: list[float] = []
        answers: dict[str, tuple[float, dict]] = {}
        for _ in range(rounds):
            floors.append(_timed([sys.executable, "-c", _FLOOR, str(folder / "state")])[0])
            for query in QUERIES.values():
                command = [sys.executable, "-m", "monitor", "rules", "try", query, "--json"]
                if cold:
                    _forget_pages(folder / "state" / FILE)
                seconds, out = _timed([*command, "-c", str(folder)])
                if query not in answers or seconds < answers[query][0]:
                    answers[query] = seconds, json.loads(out)
        size = archive_size(folder / "state")
    told = tuple(_told(what, query, *answers[query]) for what, query in QUERIES.items())
    return Results(articles, letters, written, handed, size, min(floors), told)


def _forget_pages(path: Path) -> None:
    """Has the system read the file from the disk the next time."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _timed(command: list[str]) -> tuple[float, str]:
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    return time.perf_counter() - start, done.stdout


def _told(what: str, query: str, seconds: float, answer: dict) -> Told:
    counts = (answer[key] for key in ("candidates", "heard", "alerts", "margin", "reckoned"))
    return Told(what, query, seconds, *counts)


def render(results: Results) -> str:
    """The results as a table."""
    each = results.size / results.articles / 1000
    told = f"{results.articles:,} articles of {results.letters:,.0f} letters"
    took = f"{results.written:.0f} us each, {results.handed:.1f} of them to hand it over"
    lines = [
        f"{told}: {took}; {each:.1f} kB",
        f"floor (start, all rows): {results.floor:.2f} s",
        f"{'question':<26}{'seconds':>8}{'floors':>8}{'may fire':>10}{'heard':>8}{'alerts':>9}",
    ]
    lines += [
        f"{each.what:<26}{each.seconds:>8.2f}{each.seconds / results.floor:>8.1f}"
        f"{each.candidates:>10}{each.heard:>8}{each.alerts:>9.0f}"
        f"{f' reckoned, ± {each.margin:.0f}' if each.reckoned else ''}"
        for each in results.told
    ]
    return "\n".join(lines)


def main() -> None:
    """Runs from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--words", type=int, default=240)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    results = run(asked.articles, asked.words, asked.rounds, cold=asked.cold)
    print(json.dumps(asdict(results), ensure_ascii=False) if asked.json else render(results))


if __name__ == "__main__":
    main()
