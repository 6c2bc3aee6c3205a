"""feeds.yaml edited: what is asked for changes, and not one byte else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import DataError
from monitor.settings.packaged import starter_file
from monitor.settings.positions import parse
from monitor.settings.splice import ListText, append, read_text, remove
from monitor.settings.written import FeedItem, is_plain, quoted

NEW = FeedItem((("url", "https://new.example/rss"), ("name", "جديد"), ("enabled", False)))
SECOND = FeedItem((("url", "https://second.example/rss"), ("name", "no")))


def read(text: str) -> ListText:
    return read_text(text.encode())


def added(text: str, *items: FeedItem) -> str:
    return append(read(text), items or (NEW,)).data.decode()


def removed(text: str, index: int) -> str:
    return remove(read(text), index).data.decode()


ADDED = [  # (a file, the file with the feed)
    ("", 'feeds:\n  - {url: "https://new.example/rss", name: جديد, enabled: false}\n'),
    (
        "# mine",
        '# mine\nfeeds:\n  - {url: "https://new.example/rss", name: جديد, enabled: false}\n',
    ),
    (
        "feeds: []  # none yet\n\n# end",
        (
            'feeds:  # none yet\n  - {url: "https://new.example/rss", name: جديد, enabled: false}\n'
            "\n# end"
        ),
    ),
    ("feeds:", 'feeds:\n  - {url: "https://new.example/rss", name: جديد, enabled: false}'),
    (
        "feeds: ~\n",
        'feeds:\n  - {url: "https://new.example/rss", name: جديد, enabled: false}\n',
    ),
    (
        "feeds:\n  # - {url: b}\n",
        (
            'feeds:\n  - {url: "https://new.example/rss", name: جديد, enabled: false}\n'
            "  # - {url: b}\n"
        ),
    ),
    ("{}", '{"feeds": [{"url": "https://new.example/rss", "name": "جديد", "enabled": false}]}'),
    (
        "{feeds: }",
        '{feeds: [{"url": "https://new.example/rss", "name": "جديد", "enabled": false}]}',
    ),
    (  # quotes, indentation and the comment behind the last feed
        "feeds:\n- url: 'https://a.example/'   # the first\n\n# end\n",
        (
            "feeds:\n- url: 'https://a.example/'   # the first\n"
            "- url: 'https://new.example/rss'\n  name: جديد\n  enabled: false\n\n# end\n"
        ),
    ),
    (
        "feeds:\n   -  url: https://a.example/\n      name: >-\n        a\n        b\n\n\n#\n",
        (
            "feeds:\n   -  url: https://a.example/\n      name: >-\n        a\n        b\n"
            "   -  url: https://new.example/rss\n      name: جديد\n      enabled: false\n\n\n#\n"
        ),
    ),
    (  # an empty line between feeds, as between the others; Windows
        "feeds:\r\n  - url: https://a.example/\r\n\r\n  - url: https://b.example/",
        (
            "feeds:\r\n  - url: https://a.example/\r\n\r\n  - url: https://b.example/\r\n\r\n"
            "  - url: https://new.example/rss\r\n    name: جديد\r\n    enabled: false"
        ),
    ),
    (  # sections are no such empty lines
        "feeds:\n  - {url: https://a.example/}\n\n  # Two\n  - {url: https://b.example/}\n",
        (
            "feeds:\n  - {url: https://a.example/}\n\n  # Two\n  - {url: https://b.example/}\n"
            "  - {url: https://new.example/rss, name: جديد, enabled: false}\n"
        ),
    ),
    (
        "feeds:\n  -\n    # its address\n    url: https://a.example/\n    proxy:\n...\n",
        (
            "feeds:\n  -\n    # its address\n    url: https://a.example/\n    proxy:\n"
            "  - url: https://new.example/rss\n    name: جديد\n    enabled: false\n...\n"
        ),
    ),
    (
        "feeds: [{url: 'https://a.example/'},]\n",
        (
            "feeds: [{url: 'https://a.example/'},"
            " {url: 'https://new.example/rss', name: جديد, enabled: false},]\n"
        ),
    ),
    (
        "feeds: [\n  {url: 'https://a.example/'}  # one, two\n]\n",
        (
            "feeds: [\n  {url: 'https://a.example/'},  # one, two\n"
            "  {url: 'https://new.example/rss', name: جديد, enabled: false}\n]\n"
        ),
    ),
    (
        "feeds: [\n  {url: 'https://a.example/'},  # one\n]\n",
        (
            "feeds: [\n  {url: 'https://a.example/'},  # one\n"
            "  {url: 'https://new.example/rss', name: جديد, enabled: false},\n]\n"
        ),
    ),
    (
        "feeds: [\n  {url: 'https://a.example/'}]\n",
        (
            "feeds: [\n  {url: 'https://a.example/'},\n"
            "  {url: 'https://new.example/rss', name: جديد, enabled: false}]\n"
        ),
    ),
]


@pytest.mark.parametrize(("before", "after"), ADDED)
def test_a_feed_is_added_in_the_style_of_the_file(before: str, after: str) -> None:
    assert added(before) == after


REMOVED = [  # (a file, which feed, the file without it)
    ("feeds:\n  - {url: https://a.example/}\n# end\n", 0, "feeds:\n# end\n"),
    (  # a comment above may head what follows too: it stays
        "feeds:\n  # Iraq\n  - {url: https://a.example/}  # mine\n  - {url: https://b.example/}\n",
        0,
        "feeds:\n  # Iraq\n  - {url: https://b.example/}\n",
    ),
    (
        ("feeds:\n  - {url: https://a.example/}\n\n  - {url: https://b.example/}\n\n"
        "  - {url: https://c.example/}\n"),
        1,
        "feeds:\n  - {url: https://a.example/}\n\n  - {url: https://c.example/}\n",
    ),
    (
        "feeds:\r\n- url: https://a.example/\r\n  # why\r\n  name: a\r\n\r\n- url: https://b.example/",
        0,
        "feeds:\r\n- url: https://b.example/",
    ),
    (
        "feeds:\n- url: https://a.example/\n- url: https://b.example/",
        1,
        "feeds:\n- url: https://a.example/",
    ),
    ("feeds: [{url: https://a.example/}, {url: https://b.example/}]", 0,
     "feeds: [{url: https://b.example/}]"),
    ("feeds: [{url: https://a.example/}, {url: https://b.example/}]", 1,
     "feeds: [{url: https://a.example/}]"),
    ("feeds: [\n  {url: 'https://a.example/'},  # a, b\n  {url: 'https://b.example/'}]\n", 1,
     "feeds: [\n  {url: 'https://a.example/'}  # a, b\n  ]\n"),
    ("feeds: [\n  {url: 'https://a.example/'},  # a, b\n  {url: 'https://b.example/'}\n]\n", 1,
     "feeds: [\n  {url: 'https://a.example/'}  # a, b\n]\n"),
    ("feeds: [{url: https://a.example/},]", 0, "feeds: []"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "index", "after"), REMOVED)
def test_a_feed_is_removed_with_its_lines(before: str, index: int, after: str) -> None:
    assert removed(before, index) == after


def test_a_byte_order_mark_stays() -> None:
    before = b"\xef\xbb\xbffeeds:\n  - {url: https://a.example/}\n"
    after = append(read_text(before), [NEW])
    assert after.data.startswith(before)
    assert remove(after, 1).data == before


def test_the_starter_stays_as_it_is() -> None:
    before = starter_file("feeds.yaml")
    after = added(before, NEW, SECOND)
    assert after.startswith(before)
    count = len(read(before).items)
    assert removed(removed(after, count), count) == before
    for index in range(count):
        lines = removed(before, index).splitlines()
        assert set(lines) < set(before.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        "feeds: &all\n  - {url: https://a.example/, name: &n x}\n  - {url: u, category: *n}\n",
        "- {url: https://a.example/}\n",
        "~\n",
    ],
)
def test_what_cannot_be_edited_is_refused(text: str) -> None:
    feeds = read(text)
    with pytest.raises(DataError, match="by hand"):
        remove(feeds, 0) if len(feeds.items) == 2 else append(feeds, [NEW])


# --- whatever the file looks like ---------------------------------------------------------------

WORD = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
COMMENT = st.sampled_from(["", "  # صحيفة, {b} - x", " #", "   "])
URL_STYLE = st.sampled_from(["{}", "'{}'", '"{}"'])


@st.composite
def block_files(draw: st.DrawFn) -> str:
    """A feeds.yaml as people write them, with one feed at least."""
    line_break = draw(st.sampled_from(["\n", "\r\n"]))
    indent = " " * draw(st.integers(0, 5))
    gap = " " * draw(st.integers(1, 4))
    lines = draw(st.lists(st.sampled_from(["# head", "", "---"]), max_size=2, unique=True))
    lines.sort(key=lambda line: line == "---")
    lines.append("feeds:" + draw(COMMENT))
    for number in range(draw(st.integers(1, 4))):
        lines += draw(st.lists(st.sampled_from(["", "  ", f"{indent}# قسم", "# x"]), max_size=2))
        url = draw(URL_STYLE).format(f"https://h{number}.example/rss?a=1&b=2")
        name = draw(st.sampled_from(["صحيفة", "'no'", '"# x"', "a (b)"]))
        if draw(st.booleans()):
            lines.append(f"{indent}-{gap}{{url: {url},  name: {name} }}{draw(COMMENT)}")
            continue
        lines.append(f"{indent}-{gap}url: {url}{draw(COMMENT)}")
        lines += draw(st.lists(st.sampled_from(["", f"{indent} {gap}# in it"]), max_size=1))
        lines.append(f"{indent} {gap}name: {name}{draw(COMMENT)}")
        lines += [f"{indent} {gap}proxy:"] * draw(st.integers(0, 1))
    lines += draw(st.lists(st.sampled_from(["", "# end", f"{indent}# - {{url: x}}"]), max_size=3))
    return line_break.join(lines) + draw(st.sampled_from(["", line_break]))


@st.composite
def flow_files(draw: st.DrawFn) -> str:
    """The same in brackets, on one line or on several, as YAML or as JSON."""
    feeds = [
        {"url": f"https://h{n}.example/", "name": f"ص {n}"} for n in range(draw(st.integers(1, 4)))
    ]
    if draw(st.booleans()):
        indent = draw(st.sampled_from([None, 2]))
        return json.dumps({"feeds": feeds}, ensure_ascii=False, indent=indent)
    parts = []
    for feed in feeds:
        before = draw(st.sampled_from(["", " ", "\n  ", "\n  # c, d\n  "]))
        after = draw(st.sampled_from(["", " ", "  # e, f\n ", "\n"]))
        parts.append(f"{before}{{url: '{feed['url']}', name: {feed['name']}}}{after}")
    tail = draw(st.sampled_from(["", ",", ",  # g\n", "\n"]))
    return f"feeds: [{','.join(parts)}{tail}]\n# end\n"


@given(block_files() | flow_files(), st.integers(1, 3))
def test_adding_and_removing_gives_the_same_bytes(text: str, number: int) -> None:
    before = read(text)
    items = [
        FeedItem((("url", f"https://new{n}.example/"), ("name", "x: y"))) for n in range(number)
    ]
    after = append(before, items)
    assert after.items == (*before.items, *items)
    for _ in items:
        after = remove(after, len(after.items) - 1)
    assert after.data.decode() == text


@given(block_files() | flow_files(), st.data())
def test_removing_touches_no_other_feed(text: str, data: st.DataObject) -> None:
    before = read(text)
    index = data.draw(st.integers(0, len(before.items) - 1))
    after = remove(before, index)
    assert after.items == before.items[:index] + before.items[index + 1 :]
    kept = iter(before.data)
    assert all(byte in kept for byte in after.data), "what is left stood there before, in order"


@given(WORD, WORD, block_files() | flow_files() | st.just(""))
def test_every_text_is_read_back_as_it_was(name: str, category: str, text: str) -> None:
    item = FeedItem((("url", "https://new.example/"), ("name", name), ("category", category)))
    assert append(read(text), [item]).items[-1] == item


@given(WORD | st.text("ابمَ abN01.-_:#,'/ ", max_size=6))
def test_what_is_plain_needs_no_quotes_and_what_is_quoted_is_the_same(text: str) -> None:
    assert parse(f"[{quoted(text)}]".encode()).value == [text]
    if text.isprintable():
        assert json.loads(quoted(text)) == text
    if is_plain(text):
        assert parse(f"{{k: {text}, l: [{text}]}}".encode()).value == {"k": text, "l": [text]}


@pytest.mark.parametrize(
    "text",
    ["no", "Yes", "22:00", "- x", "a: b", "#x", "a #x", "1", "1.5", "1e3", "0x1F", "~", "", " a",
     "a ", "[a]", "a, b", "*a", "&a", "!a", "|", "'a'", "2024-11-05", "null", "y", "=", "\u200fأ"],
)  # fmt: skip
def test_odd_names_get_quotes(text: str) -> None:
    assert not is_plain(text)


@pytest.mark.parametrize("text", ["شفق نيوز", "كوردستان 24", "10m", "ar", "مَخْمُور", "می‌خواهم"])
def test_plain_names_need_none(text: str) -> None:
    assert is_plain(text)
