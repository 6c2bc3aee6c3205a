"""What Arabic writes as one word with the next: the proclitics و ف ب ك ل and the article; and what
stands around words: quotation marks, invisible characters.

This module holds tables alone.
"""

from __future__ import annotations

from typing import Final

ARTICLE: Final = "ال"
CONJUNCTIONS: Final = ("", "و", "ف")
PROCLITICS: Final = tuple(c + p for c in CONJUNCTIONS for p in ("", "ب", "ك", "ل"))
WITH_ARTICLE: Final = tuple(c + p + ARTICLE for c in CONJUNCTIONS for p in ("", "ب", "ك"))
TO_THE: Final = tuple(c + "لل" for c in CONJUNCTIONS)
# What copying from a web page leaves around words, as the inside of a regular expression's class:
# not the joiners of Persian and Kurdish, which stand within words.
INVISIBLE: Final = r"\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
QUOTES: Final = "<>\"'`´‘’‚‛“”„‟«»‹›()[]{}＂❛❜❝❞﴾﴿〈〉《》「」『』"
