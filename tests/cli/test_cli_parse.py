"""`rasid parse`: feeds as rasid reads them."""

from __future__ import annotations

import json

from origin import rss

ITEM = {
    "guid": "g-1",
    "title": "افتتاح جسر جديد على دجلة",
    "link": "https://example.org/bridge",
    "description": "جسر بأربعة مسارات",
    "author": "هيئة التحرير",
    "pubDate": "Mon, 02 Mar 2026 12:30:00 +0300",
    "categories": ["محليات", "نقل"],
}


def test_every_key_of_a_source_and_of_an_entry(rasid, tmp_path):
    path = tmp_path / "feed.xml"
    path.write_bytes(rss([ITEM, {"title": "بلا شيء"}]))
    answer = rasid("parse", path, "--json")
    assert answer.code == 0
    found = answer.json
    assert list(found) == ["source", "kind", "title", "link", "language", "entries", "warnings"]
    assert (found["source"], found["language"]) == (str(path), "ar")
    first, second = found["entries"]
    assert list(first) == [
        "id", "title", "link", "published", "updated", "author", "summary", "text", "categories",
    ]  # fmt: skip
    assert first["id"] == "g-1"
    assert first["published"] == "2026-03-02T09:30:00Z"
    assert first["categories"] == ["محليات", "نقل"]
    assert (second["id"], second["link"], second["published"]) == (None, None, None)
    assert "افتتاح" in answer.out  # raw UTF-8


def test_a_json_feed_is_shown_like_any_other(rasid, tmp_path):
    path = tmp_path / "feed.json"
    item = {"id": 7, "url": "https://example.org/7", "title": "افتتاح جسر", "tags": ["نقل"]}
    document = {"version": "https://jsonfeed.org/version/1.1", "title": "صحيفة", "items": [item]}
    path.write_text(json.dumps(document), "utf-8")
    answer = rasid("parse", path, "--json")
    assert (answer.code, answer.json["kind"], answer.json["title"]) == (0, "json11", "صحيفة")
    (entry,) = answer.json["entries"]
    assert (entry["id"], entry["title"], entry["categories"]) == ("7", "افتتاح جسر", ["نقل"])
    path.write_text("{}", "utf-8")
    assert rasid("parse", path).code == 65


def test_one_object_for_each_source_on_a_line_of_its_own(rasid, tmp_path):
    paths = [tmp_path / "one.xml", tmp_path / "two.xml"]
    for path in paths:
        path.write_bytes(rss([ITEM]))
    answer = rasid("parse", "--json", *paths)
    assert [each["source"] for each in answer.lines] == [str(path) for path in paths]


def test_goes_on_after_what_is_no_feed(rasid, tmp_path):
    page, feed = tmp_path / "page.html", tmp_path / "feed.xml"
    page.write_text("<html><body>مرحبا</body></html>", "utf-8")
    feed.write_bytes(rss([ITEM]))
    answer = rasid("parse", "--json", page, tmp_path / "missing.xml", feed)
    assert answer.code == 65
    assert len(answer.lines) == 1
    assert str(page) in answer.err
    assert "missing.xml" in answer.err


def test_the_web_is_read_under_the_guard_of_the_configuration(rasid, desk, origin):
    url = origin.put("/feed.xml", rss([ITEM]))
    refused = rasid("parse", "--json", url)
    assert (refused.code, refused.out) == (65, "")
    assert "blocked" in refused.err
    allowed = rasid("parse", "--json", url, "-c", desk.folder)
    assert allowed.code == 0
    assert allowed.json["entries"][0]["title"] == ITEM["title"]


def test_for_people_nothing_of_the_feed_acts_on_the_terminal(rasid, tmp_path):
    path = tmp_path / "feed.xml"
    path.write_bytes(rss([{"title": "خبر \u202eمقلوب", "link": "https://example.org/1"}]))
    answer = rasid("parse", path)
    assert answer.code == 0
    assert "\u202e" not in answer.out
    assert "\x1b" not in answer.out
    assert "مقلوب" in answer.out


def test_json_is_escaped_where_a_line_could_break(rasid, tmp_path):
    path = tmp_path / "feed.xml"
    path.write_bytes(rss([{"title": "قبل\u2028بعد", "link": "https://example.org/1"}]))
    answer = rasid("parse", path, "--json")
    assert len(answer.out.splitlines()) == 1
    assert json.loads(answer.out)["entries"]
