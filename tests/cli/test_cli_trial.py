"""`rasid rules try`, `diff` and the record in `list`: over the articles that passes remembered."""

from __future__ import annotations

import re
import time
from email.utils import formatdate

import pytest

from origin import rss

DAY = 86_400.0


def item(
    number: int, title: str, text: str = "", *, days: float = 0.1, **more: str
) -> dict[str, str]:
    return {
        "guid": f"n{number}",
        "title": title,
        "link": f"https://news.example/{number}",
        "description": text or f"تفاصيل الخبر رقم {number} كما نشرتها الصحيفة في عددها",
        "pubDate": formatdate(time.time() - days * DAY),
        **more,
    }


NEWS = [
    item(1, "حريق في سوق الخشب"),
    item(2, "الحريق الكبير يلتهم مخازن", days=1.1),
    item(3, "حرائق في غابات الشمال", days=2.1),
    item(4, "مسلسل الحريق يعود إلى الشاشة", days=3.1),
    item(5, "توقيف سائق مخمور في العاصمة", days=0.3),
    item(6, "اشتباكات مع داعش في قضاء مخمور", days=0.4),
    item(7, "قصف على أطراف القضاء", days=9.1),
    item(8, "حريق قديم", days=40),
]


@pytest.fixture
def remembered(rasid, desk, origin):
    """The desk after a pass over two feeds, the second of which repeats an article of the first."""
    twin = item(1, "حريق في سوق الخشب") | {"guid": "other"}
    desk.feeds(origin.put("/a.xml", rss(NEWS)), origin.put("/b.xml", rss([twin])))
    assert rasid("once", "-c", desk.folder).code == 0
    return desk


def tried(rasid, desk, *args):
    answer = rasid("rules", "try", *args, "--json", "-c", desk.folder)
    assert answer.code == 0, answer.err
    return answer.json


def titles(found):
    return [each["title"] for each in found]


def test_a_query_is_laid_on_what_is_remembered(rasid, remembered):
    found = tried(rasid, remembered, "حريق")
    assert titles(found["newest"]) == [NEWS[0]["title"], NEWS[1]["title"], NEWS[3]["title"]]
    assert (found["alerts"], found["articles"], found["reckoned"]) == (3, 8, False)
    days = {day["date"]: day["alerts"] for day in found["days"]}
    assert sum(days.values()) == 3
    assert len(days) == 10, "days without anything count too"
    assert found["alerts_per_day"] == 0.3
    assert found["newest"][1]["spans"] == [
        {"field": "title", "start": 0, "end": 6, "text": "الحريق"}
    ]
    older = tried(rasid, remembered, "حريق", "--since", "60d")
    assert titles(older["newest"])[-1] == "حريق قديم"


def test_a_rule_of_the_file_is_tried_by_its_name_and_near_misses_say_why(rasid, remembered):
    fires = tried(rasid, remembered, "--rule", "حرائق")
    assert fires["alerts"] == 2
    series, forms = fires["near_misses"]
    assert forms["title"] == "حرائق في غابات الشمال"
    assert series["title"] == "مسلسل الحريق يعود إلى الشاشة"
    failing = [each for each in series["clauses"] if not each["matched"]]
    assert [each["clause"] for each in failing] == ["none: مسلسل"]
    place = tried(rasid, remembered, "--rule", "داعش في مخمور")
    assert titles(place["newest"]) == ["اشتباكات مع داعش في قضاء مخمور"]


def test_a_place_that_was_not_heard_as_one_and_a_word_that_lacks_are_near_misses(rasid, remembered):
    driver = tried(rasid, remembered, 'place:"مخمور"')
    assert titles(driver["newest"]) == ["اشتباكات مع داعش في قضاء مخمور"]
    assert titles(driver["near_misses"]) == ["توقيف سائق مخمور في العاصمة"]
    both = tried(rasid, remembered, "اشتباكات AND قصف")
    assert both["alerts"] == 0
    assert set(titles(both["near_misses"])) == {
        "اشتباكات مع داعش في قضاء مخمور",
        "قصف على أطراف القضاء",
    }


