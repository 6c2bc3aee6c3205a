"""Arabic feeds under mechanical damage: every title comes out whole that is not cut itself."""

from __future__ import annotations

import codecs
import encodings
import gzip
import random
import re
import zlib
from collections.abc import Callable
from encodings.aliases import aliases
from html.entities import codepoint2name
from pkgutil import iter_modules

import pytest

from monitor.errors import FeedError
from monitor.sources.encoding import decode
from monitor.sources.feed import parse_feed

TITLES = (
    "افتتاح مكتبة عامة في حي القلعة القديمة",
    "«الصحة»: لا إصابات جديدة، والوضع مستقر",
    "هل يعود قطار الشرق إلى السير هذا العام؟",
    "فوز نادي الميناء على ضيفه 3 - 1",
    "مطر غزير.. وإغلاق طريق الجبل",
)
TEXT = "قال مدير الدائرة إن الأعمال تبدأ الأسبوع المقبل، وأضاف أن السكان أُبلغوا بذلك."
UTF8 = {"content-type": "application/rss+xml; charset=utf-8"}
SILENT = {"content-type": "application/rss+xml"}


def rss() -> str:
    items = "".join(
        f"<item>\n<title>{title}</title>\n<link>https://a.example/{number}?a=1&amp;b=2</link>\n"
        f'<guid isPermaLink="false">a?{number}&amp;x</guid>\n'
        f"<description><![CDATA[<p>{TEXT}</p>]]></description>\n"
        "<pubDate>Tue, 14 Jan 2025 08:00:00 GMT</pubDate>\n</item>\n"
        for number, title in enumerate(TITLES)
    )
    head = (
        "<title>صحيفة</title>\n<link>https://a.example/</link>\n<description>يومية</description>\n"
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" '
        'xmlns:media="http://search.yahoo.com/mrss/">\n'
        f"<channel>\n{head}{items}</channel>\n</rss>\n"
    )


def atom() -> str:
    entries = "".join(
        f'<entry>\n<title type="html">{title}</title>\n<link href="https://b.example/{number}"/>\n'
        f"<id>tag:b.example,2025:{number}</id>\n<updated>2025-01-14T08:00:00Z</updated>\n"
        f'<summary type="html">&lt;p&gt;{TEXT}&lt;/p&gt;</summary>\n</entry>\n'
        for number, title in enumerate(TITLES)
    )
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ar">\n<title>مجلة</title>\n'
        f"<id>tag:b.example,2025:f</id>\n<updated>2025-01-14T08:00:00Z</updated>\n{entries}</feed>\n"
    )


def bare() -> str:
    """With CDATA in titles, no texts, hardly any ASCII."""
    items = "".join(f"<item><title><![CDATA[{title}]]></title></item>" for title in TITLES)
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'


FEEDS = {"rss": rss(), "atom": atom(), "bare": bare()}

Damage = Callable[[str], bytes]


def declared(text: str, label: str) -> str:
    bare = re.sub(r"^<\?xml[^>]*>\s*", "", text)
    return f'<?xml version="1.0" encoding="{label}"?>\n{bare}' if label else bare


def encoded(encoding: str, label: str = "", mark: bytes = b"") -> Damage:
    return lambda text: mark + declared(text, label).encode(encoding, "xmlcharrefreplace")


def replaced(pattern: str, by: str, count: int = 0) -> Damage:
    return lambda text: re.sub(pattern, by, text, count=count, flags=re.DOTALL).encode()


def before(junk: bytes) -> Damage:
    return lambda text: junk + text.encode()


def behind(junk: bytes) -> Damage:
    return lambda text: text.encode() + junk


def byte_in_a_text(junk: bytes) -> Damage:
    """Bytes in the middle of the last entry, outside its title."""

    def damaged(text: str) -> bytes:
        data = text.encode()
        at = max(data.rfind(b"<p>"), data.rfind(b"p&gt;"), data.rfind(b"</item>"))
        return data[:at] + junk + data[at:]

    return damaged


def one_entry(encoding: str) -> Damage:
    def damaged(text: str) -> bytes:
        _, entry, *_ = re.findall(r"<(?:item|entry)>.*?</(?:item|entry)>", text, re.DOTALL)
        head, tail = text.split(entry)
        return head.encode() + entry.encode(encoding, "xmlcharrefreplace") + tail.encode()

    return damaged


