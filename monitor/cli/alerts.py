"""`rasid alerts list` and `why`: what was alerted, and what became of one article.

Both read the state as it stands, of a running watcher too, and change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from monitor.cli.answers import Json, iso, joined, json_document
from monitor.cli.clock import Clock
from monitor.cli.completing import channel_names, rule_names
from monitor.cli.options import config_option, json_option
from monitor.cli.outbox import held_back, show_story
from monitor.cli.span import Since
from monitor.cli.terminal import Screen
from monitor.cli.trial import archive_view
from monitor.errors import UsageError
from monitor.model import READ

if TYPE_CHECKING:
    from monitor.app.why import Sighting, Told
    from monitor.cli.memory import Memory
    from monitor.model import LedgerRecord, Member, Outlet, Seen


@click.group(short_help="What was alerted: list, why.")
@config_option
def alerts() -> None:
    """What was alerted."""


@alerts.command("list", short_help="The ledger: what was sent, when, over which channel.")
@click.option("--since", type=Since(), metavar="WHEN", help="Since 2h, 7d, or 2026-03-01[T09:30].")
@click.option("--rule", metavar="NAME", shell_complete=rule_names, help="Only alerts of this rule.")
@click.option(
    "--channel",
    metavar="NAME",
    shell_complete=channel_names,
    help="Only what went over this channel.",
)
@config_option
@json_option
def list_alerts(
    *, since: float | None, rule: str | None, channel: str | None, as_json: bool
) -> int:
    """The ledger of all channels, in the order in which it came about: what was sent, when, by
    which rules, from which paper, and which other feeds brought it later. Of a bundle each article
    is listed."""
    from monitor.cli.memory import look

    memory = look()
    if channel is not None and channel not in memory.ledgers:
        known = ", ".join(memory.ledgers) or "none"
        raise UsageError(f"no channel is named {channel} (there are: {known})")
    found = [
        (name, record, part)
        for name, ledger in memory.ledgers.items()
        if channel is None or name == channel
        for record in ledger.records()
        for part in _parts(record)
        if since is None or (part.made_at or record.made_at) >= since
        if rule is None or rule in part.rules
    ]
    found.sort(key=lambda each: (each[1].changed_at or each[1].made_at, each[1].made_at, each[0]))
    articles = {part.article for _, _, part in found}
    outlets = {each: memory.store.outlets(each) if each else () for each in articles}
    if as_json:
        click.echo(json_document([_record(*each, outlets[each[2].article]) for each in found]))
        return memory.told()
    screen, clock = Screen(), Clock(memory.config.timezone)
    for name, record, part in found:
        when = clock(record.changed_at or record.made_at)
        screen.line(joined([record.state.value, name, when, _tries(record)], "  "), hang=4)
        show_story(screen, part.title, part.rules)
        _show_source(screen, part, outlets[part.article])
    if not found:
        screen.line("no alert on record")
    return memory.told()


@alerts.command("why", short_help="What became of one article: told when, how, or why not.")
@click.argument("article")
@config_option
@json_option
def why(article: str, *, as_json: bool) -> int:
    """What became of an article, named by its link, its id in the feed, its title or the id of a
    delivery: which feed
    showed it and when, which rules fired, over which channel it went out and at which try; or why
    there was no alert."""
    from monitor.app.why import sightings
    from monitor.cli.memory import look

    memory = look()
    found = sightings(article, memory.store, memory.ledgers)
    names = {feed.id: feed.name for feed in memory.config.feeds}
    if as_json:
        click.echo(json_document([_sighting(each, names) for each in found]))
        return memory.told()
    screen, clock = Screen(), Clock(memory.config.timezone)
    held = _held(memory) if found else {}
    for each in found:
        _show(screen, each, names.get(each.feed_id, each.feed_url), held, clock)
    if not found:
        screen.line("no feed has shown it, as far as is remembered")
        _suggest(screen, article, memory, clock)
    return memory.told()


def _suggest(screen: Screen, text: str, memory: Memory, clock: Clock) -> None:
    """Which articles it may be."""
    from monitor.app.why import titled_like

    view = archive_view(memory.config)
    found = titled_like(text, memory.ledgers, view, memory.config.gazetteer, memory.config.lexicon)
    if not found:
        screen.line("  `rasid explain` tells what the rules make of its text or address")
        return
    screen.heading("these titles hold the words; ask again by the link or the whole title")
    for each in found:
        screen.line(f"  {each.title}", "bold")
        screen.line("    " + joined([each.source, clock(each.at)], "  "))
        if each.link:
            screen.line(f"    {each.link}", "dim")


def _show_source(screen: Screen, part: Member, outlets: Sequence[Outlet]) -> None:
    papers = [part.source, *(f"also in {each.source}" for each in outlets)]
    if told := joined(papers, " · "):
        screen.line(f"    {told}")
    if part.link:
        screen.line(f"    {part.link}", "dim")


def _parts(record: LedgerRecord) -> tuple[Member, ...]:
    from monitor.model import Member

    own = Member(
        record.delivery_id,
        record.title,
        record.link,
        record.rules,
        article=record.article,
        source=record.source,
    )
    return record.members or (own,)


def _tries(record: LedgerRecord) -> str:
    """What is worth a word: one try is what every message takes."""
    tries = f"tries {record.attempts}" if record.attempts > 1 else None
    doubt = "possible repeat" if record.in_doubt else None
    return joined([tries, "in a bundle" if record.members else None, doubt])


def _record(channel: str, record: LedgerRecord, part: Member, outlets: Sequence[Outlet]) -> Json:
    return {
        "id": part.delivery_id,
        "bundle": record.delivery_id if record.members else None,
        "channel": channel,
        "state": record.state.value,
        "attempts": record.attempts,
        "possible_repeat": record.in_doubt > 0,
        "made_at": iso(part.made_at or record.made_at),
        "changed_at": iso(record.changed_at),
        "detail": record.detail or None,
        "title": part.title,
        "link": part.link,
        "rules": list(part.rules),
        "outlets": [
            {"source": each.source, "link": each.link, "seen_at": iso(each.seen_at)}
            for each in outlets
        ],
    }


def _sighting(each: Sighting, names: dict[str, str]) -> Json:
    seen = each.seen
    return {
        "feed": names.get(each.feed_id, each.feed_url),
        "seen_at": iso(seen.first_seen),
        "gone_at": iso(seen.gone_at),
        "edits": seen.revision,
        "verdict": seen.verdict.value if seen.verdict else None,
        "text_source": _text_source(seen),
        "page": seen.page or None,
        "outlet_of": seen.outlet.article if seen.outlet else None,
        "id": each.article,
        "fired": list(seen.fired),
        "without_alert": list(seen.spent),
        "deliveries": [_told(told) for told in each.told],
    }


def _text_source(seen: Seen) -> str:
    """Which text was matched: that of its page, or of the feed alone."""
    return "page" if seen.page == READ else "feed"


def _told(told: Told) -> Json:
    record = told.record
    return {
        "id": told.delivery_id,
        "channel": told.channel,
        "state": record.state.value if record else "pending",
        "attempts": record.attempts if record else 0,
        "changed_at": iso(record.changed_at) if record else None,
        "next_at": iso(record.next_at) if record else None,
        "possible_repeat": bool(record and record.in_doubt),
        "detail": (record.detail or None) if record else None,
    }


def _show(screen: Screen, each: Sighting, feed: str, held: Mapping[str, str], clock: Clock) -> None:
    seen = each.seen
    edits = f"{seen.revision} edits since" if seen.revision else None
    gone = f"left the feed by {clock(seen.gone_at)}" if seen.gone_at else None
    screen.line(joined([f"seen {clock(seen.first_seen)} in {feed}", edits, gone]), "bold")
    if seen.verdict is not None:
        screen.line(f"  {seen.verdict.value}")
    if seen.page:
        why = "" if seen.page == READ else f" (its page: {seen.page})"
        screen.line(f"  matched on the text of its {_text_source(seen)}{why}")
    if seen.fired:
        screen.line(f"  rules that fired: {' · '.join(seen.fired)}")
    if seen.spent:
        screen.line(f"  rules that match without an alert: {' · '.join(seen.spent)}")
    for line in _deliveries(each, held, clock):
        screen.line(line)


def _held(memory: Memory) -> dict[str, str]:
    """What is held back by the operator's own wish, by the ids of the deliveries."""
    from monitor.app.health import open_deliveries, with_holds

    standing = open_deliveries(memory.store, memory.system, memory.ledgers)
    return {
        each.delivery.id: held_back(each.hold, memory)
        for each in with_holds(standing, memory.config, memory.ledgers, memory.now)
        if each.hold is not None and each.held_back(memory.now)
    }


def _deliveries(each: Sighting, held: Mapping[str, str], clock: Clock) -> Iterator[str]:
    for told in each.told:
        record = told.record
        if record is None:
            yield f"  {told.channel}: {held.get(told.delivery_id, 'not tried yet')}"
            continue
        next_try = f"next try {clock(record.next_at)}" if record.next_at else None
        when = clock(record.changed_at or record.made_at)
        what = [f"{record.state.value} {when}", _tries(record), next_try]
        yield f"  {told.channel}: {joined([*what, record.detail])}"
