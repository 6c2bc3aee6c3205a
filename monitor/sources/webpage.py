"""What a web page shows of itself by its own marks: title, address, metadata, and the paragraphs
that stand in its article and are neither navigation nor a list of links.

One scan, without a tree. This module must not judge pages by heuristics beyond that: see fulltext.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from monitor.sources.plain import Tag, Text, is_block, plain_title, scan, tidy

_ASIDE = frozenset(("nav", "header", "footer", "aside", "form", "button", "select", "figcaption"))
_SHORTEST_BLOCK = 25  # letters: shorter ones outside an article are captions and buttons
_SHORTEST_ARTICLE = 140  # letters that an <article> must hold to be the text of the page


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


class WebPage:
    """A page that was scanned. `language` is what its root says, None where it does not."""

    @classmethod
    def of(cls, markup: str) -> WebPage:
        """Scans a page in HTML, in linear time."""
        page = cls()
        for piece in scan(markup):
            if isinstance(piece, Text):
                page._text(piece.text)
            else:
                page._tag(piece)
        return page

    def __init__(self) -> None:
        self.language: str | None = None
        self._metas: dict[str, str] = {}
        self._canonical = ""
        self._head_title: list[str] = []
        self._blocks: list[_Block] = [_Block(0, "")]
        self._articles = 0
        self._open: dict[str, int] = {}

    @property
    def title(self) -> str:
        """The headline in one line: as the page tells it to others, in its head, or on top."""
        headings = [block.text for block in self._blocks if block.heading and block.text]
        told = self.meta("og:title") or "".join(self._head_title)
        return plain_title(told or (headings[0] if headings else ""), is_markup=False)

    def main_text(self) -> str:
        """The paragraphs of the fullest article, or else all long ones that are no links; parted by
        newlines."""
        title = self.title
        blocks = [(block, text) for block in self._blocks if (text := block.text)]
        blocks = [(block, text) for block, text in blocks if not block.heading and text != title]
        prose = [(block, text) for block, text in blocks if block.linked * 2 <= len(text)]
        return tidy("\n".join(_article(prose) or _long(prose) or [text for _, text in prose]))

    def meta(self, *names: str) -> str | None:
        """The first of these metadata that the page has."""
        return next((self._metas[name] for name in names if self._metas.get(name)), None)

    @property
    def link(self) -> str | None:
        """Its own address, as it tells it."""
        told = self._canonical or self.meta("og:url") or ""
        try:
            parts = urlsplit(told)
        except ValueError:
            return None
        return told if parts.scheme in ("http", "https") and parts.netloc else None

    def _tag(self, tag: Tag) -> None:
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

    def _text(self, text: str) -> None:
        if self._open.get("title"):
            self._head_title.append(text)
        elif not any(self._open.get(name) for name in _ASIDE):
            block = self._blocks[-1]
            block.parts.append(text)
            block.linked += len(text.strip()) if self._open.get("a") else 0


def _article(prose: list[tuple[_Block, str]]) -> list[str]:
    """The paragraphs of the fullest article, where one has enough to be the text of the page."""
    letters: dict[int, int] = {}
    for block, text in prose:
        letters[block.article] = letters.get(block.article, 0) + len(text)
    fullest = max(letters, key=lambda number: letters[number] if number else 0, default=0)
    if not fullest or letters[fullest] < _SHORTEST_ARTICLE:
        return []
    return [text for block, text in prose if block.article == fullest]


def _long(prose: list[tuple[_Block, str]]) -> list[str]:
    return [text for _, text in prose if len(text) >= _SHORTEST_BLOCK]
