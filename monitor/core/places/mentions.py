"""Where names of places stand in an article, whatever they mean there.

The longest name wins (بلد روز before بلد), and of names as long the one with the shorter proclitic
(لبنان before ل + بنان). Set phrases that hold a name but are no place (البيت الأبيض) take its words
as well. This module must not judge whether a name is the place: see sense.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, groupby
from operator import itemgetter
from typing import Final, NamedTuple

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.text.clitics import ARTICLE
from monitor.core.text.forms import (
    HEAD_LETTERS,
    LONGEST_HEAD,
    Join,
    asks,
    from_clitic,
    has_article,
    readings,
)
from monitor.core.text.joined import MOVABLE, spellings
from monitor.core.text.lexicon import NO_LEXICON, Lexicon
from monitor.core.text.normalise import fold_loosely
from monitor.core.text.remembered import Remembered
from monitor.core.text.tokens import Passage, words_of_each
from monitor.model import Place

# Kinds of places that bear the names of others, beside which they lie.
_NAMED_FOR_OTHERS: Final = frozenset(
    [
        "road",
        "airport",
        "port",
        "prison",
        "base",
        "dam",
        "refinery",
        "oilfield",
        "plant",
        "crossing",
        "camp",
    ]
)
_HOLDS_MOVABLE: Final = re.compile("|".join(MOVABLE)).search
_ATTACHED: Final = HEAD_LETTERS | {"ا"}  # the interrogative أ as well
_ASKING: Final = "أ"
_MOST_MET: Final = 50_000  # words that are remembered: 5 MB
_LONGEST_MET: Final = 40  # letters

_Key = tuple[str, ...]
_Table = Mapping[_Key, tuple[Place, ...]]
_Begun = dict[str, tuple[_Key, ...]]  # by the first word


class Mention(NamedTuple):
    """A name in a passage: its words first..end-1, and the places that bear it. `clitic` is what is
    attached to its first word, `key` the folded name without it; `loose`: it is a name only with
    ة ؤ ئ folded."""

    passage: int
    first: int
    end: int
    clitic: str
    key: _Key
    places: tuple[Place, ...]
    loose: bool


class _Name(NamedTuple):
    """A name: its words, whether the first has an article, and the places that bear it; none: a set
    phrase. `inner`: the names inside it, as (offset, length) in
    its words, of what contains its place or lies in it: ميناء العقبة names العقبة as well."""

    key: _Key
    article: bool
    places: tuple[Place, ...]
    loose: bool
    inner: tuple[tuple[int, int], ...]


_Form = tuple[str, _Name]  # with the proclitic before it


class _Forms(NamedTuple):
    """The names that a word may begin: those of one word, and the longer ones by their second word;
    each with the proclitic that the word then bears."""

    alone: tuple[_Form, ...]
    longer: dict[str, list[_Form]]

    @classmethod
    def of(cls, found: Sequence[_Form]) -> _Forms | None:
        """The forms, the longest first, and of names as long the one with the shortest proclitic;
        None where there are none."""
        if not found:
            return None
        longer: dict[str, list[_Form]] = {}
        for form in found:
            if len(form[1].key) > 1:
                longer.setdefault(form[1].key[1], []).append(form)
        return cls(tuple(form for form in found if len(form[1].key) == 1), longer)


_Pair = tuple[_Forms | None, _Forms | None]  # exactly spelled, loosely spelled


class NameFinder:
    """Finds the names of a gazetteer in passages. Any thread may use it: nothing in it changes but
    what it remembers of words that it met."""

    def __init__(self, gazetteer: Gazetteer, lexicon: Lexicon = NO_LEXICON) -> None:
        self._gazetteer = gazetteer
        self._zipf = lexicon.zipf
        self._more = _more(gazetteer)
        written = {**gazetteer.names, **self._more}
        self._loosely = _loosely(written)
        self._phrases = frozenset(filter(None, words_of_each(gazetteer.lore.phrases)))
        others = self._phrases - written.keys() - self._loosely.keys()
        self._begun = _by_first_word(chain(written, self._loosely, others))
        self._names: dict[str, tuple[_Name, ...]] = {}
        self._met = Remembered(self._meet, most=_MOST_MET, longest=_LONGEST_MET)

    def find(self, passages: Sequence[Passage]) -> tuple[Mention, ...]:
        """The mentions of all names in all passages, in order; none inside another, but for those
        of a place beside what lies in it."""
        return tuple(
            mention
            for number, passage in enumerate(passages)
            for mention in self._in_passage(number, passage)
        )

    def _in_passage(self, number: int, passage: Passage) -> Iterator[Mention]:
        begun = self._met.among(frozenset(passage.words))
        taken = 0
        for index in [at for at, word in enumerate(passage.words) if word in begun]:
            if index < taken:
                continue
            exact, loose = begun[passage.words[index]]
            if loose is not None:
                # It takes no words: a rule that does not listen to it hears the exact names in it.
                found = self._at(passage, index, loose)
                if found is not None:
                    yield from self._mentions(number, index, found)
            found = self._at(passage, index, exact) if exact is not None else None
            if found is not None:
                taken = index + len(found[1].key)
                yield from self._mentions(number, index, found)

    def _mentions(self, number: int, index: int, form: _Form) -> Iterator[Mention]:
        """A name, and the names inside it; nothing of a set phrase."""
        clitic, name = form
        if name.places:
            end = index + len(name.key)
            yield Mention(number, index, end, clitic, name.key, name.places, name.loose)
            for offset, length in name.inner:
                key = name.key[offset : offset + length]
                first, own = index + offset, "" if offset else clitic
                places = self._bearers(key)
                yield Mention(number, first, first + length, own, key, places, loose=False)

    def _at(self, passage: Passage, index: int, forms: _Forms) -> _Form | None:
        words = passage.words
        if forms.longer and index + 1 < len(words):
            for form in forms.longer.get(words[index + 1], ()):
                key = form[1].key
                if tuple(words[index + 1 : index + len(key)]) == key[1:] and self._fits(
                    passage, index, form
                ):
                    return form
        return next((form for form in forms.alone if self._fits(passage, index, form)), None)

    def _fits(self, passage: Passage, index: int, form: _Form) -> bool:
        clitic, name = form
        if clitic == _ASKING:
            rest = passage.words[index][1:]
            return passage.letter(index, 0) == "أ" and asks(name.key[0], rest, self._zipf)
        # Latin names of places are written with a capital.
        return not passage.words[index].isascii() or not passage.raw(index)[0].islower()

    def _meet(self, word: str) -> _Pair | None:
        """The names that the word may begin, exactly and loosely spelled, each with the proclitics
        that it then bears; None where there are none."""
        found = sorted(self._forms(word), key=_order) if self._may_begin(word) else []
        exact, loose = (
            _Forms.of([form for form in found if form[1].loose is loose]) for loose in (False, True)
        )
        return (exact, loose) if exact or loose else None

    def _may_begin(self, word: str) -> bool:
        """A quick look at whether a word, with something off its beginning, begins a name."""
        begun = self._begun
        if word.isascii():
            return word.isalpha()
        if word in begun:
            return True
        if word[0] not in _ATTACHED:
            return False
        rests = [word[length:] for length in range(1, min(len(word), LONGEST_HEAD + 2))]
        return any(rest in begun or ARTICLE + rest in begun for rest in rests)

    def _forms(self, word: str) -> Iterator[_Form]:
        for reading in readings(word):
            for name in self._begin(reading.word):
                if reading.join is Join.ATTACHED or (
                    reading.join is Join.CONTRACTED and name.article
                ):
                    yield _clitic(word, reading.word), name
        if word.startswith("ا"):
            for reading in readings(word[1:]):
                if reading.join is Join.ATTACHED:
                    yield from ((_ASKING, name) for name in self._begin(reading.word))

    def _bearers(self, key: _Key) -> tuple[Place, ...]:
        """The places of a name in Arabic letters, exactly spelled."""
        return self._more.get(key) or self._gazetteer.names.get(key, ())

    @cached_property
    def _latin(self) -> _Begun:
        return _by_first_word(self._gazetteer.latin)

    def _begin(self, word: str) -> tuple[_Name, ...]:
        """The names whose first word it is."""
        known = self._names.get(word)
        if known is None:
            if word in self._begun:
                known = tuple(name for key in self._begun[word] for name in self._made(key))
            elif word.isascii() and word in self._latin:
                latin = self._gazetteer.latin
                known = tuple(self._exact(key, latin[key]) for key in self._latin[word])
            else:
                return ()
            self._names[word] = known
        return known

    def _made(self, key: _Key) -> Iterator[_Name]:
        """All that words in Arabic letters may be: a name, one loosely spelled, a set phrase."""
        if places := self._bearers(key):
            yield self._exact(key, places)
        if loosely := self._loosely.get(key):
            yield _Name(key, has_article(key[0]), loosely, loose=True, inner=())
        if key in self._phrases:
            yield _Name(key, has_article(key[0]), (), loose=False, inner=())

    def _exact(self, key: _Key, places: tuple[Place, ...]) -> _Name:
        inner = _inner(key, places, self._bearers)
        return _Name(key, has_article(key[0]), places, loose=False, inner=inner)


def _by_first_word(keys: Iterable[_Key]) -> _Begun:
    first = itemgetter(0)
    return {word: tuple(begun) for word, begun in groupby(sorted(keys, key=first), key=first)}


def _clitic(word: str, name: str) -> str:
    """What a text's word bears before a name, the ل that took the alef of the article included."""
    clitic = word.removesuffix(name)
    return word[: word.index("ل") + 1] if clitic == word != name else clitic


