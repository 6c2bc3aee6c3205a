"""`rasid status`: how things stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from monitor.cli.answers import Json, count, iso, json_document
from monitor.cli.clock import Clock
from monitor.cli.mute import muted_now
from monitor.cli.options import config_option, json_option
from monitor.cli.terminal import Screen
from monitor.errors import EX_OK

if TYPE_CHECKING:
    from monitor.app.health import Health

NEEDS_A_LOOK = 1
MOST_SHOWN = 10  # failing feeds
HANG = 10  # columns, in which it stands what a line is about
REFUSED = (
    "what was refused for good: `rasid outbox list` shows it, `rasid outbox retry ID` has it tried"
    " again, `rasid outbox drop --dead` gives it up"
)


@click.command(short_help="Health: 0 well, 1 something needs a look.")
@config_option
@json_option
def status(*, as_json: bool) -> int:
    """Health of the watcher, running or not. Exit code 0: all is well; 1: something needs a look,
    and the answer says what; 78: none runs, and the configuration has errors, which are told."""
    from monitor.app.health import health
    from monitor.cli.memory import look

    memory = look()
    found = health(
        memory.config,
        memory.store,
        memory.ledgers,
        memory.system,
        running=memory.running,
        now=memory.now,
        faults=memory.faults,
    )
    if as_json:
        click.echo(json_document(_answer(found)))
    else:
        muted = muted_now(memory.system.load(), memory.now)
        mutes = [f"{each.rule}: {each.words(memory.config.timezone)}" for each in muted]
        if not memory.running:  # then they are told by themselves
            faults = set(map(str, memory.faults))
            listed = [each for each in found.problems if each not in faults]
            wrong = ["the configuration has errors: nothing can run on it"] if faults else []
            found = replace(found, problems=(*listed, *wrong))
        _show(Screen(), found, mutes, Clock(memory.config.timezone))
    return memory.told() or (NEEDS_A_LOOK if found.problems else EX_OK)


def _answer(found: Health) -> dict[str, Json]:
    return {
        "running": found.running,
        "feeds": {
            "total": found.feeds.total,
            "ok": found.feeds.ok,
            "failing": found.feeds.failing,
            "gone": found.feeds.gone,
        },
        "rules": {"total": found.rules.total, "muted": found.rules.muted},
        "channels": {
            name: {
                "state": channel.state,
                "pending": channel.pending,
                "held": channel.held,
                "dead": channel.dead,
            }
            for name, channel in found.channels.items()
        },
        "outbox": {
            "pending": found.outbox.pending,
            "oldest_seconds": round(found.outbox.oldest_seconds, 3),
        },
        "reload": {
            "ok": found.reload.ok,
            "at": iso(found.reload.at),
            "errors": list(found.reload.errors),
        },
        "problems": list(found.problems),
    }


def _show(screen: Screen, found: Health, mutes: Sequence[str], clock: Clock) -> None:
    screen.line(f"daemon    {'running' if found.running else 'not running'}")
    _show_feeds(screen, found, clock)
    screen.line(f"rules     {found.rules.total}, {found.rules.muted} muted")
    for muted in mutes:
        screen.line(f"muted     {muted}", hang=HANG)
    _show_outbox(screen, found)
    if found.reload.at is not None:
        verdict = "ok" if found.reload.ok else "refused"
        screen.line(f"reload    {verdict} at {clock(found.reload.at)}")
    for error in found.reload.errors:
        if error not in found.problems:  # the files are no longer what was refused
            screen.line(f"refused   {error}", hang=HANG)
    for problem in found.problems:
        screen.line(f"problem   {problem}", "bold red", hang=HANG)
    if any(channel.dead for channel in found.channels.values()):
        screen.line(f"to do     {REFUSED}", hang=HANG)
    if not found.problems:
        screen.line("all is well", "green")


def _show_feeds(screen: Screen, found: Health, clock: Clock) -> None:
    counts = found.feeds
    new = f", {counts.new} new" if counts.new else ""
    told = f"{counts.ok} ok, {counts.failing} failing, {counts.gone} gone{new}"
    screen.line(f"feeds     {counts.total}: {told}", hang=HANG)
    if found.running and found.next_check is not None:
        screen.line(f"next      check due at {clock(found.next_check)}")
    for each in found.failing[:MOST_SHOWN]:
        since = f" since {clock(each.since)}" if each.since is not None else ""
        due = clock(each.next_check)
        screen.line(f"failing   {each.name}{since}, next check {due}: {each.why}", hang=HANG)
    if len(found.failing) > MOST_SHOWN:
        screen.line(f"failing   {len(found.failing) - MOST_SHOWN} more: rasid feeds list")
    for name, address in found.moved:
        screen.line(f"moved     {name}: for good to {address}", hang=HANG)


def _show_outbox(screen: Screen, found: Health) -> None:
    for name, channel in found.channels.items():
        screen.line(
            f"channel   {name}: {channel.state}, {channel.pending} pending, "
            f"{channel.held} held, {channel.dead} dead",
            hang=HANG,
        )
    oldest = f", the oldest for {found.outbox.oldest_seconds:.0f} s"
    oldest = oldest if found.outbox.pending > found.outbox.held_back else ""
    held = sum(channel.held for channel in found.channels.values())
    held_too = f", {held} held" if held else ""
    waiting = count(found.outbox.pending, "delivery", "deliveries")
    held_back = f" ({found.outbox.held_back} held back)" if found.outbox.held_back else ""
    screen.line(f"outbox    {waiting} pending{held_back}{held_too}{oldest}", hang=HANG)
