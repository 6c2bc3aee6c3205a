"""Values become JSON and come back equal; other shapes are told apart."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import FeedRow, FeedState, LedgerRecord, Marked, SystemState, Validators
from monitor.stores.codec import ShapeError, decode, encode

SCALARS: dict[object, st.SearchStrategy[Any]] = {
    str: st.text(max_size=8),
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    types.NoneType: st.none(),
}


def any_of(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type; of a dataclass, with every member drawn, those with a default too."""
    inner = [any_of(each) for each in get_args(hint) if each is not ...]
    if get_origin(hint) is types.UnionType:
        return st.one_of(inner)
    if get_origin(hint) is tuple:
        endless = ... in get_args(hint)
        return st.lists(inner[0], max_size=2).map(tuple) if endless else st.tuples(*inner)
    if get_origin(hint) is Mapping:
        return st.dictionaries(*inner, max_size=2)
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return st.builds(hint, **{each.name: any_of(hints[each.name]) for each in fields(hint)})
    return SCALARS[hint] if hint in SCALARS else st.sampled_from(hint)


values = st.one_of([any_of(each) for each in (FeedState, FeedRow, LedgerRecord, SystemState)])


@given(values)
def test_a_value_comes_back_equal_through_json(value: object) -> None:
    assert decode(type(value), json.loads(json.dumps(encode(value)))) == value


def test_empty_defaults_are_left_out_and_others_written() -> None:
    assert encode(FeedRow("ab01", "u")) == {"feed_id": "ab01", "url": "u", "interval": 900.0}
    assert encode(Marked("")) == {"text": ""}


def test_whole_numbers_pass_for_seconds() -> None:
    row = decode(FeedRow, {"feed_id": "ab01", "url": "u", "due": 5})
    assert type(row.due) is float


def test_unknown_members_are_passed_over() -> None:
    assert decode(Validators, {"etag": "x", "colour": "red"}) == Validators("x")


@pytest.mark.parametrize(
    ("cls", "document", "reason"),
    [
        (Validators, None, "expected an object, got null"),
        (Validators, [], "expected an object, got list"),
        (Validators, {"etag": 1}, "etag: expected str, got int"),
        (Marked, {}, "missing 1 required positional argument: 'text'"),
        (Marked, {"text": None}, "text: expected str, got null"),
        (Marked, {"text": "t", "marks": {}}, "marks: expected a list, got dict"),
        (Marked, {"text": "t", "marks": [[1]]}, "marks: expected 2 items, got 1"),
        (Marked, {"text": "t", "marks": [[1, "2"]]}, "marks: expected int, got str"),
        (FeedRow, {"feed_id": "a", "url": "u", "failures": True}, "failures: expected int"),
        (FeedRow, {"feed_id": "a", "url": "u", "due": "soon"}, "due: expected float, got str"),
        (FeedRow, {"feed_id": "a", "url": "u", "validators": 1}, "validators: expected an object"),
        (LedgerRecord, {"delivery_id": "d", "state": "lost", "made_at": 1.0}, "state: 'lost'"),
        (SystemState, {"mutes": []}, "mutes: expected an object, got list"),
        (SystemState, {"mutes": {"r": None}}, "mutes: expected float, got null"),
    ],
)
def test_another_shape_is_told(cls: type, document: object, reason: str) -> None:
    with pytest.raises(ShapeError, match=reason):
        decode(cls, document)
