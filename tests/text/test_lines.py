"""Lines for a terminal: broken between words, marks at the same words, nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.text.lines import cells, wrapped
from monitor.model import Marked

CASES = [
    ("fits", "قصف على سنجار", 13, 2, ["قصف على سنجار"]),
    ("between words", "قصف على سنجار", 12, 0, ["قصف على", "سنجار"]),
    ("the indent is kept", "  قصف على سنجار", 9, 0, ["  قصف على", "  سنجار"]),
    ("hanging", "due: one two three", 12, 5, ["due: one two", "     three"]),
    ("an address is whole", "at https://a.example/long/one now", 12, 0,
     ["at", "https://a.example/long/one", "now"]),
    ("marks on letters take no room", "قَصْفٌ عَلَى", 6, 0, ["قَصْفٌ", "عَلَى"]),
    ("wide letters take two", "新聞 新聞", 8, 0, ["新聞", "新聞"]),
    ("a moment is whole", "due (2026-03-01 09:30 +03): so", 24, 0,
     ["due", "(2026-03-01 09:30 +03):", "so"]),
    ("nothing", "", 8, 2, [""]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "width", "hang", "lines"), [c[1:] for c in CASES],
                         ids=[c[0] for c in CASES])  # fmt: skip
def test_a_line_is_broken_so(text: str, width: int, hang: int, lines: list[str]) -> None:
    assert [each.text for each in wrapped(Marked(text), width, hang)] == lines


def test_a_mark_over_a_break_is_in_both_lines() -> None:
    text = "  قصف على سنجار"
    first, second = wrapped(Marked(text, ((2, 15),)), 9, 2)
    assert [first.text[a:b] for a, b in first.marks] == ["قصف على"]
    assert [second.text[a:b] for a, b in second.marks] == ["سنجار"]


@given(
    st.text(st.sampled_from("اب نa \u0652新"), max_size=60),
    st.integers(4, 40),
    st.integers(0, 3),
    st.tuples(st.integers(0, 60), st.integers(0, 60)),
)
def test_no_word_and_no_mark_is_lost(text: str, width: int, hang: int, at: tuple[int, int]) -> None:
    start, end = sorted(min(each, len(text)) for each in at)
    lines = wrapped(Marked(text, ((start, end),)), width, hang)
    assert " ".join(each.text for each in lines).split() == text.split()
    marked = "".join(each.text[a:b] for each in lines for a, b in each.marks)
    assert "".join(marked.split()) == "".join(text[start:end].split())
    for each in lines:
        assert cells(each.text.rstrip()) <= width or len(each.text.split()) < 2
