"""Alerts on a stream: a readable block each; on a terminal with the matched words highlighted, and
lines broken between words.

It must write no control character but its own colours and line ends, and begin no line with what
systemd's journal takes for a priority (sd-daemon(3)): `<0>` goes to every terminal of the machine.
"""

from __future__ import annotations

import re
import shutil
from typing import Final, TextIO

from monitor.core.alerts.inert import one_line
from monitor.core.text.lines import wrapped
from monitor.model import Limit, Marked, Message, Outcome, Receipt

LONGEST: Final = 100_000  # letters: a terminal takes any number, a reader does not
_HIGHLIGHT: Final = "\x1b[1;30;43m"
_PLAIN: Final = "\x1b[0m"
_HANG: Final = 2  # columns, so that no rest of a line passes for one of ours
_PRIORITY: Final = re.compile(r"^(?=<\d+>)")


class Console:
    """Prints messages to a stream, an empty line after each."""

    def __init__(self, name: str, out: TextIO) -> None:
        self.name = name
        self.longest = LONGEST
        self.limits: tuple[Limit, ...] = ()
        self._out = out

    def send(self, message: Message) -> Receipt:
        """RETRY where the stream does not take the text, a closed pipe for example."""
        try:
            self._out.write(self._block(message))
            self._out.flush()
        except OSError as error:
            return Receipt(Outcome.RETRY, f"cannot print: {error.strerror or error}")
        except ValueError:
            return Receipt(Outcome.RETRY, "cannot print: the stream is closed")
        return Receipt(Outcome.SENT, "printed")

    def _block(self, message: Message) -> str:
        if self._out.isatty():
            width = shutil.get_terminal_size().columns
            parts = (part for line in message.lines for part in wrapped(line, width, _HANG))
            lines = list(map(_coloured, parts))
        else:
            lines = list(map(_plain, message.lines))
        text = "".join(f"{line}\n" for line in lines) + "\n"
        encoding = self._out.encoding or "utf-8"
        return text.encode(encoding, "replace").decode(encoding)


def _plain(line: Marked) -> str:
    return _PRIORITY.sub(" ", one_line(line.text))


def _coloured(line: Marked) -> str:
    shown, at = "", 0
    for start, end in line.marks:
        shown += one_line(line.text[at:start])
        shown += f"{_HIGHLIGHT}{one_line(line.text[start:end])}{_PLAIN}"
        at = end
    return shown + one_line(line.text[at:])
