"""HTML to plain text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sources.plain import Tag, Text, is_block, plain, plain_title, scan, tidy, unescape

TABLE = [
    ("plain", "نص بسيط", "نص بسيط"),
    ("blanks", "  نص \n\t بسيط  ", "نص بسيط"),
    ("paragraphs", "<p>أول</p><p>ثان</p>", "أول\nثان"),
    ("breaks", "أول<br>ثان<br/>ثالث<BR />رابع", "أول\nثان\nثالث\nرابع"),
    ("empty blocks", "<div><div><p>أول</p></div></div><p> </p><p>ثان</p>", "أول\nثان"),
    ("inline", "ال<b>موصل</b> و<i class='x'>أربيل</i>", "الموصل وأربيل"),
    ("line ends in the source", "<p>سطر\nطويل</p>", "سطر طويل"),
    ("lists", "<ul><li>أ</li><li>ب</li></ul>", "أ\nب"),
    ("tables", "<table><tr><td>أ</td><td>ب</td></tr></table>", "أ\nب"),
    ("headings", "<h2>عنوان</h2>نص", "عنوان\nنص"),
    ("scripts", "قبل<script>if (a < b) { '</p>' }</script>بعد", "قبلبعد"),
    ("styles", "<style>p > a {}</style>نص", "نص"),
    ("upper case", "<SCRIPT>x</SCRIPT ><P>نص</P>", "نص"),
    ("hidden parts", "<svg><text>x</text></svg><noscript>y</noscript>نص", "نص"),
    ("a script without an end", "نص<script>var x = 1; <p>y</p>", "نص"),
    ("a frame without an end", "نص<iframe src=x> وبقية", "نص وبقية"),
    ("an empty script in XML", "<script src='x'/>نص", "نص"),
    ("comments", "أ<!-- <p>خفي</p> -->ب", "أب"),
    ("a comment without an end", "أ<!-- ب", "أ ب"),
    ("declarations", "<!DOCTYPE html><?php x ?>نص", "نص"),
    ("CDATA", "<![CDATA[نص & نص]]>", "نص & نص"),
    ("CDATA without an end", "<![CDATA[نص", "نص"),
    ("references", "&lt;وسم&gt; &amp; &quot;س&quot; &#1587;&#x633;", '<وسم> & "س" سس'),
    ("references in tags", "<p>AT&amp;T &copy; &hellip;</p>", "AT&T © …"),
    ("no-break spaces", "أ&nbsp;&nbsp;ب", "أ ب"),
    ("unknown references", "&qux; & &;", "&qux; & &;"),
    ("references beyond Unicode", "<p>&#1114112;|&#xD800;|&#99999999999;", "\ufffd|\ufffd|\ufffd"),
    ("escaped once too often", "&lt;p&gt;أول&lt;/p&gt;&lt;p&gt;ثان&lt;/p&gt;", "أول\nثان"),
    ("a comparison", "إذا كان 3 < 5 و 5 > 3", "إذا كان 3 < 5 و 5 > 3"),
    ("a lonely <", "أ <ب و<", "أ <ب و<"),
    ("a tag that is cut off", "نص <a href='x", "نص <a href='x"),
    ("> in an attribute", "<img alt='a > b' src=x>نص", "نص"),
    ("quotes that do not pair", "<a title='x>نص</a> آخر", "نص آخر"),
    ("< in a tag", "نص <b <i>مائل</i>", "نص <b مائل"),
    ("an apostrophe in quotes", '<a title="it\'s">نص</a>', "نص"),
    ("control characters", "أ\x00\x07ب\x1b[1m\ufeff", "أب[1m"),
    ("marks of direction and joining stay", "أ\u200fب\u200cج", "أ\u200fب\u200cج"),
    ("separators part words", "أ\u2028ب\x0bج\x85د", "أ ب ج د"),
    ("nothing", "", ""),
    ("only markup", "<p><br></p>", ""),
]


@pytest.mark.parametrize(("markup", "text"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE])
def test_plain(markup: str, text: str) -> None:
    assert plain(markup) == text


@pytest.mark.parametrize(
    ("text", "is_markup", "title"),
    [
        ("عنوان\nفي سطرين", False, "عنوان في سطرين"),
        ("<b>عنوان</b>", False, "عنوان"),
        ("عنوان &amp; عنوان", False, "عنوان &amp; عنوان"),
        ("عنوان &amp; عنوان", True, "عنوان & عنوان"),
        ("<p>أ</p><p>ب</p>", True, "أ ب"),
        ("List<String>", False, "List<String>"),
    ],
)
def test_titles(text: str, is_markup: bool, title: str) -> None:
    assert plain_title(text, is_markup=is_markup) == title


def test_attributes_are_read_with_and_without_quotes() -> None:
    (tag,) = scan("<META Name=description content='أ &amp; ب' data-x=\"1\" bare>")
    assert isinstance(tag, Tag)
    assert (tag.name, tag.is_end) == ("meta", False)
    names = ("name", "content", "data-x", "bare", "none")
    assert [tag.attribute(name) for name in names] == ["description", "أ & ب", "1", "", ""]


@given(st.text(alphabet="<>/!-[]CDATA'\"=&#;xp بر\n", max_size=60))
def test_any_markup_is_read_without_an_error_and_in_order(markup: str) -> None:
    pieces = list(scan(markup))
    letters = "".join(piece.text for piece in pieces if isinstance(piece, Text))
    kept = [c for c in letters if c in "بر"]
    remaining = iter(markup)
    assert all(c in remaining for c in kept)
    assert tidy(plain(markup)) == plain(markup)


PIECES = (
    *("<p>", "</p>", "<br/>", "<BR />", "<b class=x>", "<a href='/1?a=b&amp;c'>", "</a >", "<h7>"),
    *(
        '<img alt="" src="1.jpg"/>',
        "<img alt='a>b'>",
        '<i title="<b>">',
        "<a b='>",
        '<a "=>',
        "<a/b>",
    ),
    *(
        "<script>",
        "</script>",
        "<STYLE media=x>",
        "</style>",
        "<svg/>",
        "<p:x>",
        "<!-- a -->",
        "<!--",
    ),
    *(
        "<![CDATA[ب]]>",
        "<?x?>",
        "<",
        ">",
        "'",
        '"',
        "& &amp; &#10;",
        "\n",
        "&lt;p&gt;",
        "كلمة",
        " ",
    ),
)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join).filter(lambda m: "<" in m))
def test_the_short_way_comes_to_what_the_scan_gives(markup: str) -> None:
    scanned = "".join(
        piece.text.replace("\n", " ") if isinstance(piece, Text) else "\n" * is_block(piece.name)
        for piece in scan(markup)
    )
    assert plain(markup) == tidy(scanned)


@given(st.text(max_size=60))
def test_text_without_markup_keeps_its_words(text: str) -> None:
    bare = text.replace("<", "").replace("&", "")
    assert plain(bare).split() == tidy(bare.replace("\n", " ")).split()


@pytest.mark.untraced
@pytest.mark.parametrize(
    "piece", ["<", "<a ", "<!--", "<a '", '<a b="', "</", "<script>", "&#", "<?"]
)
def test_the_time_grows_no_faster_than_the_text(piece: str) -> None:
    begun = time.process_time()
    plain(piece * (600_000 // len(piece)))
    assert time.process_time() - begun < 20.0  # quadratic: minutes


def test_huge_references_do_not_raise() -> None:
    assert unescape("&#" + "9" * 5000 + "; &#x" + "f" * 5000) == "\ufffd \ufffd"
