"""What stands beside a name and speaks for or against the place: local evidence.

Each clue is a stable word, how strongly it holds, and the text that it rests on; how much it weighs
stands in the weights. This module must not look at the rest of the article, other names of places
beside the name excepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from monitor.core.places.gazetteer import name_key, names_of
from monitor.core.places.lore import Lore
from monitor.core.places.mentions import Mention
from monitor.core.places.prior import Clue
from monitor.core.text.clitics import QUOTES
from monitor.core.text.forms import HAMZA, from_clitic
from monitor.core.text.lexicon import Lexicon
from monitor.core.text.normalise import TANWIN, compose, fold, strips
from monitor.core.text.tokens import Passage
from monitor.model import Place

_LIST_GAP: Final = re.compile(rf"\s*[{re.escape(QUOTES)}]*\s*[،,/\-–—]\s*[{re.escape(QUOTES)}]*")
_DATELINE_GAP: Final = re.compile(r"\s*(?:[:\-–—/(،,|…]|\.\.)")
_CLOSE_GAP: Final = re.compile(rf"[^\S\n]*[{re.escape(QUOTES)}]*[^\S\n]*")
_DASH: Final = re.compile(r"[:\-–—/|]")
_AGENCY: Final = 3  # words before a name in a dateline: سبق - الطائف:
_PREPOSED: Final = frozenset("بكل")
_NEAR: Final = 6  # words on either side in which sport speaks for a club, war for a place
_REACH: Final = 3  # words before an adjective of persons in which its person stands
_NONE: Final[frozenset[str]] = frozenset()
_RARE: Final = 2.0  # Zipf of what the list of words does not hold
_CLITIC: Final = 0.7  # Zipf by which a word with a proclitic is rarer than without, at least
_MOST_EXCESS: Final = 3.0

_TOPICS: Final = frozenset({"war"})
_MOST_NEAR: Final = 4

# Kinds of words right before a name, and right after it; the first that applies counts.
_BEFORE: Final = (
    "name_part", "heads", "head", "direction", "club", "first_name", "title", "site",
    "preposition", "verb", "number", "particle",
)  # fmt: skip
_AFTER: Final = ("ordinal", "direction", "apposition", "belonging")
# Verbs of which an adjective of persons, or a town, is the subject, by their first letter.
_VERBS: Final = {"ي": "he_after", "ت": "she_after"}
_SHORTEST_VERB: Final = 4
_PRONOUNS: Final = {"التي": "she_after", "الذي": "he_after", "وهي": "she_after", "وهو": "he_after"}
# No adjective of one man agrees with a noun so ending, so that it governs a name: شركة مخمور.
_NOT_MASCULINE: Final = ("ة", "ه", "ات", "و")
_NO_PERSON: Final = frozenset({"head", "heads", "site", "direction", "verb", "preposition"})
_DEFINITE: Final = 5  # letters, the article included
_APPOSED: Final = frozenset({"apposition", "belonging"})


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The names of places that touch a name, None where there is none, and how likely each is a
    place."""

    before: Mention | None
    after: Mention | None
    before_chance: float = 0.0
    after_chance: float = 0.0


