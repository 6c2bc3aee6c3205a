"""Documents read as feeds: golden pairs, texts, links, dates, and what is no feed."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import FeedError
from monitor.model import Entry, ParsedFeed
from monitor.sources.feed import parse_feed
from origin import rss

GOLDEN = [
    path
    for path in sorted(Path(__file__).with_name("golden").iterdir())
    if path.suffix in (".xml", ".jsonfeed")
]
URL = "https://host.example/feed.xml"


def read(
    document: bytes | str, headers: dict[str, str] | None = None, url: str = URL
) -> ParsedFeed:
    data = document.encode() if isinstance(document, str) else document
    return parse_feed(data, headers or {}, url)


def first(**item: object) -> Entry:
    return read(rss([item])).entries[0]


def atom(entry: str, attributes: str = "") -> Entry:
    head = f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>م</title>'
    return read(f"{head}<entry>{entry}</entry></feed>").entries[0]


@pytest.mark.parametrize("document", GOLDEN, ids=lambda path: path.stem)
def test_golden_pairs(document: Path) -> None:
    got = asdict(read(document.read_bytes()))
    assert got.pop("marks") == ()  # they come with a reading in parts alone
    as_json = json.dumps(got, ensure_ascii=False, default=lambda moment: moment.isoformat())
    assert json.loads(as_json) == json.loads(document.with_suffix(".json").read_text())


# --- what is no feed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        ("\ufeff".encode(), "empty"),
        ("<!DOCTYPE html><html><body>الموقع قيد الصيانة</body></html>".encode(), "HTML page"),
        (b"<!-- <rss> --><HTML><head></head></HTML>", "HTML page"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "HTML page"),
        (b"Service unavailable", "no feed"),
        (b'{"status": "error"}', "no feed"),
        (b"<urlset><url><loc>http://a.example/</loc></url></urlset>", "no feed"),
        (b"/etc/hostname", "no feed"),
        (b"http://127.0.0.1:1/feed", "no feed"),
        (bytes(20_000_001), "larger"),
    ],
)
def test_what_is_no_feed_is_refused(document: bytes, told: str) -> None:
    with pytest.raises(FeedError, match=told):
        read(document)


def test_a_body_that_names_a_file_does_not_open_it(tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(rss([{"title": "سر"}]))
    with pytest.raises(FeedError):
        read(str(file))


def test_a_feed_without_entries_is_a_feed_with_a_warning() -> None:
    got = read(rss([]))
    assert (got.kind, got.entries, got.warnings) == ("rss20", (), ("no entries",))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("</channel></rss>", ""),
        lambda text: text.replace("</channel>", "<b>"),
        lambda text: text.replace("<title>", "<title>&nbsp;&", 1),
        lambda text: text + "<!-- made in 0.1 s --> junk",
        lambda text: "\n\n  " + text,
        lambda text: "<br />\n<b>Warning</b>: no such file in /www/x.php\n" + text,
        lambda text: text.replace("<item>", "<item>\x0b\x1f\x00"),
        lambda text: text.replace(
            "</item>", "<x>&#1114112;&#xD800;&#0;&#" + "9" * 5000 + ";</x></item>"
        ),
        lambda text: text.replace("<channel>", "<channel><media:text>a</media:text>"),
    ],
)
def test_ill_formed_feeds_are_read_all_the_same(spoil: object) -> None:
    text = rss([{"title": "عودة النازحين", "link": "https://a.example/1"}]).decode()
    (entry,) = read(spoil(text)).entries
    assert (entry.title, entry.link) == ("عودة النازحين", "https://a.example/1")


def test_what_is_odd_is_told_in_one_line() -> None:
    got = read(rss([{"title": "a"}]) + b"<")
    assert len(got.warnings) == 1
    assert got.warnings[0].startswith("ill-formed: ")
    assert got.warnings[0].isprintable()


# --- texts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("قصف على مخمور", "قصف على مخمور"),
        ("  قصف\n  على\tمخمور ", "قصف على مخمور"),
        ("<b>قصف</b> على مخمور", "قصف على مخمور"),
        ("<img src=x onerror=alert(1)>قصف", "قصف"),
        ("قصف &quot;عنيف&quot; على &#1605;خمور", 'قصف "عنيف" على مخمور'),
        ("AT&amp;T تفتتح", "AT&T تفتتح"),
        ("النسبة < 5 و > 3", "النسبة < 5 و > 3"),
        ("سعر a<b>c</b>", "سعر ac"),
        ("x < y <z", "x < y <z"),
        ("", ""),
    ],
)
def test_rss_titles_are_read_as_what_they_look_like(raw: str, title: str) -> None:
    assert first(title=raw).title == title


def test_atom_titles_are_read_as_they_are_declared() -> None:
    assert atom("<title>&lt;b&gt; وسم</title>").title == "<b> وسم"
    assert atom('<title type="html">&lt;b&gt;وسم&lt;/b&gt;</title>').title == "وسم"
    div = '<div xmlns="http://www.w3.org/1999/xhtml">وسم <b>عريض</b></div>'
    assert atom(f'<title type="xhtml">{div}</title>').title == "وسم عريض"


def test_the_text_is_the_content_with_what_only_the_summary_says() -> None:
    lead, body = "<p>افتتاحية لا ترد في النص</p>", "<p>جسم الخبر.</p><p>خاتمة.</p>"
    assert first(description=lead, content=body).text == (
        "افتتاحية لا ترد في النص\nجسم الخبر.\nخاتمة."
    )
    assert first(description="جسم  الخبر", content=body).text == "جسم الخبر.\nخاتمة."
    assert first(description="<p>جسم الخبر […]</p>", content=body).text == "جسم الخبر.\nخاتمة."
    assert first(description=lead).text == "افتتاحية لا ترد في النص"
    assert first(content=body).text == "جسم الخبر.\nخاتمة."
    assert first(content=body).summary == ""


def test_atom_text_keeps_its_paragraphs_and_joins_its_lines() -> None:
    entry = atom("<summary>سطر\n  وتتمة &lt;b&gt;\n\nفقرة</summary>")
    assert entry.summary == "سطر وتتمة <b>\nفقرة"


def test_content_that_is_no_text_is_left_out() -> None:
    entry = atom('<summary>صورة</summary><content type="image/png">iVBORw0KGgo=</content>')
    assert entry.text == "صورة"


def test_long_titles_and_texts_are_cut() -> None:
    entry = first(title="ا" * 1_200_000, description="ب" * 1_200_000)
    assert len(entry.title) == len(entry.text) == 1_000_000


# --- links, ids, dates ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("https://a.example/1?x=1&y=2#z", "https://a.example/1?x=1&y=2#z"),
        ("HTTP://a.example/1", "HTTP://a.example/1"),
        ("//a.example/1", "https://a.example/1"),
        ("/news/1", "https://host.example/news/1"),
        ("news/1", "https://host.example/news/1"),
        (" https://a.example/a b\n", "https://a.example/a%20b"),
        ("https://a.example/أمن", "https://a.example/أمن"),
        ("javascript:alert(1)", None),
        ("JaVaScRiPt:alert(1)", None),
        ("java\tscript:alert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("mailto:a@b.example", None),
        ("https://", None),
        ("https://[bad/", None),
        ("https://a.example/" + "x" * 9000, None),
        ("", None),
    ],
)
def test_links_are_absolute_web_addresses_or_none(link: str, url: str | None) -> None:
    assert first(title="a", link=link).link == url


def test_relative_links_without_an_address_of_the_feed_are_none() -> None:
    assert read(rss([{"link": "/a"}]), url="").entries[0].link is None


def test_links_are_resolved_against_the_base_that_the_document_names() -> None:
    base = 'xml:base="https://cdn.example/x/"'
    assert atom('<link href="1"/>', base).link == "https://cdn.example/x/1"
    assert atom('<link href="1"/>', 'xml:base="/y/"').link == "https://host.example/y/1"


def test_an_id_is_kept_as_given_wherever_the_feed_is() -> None:
    for url in (URL, "http://other.example/moved/feed"):
        (entry,) = read(rss([{"title": "a", "guid": "42?x=1&amp;b"}]), url=url).entries
        assert entry.id == "42?x=1&amp;b"
        assert entry.link is None


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("Tue, 14 Jan 2025 08:00:00 GMT", datetime(2025, 1, 14, 8, tzinfo=UTC)),
        ("Tue, 14 Jan 2025 11:00:00 +0300", datetime(2025, 1, 14, 8, tzinfo=UTC)),
        ("2025-01-14T08:00:00Z", datetime(2025, 1, 14, 8, tzinfo=UTC)),
        ("أمس", None),
        ("", None),
        ("Tue, 99 Jan 2025 08:00:00 GMT", None),
    ],
)
def test_dates_are_in_utc_or_none(written: str, moment: datetime | None) -> None:
    entry = first(title="a", pubDate=written)
    assert (entry.published, entry.updated) == (moment, None)


def test_header_names_count_in_any_case_and_their_language_is_a_fallback() -> None:
    bare = rss([{"title": "a"}], language=None)
    assert read(bare, {"CONTENT-language": "ar-EG"}).language == "ar-EG"
    assert read(rss([{"title": "a"}]), {"Content-Language": "en"}).language == "ar"
    assert read(bare).language is None


def test_categories_are_unique_and_in_order() -> None:
    assert first(title="a", categories=["أمن", " محليات ", "أمن"]).categories == ("أمن", "محليات")


def test_entries_beyond_the_limit_are_left_out_with_a_warning() -> None:
    got = read(rss([{"title": str(number)} for number in range(10_010)]))
    assert [got.entries[0].title, got.entries[-1].title] == ["0", "9999"]
    assert got.warnings == ("10010 entries: all beyond the first 10000 are left out",)


# --- encodings ------------------------------------------------------------------------------------

TITLE = "انطلاق حملة التلقيح في المدارس"


def labelled(encoding: str, label: str | None) -> bytes:
    declaration = f'<?xml version="1.0" encoding="{label}"?>' if label else ""
    body = rss([{"title": TITLE}]).decode().removeprefix('<?xml version="1.0" encoding="utf-8"?>')
    return (declaration + body).encode(encoding)


@pytest.mark.parametrize(
    ("encoding", "declared", "header"),
    [
        ("utf-8", "utf-8", None),
        ("utf-8", None, None),
        ("utf-8", "windows-1256", None),
        ("utf-8", "utf-8", "text/xml; charset=windows-1256"),
        ("utf-8", None, "text/xml; charset=iso-8859-1"),
        ("utf-8", "nonsense", "text/xml; charset=zip"),
        ("utf-8", "punycode", "text/xml; charset=unicode_escape"),
        ("utf-8-sig", None, None),
        ("cp1256", "windows-1256", None),
        ("cp1256", None, "text/xml; charset=windows-1256"),
        ("cp1256", None, None),
        ("cp1256", "utf-8", "text/xml; charset=utf-8"),
        ("cp1256", "iso-8859-1", None),
        ("iso-8859-6", "iso-8859-6", None),
        ("utf-16", "utf-16", None),
        ("utf-16-le", None, None),
        ("utf-16-be", "utf-16", "application/rss+xml"),
    ],
)
def test_arabic_is_read_whatever_the_labels_say(
    encoding: str, declared: str | None, header: str | None
) -> None:
    headers = {"Content-Type": header} if header else {}
    assert read(labelled(encoding, declared), headers).entries[0].title == TITLE


def test_one_broken_byte_costs_one_letter() -> None:
    data = rss([{"title": TITLE}, {"title": TITLE}]).replace("انطلاق".encode(), b"\xd8", 1)
    got = read(data)
    assert got.entries[0].title.endswith(TITLE.removeprefix("انطلاق"))
    assert got.entries[1].title == TITLE
    assert "broken" in got.warnings[0]


def test_french_in_latin_letters_is_not_taken_for_arabic() -> None:
    data = rss([{"title": "L'été à l'île d'Orléans"}], title="Île").decode().encode("cp1252")
    assert read(data.replace(b"utf-8", b"iso-8859-1")).entries[0].title == "L'été à l'île d'Orléans"


# --- anything -------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["", "text/xml; charset=utf-16", "text/html"]))
def test_any_bytes_end_in_a_feed_or_in_feed_error(data: bytes, content_type: str) -> None:
    for document in (data, b"<rss><channel><item><title>" + data + b"</title></item>"):
        with suppress(FeedError):
            assert read(document, {"content-type": content_type}).kind


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="abc <>&;'\"]/!-ابتثجح ةىؤ\u0651\u200c،٣", max_size=80))
def test_escaped_text_comes_back_out_of_an_atom_title(text: str) -> None:
    readable = "".join(c for c in text if c.isprintable())
    escaped = readable.replace("&", "&amp;").replace("<", "&lt;").replace("]]>", "]]&gt;")
    expected = " ".join(readable.split())
    assert atom(f"<title>{escaped}</title>").title == expected


@pytest.mark.parametrize("end", ["/12345", "<description>قصف", "</link>", "</title>"])
def test_an_entry_that_breaks_off_is_left_for_when_it_is_whole(end: str) -> None:
    whole = rss(
        [
            {"title": "خبر 1"},
            {"title": "خبر", "link": "https://a.example/12345", "description": "قصف على"},
        ]
    )
    cut = whole[: whole.rindex(end.encode()) + len(end.encode()) - 2]
    feed = parse_feed(cut, {}, "https://a.example/f")
    assert [entry.title for entry in feed.entries] == ["خبر 1"]
    assert any("breaks off inside an entry" in warning for warning in feed.warnings)


def test_a_document_that_breaks_off_behind_an_entry_keeps_all_of_them() -> None:
    whole = rss([{"title": "خبر 1"}, {"title": "خبر 2"}])
    for end in (b"</item>", b"</channel>"):
        feed = parse_feed(whole[: whole.rindex(end) + len(end)], {}, "https://a.example/f")
        assert len(feed.entries) == 2
