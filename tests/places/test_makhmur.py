"""مخمور the district, never the drunk: a table of 120 invented articles, headlines and posts."""

from __future__ import annotations

import json
from pathlib import Path

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import compile_rules
from monitor.core.text.lexicon import Lexicon
from monitor.model import Article, PlaceName, Rule

TABLE = Path(__file__).with_name("makhmur.jsonl")
_LEAST = 0.95  # precision and recall


def test_most_hits_of_the_table_are_told_right(gazetteer: Gazetteer, lexicon: Lexicon) -> None:
    rules = compile_rules([Rule("r", places=(PlaceName("iq-makhmur"),))], gazetteer, lexicon)
    right = false = missed = 0
    for line in TABLE.read_text("utf-8").splitlines():
        row = json.loads(line)
        matches = rules.match(Article(title=row["title"], text=row["text"]))
        offsets = {"title": 0, "text": len(row["title"]) + 1}
        spans = [
            (span.start + offsets[span.field], span.end + offsets[span.field])
            for match in matches
            for span in match.spans
        ]
        whole = f"{row['title']}\n{row['text']}"
        for hit in row["hits"]:
            start = whole.index(hit["quote"])
            end = start + len(hit["quote"])
            taken = any(first < end and last > start for first, last in spans)
            right += taken and hit["label"] == "place"
            false += taken and hit["label"] == "drunk"
            missed += not taken and hit["label"] == "place"
    assert right + missed == 94
    assert right / (right + false) >= _LEAST
    assert right / (right + missed) >= _LEAST
