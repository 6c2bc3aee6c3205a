"""Bytes to text: what the bytes themselves say outranks what labels claim of them.

Servers send windows-1256 labels over UTF-8, UTF-8 with one byte broken, windows-1256 without a
label, an item in windows-1256 amid UTF-8, UTF-16 without a mark; read as labelled, every Arabic
letter of such a document is lost. Where bytes do not speak Arabic, labels hold. This module must
not know formats beyond where HTTP, XML and HTML keep their label.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from monitor.sources.mojibake import TO_ARABIC, unspoiled

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ALL_MARKS = re.compile(b"(?:%b)++" % b"|".join(re.escape(mark) for mark, _ in _MARKS))
_MARKUP = re.compile(rb"[<{\[]\s*[\"?!/A-Za-z]")
_MARKUP_BEGINS = re.compile(r"\s*[<{]\s*[\"?!A-Za-z]")
_PRINTED = re.compile(rb"[\t\n\r -~]")
# The higher byte of two and, as expressions, the lower ones: of Latin letters, and of Arabic ones
# but for those that are a space or bracket in ASCII
_LETTERS_OF_NEWS = (
    (rb"\x00", rb"[\t\n\r -~\xa0-\xff]"),
    (rb"\x06", rb"[\x0c\x1b\x1f!-;=?-\xff]"),
)
_MOST_BREAKS = 300_000  # in a text, some 2 us each
_WIDE_SAMPLE = 20_000  # bytes that show whether a text has two or four of them to a letter

_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.ASCII | re.IGNORECASE)
_XML = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_HEAD = 4096  # bytes in which a document declares its encoding
_WINDOWS = re.compile(r"(?:cp|win|ms|windows|ibm)[-_ ]?(125\d|874)")
# What is meant by these labels is the larger encoding (https://encoding.spec.whatwg.org/#names)
_LARGER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_NO_CHARSETS = ("idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7")
_LATIN = frozenset(("cp1252", "iso8859-15", "cp1254", "mac-roman"))

_ARABIC_ENCODINGS = ("cp1256", "iso8859-6", "cp720")
_LETTERS = re.compile("[\u0621-\u063a\u0641-\u064a\u066e-\u06d3\u06d5]")
# Of the letters of an Arabic, Persian or Kurdish text about 6 in 10 are of these; of one in another
# script that is read as Arabic, fewer than 2
_COMMON = re.compile("[اليمونرتبه]")
_MARKS_OF_VOWELS = re.compile("[\u0640\u064b-\u0652]")  # and tatweel
# What else is written in such a text: quotes, dashes, points
_BESIDE = re.compile("[\x00-\x7f\xa0\xab\xb0\xb7\xbb\u060c\u061b\u061f\u0660-\u0669\u200c-\u2026]")
_GLUED = re.compile(rb"[A-Za-z][\x80-\xff]|[\x80-\xff][A-Za-z]")
_SAMPLE = 8_000  # bytes that settle whether a text is Arabic

_MOST_SEARCHED = 2_000_000  # bytes in which to look for that much

_RUNS = re.compile(rb"[\x80-\xff]+")
_ARABIC_UTF8 = re.compile(rb"(?:[\xd8-\xdb][\x80-\xbf]){3}")
_SURE_UTF8 = rb"(?:[\xd8-\xdb][\x80-\xbf]){2}|[\xe1-\xec][\x80-\xbf]{2}"
_STRETCH_END = re.compile(rb"[<>\n\r]|" + _SURE_UTF8)
_PIECE = 4_096
_MOST_BROKEN = 300_000  # bytes that are looked at one by one, some 3 us each
_MOST_PARTS = 600_000  # of a text that is read in this way; each that is in order counts too
_LONGEST_STRETCH = 2_000  # bytes that are judged and read at once
_PUNCTUATION = re.compile(r"[^\w\ufffd]")  # the same in windows-1252 and windows-1256
_NEVER = frozenset(bytes([each]) for each in (0xC0, 0xC1, *range(0xF5, 0x100)))
_SURROGATES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_LONE_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")

_LATIN_RUNS = re.compile("[\xc0-\xff]{3,}")
_ASCII_LETTERS = re.compile("[A-Za-z]")
_LEAST_BEFORE = 200  # letters of a sample that stand before what it is to show
_FEWEST_LETTERS = 10

_SHORT = 1_000_000  # letters of a text that costs little, whatever it is
_NO_TEXT = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ud800-\uf8ff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text; `encoding` is what it was read as, `warning` a sentence where a label was wrong."""

    text: str
    encoding: str
    warning: str | None = None


