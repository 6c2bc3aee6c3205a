"""Log lines that no feed can forge."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from monitor.app.logs import guard, one_line, set_up

HOSTILE = "خبر\nERROR forged\x1b[31m\u202egnp\u2028next\x85line\x00\ud800"


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
