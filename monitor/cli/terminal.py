"""What people see: lines, highlighted words, progress. The only file that knows rich.

Where the stream is no terminal the text goes out as it is: no colour, no wrapping, no marks.
On a terminal lines are broken between words, which it would not do itself; letters are never
reordered or reshaped there either: terminals do that themselves, and doing it twice undoes it.
Nothing that a feed wrote may act: control characters are shown as U+FFFD.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator, Sequence
from math import ceil
from typing import TYPE_CHECKING, Final, TextIO

from monitor.core.text.lines import cells, wrapped
from monitor.model import Marked

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

# C0 and C1 but tab and newline, and the controls that could turn a whole line around
_ACTING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
HIGHLIGHT = "bold black on yellow"
_BARS: Final = "▁▂▃▄▅▆▇█"
_NONE: Final = "·"
_QUIET: Final = 10.0  # seconds between two lines of progress where there is no terminal


def visible(text: str) -> str:
    """The text with everything that a terminal would obey shown instead, one letter for one."""
    return _ACTING.sub("\N{REPLACEMENT CHARACTER}", text)


class Screen:
    """A stream for people. Every method writes whole lines."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.is_terminal = self.out.isatty()
        self._console = _console(self.out) if self.is_terminal else None

    def line(self, text: str = "", style: str | None = None, *, hang: int = 2) -> None:
        """One line; `style` is rich's (`bold`, `dim`, `red`) and shows on a terminal only. Where it
        is too long for that, the rest is indented by `hang` more than the line is, so that nothing
        passes for a line of ours."""
        self.marked(Marked(text), style=style, hang=hang)

    def marked(
        self, text: Marked, *, indent: str = "", style: str | None = None, hang: int = 2
    ) -> None:
        """One line with its marked parts highlighted; without a terminal just the line."""
        shown = visible(text.text)  # one character for one: the marks stay right
        if self._console is None:
            self.out.write(f"{indent}{shown}\n")
            return
        marks = tuple((start + len(indent), end + len(indent)) for start, end in text.marks)
        for line in _paragraphs(Marked(indent + shown, marks)):
            for part in wrapped(line, self._console.width, hang):
                self._print(part, style)

    def verbatim(self, text: str, style: str | None = None) -> None:
        """One line that is to be copied: it is broken nowhere."""
        if self._console is None:
            self.line(text)
        else:
            self._print(Marked(visible(text)), style)

    def _print(self, part: Marked, style: str | None) -> None:
        from rich.text import Text

        line = Text(part.text, style=style or "")
        for start, end in part.marks:
            line.stylize(HIGHLIGHT, start, end)
        if self._console is not None:
            self._console.print(line, soft_wrap=True)

    def heading(self, text: str) -> None:
        """A title over what follows, after an empty line."""
        self.line()
        self.line(text, style="bold")

    def rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Columns in order, parted by two blanks; the last one is free to be long or Arabic. On a
        terminal rows that are too wide for it are not aligned, so that they take no more lines."""
        if not rows:
            return
        widths = [max(map(cells, column)) for column in list(zip(*rows, strict=False))[:-1]]
        lines = [_aligned(row, widths) for row in rows]
        if self._console is not None and max(map(cells, lines)) > self._console.width:
            lines = ["  ".join(filter(None, row)) for row in rows]
        for line in lines:
            self.line(line, hang=4)


class Counter:
    """Progress of long work, on stderr: a bar where that is a terminal, gone at the end; elsewhere
    a line now and then, once the work takes long. Not for work whose answers go to the same
    terminal meanwhile."""

    def __init__(self, what: str, *, every: int = 1) -> None:
        self._what = what
        self._every = every
        self._is_terminal = sys.stderr.isatty()
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._told = time.monotonic()

    def show(self, done: int, total: int | None = None) -> None:
        """How many are done, and of how many where that is known."""
        if done % self._every:
            return
        if done == total:
            self.close()
        elif self._is_terminal:
            self._move(done, total)
        elif time.monotonic() - self._told >= _QUIET:
            self._told = time.monotonic()
            of = f" of {total}" if total else ""
            sys.stderr.write(f"{done}{of} {self._what}\n")
            sys.stderr.flush()

    def close(self) -> None:
        """Clears the bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _move(self, done: int, total: int | None) -> None:
        if self._bar is None:
            self._bar, self._task = _bar(self._what, total)
        if self._task is not None:
            self._bar.update(self._task, completed=done, total=total)


def sparkline(values: Sequence[float]) -> str:
    """Each value as a bar of eight heights, the highest value the highest; nothing as a dot."""
    most = max(values, default=0.0)
    return "".join(
        _BARS[max(ceil(value / most * len(_BARS)) - 1, 0)] if value > 0 else _NONE
        for value in values
    )


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=False)]
    return "  ".join([*padded, row[-1]]).rstrip()


def _paragraphs(text: Marked) -> Iterator[Marked]:
    """The lines that a text is already, each with its marks."""
    start = 0
    for line in text.text.split("\n"):
        end = start + len(line)
        within = [(a - start, b - start) for a, b in text.marks if start <= a and b <= end]
        yield Marked(line, tuple(within))
        start = end + 1


def _bar(what: str, total: int | None) -> tuple[Progress, TaskID]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(file=sys.stderr, force_terminal=True)
    columns = (BarColumn(), MofNCompleteColumn(), "{task.description}", TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True)
    bar.start()
    return bar, bar.add_task(what, total=total)


def _console(out: TextIO) -> Console:
    from rich.console import Console

    return Console(file=out, force_terminal=True, highlight=False, markup=False, emoji=False)
