"""OPML, as the spec has it and as other programs write it."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from monitor.errors import DataError
from monitor.sources.opml import OWN, Outline, Outlines, format_opml, parse_opml

DATE = "Thu, 26 Nov 2026 06:00:00 GMT"


def body(inside: str, head: str = '<opml version="2.0">') -> bytes:
    return f"{head}<head><title>x</title></head><body>{inside}</body></opml>".encode()


def urls(read: Outlines) -> list[str | None]:
    return [feed.get("xmlUrl") for feed in read.feeds]


def told(outline: Outline) -> tuple[object, ...]:
    return outline.path, outline.attributes


def test_folders_lines_and_every_attribute_are_read() -> None:
    read = parse_opml(
        b'<opml version="2.0" xmlns:n="urn:n">\n<body>\n'
        b'<outline text="A" n:open="1">\n<outline title="B">\n'
        b'<outline text="f" type="rss" xmlUrl="https://a.example/" n:x="1" odd="2"/>\n'
        b'</outline>\n</outline>\n<outline text="note"/>\n'
        b'<outline text="C"><outline text="D"/></outline></body></opml>'
    )
    (feed,) = read.feeds
    assert (feed.path, feed.line) == (("A", "B"), 5)
    assert feed.get("odd") == "2"
    assert feed.get("x", "urn:n") == "1"
    assert [folder.path for folder in read.folders] == [("A",), ("A", "B"), ("C",)]
    assert read.folders[0].get("open", "urn:n") == "1"
    assert read.others == 2
    assert read.prefixes == (("urn:n", "n"),)
    assert read.warning is None


def test_names_of_attributes_and_elements_may_be_in_any_case() -> None:
    read = parse_opml(b'<OPML><BODY><OUTLINE TEXT="f" XMLURL="https://a.example/"/></BODY></OPML>')
    assert urls(read) == ["https://a.example/"]


def test_a_feed_with_outlines_in_it_is_no_folder() -> None:
    read = parse_opml(body('<outline text="a" xmlUrl="u"><outline text="b" xmlUrl="v"/></outline>'))
    assert [feed.path for feed in read.feeds] == [(), ()]


REPAIRED = [  # (an outline as some program writes it, attribute, its value)
    ('<outline text="a & b" xmlUrl="u"/>', "text", "a & b"),
    ('<outline text="a" xmlUrl="https://a.example/?x=1&y=2"/>', "xmlUrl", "https://a.example/?x=1&y=2"),
    ('<outline text="a&nbsp;b &eacute; &unknown;" xmlUrl="u"/>', "text", "a\xa0b é &unknown;"),
    ('<outline text="a < b" xmlUrl="u"/>', "text", "a < b"),
    ("<outline text='a <b> &lt;' xmlUrl='u'/>", "text", "a <b> <"),
    ('<outline text="a\x0bb" xmlUrl="u"/>', "text", "ab"),
    ('<outline text="صحيفة "الفجر" & غيرها" xmlUrl="u"/>', "text", 'صحيفة "الفجر" & غيرها'),
    ("<outline text='it's' title='b' xmlUrl='u' />", "text", "it's"),
    ('<outline text="a" description=""b" c" xmlUrl="u"></outline>', "xmlUrl", "u"),
    ('<outline text="a <a href="x" rel="y">b</a>" xmlUrl="u"/>', "text",
     'a <a href="x" rel="y">b</a>'),
    ('<outline text="a &#xd800; &#2;" xmlUrl="u"/>', "text", "a \ufffd \ufffd"),
]  # fmt: skip


@pytest.mark.parametrize(("outline", "name", "value"), REPAIRED)
def test_what_others_forget_to_escape_is_read(outline: str, name: str, value: str) -> None:
    read = parse_opml(body(outline))
    assert read.feeds[0].get(name) == value
    assert read.warning


def test_prefixes_without_a_namespace_are_kept() -> None:
    read = parse_opml(body('<outline text="a" xmlUrl="u" who:knows="1"/>'))
    again = parse_opml(format_opml(read, title="", created=DATE).encode())
    assert again.feeds[0].attributes == read.feeds[0].attributes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1256"])
@pytest.mark.parametrize("label", ["utf-8", "windows-1256", "no-such-thing"])
def test_arabic_is_read_in_any_encoding_under_any_label(encoding: str, label: str) -> None:
    head = f'<?xml version="1.0" encoding="{label}"?>\n<opml version="1.0">'
    text = body('<outline text="وكالة الأنباء في المدينة" xmlUrl="u"/>', head).decode()
    read = parse_opml(text.encode(encoding))
    assert read.feeds[0].get("text") == "وكالة الأنباء في المدينة"


def test_lines_count_from_the_top_of_the_file() -> None:
    data = b'\n\n<?xml version="1.0"?>\n<opml><body>\n<outline xmlUrl="u"/></body></opml>'
    assert parse_opml(data).feeds[0].line == 5


REFUSED = [  # (a document, what is said)
    (b"", "line 1"),
    (b"https://a.example/feed\n", "no sound XML"),
    (b"<html><body></body></html>", "begins with <html>"),
    (b"<rss version='2.0'><channel/></rss>", "begins with <rss>"),
    (b"<opml><body><outline text='a' xmlUrl='u'></body></opml>", "mismatched tag"),
    (b"<opml>\n<body><x a='a' a='b'/></body></opml>", "duplicate attribute at line 2"),
    (b"<opml><body><outline text='a' xmlUrl='u'/>", "no element found"),
    (b"<!DOCTYPE opml [<!ENTITY a 'b'>]><opml/>", "refused"),
    (b"<!DOCTYPE o [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><opml>&f;</opml>", "refused"),
    (b"<opml><body>" + b"<outline text='a'>" * 1_000, "deeper than"),
    (b"<opml>" + b"x" * 21_000_000, "larger than"),
    (b"<opml><body>" + b"<outline/>" * 100_001 + b"</body></opml>", "more than 100000"),
]


@pytest.mark.parametrize(("data", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_is_no_opml_or_meant_to_harm_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        parse_opml(data)


def test_entities_that_expand_without_end_are_refused() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE opml [<!ENTITY l0 "ha">{levels}]>'.encode()
    with pytest.raises(DataError, match="refused"):
        parse_opml(bomb + body('<outline text="&l9;"/>'))


def test_a_document_type_without_declarations_loads_nothing() -> None:
    doctype = b'<!DOCTYPE opml SYSTEM "http://127.0.0.1:9/opml.dtd">'
    assert urls(parse_opml(doctype + body('<outline text="a" xmlUrl="u"/>'))) == ["u"]


def test_what_is_written_is_opml_2_and_read_back_the_same() -> None:
    feeds = (
        Outline((), ((("", "text"), 'a "b" & <c>\n'), (("", "xmlUrl"), "u"))),
        Outline(("أ", "ب"), ((("", "text"), "ج"), (("", "xmlUrl"), "v"), ((OWN, "kind"), "page"))),
        Outline(("أ",), ((("", "xmlUrl"), "w"), (("urn:n", "x"), "1"), (("urn:m", "x"), "2"))),
    )
    folders = (Outline(("أ",), ((("", "text"), "أ"), (("urn:n", "open"), "1"))),)
    prefixes = (("urn:n", "rasid"), ("urn:m", "n"))
    text = format_opml(Outlines(feeds, folders, prefixes=prefixes), title="ع & غ", created=DATE)
    read = parse_opml(text.encode())
    assert read.warning is None
    assert {(f.path, f.attributes) for f in read.feeds} == {(f.path, f.attributes) for f in feeds}
    assert (folders[0].path, folders[0].attributes) in [
        (f.path, f.attributes) for f in read.folders
    ]
    root = ET.fromstring(text)
    assert root.get("version") == "2.0"
    assert root.findtext("head/title") == "ع & غ"
    assert root.findtext("head/dateCreated") == DATE
    assert root.find("body/outline/outline/outline").get("{urn:rasid:opml}kind") == "page"
