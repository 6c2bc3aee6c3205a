"""Moments for people, by the clock on the operator's wall; programs are answered in UTC (`iso`)."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo


class Clock:
    """The clock of a zone, `timezone` in monitor.yaml."""

    def __init__(self, zone: str) -> None:
        self.zone: tzinfo = ZoneInfo(zone)

    def __call__(self, moment: float) -> str:
        """Seconds since 1970 as `2026-03-01 09:30 +03`, with what the zone is called then."""
        return f"{self.at(moment):%Y-%m-%d %H:%M %Z}"

    def at(self, moment: float) -> datetime:
        """What it shows at a moment, in seconds since 1970."""
        return datetime.fromtimestamp(moment, self.zone)


UTC: Final = Clock("UTC")  # where no configuration is needed
