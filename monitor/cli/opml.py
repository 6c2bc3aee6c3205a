"""`rasid feeds import` and `rasid feeds export`: lists of feeds, from other readers and for them.

What an imported list says beyond what feeds.yaml has keys for is kept beside it, in feeds.opml, so
that an export gives it back. That file is OPML too, and may be deleted at any time.
"""

from __future__ import annotations

import os
import sys
import time
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.answers import Json, count, joined, json_document
from monitor.cli.options import config_option, directory, json_option
from monitor.cli.terminal import Screen
from monitor.core.redact import without_login
from monitor.errors import EX_DATA, EX_OK, DataError

if TYPE_CHECKING:
    from monitor.app.outlines import Given, Taken
    from monitor.settings.edit import Current
    from monitor.settings.splice import ListText
    from monitor.sources.opml import Outlines

BESIDE = "feeds.opml"
_TITLE = "Rasid"


@click.command("import", short_help="Add the feeds of an OPML file.")
@click.argument("source", metavar="FILE|URL|-")
@click.option("--dry-run", is_flag=True, help="Only show what would be added.")
@config_option
@json_option
def import_feeds(source: str, *, dry_run: bool, as_json: bool) -> int:
    """Add the feeds of an OPML file, as other readers export it, to feeds.yaml. Folders become
    categories, one inside another joined by ` / `. No server is asked.

    Goes on after an entry that cannot be taken and exits with 65 then.
    """
    from monitor.app.outlines import remember, take
    from monitor.settings.edit import edit
    from monitor.settings.splice import append

    here = directory()
    read, known = _read(source), _known(here)
    taken: list[Taken] = []

    def change(current: Current) -> ListText:
        taken.append(found := take(read, current.feeds))
        return append(current.text, found.new) if found.new else current.text

    now = edit(here, os.environ, change, dry_run=dry_run)
    if not dry_run:
        _keep(here, remember(known, read, now.feeds))
    (done,) = taken
    if as_json:
        click.echo(json_document(_answer(done, read, dry_run=dry_run)))
    else:
        _tell(done, read, dry_run=dry_run)
    return EX_DATA if done.skipped else EX_OK


@click.command("export", short_help="Write the feeds as OPML.")
@click.argument("file", metavar="[FILE|-]", type=click.Path(path_type=Path), default=Path("-"))
@config_option
def export_feeds(file: Path) -> int:
    """Write all feeds as OPML 2.0, for other readers and for `rasid feeds import`, to standard
    output or into FILE. An export may be shared: it holds no logins, headers and proxies.
    """
    from monitor.app.outlines import give
    from monitor.settings.edit import current
    from monitor.settings.replace import write_whole

    here = directory()
    now = current(here, os.environ)
    given = give(zip(now.items, now.feeds, strict=True), _known(here))
    text = _formatted(given.outlines)
    if file == Path("-"):
        sys.stdout.write(text)
    else:
        write_whole(file, text.encode())
        click.echo(f"{file}: {count(len(now.feeds), 'feed')} exported", err=True)
    _tell_left_out(given)
    return EX_OK


def _read(source: str) -> Outlines:
    from monitor.cli.documents import read
    from monitor.sources.opml import parse_opml

    document = read(source)
    try:
        return parse_opml(document.data, document.headers.get("content-type", ""))
    except DataError as error:
        raise DataError(f"{without_login(source)}: {error}") from error


def _known(here: Path) -> Outlines:
    """What earlier imports left beside feeds.yaml."""
    from monitor.sources.opml import Outlines, parse_opml

    path = here / BESIDE
    try:
        return parse_opml(path.read_bytes())
    except FileNotFoundError:
        return Outlines()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from error
    except DataError as error:
        raise DataError(f"{path}: {error}: repair it or delete it") from error


def _keep(here: Path, kept: Outlines | None) -> None:
    from monitor.settings.edit import FILE
    from monitor.settings.replace import write_whole

    if kept is not None:
        text = _formatted(kept)
        write_whole(here / BESIDE, text.encode(), like=here / FILE)


def _formatted(outlines: Outlines) -> str:
    from monitor.sources.opml import format_opml

    return format_opml(outlines, title=_TITLE, created=formatdate(time.time(), usegmt=True))


# --- what is said ---------------------------------------------------------------------------------


def _answer(done: Taken, read: Outlines, *, dry_run: bool) -> Json:
    added: list[Json] = [
        {"url": without_login(i.url), "name": i.name or None, "category": i.get("category") or None}
        for i in done.new
    ]
    present: list[Json] = [without_login(url) for url in done.present]
    skipped: list[Json] = [
        {"line": each.line, "url": each.url, "reason": each.reason, "whole": each.whole}
        for each in done.skipped
    ]
    return {
        "dry_run": dry_run,
        "added": added,
        "present": present,
        "skipped": skipped,
        "others": read.others,
        "warning": read.warning,
    }


def _tell(done: Taken, read: Outlines, *, dry_run: bool) -> None:
    screen, errors = Screen(), Screen(sys.stderr)
    if read.warning:
        errors.line(f"warning: {read.warning}")
    verb = "would add" if dry_run else "added"
    rows = [[verb, without_login(i.url), joined([i.name, i.get("category")])] for i in done.new]
    screen.rows([*rows, *(["already there", without_login(url), ""] for url in done.present)])
    for each in done.skipped:
        what = "skipped" if each.whole else "taken without"
        errors.line(f"line {each.line}: {what}: {each.url}: {each.reason}")
    screen.line(_summary(done, read, verb))


def _summary(done: Taken, read: Outlines, verb: str) -> str:
    skipped = sum(each.whole for each in done.skipped)
    parts = [
        f"{len(done.new)} {verb}" if verb == "added" else f"{verb} {len(done.new)}",
        f"{len(done.present)} already there",
        f"{skipped} skipped",
        f"{count(read.others, 'outline')} without a feed" if read.others else None,
    ]
    return joined(parts)


def _tell_left_out(given: Given) -> None:
    if given.logins:
        click.echo(
            f"left out: the logins in the addresses of {count(given.logins, 'feed')}", err=True
        )
    if given.private:
        click.echo(f"left out: headers_file and proxy of {count(given.private, 'feed')}", err=True)