class Beside:
    """Finds the clues beside names. Immutable; any thread may use it."""

    def __init__(self, lore: Lore, lexicon: Lexicon) -> None:
        self._lore = lore
        self._kinds = lore.kinds
        self._countries = lore.countries
        self._zipf = lexicon.zipf

    def head(self, passage: Passage, mention: Mention) -> str | None:
        """The administrative word right before a name, as written."""
        if not mention.first or _PREPOSED.intersection(mention.clitic):
            return None
        kinds = self._kinds.get(passage.words[mention.first - 1], _NONE)
        if ("head" in kinds or "heads" in kinds) and _closed(passage.gap_before(mention.first)):
            return passage.raw(mention.first - 1)
        return None

    def clues(
        self, passage: Passage, mention: Mention, around: Neighbours, *, person: bool
    ) -> list[Clue]:
        """The clues beside a name, whichever place it may be. `person`: it is an adjective of
        persons as well."""
        found = [*self._inside(passage, mention)]
        found += self._before(passage, mention, around, person=person)
        found += self._after(passage, mention, around)
        found += self._near(passage, mention)
        return found

    def clues_for(self, passage: Passage, mention: Mention, place: Place) -> Iterator[Clue]:
        """The clues beside a name for its being one of the places that bear it."""
        raw = passage.raw(mention.first)
        if _hamza_differs(raw, mention, place):
            yield "other_hamza", 1.0, raw
        end = mention.end
        if end < len(passage.words):
            country = self._countries.get((passage.words[end],))
            if country and _closed(passage.gap_after(end - 1)):
                same = self._lore.land(country) == self._lore.land(place.country)
                yield "country_after" if same else "other_country_after", 1.0, passage.raw(end)

    def _inside(self, passage: Passage, mention: Mention) -> Iterator[Clue]:
        """What the writing of the name itself says."""
        last = passage.raw(mention.end - 1)
        if _has_tanwin(last):
            yield "tanwin", 1.0, last
        raw = passage.raw(mention.first)
        if mention.clitic:
            excess = self._excess(passage.words[mention.first], mention)
            if excess > 0:
                yield "commoner_form", min(excess, _MOST_EXCESS), raw
        if passage.in_hashtag(mention.first):
            yield "hashtag", 1.0, "#" + raw

    def _excess(self, form: str, mention: Mention) -> float:
        """By how many powers of ten a name with a proclitic is commoner than it should be."""
        if len(mention.key) > 1:
            return 0.0
        return self._zipf(form) - (self._zipf(mention.key[0]) or _RARE) + _CLITIC

    def _before(
        self, passage: Passage, mention: Mention, around: Neighbours, *, person: bool
    ) -> Iterator[Clue]:
        first, clitic = written_from(passage, mention)
        gap = passage.gap_before(first)
        closed = first > 0 and _closed(gap)
        told = self._person(passage, mention) if person and closed else None
        if told:
            yield told
        elif _PREPOSED.intersection(clitic):
            if closed and "belonging" in self._kinds.get(passage.words[first - 1], _NONE):
                yield "belonging", 1.0, passage.raw(first - 1)
            elif "ك" not in clitic:
                yield "preposition_before", 1.0, passage.raw(first)
        elif around.before and (clitic or listed(gap)):
            yield "beside_place", around.before_chance, passage.raw(around.before.end - 1)
        elif not clitic and _opens(passage, mention):
            if _DATELINE_GAP.match(passage.gap_after(mention.end - 1)):
                yield "dateline", 1.0, passage.raw(first)
        elif not clitic and closed:
            yield from self._word_before(passage, mention, person=person)

    def _word_before(self, passage: Passage, mention: Mention, *, person: bool) -> Iterator[Clue]:
        index = mention.first - 1
        word, raw = passage.words[index], passage.raw(index)
        kinds = self._kinds.get(word, _NONE)
        told = next((kind for kind in _BEFORE if kind in kinds), None)
        if told or word.isdigit():
            yield f"{told or 'number'}_before", 1.0, raw
        elif not _APPOSED & kinds:
            theirs = "definite" if _definite(word) else "noun"
            ours = "definite" if _definite(mention.key[0]) else "bare"
            if person and word.endswith(_NOT_MASCULINE):
                yield "disagreeing_before", 1.0, raw
            else:
                yield f"{theirs}_before_{ours}", 1.0, raw

    def _person(self, passage: Passage, mention: Mention) -> Clue | None:
        """An adjective follows its person at some distance, with no preposition between."""
        first = mention.first
        clitic = mention.clitic
        if clitic and clitic not in ("ب", "ال", "و"):
            return None
        for index in range(first - 1, max(-1, first - 1 - _REACH), -1):
            kinds = self._kinds.get(passage.words[index], _NONE)
            if index == first - 1 and "person" not in kinds and _NO_PERSON & kinds:
                return None
            if (
                "preposition" in kinds
                or "head" in kinds
                or "heads" in kinds
                or "direction" in kinds
            ):
                return None
            for kind in ("person", "predicate"):
                if kind in kinds and (kind == "person" or index == first - 1):
                    return f"{kind}_before", 1.0, passage.raw(index)
        return None

    def _after(self, passage: Passage, mention: Mention, around: Neighbours) -> Iterator[Clue]:
        end = mention.end
        gap = passage.gap_after(end - 1)
        if around.after and (written_from(passage, around.after)[1] in ("و", "ف") or listed(gap)):
            yield "beside_place", around.after_chance, passage.raw(around.after.first)
        if end < len(passage.words) and _closed(gap):
            subject = self._is_subject(passage, mention)
            what = self._word_after(passage.words[end], mention, subject=subject)
            if what:
                yield what, 1.0, passage.raw(end)

    def _is_subject(self, passage: Passage, mention: Mention) -> bool:
        """Whether a verb behind a name may be about it: nothing governs it."""
        first, clitic = written_from(passage, mention)
        if clitic or not first or not _closed(passage.gap_before(first)):
            return True
        return "particle" in self._kinds.get(passage.words[first - 1], _NONE)

    def _word_after(self, word: str, mention: Mention, *, subject: bool) -> str | None:
        if (word,) in self._countries:
            return None
        kinds = self._kinds.get(word, _NONE)
        for kind in _AFTER:
            if kind in kinds:
                return f"{kind}_after"
        agreeing = _agreeing(word) if subject else None
        if agreeing:
            return agreeing
        if word.startswith("ال"):
            ours = "definite" if _definite(mention.key[0]) else "bare"
            return f"definite_after_{ours}"
        return None

    def _near(self, passage: Passage, mention: Mention) -> Iterator[Clue]:
        """Words of war within reach of a name."""
        words = passage.words
        start, end = max(0, mention.first - _NEAR), min(len(words), mention.end + _NEAR)
        found: dict[str, list[int]] = {}
        for index in range(start, end):
            if not mention.first <= index < mention.end:
                for kind in _TOPICS & self._kinds.get(words[index], _NONE):
                    found.setdefault(kind, []).append(index)
        for kind, where in found.items():
            yield f"{kind}_near", min(len(where), _MOST_NEAR) ** 0.5, passage.raw(where[0])


