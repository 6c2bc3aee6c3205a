"""Writes RSS documents for the tests. It must not need the server that serves them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, is_dataclass
from typing import Any
from xml.sax.saxutils import escape

_ITEM_TAGS = {
    "title": "title",
    "link": "link",
    "guid": "guid",
    "description": "description",
    "content": "content:encoded",
    "author": "dc:creator",
    "pubDate": "pubDate",
}


def _item(item: Any) -> str:
    values = asdict(item) if is_dataclass(item) and not isinstance(item, type) else dict(item)
    parts = [
        f"<{tag}>{escape(str(values[key]))}</{tag}>"
        for key, tag in _ITEM_TAGS.items()
        if values.get(key) is not None
    ]
    parts += [f"<category>{escape(term)}</category>" for term in values.get("categories") or ()]
    return f"<item>{''.join(parts)}</item>"


def rss(
    items: Iterable[Any],
    *,
    title: str = "صحيفة التجربة",
    link: str = "https://example.org/",
    language: str | None = "ar",
    extra: str = "",
) -> bytes:
    """An RSS 2.0 document in UTF-8. An item is a mapping or dataclass with any of title, link,
    guid, description, content, author, pubDate (texts; markup in them is escaped) and
    categories; `extra` goes into the channel as it is."""
    spoken = f"<language>{escape(language)}</language>" if language else ""
    head = f"<title>{escape(title)}</title><link>{escape(link)}</link>{spoken}{extra}"
    text = (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel>{head}{''.join(_item(item) for item in items)}</channel></rss>"
    )
    return text.encode()
