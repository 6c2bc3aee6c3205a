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
    assert answer.out.startswith("no rule matches\nخبر  matches: زائف\n")


LONG = {"name": "حوادث", "any": ["تفجير", "انفجار", "اغتيال", "كمين"]}
WIDE = [
    LONG,
    {"name": "داعش في مخمور", "any": ["داعش", "الدواعش"], "places": ["مخمور"], "none": ["مسلسل"]},
    {"name": "نفط", "query": "(نفط OR خام) (سعر OR برميل)"},
    {"name": "عراق", "any": ["اشتباكات", "قصف"], "not_places": ["دهوك"]},
    {"name": "سوريا", "places": ["حلب", "حمص", "حماة", "درعا"]},
]


def told(rasid, desk, text, *args):
    desk.write("rules.yaml", {"rules": WIDE})
    answer = rasid("explain", "-", *args, "-c", desk.folder, stdin=text)
    assert answer.code == 0, answer.err
    return answer.out


def rule_of(out, name):
    """The lines about a rule."""
    return out.split(f": {name}\n")[-1].split("\n\n")[0].splitlines()


def test_what_matches_is_told_at_the_top_and_comes_first(rasid, desk):
    out = told(rasid, desk, f"{TITLE}\n{TEXT}")
    assert out.startswith(f"matches: داعش في مخمور, عراق\n{TITLE}\n")
    verdicts = [line for line in out.splitlines()[1:] if line.startswith(("matches", "no match"))]
    assert verdicts[:2] == ["matches: داعش في مخمور", "matches: عراق"]
    assert [line.split(":")[0] for line in verdicts] == ["matches"] * 2 + ["no match"] * 3
    assert told(rasid, desk, "خبر\nلا شيء").startswith("no rule matches\nخبر\n")


def test_of_a_rule_that_matches_only_what_it_rests_on_is_told(rasid, desk):
    lines = rule_of(told(rasid, desk, f"{TITLE}\n{TEXT}"), "داعش في مخمور")
    assert lines[0] == "  yes  any: داعش, الدواعش"
    assert lines[1].startswith("       داعش: found once, at text ")
    assert not any("is a form of it" in line or "not found" in line for line in lines)
    assert lines[-1] == "  yes  none: مسلسل"


def test_of_a_rule_that_does_not_match_it_is_said_in_short_what_it_lacks(rasid, desk):
    out = told(rasid, desk, f"{TITLE}\n{TEXT}")
    assert rule_of(out, "حوادث") == ["  no   any: none of 4 words is there"]
    assert rule_of(out, "نفط") == ["  no   query: none of 4 words is there"]
    assert rule_of(out, "سوريا") == ["  no   places: none of 4 places is named"]
    one = told(rasid, desk, "ارتفاع سعر الخبز\nفي الأسواق")
    assert rule_of(one, "نفط") == [
        "  no   query: (نفط OR خام) (سعر OR برميل)",
        "       there: سعر",
        "       not there: نفط, خام, برميل",
    ]
    assert "  no   places: مخمور is not named" in rule_of(one, "داعش في مخمور")


def test_what_came_close_is_told_all_the_same(rasid, desk):
    out = told(rasid, desk, "سائق مخمور\nانفجارات في مسلسل عن الدواعش قرب دهوك واشتباكات")
    form, isis, north = (rule_of(out, name) for name in ("حوادث", "داعش في مخمور", "عراق"))
    assert form[0] == "  no   any: none of 4 words is there"
    assert "انفجارات at text 0 is a form of it: انفجار+ would find it" in form[1]
    assert "  no   places: مخمور" in isis
    assert any("not taken for the place: it may describe سائق before it" in each for each in isis)
    assert "       مسلسل: found once, at text 12" in isis
    assert north[0] == "  no   not_places: دهوك"
    assert "heard at text 33" in north[1]


def test_one_rule_is_told_in_full(rasid, desk):
    out = told(rasid, desk, f"{TITLE}\n{TEXT}", "--rule", "حوادث")
    assert "no match: حوادث\n  no   any: تفجير, انفجار, اغتيال, كمين\n" in out
    assert "تفجير: not found; انفجار: not found; " in out
    assert "داعش في مخمور" not in out
    isis = rule_of(
        told(rasid, desk, f"{TITLE}\n{TEXT}", "--rule", "داعش في مخمور"), "داعش في مخمور"
    )
    assert "; الدواعش: not found" in isis[1]
    assert "is a form of it" not in isis[1], "no hint where the clause holds"
    as_json = rasid("explain", "-", "--rule", "حوادث", "--json", "-c", desk.folder, stdin=TEXT).json
    assert [rule["rule"] for rule in as_json["rules"]] == ["حوادث"]
    unknown = rasid("explain", "-", "--rule", "حوادت", "-c", desk.folder, stdin=TEXT)
    assert (unknown.code, "did you mean 'حوادث'" in unknown.err) == (64, True)


def test_for_programs_nothing_is_shortened(rasid, desk):
    found = json.loads(told(rasid, desk, f"{TITLE}\n{TEXT}", "--json"))
    assert [rule["rule"] for rule in found["rules"]] == [rule["name"] for rule in WIDE]
    reason = found["rules"][0]["clauses"][0]["reason"]
    assert reason == "; ".join(f"{word}: not found" for word in LONG["any"])
    assert list(found["rules"][0]["clauses"][0]) == ["clause", "matched", "spans", "reason"]


def test_the_folded_text_is_shown_on_demand(rasid, desk):
    answer = rasid("explain", "-", "--folded", "-c", desk.folder, stdin="عنوان\nقَضـاء إربيل")
    assert "text, as rules compare it\nقضاء اربيل\n" in answer.out
    answer = rasid("explain", "-", "--folded", "--json", "-c", desk.folder, stdin="عنوان\nإربيل")
    assert answer.json["folded"] == {"title": "عنوان", "text": "اربيل"}
