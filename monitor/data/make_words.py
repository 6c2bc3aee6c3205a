"""Makes words.tsv, how common Arabic words are, from the word list of wordfreq 3.1.1.

    pip install wordfreq==3.1.1 && python -m monitor.data.make_words

A development tool: the package reads the file, never this script. The list's data is under CC BY-SA
4.0; see SOURCES.md.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path

from monitor.core.text.tokens import words

HERE = Path(__file__).parent
COMMONEST = 3.0  # Zipf: once in a million words
LONGEST_UNASKED = 4  # letters, the أ included: shorter words take no interrogative أ
HEADER = """\
# How common Arabic words are: a word as rasid folds it, a tab, its Zipf frequency (log10 of its
# occurrences in a thousand million words). Made by make_words.py from wordfreq 3.1.1 by Robyn Speer
# and contributors, https://doi.org/10.5281/zenodo.7199437, whose data is under the licence
# CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/); so is this file. Changed:
# spellings that rasid folds together are added up, and words below 3.0 are left out, but for names
# of places and those with أ before a word that is kept, as أضحية: they are no questions about it.
"""


def main() -> None:
    """Writes words.tsv beside this script."""
    from wordfreq import get_frequency_dict  # type: ignore[import-not-found,unused-ignore]

    summed: Counter[str] = Counter()
    asking: set[str] = set()
    for spelling, share in get_frequency_dict("ar", "large").items():
        found = words(spelling)
        if len(found) == 1 and "\u0621" <= found[0][0] <= "\u06d5":
            summed[found[0]] += share
            if spelling.startswith("أ") and len(found[0]) > LONGEST_UNASKED:
                asking.add(found[0])
    rows = [(word, math.log10(share) + 9) for word, share in summed.most_common()]
    common = {word for word, zipf in rows if zipf >= COMMONEST}
    kept = common | {word for word in asking if word[1:] in common} | _of_places()
    # In the order of their bytes: rasid looks words up by halving.
    lines = sorted((f"{word}\t{zipf:.2f}\n" for word, zipf in rows if word in kept), key=_bytes)
    HERE.joinpath("words.tsv").write_text(HEADER + "".join(lines), encoding="utf-8")


def _bytes(line: str) -> bytes:
    return line.partition("\t")[0].encode()


def _of_places() -> set[str]:
    """The words that are names of places in Arabic letters, however rare."""
    places = HERE.joinpath("places.jsonl").read_text("utf-8").splitlines()
    rows = map(json.loads, places)
    names = (name for row in rows for name in (row["name"], *row.get("spellings", ())))
    keys = map(words, names)
    return {key[0] for key in keys if len(key) == 1}


if __name__ == "__main__":
    main()
