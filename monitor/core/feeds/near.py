"""Whether a text is nearly one that lately alerted: for rules that ask to be spared such.

Papers print what agencies send with a line more or a paragraph less. So of two texts that are
nearly the same, one has all the longer words of the other; where each has some of its own, as with
another town in a police report, they are two stories. Their numbers and their negations agree.

What alerted by a rule is remembered for a day as prints, which tell of all its longer words, under
keys that hold the rule and the hour. This module must not decide what becomes of a text.
"""

from __future__ import annotations

from collections import Counter
from typing import Final
from zlib import crc32

from monitor.core.feeds.identity import digest
from monitor.core.text.tokens import numbers_among, words
from monitor.model import Article

LEAST_WORDS: Final = 12  # longer ones of a text; shorter texts are too much alike
MOST_WORDS: Final = 250  # distinct ones; more are not remembered, a sample would miss a difference
LEAST_SHARE: Final = 0.7  # of the words of both that both have
DAY: Final = 86_400.0
_HOUR: Final = 3600.0
_LONGER: Final = 4  # letters
_DIGITS: Final = 6  # hexadecimal, of a word's hash
_NEGATIONS: Final = frozenset(
    words(
        "لا ولا لم ولم لن ولن ليس ليست ليسوا وليس غير دون بدون نفى نفت ينفي تنفي ونفى ونفت كذب كذبت"
    )
)


PREFIX: Final = "near."  # of keys


def keys_of(rule: str, at: float) -> tuple[str, ...]:
    """The keys under which stand the prints of what alerted by a rule within a day before that
    moment; the first is that of the moment itself."""
    now = int(at // _HOUR)
    hours = range(now, now - int(DAY // _HOUR) - 1, -1)
    return tuple(PREFIX + digest("near", rule, str(hour)) for hour in hours)


def print_of(article: Article, at: float) -> str:
    """What is remembered of a text that alerts at that moment; "" where it says too little or too
    much."""
    told = words(article.text)
    hashed = _hashes(told)
    if not LEAST_WORDS <= len(hashed) <= MOST_WORDS:
        return ""
    all_words = "".join(f"{each:0{_DIGITS}x}" for each in sorted(hashed))
    return f"{int(at)}.{_particulars(told)}.{all_words}"


def key_of(known: str) -> str:
    """The key under which stands what left a print."""
    return PREFIX + digest("print", known)


def is_past(known: str, now: float) -> bool:
    """Whether no text is held against this print any more."""
    return float(known.partition(".")[0]) < now - DAY


def is_near(known: str, article: Article, now: float) -> bool:
    """Whether an article's text is nearly one that left this print within a day."""
    at, particulars, all_words = known.split(".")
    told = words(article.text)
    if not 0 <= now - int(at) <= DAY or particulars != _particulars(told):
        return False
    had = {int(all_words[i : i + _DIGITS], 16) for i in range(0, len(all_words), _DIGITS)}
    has = _hashes(told)
    if had - has and has - had:
        return False
    return len(had & has) >= LEAST_SHARE * len(had | has)


def _hashes(told: tuple[str, ...]) -> set[int]:
    longer = {word for word in told if len(word) >= _LONGER}
    return {crc32(word.encode("utf-8", "surrogatepass")) >> 8 for word in longer}


def _particulars(told: tuple[str, ...]) -> str:
    """What stands for the numbers and the negations of a text."""
    negations = Counter(word for word in told if word in _NEGATIONS)
    return digest(*sorted(numbers_among(told)), "not", *sorted(map(str, negations.items())))[:12]
