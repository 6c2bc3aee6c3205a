"""A file of the user's is replaced whole, and stays what it was but for what is in it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from monitor.errors import CannotWriteError
from monitor.settings.replace import alone_in, write_whole


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_mode_and_owner_stay_and_nothing_lies_about(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text("old")
    path.chmod(0o640)
    before = path.stat()
    write_whole(path, b"new")
    after = path.stat()
    assert path.read_bytes() == b"new"
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode,
        before.st_uid,
        before.st_gid,
    )
    assert after.st_mtime_ns >= before.st_mtime_ns
    assert names(tmp_path) == ["feeds.yaml"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_another_user_stays_theirs(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text("old")
    os.chown(path, 4321, 1234)
    write_whole(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == (4321, 1234)


def test_a_link_stays_one_and_leads_to_what_is_new(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    real = tmp_path / "elsewhere" / "real.yaml"
    real.write_text("old")
    link = tmp_path / "feeds.yaml"
    link.symlink_to("elsewhere/real.yaml")
    write_whole(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert names(real.parent) == ["real.yaml"]


def test_a_read_only_file_is_left_alone() -> None:
    """Of whoever is not root, whom no mode stops; pytest's own folder is shut to others."""
    script = (
        "import os, pathlib\nfrom monitor.settings.replace import write_whole\n"
        "if os.geteuid() == 0:\n    os.setgroups([])\n    os.setresgid(*[4321] * 3)\n"
        "    os.setresuid(*[4321] * 3)\n"
        "write_whole(pathlib.Path('feeds.yaml'), b'new')\n"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        path = folder / "feeds.yaml"
        path.write_text("old")
        path.chmod(0o444)
        command = [sys.executable, "-c", script]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert "CannotWriteError: cannot write feeds.yaml: it is read-only" in done.stderr
        assert path.read_text() == "old"
        assert names(folder) == ["feeds.yaml"]


def test_a_new_file_is_as_open_as_its_neighbour(tmp_path: Path) -> None:
    like = tmp_path / "feeds.yaml"
    like.write_text("")
    like.chmod(0o600)
    write_whole(tmp_path / "feeds.opml", b"new", like=like)
    assert (tmp_path / "feeds.opml").stat().st_mode == like.stat().st_mode


def test_where_it_cannot_be_written_all_is_as_before(tmp_path: Path) -> None:
    folder = tmp_path / "feeds.yaml"  # a folder cannot be replaced by a file
    (folder / "inside").mkdir(parents=True)
    with pytest.raises(CannotWriteError, match=r"feeds\.yaml"):
        write_whole(folder, b"new")
    assert names(tmp_path) == ["feeds.yaml"]
    with pytest.raises(CannotWriteError):
        write_whole(tmp_path / "nowhere" / "feeds.yaml", b"new")


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(pipe, b"new")
        assert os.read(reader, 100) == b"new"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_two_edits_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "count"
    path.write_text("0")

    def count() -> None:
        for _ in range(20):
            with alone_in(tmp_path):
                write_whole(path, str(int(path.read_text()) + 1).encode())

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_text() == "80"
