"""Spans of time on the command line: how long, and since when."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from typing import Any

import click

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"([0-9]{1,9})\s?([smhd])")


class Duration(click.ParamType):  # type: ignore[type-arg]  # generic only in newer clicks
    """`30m`, `2h`, `7d` as seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The seconds; a usage error for anything else."""
        found = _SPAN.fullmatch(str(value))
        if found is None:
            self.fail(f"{value!r} is no duration such as 30m, 2h or 7d", param, ctx)
        return float(int(found[1]) * _UNITS[found[2]])


class Since(click.ParamType):  # type: ignore[type-arg]  # the same
    """A moment: a duration back from now, or a date in UTC, as seconds since 1970."""

    name = "since"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The moment; a usage error for anything else."""
        text = str(value)
        if found := _SPAN.fullmatch(text):
            return time.time() - int(found[1]) * _UNITS[found[2]]
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.fail(f"{value!r} is neither 2h, 7d nor a date such as 2026-03-01", param, ctx)
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
