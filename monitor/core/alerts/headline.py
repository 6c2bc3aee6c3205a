"""What stands over an article that has no title of its own.

Only for eyes: rules hear the title that the feed gives, or else they would find twice what stands
in a text once. This module must not know formats or channels.
"""

from __future__ import annotations

from typing import Final

from monitor.core.alerts.marked import collapse, part, shorten
from monitor.model import Marked

LONGEST: Final = 100  # letters
_LOOKED_AT: Final = 10 * LONGEST  # a text may have a million letters, and begin with blanks


def headline(text: Marked) -> Marked:
    """The beginning of a text in one line, cut between words; empty where the text is."""
    return shorten(collapse(part(text, 0, _LOOKED_AT)), LONGEST)
