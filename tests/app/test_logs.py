"""Log lines that no feed can forge."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.app.logs import change, guard, one_line, set_up

HOSTILE = "خبر\n<0>ERROR forged\x1b[31m\u202egnp\u2028next\x85line\x00\ud800"


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("rasid").setLevel(logging.NOTSET)


@pytest.mark.parametrize("form", ["human", "json"])
def test_a_hostile_title_makes_one_harmless_line(form: str) -> None:
    stream = io.StringIO()
    set_up("info", form, stream)
    logging.getLogger("rasid.feeds").info("%s", HOSTILE)
    text = stream.getvalue()
    assert text.count("\n") == 1
    assert not set(text.rstrip("\n")) & set("\x1b\u202e\u2028\x85\x00\ud800\n")
    assert "خبر" in text


@contextmanager
def journaled(tmp_path: Path) -> Iterator[tuple[TextIO, dict[str, str]]]:
    """A stream that goes to a journal, and the environment that says so."""
    with (tmp_path / "journal").open("w+", encoding="utf-8") as stream:
        status = os.fstat(stream.fileno())
        yield stream, {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}


LEVELS = [("debug", 7), ("info", 6), ("warning", 4), ("error", 3), ("critical", 2)]


@pytest.mark.parametrize("form", ["auto", "human", "json"])
def test_the_journal_gets_priorities_and_no_second_time(tmp_path: Path, form: str) -> None:
    with journaled(tmp_path) as (stream, environ):
        set_up("debug", form, stream, environ=environ)
        for level, _ in LEVELS:
            getattr(logging.getLogger("rasid.feeds"), level)("%s", HOSTILE)
        guard(["canary"])
        logging.getLogger("rasid.feeds").error("canary")
        stream.seek(0)
        *lines, last = stream.read().split("\n")[:-1]
    assert [int(line[1]) for line in lines] == [number for _, number in LEVELS]
    assert "canary" not in last
    for line in lines:
        assert line[2] == ">"
        rest = line[3:]
        told = json.loads(rest)["message"] if form == "json" else rest
        assert told.removeprefix("rasid.feeds: ").startswith("خبر\\u000a<0>ERROR forged")


def test_lines_for_people_go_by_the_clock_of_their_zone() -> None:
    record = logging.LogRecord("rasid.feeds", logging.INFO, "", 0, "خبر", None, None)
    record.created = 1_772_000_000.0
    for form, begins in (
        ("human", "2026-02-25 09:13:20 +03 info rasid.feeds: خبر"),
        ("json", '{"time": "2026-02-25T06:13:20.000+00:00"'),
    ):
        stream = io.StringIO()
        set_up("info", form, stream, zone=ZoneInfo("Asia/Baghdad"))
        logging.getLogger().handlers[0].handle(record)
        assert stream.getvalue().startswith(begins)


def test_a_stream_that_is_not_the_journal_s_gets_no_priorities(tmp_path: Path) -> None:
    stream = io.StringIO()
    set_up("info", "human", stream, environ={"JOURNAL_STREAM": "8:1"})
    logging.getLogger("rasid.feeds").info("خبر")
    assert stream.getvalue()[0] == "2"
    with (tmp_path / "log").open("w+", encoding="utf-8") as file:
        set_up("info", "human", file, environ={"JOURNAL_STREAM": "8:1"})
        logging.getLogger("rasid.feeds").info("خبر")
        file.seek(0)
        assert file.read(1) == "2"


@given(st.text(max_size=200), st.sampled_from(["human", "json"]))
def test_whatever_a_feed_writes_stays_in_its_line(text: str, form: str) -> None:
    stream = io.StringIO()
    set_up("info", form, stream)
    logging.getLogger("rasid.feeds").info("%s", text)
    told = stream.getvalue()
    assert told.splitlines(keepends=True) == [told]
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in _drawn(told[:-1]))


def _drawn(text: str) -> str:
    """The text without the signs above numbers, which act on nothing."""
    return re.sub("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2]", "", text)


@pytest.mark.parametrize("letter", ["😀", "\n", "\U000e0001", "\x00", '"'])
def test_no_line_is_so_long_that_the_journal_breaks_it(letter: str) -> None:
    for form in ("human", "json"):
        stream = io.StringIO()
        set_up("info", form, stream)
        try:
            int(letter * 1_000_000 + "the end")
        except ValueError:
            logging.getLogger("rasid.feeds").exception("%s", letter * 1_000_000)
        told = stream.getvalue()
        assert "the end" in told
        assert len(told.encode()) < 48 * 1024


def test_level_and_form_may_change_and_secrets_stay_out() -> None:
    stream = io.StringIO()
    set_up("info", "json", stream, secrets=["hunter2-hunter2"])
    logging.getLogger("rasid.x").debug("أول")
    change("debug", "human", ZoneInfo("Asia/Baghdad"))
    logging.getLogger("rasid.x").debug("ثان hunter2-hunter2")
    change("error", "json")
    logging.getLogger("rasid.x").warning("ثالث")
    (line,) = stream.getvalue().splitlines()
    assert line.endswith(" +03 debug rasid.x: ثان ***")


def test_json_lines_are_json_with_arabic_as_it_is() -> None:
    stream = io.StringIO()
    set_up("debug", "auto", stream)
    try:
        int("عطل\nثان")
    except ValueError:
        logging.getLogger("rasid.feeds").exception("خلل")
    line = json.loads(stream.getvalue())
    assert line["level"] == "error"
    assert line["message"] == "خلل"
    assert "عطل" in line["exception"]
    assert "خلل" in stream.getvalue()


def test_libraries_that_print_addresses_are_kept_quiet() -> None:
    stream = io.StringIO()
    set_up("debug", "human", stream)
    logging.getLogger("httpx").info("GET https://user:secret@a.example/")
    logging.getLogger("apprise").error("tgram://token/")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("form", ["human", "json"])
def test_secrets_stand_in_no_line_and_in_no_traceback(form: str) -> None:
    stream = io.StringIO()
    set_up("debug", form, stream, secrets=["first-canary"])
    log = logging.getLogger("rasid.outbox")
    guard(["second-canary", "pwd"])
    log.info("first-canary, %s and pwd", "second-canary")
    try:
        int("first-canary")
    except ValueError:
        log.exception("second-canary")
    text = stream.getvalue()
    assert "***, *** and ***" in text
    assert "ValueError" in text
    assert "canary" not in text


def test_ordinary_text_is_left_alone() -> None:
    assert one_line("غارة في «مخمور» – 12/7") == "غارة في «مخمور» – 12/7"
