"""How a feed is written in feeds.yaml, and a rule in rules.yaml, so that it is read back as the
very same values.

This module must not know where in a file it goes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.settings.positions import resolve

Value = str | bool

_JOINERS = "\u200c\u200d"  # Kurdish and Persian words hold them: to be seen as they are
_HARAKAT = "\u0610-\u061a\u064b-\u065f\u0670"
# Plain for every YAML, 1.1 too: words of any script, and durations; nothing that begins a number.
_PLAIN = re.compile(
    rf"(?:(?![\d_])\w(?:[\w {_HARAKAT}{_JOINERS}./()+-]*[\w{_HARAKAT})])?|[0-9]+[smhd])"
)
_PLAIN_ADDRESS = re.compile(r"https?://[\w/.:?=&%~+@!*();$-]*[\w/]", re.ASCII)
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


@dataclass(frozen=True, slots=True)
class FeedItem:
    """A feed as feeds.yaml has it: keys and values as they are written, in their order."""

    values: tuple[tuple[str, Value], ...]

    def get(self, key: str) -> str:
        """A text of it, empty where the key is missing or holds none."""
        value = dict(self.values).get(key, "")
        return value if isinstance(value, str) else ""

    @property
    def url(self) -> str:
        return self.get("url")

    @property
    def name(self) -> str:
        return self.get("name")

    def with_value(self, key: str, value: Value) -> FeedItem:
        """The same with this value, at the key's place or at the end."""
        return FeedItem(tuple((dict(self.values) | {key: value}).items()))


RuleValue = Value | int | tuple["RuleValue", ...] | Mapping[str, "RuleValue"]


@dataclass(frozen=True, slots=True)
class RuleItem:
    """A rule as rules.yaml is to have it: keys and values, in their order."""

    values: tuple[tuple[str, RuleValue], ...]


Item = FeedItem | RuleItem


def plain(item: Item) -> dict[str, object]:
    """What is read back of an item that was written."""
    return {key: _plain_value(value) for key, value in item.values}


def _plain_value(value: RuleValue) -> object:
    if isinstance(value, tuple):
        return [_plain_value(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _plain_value(each) for key, each in value.items()}
    return value


def item_of(value: Mapping[str, object]) -> FeedItem:
    """A feed from what was read of a file without faults; keys without a value are left out."""
    return FeedItem(tuple((k, v) for k, v in value.items() if isinstance(v, str | bool)))


@dataclass(frozen=True, slots=True)
class Style:
    """How a file writes its feeds: one under another or `{in: brackets}`, as JSON, and the quotes
    around addresses (`"`, `'` or none)."""

    block: bool = False
    json: bool = False
    quote: str = '"'


def written(item: Item, style: Style, indent: str = "", line_break: str = "\n") -> str:
    """The feed or rule as it stands after `- ` or in a list in brackets; `indent` goes before the
    further lines of a block."""
    if style.block:
        lines = [line for key, value in item.values for line in _lines(key, value, style)]
        return (line_break + indent).join(lines)
    pairs = [f"{_key(key, style)}: {_value(key, value, style)}" for key, value in item.values]
    return f"{{{', '.join(pairs)}}}"


def _lines(key: str, value: RuleValue, style: Style) -> list[str]:
    """A key of a block: sentences, which are long, stand one under another."""
    if not isinstance(value, Mapping):
        return [f"{key}: {_value(key, value, style)}"]
    lines = [f"{key}:"]
    for inner, listed in value.items():
        if isinstance(listed, tuple):
            lines.append(f"  {inner}:")
            lines += [f"    - {_value(inner, each, style)}" for each in listed]
        else:
            lines += [f"  {line}" for line in _lines(inner, listed, style)]
    return lines


def _key(key: str, style: Style) -> str:
    return quoted(key) if style.json else key


def _value(key: str, value: RuleValue, style: Style) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(_value('', each, style) for each in value)}]"
    if isinstance(value, Mapping):
        pairs = (f"{_key(k, style)}: {_value(k, each, style)}" for k, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    if style.json:
        return quoted(value)
    if key == "url":
        return _address(value, style.quote)
    return value if is_plain(value) else quoted(value)


def _address(value: str, quote: str) -> str:
    if quote == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    plain = not quote and _PLAIN_ADDRESS.fullmatch(value)
    return value if plain else quoted(value)


def is_plain(text: str) -> bool:
    """Whether a text may stand without quotes, in brackets too."""
    if not _PLAIN.fullmatch(text) or text.lower() in _WORDS:
        return False
    return resolve(text) == text


def quoted(text: str) -> str:
    """The text in double quotes, as YAML and JSON read them; what cannot be seen is escaped."""
    return '"' + "".join(map(_letter, text)) + '"'


def _letter(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter.isprintable() or letter in _JOINERS:
        return letter
    code = ord(letter)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