def _agreeing(word: str) -> str | None:
    """Whether a verb or pronoun speaks of him or of her: of a person, or of a town."""
    if word in _PRONOUNS:
        return _PRONOUNS[word]
    singular = len(word) >= _SHORTEST_VERB and not word.endswith("ون")
    return _VERBS.get(word[0]) if singular else None


def written_from(passage: Passage, mention: Mention) -> tuple[int, str]:
    """The index of the first word of a name as written, and its proclitic, quoted or not:
    و«هون» begins with the و."""
    first = from_clitic(passage, mention.first)
    return first, passage.words[first] if first < mention.first else mention.clitic


def listed(gap: str) -> bool:
    """Whether what stands between two names parts the members of a list."""
    return _LIST_GAP.fullmatch(gap) is not None


def _opens(passage: Passage, mention: Mention) -> bool:
    """Whether a name opens the text or a line of it, or follows the name of an agency there."""
    gap = passage.gap_before(mention.first)
    if not mention.first or "\n" in gap:
        return True
    return mention.first <= _AGENCY and _DASH.search(gap) is not None


def _closed(gap: str) -> bool:
    """Whether nothing but a blank or a quotation mark parts two words."""
    return _CLOSE_GAP.fullmatch(gap) is not None


def _has_tanwin(written: str) -> bool:
    """Whether a word ends in tanwin, which is indefinite: on its last letter, or before its alef.
    A mark elsewhere is a slip, and no word with the article has one."""
    if written.isalpha():
        return False
    letters = [place for place, letter in enumerate(written) if not strips(letter)]
    last = len(letters) - (2 if written[letters[-1]] == "ا" else 1)
    marks = written[letters[max(last, 0)] :]
    return bool(TANWIN.intersection(marks)) and not _definite(fold(written))


def _hamza_differs(raw: str, mention: Mention, place: Place) -> bool:
    """Whether the text writes a hamza that the name has not: فأس is no فاس."""
    if HAMZA.isdisjoint(raw):
        return False
    written = _letters(raw)[len(mention.clitic) :]
    return not any(
        _same_hamzas(_letters(name.split()[0]), written)
        for name in names_of(place)
        if name_key(name)[:1] == mention.key[:1]
    )


def _same_hamzas(name: str, written: str) -> bool:
    """Whether every hamza that is written on an alef is there in the name."""
    pairs = zip(name, written, strict=False)
    return all(theirs not in HAMZA or theirs == ours for ours, theirs in pairs)


def _definite(word: str) -> bool:
    return word.startswith(("ال", "وال", "بال", "فال", "كال", "لل")) and len(word) >= _DEFINITE


def _letters(written: str) -> str:
    """A word without marks and tatweel, its hamzas kept."""
    return "".join(letter for letter in compose(written) if fold(letter))
