"""`rasid feeds add` and `rasid feeds remove`: feeds.yaml changed as a careful hand would.

What is added has been fetched and read before, as the watcher will do it. A running watcher takes
the change over by itself.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.answers import Json, count, joined, json_document
from monitor.cli.completing import feed_names, kinds
from monitor.cli.discover import add_command, option_of, page_command
from monitor.cli.options import config_option, directory, json_option
from monitor.cli.terminal import Screen
from monitor.core.redact import without_login
from monitor.errors import EX_DATA, EX_OK, DataError, FeedError, UsageError
from monitor.model import FeedRow, FetchFailed

if TYPE_CHECKING:
    from monitor.errors import Problem
    from monitor.model import Feed, Fetched
    from monitor.settings.edit import Current
    from monitor.settings.load import Config
    from monitor.settings.splice import ListText
    from monitor.settings.written import FeedItem
    from monitor.sources.discover import Found
    from monitor.sources.fetch import HttpFetcher


@click.command(short_help="Add a feed.")
@click.argument("url", metavar="URL")
@click.option("--name", default="", help="What messages call it; else its own title.")
@click.option("--category", default="", help="A word that rules can filter on.")
@click.option("--language", default="", help="Of its articles, such as ar.")
@click.option("--interval", default="", help="How often it is checked, such as 10m.")
@click.option(
    "--kind",
    default="",
    metavar="feed|sitemap|page",
    shell_complete=kinds,
    help="What is at the address.",
)
@click.option("--selector", default="", help="Of a page: a CSS selector of its links.")
@click.option("--full-text", default="", metavar="true|false|auto", help="Read articles whole.")
@click.option("--headers-file", default="", metavar="FILE", help="Request headers, beside it.")
@click.option("--proxy", default="", metavar="URL", help="For this feed alone.")
@click.option("--disabled", is_flag=True, help="Written down, and not checked for now.")
@click.option("--no-check", is_flag=True, help="Without asking the server.")
@config_option
@json_option
def add(url: str, *, disabled: bool, no_check: bool, as_json: bool, **options: str) -> int:
    """Add a feed to feeds.yaml, which else stays as it is, byte for byte.

    The address is fetched first, and must be a feed. Of a site's page the feed is looked for: one
    is added, several are shown, with the lines to choose from (exit code 65).
    """
    from monitor.settings.edit import current, edit
    from monitor.settings.splice import append

    item = _asked(url, options, disabled=disabled)
    here, environ = directory(), os.environ
    now = current(here, environ)
    _refuse_taken_name(item, now)
    config, feed = _feed_of(here, item)
    if (there := now.index_of(item.url)) is not None:
        return _tell_present(now.feeds[there], item, as_json=as_json)
    seen = Seen(item) if no_check else asyncio.run(_look(config, feed, item))
    if seen.several:
        return _tell_several(seen.several, options, as_json=as_json)
    if (there := now.index_of(seen.item.url)) is not None:
        return _tell_present(now.feeds[there], item, page=seen.page, as_json=as_json)

    def change(current: Current) -> ListText:
        return append(current.text, [_named(seen, current)])

    added = edit(here, environ, change, seen=now)
    return _tell_added(added.feeds[-1], seen, as_json=as_json)


@click.command(short_help="Remove feeds.")
@click.argument("feeds", metavar="URL|NAME...", nargs=-1, required=True, shell_complete=feed_names)
@config_option
@json_option
def remove(feeds: tuple[str, ...], *, as_json: bool) -> int:
    """Remove feeds from feeds.yaml, each with its lines and the comments on them; all else stays,
    comments above them too. What waits to be sent of them is still sent.
    """
    from monitor.settings.edit import edit
    from monitor.settings.splice import remove as without

    gone: list[Feed] = []

    def change(current: Current) -> ListText:
        indexes = sorted({_find(current, each) for each in feeds}, reverse=True)
        text = current.text
        for index in indexes:
            text = without(text, index)
        gone.extend(current.feeds[index] for index in reversed(indexes))
        return text

    edit(directory(), os.environ, change)
    if as_json:
        removed: list[Json] = [_shown(feed) for feed in gone]
        click.echo(json_document({"removed": removed}))
        return EX_OK
    Screen().rows([["removed", without_login(feed.url), feed.name] for feed in gone])
    return EX_OK


# --- what is asked for ----------------------------------------------------------------------------


def _asked(url: str, options: dict[str, str], *, disabled: bool) -> FeedItem:
    """The feed as the command line words it, in the order of keys that feeds.yaml has."""
    from monitor.settings.written import FeedItem, Value

    values: dict[str, Value] = {"url": url.strip(), **options}
    for key, value in values.items():
        _refuse_broken(key, str(value))
    if options["full_text"] in ("true", "false"):
        values["full_text"] = options["full_text"] == "true"
    if disabled:
        values["enabled"] = False
    return FeedItem(tuple((key, value) for key, value in values.items() if value != ""))


def _refuse_broken(key: str, value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{option_of(key)}: is not UTF-8") from None


def _refuse_taken_name(item: FeedItem, now: Current) -> None:
    names = [each.name for each in now.items]
    if item.name and item.name in names:
        where = without_login(now.items[names.index(item.name)].url)
        raise UsageError(f"--name: {item.name} is the name of another feed, {where}")


def _feed_of(here: Path, item: FeedItem) -> tuple[Config, Feed]:
    """The feed as the loader reads it, headers and all; UsageError tells every wrong option."""
    from monitor.settings.edit import asked_for

    config, problems = asked_for(here, os.environ, item)
    if problems:
        raise UsageError("; ".join(map(_option_fault, problems)))
    return config, config.feeds[0]


def _option_fault(problem: Problem) -> str:
    hint = f" ({problem.suggestion})" if problem.suggestion else ""
    return f"{option_of(problem.key)}: {problem.reason}{hint}"


# --- what is there --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """What the address turned out to be: the feed to add, its own title and number of entries; the
    page that it was found from, the address that it moved from; or several to choose from."""

    item: FeedItem
    title: str = ""
    entries: int | None = None
    page: str | None = None
    moved_from: str | None = None
    several: tuple[Found, ...] = ()


async def _look(config: Config, feed: Feed, item: FeedItem) -> Seen:
    """Fetches the address as the watcher would. Raises DataError where there is no feed."""
    from monitor.cli.documents import fetcher_of

    fetcher = fetcher_of(config)
    answer = await fetcher.fetch(feed, FeedRow(feed.id, feed.url))
    if isinstance(answer, FetchFailed):
        what = f"{without_login(feed.url)}: {answer.kind}: {answer.detail}"
        raise DataError(f"{what}; --no-check adds it all the same")
    fetched: Fetched = answer  # type: ignore[assignment] # without validators nothing is unchanged
    try:
        title, entries = _read(fetched, feed)
    except FeedError as error:
        if feed.kind != "feed":
            raise DataError(f"{without_login(feed.url)}: {error}") from error
        return await _discovered(fetcher, feed, item, error)
    moved = fetched.moved_to if without_login(feed.url) == feed.url else None
    if moved:
        return Seen(item.with_value("url", moved), title, entries, moved_from=feed.url)
    return Seen(item, title, entries)


def _read(fetched: Fetched, feed: Feed) -> tuple[str, int]:
    """The title and the number of entries. Raises FeedError."""
    from monitor.sources.documents import read_document
    from monitor.sources.feed import LARGEST_DOCUMENT
    from monitor.sources.packed import unpacked

    body = unpacked(fetched.body, LARGEST_DOCUMENT)
    read = read_document(body, fetched.headers, fetched.url, kind=feed.kind, selector=feed.selector)
    return read.title or "", len(read.entries)


async def _discovered(fetcher: HttpFetcher, feed: Feed, item: FeedItem, error: FeedError) -> Seen:
    from monitor.sources.discover import discover

    found = await discover(feed.url, fetcher.get)
    if not found:
        what = f"{without_login(feed.url)}: {error}, and no feed is found from there"
        raise DataError(f"{what} (to watch it as a page of links: {page_command(feed.url)})")
    itself = [each for each in found if each.url == feed.url]
    feeds = [each for each in found if each.kind == "feed"] or found  # sitemaps are second best
    if not itself and len(feeds) > 1:
        return Seen(item, several=found)
    one = (itself or feeds)[0]
    item = item.with_value("url", one.url)
    if one.kind != "feed":
        item = item.with_value("kind", one.kind)
    return Seen(item, one.title, one.entries, page=None if itself else feed.url)


def _named(seen: Seen, now: Current) -> FeedItem:
    """The feed with a name: the given one, else its own title, made one that no other has."""
    from monitor.settings.naming import free_name, one_line

    title = one_line(seen.title)
    if seen.item.name or not title:
        return seen.item
    name = free_name(title, seen.item.url, {feed.name for feed in now.feeds})
    values = dict(seen.item.values)
    return type(seen.item)((("url", values.pop("url")), ("name", name), *values.items()))


def _find(now: Current, wanted: str) -> int:
    """The number of the feed with this address or name; UsageError where there is none."""
    from monitor.settings.feeds_file import faults_of
    from monitor.settings.report import did_you_mean

    if wanted in (names := [feed.name for feed in now.feeds]):
        return names.index(wanted)
    if not faults_of({"url": wanted}) and (there := now.index_of(wanted)) is not None:
        return there
    urls = [without_login(feed.url) for feed in now.feeds]
    if wanted in urls:
        return urls.index(wanted)
    hint = did_you_mean(wanted, urls if "://" in wanted else names)
    raise UsageError(f"no feed is {without_login(wanted)}{f' ({hint})' if hint else ''}")


# --- what is said ---------------------------------------------------------------------------------


def _shown(feed: Feed) -> dict[str, Json]:
    return {"url": without_login(feed.url), "name": feed.name, "category": feed.category}


def _tell_present(feed: Feed, asked: FeedItem, *, page: str | None = None, as_json: bool) -> int:
    """What is there stays as it is, whatever was asked for beside it."""
    if as_json:
        click.echo(json_document({"state": "present", **_shown(feed)}))
        return EX_OK
    screen = Screen()
    screen.line(f"already there: {without_login(feed.url)}  {feed.name}")
    if page:
        screen.line(f"found from the page {without_login(page)}")
    keys = [key for key, _ in asked.values if key != "url"]
    if keys:
        options = joined("--disabled" if key == "enabled" else option_of(key) for key in keys)
        screen.line(f"not applied: {options} (edit feeds.yaml to change what is there)")
    return EX_OK


def _tell_added(feed: Feed, seen: Seen, *, as_json: bool) -> int:
    if as_json:
        more: dict[str, Json] = {
            "kind": feed.kind,
            "entries": seen.entries,
            "found_from": seen.page and without_login(seen.page),
            "moved_from": seen.moved_from,
        }
        click.echo(json_document({"state": "added", **_shown(feed), **more}))
        return EX_OK
    entries = None if seen.entries is None else count(seen.entries, "entry", "entries")
    screen = Screen()
    screen.line(joined([f"added {without_login(feed.url)}", entries, feed.name], "  "))
    if seen.page:
        screen.line(f"found from the page {without_login(seen.page)}")
    if seen.moved_from:
        screen.line(f"{seen.moved_from} has moved there for good")
    return EX_OK


def _tell_several(found: tuple[Found, ...], options: dict[str, str], *, as_json: bool) -> int:
    """Shows what there is to choose from, as lines to be typed."""
    if as_json:
        several: list[Json] = [
            {"url": each.url, "kind": each.kind, "title": each.title, "entries": each.entries}
            for each in found
        ]
        click.echo(json_document({"state": "several", "found": several}))
        return EX_DATA
    screen = Screen()
    click.echo("rasid: several are found: add one of them", err=True)
    for each in found:
        screen.verbatim(add_command(each, options))
        screen.line(joined(["   ", count(each.entries, "entry", "entries"), each.title], "  "))
    return EX_DATA
