"""Answers for programs: JSON on stdout, in UTF-8, one value a line or one indented document.

Arabic stands as it is. Characters that end a line for some readers, act on a terminal or cannot
be encoded are written as JSON escapes, so that a line is a line everywhere and loses nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from monitor.model import Article

_ESCAPED = re.compile(r"[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


def json_line(value: object) -> str:
    """One JSON value on one line, without the newline."""
    return _ESCAPED.sub(_escape, json.dumps(value, ensure_ascii=False))


def json_document(value: object) -> str:
    """One JSON value, indented for people who read it anyway."""
    return _ESCAPED.sub(_escape, json.dumps(value, ensure_ascii=False, indent=2))


def iso(moment: datetime | float | None) -> str | None:
    """A date in UTC as 2026-03-01T09:30:00Z; floats are seconds since 1970."""
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        moment = datetime.fromtimestamp(moment, UTC)
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 feed`, `2 feeds`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def joined(parts: Iterable[str | None], between: str = ", ") -> str:
    """The parts that there are."""
    return between.join(part for part in parts if part)


def field_text(article: Article, field: str) -> str:
    """The text that a span of this field counts in."""
    match field:
        case "title":
            return article.title
        case "author":
            return article.author or ""
        case "category":
            return "\n".join(article.categories)
        case "feed":
            return (article.feed and article.feed.name) or ""
        case "feed_category":
            return (article.feed and article.feed.category) or ""
        case _:
            return article.text


def field_name(field: str) -> str:
    """A field as answers name it: an article's category and its feed's are one to a reader."""
    return "category" if field == "feed_category" else field


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"
