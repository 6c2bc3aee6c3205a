"""`rasid parse`: a feed, sitemap or page as rasid reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answers import Json, count, iso, joined, json_line
from monitor.cli.clock import UTC
from monitor.cli.documents import read
from monitor.cli.options import config_option, json_option
from monitor.cli.terminal import Screen
from monitor.core.redact import without_login
from monitor.errors import EX_DATA, DataError, UsageError

if TYPE_CHECKING:
    from monitor.model import Entry, ParsedFeed


@click.command(short_help="Show feeds as rasid reads them.")
@click.argument("sources", metavar="FILE|URL...", nargs=-1, required=True)
@click.option(
    "--kind",
    type=click.Choice(["feed", "sitemap", "page"]),
    help="What the sources are (else: a page with --selector, a sitemap where it is one, a feed).",
)
@click.option("--selector", metavar="CSS", help="Of a page: what picks its links to articles.")
@config_option
@json_option
def parse(
    sources: tuple[str, ...], *, kind: str | None, selector: str | None, as_json: bool
) -> int:
    """Show feeds, sitemaps and pages as rasid reads them; with --json one object per source, each
    on a line.

    Goes on after a source that is no feed and exits with 65 then.
    """
    if selector is not None and kind not in (None, "page"):
        raise UsageError("--selector is for pages: --kind page")
    if selector is None and kind == "page":
        raise UsageError("a page needs a --selector, such as 'article h2 a'")
    screen = Screen()
    code = 0
    for source in sources:
        try:
            feed = _parse(source, kind, selector)
        except DataError as error:
            click.echo(f"rasid: {error}", err=True)
            code = EX_DATA
            continue
        if as_json:
            click.echo(json_line(_answer(source, feed)))
        else:
            _show(screen, source, feed)
    return code


def _parse(source: str, kind: str | None, selector: str | None) -> ParsedFeed:
    from monitor.errors import FeedError
    from monitor.sources.documents import read_document
    from monitor.sources.feed import LARGEST_DOCUMENT, parse_feed, titled
    from monitor.sources.packed import unpacked
    from monitor.sources.sitemap import kind_of

    document = read(source)
    try:
        data = unpacked(document.data, LARGEST_DOCUMENT)
        if kind is None:
            kind = "page" if selector else "sitemap" if kind_of(data) else "feed"
        headers, url = document.headers, document.url
        if kind == "feed":
            return parse_feed(data, headers, url)
        return titled(read_document(data, headers, url, kind=kind, selector=selector))
    except FeedError as error:
        raise DataError(f"{without_login(source)}: {error}") from error


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
    screen.line(without_login(source), "bold")
    screen.line(joined([feed.kind, feed.language, count(len(feed.entries), "entry", "entries")]))
    screen.line(feed.title)
    for warning in feed.warnings:
        screen.line(f"warning: {warning}", "yellow")
    for entry in feed.entries:
        screen.line()
        screen.line(entry.title, "bold")
        dated = entry.published or entry.updated
        when = UTC(dated.timestamp()) if dated else None
        screen.line(joined([when, entry.author, entry.link], "  "))
        for paragraph in entry.text.split("\n"):
            screen.line(paragraph, hang=0)
    screen.line()