def test_what_lacks_two_things_is_no_near_miss(rasid, remembered):
    for query in ('داعش place:"مخمور"', 'title:(داعش place:"مخمور")', 'داعش (place:"مخمور" مسلسل)'):
        misses = titles(tried(rasid, remembered, query)["near_misses"])
        assert "توقيف سائق مخمور في العاصمة" not in misses
    (only,) = tried(rasid, remembered, 'توقيف place:"مخمور"')["near_misses"][:1]
    assert only["title"] == "توقيف سائق مخمور في العاصمة"
    out = rasid("rules", "try", 'توقيف place:"مخمور"', "-c", remembered.folder).out
    assert "      there: توقيف\n" in out
    assert "not taken for the place" in out


def test_one_day_is_no_curve(rasid, desk, origin):
    desk.feeds(origin.put("/a.xml", rss([item(1, "حريق في سوق الخشب", days=0)])))
    rasid("once", "-c", desk.folder)
    first, second, *_ = rasid("rules", "try", "حريق", "-c", desk.folder).out.splitlines()
    assert first == "1 alert in 1 day, 1.0 a day, of 1 article"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d  1  of  1", second)


def test_another_form_of_a_word_is_a_near_miss_that_says_what_would_find_it(rasid, remembered):
    (miss,) = tried(rasid, remembered, "حريق NOT مسلسل")["near_misses"][:1]
    assert miss["title"] in ("حرائق في غابات الشمال", "مسلسل الحريق يعود إلى الشاشة")
    fires = tried(rasid, remembered, "حريق")["near_misses"]
    assert titles(fires) == ["حرائق في غابات الشمال"]
    assert "حريق+ would find it" in fires[0]["clauses"][0]["reason"]


def test_for_people_it_tells_days_hits_and_misses(rasid, remembered):
    out = rasid("rules", "try", "--rule", "حرائق", "-c", remembered.folder).out
    assert out.startswith("2 alerts in 10 days, 0.2 a day, of 8 articles\n")
    assert re.search(r"^\d{4}-\d\d-\d\d [·█]{10} \d{4}-\d\d-\d\d$", out, re.MULTILINE)
    assert "الحريق الكبير يلتهم مخازن" in out
    assert "  no  none: مسلسل" in out
    assert "\x1b" not in out


def test_what_cannot_be_tried_is_told(rasid, desk, remembered):
    for args in ((), ("حريق", "--rule", "حرائق")):
        assert rasid("rules", "try", *args, "-c", desk.folder).code == 64
    unknown = rasid("rules", "try", "--rule", "حرايق", "-c", desk.folder)
    assert (unknown.code, "did you mean" in unknown.err) == (64, True)
    broken = rasid("rules", "try", "حريق AND", "-c", desk.folder)
    assert broken.code == 64
    assert broken.err.startswith("rasid: QUERY:")
    assert rasid("rules", "try", 'place:"مخمووور"', "-c", desk.folder).code == 64


def test_without_an_archive_it_says_so(rasid, desk):
    answer = rasid("rules", "try", "حريق", "-c", desk.folder)
    assert (answer.code, "nothing is remembered yet" in answer.err) == (65, True)
    assert not desk.state.exists(), "who looks creates nothing"
    (desk.state).mkdir()
    (desk.state / "archive.sqlite").write_bytes(b"rubbish" * 999)
    answer = rasid("rules", "try", "حريق", "-c", desk.folder)
    assert (answer.code, "not a database" in answer.err) == (65, True)
    assert rasid("rules", "list", "-c", desk.folder).code == 0


def test_a_broken_rule_is_in_nobodys_way(rasid, remembered):
    remembered.write("rules.yaml", 'rules: [{name: a, any: [حريق]}, {name: b, query: "x AND"}]')
    assert tried(rasid, remembered, "قصف")["alerts"] == 1
    assert tried(rasid, remembered, "--rule", "a")["alerts"] == 3
    assert rasid("rules", "try", "--rule", "b", "-c", remembered.folder).code == 78


