"""Which of many remembered articles a rule may fire on, told from the words that each holds.

    vocabulary(article)          all its words, in one byte a letter: what an archive keeps
    Shortlist(rule).admits(…)    whether the rule may fire on it: never False where it does

Hearing an article in full takes a hundred times as long as a look at its vocabulary. What a rule
needs is a list of groups of needles, of each of which one must be there. A word of a text holds a
word that is looked for at its end, behind at most أ, proclitics and article (text/forms), so that a
needle is the end of a word, or its beginning. This module must not decide whether a rule fires: see
verdict.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Final

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.compiled import CompiledRule
from monitor.core.rules.hearing import fields_of
from monitor.core.rules.patterns import AnyOf
from monitor.core.rules.spelled import LETTERS, spelled_out
from monitor.core.rules.tree import InPlace, Mode, Node, Not, Or, Pattern, Term, parts_of
from monitor.core.text.clitics import ARTICLE
from monitor.core.text.joined import spellings
from monitor.core.text.tokens import ARTICLES, Passage, words
from monitor.model import Article

# A change of what `vocabulary` gives makes all that was kept worthless: count up then.
VERSION: Final = 2

# Letters that are left when words are folded; all others are one letter, "?", which costs a few
# articles that are heard in vain. NUL is there for the codec, which wants it first.
_LETTERS: Final = (
    "\0 ?0123456789abcdefghijklmnopqrstuvwxyz"
    "ءابتثجحخدذرزسشصضطظعغفقكلمنهويةؤئ"
    "\u067e\u0686\u0695\u0698\u06a4\u06af\u06b5\u06c6\u06ce\u0679\u0688\u0691\u06ba\u06d2"
)
_CODEC: Final = codecs.charmap_build(_LETTERS.ljust(256, "\ufffe"))


def _encode(text: str) -> bytes:
    return codecs.charmap_encode(text, "replace", _CODEC)[0]


_BLANK: Final = _encode(" ")


def _either(*letters: str) -> bytes:
    return b"(?:" + b"|".join(re.escape(_encode(each)) for each in letters) + b")?"


# All that a word may bear before a word that is looked for, and a little more.
_HEAD: Final = (
    _BLANK
    + _either("ا")
    + _either("و", "ف")
    + b"(?:"
    + _either("ب", "ك", "ل")
    + _either(ARTICLE)
    + b"|"
    + _either("لل")
    + b")"
)
_LOOSE: Final = bytes.maketrans(_encode("ةؤئ"), _encode("هوي"))

_FEW: Final = 4  # needles
# Words of which it takes a second look to tell whether they are one with others.
_SELDOM: Final = LETTERS | ARTICLES

Group = frozenset[bytes]  # needles, one of which must be there
Need = tuple[Group, ...]  # and of each group one; none: the article may be any


def vocabulary(article: Article) -> bytes:
    """The words of an article, loosely folded, between blanks; those too that are written letter by
    letter. About as many bytes as the article has letters."""
    told: list[str] = []
    for field, original in fields_of(article):
        said = words(original)
        if not _SELDOM.isdisjoint(said):
            passage = Passage(field, original)
            said = passage.words
            told += [word for _, _, word in spelled_out(passage, frozenset(said))]
        told += said
    return _encode(f" {' '.join(told)} ").translate(_LOOSE)


class Shortlist:
    """What one rule needs. Immutable."""

    def __init__(self, groups: Iterable[Group]) -> None:
        needed = sorted(set(groups), key=len)
        self._tests = tuple(map(_test, needed))
        self.groups = tuple(needed)

    def admits(self, words: bytes) -> bool:
        """Whether the rule may fire on an article with this vocabulary."""
        return all(test(words) for test in self._tests)

    def lacks(self, words: bytes) -> tuple[int, ...]:
        """The numbers of the groups of which nothing is there; the first two alone."""
        lacking: tuple[int, ...] = ()
        for number, test in enumerate(self._tests):
            if not test(words):
                lacking = (*lacking, number)
                if len(lacking) > 1:
                    break
        return lacking


def shortlist(rule: CompiledRule, gazetteer: Gazetteer) -> Shortlist:
    """What a rule needs. One that rests on a regular expression alone needs nothing: it has to be
    laid on every article."""
    needs = _Needs(gazetteer)
    return Shortlist(group for clause in rule.clauses for group in needs.of(clause.node))


class Shortlists:
    """What several rules need, each on its own."""

    def __init__(self, rules: Iterable[CompiledRule], gazetteer: Gazetteer) -> None:
        self._each = [shortlist(rule, gazetteer) for rule in rules]
        first = [each.groups[0] for each in self._each if each.groups]
        whole = len(first) == len(self._each)
        self._any = _test(frozenset(chain.from_iterable(first))) if whole else None

    def admits(self, words: bytes) -> bool:
        """Whether one of the rules may fire on an article with this vocabulary."""
        if self._any is not None and not self._any(words):
            return False
        return any(each.admits(words) for each in self._each)


class _Needs:
    """What nodes need, over one gazetteer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def of(self, node: Node) -> Need:
        """Groups that hold of every article over which the node does."""
        match node:
            case Not() | Pattern():
                return ()
            case Term():
                return self._term(node)
            case InPlace():
                return self._either(map(self._name, self._names(node.ids)))
            case Or(parts=parts):
                return self._either(map(self.of, parts))
            case _:
                return tuple(chain.from_iterable(map(self.of, parts_of(node))))

    def _term(self, term: Term) -> Need:
        if term.mode is Mode.PREFIX:
            return _needed([_beginning(term.words[0])])
        if term.mode is Mode.EXACT:
            return _needed([[_BLANK + _end(word)] for word in term.words])
        if term.forms:
            return _needed([chain.from_iterable(map(_endings, forms)) for forms in term.forms])
        return self._either(_needed(map(_endings, words)) for words in spellings(term.words))

    def _name(self, key: tuple[str, ...]) -> Need:
        return _needed(map(_endings, key))

    def _names(self, ids: frozenset[str]) -> Iterator[tuple[str, ...]]:
        """The names of places, as folded words, in every spelling."""
        for table in (self._gazetteer.names, self._gazetteer.latin):
            for key, places in table.items():
                if any(place.id in ids for place in places):
                    yield from spellings(key)

    def _either(self, needs: Iterable[Need]) -> Need:
        """What is needed where one of several needs is met: of each the group that is likely the
        rarest, unless there is but one."""
        listed = list(needs)
        if len(listed) == 1:
            return listed[0]
        if not (listed and all(listed)):
            return ()
        return (frozenset(chain.from_iterable(map(_rarest, listed))),)


