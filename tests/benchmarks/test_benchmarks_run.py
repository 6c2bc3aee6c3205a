"""The benchmark runs, and its engines agree; what it says of speed is not for tests."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ahocorasick", reason="pyahocorasick is needed to compare with")

from engines import ENGINES, Engine, numbers
from matching import check_agreement
from newswire import News, Shape, make_news

SHAPE = Shape(articles=60, words=200, vocabulary=3_000, keywords=1_000, hot=50, seed=7)


@pytest.fixture(scope="module")
def news() -> News:
    return make_news(SHAPE)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_engines_find_the_same_keywords(news: News, engine: Engine) -> None:
    find = ENGINES[0].build(news.keywords[: SHAPE.hot])
    expected = [numbers(find(article)) for article in news.articles]
    for size in (SHAPE.hot, SHAPE.keywords):
        check_agreement(engine.name, engine.build(news.keywords[:size]), expected, news)


def test_a_keyword_that_is_not_found_is_told(news: News) -> None:
    find = ENGINES[0].build(news.keywords)
    expected = [numbers(find(article)) for article in news.articles]
    with pytest.raises(AssertionError, match="blind differs on"):
        check_agreement("blind", lambda _: (), expected, news)


def test_articles_hold_what_their_shape_asks_for(news: News) -> None:
    find = ENGINES[0].build(news.keywords)
    hits = [len(find(article)) for article in news.articles]
    hitting = [count for count in hits if count]
    assert 0.4 < len(hitting) / len(hits) < 0.8
    assert 2 < sum(hitting) / len(hitting) < 4.5
    assert make_news(SHAPE) == news


def test_the_whole_of_it_runs() -> None:
    script = Path(__file__).with_name("matching.py")
    sizes = ["--rules", "300", "--articles", "20", "--rounds", "1"]
    answer = subprocess.run(
        [sys.executable, str(script), *sizes, "--json"], capture_output=True, check=True
    )
    found = json.loads(answer.stdout)
    assert {speed["engine"] for speed in found["speeds"]} == {engine.name for engine in ENGINES}
    assert {passing["rules"] for passing in found["passings"]} == {100, 300}
    assert len(found["buildings"]) == 3


def test_the_benchmark_of_places_runs(tmp_path: Path) -> None:
    hits = [
        {"article": f"خبر\n{text}", "text": text, "rule": f"{name}-place", "country": "IQ"}
        | {"label": label}
        for name, label, text in (
            ("مخمور", "match", "حريق في قضاء مخمور"),
            ("مخمور", "no-match", "ضبط سائق مخمور"),
            ("القائم", "match", "أمطار على قضاء القائم"),
            ("القائم", "no-match", "انتقد الوضع القائم أمس"),
        )
    ]
    file = tmp_path / "hits.jsonl"
    file.write_text("\n".join(json.dumps(hit) for hit in hits), encoding="utf-8")
    script = Path(__file__).with_name("sense.py")
    for arguments in ([str(file)], ["--articles", "3"]):
        answer = subprocess.run(
            [sys.executable, str(script), *arguments, "--rounds", "1"],
            capture_output=True,
            check=True,
            encoding="utf-8",
        )
        assert "places of Iraq" in answer.stdout
    assert "words alone" in answer.stdout


def test_the_benchmark_of_polling_runs(tmp_path: Path) -> None:
    script, file = Path(__file__).with_name("polling.py"), tmp_path / "told.json"
    sizes = ["--feeds", "40", "--items", "7", "--rounds", "1", "--start", "20", "--big", "1"]
    answer = subprocess.run(
        [sys.executable, str(script), *sizes, "--peer", "none", "--json", str(file)],
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert "event loop over 41 feeds" in answer.stdout
    told = json.loads(file.read_text("utf-8"))
    new = {row["scenario"]: row["took"]["new"] for row in told["rows"] if row["who"] == "rasid"}
    changed = {name: new.pop(name) for name in list(new) if name.startswith("2 % changed")}
    assert new == {"cold": 240, "304": 0}
    assert list(changed.values()) == [1, 1]
    assert {row["who"] for row in told["rows"]} == {"rasid", "floor"}
    assert told["start"]["feeds"] == 20


def test_the_benchmark_of_the_archive_runs() -> None:
    script = Path(__file__).with_name("archive.py")
    sizes = ["--articles", "300", "--words", "60", "--rounds", "1"]
    answer = subprocess.run(
        [sys.executable, str(script), *sizes, "--json"], capture_output=True, check=True
    )
    told = {each["what"]: each for each in json.loads(answer.stdout)["told"]}
    assert told["a word that nobody writes"]["candidates"] == 0
    assert told["a word in 30 of 100"]["alerts"] > 50
    assert told["a rare place"]["alerts"] <= told["a rare place"]["candidates"]
