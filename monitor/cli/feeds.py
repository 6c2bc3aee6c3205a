"""`rasid feeds`: the group; and `list`: every configured feed, how it fares, and how late its news
reach us.

The list reads the state as it stands, of a running watcher too, takes no lock and changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answers import Json, count, iso, joined, json_document
from monitor.cli.clock import Clock
from monitor.cli.discover import discover_feeds
from monitor.cli.feeds_edit import add, remove
from monitor.cli.opml import export_feeds, import_feeds
from monitor.cli.options import config_option, json_option
from monitor.cli.terminal import Screen

if TYPE_CHECKING:
    from monitor.app.feeds import FeedReport


@click.group(short_help="The feeds: list, add, remove, discover, import, export.")
@config_option
def feeds() -> None:
    """The configured feeds."""


for _command in (add, remove, discover_feeds, import_feeds, export_feeds):
    feeds.add_command(_command)


@feeds.command(
    "list", short_help="Every feed: how it fares, when it is due, how late its news are."
)
@config_option
@json_option
def list_feeds(*, as_json: bool) -> int:
    """Every configured feed: how its last check went, when the next one is due, what its server
    asks for, and how long after publication its articles were found (the median and the worst of
    the last 20)."""
    from monitor.app.feeds import report
    from monitor.cli.memory import look

    memory = look()
    rows = memory.store.rows()
    polling = memory.config.polling
    found = [report(feed, rows.get(feed.id), polling) for feed in memory.config.feeds]
    if as_json:
        click.echo(json_document([_answer(each) for each in found]))
        return memory.told()
    screen, clock = Screen(), Clock(memory.config.timezone)
    if screen.is_terminal:
        for each in found:
            _show(screen, each, clock)
    else:
        screen.rows([_cells(each, clock) for each in found])
    return memory.told()


def _answer(each: FeedReport) -> Json:
    return {
        "name": each.name,
        "url": each.url,
        "category": each.category,
        "state": each.state.value,
        "last_check": iso(each.last_check),
        "last_success": iso(each.last_success),
        "next_check": iso(each.next_check),
        "validators": each.validators,
        "moved_to": each.moved_to,
        "failures": each.failures,
        "failing_since": iso(each.failing_since),
        "reason": each.reason,
        "hint_seconds": each.hint_seconds,
        "skip_hours": list(each.skip_hours),
        "skip_days": list(each.skip_days),
        "retry_after": iso(each.retry_after),
        "entries": each.entries,
        "skipped": each.skipped,
        "lag": _lag(each),
        "pages": {
            "awaited": each.pages_awaited,
            "failed_in_a_row": each.pages_failed,
            "reason": each.page_reason,
        },
        "sitemaps": {"followed": each.sitemaps, "unread": list(each.unread)}
        if each.sitemaps
        else None,
        "silent_since": iso(each.silent_since),
    }


def _lag(each: FeedReport) -> Json:
    if each.lag_median is None or each.lag_worst is None:
        return None
    return {
        "median_seconds": each.lag_median,
        "worst_seconds": each.lag_worst,
        "articles": each.lag_articles,
    }


def _show(screen: Screen, each: FeedReport, clock: Clock) -> None:
    """A feed in a few short lines: a table with addresses is wider than a terminal."""
    failing = each.state in ("failing", "gone")
    screen.line(each.name, "bold red" if failing else "bold")
    screen.line("  " + joined([each.state.value, *_times(each, clock), _lag_cell(each)]))
    screen.line(f"  {each.url}", "dim")
    for told in filter(None, _more(each, clock)):
        screen.line(f"  {told}")


def _cells(each: FeedReport, clock: Clock) -> list[str]:
    """The name may be Arabic and so comes last, with what only some feeds have to say."""
    return [
        each.state.value,
        *_times(each, clock),
        _lag_cell(each),
        each.url,
        joined([each.name, *_more(each, clock)]),
    ]


def _times(each: FeedReport, clock: Clock) -> tuple[str, str]:
    checked = "never checked" if each.last_check is None else clock(each.last_check)
    return checked, "" if each.next_check is None else f"due {clock(each.next_check)}"


def _lag_cell(each: FeedReport) -> str:
    if each.lag_median is None or each.lag_worst is None:
        return ""
    return f"lag {span(each.lag_median)}, worst {span(each.lag_worst)}"


def _more(each: FeedReport, clock: Clock) -> list[str | None]:
    trouble = None
    if each.failures:
        since = f" since {clock(each.failing_since)}" if each.failing_since is not None else ""
        trouble = f"{each.reason} ({count(each.failures, 'failure')} in a row{since})"
    lacking = f"{len(each.unread)} of {each.sitemaps} sitemaps not read: " if each.unread else ""
    return [
        lacking + each.unread[0] if each.unread else None,
        f"moved to {each.moved_to}" if each.moved_to else None,
        trouble,
        f"the server asks to wait until {clock(each.retry_after)}" if each.retry_after else None,
        f"the feed asks for {span(each.hint_seconds)} between checks"
        if each.hint_seconds
        else None,
        "the feed names hours or days without news" if each.skip_hours or each.skip_days else None,
        f"nothing new since {clock(each.silent_since)}, far longer than ever before"
        if each.silent_since
        else None,
        "no validators" if each.validators is False else None,
        f"{count(each.pages_awaited, 'page')} awaited" if each.pages_awaited else None,
        f"{count(each.pages_failed, 'page')} not read: {each.page_reason}"
        if each.page_reason
        else None,
    ]


def span(seconds: float) -> str:
    """A duration in its two largest units: `45s`, `3m 20s`, `2h 5m`, `6d 3h`."""
    left = round(seconds)
    parts: list[tuple[int, str]] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        if left >= size or parts:
            parts.append((left // size, unit))
            left %= size
    return " ".join(f"{number}{unit}" for number, unit in parts[:2] if number) or "0s"
