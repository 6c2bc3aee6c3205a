"""A disk that is really full costs the archive, and no alert. In a mount namespace of its own, over
a file system in memory; where the kernel does not let us, the test is skipped."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from email.utils import formatdate
from pathlib import Path

import pytest

from origin import Origin, Request, rss
from sink import Sink
from stranger import Stranger

_APART = ["unshare", "--user", "--map-root-user", "--mount"]
_LIVES = """
set -e
mount -t tmpfs -o size=112m state "$1"
pass() { "$2" -m monitor once -c "$3" --json > "$4/$1.json" 2> "$4/$1.log"; }
look() { ls "$1" > "$2"; }
pass 1 "$2" "$3" "$4"; look "$1" "$4/1.ls"
head -c 300000000 /dev/zero > "$1/filler" 2> /dev/null || true
pass 2 "$2" "$3" "$4"; look "$1" "$4/2.ls"
pass 3 "$2" "$3" "$4"; look "$1" "$4/3.ls"
rm "$1/filler"
pass 4 "$2" "$3" "$4"; look "$1" "$4/4.ls"
"""


def item(number: int, word: str, text: str = "") -> dict[str, str]:
    return {
        "title": f"خبر رقم {number} عن {word}",
        "link": f"https://news.example/{number}",
        "guid": f"n{number}",
        "content": f"تفاصيل {word} في الخبر رقم {number} كما نشرتها الصحيفة اليوم {text}",
        "pubDate": formatdate(time.time() - 600),
    }


def test_a_full_disk_costs_the_archive_and_no_alert(
    tmp_path: Path, origin: Origin, sink: Sink
) -> None:
    if shutil.which("unshare") is None or subprocess.run([*_APART, "true"]).returncode:
        pytest.skip("no mount namespace of our own")
    asked: list[Request] = []

    def news(request: Request) -> str:
        asked.append(request)
        fresh = [item(9_000 + n, "داعش") for n in range(len(asked))]
        return rss([*fresh, *(item(n, "السوق", "كلام كثير " * 300) for n in range(400))])

    origin.put("/a.xml", handler=news)
    home = Stranger(tmp_path, feeds={"a": origin.url("/a.xml")}, channels={"mail": sink.mailto})
    home.state.mkdir()
    told = tmp_path / "told"
    told.mkdir()
    command = home.command("once")
    places = [str(home.state), command[0], str(home.folder), str(told)]
    done = subprocess.run(
        [*_APART, "sh", "-c", _LIVES, "sh", *places],
        env=home.environ(),
        capture_output=True,
        encoding="utf-8",
    )
    logs = "\n".join(path.read_text("utf-8") for path in sorted(told.glob("*.log")))
    assert done.returncode == 0, done.stderr + logs
    alerts = [json.loads((told / f"{n}.json").read_text("utf-8"))["alerts"] for n in range(1, 5)]
    assert alerts == [1, 1, 1, 1], logs
    assert len(sink.messages) == 4
    there = ["archive.sqlite" in (told / f"{n}.ls").read_text("utf-8") for n in range(1, 5)]
    assert there == [True, True, False, True], logs
    assert logs.count("removed, to make room on a full disk") == 1
    assert "not archived: the disk has less than 100 MB left" in logs
