"""Reads one article from a file or page: plain text, HTML, or JSON.

For `explain` and `match`, which ask what rules say of a text that stands in no feed. This module
must not fetch, and guesses the main text of a page only by its own marks: what stands in its
article, and is neither navigation nor a list of links.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from monitor.errors import DataError
from monitor.model import Article, FeedInfo
from monitor.sources.encoding import decode
from monitor.sources.plain import Tag, Text, is_block, plain_title, scan, tidy

LARGEST_DOCUMENT = 20_000_000  # bytes

_PAGE = re.compile(
    r"\s*<(?:!doctype\s+html|html|head|body|\?xml[^>]*>\s*<(?:!doctype\s+)?html)\b", re.IGNORECASE
)
_FRAGMENT = re.compile(
    r"\s*<(?:article|main|section|div|p|h1|title|meta|!--)[\s>/-]", re.IGNORECASE
)
_ASIDE = frozenset(("nav", "header", "footer", "aside", "form", "button", "select", "figcaption"))
_SHORTEST_BLOCK = 25  # letters: shorter ones outside an article are captions and buttons
_SHORTEST_ARTICLE = 140  # letters that an <article> must hold to be the text of the page
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_article(data: bytes, content_type: str | None = None) -> Article:
    """An article from bytes; `content_type` is the server's word, where there is one.

    Text: the first line is the title. HTML: the page's title and main text. JSON: an object, as
    `article_from_json` takes it. Raises DataError for JSON that is no article, and where there
    is no text at all."""
    if len(data) > LARGEST_DOCUMENT:
        raise DataError(f"larger than {LARGEST_DOCUMENT} bytes")
    told = (content_type or "").lower()
    text = decode(data, told).text.lstrip("\ufeff")
    if "json" in told or (not told and text.lstrip().startswith("{")):
        return article_from_json(_load(text))
    if "html" in told or _PAGE.match(text) or (not told and _FRAGMENT.match(text)):
        return _from_page(text)
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


# --- pages ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Block:
    """A paragraph of a page: which <article> it stands in (0: none), how much of it is links."""

    article: int
    heading: str
    parts: list[str] = field(default_factory=list)
    linked: int = 0

    @property
    def text(self) -> str:
        return " ".join("".join(self.parts).split())


def _from_page(markup: str) -> Article:
    page = _Page()
    for piece in scan(markup):
        if isinstance(piece, Text):
            page.text(piece.text)
        else:
            page.tag(piece)
    title, text = page.title(), tidy("\n".join(page.main_text(page.title())))
    if not title and not text:
        raise DataError("a page without text")
    return Article(
        title=title,
        text=text,
        link=page.link(),
        author=page.meta("author", "article:author"),
        published=page.published(),
        language=page.language,
        text_source="html",
    )


class _Page:
    """What a page shows of itself while its pieces go by."""

    def __init__(self) -> None:
        self.language: str | None = None
        self._metas: dict[str, str] = {}
        self._canonical = ""
        self._head_title: list[str] = []
        self._blocks: list[_Block] = [_Block(0, "")]
        self._articles = 0
        self._open: dict[str, int] = {}

    def tag(self, tag: Tag) -> None:
        name = tag.name
        if name == "html" and not tag.is_end:
            self.language = tag.attribute("lang") or None
        elif name == "meta":
            key = (tag.attribute("property") or tag.attribute("name")).lower()
            self._metas.setdefault(key, tag.attribute("content").strip())
        elif name == "link" and tag.attribute("rel").lower() == "canonical":
            self._canonical = self._canonical or tag.attribute("href").strip()
        elif name in _ASIDE or name in ("article", "a", "title", "h1"):
            self._count(tag)
        if is_block(name):
            inside = self._articles if self._open.get("article") else 0
            heading = name if name == "h1" and not tag.is_end else ""
            self._blocks.append(_Block(inside, heading))

    def _count(self, tag: Tag) -> None:
        """Keeps count of what is open; an end tag too many changes nothing."""
        if tag.name == "article" and not tag.is_end and not self._open.get("article"):
            self._articles += 1
        if tag.name == "header" and self._open.get("article"):
            return  # an article's own header holds its headline and opening
        depth = self._open.get(tag.name, 0) + (-1 if tag.is_end else 1)
        self._open[tag.name] = max(depth, 0)

    def text(self, text: str) -> None:
        if self._open.get("title"):
            self._head_title.append(text)
        elif not any(self._open.get(name) for name in _ASIDE):
            block = self._blocks[-1]
            block.parts.append(text)
            block.linked += len(text.strip()) if self._open.get("a") else 0

    def title(self) -> str:
        headings = [block.text for block in self._blocks if block.heading and block.text]
        told = self.meta("og:title") or "".join(self._head_title)
        return plain_title(told or (headings[0] if headings else ""), is_markup=False)

    def main_text(self, title: str) -> list[str]:
        """The paragraphs of the fullest article, or else all long ones that are no links."""
        blocks = [(block, text) for block in self._blocks if (text := block.text)]
        blocks = [(block, text) for block, text in blocks if not block.heading and text != title]
        prose = [(block, text) for block, text in blocks if block.linked * 2 <= len(text)]
        letters: dict[int, int] = {}
        for block, text in prose:
            letters[block.article] = letters.get(block.article, 0) + len(text)
        fullest = max(letters, key=lambda number: letters[number] if number else 0, default=0)
        if fullest and letters[fullest] >= _SHORTEST_ARTICLE:
            return [text for block, text in prose if block.article == fullest]
        return [text for _, text in prose if len(text) >= _SHORTEST_BLOCK] or [t for _, t in prose]

    def meta(self, *names: str) -> str | None:
        return next((self._metas[name] for name in names if self._metas.get(name)), None)

    def link(self) -> str | None:
        told = self._canonical or self.meta("og:url") or ""
        try:
            parts = urlsplit(told)
        except ValueError:
            return None
        return told if parts.scheme in ("http", "https") and parts.netloc else None

    def published(self) -> datetime | None:
        told = self.meta("article:published_time", "datepublished", "date", "dc.date")
        try:
            return _moment(told)
        except DataError:
            return None  # a page's date is welcome, not asked for
