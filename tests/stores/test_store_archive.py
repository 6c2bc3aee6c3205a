"""The archive keeps the newest text of every article, forgets what is past its time, and never has
anybody fail: not by damage, a full disk, or being taken away."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.core.rules.shortlist import vocabulary
from monitor.errors import StateError
from monitor.model import Archived, Article, FeedInfo
from monitor.stores.archive import FILE, ArchiveView, SqliteArchive, examine
from monitor.stores.disk import Disk

DAY = 86_400.0
NOW = 1_790_000_000.0


def archived(number: int, text: str = "نص الخبر", *, seen: float = NOW, **more: object) -> Archived:
    article = Article(
        id=f"a{number}",
        title=f"خبر {number}",
        text=text,
        link=f"https://news.example/{number}",
        author="سالم",
        categories=("أمن", "العراق"),
        published=datetime.fromtimestamp(seen - 60, UTC),
        language="ar",
        feed=FeedInfo("الرافدين", "security", "ar"),
    )
    return Archived(article, "f1", seen, "link", "print", **more)


class Prompt(SqliteArchive):
    """Waits for what is written behind, so that a test can look at it."""

    def put(self, articles: Sequence[Archived]) -> None:
        super().put(articles)
        self.flush()

    def prune(self) -> None:
        super().prune()
        self.flush()

    def give_way(self) -> None:
        super().give_way()
        self.flush()


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def archive(tmp_path: Path, clock: Clock) -> Iterator[SqliteArchive]:
    made = Prompt(tmp_path, keep=30 * DAY, clock=clock)
    yield made
    made.close()


def stored(root: Path, since: float = 0.0) -> list[Archived]:
    with ArchiveView(root) as view:
        return list(view.articles(row.number for row in view.rows(since)))


def test_what_is_put_comes_back_whole_and_can_be_read_meanwhile(tmp_path, archive) -> None:
    first, second = archived(1, rules=("داعش",)), archived(2)
    archive.put([first, second])
    assert stored(tmp_path) == [second, replace(first, rules=())]
    with ArchiveView(tmp_path) as view:
        assert [(hit.rule, hit.number) for hit in view.hits(0)] == [("داعش", 1)]
        assert next(view.rows(0)).words == vocabulary(second.article)
        archive.put([archived(3)])  # neither waits for the other
    assert len(stored(tmp_path)) == 3


def test_what_is_closed_leaves_one_file_for_its_owner_alone(tmp_path, archive) -> None:
    archive.put([archived(1)])
    modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}
    archive.close()
    assert stored(tmp_path) == [archived(1)]
    assert [each.name for each in tmp_path.iterdir()] == [FILE], "a reader leaves nothing behind"


def test_an_edit_takes_the_place_of_the_text(tmp_path, archive) -> None:
    archive.put([archived(1, "قديم"), archived(2)])
    archive.put([archived(1, "جديد")])
    assert {each.article.text for each in stored(tmp_path)} == {"جديد", "نص الخبر"}


def test_it_counts_from_when_an_article_came_out(tmp_path, archive) -> None:
    old = replace(archived(1).article, published=datetime.fromtimestamp(NOW - 9 * DAY, UTC))
    undated = replace(archived(2).article, published=None)
    archive.put([Archived(old, "f", NOW), Archived(undated, "f", NOW)])
    assert [each.article.id for each in stored(tmp_path, NOW - DAY)] == ["a2"]


def test_what_is_past_its_time_goes_as_new_ones_come_and_at_upkeep(
    tmp_path, archive, clock
) -> None:
    archive.put([archived(n) for n in range(10)])
    clock.now += 31 * DAY
    archive.put([archived(100, seen=clock.now)])
    assert len(stored(tmp_path)) == 9, "two for each that comes"
    archive.prune()
    assert [each.article.id for each in stored(tmp_path)] == ["a100"]


def test_none_is_kept_where_none_is_wanted(tmp_path, archive) -> None:
    archive.put([archived(1)])
    archive.keep = 0.0
    archive.put([archived(2)])
    archive.prune()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"no database at all" * 99),
        lambda path: path.write_bytes(path.read_bytes()[:16384] + b"\xff" * 60_000),
        lambda path: sqlite3.connect(path).execute("PRAGMA user_version = 999").connection.close(),
    ],
    ids=["other", "torn", "newer"],
)
def test_a_damaged_file_is_set_aside_and_made_anew(tmp_path, archive, damage, caplog) -> None:
    archive.put([archived(n, "نص " * 400) for n in range(50)])
    archive.close()
    damage(tmp_path / FILE)
    archive.put([archived(n) for n in range(20, 70)])
    assert len(stored(tmp_path)) == 50
    assert (tmp_path / f"{FILE}.bad").exists()
    assert caplog.text.count("made anew") == 1
    assert examine(tmp_path) is None


def test_a_file_that_is_taken_away_is_made_anew(tmp_path, archive) -> None:
    archive.put([archived(1)])
    for path in tmp_path.iterdir():
        path.unlink()
    archive.put([archived(2)])
    assert [each.article.id for each in stored(tmp_path)] == ["a2"]


class Full(Disk):
    full = False

    def free(self, folder: Path) -> int:
        return 0 if self.full else super().free(folder)


def test_it_gives_way_where_the_disk_is_nearly_full_and_says_so_once(
    tmp_path, clock, caplog
) -> None:
    disk = Full()
    archive = Prompt(tmp_path, keep=DAY, clock=clock, disk=disk)
    archive.put([archived(1)])
    disk.full = True
    for number in range(5):
        archive.put([archived(number + 10)])
    assert caplog.text.count("not archived") == 1
    disk.full = False
    archive.put([archived(2)])
    archive.close()
    assert {each.article.id for each in stored(tmp_path)} == {"a1", "a2"}


FILLS_UP = """
import resource, sys, tests_path
from pathlib import Path
import test_store_archive as t
root = Path(sys.argv[1])
archive = t.Prompt(root, keep=t.DAY, clock=lambda: t.NOW)
archive.put([t.archived(1)])
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
for number in range(2, 200):
    archive.put([t.archived(number, "كلام كثير " * 500)])
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
archive.put([t.archived(500)])
archive.close()
"""


def test_writes_that_fail_half_way_leave_it_whole(tmp_path: Path) -> None:
    script = FILLS_UP.replace(", tests_path", "")
    here = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1])])
    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        check=True,
        env={**os.environ, "PYTHONPATH": here},
    )
    assert examine(tmp_path) is None
    kept = [each.article.id for each in stored(tmp_path)]
    assert kept[0] == "a500"
    assert kept[-1] == "a1"
    assert len(kept) < 150


def test_broken_letters_of_a_feed_cost_one_letter_each(tmp_path, archive) -> None:
    archive.put([archived(1, "قبل \ud83d بعد \0 صفر", rules=("\udc00",))])
    (found,) = stored(tmp_path)
    assert found.article.text == "قبل \ufffd بعد \0 صفر"


def test_a_killed_writer_leaves_what_was_put(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; import test_store_archive as t\n"
        "archive = t.Prompt(Path(sys.argv[1]), keep=t.DAY, clock=lambda: t.NOW)\n"
        "archive.put([t.archived(1), t.archived(2)]); os.kill(os.getpid(), 9)"
    )
    here = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1])])
    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], env={**os.environ, "PYTHONPATH": here}
    )
    assert len(stored(tmp_path)) == 2


def test_those_who_look_are_told_what_is_wrong(tmp_path: Path) -> None:
    assert examine(tmp_path) is None
    (tmp_path / FILE).write_bytes(b"rubbish" * 1000)
    assert examine(tmp_path) is not None
    with pytest.raises(StateError, match="not a database"), ArchiveView(tmp_path):
        pass


def test_it_keeps_to_its_size_and_the_oldest_make_room(tmp_path, clock) -> None:
    archive = Prompt(tmp_path, keep=30 * DAY, clock=clock, largest=500_000)
    for number in range(1_500):
        archive.put([archived(number, "كلام " * 200, seen=NOW + number)])
    archive.close()
    assert 300_000 < (tmp_path / FILE).stat().st_size < 700_000
    kept = [each.article.id for each in stored(tmp_path)]
    assert kept[0] == "a1499"
    assert len(kept) == len(set(kept)) > 100
    assert kept == [f"a{n}" for n in range(1499, 1499 - len(kept), -1)]


def test_room_that_is_empty_is_given_back(tmp_path, archive, clock) -> None:
    for start in range(0, 4_000, 250):
        archive.put([archived(n, "كلام " * 800) for n in range(start, start + 250)])
    clock.now += 31 * DAY
    before = _size(tmp_path)
    assert before > 20_000_000
    archive.put([archived(n, seen=clock.now) for n in range(5_000, 5_010)])
    for _ in range(5):
        archive.prune()
    archive.close()
    assert _size(tmp_path) < before / 2
    assert len(stored(tmp_path)) == 10
    assert examine(tmp_path) is None


def _size(root: Path) -> int:
    return (root / FILE).stat().st_size


def test_on_a_full_disk_it_goes_where_that_helps(tmp_path, archive, caplog) -> None:
    archive.put([archived(1)])
    archive.give_way()
    assert stored(tmp_path) == [archived(1)], "some kilobytes would help nobody"
    archive.put([archived(n, "كلام " * 800) for n in range(2, 600)])
    archive.give_way()
    assert not list(tmp_path.iterdir())
    assert caplog.text.count("removed, to make room on a full disk: ") == 1
    archive.give_way()
    archive.put([archived(9)])
    assert [each.article.id for each in stored(tmp_path)] == ["a9"]


def test_articles_are_put_without_waiting_and_left_out_where_the_disk_hangs(
    tmp_path, clock, caplog
) -> None:
    disk = Hanging()
    archive = SqliteArchive(tmp_path, keep=DAY, clock=clock, disk=disk)
    text = "كلام " * 200_000
    for number in range(12):
        archive.put([archived(number, text)])
    assert "the disk is too slow: articles are left out" in caplog.text
    disk.goes_on.set()
    archive.close()
    kept = len(stored(tmp_path))
    assert 7 <= kept <= 9
    assert f"{12 - kept} articles were left out" in caplog.text


class Hanging(Disk):
    """Answers nothing until it is let."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()

    def free(self, folder: Path) -> int:
        assert self.goes_on.wait(60)
        return super().free(folder)


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
@example("قال ٣٥٪ من المشاركين: «نعم» — ٢٠٢٤/١/٥ 👍\n\x01")
def test_texts_come_back_letter_for_letter(text: str) -> None:
    with tempfile.TemporaryDirectory() as made:
        archive = SqliteArchive(Path(made), keep=DAY, clock=lambda: NOW)
        archive.put([archived(1, text)])
        archive.close()
        assert [each.article.text for each in stored(Path(made))] == [text]


def test_an_arabic_text_takes_a_byte_a_letter(tmp_path, archive) -> None:
    texts = ["في عام ٢٠٢٤ قصف « ٣٥٪ »، کوردی: ێ ۆ ە ڕ ڵ"] * 500
    archive.put([archived(n, text * 20) for n, text in enumerate(texts)])
    archive.close()
    letters = 20 * sum(map(len, texts))
    assert _size(tmp_path) < 2.6 * letters, "the text, its words, and all else"


def test_what_may_not_be_looked_at_is_told_as_the_states_fault(tmp_path: Path) -> None:
    """As a user of the machine meets it who may not enter the service's folder; no mode shuts out
    root, so here it is a name that is too long to be looked up."""
    view = ArchiveView(tmp_path / ("x" * 300))
    assert view.exists
    with pytest.raises(StateError), view:
        pass