def _order(form: _Form) -> tuple[int, int, bool]:
    """The longest name first; of names as long set phrases, then the shortest proclitic."""
    clitic, name = form
    return -len(name.key), len(clitic), bool(name.places)


def _more(gazetteer: Gazetteer) -> dict[_Key, tuple[Place, ...]]:
    """Names that are not in the gazetteer as they are: those in one word or two (عبدالملك). A name
    behind an administrative word may be any place of that name: مدينة القصير is no name of one
    alone."""
    found: dict[_Key, tuple[Place, ...]] = {}
    heads = {word for word, kinds in gazetteer.lore.kinds.items() if "head" in kinds}
    for key, places in gazetteer.names.items():
        if key[0] in heads and len(key) > 1 and key[1:] in gazetteer.names:
            found[key] = tuple(dict.fromkeys((*places, *gazetteer.names[key[1:]])))
    for key, places in gazetteer.names.items():
        if _HOLDS_MOVABLE(" ".join(key)):
            for other in spellings(key):
                if other not in gazetteer.names:
                    found.setdefault(other, places)
    return found


def _loosely(written: _Table) -> dict[_Key, tuple[Place, ...]]:
    """The names as they are written with ه for ة and the like, where that is another spelling. They
    share their words with the others."""
    found: dict[_Key, tuple[Place, ...]] = {}
    shared = {word: word for key in written for word in key}
    for exactly, places in written.items():
        name = " ".join(exactly)
        if (line := fold_loosely(name)) == name or (key := tuple(line.split(" "))) in written:
            continue
        bearers = tuple(dict.fromkeys((*found[key], *places))) if key in found else places
        found[tuple(map(shared.setdefault, key, key))] = bearers
    return found


def _inner(
    key: _Key, places: tuple[Place, ...], bearers: Callable[[_Key], tuple[Place, ...]]
) -> tuple[tuple[int, int], ...]:
    """The longest names inside a longer one, of places that contain its place or lie in it, or for
    which a site is named (مطار دمشق)."""
    found: list[tuple[int, int]] = []
    offset = 0
    while len(key) > 1 and offset < len(key):
        for length in range(len(key) - max(offset, 1) if offset else len(key) - 1, 0, -1):
            within = bearers(key[offset : offset + length])
            if any(_related(one, other) for one in places for other in within):
                found.append((offset, length))
                offset += length - 1
                break
        offset += 1
    return tuple(found)


def _related(one: Place, other: Place) -> bool:
    if one.id == other.id or other.id == other.country:
        return False
    if one.kind in _NAMED_FOR_OTHERS:
        return one.country == other.country
    return other.id in one.parents or one.id in other.parents


def mention_bounds(passage: Passage, mention: Mention) -> tuple[int, int]:
    """(start, end) in the original, the proclitic included, quoted or not."""
    return passage.span(from_clitic(passage, mention.first), mention.end)
