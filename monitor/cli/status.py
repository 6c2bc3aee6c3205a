"""`rasid status` and `rasid feeds list`: how things stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answers import Json, count, iso, joined, json_document
from monitor.cli.options import config_option, json_option
from monitor.cli.terminal import Screen
from monitor.core.redact import without_login

if TYPE_CHECKING:
    from monitor.app.health import Health
    from monitor.model import Feed, FeedRow

NEEDS_A_LOOK = 1


@click.command(short_help="Health: 0 well, 1 something needs a look.")
@config_option
@json_option
def status(*, as_json: bool) -> int:
    """Health of the watcher, running or not. Exit code 0: all is well; 1: something needs a look,
    and the answer says what."""
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
        _show(Screen(), found)
    return NEEDS_A_LOOK if found.problems else 0


@click.group(short_help="The feeds: list.")
@config_option
def feeds() -> None:
    """The configured feeds."""


@feeds.command("list", short_help="Every feed: how it fares, when it is due.")
@config_option
@json_option
def list_feeds(*, as_json: bool) -> int:
    """Every configured feed: how its last check went and when the next one is due."""
    from monitor.cli.memory import look

    memory = look()
    rows = memory.store.rows()
    pairs = [(feed, rows.get(feed.id)) for feed in memory.config.feeds]
    if as_json:
        click.echo(json_document([_feed(feed, row) for feed, row in pairs]))
        return 0
    screen = Screen()
    screen.rows([_feed_cells(feed, row) for feed, row in pairs])
    return 0


def feed_state(feed: Feed, row: FeedRow | None) -> str:
    """One word for how a feed fares."""
    if not feed.enabled:
        return "off"
    if row is None or not row.last_check:
        return "new"
    if row.gone:
        return "gone"
    return "failing" if row.failures else "ok"


def _feed(feed: Feed, row: FeedRow | None) -> Json:
    return {
        "name": feed.name,
        "url": without_login(feed.url),
        "category": feed.category,
        "state": feed_state(feed, row),
        "checked": iso(row.last_check or None) if row else None,
        "succeeded": iso(row.last_ok or None) if row else None,
        "due": iso(row.due or None) if row else None,
        "failures": row.failures if row else 0,
        "error": row.error or None if row else None,
        "moved_to": row.moved_to if row else None,
        "skipped": row.skipped if row else 0,
    }


def _feed_cells(feed: Feed, row: FeedRow | None) -> list[str]:
    checked = iso(row.last_check or None) if row else None
    due = iso(row.due or None) if row and feed.enabled else None
    trouble = f"{row.error} (x{row.failures})" if row and row.failures else None
    return [
        feed_state(feed, row),
        checked or "never checked",
        f"due {due}" if due else "",
        without_login(feed.url),
        joined([feed.name, trouble]),
    ]


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


def _show(screen: Screen, found: Health) -> None:
    feeds_now = found.feeds
    screen.line(f"daemon    {'running' if found.running else 'not running'}")
    screen.line(
        f"feeds     {feeds_now.total}: {feeds_now.ok} ok, {feeds_now.failing} failing, "
        f"{feeds_now.gone} gone"
    )
    screen.line(f"rules     {found.rules.total}, {found.rules.muted} muted")
    for name, channel in found.channels.items():
        screen.line(
            f"channel   {name}: {channel.state}, {channel.pending} pending, "
            f"{channel.held} held, {channel.dead} dead"
        )
    oldest = f", the oldest for {found.outbox.oldest_seconds:.0f} s" if found.outbox.pending else ""
    held = sum(channel.held for channel in found.channels.values())
    held_too = f", {held} held" if held else ""
    waiting = count(found.outbox.pending, "delivery", "deliveries")
    screen.line(f"outbox    {waiting} pending{held_too}{oldest}")
    if found.reload.at is not None:
        verdict = "ok" if found.reload.ok else "refused"
        screen.line(f"reload    {verdict} at {iso(found.reload.at)}")
    for problem in found.problems:
        screen.line(f"problem   {problem}", "bold red")
    if not found.problems:
        screen.line("all is well", "green")
