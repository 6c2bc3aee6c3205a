"""Learning the weights of evidence: what comes out, and that it comes out."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.text.lexicon import Lexicon
from monitor.data.learn_sense import BY_HAND, fit, learnt, prepared, report


def test_without_hits_the_weights_set_by_hand_remain() -> None:
    found = fit([{"bias": 1.0, "head_before": 1.0}], [1.0], [0.0])
    assert found["head_before"] == pytest.approx(BY_HAND["head_before"])


def test_evidence_that_is_always_right_gains_weight_and_the_reverse() -> None:
    rows = [{"bias": 1.0, "he_after": 1.0}, {"bias": 1.0, "war_near": 1.0}] * 50
    found = fit(rows, [0.0, 1.0] * 50, [1.0] * 100)
    assert found["he_after"] < BY_HAND["he_after"]
    assert found["war_near"] > 1


def test_hits_that_contradict_what_was_set_by_hand_move_it() -> None:
    rows = [{"bias": 1.0, "tanwin": 1.0}] * 200 + [{"bias": 1.0, "tanwin": 1.0}] * 200
    found = fit(rows, [1.0] * 200 + [0.0] * 200, [1.0] * 400)
    assert abs(found["bias"] + found["tanwin"]) < 0.2


def test_random_hits_settle_too() -> None:
    chosen = random.Random(3)
    names = list(BY_HAND)
    rows = [{"bias": 1.0, **dict.fromkeys(chosen.sample(names, 4), 1.0)} for _ in range(300)]
    found = fit(rows, [float(chosen.random() < 0.5) for _ in rows], [1.0] * 300)
    assert max(map(abs, found.values())) < 15


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("hits") / "hits.jsonl"
    rows = []
    for name, country, place, other in (
        ("القائم", "IQ", "حريق في قضاء القائم غرب العراق", "انتقد النظام القائم أمس"),
        ("حديثة", "IQ", "أمطار على سد حديثة في الأنبار", "افتتاح مدرسة حديثة"),
        ("الباب", "SY", "قصف مدينة الباب بريف حلب", "أغلق الحارس الباب"),
    ):
        for label, text in (("match", place), ("no-match", other)):
            article = f"عنوان\nجملة أولى. {text}. جملة أخيرة"
            row = {"rule": f"{name}-place", "country": country, "label": label}
            start = article.index(name)
            span = {"start": start, "end": start + len(name)}
            rows.append({**row, "article": article, "text": text, **span})
            rows.append({**row, "article": article, "text": text})
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return file


def test_labelled_hits_are_found_in_their_articles(
    labelled: Path, gazetteer: Gazetteer, lexicon: Lexicon
) -> None:
    hits = prepared([labelled], gazetteer, lexicon)
    assert len(hits) == 24  # each with its article, and alone
    assert {hit.name for hit in hits if hit.mention is None} == set()
    assert all(hit.mention and hit.mention.key[-1] == hit.name for hit in hits)
    weights = learnt(hits)
    assert {"bias", "alone.bias", *BY_HAND} <= weights.keys()
    lines = list(report(hits))
    assert lines[0].startswith("hits.jsonl: 12 hits of 3 names")
    assert sum("F " in line for line in lines) == 6
