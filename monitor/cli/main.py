"""The command `rasid`: puts the commands together and gives every error its words and its code.

It must not know what a command does. Commands import what they need when they run, so that
`rasid --help` and `rasid --version` answer at once.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from monitor.cli.alerts import alerts
from monitor.cli.channels import channels
from monitor.cli.doctor import doctor
from monitor.cli.explain import explain
from monitor.cli.feeds import feeds
from monitor.cli.match import match
from monitor.cli.mute import mute
from monitor.cli.options import config_option
from monitor.cli.outbox import outbox
from monitor.cli.parse import parse
from monitor.cli.places import places
from monitor.cli.rules import rules
from monitor.cli.schema import schema
from monitor.cli.setup import check, demo, init
from monitor.cli.state import state
from monitor.cli.status import status
from monitor.cli.terminal import Screen
from monitor.cli.watch import once, run
from monitor.errors import EX_IOERR, EX_SOFTWARE, EX_USAGE, ConfigError, RasidError

EX_INTERRUPTED = 130  # 128 + SIGINT, as a shell shows it
EX_PIPE = 141  # 128 + SIGPIPE, as a shell shows it


class Program(click.Group):
    """The group of all commands; a reader that goes away (`rasid match | head`) is no error."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _let_go_of_stdout()
            return EX_PIPE
        return code


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@config_option
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback of any error.")
@click.version_option(package_name="rasid", message="rasid %(version)s")
def rasid() -> None:
    """Rasid (راصد) watches Arabic news feeds and alerts on keywords and places.

    First steps: `rasid demo` shows it at work, offline; `rasid init DIR` writes a configuration
    to start from; `rasid check -c DIR` tells whether it is right.
    """


for _command in (
    run, once, check, init, explain, match, parse, status, feeds, rules, places, channels, outbox,
    alerts, mute, state, schema, doctor, demo,
):  # fmt: skip
    rasid.add_command(_command)


def main(args: Sequence[str] | None = None) -> int:
    """Runs the command line `args` (default: the process's) and returns the exit code."""
    given = list(sys.argv[1:] if args is None else args)
    _speak_utf8()
    try:
        return int(rasid.main(given, prog_name="rasid", standalone_mode=False) or 0)
    except click.exceptions.Abort:
        return EX_INTERRUPTED
    except click.ClickException as error:
        error.show()
        return EX_USAGE
    except Exception as error:  # noqa: BLE001 - the last stop: every error leaves as words and code
        if "--debug" in given:
            traceback.print_exception(error)
        return _tell(error)


def _tell(error: Exception) -> int:
    """Says on stderr what went wrong, in one sentence, and returns the exit code for it."""
    screen = Screen(sys.stderr)
    if isinstance(error, ConfigError):
        screen.line(str(error))
        return error.exit_code
    if isinstance(error, RasidError):
        screen.line(f"rasid: {error}")
        return error.exit_code
    if isinstance(error, OSError):
        screen.line(f"rasid: cannot read or write: {error}")
        return EX_IOERR
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    hint = "put --debug before the command to see where"
    screen.line(f"rasid: a fault in rasid itself: {what} ({hint})")
    return EX_SOFTWARE


def _speak_utf8() -> None:
    """Arabic goes out as UTF-8 under any locale; what cannot be encoded is shown escaped."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(encoding="utf-8", errors="backslashreplace")


def _let_go_of_stdout() -> None:
    """Keeps the interpreter from complaining when it flushes at exit (Python docs, signal)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
