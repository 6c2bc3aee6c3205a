"""`rasid mute RULE 2h`: a rule's alerts are recorded and not sent for a while."""

from __future__ import annotations

import difflib
import time

import click

from monitor.cli.answers import iso
from monitor.cli.options import config_option
from monitor.cli.span import Duration
from monitor.errors import UsageError


@click.command(short_help="Record a rule's alerts without sending them, for a while.")
@click.argument("rule")
@click.argument("duration", type=Duration(), metavar="2h")
@config_option
def mute(rule: str, duration: float) -> int:
    """Record the alerts of RULE without sending them, for so long (30m, 2h, 7d); 0s ends it."""
    from monitor.cli.asking import ask
    from monitor.cli.memory import look
    from monitor.model import Request, Wish

    memory = look()
    names = [each.name for each in memory.config.rules]
    if rule not in names:
        close = difflib.get_close_matches(rule, names, 1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise UsageError(f"no rule is named {rule}{hint}")
    until = time.time() + duration
    answer = ask(memory, Request(Wish.MUTE, rule=rule, until=until))
    end = f"muted until {iso(until)}" if duration else "not muted any more"
    click.echo(f"{rule}: {end}: {answer}")
    return 0
