"""`rasid rules list`: what the rules ask for."""

from __future__ import annotations

RULES = {"rules": [
    {
        "name": "كاملة",
        "any": ["داعش+", "تنظيم الدولة"],
        "none": ["مسلسل"],
        "places": ["نينوى", {"name": "القصير", "in": "حمص"}],
        "fields": ["title"],
        "feeds": {"category": "أمن"},
        "language": "ar",
        "severity": "high",
        "loose": True,
        "on_change": True,
        "note": "ملاحظة",
    },
    {"name": "مطفأة", "query": "قصف NEAR/3 غارة", "enabled": False},
]}  # fmt: skip


def test_every_rule_with_all_that_it_asks_for(rasid, desk):
    desk.write("rules.yaml", RULES)
    answer = rasid("rules", "list", "-c", desk.folder)
    assert answer.code == 0
    shown = answer.out.splitlines()
    assert shown[:5] == [
        "كاملة",
        "  high, to all channels, in title, language ar, feeds أمن, loose, again on every change",
        "  any: داعش+, تنظيم الدولة",
        "  places: نينوى, القصير in حمص",
        "  none: مسلسل",
    ]
    assert shown[5].startswith("  forms of داعش+: ")
    assert {"داعشي", "دواعش", "داعشيون"} <= set(shown[5].split())
    assert shown[7:9] == ["مطفأة", "  switched off, normal, to all channels"]


def test_the_same_as_json(rasid, desk):
    desk.write("rules.yaml", RULES)
    first, second = rasid("rules", "list", "--json", "-c", desk.folder).json
    assert (first["fields"], first["feeds"]["category"]) == (["title"], ["أمن"])
    assert (first["loose"], first["on_change"], first["language"]) == (True, True, ["ar"])
    assert {"داعشي", "دواعش"} <= set(first["forms"]["داعش+"])
    assert (second["enabled"], second["clauses"]) == (False, ["query: قصف NEAR/3 غارة"])


def test_no_rules_are_said_so(rasid, desk):
    desk.write("rules.yaml", {"rules": []})
    assert rasid("rules", "list", "-c", desk.folder).out == "no rules\n"
