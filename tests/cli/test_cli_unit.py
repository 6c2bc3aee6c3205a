"""The systemd unit says what systemd understands."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "systemd" / "rasid.service"


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a command that exists on this machine."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    copy = tmp_path / "rasid.service"
    text = UNIT.read_text("utf-8")
    assert "/opt/rasid/bin/rasid" in text
    copy.write_text(text.replace("/opt/rasid/bin/rasid", sys.executable), "utf-8")
    return copy


def test_verify_finds_nothing(unit):
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_folder_of_the_socket_that_the_starter_names_is_there():
    starter = UNIT.parents[1] / "config" / "monitor.yaml"
    assert "/run/rasid/metrics.sock" in starter.read_text("utf-8")
    assert "RuntimeDirectory=rasid\n" in UNIT.read_text("utf-8")


def test_the_service_is_shut_in(unit):
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=11", unit],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
