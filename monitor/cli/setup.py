"""`rasid init`, `rasid check` and `rasid demo`: from nothing to a configuration that is right."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.answers import count
from monitor.cli.options import config_option, load_config
from monitor.cli.terminal import Screen

if TYPE_CHECKING:
    from monitor.settings.load import Config


@click.command(short_help="Write a configuration to start from.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@config_option
def init(folder: Path) -> int:
    """Write a configuration to start from into DIR; what is there already is never overwritten."""
    from monitor.settings.json_schema import write_schemas
    from monitor.settings.packaged import write_starter

    for path in write_starter(folder):
        click.echo(f"wrote {path}")
    click.echo(f"wrote {write_schemas(folder)[0].parent}, by which editors complete and check them")
    click.echo(f"Next: edit {folder / 'feeds.yaml'} and {folder / 'rules.yaml'}, then")
    click.echo(f"  rasid check -c {folder}")
    click.echo(f"  rasid once  -c {folder}")
    return 0


@click.command(short_help="Validate the configuration, examples of rules included.")
@config_option
def check() -> int:
    """Validate the configuration, examples of rules included.

    Prints every fault as FILE:LINE:COLUMN: KEY: reason and exits with 78; 0 where all is right.
    """
    config = load_config(addresses=True, examples=True)
    for warning in config.warnings:
        Screen(sys.stderr).line(f"warning: {warning}")
    Screen().line(_summary(config))
    return 0


@click.command(short_help="See it at work, offline, in a few seconds.")
@config_option
def demo() -> int:
    """See it at work: invented papers, a mail server of its own, nothing beyond this machine."""
    from monitor.demo.scenario import play

    return play(sys.stdout)


def _summary(config: Config) -> str:
    rules = [rule for rule in config.rules if rule.enabled]
    examples = sum(len(rule.examples_match) + len(rule.examples_no_match) for rule in rules)
    feeds = sum(feed.enabled for feed in config.feeds)
    places = len(config.gazetteer.places)
    return (
        f"{config.directory}: all is right: {count(feeds, 'feed')}, {count(len(rules), 'rule')}, "
        f"{count(len(config.channels), 'channel')}, {count(places, 'place')}, "
        f"{count(examples, 'example')} passed"
    )