def test_what_an_edit_adds_and_loses_is_told_rule_by_rule(rasid, remembered):
    folder = remembered.folder
    assert rasid("rules", "diff", "--json", "-c", folder).json == []
    edited = [
        {"name": "حرائق", "any": ["حريق", "حرائق"], "none": ["مسلسل", "سوق"], "severity": "high"},
        {"name": "قصف", "any": ["قصف"]},
    ]
    remembered.write("rules.yaml", {"rules": edited})
    found = {each["rule"]: each for each in rasid("rules", "diff", "--json", "-c", folder).json}
    assert [
        (name, each["change"], each["added"], each["lost"]) for name, each in found.items()
    ] == [
        ("حرائق", "changed", 1, 1),
        ("قصف", "new", 1, 0),
        ("داعش في مخمور", "gone", 0, 1),
    ]
    assert titles(found["حرائق"]["added_articles"]) == ["حرائق في غابات الشمال"]
    out = rasid("rules", "diff", "-c", folder).out
    assert "حرائق: changed, 1 more, 1 less\n  + " in out
    assert out.count("حريق في سوق الخشب") == 1, "two feeds brought it"
    other = folder.parent / "other.yaml"
    other.write_text("rules: [{name: قصف, any: [قصف], note: x}]", "utf-8")
    assert len(rasid("rules", "diff", other, "--json", "-c", folder).json) == 3


def test_a_saved_file_that_is_in_force_already_is_compared_with_the_one_before(rasid, remembered):
    folder = remembered.folder
    assert rasid("rules", "diff", "-c", folder).out == (
        "no rule listens for anything else than those in force\n"
    )
    remembered.write("rules.yaml", {"rules": [{"name": "قصف", "any": ["قصف"]}]})
    edited = rasid("rules", "diff", "--json", "-c", folder)
    assert (len(edited.json), edited.err) == (3, "")
    rasid("once", "-c", folder)  # which takes it over, as a daemon does
    answer = rasid("rules", "diff", "-c", folder)
    first, *rest = answer.out.splitlines()
    assert re.fullmatch(
        r"rules\.yaml is in force since \d{4}-\d\d-\d\d \d\d:\d\d \+03; "
        r"compared with the rules before it",
        first,
    )
    assert "قصف: new, 1 more, 0 less" in rest
    assert rasid("rules", "diff", "--json", "-c", folder).json == edited.json
    rasid("once", "-c", folder)  # nothing came into force since
    assert rasid("rules", "diff", "-c", folder).out == answer.out
    copy = folder.parent / "copy.yaml"
    copy.write_bytes((folder / "rules.yaml").read_bytes())
    assert "than those in force" in rasid("rules", "diff", copy, "-c", folder).out
    remembered.write("places.yaml", {"places": []})
    rasid("once", "-c", folder)
    assert rasid("rules", "diff", "-c", folder).out.endswith(
        "no rule listens for anything else than those before\n"
    )


def test_without_rules_in_force_there_is_nothing_to_compare_with(rasid, desk):
    answer = rasid("rules", "diff", "-c", desk.folder)
    assert (answer.code, "no rules are in force yet" in answer.err) == (65, True)


def test_the_list_tells_what_each_rule_matched(rasid, desk, origin):
    rules = [
        {"name": "واسعة", "any": ["حريق"]},
        {"name": "ضيقة", "all": ["حريق", "سوق"]},
        {"name": "نائمة", "any": ["زلزال"]},
    ]
    desk.write("rules.yaml", {"rules": rules})
    news = [item(n, f"حريق في سوق المدينة رقم {n}", days=n / 4) for n in range(8)]
    desk.feeds(origin.put("/a.xml", rss(news)))
    rasid("once", "-c", desk.folder)
    wide, narrow, quiet = rasid("rules", "list", "--json", "-c", desk.folder).json
    assert (wide["matched"], quiet["matched"]) == (8, 0)
    assert narrow["overlaps"] == [{"rule": "واسعة", "share": 1.0}]
    out = rasid("rules", "list", "-c", desk.folder).out
    assert "100% of them are matched by واسعة too" in out
    assert "nothing that came in 3 days matched it" in out or "2 days" in out
