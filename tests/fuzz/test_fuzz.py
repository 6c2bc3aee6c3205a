"""The fuzzer finds nothing: some seconds of it always, a minute in the long tests, and for as long
as one likes by hand (`python tests/fuzz/fuzz_feeds.py -runs=1000000`)."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

FUZZER = Path(__file__).with_name("fuzz_feeds.py")

pytestmark = pytest.mark.skipif(
    find_spec("atheris") is None, reason="atheris is not installed: pip install -e '.[fuzz]'"
)


def fuzz(folder: Path, seconds: int) -> None:
    """Runs the fuzzer as a child, since it takes over its process; a find is left in `folder`."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", FUZZER, f"-max_total_time={seconds}", "-max_len=1500"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=seconds + 120,
    )
    finds = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert (done.returncode, finds) == (0, {}), done.stderr[-3000:]
    assert "Done " in done.stderr


def test_some_seconds_of_fuzzing_find_nothing(tmp_path: Path) -> None:
    fuzz(tmp_path, 4)


@pytest.mark.long
def test_a_minute_of_fuzzing_finds_nothing(tmp_path: Path) -> None:
    fuzz(tmp_path, 60)
