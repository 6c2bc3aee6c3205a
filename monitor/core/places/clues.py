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
from monitor.core.places.prior import RARE, Clue
from monitor.core.text.clitics import ARTICLE, QUOTES
from monitor.core.text.forms import HAMZA, from_clitic
from monitor.core.text.lexicon import Lexicon
from monitor.core.text.normalise import TANWIN, compose, fold, strips
from monitor.core.text.tokens import Passage
from monitor.model import Place

_LIST_GAP: Final = re.compile(
    rf"\s*+[{re.escape(QUOTES)}]*+\s*+[،,/\-–—]\s*+[{re.escape(QUOTES)}]*+"
)
_DATELINE_GAP: Final = re.compile(r"\s*+(?:[:\-–—/(،,|…]|\.\.)|[^\S\n]*+\n")
_CLOSE_GAP: Final = re.compile(rf"[^\S\n]*+[{re.escape(QUOTES)}]*+[^\S\n]*+[_#]?")
_DASH: Final = re.compile(r"[:\-–—/|]")
_AGENCY: Final = 3  # words before a name in a dateline: سبق - الطائف:
_PREPOSED: Final = frozenset("بكل")
_NEAR: Final = 6  # words on either side in which war speaks for a place
_REACH: Final = 3  # words before an adjective of persons in which its person stands
_NONE: Final[frozenset[str]] = frozenset()
_CLITIC: Final = 0.7  # Zipf by which a word with a proclitic is rarer than without, at least
_MOST_EXCESS: Final = 3.0

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
_NOT_MASCULINE: Final = re.compile(r".+(?:ة|ات)|.{4,}و")
# Participles, as which persons are called: حارس, مقاتل; and nisbas: بريطاني.
_MAY_BE_A_PERSON: Final = re.compile(r"[وف]?(?:م\w{2,5}|\wا\w\w|\w{3,}ي)")
# Behind words of these kinds, and right behind those, no adjective of persons stands.
_GOVERNING: Final = frozenset({"head", "heads", "direction", "preposition"})
_SITED: Final = frozenset({"site", "verb"})
_ADJECTIVES_BEAR: Final = frozenset({"", "ب", "و"})  # as proclitics
_DEFINITE: Final = 5  # letters, the article included


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
        spot = _Spot(passage, mention)
        found = [*self._inside(spot)]
        found += self._before(spot, around, person=person)
        found += self._after(spot, around)
        found += self._near(spot)
        return found

    def of_a_person(self, passage: Passage, mention: Mention) -> bool:
        """Whether a name that is an adjective of persons as well says what somebody is."""
        spot = _Spot(passage, mention)
        return spot.follows and self._person(spot) is not None

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

    def _inside(self, spot: _Spot) -> Iterator[Clue]:
        """What the writing of the name itself says."""
        if _has_tanwin(spot.last):
            yield "tanwin", 1.0, spot.last
        if spot.mention.clitic:
            excess = self._excess(spot.words[spot.mention.first], spot.mention)
            if excess > 0:
                yield "commoner_form", min(excess, _MOST_EXCESS), spot.raw
        if spot.gap_before.endswith("#"):
            yield "hashtag", 1.0, "#" + spot.raw

    def _excess(self, form: str, mention: Mention) -> float:
        """By how many powers of ten a name with a proclitic is commoner than it should be."""
        if len(mention.key) > 1:
            return 0.0
        return self._zipf(form) - (self._zipf(mention.key[0]) or RARE) + _CLITIC

    def _before(self, spot: _Spot, around: Neighbours, *, person: bool) -> Iterator[Clue]:
        told = self._person(spot) if person and spot.follows else None
        if told:
            yield told
        elif _PREPOSED.intersection(spot.clitic):
            if spot.follows and "belonging" in self._kinds_of(spot.first - 1, spot):
                yield "belonging", 1.0, spot.raw_at(spot.first - 1)
            elif "ك" not in spot.clitic:
                yield "preposition_before", 1.0, spot.raw_at(spot.first)
        elif around.before and (spot.clitic or listed(spot.gap_before)):
            yield "beside_place", around.before_chance, spot.raw_at(around.before.end - 1)
        elif not spot.clitic and spot.opens:
            if _DATELINE_GAP.match(spot.gap_after):
                yield "dateline", 1.0, spot.raw
        elif not spot.clitic and spot.follows:
            yield self._word_before(spot, person=person)

    def _word_before(self, spot: _Spot, *, person: bool) -> Clue:
        word, raw = spot.words[spot.first - 1], spot.raw_at(spot.first - 1)
        kinds = self._kinds.get(word, _NONE)
        told = next((kind for kind in _BEFORE if kind in kinds), None)
        if told or word.isdigit():
            return f"{told or 'number'}_before", 1.0, raw
        definite = _definite(word)
        if person and _NOT_MASCULINE.fullmatch(word):
            return "disagreeing_before", 1.0, raw
        if person and not definite and not _MAY_BE_A_PERSON.fullmatch(word):
            return "thing_before", 1.0, raw
        ours = "definite" if _definite(spot.mention.key[0]) else "bare"
        return f"{'definite' if definite else 'noun'}_before_{ours}", 1.0, raw

    def _person(self, spot: _Spot) -> Clue | None:
        """An adjective follows its person at some distance, with no preposition between."""
        if spot.clitic not in _ADJECTIVES_BEAR:
            return None
        last = spot.first - 1
        for index in range(last, max(-1, last - _REACH), -1):
            kinds = self._kinds_of(index, spot)
            behind = self._kinds_of(index - 1, spot) if index else _NONE
            if index == last and "preposition" in kinds and "predicate" in behind:
                return "predicate_before", 1.0, spot.raw_at(index - 1)  # القبض على مخمور
            if _GOVERNING & kinds or (index == last and "person" not in kinds and _SITED & kinds):
                return None
            if "person" in kinds:
                return "person_before", 1.0, spot.raw_at(index)
            if index == last and "predicate" in kinds:
                return "predicate_before", 1.0, spot.raw_at(index)
        return None

    def _after(self, spot: _Spot, around: Neighbours) -> Iterator[Clue]:
        end = spot.mention.end
        if around.after:
            joined = written_from(spot.passage, around.after)[1] in ("و", "ف")
            if joined or listed(spot.gap_after):
                yield "beside_place", around.after_chance, spot.raw_at(around.after.first)
        if end < len(spot.words) and _closed(spot.gap_after):
            what = self._word_after(spot.words[end], spot)
            if what:
                yield what, 1.0, spot.raw_at(end)

    def _word_after(self, word: str, spot: _Spot) -> str | None:
        if (word,) in self._countries:
            return None
        kinds = self._kinds.get(word, _NONE)
        for kind in _AFTER:
            if kind in kinds:
                return f"{kind}_after"
        agreeing = _agreeing(word)
        if agreeing and self._is_subject(spot):
            return agreeing
        if word.startswith("ال"):
            ours = "definite" if _definite(spot.mention.key[0]) else "bare"
            return f"definite_after_{ours}"
        return None

    def _is_subject(self, spot: _Spot) -> bool:
        """Whether a verb behind a name may be about it: nothing governs it."""
        if spot.clitic or not spot.follows:
            return True
        return "particle" in self._kinds_of(spot.first - 1, spot)

    def _near(self, spot: _Spot) -> Iterator[Clue]:
        """Words of war within reach of a name."""
        first, end = spot.mention.first, spot.mention.end
        reach = (
            *range(max(0, first - _NEAR), first),
            *range(end, min(len(spot.words), end + _NEAR)),
        )
        found = [index for index in reach if "war" in self._kinds_of(index, spot)]
        if found:
            yield "war_near", min(len(found), _MOST_NEAR) ** 0.5, spot.raw_at(found[0])

    def _kinds_of(self, index: int, spot: _Spot) -> frozenset[str]:
        return self._kinds.get(spot.words[index], _NONE)


