"""`rasid parse`: a feed as rasid reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answers import Json, count, iso, joined, json_line
from monitor.cli.documents import read
from monitor.cli.options import config_option, json_option
from monitor.cli.terminal import Screen
from monitor.errors import EX_DATA, DataError

if TYPE_CHECKING:
    from monitor.model import Entry, ParsedFeed


@click.command(short_help="Show feeds as rasid reads them.")
@click.argument("sources", metavar="FILE|URL...", nargs=-1, required=True)
@config_option
@json_option
def parse(sources: tuple[str, ...], *, as_json: bool) -> int:
    """Show feeds as rasid reads them; with --json one object per source, each on a line.

    Goes on after a source that is no feed and exits with 65 then.
    """
    screen = Screen()
    code = 0
    for source in sources:
        try:
            feed = _parse(source)
        except DataError as error:
            click.echo(f"rasid: {error}", err=True)
            code = EX_DATA
            continue
        if as_json:
            click.echo(json_line(_answer(source, feed)))
        else:
            _show(screen, source, feed)
    return code


def _parse(source: str) -> ParsedFeed:
    from monitor.errors import FeedError
    from monitor.sources.feed import parse_feed

    document = read(source)
    try:
        return parse_feed(document.data, document.headers, document.url)
    except FeedError as error:
        raise DataError(f"{source}: {error}") from error


def _answer(source: str, feed: ParsedFeed) -> dict[str, Json]:
    return {
        "source": source,
        "kind": feed.kind,
        "title": feed.title,
        "link": feed.link,
        "language": feed.language,
        "entries": [_entry(entry) for entry in feed.entries],
        "warnings": list(feed.warnings),
    }


def _entry(entry: Entry) -> Json:
    return {
        "id": entry.id,
        "title": entry.title,
        "link": entry.link,
        "published": iso(entry.published),
        "updated": iso(entry.updated),
        "author": entry.author,
        "summary": entry.summary,
        "text": entry.text,
        "categories": list(entry.categories),
    }


def _show(screen: Screen, source: str, feed: ParsedFeed) -> None:
    screen.line(source, "bold")
    screen.line(joined([feed.kind, feed.language, count(len(feed.entries), "entry", "entries")]))
    screen.line(feed.title)
    for warning in feed.warnings:
        screen.line(f"warning: {warning}", "yellow")
    for entry in feed.entries:
        screen.line()
        screen.line(entry.title or "(no title)", "bold")
        screen.line(joined([iso(entry.published or entry.updated), entry.author, entry.link], "  "))
        for paragraph in entry.text.split("\n"):
            screen.line(paragraph)
    screen.line()
