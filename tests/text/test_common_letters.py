"""The short way to words gives what the long way gives, with the same places in the original."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.core.text import common
from monitor.core.text.normalise import fold, fold_with_origins

WORD = re.compile(r"[^\W\d_]+|\d+")
COMMON = sorted(common._SET)
texts = st.text(st.one_of(st.sampled_from(COMMON), st.sampled_from("😀🇮🇶★\ufe0f…–é\u2028")))


def the_long_way(text: str) -> tuple[list[str], list[tuple[int, int]]]:
    folded = fold_with_origins(text)
    found = list(WORD.finditer(folded.text))
    return [word[0] for word in found], [folded.span(*word.span()) for word in found]


@given(texts)
@example("داعـــش\u200f، في «المَوصِل»")
@example("ا\u200c\u0640\u200d1٢x")
@example("\u064eداعش\u200c\u064e ")
def test_both_ways_agree(text: str) -> None:
    encoded = common.encode(text)
    assert encoded is not None
    assert (common.words_of(encoded), list(common.Bounds(encoded))) == the_long_way(text)


PLANE = 0x10000
# Of the planes above the first two most is empty: a letter here and there, and where a plane ends.
SOME = [
    *range(2 * PLANE),
    *range(0xE0000, 0xE1000),
    *range(2 * PLANE, sys.maxunicode + 1, 61),
    *(plane * PLANE + last for plane in range(2, 17) for last in (0, PLANE - 2, PLANE - 1)),
]
EACH = range(sys.maxunicode + 1)


@pytest.mark.untraced
@pytest.mark.parametrize(
    "codes", [pytest.param(SOME, id="some"), pytest.param(EACH, id="each", marks=pytest.mark.long)]
)
def test_every_character_there_is_goes_one_of_the_two_ways_rightly(codes: Sequence[int]) -> None:
    for code in codes:
        text = f"دا{chr(code)}عش"
        encoded = common.encode(text)
        if encoded is not None:
            assert common.words_of(encoded) == WORD.findall(fold(text)), hex(code)


@pytest.mark.parametrize("text", ["é", "e\u0301", "ي\u0654", "ﺩﺍﻋﺶ", "ا\u202bب", "ﷺ", "中"])
def test_what_needs_the_long_way_takes_it(text: str) -> None:
    assert (common.encode(text) is None) is (text != "é")


def test_signs_that_only_part_words_do_not_need_the_long_way() -> None:
    encoded = common.encode("داعش😀الموصل ★ \ud800")
    assert encoded is not None
    assert common.words_of(encoded) == ["داعش", "الموصل"]
