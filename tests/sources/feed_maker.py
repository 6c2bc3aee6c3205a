"""Makes feeds at random, of what publishers send and of what none should: for comparing readers.

Everything is drawn from a `Random`, so that a seed stands for a document.
"""

from __future__ import annotations

from random import Random

NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "media": "http://search.yahoo.com/mrss/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "atom": "http://www.w3.org/2005/Atom",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "x": "urn:example:own",
    "yandex": "http://news.yandex.ru",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}
ODD_NAMESPACES = {
    "dc": "urn:example:not-dc",
    "title": "urn:example:title",
    "rss": "http://purl.org/rss/1.0/",
    "author": "http://purl.org/dc/elements/1.1/",
    "xhtml": "http://www.w3.org/1999/xhtml",
}
TEXTS = (
    "قصف على أطراف القضاء فجر اليوم",
    "  أعلن المحافظ   افتتاح الجسر ",
    "AT&amp;T &lt;b&gt;خبر&lt;/b&gt; عاجل",
    "<![CDATA[<p>قال مصدر</p><p>إن الطريق مغلق</p> &nbsp;&#1605;]]>",
    "<![CDATA[كلام]]> ثم <![CDATA[كلام آخر]]>",
    "plain words, nothing else",
    "Ø®Ø¨Ø±",
    "caf\u0092 \u0085 x",
    "&#1582;&#1576;&#1585; &#x62E;",
    "",
    "   ",
    "a <!-- remark --> b",
    "&lt;p&gt;one&lt;/p&gt;&lt;p&gt;two&lt;/p&gt;",
    "بغداد&#160;اليوم 5 &gt; 3",
    "x & y",
    "&nbsp;",
    "<b>bare</b> markup",
    "&lt;script&gt;no&lt;/script&gt;",
)
LINKS = (
    "https://news.example/{n}",
    "/a/{n}",
    "{n}?a=1&amp;b=2",
    "http:////news.example/{n}",
    " https://news.example/خبر/{n} ",
    "javascript:alert({n})",
    "",
    "https://news.example/?x=&amp;copy;&amp;b={n}",
)
DATES = (
    "Wed, 25 Nov 2026 10:00:00 GMT",
    "2026-11-25T10:00:00+03:00",
    "2026-11-25",
    "yesterday",
    "",
    "25 نوفمبر 2026",
    "٢٥ تشرين الثاني &#1634;٠٢٦",
    "<![CDATA[ 25/11/2026 10:00 م ]]>",
    "Wed, 25 Nov\u00a02026 10:00 &lt;b&gt;",
)
NAMES = ("محرر", "desk@news.example (المحرر)", "أحمد &lt;a@b.example&gt;", "", "Ali")


