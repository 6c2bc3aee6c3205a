"""`rasid explain`: why, and why not."""

from __future__ import annotations

import json

import pytest

TITLE = "اشتباكات قرب مخمور"
TEXT = "اشتبكت القوات مع عناصر من داعش في قضاء مخمور فجرا"


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "article.txt"
    path.write_text(f"{TITLE}\n{TEXT}\n", "utf-8")
    return path


def test_every_key_of_the_answer(rasid, desk, article):
    answer = rasid("explain", article, "--json", "-c", desk.folder)
    assert (answer.code, answer.err) == (0, "")
    found = answer.json
    assert list(found) == ["title", "language", "text_source", "rules", "places"]
    assert found["title"] == TITLE
    verdicts = {rule["rule"]: rule["matched"] for rule in found["rules"]}
    assert verdicts == {"داعش في مخمور": True, "حرائق": False}
    clause = found["rules"][0]["clauses"][0]
    assert list(clause) == ["clause", "matched", "spans", "reason"]
    span = clause["spans"][0]
    assert list(span) == ["field", "start", "end", "text"]
    assert "داعش" in span["text"]
    place = found["places"][0]
    assert list(place) == ["place", "id", "parents", "score", "evidence"]
    assert list(place["evidence"][0]) == ["what", "weight", "text"]


def test_every_clause_of_a_rule_that_does_not_match_has_a_reason(rasid, desk, tmp_path):
    path = tmp_path / "driver.txt"
    path.write_text("سائق مخمور يصدم متجرا\nظن المارة أن داعش يهاجم المدينة", "utf-8")
    answer = rasid("explain", path, "--json", "-c", desk.folder)
    assert answer.code == 0
    rule = answer.json["rules"][0]
    assert rule["matched"] is False
    assert all(clause["reason"] for clause in rule["clauses"])
    assert [clause["matched"] for clause in rule["clauses"]] == [True, False]


def test_for_people_without_a_terminal_there_is_no_colour(rasid, desk, article):
    answer = rasid("explain", article, "-c", desk.folder)
    assert answer.code == 0
    assert "matches: داعش في مخمور" in answer.out
    assert "no match: حرائق" in answer.out
    assert "\x1b" not in answer.out


def test_standard_input_html_and_json_are_articles_too(rasid, desk):
    html = f"<html><head><title>{TITLE}</title></head><body><p>{TEXT}</p></body></html>"
    text = f"{TITLE}\n{TEXT}"
    for given in (html, json.dumps({"title": TITLE, "text": TEXT}), text):
        found = rasid("explain", "-", "--json", "-c", desk.folder, stdin=given).json
        assert found["title"] == TITLE
        assert found["rules"][0]["matched"] is True


def test_a_web_page_is_read_under_the_guard(rasid, desk, origin):
    html = f"<html><head><title>{TITLE}</title></head><body><p>{TEXT}</p></body></html>"
    url = origin.put("/a.html", html, content_type="text/html; charset=utf-8")
    answer = rasid("explain", url, "--json", "-c", desk.folder)
    assert answer.json["rules"][0]["matched"] is True


def test_a_missing_file_is_65(rasid, desk):
    answer = rasid("explain", "nowhere.txt", "-c", desk.folder)
    assert answer.code == 65
    assert "nowhere.txt" in answer.err


def test_only_rules_are_needed_and_nothing_is_written(rasid, desk, article):
    for name in ("monitor.yaml", "feeds.yaml"):
        (desk.folder / name).unlink()
    assert rasid("explain", article, "-c", desk.folder).code == 0
    assert sorted(path.name for path in desk.folder.iterdir()) == ["rules.yaml"]


def test_explain_and_match_read_one_article_alike(rasid, desk):
    desk.write("rules.yaml", {"rules": [
        {"name": "قسم", "any": ["داعش"], "feeds": {"category": "أمن"}},
        {"name": "حقل", "query": "category:أمن"},
    ]})  # fmt: skip
    given = {"id": 7, "text": "داعش", "feed": "شفق", "category": "أمن", "language": "ar"}
    told = rasid("explain", "-", "--json", "-c", desk.folder, stdin=json.dumps(given))
    found = rasid("match", "-c", desk.folder, stdin=json.dumps(given) + "\n")
    assert [rule["matched"] for rule in told.json["rules"]] == [True, True]
    assert [(each["rule"], each["field"]) for each in found.lines] == [
        ("قسم", "text"),
        ("حقل", "category"),
    ]
    assert told.json["rules"][1]["clauses"][0]["spans"] == [
        {"field": "category", "start": 0, "end": 3, "text": "أمن"}
    ]


def test_a_title_of_several_lines_forges_none(rasid, desk):
    given = json.dumps({"title": "خبر\n\nmatches: زائف", "text": "نص"})
    answer = rasid("explain", "-", "-c", desk.folder, stdin=given)
    assert answer.out.startswith("خبر  matches: زائف\n")


def test_the_folded_text_is_shown_on_demand(rasid, desk):
    answer = rasid("explain", "-", "--folded", "-c", desk.folder, stdin="عنوان\nقَضـاء إربيل")
    assert "text, as rules compare it\nقضاء اربيل\n" in answer.out
    answer = rasid("explain", "-", "--folded", "--json", "-c", desk.folder, stdin="عنوان\nإربيل")
    assert answer.json["folded"] == {"title": "عنوان", "text": "اربيل"}
