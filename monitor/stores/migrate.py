"""Older files read as if this version had written them: one pure step from each schema to the next.

A step gets all tables of one file, of whatever kind, and gives those of the next schema; it tells
the kind by the tables' names. What was read through steps is written in the new schema at the
file's next write. A newer schema has no way back: such a file is refused. This module must not
touch files, and a step must not change what it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Tables = dict[str, dict[str, Any]]  # table -> number -> document
Step = Callable[[Tables], Tables]


@dataclass(frozen=True, slots=True)
class Schema:
    """What this version writes, and the steps that lead there: `steps[n]` makes n + 1 of n."""

    number: int
    steps: Mapping[int, Step] = field(default_factory=dict)

    def knows(self, number: int) -> bool:
        """Whether a file of that schema can be read."""
        return number == self.number or (number < self.number and number in self.steps)

    def bring_up(self, tables: Tables, number: int) -> Tables:
        """The tables of a file of schema `number`, as this version would have written them."""
        for each in range(number, self.number):
            tables = self.steps[each](tables)
        return tables


CURRENT = Schema(1)
