"""What stands beside a name and speaks for or against the place: local evidence.

Each clue is a stable word with the text that it rests on; how much it weighs stands in sense. This
module must not look at the rest of the article, other names of places beside the name excepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from monitor.core.places import lexicon
from monitor.core.places.mentions import Mention
from monitor.core.text.forms import HAMZA
from monitor.core.text.normalise import TANWIN, compose, fold, strips
from monitor.core.text.tokens import Passage
from monitor.model import Place

_LIST_GAP: Final = re.compile(r"\s*[،,/\-–—]\s*")
_DATELINE_GAP: Final = re.compile(r"\s*[:\-–—/(]")
_CLOSE_GAP: Final = re.compile(r"[^\S\n]+[\"'“”«»()\[\]]*")
_PREPOSED: Final = frozenset("بكل")
_FEMININE: Final = ("ة", "ات")
_WINDOW: Final = 6  # words on either side in which sport speaks for a club
_REACH: Final = 3  # words before an adjective of persons in which its person stands

_BEFORE: Final[Mapping[str, frozenset[str]]] = {
    "person_before": lexicon.PERSONS,
    "name_before": lexicon.NAME_PARTS,
    "word_before": lexicon.HEADS,
    "direction_before": lexicon.DIRECTIONS,
    "verb_before": lexicon.VERBS,
}

_OF_PERSONS: Final[Mapping[str, frozenset[str]]] = {
    "person_before": lexicon.PERSONS,
    "predicate_before": lexicon.PREDICATES,
}


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The names of places that touch a name, None where there is none."""

    before: Mention | None
    after: Mention | None


Clue = tuple[str, str]


def head_of(passage: Passage, mention: Mention) -> str | None:
    """The administrative or geographic word right before a name, as written."""
    governed = not _PREPOSED.intersection(passage.words[mention.first][: mention.clitic])
    if governed and mention.first and passage.words[mention.first - 1] in lexicon.HEADS:
        return passage.raw(mention.first - 1)
    return None


def clues_inside(passage: Passage, mention: Mention, place: Place) -> Iterator[Clue]:
    """What the writing of the name itself says, of any name."""
    last = passage.raw(mention.end - 1)
    if _has_tanwin(last):
        yield "tanwin", last
    if mention.clitic and passage.words[mention.first] in lexicon.COMMON_WORDS:
        yield "common_word", passage.raw(mention.first)
    if place.doubtful and _hamza_differs(passage, mention, place):
        yield "other_hamza", passage.raw(mention.first)


def clues_beside(
    passage: Passage, mention: Mention, place: Place, neighbours: Neighbours
) -> Iterator[Clue]:
    """What stands beside a doubtful name."""
    if mention.first and not neighbours.before:
        yield from _before(passage, mention)
    yield from _after(passage, mention, place)
    yield from _listed(passage, mention, neighbours)
    if passage.in_hashtag(mention.first):
        yield "hashtag", "#"
    sport = _near(passage, mention, lexicon.SPORT)
    if sport:
        yield "sport_near", sport


def _has_tanwin(written: str) -> bool:
    """Whether a word ends in tanwin, which is indefinite: on its last letter, or before its alef.
    A mark elsewhere is a slip, and no word with the article has one."""
    letters = [place for place, letter in enumerate(written) if not strips(letter)]
    last = len(letters) - (2 if written[letters[-1]] == "ا" else 1)
    marks = written[letters[max(last, 0)] :]
    return bool(TANWIN.intersection(marks)) and not _definite(fold(written))


def _hamza_differs(passage: Passage, mention: Mention, place: Place) -> bool:
    """Whether the text writes a hamza that the name has not: فأس is no فاس."""
    written = _letters(passage.raw(mention.first))[mention.clitic :]
    for ours, theirs in zip(_letters(place.name), written, strict=False):
        if fold(ours) != fold(theirs):
            return False
        if theirs in HAMZA and theirs != ours:
            return True
    return False


