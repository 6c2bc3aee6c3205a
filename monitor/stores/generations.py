"""The newest generation of a file that is sound: the current one, or else the one before it.

    current sound                     -> it
    current newer than this version   -> NewerError, whatever the one before is
    current corrupt or missing        -> the one before, and why it had to stand in
    both corrupt                      -> CorruptError, never an empty state

Reading changes nothing: what is to be done about a damaged file is for those who write it. This
module must not know what the documents mean.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from monitor.stores.atomic import Document, load_tables, previous
from monitor.stores.codec import ShapeError
from monitor.stores.layout import CorruptError

T = TypeVar("T")
Documents = Mapping[str, Sequence[Document]]
_STANDS_IN = "the one before it is used"

Decode = Callable[[Documents], T]  # raises ShapeError where it is no such file


@dataclass(frozen=True, slots=True)
class Recalled(Generic[T]):
    """What a file holds. `fault` says, beginning with the file's name, what is wrong with it and
    what stands in; None: it is sound."""

    value: T
    fault: str | None = None


def recall(path: Path, decode: Decode[T]) -> Recalled[T] | None:
    """What the file holds, or None where there is none in any generation; raises StateError."""
    try:
        current = _read(path, decode)
    except CorruptError as error:
        return _stand_in(path, decode, error)
    if current is not None:
        return Recalled(current)
    before = _read(previous(path), decode)
    return None if before is None else Recalled(before, f"{path}: missing; {_STANDS_IN}")


def _stand_in(path: Path, decode: Decode[T], error: CorruptError) -> Recalled[T]:
    try:
        before = _read(previous(path), decode)
    except CorruptError as worse:
        raise CorruptError(f"{error}; so is the one before: {worse}") from error
    if before is None:
        raise error
    return Recalled(before, f"{error}; {_STANDS_IN}")


def _read(path: Path, decode: Decode[T]) -> T | None:
    tables = load_tables(path)
    if tables is None:
        return None
    try:
        return decode(tables)
    except ShapeError as error:
        raise CorruptError(f"{path}: {error}") from error
