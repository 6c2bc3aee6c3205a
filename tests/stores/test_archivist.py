"""The process that writes where articles come by the thousand: it writes what we would have written
ourselves, and its end costs nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_store_archive import DAY, NOW, Prompt, archived, stored

from monitor.stores.archive import FILE, SqliteArchive
from monitor.stores.archive_rows import line_of
from monitor.stores.archivist import Archivist

MANY = 400


@pytest.fixture(autouse=True)
def _several_cores() -> None:
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("on one processor nobody else is asked")


def test_many_articles_are_written_as_few_are(tmp_path: Path) -> None:
    texts = ["نص \ud83d الخبر", "رقم ١٢ 👍 \0", "داعش " * 30]
    articles = [archived(n, texts[n % 3], rules=("قاعدة",) * (n % 2)) for n in range(MANY)]
    kept = []
    for name, size in (("few", 20), ("many", MANY)):
        root = tmp_path / name
        root.mkdir()
        archive = Prompt(root, keep=DAY, clock=lambda: NOW)
        for start in range(0, MANY, size):
            archive.put(articles[start : start + size])
        assert (archive._archivist is not None) is (name == "many")
        archive.close()
        assert archive._archivist is None
        kept.append(stored(root))
        assert [each.name for each in root.iterdir()] == [FILE]
    assert kept[0] == kept[1]
    assert len(kept[0]) == MANY


def test_where_it_ends_we_write_ourselves(tmp_path: Path) -> None:
    archive = Prompt(tmp_path, keep=DAY, clock=lambda: NOW)
    archive.put([archived(n) for n in range(MANY)])
    assert archive._archivist is not None
    archive._archivist._process.kill()
    archive.put([archived(n) for n in range(MANY, 2 * MANY)])
    archive.put([archived(n) for n in range(2 * MANY, 3 * MANY)])
    archive.close()
    assert len(stored(tmp_path)) == 3 * MANY


def test_it_ends_once_articles_are_few_again(tmp_path: Path) -> None:
    archive = Prompt(tmp_path, keep=DAY, clock=lambda: NOW)
    archive.put([archived(n) for n in range(MANY)])
    for number in range(10):
        assert archive._archivist is not None
        archive.put([archived(MANY + number)])
    assert archive._archivist is None
    archive.close()


def test_another_file_is_written_by_another_one(tmp_path: Path) -> None:
    archive = Prompt(tmp_path, keep=DAY, clock=lambda: NOW)
    archive.put([archived(n) for n in range(MANY)])
    for path in tmp_path.iterdir():
        path.unlink()
    archive.put([archived(n) for n in range(MANY)])
    archive.close()
    assert len(stored(tmp_path)) == MANY


def test_it_refuses_what_it_cannot_write(tmp_path: Path) -> None:
    archivist = Archivist(tmp_path / FILE)  # there is none
    assert not archivist.write([line_of(archived(1))])
    assert not archivist.write([line_of(archived(1))])
    archivist.end()
    assert not list(tmp_path.iterdir())


ORPHANS = """
import os, sys
from pathlib import Path
import test_store_archive as t
archive = t.Prompt(Path(sys.argv[1]), keep=t.DAY, clock=lambda: t.NOW)
archive.put([t.archived(n) for n in range(400)])
print(archive._archivist._process.pid, flush=True)
os.kill(os.getpid(), 9)
"""


def test_it_does_not_outlive_a_killed_watcher(tmp_path: Path) -> None:
    here = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1])])
    done = subprocess.run(
        [sys.executable, "-c", ORPHANS, str(tmp_path)],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": here},
    )
    pid = int(done.stdout)
    while _lives(pid):  # until its parent's end reaches it; the suite has a time limit
        pass
    archive = SqliteArchive(tmp_path, keep=DAY, clock=lambda: NOW)
    archive.put([archived(500)])
    archive.close()
    assert len(stored(tmp_path)) == 401


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
