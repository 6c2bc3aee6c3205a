"""Alerts on a stream: readable, coloured on a terminal only, never a control of the feed's."""

from __future__ import annotations

import io
import os
import pty

import pytest
from channel_samples import HOSTILE, LINK, REPEAT, message

from monitor.channels.build import build
from monitor.channels.console import Console
from monitor.model import ChannelConfig, Outcome, Receipt


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_block_of_lines_without_colour_marks_or_isolates_where_nobody_looks() -> None:
    out = io.StringIO()
    channel = build(ChannelConfig("screen", "console://"), out=out)
    assert channel.name == "screen"
    assert channel.send(message(repeat=True)) == Receipt(Outcome.SENT, "printed")
    lines = out.getvalue().split("\n")
    assert lines[:2] == [REPEAT, "قصف على سنجار"]
    assert lines[-3:] == [LINK, "", ""]
    assert not set(out.getvalue()) & set("\x1b\u2068\u2069\u200e\u200f")


def test_on_a_terminal_the_matched_words_stand_out() -> None:
    out = Terminal()
    Console("screen", out).send(message())
    assert out.getvalue().startswith("\x1b[1;30;43mقصف\x1b[0m على سنجار\n")


@pytest.mark.parametrize("out", [io.StringIO(), Terminal()])
def test_a_feed_moves_no_cursor_and_forges_no_line(
    out: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    Console("screen", out).send(message(HOSTILE, excerpt=HOSTILE))
    text = out.getvalue().replace("\x1b[1;30;43m", "").replace("\x1b[0m", "")
    assert not set(text) & set("\x00\x07\x1b\r\x85\u2028\u202e\u2066")
    assert len(text.split("\n")) == len(message().lines) + 2


def test_a_terminal_gets_lines_broken_between_words_and_the_rest_indented(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    out = Terminal()
    Console("screen", out).send(message(excerpt="قصف " + "طال القصف أحياء المدينة " * 6))
    lines = out.getvalue().replace("\x1b[1;30;43m", "").replace("\x1b[0m", "").split("\n")
    assert any(line.startswith("  ") for line in lines)
    for line in lines:
        assert len(line) <= 30 or " " not in line.strip()
        assert set(line.split()) <= set(" ".join(each.text for each in message(
            excerpt="قصف " + "طال القصف أحياء المدينة "
        ).lines).split())  # fmt: skip


def test_a_title_has_no_say_in_its_priority_in_the_journal() -> None:
    out = io.StringIO()
    Console("screen", out).send(message("<0>انقلاب", excerpt="<3>خبر كاذب"))
    lines = out.getvalue().split("\n")
    assert " <0>انقلاب" in lines
    assert not any(line.startswith("<") for line in lines)


def test_a_real_terminal_gets_it() -> None:
    leader, follower = pty.openpty()
    try:
        with os.fdopen(follower, "w", encoding="utf-8") as out:
            assert Console("screen", out).send(message()).outcome is Outcome.SENT
            assert "قصف\x1b[0m على سنجار" in os.read(leader, 4096).decode("utf-8", "replace")
    finally:
        os.close(leader)


def test_a_reader_that_has_left_is_tried_later() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    out = os.fdopen(writer, "w", encoding="utf-8")
    receipt = Console("screen", out).send(message())
    assert receipt == Receipt(Outcome.RETRY, "cannot print: Broken pipe")
    with pytest.raises(BrokenPipeError):
        out.close()
    receipt = Console("screen", out).send(message())
    assert receipt == Receipt(Outcome.RETRY, "cannot print: the stream is closed")


def test_a_stream_without_arabic_shows_what_it_can() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    assert Console("screen", out).send(message("Raid خبر")).outcome is Outcome.SENT
    assert raw.getvalue().startswith(b"Raid ???\n")