def _rarest(need: Need) -> Group:
    """Long words are rare, and few needles are found more rarely than many."""
    return max(need, key=lambda group: (min(map(len, group)), -len(group)))


def _needed(groups: Iterable[Iterable[bytes]]) -> Need:
    """The groups without those that anything would meet."""
    found = (frozenset(group) for group in groups)
    return tuple(group for group in found if group and all(len(each) > 1 for each in group))


def _end(word: str) -> bytes:
    """A word as the end of one in a vocabulary."""
    return _encode(word).translate(_LOOSE) + _BLANK


def _endings(word: str) -> Iterator[bytes]:
    """The ends of words that hold a word: that itself, without its article, which ل contracts."""
    stem = word.removeprefix(ARTICLE)
    yield _end(stem if len(stem) >= 2 else word)


def _beginning(word: str) -> Iterator[bytes]:
    """What stands in every word that begins so, behind whatever it bears."""
    yield _encode(word.removeprefix(ARTICLE)).translate(_LOOSE)


def _test(group: Group) -> Callable[[bytes], bool]:
    """Whether one of the needles is in a vocabulary, where it may be. Few are looked for plainly
    first, which is faster and nearly always says no."""
    bare = [needle for needle in group if needle.startswith(_BLANK)]
    exactly = AnyOf(_HEAD, group.difference(bare), bare).is_in
    if len(group) > _FEW:
        return exactly
    if len(group) == 1:
        (only,) = group
        return lambda words: only in words and exactly(words)
    few = tuple(group)
    return lambda words: any(needle in words for needle in few) and exactly(words)
