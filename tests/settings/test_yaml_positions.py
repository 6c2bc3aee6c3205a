"""What a YAML file means, and where its parts stand."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from monitor.settings.packaged import starter_file
from monitor.settings.positions import parse
from monitor.settings.yaml_text import Misread, Position

MEANINGS = [
    ("22:00", "22:00"),
    ("no", "no"),
    ("yes", "yes"),
    ("on", "on"),
    ("y", "y"),
    ("True", True),
    ("false", False),
    ("~", None),
    ("", None),
    ("null", None),
    ("nULL", "nULL"),
    ("12", 12),
    ("-7", -7),
    ("012", 12),
    ("0o17", 15),
    ("0x1F", 31),
    ("1_000", "1_000"),
    ("0b1", "0b1"),
    ("1.5", 1.5),
    (".5", 0.5),
    ("1e3", 1000.0),
    ("-.inf", float("-inf")),
    ("1.2.3", "1.2.3"),
    ("2024-11-05", "2024-11-05"),
    ("=", "="),
    ("٣", "٣"),
    ("'12'", "12"),
    ('"true"', "true"),
    ("!!str 12", "12"),
    ("!!int 12", 12),
    ("'22:00'", "22:00"),
    ("9" * 5000, "9" * 5000),
]


@pytest.mark.parametrize(("text", "value"), MEANINGS)
def test_values_mean_what_yaml_1_2_says(text: str, value: object) -> None:
    read = parse(f"k: {text}\n".encode()).value
    assert read == {"k": value}
    assert isinstance(read, dict)
    assert type(read["k"]) is type(value)


def test_keys_are_taken_as_written() -> None:
    assert parse(b"no: 1\n2: 1\ntrue: 1\n").value == {"no": 1, "2": 1, "true": 1}


def test_an_empty_file_has_no_value() -> None:
    assert parse(b"# nothing\n").value is None


def test_a_byte_order_mark_moves_no_column() -> None:
    document = parse("\ufeffأ: ب\n".encode())
    assert document.value == {"أ": "ب"}
    assert document.at(("أ",)) == Position(1, 4)


def test_positions_count_code_points() -> None:
    document = parse("قواعد:\n  - {اسم: 😀داعش, كلمات: [غارة, 'قصف جوي']}\n".encode())
    assert document.key_at(("قواعد", 0, "كلمات")) == Position(2, 18)
    assert document.at(("قواعد", 0, "كلمات", 1)) == Position(2, 32)
    assert document.at(("قواعد", 0, "اسم", "لا شيء")) == Position(2, 11)


INSIDE = [
    ("k: غارة AND قصف", 9, Position(1, 13)),
    ("k: 'غارة AND قصف'", 9, Position(1, 14)),
    ("k: 'a''b''c'", 4, Position(1, 11)),
    ('k: "غارة قصف"', 5, Position(1, 10)),
    ('k: "a\\tb c"', 4, Position(1, 10)),
    ('k: "\\u062f \\" \\x41 غ"', 6, Position(1, 20)),
    ('k: "a\\\n  b c"', 2, Position(2, 4)),
    ("k: |\n  غارة قصف", 5, Position(2, 8)),
    ("k: >-\n\n    غارة\n    قصف AND", 10, Position(4, 9)),
    ("k: |2\n   a\n\n  b", 4, Position(4, 3)),
    ("k: غارة\n  قصف", 5, Position(2, 3)),
    ("k: 'غارة\n\n  قص''ف'", 8, Position(3, 7)),
    ("k: !!str غارة", 2, Position(1, 12)),
    ("k: &x 'غارة'", 2, Position(1, 10)),
    ('k: &q # the query\n  "ab"', 0, Position(2, 4)),
    ('k: "ab\\ \n \\ cd"', 5, Position(1, 4)),  # too intricate: the start
    ("k: قصف", 3, Position(1, 7)),
    ("k: قصف", 9, Position(1, 4)),
]


@pytest.mark.parametrize(("text", "offset", "position"), INSIDE)
def test_a_place_inside_a_text(text: str, offset: int, position: Position) -> None:
    assert parse(text.encode()).inside(("k",), offset) == position


LINE = st.text(
    st.characters(
        blacklist_categories=["Cc", "Cs", "Zl", "Zp"], blacklist_characters="\ufffe\uffff\ufeff"
    ),
    max_size=30,
)
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
KEYS = st.text(min_size=1, max_size=5)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
)


@given(LINE, st.data())
def test_an_offset_in_quotes_leads_to_that_character(text: str, data: st.DataObject) -> None:
    line = "مفتاح: '" + text.replace("'", "''") + "'"
    document = parse(line.encode())
    assert document.value == {"مفتاح": text}
    if text:
        offset = data.draw(st.integers(0, len(text) - 1))
        position = document.inside(("مفتاح",), offset)
        assert line[position.column - 1] == text[offset]


@given(
    st.text("قصف AN(\n\"'\\:#\u200f😀", max_size=40), st.sampled_from([None, "'", '"', "|", ">"])
)
def test_every_style_leads_to_the_character(text: str, style: str | None) -> None:
    written = yaml.dump({"k": text}, allow_unicode=True, default_style=style, width=20)
    document = parse(written.encode())
    lines = written.split("\n")
    for offset, letter in enumerate(text):
        found = document.inside(("k",), offset)
        if letter not in " \n\"'\\\u200f😀":
            assert lines[found.line - 1][found.column - 1] == letter


@given(VALUES)
def test_what_a_yaml_writer_wrote_is_read_back(value: object) -> None:
    text = yaml.dump({"k": value}, allow_unicode=True, default_style='"')
    assert parse(text.encode()).value == {"k": value}


BOMBS = {
    "aliases": "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(20)
    ),
    "brackets": "[" * 100_000 + "]" * 100_000,
    "open brackets": "[" * 100_000,
    "dashes": "- " * 100_000,
    "indentation": "\n".join(" " * depth + "a:" for depth in range(2000)),
    "sixty": "[" * 60 + "]" * 60,
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_a_file_made_to_explode_is_refused(text: str) -> None:
    with pytest.raises(Misread, match=r"nested too deeply|repeated by aliases too often"):
        parse(text.encode())


def test_an_honest_alias_is_read() -> None:
    document = parse(b"a: &x [1, 2]\nb: *x\n")
    assert document.value == {"a": [1, 2], "b": [1, 2]}
    assert not document.faults


def test_brackets_in_texts_do_not_count_as_depth() -> None:
    text = "k:\n" + "  - '[ [ ['\n" * 500
    assert parse(text.encode()).value == {"k": ["[ [ ["] * 500}


WRONG_BYTES = [
    ("أ: ".encode() + b"\xff", Position(1, 4)),
    ("أ: 1\nب".encode() + b"\xd8", Position(2, 2)),
    ("أ: ب".encode("utf-16"), Position(1, 1)),
    (b"a: \x00", Position(1, 4)),
]


@pytest.mark.parametrize(("data", "position"), WRONG_BYTES)
def test_bytes_that_are_no_text_are_refused_where_they_stand(
    data: bytes, position: Position
) -> None:
    with pytest.raises(Misread) as caught:
        parse(data)
    assert caught.value.position == position


PURE = """
import sys
sys.modules["yaml._yaml"] = None
from monitor.settings import positions
from monitor.settings.yaml_text import Misread
assert positions._Parser.__module__ == "monitor.settings.positions"
data = sys.stdin.buffer.read()
document = positions.parse(data)
print(document.at(("rules", 1, "places", 0)), len(document.value["rules"]))
for broken in (b"a:\\n\\tb: 1", b"a: [1, 2", b"a: b: c"):
    try:
        positions.parse(broken)
    except Misread as fault:
        print(fault.reason)
"""


def test_without_libyaml_the_pure_parser_says_the_same() -> None:
    data = starter_file("rules.yaml").encode()
    done = subprocess.run(
        [sys.executable, "-c", PURE], input=data, capture_output=True, check=True, timeout=60
    )
    document = parse(data)
    assert isinstance(document.value, dict)
    assert done.stdout.decode().splitlines() == [
        f"{document.at(('rules', 1, 'places', 0))} {len(document.value['rules'])}",
        "a tab cannot indent: use blanks",
        "this '[' is not closed, or a comma is missing in it",
        "a second ':' in one value: quote it, or begin a line with the key",
    ]


def test_a_huge_file_is_refused() -> None:
    with pytest.raises(Misread, match="larger than 50 MB"):
        parse(b"#" * 50_000_001)


@given(st.binary(max_size=60) | st.text(alphabet="ab:-[]{}&*!|>'\"#%@`, \n\t?~<ا", max_size=60))
def test_no_input_ends_otherwise_than_in_a_document_or_a_reason(data: bytes | str) -> None:
    raw = data if isinstance(data, bytes) else data.encode()
    try:
        parse(raw)
    except Misread as fault:
        assert fault.reason  # noqa: PT017 # either end is right
