"""A message cut to what one service takes, by us, so that no service splits it or cuts a word.

The mark of a possible repeat and the article's link, the last that is no map's, are kept longest.
This module must not know services: their limits come in as numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from monitor.core.alerts.labels import POSSIBLE_REPEAT
from monitor.core.alerts.marked import shorten
from monitor.core.alerts.render import MAPS
from monitor.model import Marked, Message

_JOINT: Final = 2  # letters that a service puts between title and body where it joins them
_LEAST_PART: Final = 20  # letters below which the rest of a line is not worth showing


def fit(message: Message, *, title: int, body: int) -> tuple[str, tuple[str, ...]]:
    """Title and lines within `title` and, both together, `body` letters. Where the message begins
    with its title, that is the title alone, no line. `title` 0 means that the service shows the
    title inside the body."""
    heading = shorten(Marked(message.subject), min(title or body, body // 2)).text
    lines = _without_title(message)
    return heading, fitted(lines, body - len(heading) - _JOINT)


def _without_title(message: Message) -> list[str]:
    lines = message.text.split("\n")
    if not message.titled:
        return lines
    at = 1 if message.possible_repeat else 0
    return [*lines[:at], *lines[at + 1 :]]


def fitted(lines: Sequence[str], limit: int) -> tuple[str, ...]:
    """The lines within `limit` letters, line ends included, the first of them whole."""
    kept: dict[int, str] = {}
    left = limit
    for index in _by_weight(lines):
        line = lines[index]
        if len(line) + 1 > left and (left <= _LEAST_PART or is_link(line)):
            continue
        kept[index] = shorten(Marked(line), left - 1).text
        left -= len(kept[index]) + 1
    return tuple(kept[index] for index in sorted(kept))


def _by_weight(lines: Sequence[str]) -> list[int]:
    links = [i for i, line in enumerate(lines) if is_link(line)]
    last = max((i for i in links if not lines[i].startswith(MAPS)), default=-1)
    others = {i for i in links if i != last}
    return sorted(
        range(len(lines)), key=lambda i: (lines[i] != POSSIBLE_REPEAT, i != last, i in others, i)
    )


def is_link(line: str) -> bool:
    """Whether a line of a message is a link: elsewhere `://` never stands unbroken."""
    return line.lower().startswith(("https://", "http://"))
