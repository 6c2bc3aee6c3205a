"""Documents that a server put into something else: a page, a string of XML or JSON, names that are
another format's. This module must not parse them.
"""

from __future__ import annotations

import html
import json
import re

from monitor.errors import FeedError

_HEAD = 10_000  # letters in which a page that is none shows it
# A feed that a server put into a page, as which it shows no reader anything
_WRAPPED = re.compile(
    r"(?:[^<]++|<!--.*?-->|<[!?][^>]*+>)*+<html[^>]*+>\s*+(?:<head[^>]*+>.*?</head>\s*+)?"
    r"(?:<body[^>]*+>\s*+)?(?:<pre[^>]*+>\s*+)?<(rss|feed|rdf:RDF)[\s>]",
    re.DOTALL | re.IGNORECASE,
)
_END_TAGS = re.compile(r"</[a-z]+\s*>", re.IGNORECASE)
# What a web service answers that was written to give a text
_STRING = re.compile(
    r"(?:<\?xml[^<>]*+>\s*+)?<(?:[\w.-]{1,100}+:)?string(?:\s[^<>]*+)?>\s*+"
    r"(?:(?=&lt;)|<!\[CDATA\[\s*+(?=<))"
)
_QUOTED = re.compile(r"\"\s*+(?:\\[rnt]\s*+)*+(?:<|\\u003[cC]|\{)")
_ITEM = re.compile(r"<(?:([\w.-]{1,100}+):)?(?:item|entry)[\s/>]")
_OWN_NAMES = re.compile(
    r"(<(?:rss|rdf|channel|item|feed|entry)\b[^<>]*?)\sxmlns\s*=\s*(?:\"[^\"<>]*+\"|'[^'<>]*+')"
)
_LARGEST_RENAMED = 1_000_000  # letters: it is read twice


def from_page(text: str) -> str:
    """The feed itself, where a server put it into a page. Raises FeedError for a page."""
    wrapped = _WRAPPED.match(text[:_HEAD])
    if wrapped is None:
        raise FeedError("an HTML page, not a feed")
    end = text.rfind(end_tag := f"</{wrapped[1]}>")
    behind = text[end + len(end_tag) :] if end != -1 else ""
    if _END_TAGS.sub("", behind).strip():  # a page that shows a feed among other things
        raise FeedError("an HTML page, not a feed")
    return text[wrapped.start(1) - 1 : len(text) - len(behind)]


def from_string(text: str) -> str:
    """The document itself, where it stands in a string: <string>&lt;rss…</string>, "<rss…"."""
    string = _STRING.match(text)
    if string is not None:
        inside = text[string.end() : text.rfind("</")]
        return inside.rpartition("]]>")[0] if "<![CDATA[" in string[0] else html.unescape(inside)
    if not _QUOTED.match(text):
        return text
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return told if isinstance(told, str) else text


def is_misnamed(text: str) -> bool:
    """Whether a document in which no items were found may have some by other names."""
    return _ITEM.search(text) is not None


def plainly_named(text: str) -> str | None:
    """A document whose items go by names of another namespace, <x:item>, or under one that is not
    a feed's, with the plain names that are meant; None where they have these."""
    item = _ITEM.search(text) if len(text) <= _LARGEST_RENAMED else None
    if item is None:
        return None
    named = re.sub(rf"(</?){re.escape(item[1])}:", r"\1", text) if item[1] else text
    named = _OWN_NAMES.sub(r"\1", named)
    return None if named == text else named
