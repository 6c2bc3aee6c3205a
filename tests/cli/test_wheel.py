"""What people install is the wheel: it holds all that the program needs, and no more."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources, unpacked as pip does."""
    work = tmp_path_factory.mktemp("wheel")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "monitor", work / "monitor", ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, work)
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", work / "dist", work],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    if "No matching distribution found for setuptools" in done.stderr:
        pytest.skip("no package index here to build with")
    assert done.returncode == 0, done.stderr
    (wheel,) = (work / "dist").iterdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(work / "site")
    return work / "site"


def rasid(site: Path, cwd: Path, *args: str) -> subprocess.CompletedProcess[str]:
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("RASID", "STATE_"))}
    return subprocess.run(
        [sys.executable, "-m", "monitor", *args],
        cwd=cwd, env={**environ, "PYTHONPATH": str(site)},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_it_holds_what_is_in_the_sources(unpacked: Path) -> None:
    def listed(root: Path) -> set[str]:
        files = (p for p in (root / "monitor").rglob("*") if p.is_file())
        return {str(p.relative_to(root)) for p in files if "__pycache__" not in p.parts}

    assert listed(unpacked) == listed(ROOT)
    top = {path.name for path in unpacked.iterdir() if not path.name.endswith(".dist-info")}
    assert top == {"monitor"}


def test_it_works_outside_the_repository(unpacked: Path, tmp_path: Path) -> None:
    where = subprocess.run(
        [sys.executable, "-c", "import monitor; print(monitor.__file__)"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(unpacked))
    assert rasid(unpacked, tmp_path, "init", "desk").returncode == 0
    checked = rasid(unpacked, tmp_path, "check", "-c", "desk")
    assert (checked.returncode, checked.stderr) == (0, "")
    schema = rasid(unpacked, tmp_path, "schema", "rules").stdout
    assert (tmp_path / "desk/schema/rules.json").read_text("utf-8") == schema
    assert rasid(unpacked, tmp_path, "demo").returncode == 0
