"""Prints alerts to a stream; on a terminal the matched words stand out.

Terminals order and join Arabic letters themselves, so nothing is reshaped here. This module must
not write anything to the stream that a feed could have put there to steer a terminal: messages come
cleaned.
"""

from __future__ import annotations

from typing import TextIO

from monitor.model import Marked, Message, Outcome, Receipt

_MARK, _TITLE, _PLAIN = "\x1b[1;30;43m", "\x1b[1m", "\x1b[0m"
_RULER = "─" * 60


class Console:
    """A channel that prints. One message is one block between rulers, written in one call."""

    def __init__(self, name: str, out: TextIO) -> None:
        self.name = name
        self._out = out

    def send(self, message: Message) -> Receipt:
        """Prints the message; RETRY where the stream takes nothing."""
        marked = self._out.isatty()
        lines = [highlight(line) if marked else line.text for line in message.lines]
        subject = f"{_TITLE}{message.subject}{_PLAIN}" if marked else message.subject
        try:
            self._out.write("\n".join((_RULER, subject, *lines, "")))
            self._out.flush()
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            return Receipt(Outcome.RETRY, f"nothing can be printed: {error}")
        return Receipt(Outcome.SENT, "printed")


def highlight(line: Marked) -> str:
    """The line with its marks as ANSI colours."""
    parts, end = [], 0
    for start, stop in line.marks:
        parts += [line.text[end:start], _MARK, line.text[start:stop], _PLAIN]
        end = stop
    return "".join((*parts, line.text[end:]))
