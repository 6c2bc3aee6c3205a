"""Names in one word or in two: every spelling, and no end of them."""

from __future__ import annotations

import pytest

from monitor.core.text.joined import spellings


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("عبد الملك الحوثي", {"عبدالملك الحوثي"}),
        ("عبدالملك", {"عبد الملك"}),
        ("حسن نصرالله", {"حسن نصر الله"}),
        ("نصر الله", {"نصرالله"}),
        ("ابوظبي", {"ابو ظبي"}),
        ("ابو بكر", {"ابوبكر"}),
        ("صلاح الدين", {"صلاحالدين"}),
        ("عبد الله عبد العزيز", {"عبدالله عبد العزيز", "عبد الله عبدالعزيز", "عبدالله عبدالعزيز"}),
        ("عبد ربه", set()),
        ("والدين", set()),
        ("بالله", set()),
        ("داعش", set()),
    ],
)
def test_spellings(name: str, others: set[str]) -> None:
    first, *found = [" ".join(words) for words in spellings(tuple(name.split()))]
    assert first == name
    assert set(found) == others


def test_a_long_row_of_names_has_a_bounded_number_of_spellings() -> None:
    assert len(spellings(("عبد", "الله") * 20)) == 16
    assert len(spellings(("عبد", "الله") * 40)) == 1
