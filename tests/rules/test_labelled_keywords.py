"""Keywords over labelled sentences: bare, with proclitics, quoted, marked, inside other words.

The sentences were written and labelled without a look at the matcher."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import compile_rules
from monitor.core.text.lexicon import Lexicon
from monitor.model import Article, Rule

ROWS = [
    json.loads(line)
    for line in Path(__file__).with_name("labelled_keywords.jsonl").read_text("utf-8").splitlines()
]
BY_KEYWORD = defaultdict(list)
for row in ROWS:
    BY_KEYWORD[row["keyword"]].append(row)


@pytest.mark.parametrize("keyword", BY_KEYWORD)
def test_every_sentence_is_read_as_labelled(lexicon: Lexicon, keyword: str) -> None:
    rules = compile_rules([Rule("r", any=(keyword,))], Gazetteer([]), lexicon)
    for row in BY_KEYWORD[keyword]:
        text = row["text"]
        matches = rules.match(Article(text=text))
        found = [text[span.start : span.end] for match in matches for span in match.spans]
        assert bool(found) is row["match"], (row["why"], text, found)
        assert not row["match"] or row["hit"] in found, (row["why"], ascii(text), found)
