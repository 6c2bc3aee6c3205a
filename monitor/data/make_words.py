"""Makes words.tsv, how common Arabic words are, from the word list of wordfreq 3.1.1.

    pip install wordfreq==3.1.1 && python -m monitor.data.make_words

A development tool: the package reads the file, never this script. The list's data is under CC BY-SA
4.0; see SOURCES.md.
"""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

from monitor.core.text.tokens import words

COMMONEST = 3.0  # Zipf: once in a million words
HEADER = """\
# How common Arabic words are: a word as rasid folds it, a tab, its Zipf frequency (log10 of its
# occurrences in a thousand million words). Made by make_words.py from wordfreq 3.1.1 by Robyn Speer
# and contributors, https://doi.org/10.5281/zenodo.7199437, whose data is under the licence
# CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/); so is this file. Changed:
# spellings that rasid folds together are added up, and words below 3.0 are left out.
"""


def main() -> None:
    """Writes words.tsv beside this script."""
    from wordfreq import get_frequency_dict  # type: ignore[import-not-found,unused-ignore]

    summed: Counter[str] = Counter()
    for spelling, share in get_frequency_dict("ar", "large").items():
        found = words(spelling)
        if len(found) == 1 and "\u0621" <= found[0][0] <= "\u06d5":
            summed[found[0]] += share
    rows = [(word, math.log10(share) + 9) for word, share in summed.most_common()]
    lines = [f"{word}\t{zipf:.2f}\n" for word, zipf in rows if zipf >= COMMONEST]
    Path(__file__).with_name("words.tsv").write_text(HEADER + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
