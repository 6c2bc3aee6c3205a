"""What Arabic writes as one word with the next: the proclitics و ف ب ك ل, the article, and the
quotation marks that some writers put between them and the word.

This module holds tables alone.
"""

from __future__ import annotations

from typing import Final

ARTICLE: Final = "ال"
CONJUNCTIONS: Final = ("", "و", "ف")
PROCLITICS: Final = tuple(c + p for c in CONJUNCTIONS for p in ("", "ب", "ك", "ل"))
WITH_ARTICLE: Final = tuple(c + p + ARTICLE for c in CONJUNCTIONS for p in ("", "ب", "ك"))
TO_THE: Final = tuple(c + "لل" for c in CONJUNCTIONS)
QUOTES: Final = "<>\"'`´‘’‚‛“”„‟«»‹›()[]{}＂❛❜❝❞﴾﴿〈〉《》「」『』"
