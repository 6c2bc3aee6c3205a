"""Two texts of one article made one. This module must not know where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

LONGEST_TEXT: Final = 1_000_000  # letters of a title or a text
_MOST_LOOKED_FOR: Final = 200  # paragraphs; each is a search through the whole content
_CUT: Final = " .…[]"  # how summaries end that were cut off


def whole(summary: str, contents: Sequence[str]) -> str:
    """The content, after those paragraphs of the summary that it lacks: an opening may stand in
    the summary alone, and a summary is often the cut-off beginning of the content."""
    text = "\n".join(contents)
    if not text:
        return summary
    folded = _folded(text)
    parts = summary.split("\n")
    looked_for, rest = parts[:_MOST_LOOKED_FOR], parts[_MOST_LOOKED_FOR:]
    lacking = [part for part in looked_for if _folded(part).rstrip(_CUT) not in folded]
    return "\n".join([*lacking, *rest, text])[:LONGEST_TEXT]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
