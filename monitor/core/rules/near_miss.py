"""What in an article comes close to a word that was not found, and what would find it.

This module must decide nothing (see verdict) and print nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from monitor.core.rules.hearing import Hearing
from monitor.core.rules.items import derived_forms
from monitor.core.rules.needles import Sighting
from monitor.core.rules.tree import Mode, Term
from monitor.core.text.clitics import ARTICLE
from monitor.core.text.forms import readings
from monitor.core.text.lexicon import Lexicon
from monitor.core.text.normalise import fold_loosely

_QUOTED: Final = 60  # letters of a word of the text


def near_miss(term: Term, hearing: Hearing, lexicon: Lexicon) -> str:
    """A clause that begins with a semicolon, empty where nothing comes close."""
    if len(term.words) > 1:
        there = [word for word in term.words if hearing.has_word(word)]
        stand = "stands" if len(there) == 1 else "stand"
        return f"; {', '.join(there)} {stand} there, but not as this phrase" if there else ""
    wanted = term.words[0]
    if term.mode is Mode.EXACT:
        return _told(hearing, lambda word: wanted in word, "is not exactly it, on its own")
    loosely = fold_loosely(wanted)
    forms = frozenset(derived_forms(wanted, lexicon))
    stem = wanted.removeprefix(ARTICLE) if term.article else None

    def reads_as(word: str, sought: Callable[[str], bool]) -> bool:
        return any(sought(reading.word) for reading in readings(word))

    return (
        _told(
            hearing,
            lambda word: reads_as(word, lambda read: fold_loosely(read) == loosely),
            "differs in ة ؤ ئ: loose: true would find it",
        )
        or _told(hearing, lambda word: reads_as(word, lambda read: read == stem), "has no article")
        or _told(
            hearing,
            lambda word: reads_as(word, forms.__contains__),
            f"is a form of it: {term.label}+ would find it",
        )
        or _told(hearing, lambda word: wanted in word, "holds it, but is another word")
    )


def _told(hearing: Hearing, like: Callable[[str], bool], what: str) -> str:
    """What is said of the first word of the article that is like this."""
    for number, passage in enumerate(hearing.passages):
        for index, word in enumerate(passage.words):
            if len(word) <= _QUOTED and like(word):
                span = hearing.span(Sighting(number, index, index + 1, bare=True))
                return f"; {hearing.text(span)} at {span.field} {span.start} {what}"
    return ""
