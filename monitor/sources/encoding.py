"""Bytes to text: what the bytes themselves say outranks what labels claim of them.

Servers send windows-1256 labels over UTF-8, UTF-8 with one byte broken, or windows-1256 without
a label; read as labelled, every Arabic letter of such a document is lost. This module must not
know formats beyond where HTTP, XML and HTML keep their label.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.ASCII | re.IGNORECASE)
_XML = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_ARABIC = re.compile("[\u0621-\u064a\u066e-\u06d3]")
_SCRIPT = re.compile(r"[^\W\d_a-zA-Z]")  # letters outside ASCII
_HEAD = 4096  # bytes in which a document declares its encoding
_SAMPLE = 200_000  # bytes that settle whether a text is Arabic


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text; `encoding` is what it was read as, `warning` a sentence where a label was wrong."""

    text: str
    encoding: str
    warning: str | None = None


def decode(data: bytes, content_type: str = "") -> Decoded:
    """Reads bytes as text: by their mark, as UTF-8 where that fits, then by their labels, and as
    windows-1256 where that makes Arabic of them. Never raises: unreadable bytes become U+FFFD."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return Decoded(data[len(mark) :].decode(encoding, "replace"), encoding)
    labels = _labels(data, content_type)
    wide = _wide(data)
    if wide is not None:
        return _read(data, wide, labels)
    if _is_utf8(data):
        return _read(data, "utf-8", labels)
    return _read(data, _single_byte(data, labels), labels)


def _labels(data: bytes, content_type: str) -> tuple[str, ...]:
    """The encodings that the labels name, the weightier first (RFC 7303 section 3)."""
    found = [match[1] for match in [_HEADER.search(content_type)] if match]
    for pattern in (_XML, _META):
        match = pattern.search(data[:_HEAD])
        if match:
            found.append(match[1].decode("ascii", "replace"))
    return tuple(dict.fromkeys(name for name in map(_known, found) if name))


def _known(label: str) -> str | None:
    """The canonical name of a text encoding, None for an unknown one or a codec of other kind."""
    try:
        name = codecs.lookup(label).name
        b"".decode(name)  # refuses zip, rot13 and their like
    except (LookupError, ValueError):
        return None
    return None if name in ("idna", "punycode", "unicode_escape", "raw_unicode_escape") else name


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: in markup, every other byte of the ASCII part is zero."""
    head = data[:_HEAD].lstrip(b" \t\r\n\x00")
    start = data.find(head[:1]) if head else 0
    nulls = data[:_HEAD].count(0)
    if nulls * 10 < max(len(data[:_HEAD]), 10):
        return None
    return "utf-16-le" if start % 2 == 0 else "utf-16-be"


def _is_utf8(data: bytes) -> bool:
    """Whether data is UTF-8, but for a broken byte here and there or a cut-off end."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if not broken:
        return True
    letters = len(text) - len(text.encode("ascii", "ignore")) - broken
    return letters > 10 * broken


def _single_byte(data: bytes, labels: tuple[str, ...]) -> str:
    """Of the labels' encodings the first that fits, unless it reads Arabic as Latin letters."""
    sample = data[:_SAMPLE]
    fitting = [name for name in labels if not name.startswith("utf") and _fits(data, name)]
    for name in fitting:
        if _arabic_share(sample.decode(name, "replace")) > 0.5:
            return name
    if _arabic_share(sample.decode("cp1256", "replace")) > 0.7:
        return "cp1256"
    return fitting[0] if fitting else "cp1252"


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _arabic_share(text: str) -> float:
    letters = len(_SCRIPT.findall(text))
    return len(_ARABIC.findall(text)) / letters if letters else 0.0


def _read(data: bytes, encoding: str, labels: tuple[str, ...]) -> Decoded:
    text = data.decode(encoding, "replace")
    told = labels[0] if labels else None
    if text.isascii():
        return Decoded(text, encoding)
    if "\ufffd" in text:
        broken = text.count("\ufffd")
        return Decoded(text, encoding, f"{broken} broken bytes or letters, read as {encoding}")
    if told is not None and told != encoding and not encoding.startswith(f"{told}-"):
        return Decoded(text, encoding, f"labelled {told}, but written in {encoding}")
    return Decoded(text, encoding)
