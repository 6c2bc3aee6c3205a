"""Log lines that no feed can forge: one line each, control and bidi characters escaped.

`human` lines are for a terminal and a file, `json` ones for journald and collectors; `auto` takes
human on a terminal. Libraries that print addresses or tokens below WARNING are kept quiet, and
known secrets are taken out of every line, of tracebacks too.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

from monitor.core.redact import Redactor

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_QUIET = {
    "apprise": logging.CRITICAL,
    "urllib3": logging.WARNING,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "apscheduler": logging.WARNING,
    "asyncio": logging.WARNING,
}


def one_line(text: str) -> str:
    """The text with everything escaped that could start a line or turn the direction."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class _Line(logging.Formatter):
    """What both forms share. Secrets go before anything is escaped, for escaping changes them."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self.redact = Redactor(secrets)

    def said(self, record: logging.LogRecord) -> str:
        return one_line(self.redact(record.getMessage()))

    def trace(self, record: logging.LogRecord, line_end: str = "\n") -> str:
        """The traceback, "" without one."""
        if not record.exc_info:
            return ""
        text = self.redact(self.formatException(record.exc_info))
        return one_line(text.replace("\n", line_end))


class _Human(_Line):
    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%F %T")
        trace = self.trace(record, " ⏎ ")
        text = f"{self.said(record)} | {trace}" if trace else self.said(record)
        return f"{when} {record.levelname.lower()} {record.name}: {text}"


class _Json(_Line):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self.said(record),
        }
        if trace := self.trace(record):
            line["exception"] = trace
        return json.dumps(line, ensure_ascii=False)


def set_up(level: str, form: str, stream: TextIO, *, secrets: Iterable[str] = ()) -> None:
    """Sends our log to `stream`, without `secrets`. `level` is a name of logging, `form` auto,
    human or json."""
    human = form == "human" or (form == "auto" and stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Human(secrets) if human else _Json(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("rasid").setLevel(level.upper())
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(least)


def guard(secrets: Iterable[str]) -> None:
    """Keeps more secrets out of the log that is set up, those of a configuration read anew."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, _Line):
            handler.formatter.redact.learn(secrets)
