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


def typed(*args: object, more: dict[str, str] | None = None, code: int = 0) -> str:
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
    assert (process.returncode, err) == (code, b"")
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


def test_lines_are_broken_between_words_and_letters_keep_their_order(desk, tmp_path):
    out = ANSI.sub("", typed("explain", article(tmp_path), "-c", desk.folder))
    assert out.splitlines()[:2] == ["matches: داعش في مخمور", TITLE]
    plain = ANSI.sub("", typed("parse", _feed(tmp_path)))
    assert " ".join(TEXT.split()) in " ".join(plain.split())
    for line in (*out.splitlines(), *plain.splitlines()):
        assert len(line) <= 40 or " " not in line.strip(), line


def test_what_is_to_be_copied_is_broken_nowhere(desk, tmp_path):
    long = "https://paper.example/" + "section/" * 9
    (tmp_path / "long.txt").write_text(f"{TITLE}\n{TEXT} {long} {TEXT}", "utf-8")
    desk.feeds(long)
    for args in (("feeds", "list"), ("rules", "add", "--yes", "--dry-run", "--name", "قاعدة",
                 "--any", "،".join(f"كلمة{n}" for n in range(9)))):  # fmt: skip
        out = ANSI.sub("", typed(*args, "-c", desk.folder)).splitlines()
        assert any(long in line or ("كلمة0, كلمة1" in line and "كلمة8]" in line) for line in out)


def test_a_feed_is_a_few_short_lines_its_name_first(desk):
    desk.feeds("https://paper.example/one.xml", "https://paper.example/two.xml")
    out = ANSI.sub("", typed("feeds", "list", "-c", desk.folder))
    assert out.splitlines()[:3] == [
        "صحيفة 1",
        "  new, never checked",
        "  https://paper.example/one.xml",
    ]


def test_status_of_a_desk_is_read_at_a_glance(desk):
    desk.feeds("https://paper.example/one.xml")
    out = ANSI.sub("", typed("status", "-c", desk.folder))
    assert "feeds     1: 0 ok, 0 failing, 0 gone, 1\n          new\n" in out


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
