"""Between feeds.yaml and OPML and back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.app.outlines import Taken, give, remember, take
from monitor.core.feeds.identity import feed_id
from monitor.model import Feed
from monitor.settings.feeds_file import faults_of
from monitor.settings.written import FeedItem, Value
from monitor.sources.opml import Outlines, format_opml, parse_opml


def read(outlines: str) -> Outlines:
    head = '<opml version="2.0" xmlns:rasid="urn:rasid:opml" xmlns:n="urn:n"><body>'
    return parse_opml(f"{head}{outlines}</body></opml>".encode())


def taken(outlines: str, *feeds: Feed) -> Taken:
    return take(read(outlines), feeds)


def values(outlines: str) -> dict[str, Value]:
    (item,) = taken(outlines).new
    return dict(item.values)


def feed(url: str, name: str = "ص") -> Feed:
    return Feed(id=feed_id(url), url=url, name=name)


def through(items: list[FeedItem], known: Outlines | None = None) -> Taken:
    """What comes back of an export that is imported where nothing is."""
    pairs = [(item, feed(item.url, item.name or f"host {n}")) for n, item in enumerate(items)]
    text = format_opml(give(pairs, known or Outlines()).outlines, title="", created="")
    return take(parse_opml(text.encode()), ())


TAKEN = [  # (an outline, the feed)
    ('<outline text="أ" xmlUrl=" https://a.example/ "/>',
     {"url": "https://a.example/", "name": "أ"}),
    ('<outline title="أ" xmlUrl="https://a.example/"/>',
     {"url": "https://a.example/", "name": "أ"}),
    ('<outline text="ب" title="أ" xmlUrl="https://a.example/"/>',
     {"url": "https://a.example/", "name": "ب"}),
    ('<outline text="https://a.example/" xmlUrl="https://a.example/"/>',
     {"url": "https://a.example/"}),
    ('<outline text="a" xmlUrl="feed://a.example/"/>', {"url": "http://a.example/", "name": "a"}),
    ('<outline text="a" xmlUrl="feed:https://a.example/"/>',
     {"url": "https://a.example/", "name": "a"}),
    ('<outline text="a&#10;b\u202ec" xmlUrl="https://a.example/"/>',
     {"url": "https://a.example/", "name": "a bc"}),
    (('<outline text="أ"><outline text="ب"><outline text="c" xmlUrl="https://a.example/"/></outline>'
     "</outline>"), {"url": "https://a.example/", "name": "c", "category": "أ / ب"}),
    ('<outline text="c" category="/a/b,/d" xmlUrl="https://a.example/"/>',
     {"url": "https://a.example/", "name": "c", "category": "a / b"}),
    ('<outline text="f"><outline text="c" category="/a" xmlUrl="https://a.example/"/></outline>',
     {"url": "https://a.example/", "name": "c", "category": "f"}),
    (('<outline text="f"><outline text="c" rasid:category="a/b" xmlUrl="https://a.example/"/>'
     "</outline>"),
     {"url": "https://a.example/", "name": "c", "category": "a/b"}),
    (('<outline text="c" language="ar" rasid:interval="10m" rasid:enabled="false"'
     ' rasid:kind="sitemap" xmlUrl="https://a.example/"/>'),
     {"url": "https://a.example/", "name": "c", "language": "ar", "interval": "10m",
      "kind": "sitemap", "enabled": False}),
]  # fmt: skip


def test_an_outline_becomes_a_feed() -> None:
    for outline, expected in TAKEN:
        assert values(outline) == expected, outline


def test_a_list_cannot_name_files_or_proxies_of_ours() -> None:
    found = values(
        '<outline text="a" xmlUrl="https://a.example/" headers_file="x" rasid:headers_file="secret"'
        ' rasid:proxy="http://evil.example/" rasid:url="x" rasid:name="y"/>'
    )
    assert found == {"url": "https://a.example/", "name": "a"}


def test_wrong_addresses_are_skipped_and_wrong_options_left_out() -> None:
    found = taken(
        '\n<outline text="a" xmlUrl="ftp://user:pw@a.example/"/>'
        '\n<outline text="b" xmlUrl="https://b.example/" language="x y" rasid:interval="soon"/>'
        '\n<outline text="c" xmlUrl="https://c.example/" rasid:kind="page"/>'
    )
    assert [item.values for item in found.new] == [(("url", "https://b.example/"), ("name", "b"))]
    assert [(each.line, each.whole) for each in found.skipped] == [
        (2, True),
        (3, False),
        (3, False),
        (4, True),
    ]
    assert "pw" not in str(found.skipped)


def test_names_become_unique_and_addresses_are_compared_in_one_spelling() -> None:
    found = taken(
        '<outline text="ص" xmlUrl="https://www.a.example/"/>'
        '<outline text="ص" xmlUrl="https://a.example/2"/>'
        '<outline text="ص" xmlUrl="https://a.example/3"/>'
        '<outline text="z" xmlUrl="HTTPS://A.example:443/3#x"/>'
        '<outline text="z" xmlUrl="https://there.example"/>',
        feed("https://there.example/"),
    )
    assert [item.name for item in found.new] == [
        "ص (a.example)",
        "ص (a.example) 2",
        "ص (a.example) 3",
    ]
    assert found.present == ("HTTPS://A.example:443/3#x", "https://there.example")


KEYS = st.fixed_dictionaries(
    {"url": st.integers(0, 99).map(lambda n: f"https://h{n}.example/?a=1&b={n}")},
    optional={
        "name": st.text(st.characters(exclude_characters="\ufffd"), min_size=1, max_size=12),
        "category": st.sampled_from(["a", "أ / ب", "a/b", "a /  / b", "x, y", " / "])
        | st.text(st.characters(exclude_characters="\ufffd"), max_size=8),
        "language": st.sampled_from(["ar", "ckb"]),
        "interval": st.sampled_from(["10m", "2h"]),
        "kind": st.sampled_from(["feed", "sitemap"]),
        "enabled": st.booleans(),
    },
)


def is_sound(values: dict[str, Value]) -> bool:
    return not faults_of(values) and all(
        v == v.strip() for v in values.values() if isinstance(v, str)
    )


@given(st.lists(KEYS.filter(is_sound), max_size=6, unique_by=(lambda v: v["url"],)))
def test_what_is_exported_comes_back_the_same(found: list[dict[str, Value]]) -> None:
    for number, each in enumerate(found):
        each["name"] = f"{each.get('name', '')}{number}"[-200:]
    items = [FeedItem(tuple(each.items())) for each in found]
    back = through(items)
    assert not back.skipped
    assert {i.url: dict(i.values) for i in back.new} == {i.url: dict(i.values) for i in items}


def test_what_others_said_is_given_back_and_the_users_words_win() -> None:
    known = read(
        '<outline text="f" n:open="1"><outline text="ص" title="الصحيفة" xmlUrl="https://a.example/"'
        ' htmlUrl="https://u:pw@a.example/" type="atom" n:x="1" language="en"'
        ' rasid:interval="1h"/></outline>'
    )
    kept = remember(Outlines(), known, [feed("https://a.example/")])
    item = FeedItem((("url", "https://a.example/"), ("name", "أخرى"), ("category", "f / g")))
    given = give([(item, feed(item.url, item.name))], kept)
    (outline,) = given.outlines.feeds
    assert outline.path == ("f", "g")
    assert dict(outline.attributes) == {
        ("", "text"): "أخرى",
        ("", "title"): "الصحيفة",
        ("", "type"): "atom",
        ("", "xmlUrl"): "https://a.example/",
        ("", "htmlUrl"): "https://a.example/",
        ("", "category"): "/f/g",
        ("urn:n", "x"): "1",
    }
    assert given.logins == 1
    assert 'n:open="1"' in format_opml(given.outlines, title="", created="")


def test_a_category_that_the_user_took_away_does_not_come_back() -> None:
    known = read('<outline text="a" category="/x" xmlUrl="https://a.example/"/>')
    back = through([FeedItem((("url", "https://a.example/"), ("name", "a")))], known)
    assert dict(back.new[0].values) == {"url": "https://a.example/", "name": "a"}


def test_no_secret_leaves() -> None:
    item = FeedItem(
        (("url", "https://user:secret@a.example/"), ("headers_file", "h"), ("proxy", "http://p/"))
    )
    given = give([(item, feed(item.url))], Outlines())
    text = format_opml(given.outlines, title="", created="")
    assert (given.logins, given.private) == (1, 1)
    assert "https://a.example/" in text
    assert not any(word in text for word in ("secret", "user", "headers_file", "proxy"))


def test_only_what_export_would_miss_is_kept() -> None:
    plain = '<outline text="f" title="f"><outline text="a" type="rss" xmlUrl="https://a.example/"/></outline>'
    assert remember(Outlines(), read(plain), [feed("https://a.example/")]) is None
    told = read('<outline text="a" htmlUrl="https://a.example/" xmlUrl="https://a.example/"/>')
    assert remember(Outlines(), told, []) is None
    kept = remember(told, read(plain), [feed("https://a.example/")])
    assert kept is not None
