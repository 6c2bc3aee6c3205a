"""`rasid feeds discover`: the feeds and sitemaps of a site, and the lines to watch them by."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from monitor.cli.answers import count, iso, joined, json_document
from monitor.cli.clock import UTC
from monitor.cli.options import config_option, json_option
from monitor.cli.terminal import Screen
from monitor.core.redact import without_login
from monitor.errors import EX_DATA, EX_OK, DataError, FeedError

if TYPE_CHECKING:
    from monitor.cli.answers import Json
    from monitor.sources.discover import Found


@click.command("discover", short_help="Find the feeds and sitemaps of a site.")
@click.argument("url", metavar="URL")
@config_option
@json_option
def discover_feeds(url: str, *, as_json: bool) -> int:
    """Find the feeds and sitemaps of the site that URL belongs to: those that its page names, those
    in the usual places, those that its robots.txt names. Each is fetched and read, at most a dozen;
    exits with 65 where there is none."""
    url = url if "://" in url else f"https://{url}"
    found = find(url)
    if as_json:
        click.echo(
            json_document(
                {"url": without_login(url), "found": list(map(_answer, found, lines_of(found)))}
            )
        )
    else:
        _show(found)
    if not found:
        hint = f"a page of links can be watched too: {page_command(url)}"
        click.echo(f"rasid: {without_login(url)}: no feed and no sitemap found ({hint})", err=True)
    return EX_OK if found else EX_DATA


def find(url: str) -> tuple[Found, ...]:
    """What there is to watch at an address; DataError where it cannot be had."""
    from monitor.cli.documents import fetcher
    from monitor.sources.discover import discover

    async def search() -> tuple[Found, ...]:
        return await discover(url, fetcher().get)

    try:
        return asyncio.run(search())
    except FeedError as error:
        raise DataError(f"{without_login(url)}: {error}") from error


def lines_of(found: Sequence[Found]) -> list[str]:
    """The items of feeds.yaml that watch them. Names there must differ: of those with one title the
    first has it."""
    from monitor.settings.naming import one_line
    from monitor.settings.written import FeedItem, Style, written

    lines: list[str] = []
    named = {""}
    for each in found:
        values = [("url", each.url)]
        if (title := one_line(each.title)) not in named:
            values.append(("name", title))
        if each.kind != "feed":
            values.append(("kind", each.kind))
        lines.append(f"- {written(FeedItem(tuple(values)), Style())}")
        named.add(title)
    return lines


def add_command(found: Found, options: Mapping[str, str] = MappingProxyType({})) -> str:
    """What adds it to feeds.yaml, as a line to be typed."""
    given = {**options, "kind": found.kind if found.kind != "feed" else ""}
    return _command(found.url, given)


def page_command(url: str) -> str:
    """What has a page of links watched, as a line to be typed, with a selector to start from."""
    return _command(without_login(url), {"kind": "page", "selector": "article h2 a"})


def _command(url: str, options: Mapping[str, str]) -> str:
    import shlex

    words = [w for key, value in options.items() if value for w in (option_of(key), value)]
    return shlex.join(["rasid", "feeds", "add", url, *words])


def option_of(key: str) -> str:
    """The option that a key of feeds.yaml is given by."""
    return "URL" if key == "url" else f"--{key.replace('_', '-')}"


def _answer(found: Found, line: str) -> dict[str, Json]:
    return {
        "url": found.url,
        "kind": found.kind,
        "title": found.title,
        "entries": found.entries,
        "newest": iso(found.newest),
        "line": line,
    }


def _show(found: tuple[Found, ...]) -> None:
    screen = Screen()
    for each, line in zip(found, lines_of(found), strict=True):
        screen.line(each.url, "bold")
        entries = count(each.entries, "entry", "entries")
        newest = f"newest {UTC(each.newest.timestamp())}" if each.newest else "undated"
        screen.line(joined([each.kind, entries, newest, each.title or None]))
        screen.verbatim(line)
        screen.verbatim(add_command(each))
        screen.line()
