"""`rasid outbox list`, `retry` and `drop`: what is still to be sent, and what to do about it.

`list` reads the state as it stands, of a running watcher too, and changes nothing. The others ask
the process that holds the state, or do it themselves where none does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from monitor.cli.answers import Json, count, iso, joined, json_document
from monitor.cli.clock import Clock
from monitor.cli.completing import channel_names, delivery_ids
from monitor.cli.options import config_option, json_option
from monitor.cli.terminal import Screen
from monitor.errors import UsageError

if TYPE_CHECKING:
    from monitor.app.health import Open
    from monitor.cli.memory import Memory
    from monitor.model import Hold, Wish

SHORTEST_ID = 6  # letters of an id that are enough, where they mean one delivery alone


@click.group(short_help="Deliveries that are still to be made: list, retry, drop.")
@config_option
def outbox() -> None:
    """Deliveries that are still to be made."""


@outbox.command("list", short_help="What waits, since when, and why.")
@config_option
@json_option
def list_outbox(*, as_json: bool) -> int:
    """Every delivery that was not taken yet, oldest first: its state, tries, the next try, and why
    it waits. Dead ones, which were refused for good, are kept here until you retry or drop them."""
    from monitor.app.health import open_deliveries, with_holds
    from monitor.cli.memory import look

    memory = look()
    standing = open_deliveries(memory.store, memory.system, memory.ledgers)
    found = with_holds(standing, memory.config, memory.ledgers, memory.now)
    if as_json:
        click.echo(json_document([_open(each, memory.now) for each in found]))
        return memory.told()
    screen, clock = Screen(), Clock(memory.config.timezone)
    for each in found:
        _show_open(screen, each, clock)
        if each.hold is not None and each.held_back(memory.now):
            screen.line(f"    {held_back(each.hold, memory)}", "yellow")
    if not found:
        screen.line("nothing waits")
    return memory.told()


@outbox.command("retry", short_help="Try again at once what waits, is held or dead.")
@click.argument("ids", metavar="[ID]…", nargs=-1, shell_complete=delivery_ids)
@click.option(
    "--channel",
    metavar="NAME",
    shell_complete=channel_names,
    help="Only deliveries over this channel.",
)
@click.option("--held-back", is_flag=True, help="Also out of quiet hours, digests and limits.")
@config_option
def retry_outbox(ids: tuple[str, ...], channel: str | None, *, held_back: bool) -> int:
    """Have deliveries tried again at once: those with these IDs, else all that wait or are held.

    Dead ones are tried again only by ID. What you hold back yourself (quiet hours, digest,
    group_wait, max_per_day) goes out before its time only by ID or with --held-back. A channel that
    was held is released."""
    from monitor.model import Wish

    memory, standing = _standing(channel)
    chosen = _chosen(ids, standing, lambda each: not each.dead)
    later = [each for each in chosen if each.held_back(memory.now)]
    if ids or held_back:
        _ask(memory, Wish.HURRY, later)
        chosen = [each for each in chosen if not each.held_back(memory.now)]
    _ask(memory, Wish.RETRY, chosen)
    if later and not (ids or held_back):
        click.echo(f"held back, {len(later)} of them: --held-back sends them now")
    if not (chosen or later):
        _tell_nothing(standing)
    return 0


@outbox.command("drop", short_help="Give deliveries up.")
@click.argument("ids", metavar="[ID]…", nargs=-1, shell_complete=delivery_ids)
@click.option(
    "--channel",
    metavar="NAME",
    shell_complete=channel_names,
    help="Only deliveries over this channel.",
)
@click.option("--dead", is_flag=True, help="All that were refused for good.")
@config_option
def drop_outbox(ids: tuple[str, ...], channel: str | None, *, dead: bool) -> int:
    """Give deliveries up: those with these IDs, or with --dead all that were refused for good, or
    with --channel alone all of that channel. A bundle that may have arrived already goes only as a
    whole, by its own ID."""
    from monitor.model import Wish

    if not ids and not dead and channel is None:
        raise UsageError("name what to drop: an ID of `rasid outbox list`, --dead or --channel")
    memory, standing = _standing(channel)
    chosen = _chosen(ids, standing, lambda each: each.dead or not dead)
    _check_whole(chosen, standing)
    _ask(memory, Wish.DROP, chosen)
    if not chosen:
        click.echo(_NOTHING)
    return 0


_NOTHING = "nothing to do: nothing waits"
_DONE = {
    "retry": "to be tried again",
    "hurry": "to be sent now",
    "drop": "dropped",
}


def _standing(channel: str | None) -> tuple[Memory, list[Open]]:
    """The memory, and what waits in it, with what holds it back."""
    from monitor.app.health import open_deliveries, with_holds
    from monitor.cli.memory import look

    memory = look(to_change=True)
    _check_channel(memory, channel)
    standing = open_deliveries(memory.store, memory.system, memory.ledgers)
    found = with_holds(standing, memory.config, memory.ledgers, memory.now)
    return memory, [each for each in found if channel in (None, each.delivery.channel)]


def _chosen(
    ids: Sequence[str], standing: Sequence[Open], fits: Callable[[Open], bool]
) -> list[Open]:
    return [e for i in ids for e in _named(i, standing)] or [e for e in standing if fits(e)]


def _ask(memory: Memory, wish: Wish, chosen: Sequence[Open]) -> None:
    from monitor.cli.asking import ask
    from monitor.model import Request

    if chosen:
        answer = ask(memory, Request(wish, deliveries=tuple(each.delivery.id for each in chosen)))
        told = count(len(chosen), "delivery", "deliveries")
        click.echo(f"{told} {_DONE[wish.value]}: {answer}")


def _tell_nothing(standing: Sequence[Open]) -> None:
    """Why there is nothing to try again; what was refused for good is tried by its ID alone."""
    screen = Screen()
    dead = list(dict.fromkeys(each.parcel[:12] for each in standing if each.dead))
    if not dead:
        screen.line(_NOTHING)
        return
    refused = f"{count(len(dead), 'message was', 'messages were')} refused for good"
    screen.line(f"{_NOTHING}; {refused}, to be tried again by ID:")
    screen.line(f"  rasid outbox retry {' '.join(dead)}")


def _check_whole(chosen: Sequence[Open], standing: Sequence[Open]) -> None:
    for each in chosen:
        together = [other for other in standing if other.parcel == each.parcel]
        doubtful = each.record is not None and (each.record.in_doubt or each.state == "sending")
        if doubtful and any(other not in chosen for other in together):
            raise UsageError(
                f"{each.delivery.id[:12]} is in a bundle of {len(together)} that may have arrived: "
                f"drop it as a whole by its ID, {each.parcel[:12]}"
            )


def _check_channel(memory: Memory, channel: str | None) -> None:
    if channel is not None and channel not in memory.ledgers:
        known = ", ".join(memory.ledgers) or "none"
        raise UsageError(f"no channel is named {channel} (there are: {known})")


def _named(ident: str, standing: Sequence[Open]) -> list[Open]:
    """The deliveries that an id, or the beginning of one, names; by a bundle's id all of it."""
    if len(ident) < SHORTEST_ID:
        raise UsageError(f"{ident}: give at least {SHORTEST_ID} letters of an id")
    found = [e for e in standing if e.parcel.startswith(ident) or e.delivery.id.startswith(ident)]
    if not found:
        raise UsageError(f"no delivery with the id {ident} waits: see `rasid outbox list`")
    if len({each.parcel for each in found}) > 1:
        raise UsageError(f"{ident} begins several ids: give more of it")
    return found


