"""Documents made to crash, to read files or to take for ever: each ends soon, in a feed or in
FeedError, and without touching anything."""

from __future__ import annotations

import gc
import gzip
import os
import subprocess
import sys
import time
from pathlib import Path

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
    "millions of <": OPEN + "<" * 1_600_000,
    "millions of < in a text": described("<" * 1_600_000),
    "millions of &": OPEN + "<item><title>" + "&" * 1_600_000,
    "millions of tags in JSON": '{"items":[{"content_html":"' + "<p>" * 1_600_000 + '"}]}',
    "marks and elements, each of them too few": OPEN
    + "<a/>" * 200_000
    + f"<item><description><![CDATA[{'<b>' * 900_000}]]></description></item>{CLOSE}",
    "attributes, 390 of each tag": OPEN
    + ("<a " + " ".join(f"a{n}=''" for n in range(390)) + "/>") * 1_100
    + CLOSE,
    "long dates": OPEN + f"<item><pubDate>{'1 م ' * 50}</pubDate></item>" * 1_500 + CLOSE,
    "end tags alone": OPEN + "</b>" * 210_000,
    "sections in sections": f"{OPEN}<![CDATA[{'<b></b>' * 200_000}<![CDATA[]]>",
    "ill-formed beyond repair": with_doctype('<!ENTITY a "b">') + "<b>" * 260_000,
    "many entities in use": with_doctype(f'<!ENTITY a "{"x" * 500}">', "&a;" * 5_000),
    "an entity told twice": with_doctype(
        f"<!ENTITY a '\"{'x' * 5_000}'><!ENTITY a 'b'>", "&a;" * 500
    ),
    "base64 that hides what it holds": ATOM
    + "<content mode='base64' type='text/html'>"
    + "PHA+" * 1_100_000
    + "</content></entry></feed>",
    "no element at all": DECLARATION + "ا" * 500_000,
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
    "101,000 authors": item("<dc:creator>a</dc:creator>" * 101_000),
    "30,000 categories": item(lists("<category>", "</category>", 30_000)),
    "30,000 keywords": item("<keywords>" + lists("", ",", 30_000) + "</keywords>"),
    "a huge date": item("<pubDate>" + "1 " * 300_000 + "</pubDate>"),
    "40 long lists of keywords": OPEN
    + f"<item><keywords>{lists('', ',', 4_000)}</keywords></item>" * 40
    + CLOSE,
    "a million elements": OPEN + "<a>" * 1_000_000 + CLOSE,
    "100,000 entries without end": OPEN + "<item><title>a</title>" * 100_000 + CLOSE,
    "a huge prolog": DECLARATION + "\n<!--x-->" * 100_000 + OPEN + CLOSE,
    "declarations in a declaration": "<!DOCTYPE r [" + "<!ENTITY " * 50_000 + "]>" + OPEN + CLOSE,
    "a huge declaration": f'<?xml version="1.0" encoding="{"a" * 500_000}"?>{OPEN}{CLOSE}',
}
READ = {
    "900 categories in each of 50 entries": OPEN
    + f"<item>{lists('<category>', '</category>', 900)}</item>" * 50
    + CLOSE,
    "file as entity": with_doctype('<!ENTITY a SYSTEM "file:///etc/hostname">'),
    "backslash in entity": with_doctype('\n<!ENTITY a "\\1\\g<5>">\n'),
    "ordinary entities": with_doctype('\n<!ENTITY a "&#1571;">\n<!ENTITY b "&a; b">\n', "&b;"),
    "entity of itself": with_doctype('\n<!ENTITY a "&#38;a;">\n'),
    "undefined punycode": item("").replace('"1.0"', '"1.0" encoding="punycode"'),
    "references beyond Unicode": item("<description>&#1114112;&#xD800;</description>"),
    "hidden references beyond Unicode": item("<description>&amp;#1114112;</description>"),
    "a reference of 5,000 digits": item(f"<description>&amp;#{'9' * 5000};</description>"),
    "a date of fifty digits": item(f"<pubDate>2024-{'9' * 50}-01</pubDate>"),
    "a srsName that is an address": item(
        "<gml:Point xmlns:gml='http://www.opengis.net/gml' "
        "srsName='http://www.opengis.net/def/crs/EPSG/0/4326'><gml:pos>36 43</gml:pos></gml:Point>"
    ),
    "places outside of a place": item(
        "<gml:posList xmlns:gml='http://www.opengis.net/gml'>36 43 37 44</gml:posList>"
    ),
    "a namespace with an odd blank": item("<a xmlns='http://a.example/\u00a0b'/>"),
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
    "a base of 60,000 letters": f'<feed xml:base="http://a/{"b/" * 30_000}" {ATOM[6:]}'
    + "<link href='c'/>" * 20_000
    + "</entry></feed>",
    "20,000 bases": ATOM + "<a xml:base='b/'>" * 20_000,
    "half a million bytes that are no UTF-8": OPEN.encode() + b"\xff" * 500_000 + CLOSE.encode(),
    "broken bytes amid Arabic": OPEN.encode() + "اب".encode() * 99_999 + b"\xd8 " * 200_000,
    "bytes of every kind in turn": OPEN.encode() + ("ا".encode() * 2 + b"\xff") * 150_000,
    "stretches of windows-1256": OPEN.encode() + ("خبر ".encode() + b"\xce\xc8\xd1 ") * 80_000,
    "letters that all break off": OPEN.encode() + b"\xf0\x90 " * 200_000,
    "surrogates in pairs": OPEN.encode() + b"\xed\xa0\xbd\xed\xb8\x80" * 100_000,
    "surrogates alone": OPEN.encode() + "ابجد".encode() * 9_999 + b"\xed\xa0\x80" * 200_000,
    "marks of UTF-8 without end": b"\xef\xbb\xbf" * 300_000 + OPEN.encode(),
    "marks of UTF-16 without end": b"\xff\xfe" * 400_000 + OPEN.encode(),
    "UTF-16 without an end": (OPEN + "خبر" * 150_000).encode("utf-16-be"),
    "twice encoded, without an end": OPEN + "Ø§Ù„" * 100_000,
    "twice encoded, half": OPEN + "Ø§Ù„Ø§" + "ØÙ" * 200_000,
    "twice encoded by references": OPEN + "&Oslash;&sect;" * 60_000,
    "references that never end": OPEN + "&Oslash;" + "&sect" * 150_000,
    "half-open CDATA": OPEN + "<![cdata[" * 80_000,
    "CDATA in CDATA": OPEN + "<![CDATA[" * 80_000 + "]]>" * 80_000,
    "prefixes without end": OPEN + "<a.a.a.a" * 60_000,
    "attributes without end": OPEN + "<b a='" * 80_000,
    "a parameter entity": with_doctype("<!ENTITY % p \"<!ENTITY a 'b'>\"> %p; %p;"),
    "UTF-7": item("")
    .replace('"1.0"', '"1.0" encoding="utf-7"')
    .replace(">a<", ">+ADw-script+AD4-<"),
    "links without end": item("<link rel='a' href='b'/>" * 30_000),
    "titles in titles": item("<title>" * 50_000),
    "an address of dots": item(f"<link>http://{'a.' * 4_000}!</link>"),
    "chapters": item(
        "<psc:chapter xmlns:psc='http://podlove.org/simple-chapters' start='"
        + "1:" * 200_000
        + "'/>"
    ),
    "a place of half a million numbers": item(
        "<georss:polygon xmlns:georss='http://www.georss.org/georss'>" + "1 " * 250_000
    ),
    "one comment of many megabytes": OPEN + "<!--" + "a" * 12_000_000 + "-->" + CLOSE,
    "zeros": OPEN + "\0" * 1_000_000 + CLOSE,
    "markup nested 50,000 deep": described("<div>" * 50_000),
    "quotes that enclose tags": described("<a \"<b ''" + "<b \"\" ''" * 90_000),
    "what hides in what hides": described("<svg><iframe>" * 50_000),
    "references of 32 letters": described(f"&{'a' * 32}" * 20_000),
    "references in a broken document": OPEN + "<item><title>" + "&x; &nbsp;" * 50_000 + CLOSE,
    "lines of one letter": item("<description>" + "a&#13;\n" * 200_000 + "</description>"),
    "letters that stand for nothing": described("a\ufeff\x85" * 100_000),
    "prefixes that nobody declares": OPEN + "<item><title>a" + lists("<p", ":a/>", 5_000),
    "entities for letters": with_doctype('<!ENTITY a "&#1571;">', "&a;" * 100_000),
    "a tag that never ends, in a broken document": with_doctype('<!ENTITY a "b">')
    + "<"
    + "a" * 500_000,
    "marks of all kinds in turn": OPEN.encode()
    + (b"\xef\xbb\xbf\xff\xfe\xfe\xff" * 50_000)
    + CLOSE.encode(),
    "letters in stretches without end": OPEN.encode()
    + ("خبر ".encode() + b"\xce\xc8\xd1 ") * 310_000
    + CLOSE.encode(),
}


