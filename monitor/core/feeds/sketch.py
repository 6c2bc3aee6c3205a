"""A few digits from which one can tell, long after an article is out of sight, whether another
text is a later version of it.

A sketch holds a digest of the numbers in the article's link, a digest of its text, and a sample of
its words: those with the smallest hashes (a bottom-k sketch, Broder 1997), so that any two samples
are comparable. What share of the sample a text still has tells how much of the article is in it,
however much was added. This module must not decide which entries are compared.
"""

from __future__ import annotations

import hashlib
import re
import struct
from functools import lru_cache
from zlib import crc32

from monitor.core.text.tokens import words
from monitor.model import Article, Entry

SAMPLE = 12  # words; 48 digits
MIN_WORDS = 6  # of a sample: two short texts are much alike whatever they tell
MIN_SHARE = 0.75
MIN_LETTERS = 40  # shorter texts ("عاجل") say too little to be the same article in two feeds

_SHORTEST_WORD = 8  # bytes: four Arabic letters; shorter words are in every text
_HASH = 4  # hexadecimal digits of a word
_ESCAPE = re.compile("%[0-9A-F]{2}")
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"(?<!\d)(?!(?:19|20)\d\d(?!\d))\d{3,}")
_OWN_NUMBER = re.compile(r"(?<!\d)(?!(?:19|20)\d{6}(?!\d))\d{5,}")  # of an article, not a date


def sketch_of(entry: Entry | Article, link: str | None) -> str:
    """The sketch of an entry, or of the article that it became; `link` is the canonical form of
    its own."""
    sample = sorted(_hashes(entry))[:SAMPLE]
    told = struct.pack(f">{len(sample)}H", *sample).hex()
    return f"{numbers_of(link)}.{text_key(entry)}.{told}"


def is_another(sketch: str, entry: Entry, link: str | None) -> bool:
    """Whether an entry, which has the id of the sketched article but neither its link nor its
    title, is another article. Where there is no sketch, nothing speaks for that."""
    if not sketch or has_text(sketch, entry):
        return False
    numbers, now = sketch.partition(".")[0], numbers_of(link)
    if numbers and now and (numbers != now or has_own_number(link)):
        return numbers != now
    return not is_alike(sketch, entry)


def has_own_number(link: str | None) -> bool:
    """Whether a link has a number so long that it is one article's, and no date."""
    return _OWN_NUMBER.search(path_of(link)) is not None


def has_number(link: str | None) -> bool:
    """Whether a link has a number that may be an article's, and no year."""
    return _NUMBER.search(path_of(link)) is not None


def is_alike(sketch: str, entry: Entry) -> bool:
    """Whether an entry holds most words of the sketched article, which had some."""
    share = _share(sketch, entry)
    return share is not None and share >= MIN_SHARE


def is_unlike(sketch: str, entry: Entry) -> bool:
    """Whether an entry holds hardly a word of the sketched article, which had some."""
    share = _share(sketch, entry)
    return share is not None and share <= 1 - MIN_SHARE


def _share(sketch: str, entry: Entry) -> float | None:
    """How much of the sketched article an entry holds; None where that had few words."""
    sample = sketch.rpartition(".")[2]
    had = struct.unpack(f">{len(sample) // _HASH}H", bytes.fromhex(sample))
    if len(had) < MIN_WORDS:
        return None
    has = _hashes(entry)
    return sum(each in has for each in had) / len(had)


def has_text(sketch: str, entry: Entry) -> bool:
    """Whether an entry has the very text of the sketched article, and any at all."""
    return bool(key := text_key(entry)) and sketch.split(".")[1:2] == [key]


def text_key(entry: Entry | Article) -> str:
    """What stands for the words of a text; "" where there are none."""
    return _digest(text) if (text := " ".join(words(entry.text))) else ""


def says_enough(text: str) -> bool:
    """Whether a text has MIN_LETTERS letters; most show it by the words at their beginning."""
    beginning = text[: 4 * MIN_LETTERS].split()
    if sum([len(word) for word in beginning if word.isalpha()]) >= MIN_LETTERS:
        return True
    return sum(map(str.isalpha, text)) >= MIN_LETTERS


@lru_cache(8)  # an entry is held against one remembered article after another
def _hashes(entry: Entry | Article) -> frozenset[int]:
    """The longer words and the numbers of an entry, hashed."""
    told = " ".join({*words(entry.title), *words(entry.text)}).encode("utf-8", "surrogatepass")
    longer = [w for w in told.split() if len(w) >= _SHORTEST_WORD or w.isdigit()]
    return frozenset([each >> 16 for each in map(crc32, longer)])


def numbers_of(link: str | None) -> str:
    """What stands for the numbers in a link of canonical form, "" where it has none."""
    found = _DIGITS.findall(path_of(link))
    return _digest("-".join(found))[:6] if found else ""


def path_of(link: str | None) -> str:
    """What stands behind the host in a link, without its escapes, which hold digits too; all of
    what is no link."""
    scheme, is_link, rest = (link or "").partition("://")
    path = rest.partition("/")[2] if is_link else scheme
    return _ESCAPE.sub("", path) if "%" in path else path


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
