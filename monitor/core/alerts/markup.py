"""A message's lines as a whole HTML document, in what mail programs keep of HTML.

Styles stand inline, since many readers drop <style>; nothing is loaded from anywhere. All text is
escaped here. This module must not decide what a message says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from html import escape
from typing import Final

from monitor.model import Lang, Marked


class Kind(Enum):
    """What a line is, as far as its looks go."""

    REPEAT = auto()
    TITLE = auto()
    ITEM = auto()
    RULE = auto()
    EXCERPT = auto()
    PLACES = auto()
    MAP = auto()
    ABOUT = auto()
    LINK = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a message. `apart` are the parts of it to keep apart in their direction. In HTML
    the line leads to `link`, or a word of ours behind it does, which is `label`."""

    kind: Kind
    shown: Marked
    apart: tuple[tuple[int, int], ...] = ()
    link: str = ""
    label: str = ""


_STYLES: Final = {
    Kind.REPEAT: "margin:0 0 12px;padding:8px 12px;background:#fff3cd;color:#533f03",
    Kind.TITLE: "margin:0 0 12px;font-size:20px;line-height:1.6",
    Kind.ITEM: "margin:20px 0 4px;font-size:17px;line-height:1.6",
    Kind.RULE: "margin:0 0 4px;color:#555555;font-size:14px",
    Kind.EXCERPT: "margin:12px 0;padding:0 12px;border-inline-start:3px solid #cccccc",
    Kind.PLACES: "margin:12px 0 0;color:#555555;font-size:14px",
    Kind.ABOUT: "margin:12px 0 4px;color:#555555;font-size:14px",
    Kind.LINK: "margin:0;font-size:14px;word-break:break-all",
    Kind.TEXT: "margin:0 0 8px;min-height:1em",
}
_BODY: Final = (
    "margin:0;padding:16px;font-family:Tahoma,'Segoe UI','Noto Naskh Arabic',Arial,sans-serif;"
    "font-size:16px;line-height:1.8"
)
_MARK: Final = "background:#ffe58a;color:#000000"
_ANCHOR: Final = "color:#0b57d0;text-decoration:none"


def document(title: str, lines: Sequence[Line], language: Lang) -> str:
    """The document. The labels' direction is that of their language; an article's own text takes
    its direction from its first letters, aligned with the labels. A map's own line is left out:
    that of the places leads to it."""
    side = "right" if language == "ar" else "left"
    blocks = (_block(line, side) for line in lines if line.kind is not Kind.MAP)
    return page(title, "\n".join(blocks), language)


def page(title: str, body: str, language: Lang) -> str:
    """A document in the direction of the language around a body that is HTML already."""
    direction, side = ("rtl", "right") if language == "ar" else ("ltr", "left")
    return (
        f'<!DOCTYPE html>\n<html dir="{direction}" lang="{language}">\n<head>\n'
        f'<meta charset="utf-8">\n<title>{escape(title)}</title>\n</head>\n'
        f'<body dir="{direction}" style="{_BODY};text-align:{side}">\n{body}\n</body>\n</html>\n'
    )


def _block(line: Line, side: str) -> str:
    style = f"{_STYLES[line.kind]};text-align:{side}"
    if line.kind is Kind.LINK:
        link = line.shown.text
        return f'<p dir="ltr" style="{style}">{_anchor(link, escape(link))}</p>'
    tag = {Kind.TITLE: "h1", Kind.ITEM: "h2"}.get(line.kind, "p")
    own = "" if line.kind in (Kind.RULE, Kind.PLACES, Kind.ABOUT) else ' dir="auto"'
    inner = "".join(_inline(line))
    if line.label:
        inner = f"{inner} · {_anchor(line.link, escape(line.label))}"
    elif line.link:
        inner = _anchor(line.link, inner)
    return f'<{tag}{own} style="{style}">{inner}</{tag}>'


def _anchor(link: str, inner: str) -> str:
    """A link around a piece of HTML."""
    return f'<a href="{escape(link)}" rel="noopener noreferrer" style="{_ANCHOR}">{inner}</a>'


def _inline(line: Line) -> Iterator[str]:
    """The line's text with its marks, or its parts to keep apart; a line never has both."""
    opening, closing = f'<mark style="{_MARK}">', "</mark>"
    if line.apart:
        opening, closing = "<bdi>", "</bdi>"
    yield from _wrapped(line.shown.text, line.apart or line.shown.marks, opening, closing)


def _wrapped(
    text: str, spans: Iterable[tuple[int, int]], opening: str, closing: str
) -> Iterator[str]:
    at = 0
    for start, end in spans:
        yield escape(text[at:start])
        yield f"{opening}{escape(text[start:end])}{closing}"
        at = end
    yield escape(text[at:])
