"""Regular derived words: the nisba, the feminine, the sound plurals, the dual, and س before verbs.

Only where a rule asks for them (`forms`): حرب then also finds حربي and الحروب, and now and then a
word that merely looks derived. They are made from the folded word by the rules of word formation
(Ryding, A Reference Grammar of Modern Standard Arabic, chapters 5 and 7); irregular ones are the
lexicon's. This module must strip nothing from the words of a text.
"""

from __future__ import annotations

from typing import Final

_NISBA_ENDINGS: Final = ("", "ة", "ون", "ين", "ات", "ا", "و", "ان", "تان", "تين")
_NOUN_ENDINGS: Final = ("ا", "ون", "ين", "ات", "ان")
_FEMININE_ENDINGS: Final = ("ة", "تان", "تين")
_VERB_PREFIXES: Final = frozenset("يتنا")
_SHORTEST: Final = 3


def derived(word: str) -> tuple[str, ...]:
    """The regular forms of a folded word without the article, itself first, each once. Words of
    other scripts and of under three letters have none."""
    if len(word) < _SHORTEST or not all("ء" <= letter <= "ي" for letter in word):
        return (word,)
    if word.endswith("ة"):
        forms = _of_feminine(word[:-1])
    elif word.endswith("ي"):
        forms = _nisba(word)
    elif word.endswith("اء"):
        forms = (*_nisba(word[:-1] + "ئي"), *_nisba(word[:-1] + "وي"), word + "ات")
    elif word.endswith("ا"):
        stem = word[:-1]
        forms = _nisba(stem if stem.endswith("ي") else stem + "ي")
    else:
        forms = _of_noun(word)
    return tuple(dict.fromkeys((word, *forms, *_future(word))))


def _of_feminine(stem: str) -> tuple[str, ...]:
    nisba = () if stem.endswith("ي") else _nisba(stem + "ي")
    return (stem + "ات", stem + "تان", stem + "تين", *nisba)


def _of_noun(word: str) -> tuple[str, ...]:
    feminine = _FEMININE_ENDINGS if _takes_feminine(word) else ()
    return (*(word + ending for ending in (*_NOUN_ENDINGS, *feminine)), *_nisba(word + "ي"))


def _nisba(adjective: str) -> tuple[str, ...]:
    """An adjective in ي in all its forms: حوثي حوثية حوثيون حوثيين حوثيات …"""
    return tuple(adjective + ending for ending in _NISBA_ENDINGS)


def _takes_feminine(word: str) -> bool:
    """Participles and the like, فاعل فعيل and those in م: of other nouns ة makes another word, as
    عملة, currency, of عمل, work."""
    pattern = len(word) == 4 and (word[1] == "ا" or word[2] == "ي")
    return pattern or (len(word) >= 4 and word.startswith("م"))


def _future(word: str) -> tuple[str, ...]:
    """س before what may be a verb of the present: سيهاجم."""
    return ("س" + word,) if len(word) >= 4 and word[0] in _VERB_PREFIXES else ()