_REASONS = {
    "quiet": "quiet hours",
    "digest": "daily digest",
    "group_wait": "group_wait",
    "max_per_day": "max_per_day",
}


def held_back(hold: Hold, memory: Memory) -> str:
    """Until when, by the clock on the operator's wall, and why."""
    clock = Clock(memory.config.timezone)
    until, now = clock.at(hold.until), clock.at(memory.now)
    shown = f"{until:%H:%M}" if hold.until - memory.now < 86_400 else f"{until:%Y-%m-%d %H:%M}"
    if hold.why == "group_wait" and until.date() == now.date():
        shown = f"{until:%H:%M:%S}"
    return f"held back until {shown} ({_REASONS[hold.why.partition(' ')[0]]})"


def _open(each: Open, now: float) -> Json:
    record, hold = each.record, each.hold if each.held_back(now) else None
    return {
        "id": each.delivery.id,
        "bundle": each.parcel if each.parcel != each.delivery.id else None,
        "channel": each.delivery.channel,
        "state": each.state,
        "attempts": record.attempts if record else 0,
        "possible_repeat": bool(record and (record.in_doubt or each.state == "sending")),
        "made_at": iso(each.delivery.made_at),
        "next_at": iso(record.next_at) if record else None,
        "held_until": iso(hold.until) if hold else None,
        "held_for": hold.why if hold else None,
        "detail": (record.detail or None) if record else None,
        "title": each.delivery.story.title.text,
        "link": each.delivery.story.link,
        "rules": [alert.rule for alert in each.delivery.alerts],
    }


def _show_open(screen: Screen, each: Open, clock: Clock) -> None:
    record = each.record
    tries = f"tries {record.attempts}" if record else "never tried"
    next_try = f"next {clock(record.next_at)}" if record and record.next_at else None
    since = f"since {clock(each.delivery.made_at)}"
    ident = each.delivery.id[:12]
    bundle = f"in bundle {each.parcel[:12]}" if each.parcel != each.delivery.id else None
    parts = [each.state, ident, each.delivery.channel, since, tries, next_try, bundle]
    screen.line(joined(parts, "  "), hang=4)
    show_story(screen, each.delivery.story.title.text, [a.rule for a in each.delivery.alerts])
    if record and record.detail:
        screen.line(f"    {record.detail}", "yellow")


def show_story(screen: Screen, title: str, rules: Sequence[str]) -> None:
    """Arabic stands on lines of its own, so that the terminal can set it right to left."""
    screen.line(f"    {title}", "bold")
    screen.line(f"    {' · '.join(rules)}")
