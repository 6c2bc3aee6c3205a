"""`rasid match`: the filter for articles in bulk."""

from __future__ import annotations

import json

import pytest
from newsroom import start


def line(**article: object) -> str:
    return json.dumps(article, ensure_ascii=False) + "\n"


def test_one_line_for_every_span_with_offsets_into_the_field_as_given(rasid, desk):
    text = "اندلع حَرِيـــق في السوق، وحريق آخر في المرفأ"
    answer = rasid("match", "-c", desk.folder, stdin=line(id="a1", title="بالحريق", text=text))
    assert answer.code == 0
    assert answer.err == ""
    found = answer.lines
    assert [(each["field"], each["text"]) for each in found] == [
        ("text", "حَرِيـــق"), ("text", "وحريق"), ("title", "بالحريق"),
    ]  # fmt: skip
    for each in found:
        assert list(each) == ["id", "rule", "field", "start", "end", "text"]
        assert (each["id"], each["rule"]) == ("a1", "حرائق")
        given = {"title": "بالحريق", "text": text}[each["field"]]
        assert given[each["start"] : each["end"]] == each["text"]


def test_a_place_counts_only_where_it_is_the_place(rasid, desk):
    answer = rasid(
        "match", "-c", desk.folder,
        stdin=line(id=1, title="هجوم", text="هاجم داعش قضاء مخمور")
        + line(id=2, title="حادث", text="ظن سائق مخمور أن داعش يطارده"),
    )  # fmt: skip
    assert {each["id"] for each in answer.lines} == {1}
    assert {each["rule"] for each in answer.lines} == {"داعش في مخمور"}


BAD = [
    (b"{not json}\n", "line 1: not JSON"),
    (b"[1, 2]\n", "line 1: not a JSON object"),
    (b'{"id": "x", "text": "\xff"}\n', "line 1: not UTF-8 at byte"),
    (b'{"id": "x", "text": 7}\n', "line 1: text"),
    (b'{"title": "x"}\n', "line 1: id"),
    (b'{"id": "x"}\n', "line 1: neither a title nor a text"),
    (b'{"id": "x", "title": "t", "published": "soon"}\n', "line 1: published"),
    (b"[" * 100_000 + b"\n", "line 1: not JSON"),
]


@pytest.mark.parametrize(("bad", "told"), BAD, ids=[told for _, told in BAD])
def test_goes_on_after_a_bad_line(rasid, desk, bad, told):
    answer = rasid("match", "-c", desk.folder, stdin=bad + line(id=2, title="حريق").encode())
    assert answer.code == 65
    assert answer.err.startswith(told)
    assert [each["id"] for each in answer.lines] == [2]


def test_blank_lines_and_a_byte_order_mark_are_no_articles(rasid, desk):
    stdin = b"\xef\xbb\xbf" + line(id=1, title="حريق").encode() + b"\n  \n"
    answer = rasid("match", "-c", desk.folder, stdin=stdin)
    assert (answer.code, len(answer.lines)) == (0, 1)


def test_only_rules_are_needed(rasid, desk):
    for name in ("monitor.yaml", "feeds.yaml"):
        (desk.folder / name).unlink()
    answer = rasid("match", "-c", desk.folder, stdin=line(id=1, title="حريق"))
    assert (answer.code, len(answer.lines)) == (0, 1)
    assert not desk.state.exists()


def test_rules_may_ask_for_the_feed(rasid, desk):
    desk.write("rules.yaml", {"rules": [
        {"name": "أمن", "any": ["حريق"], "feeds": {"category": "security"}},
    ]})  # fmt: skip
    answer = rasid(
        "match", "-c", desk.folder,
        stdin=line(id="yes", title="حريق", category="security", feed="الرافد")
        + line(id="no", title="حريق", category="sport", feed="الملعب")
        + line(id="unknown", title="حريق"),
    )  # fmt: skip
    assert [each["id"] for each in answer.lines] == ["yes", "unknown"]


def test_an_answer_is_one_line_whatever_the_text_holds(rasid, desk):
    desk.write("rules.yaml", {"rules": [{"name": "عبارة", "any": ["حريق كبير"]}]})
    for odd in ("\u2028", "\u0085", "\ud800"):
        text = f"حريق{odd}كبير"
        article = json.dumps({"id": 1, "text": text}) + "\n"
        answer = rasid("match", "-c", desk.folder, stdin=article)
        assert answer.code == 0
        assert len(answer.out.splitlines()) == len(answer.out.split("\n")) - 1
        for each in answer.lines:
            assert each["end"] - each["start"] == len(text)


def test_works_as_a_filter_in_a_pipe(desk):
    """An answer is out before the next line is asked for."""
    with start("match", "-c", desk.folder) as process:
        for number in range(3):
            process.stdin.write(line(id=number, title="حريق").encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        process.stdin = None
        assert process.wait(20) == 0
