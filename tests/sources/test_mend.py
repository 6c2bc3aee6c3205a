"""Ill-formed feeds are read as their writers meant them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sources.feed import parse_feed
from monitor.sources.mend import mended, problem

HEAD = '<rss version="2.0"><channel><title>صحيفة</title>'
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>أول</title>'
URL = "https://a.example/f"


def items(*inside: str) -> str:
    return HEAD + "".join(f"<item>{each}</item>" for each in inside) + "</channel></rss>"


TABLE = {
    "a title that does not end": (
        items("<title>أول<link>/1</link>", "<title>ثان</title><link>/2</link>"),
        [("أول", "https://a.example/1", ""), ("ثان", "https://a.example/2", "")],
    ),
    "a description that does not end": (
        items("<title>أول</title><description>نص", "<title>ثان</title>"),
        [("أول", None, "نص"), ("ثان", None, "")],
    ),
    "a description with markup that does not end": (
        items("<description><p>نص <b>عريض<br>سطر</description><title>أول</title>"),
        [("أول", None, "نص عريض\nسطر")],
    ),
    "an item that does not end": (
        HEAD + "<item><title>أول</title><item><title>ثان</title></item></channel></rss>",
        [("أول", None, ""), ("ثان", None, "")],
    ),
    "CDATA that does not end": (
        items("<title>أول</title><description><![CDATA[نص</description>", "<title>ثان</title>"),
        [("أول", None, "نص"), ("ثان", None, "")],
    ),
    "an end that ends nothing": (items("<title>أول</titel></title></b>"), [("أول", None, "")]),
    "a picture between": (
        HEAD + "<image><title>شعار<url>/l.png</url></image><item><title>أول</title></item>",
        [("أول", None, "")],
    ),
    "a link that is only begun": (
        f'{ATOM}<link href="/1"><summary>نص & نص</summary></entry></feed>',
        [("أول", "https://a.example/1", "نص & نص")],
    ),
    "XHTML": (
        f'{ATOM}<content type="xhtml"><div><p>نص<br>سطر</div></content></entry></feed>',
        [("أول", None, "نص\nسطر")],
    ),
    "references of HTML": (
        items("<title>&laquo;أول&raquo; &nosuch; &</title>"),
        [("«أول» &nosuch; &", None, "")],
    ),
    "prefixes": (
        items("<title>أول</title><media:title>صورة</media:title><x:y>ب</x:y><dc:title/>"),
        [("أول", None, "")],
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_what_was_meant_is_read(name: str) -> None:
    document, entries = TABLE[name]
    feed = parse_feed(document.encode(), {}, URL)
    assert [(entry.title, entry.link, entry.text) for entry in feed.entries] == entries
    assert any("ill-formed" in warning for warning in feed.warnings)


def test_a_well_formed_document_has_no_problem() -> None:
    assert problem(items("<title>أول</title>")) is None
    assert str(problem("<a>")).startswith("ill-formed: ")


def test_entities_of_its_own_are_left_to_others() -> None:
    assert mended('<!DOCTYPE rss [<!ENTITY a "ب">]>' + items("<title>&a;&</title>")) is None
    assert mended("<p>نص") is None


@given(st.text(alphabet="<>/!-[]CDATA'\"=&#;:x \nب", max_size=80))
def test_what_comes_out_is_well_formed_or_nothing(inside: str) -> None:
    whole = mended(f"{HEAD}<item><title>{inside}")
    assert whole is None or problem(whole) is None


@pytest.mark.untraced
@pytest.mark.parametrize(
    "piece",
    [
        *("<", "<a ", "<a b='", '<a b="c', "<!--", "<![CDATA[", "]]>", "</", "</a>", "<a>", "<?"),
        *(
            "&",
            "&a",
            "&#",
            "<!",
            "<a:",
            "<a b=c ",
            "a='",
            "<item>",
            "</item>",
            "<title>",
            "<a b='<",
        ),
        *("<aaaaaaaaaaaaaaaa", " a", "<a:b:", "<link/", "\"'"),
    ],
)
def test_the_time_grows_no_faster_than_the_text(piece: str) -> None:
    begun = time.process_time()
    mended(HEAD + piece * (300_000 // len(piece)))
    mended(f"{HEAD}<item {piece * (300_000 // len(piece))}>")
    assert time.process_time() - begun < 10.0  # quadratic: minutes
