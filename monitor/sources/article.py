"""Reads one article from a file or page: plain text, HTML, or JSON.

For `explain` and `match`, which ask what rules say of a text that stands in no feed. This module
must not fetch.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

from monitor.errors import DataError
from monitor.model import Article, FeedInfo
from monitor.sources.encoding import decode
from monitor.sources.plain import tidy
from monitor.sources.roots import Kind, root_of
from monitor.sources.webpage import WebPage

LARGEST_DOCUMENT = 20_000_000  # bytes

_PAGE = re.compile(
    r"\s*<(?:!doctype\s+html|html|head|body|\?xml[^>]*>\s*<(?:!doctype\s+)?html)\b", re.IGNORECASE
)
_FRAGMENT = re.compile(
    r"\s*<(?:article|main|section|div|p|h1|title|meta|!--)[\s>/-]", re.IGNORECASE
)
_A_FEED = "a feed, not an article; `rasid parse` shows its entries"
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_article(data: bytes, content_type: str | None = None) -> Article:
    """An article from bytes; `content_type` is the server's word, where there is one.

    Text: the first line is the title. HTML: the page's title and main text. JSON: an object, as
    `article_from_json` takes it. Raises DataError for JSON that is no article, for a feed, and
    where there is no text at all."""
    if len(data) > LARGEST_DOCUMENT:
        raise DataError(f"larger than {LARGEST_DOCUMENT} bytes")
    told = (content_type or "").lower()
    text = decode(data, told).text.lstrip("\ufeff")
    if "json" in told or (not told and text.lstrip().startswith("{")):
        told_in_json = _load(text)
        if isinstance(told_in_json, dict) and {"items", "text"} & told_in_json.keys() == {"items"}:
            raise DataError(_A_FEED)
        return article_from_json(told_in_json)
    if "html" in told or _PAGE.match(text) or (not told and _FRAGMENT.match(text)):
        return _from_page(text)
    root = root_of(text.lstrip())
    if root.kind is Kind.FEED and root.is_first:
        raise DataError(_A_FEED)
    return _from_text(text)


def article_from_json(value: object) -> Article:
    """An article from a decoded JSON value: {"title", "text"} and optional id, link, published
    (ISO 8601; UTC where it names no zone), author, categories; feed, category and language of its
    feed side by side, or feed as {"name", "category", "language"}. Other keys are left alone.
    `title` and `text` are taken as they are, so that offsets hold. Raises DataError."""
    if not isinstance(value, dict):
        raise DataError("not a JSON object")
    if value.get("title") is None and value.get("text") is None:
        raise DataError("neither a title nor a text")
    identity = value.get("id")
    return Article(
        id=str(identity) if isinstance(identity, int) else _string(value, "id") or "",
        title=_string(value, "title") or "",
        text=_string(value, "text") or "",
        link=_string(value, "link"),
        author=_string(value, "author"),
        categories=_strings(value, "categories"),
        published=_moment(_string(value, "published")),
        language=_string(value, "language"),
        feed=_feed_info(value),
        text_source="json",
    )


def _load(text: str) -> object:
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"no JSON: {error.msg} in line {error.lineno}") from error
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits, 10,000 brackets
        raise DataError("no JSON that can be read") from error
    return value


def _string(holder: dict[str, object], key: str) -> str | None:
    value = holder.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise DataError(f"{key} is no text")
    return _SURROGATE.sub("\ufffd", value)


def _strings(holder: dict[str, object], key: str) -> tuple[str, ...]:
    value = holder.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise DataError(f"{key} is no list of texts")
    return tuple(_SURROGATE.sub("\ufffd", item) for item in value)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise DataError("published is no date of ISO 8601") from error


def _feed_info(article: dict[str, object]) -> FeedInfo | None:
    """What is known of an article's feed; None where nothing is said of it."""
    feed = article.get("feed")
    if feed is not None and not isinstance(feed, str | dict):
        raise DataError("feed is neither a name nor an object")
    own = feed if isinstance(feed, dict) else {"name": feed}
    category, language = _string(article, "category"), _string(article, "language")
    if feed is None and category is None and language is None:
        return None
    return FeedInfo(
        _string(own, "name"),
        _string(own, "category") or category,
        _string(own, "language") or language,
    )


def _from_text(text: str) -> Article:
    title, _, rest = tidy(text).partition("\n")
    if not title:
        raise DataError("an empty text")
    return Article(title=title, text=rest, text_source="text")


def _from_page(markup: str) -> Article:
    from monitor.sources.fulltext import main_text  # a fifth of a second, for pages alone

    page, text = WebPage.of(markup), main_text(markup)
    if not page.title and not text:
        raise DataError("a page without text")
    return Article(
        title=page.title,
        text=text,
        link=page.link,
        author=page.meta("author", "article:author"),
        published=_page_date(page),
        language=page.language,
        text_source="html",
    )


def _page_date(page: WebPage) -> datetime | None:
    try:
        return _moment(page.meta("article:published_time", "datepublished", "date", "dc.date"))
    except DataError:
        return None  # a page's date is welcome, not asked for
