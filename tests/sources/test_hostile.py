"""Documents made to crash, to read files or to take for ever: each ends soon, in a feed or in
FeedError, and without touching anything."""

from __future__ import annotations

import time

import pytest

from monitor.errors import FeedError
from monitor.model import ParsedFeed
from monitor.sources.feed import parse_feed
from origin import Origin

DECLARATION = '<?xml version="1.0"?>\n'
OPEN = '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>t</title>'
CLOSE = "</channel></rss>"
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><entry>'


def item(inside: str) -> str:
    return f"{DECLARATION}{OPEN}<item><title>a</title>{inside}</item>{CLOSE}"


def described(markup: str) -> str:
    return item(f"<description><![CDATA[{markup}]]></description>")


def with_doctype(subset: str, title: str = "&a;") -> str:
    inside = f"{OPEN}<item><title>{title}</title></item>{CLOSE}"
    return f"{DECLARATION}<!DOCTYPE r [{subset}]>{inside}"


def lists(opening: str, closing: str, count: int) -> str:
    return "".join(f"{opening}{number}{closing}" for number in range(count))


LAUGHS = "".join(
    f'<!ENTITY {name} "{f"&{inner};" * 10}">'
    for inner, name in zip("abcdefgh", "bcdefghi", strict=True)
)
REFUSED = {
    "billion laughs": with_doctype('<!ENTITY a "lolololol">' + LAUGHS, "&i;"),
    "billion laughs in one line": with_doctype('<!ENTITY a "lolololol">' + LAUGHS, "&i;").replace(
        "\n", ""
    ),
    "quadratic entity": with_doctype(f'\n<!ENTITY a "{"x" * 50_000}">\n', "&a;" * 50_000),
    "30,000 attributes": item("<b " + lists("a", '="x" ', 30_000) + "/>"),
    "30,000 attributes with >": item("<b " + lists("a", '=">" ', 30_000) + "/>"),
    "30,000 bare attributes": item("<b " + lists("a", " ", 30_000) + ">"),
    "30,000 namespaces": item(lists("<b xmlns:a", "='u'/>", 30_000)),
    "a huge author": item("<author>" + "a" * 400_000 + "</author>"),
    "a huge creator": item("<dc:creator>" + "a" * 400_000 + "</dc:creator>"),
    "a huge editor": f"{OPEN}<managingEditor>{'a' * 400_000}</managingEditor>{CLOSE}",
    "a huge author in pieces": item("<author>" + "<!-- -->a" * 100_000 + "</author>"),
    "a huge author with another end": item("<author>" + "a" * 400_000 + "</dc:creator>"),
    "10,000 long authors": OPEN + f"<item><author>{'a' * 490}</author></item>" * 10_000 + CLOSE,
    "30,000 categories": item(lists("<category>", "</category>", 30_000)),
    "30,000 keywords": item("<keywords>" + lists("", ",", 30_000) + "</keywords>"),
    "a huge date": item("<pubDate>" + "1 " * 300_000 + "</pubDate>"),
    "a million elements": OPEN + "<a>" * 1_000_000 + CLOSE,
    "100,000 entries without end": OPEN + "<item><title>a</title>" * 100_000 + CLOSE,
    "a huge prolog": DECLARATION + "\n<!--x-->" * 100_000 + OPEN + CLOSE,
}
READ = {
    "file as entity": with_doctype('<!ENTITY a SYSTEM "file:///etc/hostname">'),
    "backslash in entity": with_doctype('\n<!ENTITY a "\\1\\g<5>">\n'),
    "ordinary entities": with_doctype('\n<!ENTITY a "&#1571;">\n<!ENTITY b "&a; b">\n', "&b;"),
    "entity of itself": with_doctype('\n<!ENTITY a "&#38;a;">\n'),
    "undefined punycode": item("").replace('"1.0"', '"1.0" encoding="punycode"'),
    "references beyond Unicode": item("<description>&#1114112;&#xD800;</description>"),
    "hidden references beyond Unicode": item("<description>&amp;#1114112;</description>"),
    "a reference of 5,000 digits": item(f"<description>&amp;#{'9' * 5000};</description>"),
    "a srsName that is no number": item(
        "<g:where xmlns:g='http://www.georss.org/georss' xmlns:gml='http://www.opengis.net/gml'>"
        "<gml:Point srsName='x:y'><gml:pos>1 2</gml:pos></gml:Point></g:where>"
    ),
    "comments that never end": described("<!--" * 100_000),
    "raw comments that never end": item("<description>" + "<!--" * 100_000),
    "tags that never end": described("<b " * 200_000),
    "quotes that never end": described('<b "' * 200_000),
    "quotes across tags": described("<b '>" * 200_000),
    "scripts that never end": described("<script>" * 50_000),
    "hidden parts that never end": described("<svg>" * 50_000),
    "declarations that never end": described("<!" * 200_000),
    "CDATA that never ends": described("&lt;![CDATA[" * 50_000),
    "half a million <": described("<" * 500_000),
    "half a million &": described("&" * 500_000),
    "a tag of half a million letters": item("<" + "a" * 500_000),
    "a million newlines": DECLARATION + "\n" * 1_000_000 + OPEN + CLOSE,
    "100,000 entries": OPEN + "<item><title>a</title></item>" * 100_000 + CLOSE,
    "a summary of 100,000 lines": ATOM
    + "<summary type='html'>"
    + lists("&lt;br&gt;", "", 100_000)
    + f"</summary><content>{'ابجد ' * 200_000}</content></entry></feed>",
    "nested 50,000 deep": ATOM + "<a>" * 50_000 + "</a>" * 50_000 + "</entry></feed>",
    "zeros": OPEN + "\0" * 1_000_000 + CLOSE,
    "markup nested 50,000 deep": described("<div>" * 50_000),
}


def read(document: str) -> ParsedFeed:
    """Reads a document and checks that it took no long time, in CPU seconds."""
    data = document.encode()
    begun = time.process_time()
    try:
        return parse_feed(data, {}, "http://host.example/feed")
    finally:
        assert time.process_time() - begun < 20.0  # quadratic: minutes


@pytest.mark.parametrize("name", REFUSED)
def test_documents_made_to_be_slow_are_refused(name: str) -> None:
    with pytest.raises(FeedError):
        read(REFUSED[name])


@pytest.mark.parametrize("name", READ)
def test_documents_that_are_only_odd_are_read(name: str) -> None:
    assert read(READ[name]).kind in ("rss20", "atom10")


def test_no_file_and_no_address_of_a_documents_choosing_is_opened() -> None:
    with Origin() as origin:
        url = origin.put("/secret", b"SECRET")
        for subset in (
            f'<!ENTITY a SYSTEM "{url}">',
            f'<!ENTITY % p SYSTEM "{url}"> %p;',
            f'<!ENTITY a PUBLIC "x" "{url}">',
        ):
            feed = read(with_doctype(subset))
            assert "SECRET" not in repr(feed)
        include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{url}"/>'
        assert "SECRET" not in repr(read(item(include)))
        with pytest.raises(FeedError):
            read(url)
        assert origin.requests == []


def test_an_ordinary_large_feed_is_not_refused() -> None:
    entry = (
        "<item><title>افتتاح معرض الكتاب</title><dc:creator>قسم الثقافة</dc:creator>"
        "<category>ثقافة</category><pubDate>Tue, 14 Jan 2025 08:00:00 GMT</pubDate>"
        "<description><![CDATA[<p>زار المعرض آلاف القراء &amp; الكتاب.</p>]]></description></item>"
    )
    assert len(read(OPEN + entry * 1_000 + CLOSE).entries) == 1_000
