"""One process at a time, and none after its death."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from monitor.errors import CannotWriteError, LockedError
from monitor.stores.lock import StateLock, holder

Child = subprocess.Popen[str]
SCRIPT = Path(__file__).with_name("store_child.py")
ASK = "import sys, pathlib, monitor.stores.lock as l; print(l.holder(pathlib.Path(sys.argv[1])))"


@pytest.fixture
def start() -> Iterator[Callable[..., Child]]:
    """Starts a child and waits for its first line; ends it after the test by ending its input."""
    with ExitStack() as stack:

        def run(mode: str, root: Path) -> Child:
            command = [sys.executable, str(SCRIPT), mode, str(root)]
            child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            stack.enter_context(child)
            assert child.stdout is not None
            assert child.stdout.readline(), "the child died before it held the lock"
            return child

        yield run


def seen_from_outside(root: Path) -> str:
    command = [sys.executable, "-c", ASK, str(root)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_a_second_process_is_refused(tmp_path: Path, start: Callable[..., Child]) -> None:
    child = start("hold", tmp_path)
    with pytest.raises(LockedError, match=str(child.pid)) as caught:
        StateLock.acquire(tmp_path)
    assert caught.value.exit_code == 75
    assert holder(tmp_path) == child.pid


def test_a_killed_process_holds_nothing(tmp_path: Path, start: Callable[..., Child]) -> None:
    child = start("hold", tmp_path)
    child.kill()
    child.wait()
    assert holder(tmp_path) is None
    StateLock.acquire(tmp_path).release()


def test_an_orphan_of_a_killed_process_holds_nothing(
    tmp_path: Path, start: Callable[..., Child]
) -> None:
    child = start("fork", tmp_path)
    child.kill()
    child.wait()
    StateLock.acquire(tmp_path).release()


def test_a_lock_let_go_can_be_taken_again(tmp_path: Path) -> None:
    for _ in range(2):
        with StateLock.acquire(tmp_path) as lock:
            assert holder(tmp_path) == os.getpid()
        lock.release()
        assert holder(tmp_path) is None


def test_looking_at_our_own_lock_does_not_lose_it(tmp_path: Path) -> None:
    with StateLock.acquire(tmp_path):
        assert holder(tmp_path) == os.getpid()
        with pytest.raises(LockedError):
            StateLock.acquire(tmp_path)
        assert seen_from_outside(tmp_path) == str(os.getpid())
    assert seen_from_outside(tmp_path) == "None"


def test_two_states_have_two_locks(tmp_path: Path) -> None:
    with StateLock.acquire(tmp_path / "a"), StateLock.acquire(tmp_path / "b"):
        assert holder(tmp_path / "a") == holder(tmp_path / "b") == os.getpid()


def test_a_state_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert holder(tmp_path / "file") is None
    with pytest.raises(CannotWriteError, match="lock"):
        StateLock.acquire(tmp_path / "file")
