"""YAML with positions: a file as plain Python values, and where each key and value stands.

Meanings are those of the YAML 1.2 core schema (https://yaml.org/spec/1.2.2/#103-core-schema):
`22:00`, `no`, `yes` and `on` are text. Only plain scalars are resolved. Tags beyond that schema,
repeated keys and merge keys are errors. This is the only file that knows PyYAML; it must not know
what any key means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import yaml

from monitor.settings.layout import cause
from monitor.settings.scalar import index_of, lines_to
from monitor.settings.yaml_text import (
    Misread,
    Position,
    decode,
    refuse_controls,
    syntax_reason,
)

try:
    from yaml._yaml import CParser as _Parser
except ImportError:  # PyYAML was built without libyaml: 15 times slower, the same result

    class _Parser(  # type: ignore[no-redef]  # one name for the two parsers, by design
        yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser, yaml.composer.Composer
    ):
        def __init__(self, stream: str) -> None:
            yaml.reader.Reader.__init__(self, stream)
            yaml.scanner.Scanner.__init__(self)
            yaml.parser.Parser.__init__(self)
            yaml.composer.Composer.__init__(self)


MAX_DEPTH = 50  # our own files nest 6 deep
MAX_ALIASED = 100_000  # values that aliases may add to a file: enough for any honest use

MAX_DIGITS = 300  # a longer run of digits is no number of ours; int() refuses one of 4,300

Path = tuple[str | int, ...]


_COMMENT = re.compile(r"[ \t]+(#[^\n]*)")

_PLAIN, _TEXT, _MAPPING, _SEQUENCE = "?", "!", "map", "seq"
_CORE = "tag:yaml.org,2002:"


class _Composer(_Parser):
    """Composes nodes whose tag is one of the four kinds above, or a tag written in the file."""

    def resolve(self, kind: type[yaml.Node], _value: Any, implicit: Any) -> str:
        if kind is yaml.ScalarNode:
            return _PLAIN if implicit[0] else _TEXT
        return _MAPPING if kind is yaml.MappingNode else _SEQUENCE

    def descend_resolver(self, _parent: Any, _index: Any) -> None:
        """Part of the composer's interface; we resolve nothing by path."""

    def ascend_resolver(self) -> None:
        """See above."""


class Extent(NamedTuple):
    """From where to where a value is written, as indexes into the text; `flow`: in brackets."""

    start: int
    end: int
    flow: bool


class Document:
    """A file as read. `value` is made of dict, list, str, int, float, bool and None. `faults` are
    those that reading could go on after: repeated and merge keys, tags."""

    def __init__(
        self,
        value: object = None,
        root: yaml.Node | None = None,
        faults: Sequence[Misread] = (),
        text: str = "",
    ) -> None:
        self.value = value
        self.text = text
        self.faults = tuple(faults)
        self._root = root

    def get(self, path: Path) -> object:
        """The plain value at a path that exists; KeyError or IndexError otherwise."""
        value: Any = self.value
        for part in path:
            value = value[part]
        return value

    def at(self, path: Path) -> Position:
        """Where the value starts; of a path that leads too far, the last value that exists."""
        return _start(self._walk(path)[1])

    def key_at(self, path: Path) -> Position:
        """Where the key starts (for an item of a list: the item)."""
        return _start(self._walk(path)[0])

    def extent(self, path: Path) -> Extent | None:
        """Where the value at a path is written; None where there is none. What an alias repeats is
        written elsewhere."""
        node = self._walk(path)[1]
        if node is None:
            return None
        return Extent(node.start_mark.index, _end(node, self.text), bool(_flow(node)))

    def key_start(self, path: Path) -> int:
        """Where the key at the end of a path begins, as an index into the text."""
        node = self._walk(path)[0]
        return 0 if node is None else int(node.start_mark.index)

    def inside(self, path: Path, offset: int) -> Position:
        """Where the character `offset` of a text stands, however the text is written."""
        node = self._walk(path)[1]
        start = _start(node)
        if not isinstance(node, yaml.ScalarNode):
            return start
        source = self.text[node.start_mark.index : node.end_mark.index]
        index = index_of(source, node.style, node.value, offset)
        if index is None:
            return start
        breaks, column = lines_to(source, index)
        return Position(start.line + breaks, column + (1 if breaks else start.column))

    def comment_after(self, path: Path) -> str | None:
        """The comment behind a text that is written without quotes, on its line."""
        node = self._walk(path)[1]
        if not isinstance(node, yaml.ScalarNode) or node.style:
            return None
        found = _COMMENT.match(self.text, node.end_mark.index)
        return found[1] if found else None

    def _walk(self, path: Path) -> tuple[yaml.Node | None, yaml.Node | None]:
        """The node of the key and of the value at the end of the path."""
        key = value = self._root
        for part in path:
            found = _child(value, part)
            if found is None:
                break
            key, value = found
        return key, value