class Maker:
    """One document in the making. `odd`: how likely each unusual thing is, 0..1."""

    def __init__(self, random: Random, odd: float) -> None:
        self._random = random
        self._odd = odd

    def document(self) -> bytes:
        """A document in UTF-8, RSS 2.0 or Atom."""
        if self._strange():
            return self._mutated(self._atom() if self._random.random() < 0.5 else self._rss())
        return self._atom() if self._random.random() < 0.4 else self._rss()

    def _strange(self) -> bool:
        return self._random.random() < self._odd

    def _pick(self, among: tuple[str, ...]) -> str:
        return self._random.choice(among)

    def _mutated(self, document: bytes) -> bytes:
        """A document with a few bytes changed, cut out or doubled."""
        data = bytearray(document)
        for _ in range(self._random.randint(1, 3)):
            at = self._random.randrange(len(data))
            end = min(len(data), at + self._random.randint(1, 30))
            change = self._random.randrange(4)
            if change == 0:
                data[at] = self._random.choice(b"<>&/\"' =x\xd9")
            elif change == 1:
                del data[at:end]
            elif change == 2:
                data[at:at] = data[at:end]
            else:
                del data[end + self._random.randint(0, 2000) :]
        return bytes(data)

    def _spaces(self) -> str:
        declared = dict(NAMESPACES)
        if self._strange():
            declared |= {k: v for k, v in ODD_NAMESPACES.items() if self._random.random() < 0.4}
        told = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in declared.items())
        if self._strange():
            told += self._pick(
                (' xml:lang="ar"', ' xml:base="https://base.example/"', ' lang="en"', ' x:y="z"')
            )
        return told

    def _element(self, tag: str, text: str, attributes: str = "") -> str:
        if self._strange():
            attributes += self._pick(
                (
                    ' type="html"',
                    ' type="text"',
                    ' type="xhtml"',
                    ' mode="escaped"',
                    ' xml:lang="ar"',
                    ' foo="bar"',
                    ' x:type="html"',
                    ' xml:base="/b/"',
                )
            )
        if self._strange():
            text += self._pick(
                ("<x:in>y</x:in>", "<b>z</b>", "<title>t</title>", "<?pi x?>", "<svg/>")
            )
        return f"<{tag}{attributes}>{text}</{tag}>"

    def _some(self, tag: str, texts: tuple[str, ...], share: float = 0.8) -> list[str]:
        count = (self._random.random() < share) + self._strange()
        return [self._element(tag, self._pick(texts)) for _ in range(count)]

    def _rss_item(self, n: int) -> str:
        links = tuple(link.format(n=n) for link in LINKS)
        parts = [
            *self._some("title", TEXTS),
            *self._some("link", links),
            *self._some("description", TEXTS),
            *self._some("content:encoded", TEXTS, 0.4),
            *self._some("pubDate", DATES),
            *self._some("dc:date", DATES, 0.2),
            *self._some("dc:creator", NAMES, 0.5),
            *self._some("author", NAMES, 0.3),
            *self._some("category", TEXTS, 0.5),
            *self._some("dc:subject", TEXTS, 0.2),
        ]
        if self._random.random() < 0.7:
            kind = self._pick(
                ("", ' isPermaLink="false"', ' isPermaLink="true"', ' ispermalink=""')
            )
            parts.append(self._element("guid", self._pick((f"tag:{n}", *links)), kind))
        parts += self._extras()
        return self._item("item", parts)

    def _extras(self) -> list[str]:
        common = (
            '<enclosure url="https://news.example/a.mp3" type="audio/mpeg" length="1"/>',
            "<slash:comments>3</slash:comments>",
            '<media:content url="https://news.example/p.jpg"/>',
            '<media:thumbnail url="https://news.example/p.jpg"></media:thumbnail>',
            "<comments>https://news.example/c</comments>",
            '<source url="https://other.example/f">مصدر</source>',
            '<category domain="d">تصنيف</category>',
            "<x:own>y</x:own>",
            "<dc:identifier>urn:d</dc:identifier>",
            "<yandex:full-text>متن كامل</yandex:full-text>",
        )
        odd = (
            "<media:title>عنوان الصورة</media:title>",
            "<media:description>وصف</media:description>",
            "<media:group><media:content/><media:title>ت</media:title></media:group>",
            "<media:keywords>أ, ب</media:keywords>",
            "<itunes:summary>خلاصة</itunes:summary>",
            "<image><url>u</url><title>ص</title></image>",
            "<dc:title>عنوان آخر</dc:title>",
            "<dc:description>وصف آخر</dc:description>",
            "<dc:language>en</dc:language>",
            '<atom:link href="https://alt.example/x"/>',
            '<atom:link rel="self" href="https://alt.example/x"/>',
            "<links>y</links>",
            "<title_detail>y</title_detail>",
            "<summary>خلاصة</summary>",
            "<content>محتوى</content>",
            "<body>متن</body>",
            "<lastBuildDate>2026-11-25</lastBuildDate>",
            "<created>2026-11-25</created>",
            "<dcterms:created xmlns:dcterms='http://purl.org/dc/terms/'>2026-11-25</dcterms:created>",
            "<title xmlns='urn:example:else'>غيره</title>",
            "<dc:creator xmlns:dc='urn:example:else'>غيره</dc:creator>",
            "<tags>a,b</tags>",
            "<where>x</where>",
            "<x:title>y</x:title>",
            "<svg><title>y</title></svg>",
            "<item><title>في الداخل</title><link>/inner</link></item>",
            "<dc:identifier>https://news.example/d</dc:identifier>",
            "<x:in><dc:identifier>https://news.example/deep</dc:identifier></x:in>",
            "<dc:identifier x:a='b'>https://news.example/told</dc:identifier>",
            "<dc:identifier/>",
            "<itunes:title>عنوان الحلقة</itunes:title>",
            '<media:player url="https://news.example/play"/>',
            '<enclosure href="https://news.example/b.mp3"/>',
            '<enclosure url="https://news.example/b.jpg" type="image/jpeg"/>',
            '<enclosure url="https://news.example/b.jpg" x:url="https://news.example/c"/>',
            '<link rel="http://www.iana.org/assignments/relation/alternate" href="/iana"/>',
            '<link uri="at://a/b">/told</link>',
            '<link rel="alternate" type="application/json" href="/a.json"/>',
            '<category label="أ"/><category label="أ"/><category label="أ">ب</category>',
            '<content type="application/xml"><doc><title>لا</title></doc></content>',
            "<details><summary>س</summary></details>",
            "text",
            "<link/>https://news.example/behind",
            "<yandex:full-text x:a='b'>متن</yandex:full-text>",
            "<yandex:full-text><p>متن</p></yandex:full-text>",
        )
        chosen = [each for each in common if self._random.random() < 0.2]
        return chosen + [each for each in odd if self._random.random() < self._odd / 4]

    def _item(self, tag: str, parts: list[str]) -> str:
        if self._random.random() < 0.5:
            self._random.shuffle(parts)
        blanks = self._pick(("", "\n    "))
        attributes = ' xml:lang="ar"' if self._strange() and self._strange() else ""
        return f"<{tag}{attributes}>{blanks}{blanks.join(parts)}</{tag}>\n"

    def _head(self, tags: list[str]) -> list[str]:
        if self._random.random() < 0.3:
            self._random.shuffle(tags)
        return tags

    def _rss(self) -> bytes:
        head = self._head(
            [
                *self._some("title", TEXTS),
                *self._some("link", tuple(link.format(n="") for link in LINKS)),
                *self._some("description", TEXTS),
                *self._some("language", ("ar", "ar-IQ", "")),
                *self._some("lastBuildDate", DATES),
                "<ttl>60</ttl>",
                '<atom:link href="https://news.example/f" rel="self" type="application/rss+xml"/>',
                "<image><url>https://i.example/</url><title>شعار</title><link>/l</link></image>",
                *self._some("managingEditor", NAMES, 0.2),
                "<sy:updatePeriod>hourly</sy:updatePeriod>",
            ]
        )
        if self._strange():
            head += self._extras()
        items = [self._rss_item(n) for n in range(self._random.randint(0, 5))]
        if items and self._strange():
            items.append(self._random.choice(items))
        tail = self._random.choice(head) if self._strange() else ""
        version = self._pick((' version="2.0"',) * 5 + (' version="0.91"', "", ' version="3"'))
        body = f"<channel>{''.join(head)}{''.join(items)}{tail}</channel>"
        if self._strange() and self._strange():
            body += self._rss_item(9)
        return f"{self._prolog()}<rss{version}{self._spaces()}>{body}</rss>".encode()

    def _prolog(self) -> str:
        prologs = (
            '<?xml version="1.0" encoding="utf-8"?>\n',
            '<?xml version="1.0" encoding="windows-1256"?>',
            "",
        )
        odd = (
            '<!DOCTYPE rss [<!ENTITY x "y">]>',
            "<!-- a remark -->",
            '<?xml-stylesheet href="a.xsl"?>',
        )
        return self._pick(prologs) + (self._pick(odd) if self._strange() else "")

    def _entry(self, n: int) -> str:
        kind = self._pick(("", ' type="html"', ' type="text"'))
        parts = [
            *self._some("title", TEXTS),
            *self._some("summary", TEXTS, 0.6),
            *self._some("updated", DATES),
            *self._some("published", DATES, 0.6),
            *self._some("id", (f"tag:{n}", f"https://news.example/{n}", f"urn:{n}")),
        ]
        if self._random.random() < 0.6:
            parts.append(self._element("content", self._pick(TEXTS), kind))
        if self._random.random() < 0.8:
            href = self._pick(LINKS).format(n=n)
            rel = self._pick(
                ("", ' rel="alternate"', ' rel="self"', ' rel="alternate" type="text/html"')
            )
            parts.append(f'<link href="{href}"{rel}/>')
        if self._random.random() < 0.6:
            parts.append(f"<author>{self._person()}</author>")
        if self._random.random() < 0.4:
            parts.append('<category term="أمن" label="الأمن"/>')
        if self._strange():
            parts.append("<source><title>غيره</title><id>urn:s</id></source>")
        if self._strange():
            parts.append(
                '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>س</p></div>'
                "</content>"
            )
        parts += self._extras() if self._strange() else []
        return self._item("entry", parts)

    def _person(self) -> str:
        parts = [
            *self._some("name", NAMES),
            *self._some("email", NAMES, 0.3),
            *self._some("uri", LINKS, 0.3),
        ]
        self._random.shuffle(parts)
        return "".join(parts)

    def _atom(self) -> bytes:
        head = self._head(
            [
                *self._some("title", TEXTS),
                *self._some("subtitle", TEXTS, 0.5),
                '<link href="https://news.example/"/>',
                '<link rel="self" href="https://news.example/f"/>',
                *self._some("id", ("urn:feed", "https://news.example/")),
                *self._some("updated", DATES),
                f"<author>{self._person()}</author>",
            ]
        )
        entries = [self._entry(n) for n in range(self._random.randint(0, 5))]
        space = self._pick(
            ('xmlns="http://www.w3.org/2005/Atom"',) * 6
            + ("", 'xmlns="http://purl.org/atom/ns#" version="0.3"')
        )
        tail = self._random.choice(head) if self._strange() else ""
        inside = "".join((*head, *entries, tail))
        return f"{self._prolog()}<feed {space}{self._spaces()}>{inside}</feed>".encode()
