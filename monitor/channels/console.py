"""Alerts on a stream: a readable block each, with the matched words highlighted on a terminal.

It must write no control character but its own colours and line ends, and begin no line with what
systemd's journal takes for a priority (sd-daemon(3)): `<0>` goes to every terminal of the machine.
"""

from __future__ import annotations

import re
from typing import Final, TextIO

from monitor.core.alerts.inert import one_line
from monitor.model import Limit, Marked, Message, Outcome, Receipt

LONGEST: Final = 100_000  # letters: a terminal takes any number, a reader does not
_HIGHLIGHT: Final = "\x1b[1;30;43m"
_PLAIN: Final = "\x1b[0m"
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
        coloured = self._out.isatty()
        lines = (_coloured(line) if coloured else _plain(line) for line in message.lines)
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