def decode(data: bytes, content_type: str = "") -> Decoded:
    """Reads bytes as text: as UTF-16 or UTF-32 where they show it, as UTF-8 where that fits, then
    by their labels, and as windows-1256 (or another encoding of Arabic) where that makes Arabic of
    them. What was encoded twice is undone. Never raises: unreadable bytes become U+FFFD."""
    labels = _labels(data, content_type)
    found = _decoded(data, labels)
    if is_noise(found.text):  # in which there is much to be undone
        return found
    text, told = unspoiled(found.text), "its UTF-8 was encoded twice"
    if text is found.text and found.encoding.startswith("utf"):
        text, told = _from_latin(text), "its windows-1256 was taken for windows-1252"
    if text is found.text:
        return found
    return replace(found, text=text, warning=found.warning or told)


def _decoded(data: bytes, labels: tuple[str, ...]) -> Decoded:
    data, mark = _without_marks(data)
    wide = _wide(data, mark, labels)
    if wide is not None:
        text, breaks = wide.read(data)
        return _told(text, wide.encoding, labels, broken=breaks)
    shifted = labels[0] if labels and labels[0].startswith(("iso2022", "hz")) else None
    if shifted and _fits(data, shifted):
        return Decoded(data.decode(shifted), shifted)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _narrow(data, error.start, labels)
    return _told(text, "utf-8", labels)


