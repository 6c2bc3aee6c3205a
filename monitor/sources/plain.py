"""HTML to plain text, for rules to match and messages to quote: paragraphs parted by newlines.

One scan from left to right that takes linear time and no recursion on any input. The standard
html.parser takes quadratic time on unclosed comments and tags, as feeds may send them. This
module must not judge what is content and what is not: it drops only what no reader sees.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from monitor.sources.mojibake import from_latin, unspoiled

_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body br caption center dd details div dl dt fieldset"
        " figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hr html legend li main nav ol"
        " optgroup option p pre section select summary table tbody td tfoot th thead title tr ul",
    )
)
_RAW = frozenset(("script", "style"))  # without an end tag, they reach to the end
_UNSEEN = _RAW | {"template", "noscript", "iframe", "object", "svg", "math", "textarea"}

# What a < may open; of a tag without quotes, its end or the next < as well
_OPEN = re.compile(
    r"<(?:(!--)|(!\[CDATA\[)|([!?])|(/?)([a-zA-Z][^\s<>/\"'=]*+)(?:([^<>\"']*+)([<>]))?)"
)
_BRACKET = re.compile("[<>]")
# A tag as nearly all are: its quotes in pairs and no bracket in it, so that it ends at the next >;
# and comments and declarations of the same kind
_TIDY_TAG = re.compile(
    r"</?([a-zA-Z][a-zA-Z0-9]*+)(?:[\s/](?:[^<>\"']|\"[^<>\"]*+\"|'[^<>']*+')*+)?+>"
    r"|<!--(?:[^<>-]++|-(?!->))*+-->|<(?:!(?!--|\[CDATA\[)|\?)[^<>]*+>"
)
_LONELY = re.compile(r"<(?!/?[a-zA-Z]|[!?])")
_QUOTED = re.compile(r"(?:[^<>\"']++|\"[^\"]{0,2000}+\"|'[^']{0,2000}+'){0,400}+>")
_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))")
_HUGE_REFERENCE = re.compile(r"&#(?:[0-9]{8}|[xX][0-9a-fA-F]{7})[0-9a-fA-F]*;?")
# As HTML has them (html.unescape)
_REFERENCE = re.compile(r"&(?:#[0-9]++;?|#[xX][0-9a-fA-F]++;?|[^\t\n\f <&#;]{1,32}+;?)")
_BLANKS = [chr(each) for each in range(0x3001) if chr(each).isspace() and chr(each) not in " \n"]
_UNREADABLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
_LOOKS_MARKED = re.compile(
    r"<(?=/?[a-zA-Z])/?(?:a|abbr|b|big|br|center|cite|code|div|em|font|h[1-6]|i|iframe|img|li|mark"
    r"|ol|p|q|s|script|small|span|strong|style|sub|sup|svg|table|td|tr|tt|u|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_MOST_RETRIES = 50  # of tags whose quotes do not pair, before quotes are no longer looked at
_ENDS = {name: re.compile(rf"</{name}(?![\w-])", re.IGNORECASE) for name in _UNSEEN}


class Text(NamedTuple):
    """A run of text, its references decoded."""

    text: str


class Tag(NamedTuple):
    """A start or end tag; `name` in lower case, `attributes` as written between name and >."""

    name: str
    is_end: bool
    attributes: str

    @property
    def hides(self) -> bool:
        """Whether it begins something that no reader sees."""
        return self.name in _UNSEEN and not self.is_end and not self.attributes.endswith("/")

    def attribute(self, name: str) -> str:
        """The value of an attribute, its references decoded; empty where there is none."""
        for match in _ATTRIBUTE.finditer(self.attributes):
            if match[1].lower() == name:
                return unescape(match[2] or match[3] or match[4] or "")
        return ""


def scan(markup: str) -> Iterator[Text | Tag]:
    """The texts and tags of a piece of HTML, in order. Comments, declarations and the inside of
    what no reader sees (scripts, styles …) are left out; that of a CDATA section is text."""
    for piece in _Scanner(markup).run():
        yield Text(piece) if isinstance(piece, str) else piece


def is_block(name: str) -> bool:
    """Whether an element of this name begins and ends a paragraph or line."""
    return name in _BLOCKS


def unescape(text: str) -> str:
    """Decodes character references; one beyond Unicode becomes U+FFFD."""
    if "&" not in text:
        return text
    return _REFERENCE.sub(_letters, _HUGE_REFERENCE.sub("\ufffd", text))


def _letters(reference: re.Match[str]) -> str:
    return _meant(reference[0])


@lru_cache(4096)  # a text holds few different ones
def _meant(reference: str) -> str:
    return html.unescape(reference)


def plain(markup: str) -> str:
    """The text that a reader of this HTML sees, with a newline where a block or line ends.

    Markup that was escaped once too often (no tag, but &lt;p&gt;) is read as markup."""
    if "<" not in markup:
        markup = unescape(markup)
        if not _LOOKS_MARKED.search(markup):
            return tidy(markup.replace("\n", " "))
    text = _tidily(markup)
    return tidy(_carefully(markup) if text is None else text)


def _tidily(markup: str) -> str | None:
    """The text of markup whose tags can be cut out as they stand; None for any other. It comes to
    what the scan does, in a third of the time."""
    pieces: list[str] = _TIDY_TAG.split(markup)
    names = [name.lower() if name else "" for name in pieces[1::2]]
    lonely = markup.count("<") - len(names)
    if (lonely and lonely != len(_LONELY.findall(markup))) or not _UNSEEN.isdisjoint(names):
        return None
    pieces[1::2] = ["\n" if is_block(name) else "" for name in names]
    if "&" in markup or "\n" in markup:
        pieces[::2] = [unescape(text).replace("\n", " ") for text in pieces[::2]]
    return "".join(pieces)


def _carefully(markup: str) -> str:
    """The text of any markup."""
    parts: list[str] = []
    for piece in _Scanner(markup).run():
        if isinstance(piece, str):
            parts.append(piece.replace("\n", " ") if "\n" in piece else piece)
        elif piece.name in _BLOCKS:
            parts.append("\n")
    return "".join(parts)


def looks_marked(text: str) -> bool:
    """Whether a text that nobody calls markup holds a tag of the usual ones."""
    return _LOOKS_MARKED.search(text) is not None


def plain_title(text: str, *, is_markup: bool) -> str:
    """A title in one line. Where nobody says whether it is markup, it is if it looks like it."""
    if is_markup or _LOOKS_MARKED.search(text):
        text = plain(text)
    return " ".join(tidy(text).split())


def tidy(text: str) -> str:
    """Drops control characters, collapses blanks, and leaves out empty lines; Arabic that was
    encoded twice is undone."""
    text = from_latin(unspoiled(text))
    if text.isprintable() and "  " not in text:  # in one line: most texts
        return text.strip(" ")
    return _squeezed(_without_blanks(text)).strip(" \n")


def paragraphs(text: str) -> str:
    """A text that is no markup: empty lines part its paragraphs, other line breaks are blanks."""
    text = _without_blanks(from_latin(unspoiled(text)))
    text = text.replace("\n\n", "\x00").replace("\n", " ").replace("\x00", "\n")
    return _squeezed(_without_blanks(text)).strip(" \n")


def _without_blanks(text: str) -> str:
    """The text without control characters, with single blanks and none at a line's ends. Each step
    is one of those that take some nanoseconds a letter, whatever the letters."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.replace("\n", " ").isprintable():
        for blank in _BLANKS:
            text = text.replace(blank, " ")
        if _UNREADABLE.search(text):
            text = _UNREADABLE.sub("", text)
    while "  " in text:
        text = text.replace("  ", " ")
    return text.replace(" \n", "\n").replace("\n ", "\n")


