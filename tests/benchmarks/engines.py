"""Engines that find keywords with proclitics in articles, to compare ours with.

Each is built from the same keywords and answers with the numbers of those that it finds in the
title and text of a raw article: folding is part of its work. This module must not measure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import ahocorasick
from newswire import BARE, DEFINITE, TO_THE, forms, has_article

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import compile_rules
from monitor.core.text.normalise import fold
from monitor.core.text.tokens import words
from monitor.model import Article, Match, Rule

Find = Callable[[Article], Collection[object]]


@dataclass(frozen=True, slots=True)
class Engine:
    """`build` makes the search from keywords; `heavy` where a search tries them one by one."""

    name: str
    build: Callable[[Sequence[str]], Find]
    heavy: bool = False


def rules_of(keywords: Iterable[str]) -> list[Rule]:
    """One rule a keyword, named by its number."""
    return [Rule(str(number), any=(keyword,)) for number, keyword in enumerate(keywords)]


def numbers(answer: Collection[object]) -> frozenset[int]:
    """The keywords of an engine's answer: ours answers with matches, the others with numbers."""
    return frozenset(
        int(found.rule.name if isinstance(found, Match) else str(found)) for found in answer
    )


def text_of(article: Article) -> str:
    """What all engines but ours read of an article."""
    return f"{article.title}\n{article.text}"


def ours(keywords: Sequence[str]) -> Find:
    """Rasid: matches with their spans in the original."""
    return compile_rules(rules_of(keywords), Gazetteer(())).match


def dictionary(keywords: Sequence[str]) -> Find:
    """Every form in one dictionary, asked for each word."""
    table = _table(keywords)

    def find(article: Article) -> set[int]:
        there = table.keys() & words(text_of(article))
        return {number for word in there for number in table[word]}

    return find


def expanded_automaton(keywords: Sequence[str]) -> Find:
    """Aho-Corasick over every form, and a check that no letter stands on either side."""
    automaton = ahocorasick.Automaton()
    for form, found in _table(keywords).items():
        automaton.add_word(form, (len(form), found))
    automaton.make_automaton()

    def find(article: Article) -> set[int]:
        text = f" {fold(text_of(article))} "
        found: set[int] = set()
        for end, (length, owners) in automaton.iter(text):
            if not (text[end + 1].isalpha() or text[end - length].isalpha()):
                found.update(owners)
        return found

    return find


def bare_automaton(keywords: Sequence[str]) -> Find:
    """Aho-Corasick over the keywords alone, and a check of what stands before and after."""
    table: dict[str, list[tuple[int, frozenset[str]]]] = {}
    for number, keyword in enumerate(keywords):
        for core, clitics in _cores(fold(keyword)):
            table.setdefault(core, []).append((number, clitics))
    automaton = ahocorasick.Automaton()
    for core, owners in table.items():
        automaton.add_word(core, (len(core), owners))
    automaton.make_automaton()

    def find(article: Article) -> set[int]:
        text = f" {fold(text_of(article))} "
        found: set[int] = set()
        for end, (length, owners) in automaton.iter(text):
            if text[end + 1].isalpha():
                continue
            start = before = end - length + 1
            while text[before - 1].isalpha():
                before -= 1
            clitic = text[before:start]
            found.update(number for number, clitics in owners if clitic in clitics)
        return found

    return find


def regex(keywords: Sequence[str]) -> Find:
    """One alternation, as one writes it first. It tells one keyword a word."""
    owners = {fold(keyword): number for number, keyword in enumerate(keywords)}
    articled = [word[2:] for word in owners if has_article(word)]
    plain = [word for word in owners if not has_article(word)]
    pattern = re.compile(
        rf"(?<![^\W\d_])(?:(?:[وف]?[بكل]?|[وف]?[بك]?ال|[وف]?لل)({_either(plain)})"
        rf"|(?:[وف]?[بكل]?ال|[وف]?لل)({_either(articled)}))(?![^\W\d_])"
    )

    def find(article: Article) -> set[int]:
        found = pattern.finditer(fold(text_of(article)))
        return {owners[match[1] or f"ال{match[2]}"] for match in found}

    return find


ENGINES = (
    Engine("rasid, with spans", ours),
    Engine("dict of all forms", dictionary),
    Engine("pyahocorasick, all forms", expanded_automaton),
    Engine("pyahocorasick, bare", bare_automaton),
    Engine("re alternation", regex, heavy=True),
)


def _table(keywords: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Form -> the keywords that it is a form of."""
    table: dict[str, tuple[int, ...]] = {}
    for number, keyword in enumerate(keywords):
        own = (number,)
        for form in forms(fold(keyword)):
            table[form] = table[form] + own if form in table else own
    return table


_ANY_CLITIC = frozenset((*BARE, *DEFINITE, *TO_THE))
_BEFORE_ARTICLE = frozenset(BARE)
_CONTRACTED = frozenset(clitic.removesuffix("لل") for clitic in TO_THE)


def _cores(word: str) -> list[tuple[str, frozenset[str]]]:
    """What to look for where a folded keyword is meant, and what may stand before it."""
    if not has_article(word):
        return [(word, _ANY_CLITIC)]
    contracted = [("لل" + word[2:], _CONTRACTED)]
    if word.startswith("الل"):
        contracted.append(("ل" + word[2:], _CONTRACTED))
    return [(word, _BEFORE_ARTICLE), *contracted]


def _either(words_: Iterable[str]) -> str:
    """An alternation; of nothing, what never matches."""
    return "|".join(map(re.escape, words_)) or "(?!)"
