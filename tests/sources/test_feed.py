"""Documents read as feeds: golden pairs, texts, links, dates, and what is no feed."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import FeedError
from monitor.model import Entry, ParsedFeed
from monitor.sources.feed import parse_feed, read_feed
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


ATOM = '<feed xmlns="http://www.w3.org/2005/Atom">{}</feed>'
SPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:atom="http://www.w3.org/2005/Atom"'
)


def item(inside: str) -> Entry:
    """An entry of RSS from the elements in it."""
    return read(
        f'<rss version="2.0" {SPACES}><channel><item>{inside}</item></channel></rss>'
    ).entries[0]


def atom(entry: str, attributes: str = "") -> Entry:
    head = f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>م</title>'
    return read(f"{head}<entry>{entry}</entry></feed>").entries[0]


@pytest.mark.parametrize("document", GOLDEN, ids=lambda path: path.stem)
def test_golden_pairs(document: Path) -> None:
    got = asdict(read(document.read_bytes()))
    assert got.pop("marks") == got.pop("identities") == ()  # they come with a reading in parts
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
        (b"<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>", "no feed"),
        (b"<opml version='1.0'><body><outline text='a'/></body></opml>", "no feed"),
        (b"<stock><item><title>a</title><price>1</price></item></stock>", "no feed"),
        (b"<rdf:RDF xmlns:rdf='urn:x'><person/></rdf:RDF>", "no feed"),
        (b"<html><body><p>see</p><rss version='2.0'></rss></body></html>", "HTML page"),
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


@pytest.mark.parametrize("spoil", ["<x>&</x>", "<x>&nbsp;</x>", "<x a=b/>", "<x>"])
@pytest.mark.parametrize(
    "inside",
    [
        "<guid>https://a.example/?p=1&amp;b=2</guid>",
        "<guid isPermaLink='false'>https://a.example/?post_type=a&#038;p=2</guid>",
        "<guid isPermaLink='false'><![CDATA[a&amp;b=1&c=2]]></guid>",
        "<link>https://a.example/?a=1&amp;b=2&amp;amp;c=3</link>",
        "<link><![CDATA[https://a.example/?a=1&amp;b=2&lang=ar]]></link>",
        "<dc:creator>سلمى &amp; ليلى &quot;م&quot; &lt;ل&gt;</dc:creator>",
        "<category><![CDATA[أمن & دفاع]]></category><category domain='d'>a &amp;amp; b</category>",
        "<title>a &amp;amp; b &lt; c</title>",
        "<description>&lt;p&gt;a &amp;amp; b&lt;/p&gt;</description>",
        "<enclosure url='https://a.example/?a=1&amp;b=2' type='audio/mpeg'/>",
    ],
)
def test_an_entry_is_the_same_where_something_else_is_ill_formed(inside: str, spoil: str) -> None:
    whole = f'<rss version="2.0" {SPACES}><channel><item>{inside}</item></channel></rss>'
    odd = whole.replace("<channel>", f"<channel>{spoil}")
    (entry,) = read(odd).entries
    assert entry == read(whole).entries[0]


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
        ("\u200fhttps://a.example/1\u200f", "https://a.example/1"),
        ("https://a.example/\u202a1\u202c", "https://a.example/1"),
        ("https://a.example/می\u200cشود\u200c", "https://a.example/می\u200cشود"),
        ("https://a.example/1?x=1&y=2#z", "https://a.example/1?x=1&y=2#z"),
        ("HTTP://a.example/1", "HTTP://a.example/1"),
        ("//a.example/1", "https://a.example/1"),
        ("/news/1", "https://example.org/news/1"),
        ("news/1", "https://example.org/news/1"),
        ("www.paper.example/12", "https://www.paper.example/12"),
        ("WWW.paper.example:8080?id=1", "https://WWW.paper.example:8080?id=1"),
        ("www.html", "https://example.org/www.html"),
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


@pytest.mark.parametrize("query", ["id=1&lang=ar", "a=1&copy=2&b=3", "a&sect=1&amp;not=2&reg=0"])
@pytest.mark.parametrize("entry", ["<link>{}</link>", "<atom:link href='{}'/>", "<guid>{}</guid>"])
def test_the_parts_of_a_query_are_no_letters(query: str, entry: str) -> None:
    meant = "https://a.example/?" + query.replace("&amp;", "&")
    assert item(entry.format("https://a.example/?" + query)).link == meant
    assert item(entry.format(f"https://a.example/?{query.replace('&amp;', '&')}")).link == meant


def test_relative_links_of_a_feed_without_an_address_are_of_the_site_that_it_tells() -> None:
    for url in ("", "file:///tmp/feed.xml"):
        assert read(rss([{"link": "a"}]), url=url).entries[0].link == "https://example.org/a"
        assert read(rss([{"link": "a"}], link="/"), url=url).entries[0].link is None
        assert read(rss([], link="/"), url=url).link is None
        own = '<link rel="self" href="https://host.example/ar/feed"/>'
        feed = read(ATOM.format(own + '<entry><link href="1"/></entry>'), url=url)
        assert feed.entries[0].link == "https://host.example/ar/1"
        assert read(ATOM.format(own + '<link href="/"/>'), url=url).link == "https://host.example/"


@pytest.mark.parametrize(
    ("site", "link", "url"),
    [
        ("https://host.example/ar/", "news/1", "https://host.example/ar/news/1"),
        ("https://host.example/ar/", "/news/1", "https://host.example/news/1"),
        ("https://host.example", "?id=1", "https://host.example?id=1"),
        ("https://other.example/ar/", "news/1", "https://other.example/ar/news/1"),
        ("/ar/", "news/1", "https://host.example/ar/news/1"),
        ("javascript:x", "news/1", "https://host.example/rss/news/1"),
    ],
)
def test_relative_links_of_rss_are_meant_as_on_the_site_itself(
    site: str, link: str, url: str
) -> None:
    feed = read(rss([{"link": link}], link=site), url="https://host.example/rss/feed.xml")
    assert feed.entries[0].link == url


def test_relative_links_of_atom_are_relative_to_the_document() -> None:
    document = ATOM.format('<link href="https://host.example/"/><entry><link href="1"/></entry>')
    feed = read(document, url="https://host.example/ar/feed")
    assert feed.entries[0].link == "https://host.example/ar/1"


def test_each_element_may_tell_another_base() -> None:
    feed = read(
        '<rss version="2.0" xml:base="https://cdn.example/x/"><channel xml:base="ar/">'
        '<link>../home</link><item xml:base="/y/"><link>1</link></item>'
        '<item><link xml:base="z/">2</link></item><item><link>3</link></item></channel></rss>'
    )
    assert feed.link == "https://cdn.example/x/home"
    assert [entry.link for entry in feed.entries] == [
        "https://cdn.example/y/1",
        "https://cdn.example/x/ar/z/2",
        "https://cdn.example/x/ar/3",
    ]


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
    ("inside", "link"),
    [
        ("<link>/1</link><link>/2</link>", "/2"),
        ('<link>/1</link><atom:link rel="alternate" type="text/html" href="/2"/>', "/1"),
        ('<atom:link rel="self" href="/f"/><atom:link rel="alternate" href="/2"/>', "/2"),
        ('<atom:link rel="alternate" href="/2"/><link/>', "/2"),
        ('<link>/1</link><link href="/2"/>', "/2"),
        ("<link/>https://host.example/6", "/6"),
        ("<link/>\n  https://host.example/6\n  <guid isPermaLink='false'>6</guid>", "/6"),
        ("<link></link>قراءة https://host.example/6 <br>", "/6"),
        ("<link>/1</link>https://host.example/6", "/1"),
        ("<link></link><guid>https://host.example/7</guid>", "/7"),
        ("<guid>https://host.example/7</guid><link/>", "/7"),
        ("<guid isPermaLink='false'>https://host.example/7</guid><link/>", None),
        ("<link>javascript:void(0)</link><guid>https://host.example/7</guid>", "/7"),
        ("<link>host.example/8</link>", "/8"),
        ("<link>page.html/8</link>", "/page.html/8"),
        ("<link>https:/host.example/8</link>", "/8"),
        ("<link>http://https://host.example/8</link>", "/8"),
        ('<link>/1</link><atom:link href="/2" type="text/html"/>', "/1"),
        ('<atom:link href="/2"/>', "/2"),
        ("<link>/1</link><author><name>س</name><link>/saad</link></author>", "/1"),
        ('<link>/1</link><author><atom:link href="/saad"/></author>', "/1"),
        ('<link>/1</link><media:content url="/1.jpg"><link>/2</link></media:content>', "/1"),
        ("<related><link>/2</link></related><link>/1</link>", "/1"),
        ("<data><title>خبر</title><link>/1</link></data>", "/1"),
        ("<guid>https://host.example/3</guid>", "/3"),
        ('<guid isPermaLink="false">https://host.example/3</guid>', None),
        ("<guid>/3</guid>", None),
        ("<dc:identifier>https://host.example/4</dc:identifier>", "/4"),
        ("<dc:identifier>urn:isbn:1</dc:identifier>", None),
        ('<enclosure url="/5.mp3" type="audio/mpeg" length="1"/>', "/5.mp3"),
        ('<enclosure url="/5.jpg" type="image/jpeg" length="1"/>', None),
        ('<link>/1</link><enclosure url="/5.mp3" type="audio/mpeg" length="1"/>', "/1"),
        ('<media:group><media:player url="/6"/></media:group>', "/6"),
        ('<link uri="at://did:plc:x/app.post/7">/7</link>', "/7"),
        ("<comments>/1#comments</comments>", None),
    ],
)
def test_the_link_of_an_item_of_rss(inside: str, link: str | None) -> None:
    assert item(inside).link == (link and f"https://host.example{link}")


@pytest.mark.parametrize("inside", ["{0}{1}", "{1}{0}"])
def test_the_catalogues_title_stands_for_none_that_is_there(inside: str) -> None:
    titles = "<title>غارة</title>", "<dc:title>أخرى</dc:title>"
    assert item(inside.format(*titles)).title == "غارة"
    assert item(titles[1]).title == "أخرى"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *(
            (kind, "قال مصدر")
            for kind in ("text/html; charset=utf-8", " HTML ", "html5", "text/htm")
        ),
        *((kind, "قال مصدر") for kind in ("application/html", "text/x-html", "escaped", "string")),
        ("application/xhtml+xml; charset=utf-8", "قال مصدر"),
        ("text/plain; charset=utf-8", "قال <b>مصدر</b>"),
        ("text/markdown", "قال <b>مصدر</b>"),
        ("plain/text", "قال <b>مصدر</b>"),
        ("image/png", ""),
        ("application/octet-stream", ""),
    ],
)
def test_an_odd_type_hides_no_text(kind: str, text: str) -> None:
    told = f'<content type="{kind}">قال &lt;b&gt;مصدر&lt;/b&gt;</content>'
    assert atom(told).text == text


@pytest.mark.parametrize("broken", ["", "<x:y/>", "<b>&"])
def test_the_full_text_for_yandex_is_that_of_the_article(broken: str) -> None:
    full = "<yandex:full-text>قال &lt;b&gt;مصدر&lt;/b&gt; إن الطريق مغلق</yandex:full-text>"
    entry = item(f"<title>خبر</title><description>خلاصة</description>{full}{broken}")
    assert entry.text.startswith("خلاصة\nقال مصدر إن الطريق مغلق")


def test_the_text_of_a_comment_is_none_of_the_article() -> None:
    told = "<comment><description>غارة</description></comment>"
    entry = item(f"<title>خبر</title><description>نص</description>{told}<author>س</author>")
    assert (entry.text, entry.author) == ("نص", "س")


@pytest.mark.parametrize(
    ("inside", "link"),
    [
        ('<link href="/1"/>', "/1"),
        ('<link href="/1"/><author><link href="/saad"/></author>', "/1"),
        ('<link href="/1"/><category><link href="/saad"/></category>', "/1"),
        ('<link rel="edit" href="/e"/><link rel="alternate" href="/1"/>', "/1"),
        ('<link href="/1"/><link rel="alternate" type="text/html" href="/2"/>', "/2"),
        ('<link href="/1"/><link rel="alternate" type="application/json" href="/2"/>', "/1"),
        ('<link type="application/pdf" href="/1.pdf"/>', "/1.pdf"),
        ('<link rel="http://www.iana.org/assignments/relation/alternate" href="/1"/>', "/1"),
        ('<link rel="self" href="/1.atom"/>', None),
        ("<id>https://host.example/3</id>", "/3"),
        ("<id>urn:3</id>", None),
        ('<link rel="enclosure" href="/5.mp3" type="audio/mpeg"/>', "/5.mp3"),
        ('<link rel="enclosure" href="/5.png" type="image/png"/>', None),
    ],
)
def test_the_link_of_an_entry_of_atom(inside: str, link: str | None) -> None:
    assert atom(inside).link == (link and f"https://host.example{link}")


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


# --- what stands for what is missing --------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "title"),
    [
        ("<title>خبر</title><media:title>صورة</media:title>", "خبر"),
        ("<media:title>صورة</media:title><title>خبر</title>", "خبر"),
        ("<title/><media:title>صورة</media:title>", "صورة"),
        ("<media:group><media:title>فيلم</media:title></media:group>", "فيلم"),
        ("<dc:title>خبر</dc:title>", "خبر"),
        ("<itunes:title>حلقة</itunes:title>", "حلقة"),
        ("<title>حلقة 1</title><itunes:title>حلقة</itunes:title>", "حلقة 1"),
        ("<image><title>شعار</title></image><title>خبر</title>", "خبر"),
        ("<title>خبر</title><image><title>شعار</title></image>", "خبر"),
        ("<description>قصف على أطراف القضاء.</description>", "قصف على أطراف القضاء."),
        ("<description>&lt;p>عاجل&lt;/p>&lt;p>قصف&lt;/p></description>", "عاجل قصف"),
        (f"<description>{'قصف ' * 40}</description>", "قصف " * 24 + "قصف…"),
        ("<link>https://host.example/1</link>", "https://host.example/1"),
        ("<author>س</author>", ""),
    ],
)
def test_the_title_of_an_item(inside: str, title: str) -> None:
    assert item(inside).title == title


def test_a_title_that_is_made_up_is_heard_by_no_rule() -> None:
    document = rss([{"description": "قصف على أطراف القضاء."}])
    (entry,) = read_feed(document, {}, "https://host.example/feed").entries
    assert (entry.title, entry.text) == ("", "قصف على أطراف القضاء.")


@pytest.mark.parametrize(
    ("inside", "summary", "text"),
    [
        (
            "<description>نص</description><media:description>صورة</media:description>",
            "نص",
            "نص",
        ),
        (
            "<media:description>صورة</media:description><description>نص</description>",
            "نص",
            "نص",
        ),
        (
            "<media:description>صورة</media:description><content:encoded>نص</content:encoded>",
            "",
            "نص",
        ),
        ("<media:description>فيلم</media:description>", "فيلم", "فيلم"),
        ("<itunes:summary>خلاصة</itunes:summary>", "خلاصة", "خلاصة"),
        ("<dc:description>موجز</dc:description>", "موجز", "موجز"),
        ("<description><p>أ</p><p>ب</p></description>", "أ\nب", "أ\nب"),
        ("<description>&amp;lt;p&amp;gt;أ&amp;lt;/p&amp;gt;ب</description>", "أ\nب", "أ\nب"),
        (
            "<description>س<details><summary>ع</summary>ن</details>ف</description>",
            "س\nع\nن\nف",
            "س\nع\nن\nف",
        ),
    ],
)
def test_the_summary_and_text_of_an_item(inside: str, summary: str, text: str) -> None:
    entry = item(inside)
    assert (entry.summary, entry.text) == (summary, text)


def test_an_id_may_be_told_by_dublin_core() -> None:
    assert item("<dc:identifier>urn:1</dc:identifier>").id == "urn:1"
    assert item("<dc:identifier>urn:1</dc:identifier><guid>2</guid>").id == "2"


XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ('type="text">&lt;b&gt; وسم', "<b> وسم"),
        ('type="html">&lt;p&gt;أ&lt;/p&gt;ب', "أ\nب"),
        (f'type="xhtml"><div {XHTML}><p>أ</p>ب &lt;ج&gt;</div>', "أ\nب <ج>"),
        (f'type="application/xhtml+xml"><body {XHTML}><p>أ</p>ب</body>', "أ\nب"),
        (f'type="xhtml"><div {XHTML}><details><summary>أ</summary>ب</details>ج</div>', "أ\nب\nج"),
        (f'type="xhtml"><div {XHTML}><svg><title>صورة</title></svg>أ</div>', "أ"),
        (f'type="xhtml"><div {XHTML}><video><source src="v"/></video>أ</div>', "أ"),
        ('type="application/xml"><doc xmlns="urn:x"><title>أ</title><p>ب</p></doc>', "أ\nب"),
        ('type="application/atom+xml"><feed><title>أ</title><entry>ب</entry></feed>', "أ\nب"),
        ('type="image/svg+xml"><svg><text>ص</text></svg>', ""),
    ],
)
def test_the_content_of_an_entry_of_atom(content: str, text: str) -> None:
    feed = read(ATOM.format(f"<entry><title>ع</title><content {content}</content></entry>"))
    assert [(entry.title, entry.text) for entry in feed.entries] == [("ع", text)]


def test_the_content_of_atom_0_3_may_be_in_base64() -> None:
    coded = b64encode("<p>نص <b>مهم</b></p><p>آخر</p>".encode()).decode()
    feed = read(
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry>'
        f'<content type="text/html" mode="base64">{coded}</content></entry></feed>'
    )
    assert (feed.kind, feed.entries[0].text) == ("atom03", "نص مهم\nآخر")


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("محرر@صحيفة.example (ليلى)", "ليلى"),
        ("editor@site.media (ليلى)", "ليلى"),
        ("ليلى &lt;editor@site.online&gt;", "ليلى"),
        ("ليلى (بيروت) editor@site.online", "ليلى (بيروت)"),
        ("ليلى | mailto:editor@site.press", "ليلى"),
        ("Haddad, Layla, a@b.example", "Haddad, Layla"),
        ("editor@site.press", "editor@site.press"),
        ("ليلى @layla", "ليلى @layla"),
    ],
)
def test_the_name_of_an_author_stands_without_the_address(told: str, name: str) -> None:
    assert item(f"<author>{told}</author>").author == name


def test_all_authors_are_named() -> None:
    names = "<{0}>ليلى</{0}>", "<{0}>سلمى</{0}>"
    assert item("".join(names).format("dc:creator")).author == "ليلى, سلمى"
    assert item("<author>a@b.example</author><dc:creator>ليلى</dc:creator>").author == "ليلى"
    people = "".join(f"<author>{name}</author>" for name in names).format("name")
    assert atom(people).author == "ليلى, سلمى"


def test_the_source_of_an_entry_tells_nothing_of_the_entry() -> None:
    source = (
        "<source><title>مصدر</title><id>urn:s</id><link href='/s'/><author><name>غيره</name>"
        "</author><category term='س'/><updated>2020-01-01T00:00:00Z</updated></source>"
    )
    own = "<title>خبر</title><id>urn:1</id><link href='/1'/>"
    for entry in (atom(source + own), atom(own + source)):
        assert (entry.title, entry.id, entry.author) == ("خبر", "urn:1", None)
        assert (entry.link, entry.updated) == ("https://host.example/1", None)
        assert entry.categories == ()


@pytest.mark.parametrize(
    "within",
    [
        "<item><title>آخر</title><link>/2</link><guid>2</guid></item>",
        "<x:old><item><description>آخر</description></item></x:old>",
        "<item/>",
        "<item><item><title>آخر</title></item></item>",
    ],
)
def test_an_item_inside_an_item_is_none(within: str) -> None:
    feed = read(
        '<rss version="2.0" xmlns:x="urn:x"><channel xml:base="https://b.example/">'
        f"<item><title>خبر</title>{within}<link>1</link></item>"
        "<item><title>ثان</title></item></channel></rss>"
    )
    assert [(entry.title, entry.text) for entry in feed.entries] == [("خبر", ""), ("ثان", "")]
    assert feed.entries[0].link == "https://b.example/1"


def test_items_that_nobody_closed_are_items() -> None:
    feed = read("<rss><channel><item><title>1</title><item><title>2</title></channel></rss>")
    assert [entry.title for entry in feed.entries] == ["1", "2"]


# --- formats --------------------------------------------------------------------------------------

RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
ATOM_AS_A = 'xmlns:a="http://www.w3.org/2005/Atom"'
RSS_1_1 = 'xmlns="http://purl.org/net/rss1.1#" xmlns:rss="http://purl.org/net/rss1.1#"'
ENTRY = "<a:entry><a:title>خبر</a:title><a:link href='/1'/></a:entry>"
PREFIXED = f"<a:feed {ATOM_AS_A}>{ENTRY}</a:feed>"
ITEM = "<item><title>خبر</title><link>/1</link></item>"
X_ITEM = re.sub("(</?)item", r"\1x:item", ITEM)
STRANGE = ("http://purl.org/dc/elements/1.1/", "http://www.w3.org/1999/xhtml", "urn:example:own")


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (f"<rss>{ITEM}</rss>", "rss"),
        (f'<RSS VERSION="2.0"><CHANNEL>{ITEM.upper()}</CHANNEL></RSS>', "rss20"),
        (f'<rss version="0.92"><channel>{ITEM}</channel></rss>', "rss092"),
        (f'<rss version="2.0" xmlns="http://backend.userland.com/rss2">{ITEM}</rss>', "rss20"),
        (f'<rdf:RDF {RDF} xmlns="http://purl.org/rss/1.0/">{ITEM}</rdf:RDF>', "rss10"),
        (
            f'<rdf:RDF {RDF} xmlns="http://my.netscape.com/rdf/simple/0.9/">{ITEM}</rdf:RDF>',
            "rss090",
        ),
        (
            f'<rdf:RDF {RDF} xmlns="http://channel.netscape.com/rdf/simple/0.9/">{ITEM}</rdf:RDF>',
            "rss090",
        ),
        (f"<rdf>{ITEM}</rdf>", "rss090"),
        (f"<Channel {RSS_1_1}><items>{ITEM}</items></Channel>", "rss"),
        ("<CHANNEL><ITEM HREF='/1'><TITLE>خبر</TITLE></ITEM></CHANNEL>", "cdf"),
        (f"<channel>{ITEM}</channel>", "cdf"),
        (f"<data>{ITEM}</data>", "rss"),
        (ATOM.format("<entry><title>خبر</title><link href='/1'/></entry>"), "atom10"),
        (f'<entry {ATOM[6:42]}><title>خبر</title><link href="/1"/></entry>', "atom10"),
        ("<feed><entry><title>خبر</title><link href='/1'/></entry></feed>", "atom"),
        (PREFIXED, "atom10"),
        (
            re.sub("</?", r"\g<0>rss:", f"<channel>{ITEM}</channel>"),
            "cdf",
        ),
        (
            f'<html><body>\n<rss version="2.0"><channel>{ITEM}</channel></rss></body></html>',
            "rss20",
        ),
        (
            f'<!DOCTYPE html><html><head></head><pre><rss version="2.0">{ITEM}</rss></pre></html>',
            "rss20",
        ),
        *((f'<rss version="2.0" xmlns="{uri}">{ITEM}</rss>', "rss20") for uri in STRANGE),
        (f'<rss version="2.0"><channel xmlns="{STRANGE[0]}">{ITEM}</channel></rss>', "rss20"),
        (f'<rss version="2.0" xmlns:x="urn:x">{X_ITEM}</rss>', "rss20"),
        (f'<rss version="2.0">{X_ITEM}</rss>', "rss20"),
        (
            re.sub("(</?)", r"\1x:", f'<rss version="2.0" xmlns:x="urn:x">{ITEM}</rss>'),
            "rss20",
        ),
        (PREFIXED.replace("http:", "https:"), "atom"),
        (f'<string xmlns="urn:s">{escape(f"<rss>{ITEM}</rss>")}</string>', "rss"),
        (f'<?xml version="1.0"?><string><![CDATA[<rss>{ITEM}</rss>]]></string>', "rss"),
        (json.dumps(f"<rss>{ITEM}</rss>"), "rss"),
    ],
)
def test_all_formats_are_read(document: str, kind: str) -> None:
    feed = read(document)
    (entry,) = feed.entries
    assert (feed.kind, entry.title, entry.link) == (kind, "خبر", "https://host.example/1")


def test_arabic_in_one_title_that_was_taken_for_latin_is_undone() -> None:
    told = "مقتل ثلاثة جنود في هجوم"
    spoiled = told.encode("cp1256").decode("cp1252")
    by_number = "".join(f"&#{ord(letter)};" if letter > "\x7f" else letter for letter in spoiled)
    others = ["École à Paris: ça va", "Ïðèâåò ìèð", "ÀÉÎ", "Þú átt ÁÁÁ", "Çäç"]
    feed = read(rss([{"title": title} for title in (told, spoiled, f"{told} {spoiled}", *others)]))
    assert [e.title for e in feed.entries] == [told, told, f"{told} {told}", *others]
    assert item(f"<title>{by_number}</title>").title == told


def test_letters_by_number_without_their_end_or_in_two_halves_are_read() -> None:
    assert item("<title>&#1607&#1580&#1608&#x645 جديد</title>").title == "هجوم جديد"
    for pair in ("&#55357;&#56832;", "&#xD83D;&#xDE00;"):
        assert item(f"<title>خبر {pair}</title>").title == "خبر 😀"


def test_a_blog_may_tell_all_of_its_labels() -> None:
    labels = "".join(f"<category>وسم {number}</category>" for number in range(1_500))
    assert len(read(rss([{"title": "خبر"}], extra=labels)).entries) == 1


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


BROKEN_OFF = rss(
    [
        {"title": "خبر 1"},
        {"title": "خبر", "link": "https://a.example/12345", "description": "<p>قصف</p> على"},
    ]
).decode()


@pytest.mark.parametrize("end", ["/12345", "</link>", "</title>", "خبر"])
def test_an_entry_that_breaks_off_early_is_not_shown(end: str) -> None:
    cut = BROKEN_OFF[: BROKEN_OFF.rindex(end) + len(end) - 2]
    feed = parse_feed(cut.encode(), {}, "https://a.example/f")
    assert [entry.title for entry in feed.entries] == ["خبر 1"]
    assert feed.warnings[-1].endswith("inside an entry, which is left for when it is whole")


@pytest.mark.parametrize("end", ["</link>", "<description>", "&gt;قصف", "قصف&lt;/p", "</descr"])
@pytest.mark.parametrize("in_sections", [True, False])
def test_an_entry_that_breaks_off_in_its_text_is_shown_without_it_and_heard_by_no_rule(
    end: str, *, in_sections: bool
) -> None:
    cut = BROKEN_OFF[: BROKEN_OFF.rindex(end) + len(end)]
    if in_sections:
        cut = cut.replace("&lt;", "<").replace("&gt;", ">")
        cut = cut.replace("<description>", "<description><![CDATA[")
    feed = parse_feed(cut.encode(), {}, "https://a.example/f")
    told = [(entry.title, entry.link, entry.text) for entry in feed.entries]
    assert told[1:] == [("خبر", "https://a.example/12345", "")]
    assert feed.warnings[-1].endswith("inside an entry, which is shown as far as it goes")
    assert len(read_feed(cut.encode(), {}, "https://a.example/f").entries) == 1


@pytest.mark.parametrize("other", ["feedburner:origLink", "rdf:Bag", "items", "gd:feedLink"])
def test_an_element_with_the_beginning_of_a_feeds_name_ends_no_entry(other: str) -> None:
    cut = BROKEN_OFF.replace("<link>", f"<{other}>x</{other}><link>")
    cut = cut[: cut.rindex("/12345") + 3]
    assert len(read_feed(cut.encode(), {}, "https://a.example/f").entries) == 1


def test_a_document_that_breaks_off_behind_an_entry_keeps_all_of_them() -> None:
    whole = rss([{"title": "خبر 1"}, {"title": "خبر 2"}])
    for end in (b"</item>", b"</channel>"):
        feed = parse_feed(whole[: whole.rindex(end) + len(end)], {}, "https://a.example/f")
        assert len(feed.entries) == 2