def read(document: str | bytes) -> ParsedFeed:
    """Reads a document and checks that it took no long time, in CPU seconds."""
    data = document.encode() if isinstance(document, str) else document
    begun = time.process_time()
    try:
        return parse_feed(data, {}, "http://host.example/feed")
    finally:
        assert time.process_time() - begun < 10.0  # quadratic: minutes


@pytest.mark.parametrize("name", REFUSED)
def test_documents_made_to_be_slow_are_refused(name: str) -> None:
    with pytest.raises(FeedError):
        read(REFUSED[name])


@pytest.mark.parametrize("name", READ)
def test_documents_that_are_only_odd_are_read(name: str) -> None:
    assert read(READ[name]).kind in ("rss20", "atom10")


NO_FEEDS = {
    "random bytes": bytes(range(256)) * 2_000,
    "comments": "<!--" * 200_000,
    "declarations": "<!" * 400_000,
    "scripts": "<script>" * 30_000,
    "end tags": "</" * 400_000,
    "prefixes": "<a." * 300_000,
    "brackets": "[" * 500_000,
    "JSON nested without end": '{"items":' + "[" * 500_000,
    "JSON of blanks": "{" + " " * 500_000,
    "bytes that are no UTF-8": b"\xff" * 500_000,
    "Arabic bytes glued to letters": b"a\xc7b\xe1" * 150_000,
    "a bomb": gzip.compress(bytes(50_000_000)),
    "a bomb in a bomb": gzip.compress(gzip.compress(bytes(100_000_000))),
    "what only begins to be packed": b"\x1f\x8b\x08" + bytes(range(256)) * 2_000,
}


