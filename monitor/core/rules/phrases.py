"""Whether words of a text are a phrase, and where a phrase gains an article.

This module must not know passages or where words stand: see needles.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from monitor.core.text.clitics import ARTICLE
from monitor.core.text.forms import Join, readings

Gained = tuple[tuple[int, str], ...]


def gained(phrase: Sequence[str], found: Sequence[str], articles: Collection[str]) -> Gained | None:
    """Of as many words as the phrase has, (number, word without it) of those that bear an article
    that the phrase lacks; None where they are not the phrase.

    They are the same words, the first with proclitics; a phrase without an article may have one on
    its last word (حزام الناسف) or on all (السيارة المفخخة). `articles`: its words that have one."""
    joins = {reading.join for reading in readings(found[0]) if reading.word == phrase[0]}
    literal = Join.ATTACHED in joins or (Join.CONTRACTED in joins and phrase[0] in articles)
    rest, wanted = list(found[1:]), list(phrase[1:])
    if literal and rest == wanted:
        return ()
    if articles:
        return None
    definite = list(map(_definite, wanted))
    last = len(phrase) - 1
    if literal and rest == [*wanted[:-1], definite[-1]]:
        return ((last, phrase[last]),)
    if Join.DETERMINED in joins and rest == definite:
        bearing = (
            (at, word) for at, word in enumerate(phrase) if at == 0 or _definite(word) != word
        )
        return tuple(bearing)
    return None


def gained_by_forms(forms: Sequence[Collection[str]], found: Sequence[str]) -> Gained | None:
    """The same for a phrase of which each word may be any of its derived forms, with an article or
    without one."""
    heads = [reading for reading in readings(found[0]) if reading.word in forms[0]]
    if not heads:
        return None
    articles: list[tuple[int, str]] = []
    if all(head.join is Join.DETERMINED for head in heads):
        articles.append((0, heads[0].word))
    for at, word in enumerate(found[1:], 1):
        stem = word.removeprefix(ARTICLE)
        if word in forms[at]:
            continue
        if stem == word or stem not in forms[at]:
            return None
        articles.append((at, stem))
    return tuple(articles)


def _definite(word: str) -> str:
    """An Arabic word with the article; others, and numbers, take none (القرار 1701)."""
    return ARTICLE + word if "ء" <= word[0] <= "ي" else word
