"""`rasid outbox list` and `rasid alerts list`: what is still to be sent, and what was alerted.

Both read the state as it stands, of a running watcher too, and change nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answers import Json, iso, joined, json_document
from monitor.cli.options import config_option, json_option
from monitor.cli.terminal import Screen

if TYPE_CHECKING:
    from monitor.app.health import Open
    from monitor.model import LedgerRecord


@click.group(short_help="Deliveries that are still to be made: list.")
@config_option
def outbox() -> None:
    """Deliveries that are still to be made."""


@outbox.command("list", short_help="What waits, since when, and why.")
@config_option
@json_option
def list_outbox(*, as_json: bool) -> int:
    """Every open delivery, oldest first: its state, tries, the next try, and why it waits."""
    from monitor.app.health import open_deliveries
    from monitor.cli.memory import look

    memory = look()
    found = open_deliveries(memory.store, memory.ledgers)
    if as_json:
        click.echo(json_document([_open(each) for each in found]))
        return 0
    screen = Screen()
    for each in found:
        _show_open(screen, each)
    if not found:
        screen.line("nothing waits")
    return 0


@click.group(short_help="What was alerted: list.")
@config_option
def alerts() -> None:
    """What was alerted."""


@alerts.command("list", short_help="The ledger: what was sent, when, over which channel.")
@click.option("--rule", metavar="NAME", help="Only alerts of this rule.")
@config_option
@json_option
def list_alerts(*, rule: str | None, as_json: bool) -> int:
    """The ledger of all channels, oldest first: what was sent, when, by which rules."""
    from monitor.cli.memory import look

    memory = look()
    found = [
        (channel, record)
        for channel, ledger in memory.ledgers.items()
        for record in ledger.records()
        if rule is None or rule in record.rules
    ]
    found.sort(key=lambda pair: (pair[1].made_at, pair[0]))
    if as_json:
        click.echo(json_document([_record(channel, record) for channel, record in found]))
        return 0
    screen = Screen()
    for channel, record in found:
        _show_record(screen, channel, record)
    if not found:
        screen.line("no alert on record")
    return 0


def _open(each: Open) -> Json:
    record = each.record
    return {
        "id": each.delivery.id,
        "channel": each.delivery.channel,
        "state": record.state.value if record else "pending",
        "attempts": record.attempts if record else 0,
        "made_at": iso(each.delivery.made_at),
        "next_at": iso(record.next_at) if record else None,
        "detail": (record.detail or None) if record else None,
        "title": each.delivery.story.title.text,
        "link": each.delivery.story.link,
        "rules": [alert.rule for alert in each.delivery.alerts],
    }


def _show_open(screen: Screen, each: Open) -> None:
    record = each.record
    state = record.state.value if record else "pending"
    tries = f"tries {record.attempts}" if record else "never tried"
    next_try = f"next {iso(record.next_at)}" if record and record.next_at else None
    since = f"since {iso(each.delivery.made_at)}"
    screen.line(joined([state, each.delivery.channel, since, tries, next_try], "  "))
    _show_story(
        screen, each.delivery.story.title.text, [alert.rule for alert in each.delivery.alerts]
    )
    if record and record.detail:
        screen.line(f"    {record.detail}", "yellow")


def _record(channel: str, record: LedgerRecord) -> Json:
    return {
        "id": record.delivery_id,
        "channel": channel,
        "state": record.state.value,
        "attempts": record.attempts,
        "made_at": iso(record.made_at),
        "changed_at": iso(record.changed_at),
        "detail": record.detail or None,
        "title": record.title,
        "link": record.link,
        "rules": list(record.rules),
    }


def _show_record(screen: Screen, channel: str, record: LedgerRecord) -> None:
    tries = f"tries {record.attempts}"
    screen.line(joined([record.state.value, channel, iso(record.changed_at), tries], "  "))
    _show_story(screen, record.title, list(record.rules))


def _show_story(screen: Screen, title: str, rules: list[str]) -> None:
    """Arabic stands on lines of its own, so that the terminal can set it right to left."""
    screen.line(f"    {title}", "bold")
    screen.line(f"    {' · '.join(rules)}")