def is_noise(text: str) -> bool:
    """Whether a long text is none, in most of what is looked at: random bytes, a film."""
    if len(text) < _SHORT:
        return False
    pieces = [text[at : at + 256] for at in range(0, len(text), len(text) // 64)]
    odd = sum(len(_NO_TEXT.findall(piece)) * 20 > len(piece) for piece in pieces)
    return odd * 4 > len(pieces) * 3


def _from_latin(text: str) -> str:
    """The text itself, or the one in windows-1256 that was read as windows-1252 or ISO 8859-1:
    "ãÞÊá ËáÇËÉ" for مقتل ثلاثة. Only where most of it beyond ASCII is words of nothing else."""
    at = text.find("Çá")  # alif and lam, the article
    if at == -1:
        return text
    sample = text[max(0, at - _LEAST_BEFORE) : at + _SAMPLE]
    inside = sum(map(len, _LATIN_RUNS.findall(sample)))
    beyond = sum(map(str.isalpha, sample)) - len(_ASCII_LETTERS.findall(sample))
    if inside * 2 <= beyond or inside < _FEWEST_LETTERS:
        return text
    written = sample.translate(TO_ARABIC).encode("cp1256", "ignore")
    return text.translate(TO_ARABIC) if _Reading.of(written, "cp1256").is_sure else text


# --- labels ---------------------------------------------------------------------------------------


def _labels(data: bytes, content_type: str) -> tuple[str, ...]:
    """The encodings that the labels name, the weightier first (RFC 7303 section 3)."""
    found = [match[1] for match in [_HEADER.search(content_type)] if match]
    head = data[:_HEAD].replace(b"\x00", b"")
    for pattern in (_XML, _META):
        match = pattern.search(head)
        if match:
            found.append(match[1].decode("ascii", "replace"))
    return tuple(dict.fromkeys(name for name in map(_known, found) if name))


@lru_cache(256)  # feeds choose them
def _known(label: str) -> str | None:
    """The canonical name of a text encoding, None for an unknown one or a codec of other kind."""
    bare = label.lower().removeprefix("x-")
    windows = _WINDOWS.fullmatch(bare)
    try:
        name = codecs.lookup(f"cp{windows[1]}" if windows else bare).name
        b" ".decode(name, "replace")  # refuses zip, rot13 and their like
    except (LookupError, ValueError):
        return None
    return None if name in _NO_CHARSETS else _LARGER.get(name, name)


def _told(text: str, encoding: str, labels: tuple[str, ...], *, broken: int = 0) -> Decoded:
    """A text with what is to be said of its encoding."""
    told = labels[0] if labels else None
    if text.isascii():
        return Decoded(text, encoding)
    if broken:
        return Decoded(text, encoding, f"{broken} broken bytes or letters, read as {encoding}")
    if told is not None and told != encoding and not encoding.startswith(f"{told}-"):
        return Decoded(text, encoding, f"labelled {told}, but written in {encoding}")
    return Decoded(text, encoding)


# --- two and four bytes to a letter ---------------------------------------------------------------


class _Wide(NamedTuple):
    """Two or four bytes to a letter. `runs` finds four letters in a row of those that news are
    written in, which read from a wrong byte hardly ever come out."""

    encoding: str
    size: int
    runs: re.Pattern[bytes]

    def read(self, data: bytes) -> tuple[str, int]:
        """The text, and how often letters begin at another byte than before, as behind one that is
        missing or too many. Each stretch is read by its own beginning."""
        parts: list[str] = []
        at = end = breaks = 0  # where the stretch begins, and how far it is sure
        for run in self.runs.finditer(data):
            if (run.start() - at) % self.size and breaks < _MOST_BREAKS:
                parts.append(self._whole(data[at:end]))
                parts.append(self._between(data[end : run.start()], parts[-1]))
                at = run.start()
                breaks += 1
            end = run.end()
        parts.append(self._whole(data[at:]))
        return "".join(parts).lstrip("\ufeff\ufffe"), breaks

    def _whole(self, stretch: bytes) -> str:
        return stretch[: len(stretch) - len(stretch) % self.size].decode(self.encoding, "replace")

    def _between(self, gap: bytes, before: str) -> str:
        """What stands between two stretches: letters, and one of too few bytes or too many."""
        if not gap.strip(b"\r\n"):  # written into it without regard to the encoding
            return gap.decode("ascii")
        if not before[-1:].isascii():
            return self._whole(gap) + "\ufffd"
        rest = gap[len(gap) - len(gap) % self.size :].strip(b"\x00")
        return self._whole(gap) + (rest.decode("ascii") if _PRINTED.fullmatch(rest) else "")

    def weight(self, sample: bytes) -> int:
        """How many letters stand in such runs. Read from the byte behind, as if the other byte came
        first, words end where Arabic meets a space or a bracket."""
        return sum(map(len, self.runs.findall(sample))) // self.size


def _wides() -> Iterator[_Wide]:
    for size in (4, 2):
        for order in ("le", "be"):
            letters = (_unit(low, high, size, order) for high, low in _LETTERS_OF_NEWS)
            runs = re.compile(b"(?:%b){4,}+" % b"|".join(letters), re.DOTALL)
            yield _Wide(f"utf-{size * 8}-{order}", size, runs)


def _unit(low: bytes, high: bytes, size: int, order: str) -> bytes:
    zeros = b"\\x00" * (size - 2)
    return low + high + zeros if order == "le" else zeros + high + low


_WIDES = tuple(_wides())


def _wide(data: bytes, mark: str | None, labels: tuple[str, ...]) -> _Wide | None:
    """UTF-16 or UTF-32, by what the bytes make of it: the mark may be missing, wrong, or stand
    before something else. It is believed where nothing else is to be seen."""
    told = next((wide for wide in _WIDES if wide.encoding == mark), None)
    if b"\x00" not in data:
        return None if _MARKUP.search(data, 0, _HEAD) else told
    sample = data[:_WIDE_SAMPLE]

    def weight(wide: _Wide) -> int:
        found = wide.weight(sample)
        return found + 3 * (wide is told) + (wide.encoding in labels) if found else 0

    best = max(_WIDES, key=weight)
    if best.weight(sample) * 20 > len(sample):
        return best
    return best if _MARKUP_BEGINS.match(best.read(sample)[0]) else told


# --- one byte to a letter, and UTF-8 with something in it -----------------------------------------


def _without_marks(data: bytes) -> tuple[bytes, str | None]:
    """The bytes behind all marks, and what the first one says, but for UTF-8."""
    first = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    marks = _ALL_MARKS.match(data) if first else None
    return (data[marks.end() :] if marks else data), first if first != "utf-8" else None


def _narrow(data: bytes, at: int, labels: tuple[str, ...]) -> Decoded:
    """Reads what is not all UTF-8; `at` is where the first byte stands that does not fit."""
    data = _SURROGATES.sub(lambda match: _joined(match[0]), data)
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = _beyond_ascii(text) - broken
    if broken > _MOST_BROKEN and whole > broken:
        return _told(text, "utf-8", labels, broken=broken)
    arabic = _arabic(_foreign(data, at), labels)
    if whole > broken or (whole and arabic and _ARABIC_UTF8.search(data)):
        return _mixed(data, arabic, labels, in_arabic=bool(_LETTERS.search(text)))
    encoding = arabic or _by_label(data, data[at : at + _SAMPLE], labels)
    text = data.decode(encoding, "replace")
    return _told(text, encoding, labels, broken=text.count("\ufffd"))


def _by_label(data: bytes, sample: bytes, labels: tuple[str, ...]) -> str:
    """The encoding of what is not surely Arabic: the first label that fits, or nearly so. Where it
    is none or one that fits anything, a text of few words may still be in Arabic."""
    usable = [name for name in labels if not name.startswith("utf")]
    if b"<" in data:  # so it is no EBCDIC
        usable = [name for name in usable if b"<".decode(name, "replace") == "<"]
    fitting = [name for name in usable if _fits(data, name)]
    nearly = [name for name in usable if _broken_share(sample, name) < 0.05]
    told = next(iter((*fitting, *nearly)), None)
    if told is None or told in _LATIN:
        reading = _Reading.of(sample, "cp1256")
        if reading.letters > 2 and reading.odd * 4 <= reading.letters and not reading.glued:
            return "cp1256"
    return told or "cp1252"


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeError:
        return False
    return True


def _broken_share(data: bytes, encoding: str) -> float:
    text = data.decode(encoding, "replace")
    return text.count("\ufffd") / max(_beyond_ascii(text), 1)


def _beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


class _Reading(NamedTuple):
    """What comes of bytes in one encoding: how many letters are Arabic, how many of these are
    common ones, how many marks of vowels and others out of place there are; and how often a byte
    beyond ASCII touches a letter of ASCII, as in é and ñ, and hardly ever in Arabic."""

    letters: int
    common: int
    marks: int
    odd: int
    glued: int

    @classmethod
    def of(cls, sample: bytes, encoding: str) -> _Reading:
        text = sample.decode(encoding, "replace")
        letters = len(_LETTERS.findall(text))
        marks = len(_MARKS_OF_VOWELS.findall(text))
        odd = len(text) - letters - marks - len(_BESIDE.findall(text))
        common, glued = len(_COMMON.findall(text)), len(_GLUED.findall(sample))
        return cls(letters, common, marks, odd, glued)

    @property
    def is_sure(self) -> bool:
        """Whether nothing but Arabic comes out like that."""
        return (
            self.common * 5 >= self.letters * 2
            and self.marks * 3 <= self.letters
            and self.odd * 5 <= self.letters
            and self.glued * 8 <= self.letters
            and self.letters > 1
        )


def _foreign(data: bytes, at: int) -> bytes:
    """As much as shows what it is of those runs of bytes that are not UTF-8, each with what it
    touches; `at` is where the first one stands."""
    found: list[bytes] = []
    size = 0
    for run in _RUNS.finditer(data, at, at + _MOST_SEARCHED):
        if not _fits(run[0], "utf-8"):
            found.append(data[max(0, run.start() - 1) : run.end() + 1][:_SAMPLE])
            size += len(found[-1])
            if size > _SAMPLE:
                break
    return b" ".join(found)


def _arabic(foreign: bytes, labels: tuple[str, ...]) -> str | None:
    """The encoding of Arabic that bytes surely are in which are not UTF-8."""
    best, most = None, 0.0
    for name in _ARABIC_ENCODINGS:
        reading = _Reading.of(foreign, name)
        worth = (reading.common - 3.0 * reading.odd) * (1.5 if name in labels else 1.0)
        if reading.is_sure and (best is None or worth > most):
            best, most = name, worth
    return best


def _mixed(data: bytes, arabic: str | None, labels: tuple[str, ...], *, in_arabic: bool) -> Decoded:
    """UTF-8 with stretches in another encoding, or with broken bytes. `arabic` is the encoding of
    Arabic that such stretches may be in; in a text without Arabic they are in the labelled one."""
    data = _LONE_SURROGATE.sub(b"\xef\xbf\xbd", data)
    other = None if in_arabic else _latin(labels)
    mender = _Mender(arabic, other)
    text = mender.read(data)
    if mender.foreign and not mender.broken:
        partly = arabic or other or "cp1256"  # whose points and quotes stand in it
        return Decoded(text, "utf-8", f"written in utf-8, and partly in {partly}")
    return _told(text, "utf-8", labels, broken=mender.broken)


def _latin(labels: tuple[str, ...]) -> str:
    return next((name for name in labels if not name.startswith("utf")), "cp1252")


@lru_cache(4096)  # a document holds few different ones
def _joined(pair: bytes) -> bytes:
    """The letter that two surrogates stand for, each encoded by itself (CESU-8, Unicode TR 26)."""
    halves = pair.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
    return halves.decode("utf-16-le").encode("utf-8")


class _Mender:
    """Reads UTF-8 and what stands between it: in the encodings of _mixed, or as broken. Each byte
    is looked at a few times at most, whatever the bytes."""

    def __init__(self, arabic: str | None, other: str | None) -> None:
        self._arabic = arabic
        self._other = other
        self._told_apart = 0  # before this, no stretch is another encoding's
        self.broken = 0
        self.foreign = 0

    def read(self, data: bytes) -> str:
        parts: list[str] = []
        at = 0
        while True:
            piece = data[at : at + _PIECE]
            try:
                text, length = codecs.utf_8_decode(piece, "strict", at + _PIECE >= len(data))
            except UnicodeDecodeError as error:
                parts.append(piece[: error.start].decode("utf-8"))
                at += error.start
                text, at = self._stretch(data, at) or self._letter(data, at)
            else:
                at += length
            parts.append(text)
            if at >= len(data):
                return "".join(parts)
            if len(parts) > _MOST_PARTS:
                parts.append(rest := data[at:].decode("utf-8", "replace"))
                self.broken += rest.count("\ufffd")
                return "".join(parts)

    def _stretch(self, data: bytes, start: int) -> tuple[str, int] | None:
        """What stands from here to the end of a piece of text, where that is Arabic."""
        if self._arabic is None or start < self._told_apart:
            return None
        most = min(len(data), start + _LONGEST_STRETCH)
        found = _STRETCH_END.search(data, start + 1, most)
        self._told_apart = end = found.start() if found else most
        text = data[start:end].decode(self._arabic, "replace")
        letters, beyond = len(_LETTERS.findall(text)), _beyond_ascii(text)
        if letters < 2 or letters * 5 < beyond * 3:
            return None
        self.foreign += beyond
        return text, end

    def _letter(self, data: bytes, start: int) -> tuple[str, int]:
        """A byte that is nothing in UTF-8, or the beginning of a letter that breaks off."""
        byte = data[start : start + 1]
        inside = _is_high(data, start - 1) and _is_high(data, start + 1)
        if self._other is not None or (b"\x80" <= byte < b"\xc0" and not inside):
            text = byte.decode(self._other or "cp1256", "replace")
            if self._other is not None or _PUNCTUATION.match(text):
                self.foreign += 1
                return text, start + 1
        self.broken += 1
        if byte in _NEVER:
            return "", start + 1  # no part of a letter: what it stands in may be whole
        return "\ufffd", start + _begun(data[start : start + 4])


def _is_high(data: bytes, at: int) -> bool:
    return 0 <= at < len(data) and data[at] > 0x7F


def _begun(head: bytes) -> int:
    """How many bytes of a letter are there before it breaks off (Unicode 3.9, best practice)."""
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return max(error.end, 1)
    return 1
