"""`rasid mute RULE 2h`: a rule's alerts are recorded and not sent for a while; which rules are."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click

from monitor.cli.answers import Json, iso, joined, json_document
from monitor.cli.completing import rule_names
from monitor.cli.options import config_option, json_option
from monitor.cli.span import Duration
from monitor.cli.terminal import Screen
from monitor.errors import EX_OK, UsageError

if TYPE_CHECKING:
    from monitor.cli.memory import Memory
    from monitor.model import SystemState
    from monitor.settings.load import Config

OFF: Final = "off"
_LONGEST_REASON: Final = 500
_LONGEST: Final = 365_000 * 86_400.0  # seconds
_LAST: Final = 253_370_764_800.0  # 9999-01-01, which any zone can show


class DurationOrOff(Duration):
    """A duration, or `off`: none."""

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The seconds; a usage error for anything else."""
        return 0.0 if value == OFF else float(super().convert(value, param, ctx))


@dataclass(frozen=True, slots=True)
class Muted:
    """A rule that is muted now, until when (seconds since 1970), why ("" unknown), by whom."""

    rule: str
    until: float
    because: str = ""
    by: str = ""

    def words(self, zone: str) -> str:
        """What stands behind the rule's name: until when by the clock of a zone, why, by whom."""
        end = datetime.fromtimestamp(self.until, ZoneInfo(zone))
        told = f"muted until {end:%Y-%m-%d %H:%M} {zone}"
        return joined([told, self.because, self.by and f"by {self.by}"])


def muted_now(state: SystemState, now: float) -> tuple[Muted, ...]:
    """The rules that are muted at a moment, in the order in which that ends."""
    found = []
    for rule, until in state.mutes.items():
        note = state.mute_notes.get(rule)
        if until > now:
            end = min(until, _LAST)
            found.append(Muted(rule, end, note.because if note else "", note.by if note else ""))
    return tuple(sorted(found, key=lambda each: each.until))


def mute_words(config: Config, now: float) -> dict[str, str]:
    """For each rule that is muted at a moment: until when, why, by whom. Raises StateError."""
    from monitor.stores.system import SystemFile

    found = muted_now(SystemFile(config.state).load(), now)
    return {each.rule: each.words(config.timezone) for each in found}


@click.command(short_help="Record a rule's alerts without sending them, for a while.")
@click.argument("rule", required=False, shell_complete=rule_names)
@click.argument("duration", type=DurationOrOff(), metavar="[2h|off]", required=False)
@click.option("--until", metavar="07:00", help="Until that time of day, or 2026-03-01T07:00.")
@click.option("--because", default="", metavar="REASON", help="Why, for those who look later.")
@click.option("--list", "listed", is_flag=True, help="Which rules are muted, until when and why.")
@config_option
@json_option
def mute(
    rule: str | None,
    duration: float | None,
    *,
    until: str | None,
    because: str,
    listed: bool,
    as_json: bool,
) -> int:
    """Record the alerts of RULE without sending them, for so long (30m, 2h, 7d) or until then, by
    the clock of the configured time zone; `off` ends it. `--list` shows what is muted."""
    from monitor.cli.memory import look

    if listed != (rule is None) or (rule and (duration is None) == (until is None)):
        raise click.UsageError("Say RULE and 2h, RULE and off, RULE --until 07:00, or --list.")
    memory = look(to_change=not listed)
    if rule is None:
        return _list(memory, as_json=as_json) or memory.told()
    end = memory.now + duration if duration is not None else _moment(until or "", memory)
    return _mute(memory, rule, end, because, as_json=as_json)


def _mute(memory: Memory, rule: str, until: float, because: str, *, as_json: bool) -> int:
    from monitor.cli.asking import ask
    from monitor.model import Request, Wish
    from monitor.settings.naming import one_line

    known = memory.system.load()
    names = {each.name for each in memory.config.rules} | set(known.mutes)
    if rule not in names:
        close = difflib.get_close_matches(rule, names, 1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise UsageError(f"no rule is named {rule}{hint}")
    if until - memory.now > _LONGEST:
        raise UsageError("1000 years at most: `enabled: false` in rules.yaml is for good")
    if len(because) > _LONGEST_REASON:
        raise UsageError(f"--because: at most {_LONGEST_REASON} letters")
    by, why = _who(), one_line(because)
    muted = until > memory.now
    was = any(each.rule == rule for each in muted_now(known, memory.now))
    answer = ask(memory, Request(Wish.MUTE, rule=rule, until=until, because=why, by=by))
    if as_json:
        told = {"rule": rule, "until": iso(until) if muted else None, "because": why, "by": by}
        click.echo(json_document(told))
        return EX_OK
    zone = memory.config.timezone
    words = Muted(rule, until, why, by).words(zone) if muted else "not muted any more"
    Screen().line(f"{rule}: {words}: {answer}" if muted or was else f"{rule}: was not muted")
    return EX_OK


def _list(memory: Memory, *, as_json: bool) -> int:
    found = muted_now(memory.system.load(), memory.now)
    if as_json:
        click.echo(json_document([_answer(each) for each in found]))
        return EX_OK
    _show(Screen(), found, memory.config.timezone)
    return EX_OK


def _answer(muted: Muted) -> Json:
    return {
        "rule": muted.rule,
        "until": iso(muted.until),
        "because": muted.because,
        "by": muted.by,
    }


def _show(screen: Screen, found: Sequence[Muted], zone: str) -> None:
    for each in found:
        screen.line(f"{each.rule}: {each.words(zone)}")
    if not found:
        screen.line("no rule is muted")


def _moment(text: str, memory: Memory) -> float:
    """The next time that a clock in the configured zone shows this, or that very moment."""
    zone = ZoneInfo(memory.config.timezone)
    here = datetime.fromtimestamp(memory.now, zone)
    try:
        if "-" in text:
            moment = datetime.fromisoformat(text)
            moment = moment.replace(tzinfo=moment.tzinfo or zone)
        else:
            clock = datetime.strptime(text, "%H:%M")  # noqa: DTZ007 # only its hour and minute count
            moment = here.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
            moment += timedelta(days=moment <= here)
    except ValueError:
        raise UsageError(f"--until: {text} is neither 07:00 nor 2026-03-01T07:00") from None
    if moment.timestamp() <= memory.now:
        raise UsageError(f"--until: {text} is over")
    return moment.timestamp()


def _who() -> str:
    """The user at the keyboard, behind sudo too."""
    import getpass

    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (OSError, KeyError):  # no such user: a container
        return ""
