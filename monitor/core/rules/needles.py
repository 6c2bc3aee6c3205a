"""All terms of all rules in one dictionary, so that an article is read once whatever their number.

A word of the text is read in every way that proclitics and the article allow (text/forms), and each
reading is looked up; what it led to is remembered. A phrase stands under its rarest word and is
compared only where that occurs. This module must not know rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import groupby
from math import log10
from typing import Final, NamedTuple

from monitor.core.rules.phrases import gained, gained_by_forms
from monitor.core.rules.spelled import spelled_out
from monitor.core.rules.tree import Mode, Term
from monitor.core.text.clitics import ARTICLE
from monitor.core.text.forms import (
    HAMZA,
    HEAD_LETTERS,
    LONGEST_HEAD,
    Join,
    Reading,
    asks,
    readings,
)
from monitor.core.text.joined import spellings
from monitor.core.text.lexicon import Lexicon
from monitor.core.text.normalise import fold_loosely
from monitor.core.text.remembered import Remembered
from monitor.core.text.tokens import Passage

_REMEMBERED: Final = 200_000  # words of texts, about 20 MB
_LONGEST: Final = 64  # letters of a word that is remembered; a longer one is no word


class Sighting(NamedTuple):
    """Something found in a passage: its words first..end-1. `bare`: a proclitic that quotes part
    from the first of them does not belong to it."""

    passage: int
    first: int
    end: int
    bare: bool = False


class Part(NamedTuple):
    """What a word of a text may be: the term, or the word number `at` of a phrase. `asked`: behind
    أ. `gained`: the word, which has no article itself, behind one."""

    term: Term
    phrase: tuple[str, ...] = ()
    articles: frozenset[str] = frozenset()
    at: int = 0
    asked: bool = False
    gained: str = ""


class Needles:
    """Terms, ready to be looked for. Any thread may use it: what it remembers is only ever added
    to, or replaced whole."""

    def __init__(self, terms: Iterable[Term], lexicon: Lexicon) -> None:
        kinds: dict[bool, list[Term]] = {False: [], True: []}
        for term in terms:
            kinds[term.loose].append(term)
        strict, loose = (_Tables(kind, lexicon.zipf) for kind in kinds.values())
        self._strict = strict if kinds[False] else None
        self._loose = loose if kinds[True] else None
        self._zipf = lexicon.zipf
        self._met = Remembered(self._parts, most=_REMEMBERED, longest=_LONGEST)

    def find(self, number: int, passage: Passage) -> Iterator[tuple[Term, Sighting]]:
        """Every term in a passage, whose number the sightings carry, in no order; some may be told
        twice."""
        distinct = frozenset(passage.words)
        found = self._met.among(distinct)
        if found:
            for index in [at for at, word in enumerate(passage.words) if word in found]:
                for part in found[passage.words[index]]:
                    if sighting := _sighting(part, number, passage, index, self._zipf):
                        yield part.term, sighting
        yield from self._spelled(number, passage, distinct)

    def _spelled(
        self, number: int, passage: Passage, distinct: frozenset[str]
    ) -> Iterator[tuple[Term, Sighting]]:
        """Terms written letter by letter; of stretches that overlap, the longest."""
        taken: dict[Term, int] = {}
        for first, end, word in spelled_out(passage, distinct):
            for part in self._met.of(word) or ():
                term = part.term
                single = len(term.words) == 1 and term.mode is not Mode.EXACT
                if single and first >= taken.get(term, 0):
                    taken[term] = end
                    yield term, Sighting(number, first, end)

    def _parts(self, word: str) -> tuple[Part, ...] | None:
        """What a word may be a part of; None where that is nothing."""
        found: list[Part] = []
        if self._strict and self._strict.may_hold(word):
            found += self._strict.parts(word)
        if self._loose and self._loose.may_hold(loosely := fold_loosely(word)):
            found += self._loose.parts(loosely)
        return tuple(dict.fromkeys(found)) or None


class _Anchor(NamedTuple):
    """A phrase, in one of its spellings, under its rarest word, which is number `at` of it."""

    term: Term
    words: tuple[str, ...]
    articles: frozenset[str]
    at: int


class _Tables:
    """The terms of one kind of folding, by the words that lead to them."""

    def __init__(self, terms: Iterable[Term], zipf: Callable[[str], float]) -> None:
        self._zipf = zipf
        self._words: dict[str, list[Term]] = {}
        self._exact: dict[str, list[Term]] = {}
        self._prefixes: dict[str, list[Term]] = {}
        self._phrases: dict[str, list[_Anchor]] = {}
        spelled = [(term, words) for term in terms for words in _spellings(term)]
        phrases = [(term, words) for term, words in spelled if not self._add(term, words)]
        sharing = Counter(word for _, words in phrases for word in set(words))
        for term, words in phrases:
            at = _rarest(words, sharing, zipf)
            anchor = _Anchor(term, words, _articles(term, words), at)
            for form in term.forms[at] if term.forms else words[at : at + 1]:
                self._phrases.setdefault(form, []).append(anchor)
        self._lengths = sorted({len(prefix) for prefix in self._prefixes})
        self._ends = _with_stems({*self._words, *self._exact, *self._phrases})
        self._beginnings = {
            length: frozenset(grouped)
            for length, grouped in groupby(sorted(_with_stems(self._prefixes), key=len), key=len)
        }

    def may_hold(self, word: str) -> bool:
        """Whether a word of a text ends in a word of a term, which nearly none does; a fifteenth of
        the work of `parts`."""
        if word in self._ends:
            return True
        for start, letter in enumerate(word[: LONGEST_HEAD + 1], 1):
            if letter not in HEAD_LETTERS:
                break
            if word[start:] in self._ends:
                return True
        return bool(self._beginnings) and self._may_begin(word)

    def _may_begin(self, word: str) -> bool:
        """Whether a prefix that is looked for stands in a word, at most so far from its start."""
        return any(
            word[start : start + length] in beginnings
            for length, beginnings in self._beginnings.items()
            for start in range(LONGEST_HEAD + 2)
        )

    def _add(self, term: Term, words: tuple[str, ...]) -> bool:
        """Takes a spelling of a term in, unless it is a phrase."""
        if len(words) > 1:
            return False
        table = self._words
        if term.mode is Mode.EXACT:
            table = self._exact
        elif term.mode is Mode.PREFIX:
            table = self._prefixes
        for form in term.forms[0] if term.forms else words:
            table.setdefault(form, []).append(term)
        return True

    def parts(self, word: str) -> Iterator[Part]:
        """Everything that a word of a text may be a part of."""
        for reading in readings(word):
            yield from self._read(reading)
            if self._phrases:
                yield from self._in_phrases(reading, word)
        if self._exact:
            yield from map(Part, self._exact.get(word, ()))
        if word.startswith("ا"):
            yield from self._asked(word)

    def _read(self, reading: Reading) -> Iterator[Part]:
        gained = reading.word if reading.join is Join.DETERMINED else ""
        for term in self._words.get(reading.word, ()):
            if reading.admits(article=term.article):
                yield Part(term, gained=gained)
        for length in self._lengths:
            for term in self._prefixes.get(reading.word[:length], ()):
                if reading.admits(article=term.article):
                    yield Part(term, gained=gained)

    def _in_phrases(self, reading: Reading, word: str) -> Iterator[Part]:
        """Only its first word may have proclitics, and any may have an article."""
        whole = word.removeprefix(ARTICLE)
        for anchor in self._phrases.get(reading.word, ()):
            if anchor.at == 0 or reading.word in (word, whole):
                yield Part(*anchor)

    def _asked(self, word: str) -> Iterator[Part]:
        rest = word[1:]
        for reading in readings(rest):
            if asks(reading.word, rest, self._zipf):
                for part in self._read(reading):
                    yield part._replace(asked=True)
                # Whether a phrase is behind أ is seen where its words are compared.
                yield from (part for part in self._in_phrases(reading, rest) if part.at == 0)


def _with_stems(words: Collection[str]) -> set[str]:
    """The words, and those with an article without it too: ل contracts it, للقاعدة."""
    return {*words, *(word[len(ARTICLE) :] for word in words if word.startswith(ARTICLE))}


def _spellings(term: Term) -> Iterable[tuple[str, ...]]:
    return spellings(term.words) if term.mode is Mode.PLAIN else (term.words,)


def _articles(term: Term, words: tuple[str, ...]) -> frozenset[str]:
    """The words of a spelling that have an article: those of the term, and what parting a name
    leaves (نصرالله, نصر الله)."""
    if words == term.words:
        return term.articles
    parted = (word for word in words if word not in term.words and word.startswith(ARTICLE))
    return frozenset({*parted, *term.articles.intersection(words)})


def _rarest(words: Sequence[str], sharing: Counter[str], zipf: Callable[[str], float]) -> int:
    """The word of a phrase at which the fewest phrases are compared: one that is rare in texts, as
    far as is known, and in other phrases."""
    return min(range(len(words)), key=lambda at: zipf(words[at]) + log10(sharing[words[at]]))


def _sighting(
    part: Part, number: int, passage: Passage, index: int, zipf: Callable[[str], float]
) -> Sighting | None:
    """Where the term stands of which a word of the passage may be a part, if it does."""
    if part.asked and passage.letter(index, 0) != "أ":
        return None
    if part.phrase:
        return _phrase(part, number, passage, index - part.at, zipf)
    if part.term.mode is Mode.EXACT:
        whole = not passage.in_hashtag(index)
        return Sighting(number, index, index + 1, bare=True) if whole else None
    if part.gained and not _bare_article(passage, index, part.gained):
        return None
    return Sighting(number, index, index + 1)


def _phrase(
    part: Part, number: int, passage: Passage, first: int, zipf: Callable[[str], float]
) -> Sighting | None:
    """Where a phrase stands that begins at a word of the passage, if it does and no sentence ends
    within it."""
    term, end = part.term, first + len(part.phrase)
    found = passage.words[max(first, 0) : end]
    if len(found) < len(part.phrase):
        return None
    if term.loose:
        found = tuple(fold_loosely(word) for word in found)
    if term.mode is Mode.EXACT:
        bare = found == part.phrase and not passage.in_hashtag(first)
    else:
        bare = _has_phrase(part, found, passage, first) or _asks_phrase(
            part, found, passage, first, zipf
        )
    if not bare or any(map(passage.ends_sentence, range(first, end - 1))):
        return None
    return Sighting(number, first, end, bare=term.mode is Mode.EXACT)


def _asks_phrase(
    part: Part, found: tuple[str, ...], passage: Passage, first: int, zipf: Callable[[str], float]
) -> bool:
    """Whether it is the phrase behind an interrogative أ."""
    rest = found[0][1:]
    if not (found[0].startswith("ا") and rest and asks(part.phrase[0], rest, zipf)):
        return False
    return passage.letter(first, 0) == "أ" and _has_phrase(part, [rest, *found[1:]], passage, first)


def _has_phrase(part: Part, found: Sequence[str], passage: Passage, first: int) -> bool:
    """Whether words are the phrase, and what reads as an article in them is one."""
    term = part.term
    if term.forms:
        articles = gained_by_forms(term.forms, found)
    else:
        articles = gained(part.phrase, found, part.articles)
    return articles is not None and all(
        _bare_article(passage, first + at, word) for at, word in articles
    )


def _bare_article(passage: Passage, index: int, word: str) -> bool:
    """Whether what stands before `word` in a word of the passage is the article, not its letters:
    nobody writes أل, and ألوان are colours and not the city of وان."""
    alef = len(passage.words[index]) - len(word) - len(ARTICLE)
    return passage.letter(index, alef) not in HAMZA
