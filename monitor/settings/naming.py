"""Names for feeds: one line of plain text, each of its own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from urllib.parse import urlsplit

LONGEST = 200
_HARDLY_SEEN = re.compile(  # harakat, tatweel, joiners, marks of direction, soft hyphen
    "[\u00ad\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_LONGEST_HOST = 100  # letters: the end of a host tells who it is
_UNSEEN = frozenset("\u200c\u200d\u200e\u200f")  # joiners and marks that names may hold


def one_line(text: str) -> str:
    """A text as a name may be; one that is a name already stays as it is. Line ends and their like
    become single blanks, what cannot be seen goes, 200 letters stay."""
    text = text.strip()
    if len(text) <= LONGEST and all(c.isprintable() or c in _UNSEEN for c in text):
        return text
    seen = "".join(c if c.isprintable() or c in _UNSEEN else " " * c.isspace() for c in text)
    return " ".join(seen.split())[:LONGEST].strip()


def free_name(name: str, url: str, taken: Collection[str]) -> str:
    """The name, or one like it that no other feed has: with the host, then with a number."""
    if name not in taken:
        return name
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    named = _with(name, f" ({host[-_LONGEST_HOST:]})")
    number, free = 1, named
    while free in taken:
        number += 1
        free = _with(named, f" {number}")
    return free


def _with(name: str, end: str) -> str:
    return name[: LONGEST - len(end)].strip() + end


def likeness(name: str) -> str:
    """What is left of a name without what a reader hardly sees: how many blanks, capitals, harakat,
    tatweel and unseen marks."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(_HARDLY_SEEN.sub("", plain).split())