def _before(passage: Passage, mention: Mention) -> Iterator[Clue]:
    """What the word right before the name says, where only a blank or a quote is between."""
    index = mention.first - 1
    if not _CLOSE_GAP.fullmatch(passage.gap_before(mention.first)):
        return
    word, raw = passage.words[index], passage.raw(index)
    attached = _PREPOSED.intersection(passage.words[mention.first][: mention.clitic])
    if attached:
        # What governs a name stands right before it; ب ك ل between make it another phrase.
        if word in lexicon.BELONGING:
            yield "direction_before", raw
        elif not _is_adjective(passage, mention):
            yield "preposition_before", passage.raw(mention.first)
        return
    told = next((what for what, table in _BEFORE.items() if word in table), None)
    if told:
        yield told, raw
    elif _is_adjective(passage, mention):
        yield from _before_adjective(passage, mention)
    else:
        yield from _agreement(passage, mention)


def _agreement(passage: Passage, mention: Mention) -> Iterator[Clue]:
    """A noun before a name that agrees with it makes an adjective of it: تقنية حديثة."""
    word, raw = passage.words[mention.first - 1], passage.raw(mention.first - 1)
    if word in lexicon.PREPOSITIONS:
        yield "preposition_before", raw
    elif _definite(word):
        yield "definite_before", raw
    elif word.endswith(_FEMININE) and passage.words[mention.end - 1].endswith("ة"):
        yield "feminine_pair", raw


def _before_adjective(passage: Passage, mention: Mention) -> Iterator[Clue]:
    """An adjective follows its person at some distance, and never a preposition with a blank."""
    index = mention.first - 1
    if passage.words[index] in lexicon.PREPOSITIONS:
        yield "place_of", passage.raw(index)
        return
    for place in range(index, max(-1, index - _REACH), -1):
        for what in ("person_before", "predicate_before"):
            if passage.words[place] in _OF_PERSONS[what]:
                yield what, passage.raw(place)
                return


def _after(passage: Passage, mention: Mention, place: Place) -> Iterator[Clue]:
    end = mention.end
    gap = passage.gap_after(end - 1)
    if mention.first == 0 and _DATELINE_GAP.match(gap):
        yield "opens_text", passage.raw(0)
    if end == len(passage.words) or gap.strip():
        return
    word = passage.words[end]
    if lexicon.COUNTRY_OF.get(word) == place.country:
        yield "country_after", passage.raw(end)
    elif word.startswith("ال") and _definite(passage.words[mention.first]):
        yield "definite_after", passage.raw(end)


def _listed(passage: Passage, mention: Mention, neighbours: Neighbours) -> Iterator[Clue]:
    """Another place in one list with the name: الكوير ومخمور, أربيل/مخمور."""
    before, after = neighbours.before, neighbours.after
    if before and _joined(passage, mention):
        yield "beside_place", passage.raw(before.end - 1)
    elif after and _joined(passage, after):
        yield "beside_place", passage.raw(after.first)


def _joined(passage: Passage, later: Mention) -> bool:
    listed = _LIST_GAP.fullmatch(passage.gap_before(later.first))
    return bool(listed) or (later.clitic > 0 and passage.words[later.first].startswith("و"))


def _near(passage: Passage, mention: Mention, table: frozenset[str]) -> str | None:
    """The first word of a table within reach of a name, as written."""
    for index in range(
        max(0, mention.first - _WINDOW), min(len(passage.words), mention.end + _WINDOW)
    ):
        if passage.words[index] in table:
            return passage.raw(index)
    return None


def _is_adjective(passage: Passage, mention: Mention) -> bool:
    name = passage.words[mention.first][mention.clitic :]
    return name in lexicon.PERSON_ADJECTIVES


def _definite(word: str) -> bool:
    return word.startswith(("ال", "وال", "بال", "فال", "كال", "لل")) and len(word) > 4


def _letters(written: str) -> str:
    """A word without marks and tatweel, its hamzas kept."""
    return "".join(letter for letter in compose(written) if fold(letter))
