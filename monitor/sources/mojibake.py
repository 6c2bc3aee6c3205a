"""Undoes what happens to Arabic that is encoded in UTF-8, read as windows-1252, ISO 8859-1 or
windows-1256, and encoded once more: "Ø§Ù„Ø¹Ø±Ø§Ù‚" and "ط§ظ„ط¹ط±ط§ظ‚" for العراق; and to
windows-1256 that is read as one of the first two: "ÇáÚÑÇÞ".

Only where that is certain: three letters in a row that come to Arabic, which no language writes.
This module must not guess what is lost: a letter whose half is missing stays as it is.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import NamedTuple


class _Misreading(NamedTuple):
    """An encoding that UTF-8 is taken for: `alif` and `lam` are what these letters become, `sure`
    finds three letters in a row, `runs` what may be made of such; `byte` leads to what
    was read, and `back` from a byte that is no part of a letter."""

    alif: str
    lam: str
    sure: re.Pattern[str]
    runs: re.Pattern[str]
    byte: dict[str, int]
    back: dict[int, str]


def _misreading(encoding: str) -> _Misreading:
    letters = [_read(byte, encoding) for byte in range(0x80, 0x100)]
    byte = dict(zip(letters, range(0x80, 0x100), strict=True))
    byte |= {chr(each): each for each in range(0x80, 0xA0)}  # as ISO 8859-1 has them
    lead = "".join(letters[each - 0x80] for each in range(0xD8, 0xDC))
    trail = "".join(re.escape(each) for each, number in byte.items() if number < 0xC0)
    return _Misreading(
        alif="".join(_read(each, encoding) for each in "ا".encode()),
        lam="".join(_read(each, encoding) for each in "ل".encode()),
        sure=re.compile(f"(?:[{lead}][{trail}]){{3}}"),
        runs=re.compile(f"[{''.join(map(re.escape, byte))}]{{2,}}"),
        byte=byte,
        back={0xDC00 + number: letter for letter, number in byte.items()},
    )


def _read(byte: int, encoding: str) -> str:
    """A letter of an encoding; where it has none, that of ISO 8859-1, as browsers do it."""
    try:
        return bytes([byte]).decode(encoding)
    except UnicodeDecodeError:
        return chr(byte)


_SIGNS = ("§", "„", "\x84")  # the second halves of alif and lam, the commonest letters
_MISREADINGS = (_misreading("cp1252"), _misreading("cp1256"))
_ONLY_LATIN = re.compile(f"{_MISREADINGS[0].runs.pattern}")
# What comes out of no other letters: Latin ones would be a word that only looked like this
_OTHERS = re.compile("[\x80-\u05ff]")
_HALVES = re.compile("[\udc80-\udcff]")
_MARKS = re.compile("[\xa0\xab\xad\xb0\xb7\xbb]")


# Of each letter of windows-1252 or ISO 8859-1, that of windows-1256 with the same byte
TO_ARABIC = {
    ord(letter): bytes([byte]).decode("cp1256") for letter, byte in _MISREADINGS[0].byte.items()
}
_ACCENTED = "[\xc0-\xff]"
_SURE_WORD = re.compile(f"(?<![A-Za-z]){_ACCENTED}{{3}}")
_IN_LATIN = re.compile(f"[A-Za-z]{_ACCENTED}|{_ACCENTED}[A-Za-z]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
_ARABIC = re.compile("[\u0600-\u06ff\xa0\xab\xbb\xb0\xb7\u200c-\u200f\u2010-\u2026]*")

_OFTEN_MET = 20  # letters of references that a document may hold a million times
_REFERENCES = re.compile(r"(?:&(?:[A-Za-z][A-Za-z0-9]{1,7}|#1[2-9][0-9]|#2[0-5][0-9]);)+")


def has_spoiled_references(text: str) -> bool:
    """Whether letters of Arabic may stand in this markup as two references each: &Oslash;&sect;"""
    return "&Oslash;" in text  # half of alif and of the other commonest ones


def without_spoiled_references(markup: str) -> str:
    """The markup with such references as the letters that were meant; all others stay."""
    return _REFERENCES.sub(_as_letters, markup) if has_spoiled_references(markup) else markup


def _as_letters(match: re.Match[str]) -> str:
    return _short_meant(match[0]) if len(match[0]) < _OFTEN_MET else _meant(match[0])


def _meant(references: str) -> str:
    letters = html.unescape(references)
    meant = _whole(letters, _MISREADINGS[0]) if _ONLY_LATIN.fullmatch(letters) else letters
    return references if meant == letters else meant


_short_meant = lru_cache(4096)(_meant)


def from_latin(text: str) -> str:
    """The text itself, or the one in windows-1256 that was read as windows-1252: where each letter
    beyond ASCII comes to an Arabic one, and none stands in a word of Latin ones. That of other
    scripts does not: their vowels come to à, é, î and ô."""
    if "Ç" not in text and "á" not in text:  # alif, lam
        return text
    if not _SURE_WORD.search(text) or _IN_LATIN.search(text):
        return text
    written = "".join(_BEYOND_ASCII.findall(text))
    return text.translate(TO_ARABIC) if _ARABIC.fullmatch(written.translate(TO_ARABIC)) else text


def unspoiled(text: str) -> str:
    """The text as it was before; the very same object where nothing is to be undone, which takes
    some microseconds to see. Takes linear time."""
    for sign in _SIGNS:
        if sign in text:
            break
    else:
        return text
    for each in _MISREADINGS:
        if each.alif in text or each.lam in text:
            text = _undone(text, each)
    return text


def _undone(text: str, misreading: _Misreading) -> str:
    if not misreading.sure.search(text):
        return text

    @lru_cache(4096)  # a document may hold the same few a million times
    def whole(run: str) -> str:
        return _whole(run, misreading)

    return misreading.runs.sub(lambda match: whole(match[0]), text)


def _whole(run: str, misreading: _Misreading) -> str:
    """A run of letters beyond ASCII, as what its bytes are in UTF-8; those that are no part of it
    stay, and so does all of it where what comes out is no Arabic."""
    made = bytes(map(misreading.byte.__getitem__, run)).decode("utf-8", "surrogateescape")
    whole = _HALVES.search(made) is None
    if _OTHERS.search(_MARKS.sub("", made)) or not (whole or misreading.sure.search(run)):
        return run
    return made.translate(misreading.back)
