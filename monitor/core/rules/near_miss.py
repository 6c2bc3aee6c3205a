"""What in an article comes close to a word that was not found, and what would find it.

This module must decide nothing (see verdict) and print nothing.
"""

from __future__ import annotations

from typing import Final

from monitor.core.rules.hearing import Hearing
from monitor.core.rules.items import derived_forms
from monitor.core.rules.needles import Sighting
from monitor.core.rules.tree import Mode, Term
from monitor.core.text.clitics import ARTICLE
from monitor.core.text.lexicon import Lexicon
from monitor.core.text.normalise import fold_loosely

_QUOTED: Final = 60  # letters of a word of the text


def near_miss(term: Term, hearing: Hearing, lexicon: Lexicon) -> str:
    """A clause that begins with a semicolon, empty where nothing comes close."""
    if len(term.words) > 1:
        there = [word for word in term.words if word in hearing.vocabulary]
        stand = "stands" if len(there) == 1 else "stand"
        return f"; {', '.join(there)} {stand} there, but not as this phrase" if there else ""
    wanted = term.words[0]
    if term.mode is Mode.EXACT:
        return _told(hearing, _holding(wanted, hearing), "is not exactly it, on its own")
    stem = wanted.removeprefix(ARTICLE) if term.article else wanted
    forms = (hearing.stems.get(form) for form in derived_forms(stem, lexicon))
    return (
        _told(
            hearing,
            hearing.loose_stems.get(fold_loosely(wanted)),
            "differs in ة ؤ ئ: loose: true would find it",
        )
        or _told(hearing, hearing.stems.get(stem), "has no article")
        or _told(
            hearing, next(filter(None, forms), None), f"is a form of it: {stem}+ would find it"
        )
        or _told(hearing, _holding(wanted, hearing), "holds it, but is another word")
    )


def _holding(wanted: str, hearing: Hearing) -> Sighting | None:
    """The first word that holds another inside."""
    return next((found for word, found in hearing.vocabulary.items() if wanted in word), None)


def _told(hearing: Hearing, found: Sighting | None, what: str) -> str:
    if found is None:
        return ""
    span = hearing.span(found)
    return f"; {hearing.text(span)[:_QUOTED]} at {span.field} {span.start} {what}"
