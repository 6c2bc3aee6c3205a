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
from functools import partial
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
    return newest(path, partial(read_value, decode=decode))


def newest(path: Path, read: Callable[[Path], T | None]) -> Recalled[T] | None:
    """As `recall`, by any way to read one generation: None where there is none, CorruptError where
    it is no good."""
    try:
        current = read(path)
    except CorruptError as error:
        return _stand_in(path, read, error)
    if current is not None:
        return Recalled(current)
    before = read(previous(path))
    return None if before is None else Recalled(before, f"{path}: missing; {_STANDS_IN}")


def read_value(path: Path, decode: Decode[T]) -> T | None:
    """What one generation holds."""
    tables = load_tables(path)
    return None if tables is None else decoded(tables, path, decode)


def decoded(tables: Documents, name: object, decode: Decode[T]) -> T:
    """What a file's documents say; a CorruptError begins with `name`, the file's."""
    try:
        return decode(tables)
    except ShapeError as error:
        raise CorruptError(f"{name}: {error}") from error


def _stand_in(path: Path, read: Callable[[Path], T | None], error: CorruptError) -> Recalled[T]:
    try:
        before = read(previous(path))
    except CorruptError as worse:
        raise CorruptError(f"{error}; so is the one before: {worse}") from error
    if before is None:
        raise error
    return Recalled(before, f"{error}; {_STANDS_IN}")
