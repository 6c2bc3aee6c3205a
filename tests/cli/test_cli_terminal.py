"""On a terminal matched words stand out, and Arabic is left to the terminal to set."""

from __future__ import annotations

import os
import pty
import re
from pathlib import Path

from newsroom import start

TITLE = "اشتباكات قرب مخمور"
TEXT = "اشتبكت القوات مع عناصر من داعش في قضاء مخمور " + "وسقط جرحى نقلوا إلى المشفى " * 12
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def typed(*args: object, more: dict[str, str] | None = None) -> str:
    """What a command writes to a terminal of 40 columns."""
    ours, theirs = pty.openpty()
    environ = {"TERM": "xterm-256color", "COLUMNS": "40"} | (more or {})
    with start(*args, stdout=theirs, more=environ) as process:
        os.close(theirs)
        written = b""
        while chunk := _read(ours):
            written += chunk
        _, err = process.communicate(timeout=20)
    os.close(ours)
    assert (process.returncode, err) == (0, b"")
    return written.decode().replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # the other side is closed: Linux says EIO
        return b""


def article(folder: Path) -> Path:
    path = folder / "article.txt"
    path.write_text(f"{TITLE}\n{TEXT}\n", "utf-8")
    return path


def test_matched_words_are_highlighted(desk, tmp_path):
    out = typed("explain", article(tmp_path), "-c", desk.folder)
    assert re.search("\x1b\\[[0-9;]*43m" + "داعش", out)


def test_paragraphs_are_neither_wrapped_nor_reordered(desk, tmp_path):
    out = ANSI.sub("", typed("explain", article(tmp_path), "-c", desk.folder))
    assert out.splitlines()[0] == TITLE
    plain = ANSI.sub("", typed("parse", _feed(tmp_path)))
    assert TEXT.strip() in plain.splitlines()


def test_no_color_is_respected(desk, tmp_path):
    out = typed("explain", article(tmp_path), "-c", desk.folder, more={"NO_COLOR": "1"})
    assert "43m" not in out
    assert TITLE in ANSI.sub("", out)


def _feed(folder: Path) -> Path:
    path = folder / "feed.xml"
    path.write_text(
        f"<rss version='2.0'><channel><title>صحيفة</title><item><title>{TITLE}</title>"
        f"<description>{TEXT}</description></item></channel></rss>",
        "utf-8",
    )
    return path
