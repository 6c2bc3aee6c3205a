"""What is known of words beforehand: how common they are, and which belong together.

The knowledge is packaged data, so it comes in as two functions; the core reads no file.
This module must hold no words itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`zipf`: how common a folded word is, log10 of its occurrences in a thousand million words of
    Arabic text (van Heuven et al. 2014); 0.0 where the list does not hold it. `related`: broken
    plurals and other irregular forms of a folded word, folded, in both directions."""

    zipf: Callable[[str], float]
    related: Callable[[str], tuple[str, ...]]


# For rules of which only the regular is asked.
NO_LEXICON: Final = Lexicon(lambda _word: 0.0, lambda _word: ())