@pytest.mark.parametrize("name", NO_FEEDS)
def test_what_is_no_feed_is_told_soon(name: str) -> None:
    with pytest.raises(FeedError):
        read(NO_FEEDS[name])


def test_what_is_cut_is_cut_before_it_costs_anything() -> None:
    """A text is read as far as the first million letters; the marks in it count all the same."""
    for tail in ("", "<", "<b '"):
        entry = read(described("<p>ab</p>" * 140_000 + tail)).entries[0]
        assert 200_000 < len(entry.text or entry.summary) <= 1_000_000


@pytest.mark.parametrize("rounds", [1, pytest.param(4, marks=pytest.mark.long)])
def test_reading_again_and_again_takes_no_more_memory(rounds: int) -> None:
    """Some of the documents that need most, often enough for a leak to show."""
    names = ("quotes across tags", "CDATA that never ends", "zeros")
    for name in names:
        read(READ[name])
    before = _resident()
    for name in names * rounds:
        read(READ[name])
    assert _resident() - before < 30_000_000


def _resident() -> int:
    """Bytes of this process in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


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


def repeated(piece: str, around: str, letters: int) -> str:
    before, after = around.split("|")
    return before + piece * ((letters - len(around)) // len(piece.encode())) + after


AROUND = {
    "a title": f"{OPEN}<item><title>|</title></item>{CLOSE}",
    "a text": f"{OPEN}<item><description><![CDATA[|]]></description></item>{CLOSE}",
    "an entry": f"{OPEN}<item><title>a</title>|</item>{CLOSE}",
    "an entry that breaks off": f"{OPEN}<item><title>a</title>|",
    "a text of Atom": f"{ATOM}<content type='xhtml'><div>|</div></content></entry></feed>",
    "a broken document": f"{DECLARATION}<!DOCTYPE r [<!ENTITY a 'b'>]>{OPEN}<item><title>|</title>",
    "JSON": '{"items":[{"title":"a","content_html":"|"}]}',
    "a tag": f"{OPEN}<|>{CLOSE}",
    "no element": "|",
}
PIECES = (
    *("<p>a</p><", "<b <", "<b '>", "<svg>", "&a", "&x; ", "&lt;b", "a\r", "\n\n", "a", "ا "),
    *("<dc:creator>a</dc:creator>", "<link href='a'/>", "<a>", "</a>", "<![CDATA[", "<!--", "😀a"),
    *("Ø§Ù„", "\x01a", "\ufeff", "<p>a</p>&", "]]>", "<a:b/>", "a='b' ", "&#1575;"),
)
# What a document may take: CPU seconds, megabytes
_MEASURE = """
import resource, sys, time
from monitor.errors import FeedError
from monitor.sources.feed import parse_feed
data = sys.stdin.buffer.read()
begun = time.process_time()
try:
    parse_feed(data, {}, "http://host.example/feed")
except FeedError:
    pass
print(time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.long
@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("piece", PIECES)
def test_no_document_takes_more_than_seconds_and_some_hundred_megabytes(
    piece: str, around: str
) -> None:
    """At sizes around those at which it begins to be refused."""
    for letters in (1_200_000, 2_500_000, 5_000_000, 10_000_000, 19_900_000):
        data = repeated(piece, AROUND[around], letters).encode("utf-8", "surrogatepass")
        done = subprocess.run([sys.executable, "-c", _MEASURE], input=data, capture_output=True)
        seconds, megabytes = map(float, done.stdout.split())
        assert (seconds < 8.0, megabytes < 700) == (True, True), (seconds, megabytes, letters)


def test_an_ordinary_large_feed_is_not_refused() -> None:
    entry = (
        "<item><title>افتتاح معرض الكتاب</title><dc:creator>قسم الثقافة</dc:creator>"
        "<category>ثقافة</category><pubDate>Tue, 14 Jan 2025 08:00:00 GMT</pubDate>"
        "<description><![CDATA[<p>زار المعرض آلاف القراء &amp; الكتاب.</p>]]></description></item>"
    )
    assert len(read(OPEN + entry * 1_000 + CLOSE).entries) == 1_000
