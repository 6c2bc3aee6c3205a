"""Values to JSON documents and back, by the fields of their dataclasses.

A field that holds its empty default (None, "", 0, False, ()) is left out; any other default is
written, so that a later version may change it without changing what old files mean. A member that
a class does not know is passed over: the same schema may have gained it since. This module must
not touch files.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import Enum
from functools import partial
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
_Read = Callable[[Any], Any]


class ShapeError(ValueError):
    """A document does not have the shape of its class. `str()` says which member, and how."""


def encode(value: Any) -> dict[str, Any]:
    """A dataclass instance as a JSON object of its own; `decode` gives back an equal one."""
    document = {}
    for each in _plan(type(value)).values():
        member = getattr(value, each.name)
        if member != each.empty:
            document[each.name] = _plain(member) if each.nested else member
    return document


def decode(cls: type[T], document: object) -> T:
    """The value of class `cls` that `document` stands for; ShapeError where it has another form."""
    if not isinstance(document, dict):
        raise ShapeError(f"expected an object, got {_name(document)}")
    plan = _plan(cls)
    values = {
        name: member if type(member) is plan[name].kind else _member(plan[name], member)
        for name, member in document.items()
        if name in plan
    }
    try:
        return cls(**values)
    except TypeError as error:  # the only cause left: a member without a default is missing
        raise ShapeError(f"{cls.__name__}: {error}") from error


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    kind: type | None  # a JSON value of exactly this type needs no reading
    read: _Read
    empty: object  # the default that is left out, or _NEVER
    nested: bool  # whether it holds dataclasses, which JSON does not know


_NEVER = object()


_plans: dict[type, dict[str, _Member]] = {}  # made once a class: reading type hints is slow


def _plan(cls: Any) -> dict[str, _Member]:
    if cls not in _plans:
        hints = get_type_hints(cls)
        _plans[cls] = {each.name: _member_of(each, hints[each.name]) for each in fields(cls)}
    return _plans[cls]


def _member_of(each: Field[Any], hint: Any) -> _Member:
    kinds = [kind for kind in _alternatives(hint) if kind in (str, int, float, bool)]
    default = each.default_factory() if callable(each.default_factory) else each.default
    plain = _plain(default) if default is not MISSING else _NEVER
    return _Member(
        name=each.name,
        kind=kinds[0] if kinds else None,
        read=_reader(hint),
        empty=_NEVER if plain else default,
        nested=_nested(hint),
    )


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return encode(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return value


def _member(known: _Member, member: object) -> Any:
    try:
        return known.read(member)
    except ShapeError as error:
        raise ShapeError(f"{known.name}: {error}") from error


def _reader(hint: Any) -> _Read:
    """A function that turns the JSON form of type `hint` into its value, or raises ShapeError."""
    if get_origin(hint) is types.UnionType:
        return _optional_reader(hint)
    if get_origin(hint) is tuple:
        return _tuple_reader(hint)
    if get_origin(hint) is Mapping:
        return _mapping_reader(hint)
    if is_dataclass(hint):
        return partial(decode, hint)  # type: ignore[arg-type] # a class: hints are no instances
    if issubclass(hint, Enum):
        return _enum_reader(hint)
    return _scalar_reader(hint)


def _scalar_reader(kind: type) -> _Read:
    def read(value: object) -> object:
        if kind is float and type(value) is int:
            return float(value)
        if type(value) is not kind:
            raise ShapeError(f"expected {kind.__name__}, got {_name(value)}")
        return value

    return read


def _enum_reader(kind: type[Enum]) -> _Read:
    def read(value: object) -> Enum:
        try:
            return kind(value)
        except ValueError as error:
            raise ShapeError(str(error)) from error

    return read


def _optional_reader(hint: Any) -> _Read:
    (inner,) = (_reader(each) for each in get_args(hint) if each is not types.NoneType)
    return lambda value: None if value is None else inner(value)


def _tuple_reader(hint: Any) -> _Read:
    inner = [_reader(each) for each in get_args(hint) if each is not ...]
    endless = ... in get_args(hint)

    def read(value: object) -> tuple[object, ...]:
        if not isinstance(value, list):
            raise ShapeError(f"expected a list, got {_name(value)}")
        if not endless and len(value) != len(inner):
            raise ShapeError(f"expected {len(inner)} items, got {len(value)}")
        readers = inner * len(value) if endless else inner
        return tuple([one(each) for one, each in zip(readers, value, strict=True)])

    return read


def _mapping_reader(hint: Any) -> _Read:
    inner = _reader(get_args(hint)[1])

    def read(value: object) -> dict[str, object]:
        if not isinstance(value, dict):
            raise ShapeError(f"expected an object, got {_name(value)}")
        return {key: inner(each) for key, each in value.items()}

    return read


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) is types.UnionType else (hint,)


def _nested(hint: Any) -> bool:
    return is_dataclass(hint) or any(_nested(each) for each in get_args(hint))


def _name(value: object) -> str:
    return "null" if value is None else type(value).__name__