def all_but_one_entry(text: str) -> bytes:
    _, entry, *_ = re.findall(r"<(?:item|entry)>.*?</(?:item|entry)>", text, re.DOTALL)
    head, tail = (part.encode("cp1256", "xmlcharrefreplace") for part in text.split(entry))
    return head + entry.encode() + tail


def twice(encoding: str) -> Damage:
    """In UTF-8, read as something else, in UTF-8 again."""

    def damaged(text: str) -> bytes:
        spoiled = (bytes([byte]).decode(encoding, "ignore") or chr(byte) for byte in text.encode())
        return "".join(spoiled).encode()

    return damaged


def as_latin(encoding: str) -> Damage:
    """In windows-1256, read as Latin letters, in UTF-8."""

    def damaged(text: str) -> bytes:
        spoiled = text.encode("cp1256", "xmlcharrefreplace")
        letters = (bytes([byte]).decode(encoding, "ignore") or chr(byte) for byte in spoiled)
        return "".join(letters).encode()

    return damaged


def by_references(text: str) -> bytes:
    """As a program writes it that takes UTF-8 for ISO 8859-1 when it escapes."""
    text = re.sub(r"<!\[CDATA\[|\]\]>|<p>|</p>", "", text)
    made = (
        f"&{codepoint2name[byte]};" if byte in codepoint2name else f"&#{byte};" * (byte > 127)
        for byte in text.encode()
    )
    return b"".join(
        reference.encode() if byte > 127 else bytes([byte])
        for byte, reference in zip(text.encode(), made, strict=True)
    )


