"""`rasid run` and `rasid once`: the watching itself."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from monitor.cli.answers import count, json_document
from monitor.cli.clock import Clock
from monitor.cli.options import config_option, json_option, load_config, loader
from monitor.cli.terminal import Counter, Screen

if TYPE_CHECKING:
    from monitor.service.once import OnceReport
    from monitor.settings.load import Config


@click.command(short_help="Watch until stopped.")
@config_option
def run() -> int:
    """Watch: poll the feeds, match, alert, until SIGTERM or ctrl-C.

    Logs to stderr; tells systemd when it is ready (Type=notify).
    """
    from monitor.app.logs import set_up
    from monitor.service.daemon import run as watch
    from monitor.service.sdnotify import Notifier
    from monitor.settings.known import secrets_of

    notifier = Notifier(os.environ)
    with _no_end_by_hangup():
        read_at = time.time()
        with notifier.extending():
            read = loader(addresses=True)
            config = read()
        set_up(
            config.log_level,
            config.log_format,
            sys.stderr,
            secrets=secrets_of(config),
            environ=os.environ,
            zone=Clock(config.timezone).zone,
        )
        return watch(config, read_again=read, notifier=notifier, read_at=read_at)


@contextmanager
def _no_end_by_hangup() -> Iterator[None]:
    """SIGHUP asks for the files to be read again. While they are being read for the first time it
    would end the process, and to systemd that is no failure: the service would stay down. What
    changes after that reading is noticed without it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


@click.command(short_help="One pass over all feeds, then exit.")
@config_option
@json_option
@click.option(
    "--dry-run", is_flag=True, help="Poll and match, but remember and send nothing; take no lock."
)
def once(*, as_json: bool, dry_run: bool) -> int:
    """Poll every feed that may be polled now, deliver what is due, exit.

    Exit code 75 means that a delivery failed and waits, or that another process holds the state;
    feeds that fail are no error.
    """
    from monitor.app.logs import set_up
    from monitor.service.once import once as pass_once
    from monitor.settings.known import secrets_of

    config = load_config(addresses=True)
    set_up(
        _log_level(config),
        config.log_format,
        sys.stderr,
        secrets=secrets_of(config),
        environ=os.environ,
        zone=Clock(config.timezone).zone,
    )
    logging.getLogger("rasid.feeds").setLevel("ERROR")  # failures are told at the end, each once
    counter = Counter("feeds")
    report = pass_once(
        config,
        dry_run=dry_run,
        out=sys.stderr if as_json else sys.stdout,
        progress=counter.show,
    )
    if as_json:
        click.echo(json_document(_answer(report)))
    else:
        _show(report)
    return report.exit_code


def summary(report: OnceReport) -> str:
    """One pass in one line."""
    held_back = f" ({report.held_back} held back)" if report.held_back else ""
    return (
        f"{count(report.polled, 'feed')} polled of {report.feeds} ({report.changed} changed, "
        f"{report.not_modified} not modified, {report.failed} failed), "
        f"{count(report.new_articles, 'new article')}, {count(report.alerts, 'alert')}, "
        f"{report.delivered} delivered, {report.pending} pending{held_back}, {report.seconds:.1f} s"
    )


COUNTED = (
    "alerts are rules that fired on articles; delivered are messages, each names all its rules"
)


def _log_level(config: Config) -> str:
    """A pass is over soon and tells what it did at its end: of its log only what is amiss."""
    return "warning" if config.log_level == "info" else config.log_level


def _show(report: OnceReport) -> None:
    for feed, why in report.failures:
        click.echo(f"feed {feed} failed: {why}", err=True)
    for why in report.unkept:
        click.echo(f"not stored: {why}", err=True)
    screen = Screen()
    screen.line(summary(report))
    if report.alerts or report.delivered:
        screen.line(f"({COUNTED})", "dim")
    if report.feeds and not report.polled:
        click.echo("no feed may be asked again yet: `rasid feeds list` tells when", err=True)


def _answer(report: OnceReport) -> dict[str, int | float]:
    return {
        "feeds": report.feeds,
        "polled": report.polled,
        "changed": report.changed,
        "not_modified": report.not_modified,
        "failed": report.failed,
        "new_articles": report.new_articles,
        "alerts": report.alerts,
        "delivered": report.delivered,
        "pending": report.pending,
        "seconds": report.seconds,
    }