def _squeezed(text: str) -> str:
    """The text without empty lines."""
    while "\n\n" in text:
        text = text.replace("\n\n", "\n")
    return text


class _Scanner:
    """The state of one scan: where we are, and which ends are known not to come any more."""

    def __init__(self, markup: str) -> None:
        self._markup = markup
        self._ended: set[str] = set()
        self._hiding = set(_UNSEEN)
        self._retries = 0

    def run(self) -> Iterator[str | Tag]:
        """The texts and tags. What is begun by a < that opens nothing is a part of its text."""
        markup, at, told = self._markup, 0, 0  # up to `told`, all is given
        while (opening := markup.find("<", at)) != -1:
            match = _OPEN.match(markup, opening)
            if match is None or match[7] == "<":
                at = opening + 1
                continue
            piece, at = self._piece(match)
            if at < 0:
                at = opening + 1
                continue
            if opening > told:
                yield unescape(markup[told:opening])
            told = at
            if piece is None:
                continue
            yield piece
            if isinstance(piece, Tag) and piece.name in self._hiding and piece.hides:
                told = at = self._hidden_end(piece.name, at)
        if told < len(markup):
            yield unescape(markup[told:])

    def _piece(self, match: re.Match[str]) -> tuple[str | Tag | None, int]:
        """What an opening < begins, and where it ends: -1 where it begins nothing."""
        comment, cdata, declaration, slash, name, attributes, bracket = match.groups()
        if bracket:
            return Tag(name.lower(), bool(slash), attributes.strip()), match.end()
        if comment:
            return None, self._after("-->", match.end(), match.end())
        if cdata:
            end = self._find("]]>", match.end())
            inside = self._markup[match.end() : end] if end != -1 else ""
            return unescape(inside), end + 3 if end != -1 else match.end()
        if declaration:
            return None, self._after(">", match.end(), match.end())
        end = self._tag_end(match.end(5))
        if end == -1:
            return None, -1
        return Tag(name.lower(), bool(slash), self._markup[match.end(5) : end].strip()), end + 1

    def _tag_end(self, at: int) -> int:
        """Where the > of a tag stands, beyond those in quoted attributes; -1 for nowhere."""
        bracket = _BRACKET.search(self._markup, at)
        if bracket is None:
            return -1
        end = bracket.start() if bracket[0] == ">" else -1
        attributes = self._markup[at : bracket.start()]
        unpaired = end == -1 or attributes.count('"') % 2 or attributes.count("'") % 2
        if unpaired and self._retries < _MOST_RETRIES:
            whole = _QUOTED.match(self._markup, at)
            if whole:
                return whole.end() - 1
            self._retries += 1
        return end

    def _hidden_end(self, name: str, at: int) -> int:
        """Where the end tag of something hidden begins; without one, a script hides the rest."""
        found = _ENDS[name].search(self._markup, at)
        if found:
            return found.start()
        self._hiding.remove(name)
        return len(self._markup) if name in _RAW else at

    def _after(self, end: str, at: int, otherwise: int) -> int:
        found = self._find(end, at)
        return found + len(end) if found != -1 else otherwise

    def _find(self, end: str, at: int) -> int:
        """Where `end` stands next; a failed search is not repeated, so all take linear time."""
        if end in self._ended:
            return -1
        found = self._markup.find(end, at)
        if found == -1:
            self._ended.add(end)
        return found