def parse(data: bytes) -> Document:
    """Reads a file's bytes: UTF-8, with or without a byte order mark. An empty file has the value
    None. Raises Misread at the first fault after which nothing can be read."""
    text = decode(data)
    refuse_controls(text)
    try:
        if _may_be_deep(text):
            _refuse_deep(text)
        root = _Composer(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        raise _misread(error, text) from None
    except yaml.YAMLError as error:
        raise Misread(f"is no YAML: {' '.join(str(error).split())}") from None
    reader = _Reader(text)
    value = None if root is None else reader.read(root, 0)
    return Document(value, root, reader.faults, text)


# --- from nodes to values -----------------------------------------------------------------------


class _Reader:
    """Turns nodes into values, each node once: aliases share the value of their anchor."""

    def __init__(self, text: str) -> None:
        self.faults: list[Misread] = []
        self._text = text
        self._done: dict[int, tuple[object, int]] = {}  # id of a node -> its value and its size
        self._open: set[int] = set()
        self._aliased = 0
        self._size = 0  # values read so far, aliases expanded

    def read(self, node: yaml.Node, depth: int) -> object:
        if type(node) is yaml.ScalarNode:
            self._size += 1
            return self._scalar(node)
        known = self._done.get(id(node))
        if known is not None:
            return self._again(node, *known)
        if id(node) in self._open:
            raise Misread("an alias stands inside the value that it repeats", _start(node))
        if depth >= MAX_DEPTH:
            raise Misread("nested too deeply", _start(node))
        self._open.add(id(node))
        before = self._size
        mapping = isinstance(node, yaml.MappingNode)
        value = self._mapping(node, depth) if mapping else self._sequence(node, depth)
        self._size += 1
        self._open.discard(id(node))
        self._done[id(node)] = (value, self._size - before)
        return value

    def _again(self, node: yaml.Node, value: object, size: int) -> object:
        self._size += size
        self._aliased += size
        if self._aliased > MAX_ALIASED:
            raise Misread("repeated by aliases too often", _start(node))
        return value

    def _mapping(self, node: Any, depth: int) -> dict[str, object]:
        self._check_tag(node, _MAPPING, "map")
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node)
            if key in values:
                self.faults.append(Misread("repeated key", _start(key_node), key))
            elif key is not None:
                values[key] = self.read(value_node, depth + 1)
        return values

    def _key(self, node: Any) -> str | None:
        try:
            return _key(node)
        except Misread as fault:
            self.faults.append(fault)
            return None

    def _sequence(self, node: Any, depth: int) -> list[object]:
        self._check_tag(node, _SEQUENCE, "seq")
        return [self.read(item, depth + 1) for item in node.value]

    def _check_tag(self, node: Any, kind: str, core: str) -> None:
        if node.tag not in (kind, _CORE + core):
            self.faults.append(_foreign(node))

    def _scalar(self, node: Any) -> object:
        tag, text = node.tag, node.value
        if tag == _PLAIN:
            if node.start_mark.line != node.end_mark.line:
                self._refuse_swallowed(node)
            return resolve(text)
        if tag not in (_TEXT, _CORE + "str"):
            value = resolve(text)
            if tag == _CORE + _TAGS.get(type(value), ""):
                return value
            self.faults.append(_foreign(node))
        return text

    def _refuse_swallowed(self, node: Any) -> None:
        """An item that stands a little too far to the right belongs, to YAML, to the text of the
        one above; nobody means that."""
        start, end = node.start_mark, node.end_mark
        found = _SWALLOWED.search(self._text[start.index : end.index])
        if found is None:
            return
        line = start.line + self._text.count("\n", start.index, start.index + found.end())
        reason = "'- ' inside the value above: check the indentation, or put it all in quotes"
        self.faults.append(Misread(reason, Position(line + 1, len(found[1]) + 1)))


_SWALLOWED = re.compile(r"\n([ \t]*)-[ \t]")
_TAGS: dict[type, str] = {int: "int", float: "float", bool: "bool", type(None): "null"}


