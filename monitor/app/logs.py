"""Log lines that no feed can forge: one line each, control and bidi characters escaped.

`human` lines are for a terminal and a file, `json` ones for collectors; `auto` takes human on a
terminal and under systemd's journal, which has a line's time itself. There each line begins with
its priority (`<3>`, sd-daemon(3)), and none is so long that the journal would break it: what a feed
wrote could then begin a line of its own. Libraries that print addresses or tokens below WARNING are
kept quiet, and known secrets are taken out of every line, of tracebacks too.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from types import MappingProxyType
from typing import TextIO

from monitor.core.redact import Redactor

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
LONGEST = 5_000  # letters of a message, and of its traceback: 40 kB at most, and journald takes 48
_TAIL = 2_000  # of them from its end, where a traceback says what went wrong
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
    return _cut(_UNSAFE.sub(_escaped, _cut(text)))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - _TAIL]} … {text[-_TAIL:]}"


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def journal(environ: Mapping[str, str], stream: TextIO) -> bool:
    """Whether that stream goes to systemd's journal: $JOURNAL_STREAM names its device and inode
    (systemd.exec(5)), since a child that was given another stream inherits the variable too."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


class _Line(logging.Formatter):
    """What both forms share. Secrets go before anything is escaped, for escaping changes them."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self.redact = redact

    def said(self, record: logging.LogRecord) -> str:
        return one_line(self.redact(record.getMessage()))

    def trace(self, record: logging.LogRecord, line_end: str = "\n") -> str:
        """The traceback, "" without one."""
        if not record.exc_info:
            return ""
        text = self.redact(self.formatException(record.exc_info))
        return one_line(text.replace("\n", line_end))


class _Human(_Line):
    def __init__(self, redact: Redactor, zone: tzinfo | None) -> None:
        super().__init__(redact)
        self._zone = zone

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).astimezone(self._zone)
        return f"{when:%F %T %Z} {record.levelname.lower()} {self.told(record)}"

    def told(self, record: logging.LogRecord) -> str:
        """The line without what the journal knows itself."""
        trace = self.trace(record, " ⏎ ")
        text = f"{self.said(record)} | {trace}" if trace else self.said(record)
        return f"{record.name}: {text}"


class _Journal(logging.Formatter):
    """Lines with their priority, which the journal takes off again."""

    def __init__(self, line: _Line) -> None:
        super().__init__()
        self.line = line

    def format(self, record: logging.LogRecord) -> str:
        line = self.line
        text = line.told(record) if isinstance(line, _Human) else line.format(record)
        return f"<{_priority(record.levelno)}>{text}"


def _priority(level: int) -> int:
    """As syslog(3) numbers them."""
    steps = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
    return next((number for least, number in steps if level >= least), 7)


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


def set_up(
    level: str,
    form: str,
    stream: TextIO,
    *,
    secrets: Iterable[str] = (),
    environ: Mapping[str, str] = MappingProxyType({}),
    zone: tzinfo | None = None,
) -> None:
    """Sends our log to `stream`, without `secrets`. `level` is a name of logging, `form` auto,
    human or json; `environ` tells whether the stream goes to the journal, `zone` whose clock lines
    for people go by (None: the machine's)."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        _formatter(form, stream, Redactor(secrets), zone, journaled=journal(environ, stream))
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("rasid").setLevel(level.upper())
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(least)


def change(level: str, form: str, zone: tzinfo | None = None) -> None:
    """Puts another level, form and zone in force for the log that is set up; nothing where none
    is."""
    for handler, line in _ours():
        journaled = isinstance(handler.formatter, _Journal)
        handler.setFormatter(
            _formatter(form, handler.stream, line.redact, zone, journaled=journaled)
        )
        logging.getLogger("rasid").setLevel(level.upper())


def guard(secrets: Iterable[str]) -> None:
    """Keeps more secrets out of the log that is set up, those of a configuration read anew."""
    for _, line in _ours():
        line.redact.learn(secrets)


def _formatter(
    form: str, stream: TextIO, redact: Redactor, zone: tzinfo | None, *, journaled: bool
) -> logging.Formatter:
    human = form == "human" or (form == "auto" and (journaled or stream.isatty()))
    line = _Human(redact, zone) if human else _Json(redact)
    return _Journal(line) if journaled else line


def _ours() -> Iterator[tuple[logging.StreamHandler[TextIO], _Line]]:
    for handler in logging.getLogger().handlers:
        formatter = handler.formatter
        line = formatter.line if isinstance(formatter, _Journal) else formatter
        if isinstance(handler, logging.StreamHandler) and isinstance(line, _Line):
            yield handler, line
