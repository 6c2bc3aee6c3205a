"""JSON Feed: what is left out or written otherwise, and documents made to do harm. Golden pairs
are with those of the other formats."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import FeedError
from monitor.model import Entry, ParsedFeed
from monitor.sources.feed import parse_feed
from monitor.sources.wire import pack, unpack

URL = "https://host.example/feeds/main.json"
V11 = "https://jsonfeed.org/version/1.1"


def read(document: object, headers: dict[str, str] | None = None) -> ParsedFeed:
    text = document if isinstance(document, str) else json.dumps(document)
    return parse_feed(text.encode("utf-8", "surrogatepass"), headers or {}, URL)


def feed(*items: object, **more: object) -> dict[str, object]:
    return {"version": V11, "items": list(items), **more}


def first(**item: object) -> Entry:
    return read(feed(item)).entries[0]


# --- what is a feed -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("https://jsonfeed.org/version/1", "json1"),
        ("https://jsonfeed.org/version/1.1", "json11"),
        ("http://jsonfeed.org/version/1.1/", "json11"),
        (" https://www.jsonfeed.org/version/1/", "json1"),
    ],
)
def test_the_version_names_the_kind(version: str, kind: str) -> None:
    got = read({"version": version, "items": [{"id": "1"}]})
    assert (got.kind, got.warnings) == (kind, ())


@pytest.mark.parametrize(
    "about",
    [{}, {"version": None}, {"version": 1.1}, {"version": "https://jsonfeed.org/version/2"}],
)
def test_without_a_known_version_items_are_read_with_a_warning(about: dict[str, object]) -> None:
    got = read(about | {"items": [{"id": "1", "title": "خبر"}]})
    assert (got.kind, got.entries[0].title) == ("json11", "خبر")
    assert got.warnings == ("tells no known version of JSON Feed: read as 1.1",)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("{}", "no feed"),
        ('{"error": "not found"}', "no feed"),
        ('{"items": []}', "no feed"),
        ('{"items": {"title": "a"}}', "no feed"),
        ('{"items": ["a", 1, null]}', "no feed"),
        ('{"items": [{"sku": 1}]}', "no feed"),
        ('{"version": ["https://jsonfeed.org/version/1"]}', "no feed"),
        ('[{"title": "a"}]', "no feed"),
        ('{"version": "https://jsonfeed.org/version/1", "items": [{"id": "1"', "ill-formed JSON"),
        ('{"version": "https://jsonfeed.org/version/1", "items": [', "ill-formed JSON"),
        ('{"version": "https://jsonfeed.org/version/1"}', "without items"),
        ('{"version": "https://jsonfeed.org/version/1", "items": null}', "without items"),
        ('{"version": "https://jsonfeed.org/version/1", "items": "none"}', "without items"),
        ('{"version": 1,,}', "ill-formed JSON"),
        ('{"a": ' + "[" * 100_000, "nested without end"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "nested without end"),
        ('{"items": [' + "{}," * 500_000 + "{}]}", "more values"),
        ('{"items": [' + "1," * 2_500_000 + "1]}", "more values"),
    ],
)
def test_what_is_no_feed_is_refused(document: str, told: str) -> None:
    with pytest.raises(FeedError, match=told):
        read(document)


def test_a_feed_without_items_is_a_feed_with_a_warning() -> None:
    for document in (feed(), {"version": V11, "items": {}}):
        got = read(document)
        assert (got.kind, got.entries, got.warnings) == ("json11", (), ("no entries",))


def test_the_media_type_makes_no_difference() -> None:
    for media in ("application/feed+json", "application/json", "text/html; charset=utf-8", "x"):
        assert read(feed({"id": "1"}), {"Content-Type": media}).kind == "json11"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-le", "cp1256"]
)
def test_arabic_is_read_in_any_encoding(encoding: str) -> None:
    text = json.dumps(feed({"title": "انطلاق حملة التلقيح في المدارس"}), ensure_ascii=False)
    for document in (f"\n {text}", text):
        (entry,) = parse_feed(document.encode(encoding), {}, URL).entries
        assert entry.title == "انطلاق حملة التلقيح في المدارس"


def test_what_a_cache_writes_behind_the_document_is_told_and_left() -> None:
    got = read(json.dumps(feed({"id": "1"})) + "\n<!-- cached in 0.1 s -->")
    assert len(got.entries) == 1
    assert got.warnings == ("ill-formed: something follows the document",)


def test_a_template_before_a_feed_of_another_kind_is_no_json() -> None:
    document = (
        '{{ head }}<rss version="2.0"><channel><item><title>خبر</title></item></channel></rss>'
    )
    assert read(document).kind == "rss20"


# --- what is ill-formed ---------------------------------------------------------------------------

AUTHORS = [{"name": "سعد", "url": "https://a.example/s"}, {"name": "منى"}]
ATTACHED = [{"url": "https://a.example/1.mp3", "mime_type": "audio/mpeg", "title": "صوت"}] * 3
RELATED = [{"id": "r1", "title": "ذو صلة"}, {"id": "r2", "title": "آخر"}, {"id": "r3"}]


def article(number: int) -> dict[str, object]:
    return {
        "id": f"n{number}",
        "title": f'عنوان "الخبر" {number}',
        "url": f"https://a.example/{number}",
        "authors": AUTHORS,
        "attachments": ATTACHED,
        "_related": RELATED,
        "tags": ["أمن", "محليات"],
    }


PAPER = {
    "version": V11,
    "title": "الجريدة",
    "home_page_url": "https://a.example/",
    "language": "ar",
    "items": [article(number) for number in range(4)],
}
WRITTEN = [
    json.dumps(PAPER, ensure_ascii=False, separators=(",", ":")),
    json.dumps(PAPER, ensure_ascii=False, indent=2),
]
WHOLE = [read(text).entries for text in WRITTEN]
BEHIND = [text.index('"items"') + 10 for text in WRITTEN]


def is_told(got: ParsedFeed) -> bool:
    return any(warning.startswith("ill-formed") for warning in got.warnings)


@given(st.sampled_from([0, 1]), st.data(), st.sampled_from('\\",:]}[{x'), st.booleans())
def test_one_wrong_letter_costs_two_items_at_most_and_makes_none(
    form: int, data: st.DataObject, letter: str, inserted: bool
) -> None:
    text, whole = WRITTEN[form], WHOLE[form]
    at = data.draw(st.integers(BEHIND[form], len(text) - 1))
    got = read(text[:at] + (letter + text[at] if inserted else "") + text[at + 1 :])
    assert got.title == "الجريدة"
    if is_told(got):
        assert set(got.entries) <= set(whole)
        assert len(got.entries) >= 2


@given(st.sampled_from([0, 1]), st.data())
def test_of_a_document_that_breaks_off_the_whole_items_are_read(
    form: int, data: st.DataObject
) -> None:
    text, whole = WRITTEN[form], WHOLE[form]
    ends = [text.index(f'"n{number}"') for number in range(1, 4)]
    at = data.draw(st.integers(ends[0], len(text) - 3))
    got = read(text[:at])
    assert is_told(got)
    assert (got.title, got.link, got.language) == ("الجريدة", "https://a.example/", "ar")
    assert got.entries[: sum(at > end for end in ends)] == whole[: sum(at > end for end in ends)]
    assert set(got.entries) <= set(whole)


@pytest.mark.parametrize(
    "before",
    [
        "/* cached */ ",
        "// cached\n",
        "<!-- cached -->",
        ")]}',\n",
        "callback(",
        "<br />\n<b>Warning</b>: x() in /w/x.php on line 3<br />\n",
        "x",
        "[",
        "{",
        ",",
    ],
)
def test_what_stands_before_the_document_is_told_and_left(before: str) -> None:
    for text in WRITTEN:
        got = read(before + text)
        assert is_told(got)
        assert len(got.entries) == 4


def test_without_its_first_letter_a_document_is_read() -> None:
    assert all(len(read(text[1:]).entries) == 4 for text in WRITTEN)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace('"title":"الجريدة"', '"title":"الج\\xريدة"'),
        lambda text: text.replace('"language":"ar",', '"language":"ar" '),
        lambda text: text.replace('"version"', '/* 1 */"version"'),
        lambda text: text[:-2] + ",]}",
        lambda text: text.replace("}", ",}").replace("]", ", ]"),
        lambda text: text.replace('},{"id":"n', '}{"id":"n'),
        lambda text: text.replace('"items":[', '"items":'),
    ],
)
def test_what_is_wrong_beside_the_items_costs_none(spoil: Callable[[str], str]) -> None:
    got = read(spoil(WRITTEN[0]))
    assert is_told(got)
    assert got.link == "https://a.example/"
    assert got.entries == WHOLE[0]


def test_items_that_php_numbers_are_items() -> None:
    got = read({"version": V11, "items": {"0": {"id": "1"}, "2": {"id": "2"}}})
    assert ([entry.id for entry in got.entries], got.warnings) == (["1", "2"], ())


def test_an_empty_list_in_an_ill_formed_document_is_one() -> None:
    got = read('{"version": "' + V11 + '", "title": "a\\x", "items": []}')
    assert is_told(got)
    assert got.entries == ()


def test_a_feed_of_another_kind_that_tells_of_json_stays_one() -> None:
    told = '{"version": "https://jsonfeed.org/version/1", "items": [{"id": "1", "title": "a"}]}'
    rss = '<rss version="2.0"><channel><item><title>خبر</title></item></channel></rss>'
    for before in (f"<!-- {told} -->", f"<script>x = {told}</script>"):
        assert read(before + rss).kind == "rss20"


@pytest.mark.parametrize(
    "piece",
    [
        "{",
        '{"id":1 x},',
        '{"id":"',
        '{"id":x}{"id":\\"',
        '{"id":1 x,"r":[{"id":2},{"id":3}],',
        '["{"id" ',
        '{"id":"1\n',
        '"items":{',
    ],
)
def test_broken_items_take_linear_time(piece: str) -> None:
    begun = process_time()
    with suppress(FeedError):
        read('{"version":"' + V11 + '","items":[' + piece * (190_000 // max(1, piece.count("{"))))
    assert process_time() - begun < 4


# --- items ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "ident"),
    [
        ("tag:a,1", "tag:a,1"),
        (42, "42"),
        (1.50, "1.5"),
        (True, None),
        (None, None),
        ("", None),
        (["1"], None),
        ({"a": 1}, None),
        ("a\x00\ud800b", "ab"),
    ],
)
def test_an_id_is_a_text_or_a_number(told: object, ident: str | None) -> None:
    assert first(id=told).id == ident


def test_a_number_of_5000_digits_is_an_id_and_no_number_is_none() -> None:
    digits = "9" * 5_000
    text = json.dumps(feed({"id": 1}, {"id": 2}, {"id": 3}))
    text = (
        text.replace(": 1}", f": {digits}}}").replace(": 2}", ": NaN}").replace(": 3}", ": 1e9999}")
    )
    assert [entry.id for entry in read(text).entries] == [digits, None, "1e9999"]


@pytest.mark.parametrize(
    ("item", "link"),
    [
        ({"url": "https://a.example/1"}, "https://a.example/1"),
        ({"url": "2"}, "https://cdn.example/x/2"),
        ({"url": "/3"}, "https://cdn.example/3"),
        ({"external_url": "https://b.example/4"}, "https://b.example/4"),
        (
            {"url": "file:///etc/passwd", "external_url": "https://b.example/5"},
            "https://b.example/5",
        ),
        ({"url": "java\tscript:alert(1)"}, None),
        ({"url": 5}, "https://cdn.example/x/5"),
        ({"url": ["https://a.example/1"]}, None),
        ({"id": "https://a.example/6"}, "https://a.example/6"),
        ({"id": "/6"}, None),
        ({"id": "tag:6"}, None),
        (
            {"attachments": [{"url": "7.mp3", "mime_type": "audio/mpeg"}]},
            "https://cdn.example/x/7.mp3",
        ),
        ({"attachments": [{"url": "7.jpg", "mime_type": "image/jpeg"}]}, None),
        ({"attachments": [{"url": 7}, "x", {}]}, "https://cdn.example/x/7"),
        ({"attachments": {"url": "7.mp3"}}, None),
    ],
)
def test_links_are_absolute_web_addresses_or_none(item: dict[str, Any], link: str | None) -> None:
    got = read(feed(item, feed_url="https://cdn.example/x/feed.json", home_page_url="/"))
    assert (got.entries[0].link, got.link) == (link, "https://cdn.example/")


@pytest.mark.parametrize("claimed", ["file:///x/y", "javascript:1", 7, None, "https://[bad"])
def test_an_address_of_its_own_that_is_none_leaves_the_one_it_came_from(claimed: object) -> None:
    got = read(feed({"url": "1"}, feed_url=claimed))
    assert got.entries[0].link == "https://host.example/feeds/1"


def test_the_text_is_the_content_with_what_only_the_summary_says() -> None:
    both = first(content_html="<p>جسم.</p><p>خاتمة.</p>", content_text="غير", summary="افتتاحية")
    assert (both.summary, both.text) == ("افتتاحية", "افتتاحية\nجسم.\nخاتمة.")
    assert first(content_html="<img src=x>", content_text="أ\nب\n\nج < د").text == "أ ب\nج < د"
    assert first(summary="أ &amp; ب < ج").text == "أ & ب < ج"
    assert first(summary="<p>أ &amp; ب</p>").text == "أ & ب"
    assert first(content_html="<script>x</script>").text == ""
    assert first(content_html=["a"], content_text={"b": 1}, summary=False).text == ""


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2025-01-14T08:00:00Z", datetime(2025, 1, 14, 8, tzinfo=UTC)),
        ("2025-01-14t08:00:00.123456789z", datetime(2025, 1, 14, 8, tzinfo=UTC)),
        (" 2025-01-14T11:00:00+03:00 ", datetime(2025, 1, 14, 8, tzinfo=UTC)),
        ("2025-01-14 11:00:00 +0300", datetime(2025, 1, 14, 8, tzinfo=UTC)),
        ("2025-01-14T08:00", datetime(2025, 1, 14, 8, tzinfo=UTC)),
        ("2025-01-14", datetime(2025, 1, 14, tzinfo=UTC)),
        ("0001-01-01T00:00:00+10:00", None),
        ("2025-13-14T08:00:00Z", None),
        ("2025-01-14T25:00:00Z", None),
        ("03/04/2025", None),
        ("٢٠٢٥-٠١-١٤", datetime(2025, 1, 14, tzinfo=UTC)),
        ("Tue, 14 Jan 2025 08:00:00 GMT", datetime(2025, 1, 14, 8, tzinfo=UTC)),
        (1736841600, datetime(2025, 1, 14, 8, tzinfo=UTC)),
        (["2025-01-14"], None),
        (None, None),
    ],
)
def test_dates_are_in_utc_or_none(written: object, moment: datetime | None) -> None:
    entry = first(date_published=written, date_modified=written)
    assert (entry.published, entry.updated) == (moment, moment)


@pytest.mark.parametrize(
    ("item", "author"),
    [
        ({}, "هيئة التحرير"),
        ({"authors": []}, "هيئة التحرير"),
        ({"authors": [{"name": "سعد"}, {"url": "x"}, {"name": "منى"}, "علي"]}, "سعد, منى, علي"),
        ({"author": {"name": "ضيف"}}, "ضيف"),
        ({"author": "ضيف"}, "ضيف"),
        ({"authors": [{"name": "جديد"}], "author": {"name": "قديم"}}, "جديد"),
        ({"authors": "x", "author": 7}, "7"),
        ({"authors": [None, [], {}]}, "هيئة التحرير"),
    ],
)
def test_authors_are_those_of_the_item_else_of_the_feed(item: dict[str, Any], author: str) -> None:
    got = read(feed(item, author={"name": "هيئة التحرير"}))
    assert got.entries[0].author == author


def test_tags_are_unique_and_in_order() -> None:
    assert first(tags=["أمن", " محليات ", "أمن", "", None, {"a": 1}]).categories == (
        "أمن",
        "محليات",
    )
    assert first(tags="أمن").categories == ()


def test_the_language_of_the_headers_is_a_fallback() -> None:
    assert read(feed(language="ckb"), {"content-language": "ar"}).language == "ckb"
    assert read(feed(), {"Content-Language": "ar"}).language == "ar"
    assert read(feed()).language is None


def test_items_that_are_no_objects_are_left_out_with_a_warning() -> None:
    got = read(feed({"id": "1"}, None, "a", 3, [{"id": "4"}], {"id": "2"}))
    assert [entry.id for entry in got.entries] == ["1", "2"]
    assert got.warnings == ("4 items that are no objects are left out",)


def test_entries_beyond_the_limit_are_left_out_with_a_warning() -> None:
    got = read(feed(*({"id": number} for number in range(10_010))))
    assert [got.entries[0].id, got.entries[-1].id] == ["0", "9999"]
    assert got.warnings == ("10010 entries: all beyond the first 10000 are left out",)


def test_long_texts_are_cut() -> None:
    entry = first(
        title="ا" * 1_200_000,
        content_html="ب" * 1_200_000,
        id="ج" * 9_000,
        tags=["د" * 2_000] + [str(number) for number in range(200)],
        authors=[{"name": "ه" * 2_000}],
    )
    assert (len(entry.title), len(entry.text)) == (1_000_000, 1_000_000)
    assert (len(entry.id or ""), len(entry.author or "")) == (8_192, 1_000)
    assert [len(entry.categories), len(entry.categories[0])] == [100, 1_000]


# --- harm -----------------------------------------------------------------------------------------


def test_of_keys_told_twice_the_last_counts() -> None:
    got = read('{"version": "' + V11 + '", "items": [], "items": [{"id": "1", "id": "2"}]}')
    assert got.entries[0].id == "2"


def test_what_no_text_may_hold_is_dropped_everywhere() -> None:
    bad = "أ\ud800\x00\x1b\ufffeب"
    item = dict.fromkeys(("id", "title", "content_html", "summary"), bad)
    got = read(feed(item | {"tags": [bad], "authors": [{"name": bad}]}, title=bad, language=bad))
    (entry,) = got.entries
    for text in (entry.id, entry.title, entry.text, entry.summary, entry.author, got.title):
        assert text == "أب"
    assert (entry.categories, got.language) == (("أب",), "أب")
    assert first(title="\ud83d\ude00").title == "😀"
    assert first(title="&#xD800;&#27;&#99999999;أ").title.strip("\ufffd") == "أ"


def test_line_breaks_inside_of_texts_are_read() -> None:
    assert (
        read('{"version": "' + V11 + '", "items": [{"title": "a\n\tb"}]}').entries[0].title == "a b"
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
KEYS = [
    "version",
    "title",
    "home_page_url",
    "feed_url",
    "language",
    "author",
    "authors",
    "items",
    "id",
    "url",
    "external_url",
    "content_html",
    "content_text",
    "summary",
    "date_published",
    "date_modified",
    "tags",
    "name",
]
objects = st.dictionaries(st.sampled_from(KEYS), json_values)


@given(objects, st.lists(objects | json_values, max_size=4), st.text(max_size=5))
def test_any_values_end_in_a_feed_or_in_feed_error(
    about: dict[str, object], items: list[object], rest: str
) -> None:
    for document in (about, about | {"items": items}, about | feed(*items)):
        with suppress(FeedError):
            got = read(json.dumps(document) + rest)
            assert unpack(pack(got)) == got
            str(got).encode()  # without lone surrogates, which nothing behind could write