ENCODINGS: dict[str, tuple[Damage, dict[str, str]]] = {
    **{
        f"utf-8 declared {label}": (encoded("utf-8", label), SILENT)
        for label in ("windows-1256", "iso-8859-6", "us-ascii", "utf-16", "utf8", "arabic", "x")
    },
    **{
        f"utf-8 with a header of {label}": (
            encoded("utf-8", "utf-8"),
            {"Content-Type": f"text/xml; charset={label}"},
        )
        for label in ("windows-1256", "iso-8859-1", "koi8-r", "gb2312", "utf-16", "none")
    },
    **{
        f"windows-1256 declared {label or 'nothing'}": (encoded("cp1256", label), SILENT)
        for label in (
            *("windows-1256", "", "utf-8", "iso-8859-1", "iso-8859-6", "us-ascii", "utf-16"),
            *("CP-1256", "windows_1256", "unicode", "windows-1251", "big5", "x"),
        )
    },
    **{
        f"windows-1256 with a header of {label}": (
            encoded("cp1256"),
            {"Content-Type": f"text/xml; charset={label}"},
        )
        for label in ("windows-1256", "utf-8", "iso-8859-1", "'windows-1256'")
    },
    "windows-1256 behind a mark of utf-8": (encoded("cp1256", "", codecs.BOM_UTF8), UTF8),
    "iso-8859-6": (encoded("iso8859-6", "iso-8859-6"), SILENT),
    "iso-8859-6 declared nothing": (encoded("iso8859-6"), SILENT),
    "iso-8859-6 declared windows-1256": (encoded("iso8859-6", "windows-1256"), SILENT),
    **{
        f"{encoding} {label or 'undeclared'}": (encoded(encoding, label), UTF8)
        for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
        for label in ("", "utf-8", "utf-16", "windows-1256")
    },
    "utf-16 with its mark": (encoded("utf-16"), SILENT),
    "utf-16 with a wrong mark": (encoded("utf-16-le", "", codecs.BOM_UTF16_BE), SILENT),
    "utf-16 with two marks": (encoded("utf-16", "", codecs.BOM_UTF16_LE), SILENT),
    "utf-16 behind a mark of utf-8": (encoded("utf-16-be", "", codecs.BOM_UTF8), SILENT),
    "utf-16 behind a line end": (encoded("utf-16-le", "", b"\n"), SILENT),
    "utf-16 with half a letter behind it": (lambda t: t.encode("utf-16-le") + b"\n", UTF8),
    **{
        f"{encoding} with line ends of one byte": (
            lambda t, encoding=encoding: t.encode(encoding).replace("\n".encode(encoding), b"\n"),
            SILENT,
        )
        for encoding in ("utf-16-le", "utf-16-be", "utf-32-le")
    },
    **{
        f"{encoding} without its first byte": (
            lambda t, encoding=encoding: t.encode(encoding)[1:],
            SILENT,
        )
        for encoding in ("utf-16-le", "utf-16-be", "utf-32-be")
    },
    "utf-16 with CR before each byte that looks like LF": (
        lambda t: t.encode("utf-16").replace(b"\n", b"\r\n"),
        SILENT,
    ),
    "utf-8 behind a mark of utf-16": (encoded("utf-8", "", codecs.BOM_UTF16_LE), SILENT),
    "utf-8 behind a mark of utf-32": (encoded("utf-8", "", codecs.BOM_UTF32_LE), SILENT),
    "two marks": (before(codecs.BOM_UTF8 * 2), UTF8),
    "a mark, a line end, a mark": (before(codecs.BOM_UTF8 + b"\n" + codecs.BOM_UTF8), UTF8),
    "marks before the entries": (replaced("<(item|entry)>", "\ufeff<\\1>"), UTF8),
    "an entry in windows-1256": (one_entry("cp1256"), UTF8),
    "an entry in iso-8859-6": (one_entry("iso8859-6"), UTF8),
    "an entry in utf-8 amid windows-1256": (all_but_one_entry, UTF8),
    "encoded twice, as windows-1252": (twice("cp1252"), UTF8),
    "encoded twice, as iso-8859-1": (twice("latin-1"), UTF8),
    "encoded twice, as windows-1256": (twice("cp1256"), UTF8),
    "windows-1256 taken for windows-1252": (as_latin("cp1252"), UTF8),
    "windows-1256 taken for iso-8859-1": (as_latin("latin-1"), UTF8),
    "encoded twice, by references": (by_references, UTF8),
    "references instead of letters": (
        lambda t: re.sub(r"<!\[CDATA\[|\]\]>|</?p>", "", t).encode("ascii", "xmlcharrefreplace"),
        UTF8,
    ),
    **{
        f"the bytes {junk!r} in a text": (byte_in_a_text(junk), UTF8)
        for junk in (
            *(b"\xff", b"\xd8", b"\x92", b"\xa0", b"\xc0\xaf", b"\xe2\x80", b"\xf0\x9f\x98"),
            *(b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb8\x80", b"\xfe\xff", b"\x00", b"\x0b\x1f"),
        )
    },
    "a broken letter at the end": (behind(b"<!-- \xd8"), UTF8),
    "gzip": (lambda t: gzip.compress(t.encode()), SILENT),
    "gzip twice": (lambda t: gzip.compress(gzip.compress(t.encode())), SILENT),
    "gzip of windows-1256": (lambda t: gzip.compress(encoded("cp1256")(t)), SILENT),
    "gzip without its sum": (lambda t: gzip.compress(t.encode())[:-8], SILENT),
    "gzip with something behind it": (lambda t: gzip.compress(t.encode()) + b"x", SILENT),
    "gzip in members of 100 bytes": (
        lambda t: b"".join(
            gzip.compress(t.encode()[at : at + 100]) for at in range(0, len(t.encode()), 100)
        ),
        SILENT,
    ),
    "zlib": (lambda t: zlib.compress(t.encode()), SILENT),
    "deflate": (lambda t: zlib.compress(t.encode(), wbits=-15), SILENT),
}
MARKUP: dict[str, Damage] = {
    "blank lines": before(b"\r\n\n \t"),
    "a warning": before(b"<br />\n<b>Warning</b>: x() in <b>/w/r.php</b> on line <b>3</b><br />\n"),
    "a notice": before(b"\nNotice: Undefined index: id in /w/r.php on line 3\n"),
    "a comment": before(b"<!-- a -- b -->"),
    "a script": before(b"<script>if (1 < 2) {}</script>"),
    "something behind it": behind(b"<!-- 0.2 s --><script src='x'></script> & <b"),
    "a page behind it": behind(b"<html><body></body></html>"),
    "zeros behind it": behind(bytes(700)),
    "a comment that never ends": behind(b"<!-- x"),
    "& in links": replaced("&amp;", "&"),
    "&nbsp; without a definition": replaced("</title>", "&nbsp;</title>"),
    "no end of an entry": replaced("</(item|entry)>", "", 1),
    "no end of any entry": replaced("</(item|entry)>", ""),
    "no end of the document": replaced("</(channel|rss|feed)>", ""),
    "ends that do not pair": replaced("</(description|summary)>", "</b></\\1></i>"),
    "version 1.1": replaced("1\\.0", "1.1", 1),
    "a declaration in capitals": lambda t: declared(t, "UTF-8").replace("<?xml", "<?XML").encode(),
    "a declaration without quotes": lambda t: b"<?xml version=1.0?>" + declared(t, "").encode(),
    "a declaration without an end": replaced("\\?>", ">", 1),
    "two declarations": before(b'<?xml version="1.0"?>\n'),
    "a declaration with a blank": replaced("<\\?xml", "<? xml", 1),
    "prefixes that are not declared": replaced("<(item|entry)>", "<\\1 a:b='c'><a:d>e</a:d>"),
    "control characters": replaced("</title>", "\x0b\x01</title>"),
    "zeros": replaced("</title>", "\x00\x00</title>"),
    "]]> in CDATA": replaced("<p>", "<p> ]]> "),
    "CDATA in CDATA": lambda t: (
        t.replace("[CDATA[", "[CDATA[<![CDATA[").replace("]]>", "]]>]]>").encode()
    ),
    "cdata in small letters": replaced("CDATA", "cdata"),
    "CDATA with a blank": replaced("CDATA\\[", "CDATA ["),
    "tags in capitals": lambda t: re.sub("</?[a-z]+", lambda m: m[0].upper(), t).encode(),
    "ends in capitals": replaced("</title>", "</Title>"),
    "CR LF": replaced("\n", "\r\n"),
    "CR": replaced("\n", "\r"),
    "no quotes": replaced("=[\"']([^\"'> ]*)[\"']", "=\\1"),
    "an attribute twice": replaced("<(guid|link)", "<\\1 a='1' a='2'"),
    "an attribute without a value": replaced("<(item|entry)>", "<\\1 new>"),
    "< in an attribute": replaced("<(item|entry)>", "<\\1 a='<'>"),
    "a document type": replaced("\\?>", "?><!DOCTYPE html>", 1),
    "entities of its own": replaced("\\?>", '?><!DOCTYPE a [<!ENTITY b "c">]>', 1),
    "a style sheet": replaced("\\?>", '?><?xml-stylesheet href="a.xsl"?>', 1),
    "instructions": replaced("<(item|entry)>", "<?php $a > $b ?><\\1>"),
    "comments with --": replaced("<(item|entry)>", "<!-- a -- b --><\\1>"),
    "comments in titles": replaced("</title>", "<!-- a --></title>"),
    "markup in titles": replaced("<title>([^<]+)</title>", "<title><b>\\1</b></title>"),
    "references to nothing": replaced("</title>", "&#x1F;&#0;</title>"),
    "blanks in tags": replaced("</title>", "</title >"),
    "escaped twice": replaced("(?<!\\[)«", "&amp;laquo;"),
}


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("name", ENCODINGS)
def test_titles_outlive_damage_to_their_encoding(name: str, feed: str) -> None:
    damage, headers = ENCODINGS[name]
    got = parse_feed(damage(FEEDS[feed]), headers, "https://a.example/feed")
    assert tuple(entry.title for entry in got.entries) == TITLES


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("name", MARKUP)
def test_titles_outlive_damage_to_their_markup(name: str, feed: str) -> None:
    got = parse_feed(MARKUP[name](FEEDS[feed]), UTF8, "https://a.example/feed")
    assert tuple(entry.title for entry in got.entries) == TITLES


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("name", [name for name in MARKUP if name != "entities of its own"])
def test_an_entry_stays_the_same_while_its_feed_is_ill_formed(name: str, feed: str) -> None:
    """Else it would be another article for that long, and alert again."""
    whole = parse_feed(FEEDS[feed].encode(), UTF8, "https://a.example/feed")
    got = parse_feed(MARKUP[name](FEEDS[feed]), UTF8, "https://a.example/feed")
    for entry, same in zip(got.entries, whole.entries, strict=True):
        assert (entry.id, entry.link) == (same.id, same.link)
        assert (entry.published, entry.updated) == (same.published, same.updated)
        assert same.text.removesuffix(".") in entry.text


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1256", "utf-16-le"])
@pytest.mark.parametrize("share", [0.4, 0.7, 0.9])
def test_what_is_cut_off_keeps_all_before_it(feed: str, encoding: str, share: float) -> None:
    data = encoded(encoding)(FEEDS[feed])
    got = parse_feed(data[: int(len(data) * share)], SILENT, "https://a.example/feed")
    assert tuple(entry.title for entry in got.entries) == TITLES[: len(got.entries)]
    assert len(got.entries) >= int(len(TITLES) * share) - 1


def hurt_at_each_byte(data: bytes) -> dict[str, list[bytes]]:
    """The same with one byte put over another, missing or too many, at every third place."""
    places = range(0, len(data), 3)
    junk = (0, 0xFF, 0x0A, 0x3C, 6)
    return {
        "replaced": [data[:at] + bytes([byte]) + data[at + 1 :] for at in places for byte in junk],
        "missing": [data[:at] + data[at + 1 :] for at in places],
        "inserted": [data[:at] + bytes([byte]) + data[at:] for at in places for byte in junk],
    }


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_one_byte_costs_one_title_at_most_where_letters_have_several(
    encoding: str, mark: str
) -> None:
    document = mark + '<?xml version="1.0" encoding="utf-16"?>' + bare().partition("?>")[2]
    for damage, documents in hurt_at_each_byte(document.encode(encoding)).items():
        for data in documents:
            text = decode(data).text
            lost = sum(f"[CDATA[{title}]]" not in text for title in TITLES)
            assert lost <= 1, (damage, data)


@pytest.mark.parametrize(
    "letters",
    [
        "新聞一二三 中國",
        "뉴스 속보",
        "ਖ਼ਬਰਾਂ ਊ",
        "വാർത്ത ഊ",
        "Новости дня",
        "חדשות",
        "“…” — †‡",
        "ﻻﻷ ﺍﻟ",
        "😀🔥",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_letters_of_several_bytes_stay_as_they_are(encoding: str, letters: str) -> None:
    document = f"<rss><channel><title>{letters * 9}</title></channel></rss>"
    assert decode(document.encode(encoding)).text == document
    assert decode(document.encode(encoding)).warning is None


@pytest.mark.parametrize(
    "text",
    [
        "Çà et là, l'élève âgée a été créée à Orléans. ÇÁ, DÉÇU À L'ÉTÉ",
        "AÇÕES E REAÇÕES À VISTA: ÓRGÃOS, CONSTITUIÇÃO; maçã, irmã, avó, só, Çá",
        "Ísland: þáð æðí áætlaði, öæ ÞÆR ÁÐUR óáæ Çá",
        "Thủ tướng đã nói rằng các nước sẽ hợp tác. VIỆT NAM ĐÃ Çá",
        "Žluťoučký kůň úpěl ďábelské ódy, VÝROČÍ PŘÍRODY, ČÁST Çá",
        "ÇÖZÜM ÜÇÜNCÜ ÖĞÜN, ülkücü çözümü Çá",
        "أكلة «Çáğrı» التركية في مهرجان العاصمة",
    ],
)
def test_latin_letters_are_not_taken_for_arabic_ones(text: str) -> None:
    for each in (text, text.upper(), text.lower(), text * 50):
        assert decode(each.encode()).text == each


@pytest.mark.parametrize("head", [b"", b"<rss>", codecs.BOM_UTF16_LE, b"<rss><channel><item>"])
def test_a_large_document_of_random_bytes_is_refused_at_a_glance(head: bytes) -> None:
    data = head + random.Random(3).randbytes(4_000_000)
    with pytest.raises(FeedError, match="no text"):
        parse_feed(data, SILENT, "https://a.example/feed")


def test_points_of_another_encoding_are_told_by_its_name() -> None:
    got = parse_feed(
        bare().replace("..", "@").encode().replace(b"@", b"\x85"), SILENT, "https://a.example/"
    )
    assert got.entries[4].title == "مطر غزير… وإغلاق طريق الجبل"
    assert got.warnings == ("written in utf-8, and partly in cp1256",)


def test_two_encodings_in_one_title_are_both_read() -> None:
    title = TITLES[0].encode() + " - وكالة".encode("cp1256")
    data = b"<rss version='2.0'><channel><item><title>" + title + b"</title></item></channel></rss>"
    got = parse_feed(data, UTF8, "https://a.example/feed")
    assert got.entries[0].title == f"{TITLES[0]} - وكالة"
    assert got.warnings == ("written in utf-8, and partly in cp1256",)


SAMPLES = {
    "Президент подписал закон о бюджете, сообщает агентство": ("koi8-r", "windows-1251", "cp866"),
    "Правителството прие нов закон за бюджета на страната": ("windows-1251", "iso-8859-5"),
    "国家主席今天在北京会见了外国客人，双方交换了意见": ("gb2312", "gbk", "gb18030"),
    "總統今天在台北接見外賓，雙方交換意見": ("big5",),
    "首相は今日、東京で記者会見を開いた": ("shift_jis", "euc-jp", "iso-2022-jp"),
    "대통령은 오늘 서울에서 기자회견을 열었다": ("euc-kr", "ks_c_5601-1987"),
    "Ο πρωθυπουργός παρουσίασε το πρόγραμμα": ("iso-8859-7", "windows-1253"),
    "ראש הממשלה הציג היום את התוכנית": ("windows-1255", "iso-8859-8"),
    "Cumhurbaşkanı yeni programını açıkladı, Iğdır'da yağış": ("iso-8859-9", "windows-1254"),
    "El presidente presentó así el plan: más niños en Perú": ("iso-8859-1", "windows-1252"),
    "São Paulo não terá eleições, só a maçã do João": ("iso-8859-1", "iso-8859-15"),
    "Prezydent ogłosił wczoraj żółty alert: śnieg w Łodzi": ("iso-8859-2", "windows-1250"),
    "นายกรัฐมนตรีแถลงนโยบายเศรษฐกิจใหม่": ("tis-620",),
}


def test_no_codec_of_python_fails_over_a_feed_that_names_it() -> None:
    """Nor do those that make no text: uu, zip, rot13."""
    names = {*aliases, *aliases.values(), *(each.name for each in iter_modules(encodings.__path__))}
    data = declared("<rss><channel><item><title>Café déjà vu</title></item></channel></rss>", "{}")
    for name in names:
        body = data.format(name).encode("cp1252") + b"\xff\xd8"
        for headers in (SILENT, {"Content-Type": f"text/xml; charset={name}"}):
            (entry,) = parse_feed(body, headers, "https://a.example/feed").entries
            assert entry.title


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(text, encoding) for text, encodings in SAMPLES.items() for encoding in encodings],
)
def test_labels_hold_for_what_is_not_arabic(text: str, encoding: str) -> None:
    for label, header in ((encoding, ""), ("", f"text/xml; charset={encoding}")):
        document = declared(f"<rss><channel><title>{text}</title></channel></rss>", label)
        assert decode(document.encode(encoding), header).text == document


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        ("قصف".encode(), "قصف"),
        ("قصف".encode("cp1256"), "قصف"),
        ("قصف".encode("utf-16"), "قصف"),
        ("كلمة".encode() + b"\xff", "كلمة"),
        ("كلمة".encode()[:-1], "كلم\ufffd"),
        (b"it\x92s " + "خبر".encode(), "it’s خبر"),
        ("café".encode("cp1252"), "café"),
        ("\u06af\u0686\u067e\u0698 \u06a9".encode("cp1256"), "گچپژ ک"),
        ("نرخی زێڕ".encode(), "نرخی زێڕ"),
        ("😀 خبر".encode("utf-16", "surrogatepass"), "😀 خبر"),
        (b"\xed\xa0\xbd\xed\xb8\x80 " + "خبر".encode(), "😀 خبر"),
        ("Ø§Ù„Ø¹Ø±Ø§Ù‚".encode(), "العراق"),
        ("Øl og Ål på Ærø §3".encode(), "Øl og Ål på Ærø §3"),
        ("حفظ»، ظ§ ط".encode(), "حفظ»، ظ§ ط"),
    ],
)
def test_the_shortest_texts(data: bytes, text: str) -> None:
    assert decode(data).text == text
