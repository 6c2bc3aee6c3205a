"""Where a document breaks off inside an entry: how much of that is whole.

Half a link would be another article, and half a title another one too, so of the last entry only
those elements count that end. This module must not parse, nor know what elements mean.
"""

from __future__ import annotations

import re

_LONGEST = 1_000_000  # letters from the end in which the last entry begins
# Sections and comments may tell of tags
_MARKS = re.compile(
    r"<!(?:(\[CDATA\[)|--)|<(/)(?:[\w.-]++:)?(?:item|entry|channel|rss|feed|rdf)(?=[\s/>])"
    r"|<(?:[\w.-]++:)?(?:item|entry)(?=[\s/>])[^<>]*+>?",
    re.IGNORECASE,
)
_ROOT_END = re.compile(r"</(?:[\w.-]++:)?(?:rss|feed|rdf)\s*+>", re.IGNORECASE)
# A section, a comment, or a tag: a start, an end, or both in one. What never ends is none.
_PIECES = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)"
    r"|<(/?)[\w:][\w:.-]*+(?:[^<>\"'/]++|\"[^\"<]*+\"|'[^'<]*+'|/(?!>))*+(/?)>",
    re.DOTALL,
)


def without_halves(text: str) -> str | None:
    """An ill-formed document up to the last whole element of the entry in which it breaks off; None
    where it breaks off in none."""
    end = _end(text)
    entry = _last_entry(text, end)
    if entry is None:
        return None
    depth, whole = 0, entry
    for piece in _PIECES.finditer(text, entry, end):
        if piece[1] is None:
            continue
        depth += -1 if piece[1] else not piece[2]
        if depth == 0:
            whole = piece.end()
    return text[:whole]


def _last_entry(text: str, end: int) -> int | None:
    """Where the inside of an entry begins that never ends."""
    at, last = max(0, len(text) - _LONGEST), None
    last_ends = {ending: text.rfind(ending) for ending in ("]]>", "-->")}
    while (mark := _MARKS.search(text, at, end)) is not None:
        at = mark.end()
        if mark[0].startswith("<!"):
            ending = "]]>" if mark[1] else "-->"
            at = text.find(ending, at) + 3 if at <= last_ends[ending] else at
        else:
            last = None if mark[2] else at
    return last


def _end(text: str) -> int:
    """Where a document ends; one that breaks off inside a section, where that begins."""
    section = text.rfind("<![CDATA[")
    if section == -1 or "]]>" in text[section:] or _ROOT_END.search(text, section):
        return len(text)
    return section