class _Spot:
    """A name where it stands: its first word and proclitic as written, what a reader sees before
    and after it, and whether it follows a word closely or opens a line."""

    def __init__(self, passage: Passage, mention: Mention) -> None:
        self.passage, self.mention = passage, mention
        self.words = passage.words
        self.first, self.clitic = written_from(passage, mention)
        self.gap_before = passage.gap_before(self.first)
        self.gap_after = passage.gap_after(mention.end - 1)
        self.raw = passage.raw(mention.first)
        single = mention.end == mention.first + 1
        self.last = self.raw if single else passage.raw(mention.end - 1)
        self.follows = self.first > 0 and _closed(self.gap_before)
        self.opens = not self.first or "\n" in self.gap_before or self._follows_agency()

    def raw_at(self, index: int) -> str:
        """A word as the original writes it."""
        return self.passage.raw(index)

    def _follows_agency(self) -> bool:
        """Whether only the name of an agency stands before it in the text."""
        return self.first <= _AGENCY and _DASH.search(self.gap_before) is not None


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


def written(passage: Passage, mention: Mention) -> str:
    """A name as the text writes it, without what is attached to it: of للأنبار it is الأنبار."""
    start, end = passage.span(mention.first, mention.end)
    text = " ".join(passage.original[start:end].split())
    letters = [place for place, letter in enumerate(text) if not strips(letter)]
    if not mention.clitic or len(letters) <= len(mention.clitic):
        return text
    bare = text[letters[len(mention.clitic)] :]
    took = mention.clitic.endswith("ل") and mention.key[0].startswith(ARTICLE)
    return ARTICLE[0] + bare if took and not fold(bare).startswith(ARTICLE) else bare


def listed(gap: str) -> bool:
    """Whether what stands between two names parts the members of a list."""
    return _LIST_GAP.fullmatch(gap) is not None


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
    if mention.clitic.endswith("ل") and mention.key[0].startswith(ARTICLE):
        written = ARTICLE[0] + written  # which took the alef of the article
    names = [name for name in names_of(place) if name_key(name)[:1] == mention.key[:1]]
    return bool(names) and not any(
        _same_hamzas(_letters(name.split()[0]), written) for name in names
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