def _key(node: Any) -> str:
    """A key as written: `no: …` and `1: …` are named `no` and `1`."""
    if type(node) is not yaml.ScalarNode:
        raise Misread("a key must be text", _start(node))
    if node.tag == _PLAIN and node.value == "<<":
        raise Misread("merge keys are no part of YAML 1.2", _start(node), "<<")
    if node.tag == _PLAIN and not node.value:
        raise Misread("a key is missing before the colon", _start(node))
    if node.tag not in (_PLAIN, _TEXT, _CORE + "str"):
        raise _foreign(node)
    return str(node.value)


def _foreign(node: Any) -> Misread:
    tag = node.tag.replace(_CORE, "!!")
    return Misread(f"the tag {tag[:60]!a} is not accepted here", _start(node))


_NUMBER = re.compile(
    r"(?P<int>[-+]?[0-9]+)|0o(?P<oct>[0-7]+)|0x(?P<hex>[0-9a-fA-F]+)"
    r"|(?P<float>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<inf>[-+]?\.(?:inf|Inf|INF))|(?P<nan>\.(?:nan|NaN|NAN))"
)
_WORDS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def resolve(text: str) -> object:
    """What a plain scalar means in the YAML 1.2 core schema."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789+-." or len(text) > MAX_DIGITS:
        return text
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text
    if number["int"]:
        return int(text)
    if number["oct"] or number["hex"]:
        return int(text, 0)
    if number["float"]:
        return float(text)
    return float(text.lower().replace(".", ""))


# --- positions ----------------------------------------------------------------------------------


def _start(node: yaml.Node | yaml.Event | None) -> Position:
    if node is None or node.start_mark is None:
        return Position(1, 1)
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)


def _end(node: Any, text: str) -> int:
    """Where the last letter of a value stands. A block's own mark lies behind the blank lines and
    comments that follow it."""
    if isinstance(node, yaml.ScalarNode):
        at: int = node.end_mark.index
        return len(text[node.start_mark.index : at].rstrip()) + node.start_mark.index
    if _flow(node) or not node.value:
        return int(node.end_mark.index)
    if isinstance(node, yaml.SequenceNode):
        return _end(node.value[-1], text)
    return max(_end(part, text) for part in node.value[-1])


def _flow(node: Any) -> bool:
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _child(node: Any, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    if isinstance(node, yaml.MappingNode):
        return next(((k, v) for k, v in node.value if k.value == part), None)
    return None


# --- faults -------------------------------------------------------------------------------------


def _misread(error: yaml.MarkedYAMLError, text: str) -> Misread:
    """The parser's complaint in plain words; an unclosed bracket is shown where it opens."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Misread("is no YAML")
    at_end = mark.index >= len(text.rstrip()) or any(
        end in str(error.problem) for end in ("end of stream", "document indicator")
    )
    opened = error.context_mark
    if opened is not None and (at_end or _is_open(error, text)):
        mark = opened
    lines = text.split("\n", mark.line + 1)
    rest = lines[mark.line][mark.column :] if mark.line < len(lines) else ""
    reason = syntax_reason(str(error.context or ""), str(error.problem), rest)
    if "comma is missing" in reason and "،" in "".join(lines[mark.line : mark.line + 1]):
        reason += " (the Arabic comma ، is none)"
    told = cause(text, mark.line, mark.column, reason)
    return Misread(told.reason, Position(told.line + 1, told.column + 1))


def _is_open(error: yaml.MarkedYAMLError, text: str) -> bool:
    """Whether a bracket of a line above was left open, and not a comma left out here: what comes
    is a key, an item or another bracket's end."""
    opened, met = error.context_mark, error.problem_mark
    if opened is None or met is None or "flow" not in str(error.context):
        return False
    here = text[met.index : met.index + 2]
    return bool(opened.line < met.line and (here[:1] in ("", ":", "]", "}") or here == "- "))


_STEEP = re.compile(r"\n {200}|(?:[-?][ \t]+){100}")
_BRACKETS = re.compile(r"[\[{]|[\]}]")


def _may_be_deep(text: str) -> bool:
    """A cheap look, with false alarms: libyaml composes by recursion, and 100,000 levels overflow
    the stack of the process (seen with PyYAML 6.0.3)."""
    depth = 0
    for bracket in _BRACKETS.finditer(text):
        depth = depth + 1 if bracket[0] in "[{" else max(depth - 1, 0)
        if depth > 200:
            return True
    return _STEEP.search(text) is not None


def _refuse_deep(text: str) -> None:
    """The exact look: over the parser's events, which come one by one without recursion."""
    depth = 0
    for event in _events(text):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise Misread("nested too deeply", _start(event))


def _events(text: str) -> Iterator[yaml.Event]:
    parser = _Composer(text)
    while (event := parser.get_event()) is not None:
        yield event
