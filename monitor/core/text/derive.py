"""Regular derived words: the nisba, the feminine, the sound plurals, the dual, and س before verbs.

Only where a rule asks for them (`forms`): حرب then also finds حربي and الحروب, and now and then a
word that merely looks derived. They are made from the folded word by the rules of word formation
(Ryding, A Reference Grammar of Modern Standard Arabic, chapters 5 and 7); irregular ones are the
lexicon's. This module must strip nothing from the words of a text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_NISBA_ENDINGS: Final = ("", "ة", "ون", "ين", "ات", "ا", "و", "ان", "تان", "تين", "تا", "تي")
_NOUN_ENDINGS: Final = ("ا", "ون", "ين", "ان")
_FEMININE_ENDINGS: Final = ("ة", "تان", "تين", "تا", "تي")
_ACCUSATIVE: Final = "ا"
_NO_ACCUSATIVE: Final = tuple("ةاءي")  # which carry tanwin without an alef
_VERB_PREFIXES: Final = frozenset("يتن")
SHORTEST: Final = 3  # letters of a word of which others are derived


def derived(word: str, zipf: Callable[[str], float] = lambda _word: 0.0) -> tuple[str, ...]:
    """The regular forms of a folded word without the article, itself first, each once. Words of
    other scripts and of under three letters have none. `zipf` says which words one meets: it tells
    a plural from another word's, and people from things."""
    if len(word) < SHORTEST or not all("ء" <= letter <= "ي" for letter in word):
        return (word,)
    if word.endswith("ة"):
        forms = _of_feminine(word[:-1], zipf)
    elif word.endswith("ي"):
        forms = _nisba(word)
    elif word.endswith("اء"):
        forms = _of_hamza(word[:-1])
    elif word.endswith("ا"):
        stem = word[:-1]
        forms = _nisba(stem if stem.endswith("ي") else stem + "ي")
    else:
        forms = _of_noun(word, zipf)
    return tuple(dict.fromkeys((word, *forms, *_future(word))))


def inflected(form: str) -> tuple[str, ...]:
    """A form that was looked up, such as a broken plural, as it ends in a sentence; a nisba with
    its own forms. Nothing is derived from it: of مدن, cities, the nisba is مدني, civilian."""
    if form.endswith("ي"):
        return _nisba(form)
    return (form,) if form.endswith(_NO_ACCUSATIVE) else (form, form + _ACCUSATIVE)


def _of_feminine(stem: str, zipf: Callable[[str], float]) -> tuple[str, ...]:
    forms = tuple(stem + ending for ending in ("ات", *_FEMININE_ENDINGS[1:]))
    if not stem.endswith("ي"):
        return (*forms, *_nisba(stem + "ي"))
    # Of people the masculine is the same word, سعودية سعودي; of things another, دورية دوري.
    people = any(zipf(article + stem + end) for article in ("", "ال") for end in ("ون", "ين"))
    return (*forms, *_nisba(stem)) if people else forms


def _of_hamza(stem: str) -> tuple[str, ...]:
    """Of لواء and صحراء alike, which differ in the dual and the nisba."""
    duals = (stem + ending for ending in ("ءان", "ءين", "وان", "وين"))
    return (*_nisba(stem + "ئي"), *_nisba(stem + "وي"), stem + "ءات", *duals)


def _of_noun(word: str, zipf: Callable[[str], float]) -> tuple[str, ...]:
    feminine = _FEMININE_ENDINGS if _takes_feminine(word) else ()
    # The plural in ات may be that of another word in ة: عملات are currencies, not works.
    plural = () if zipf(word + "ة") > zipf(word + "ات") and not feminine else ("ات",)
    # Before a genitive the plural of people loses its ن: مسلحو داعش.
    construct = ("و",) if len(word) > SHORTEST else ()
    endings = (*_NOUN_ENDINGS, *plural, *construct, *feminine)
    return (*(word + ending for ending in endings), *_nisba(word + "ي"))


def _nisba(adjective: str) -> tuple[str, ...]:
    """An adjective in ي in all its forms: حوثي حوثية حوثيون حوثيين حوثيات …"""
    return tuple(adjective + ending for ending in _NISBA_ENDINGS)


def _takes_feminine(word: str) -> bool:
    """Participles and the like, فاعل فعيل and those in م: of other nouns ة makes another word, as
    عملة, currency, of عمل, work."""
    pattern = len(word) == 4 and (word[1] == "ا" or word[2] == "ي")
    return pattern or (len(word) >= 4 and word.startswith("م"))


def _future(word: str) -> tuple[str, ...]:
    """س before what may be a verb of the present: سيهاجم سيهاجمون."""
    if len(word) < 4 or word[0] not in _VERB_PREFIXES or word.endswith(_NO_ACCUSATIVE):
        return ()
    return ("س" + word, "س" + word + "ون", "س" + word + "ان")
