"""Values become JSON and come back equal; other shapes are told apart."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import (
    Alert,
    Delivery,
    Evidence,
    FeedRow,
    FeedState,
    LedgerRecord,
    LedgerState,
    Marked,
    RunMark,
    Seen,
    Severity,
    Story,
    SystemState,
    Validators,
)
from monitor.stores.codec import ShapeError, decode, encode

text = st.text(max_size=8)
maybe = st.none() | text
moment = st.floats(allow_nan=False, allow_infinity=False)
maybe_moment = st.none() | moment
texts = st.lists(text, max_size=3).map(tuple)


def many(each: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(each, max_size=2).map(tuple)


marked = st.builds(Marked, text, many(st.tuples(st.integers(), st.integers())))
evidence = st.builds(Evidence, text, moment, text)
alert = st.builds(Alert, text, text, st.sampled_from(Severity), texts, many(evidence))
story = st.builds(Story, text, marked, many(marked), maybe, text, maybe_moment)
delivery = st.builds(Delivery, text, text, moment, story, many(alert))
validators = st.builds(Validators, maybe, maybe)
entry = st.builds(Seen, text, text, text, text, moment, maybe_moment, st.integers(), texts, texts)
values = st.one_of(
    st.builds(
        FeedState, text, text, validators, text, maybe, st.booleans(), st.booleans(),
        st.integers(), moment, many(entry), many(delivery),
    ),
    st.builds(
        FeedRow, text, text, moment, moment, moment, moment, moment, st.integers(), maybe_moment,
        text, validators, text, maybe, st.booleans(), st.booleans(), st.integers(),
    ),
    st.builds(
        LedgerRecord, text, st.sampled_from(LedgerState), moment, st.integers(), maybe_moment,
        st.integers(), moment, text, st.none() | st.integers(), text, maybe, texts,
    ),
    st.builds(
        SystemState, st.dictionaries(text, moment, max_size=2),
        st.none() | st.builds(RunMark, st.integers(), moment, maybe_moment),
        st.booleans(), maybe_moment, texts,
    ),
)  # fmt: skip


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
