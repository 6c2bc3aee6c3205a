"""`rasid doctor`: what somebody else needs to know to help, in one report without secrets.

It looks only: no lock, no file, and no network unless asked to. What cannot be found out is a line
of the report, never its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from monitor.cli.answers import Json, iso, json_document
from monitor.cli.clock import Clock
from monitor.cli.options import config_option, directory, json_option
from monitor.cli.terminal import Screen
from monitor.errors import EX_OK, ConfigError

if TYPE_CHECKING:
    from monitor.cli.examination import Case, Look, Note
    from monitor.core.redact import Redactor

NEEDS_A_LOOK: Final = 1


@click.command(short_help="A report for those who are to help, without secrets.")
@click.option("--network", is_flag=True, help="Ask the name server for the feeds' hosts, too.")
@config_option
@json_option
def doctor(*, network: bool, as_json: bool) -> int:
    """Tell all that somebody else needs to know to help, without secrets: versions, the check of
    the configuration, the state, the machine, what went wrong lately. It changes nothing and asks
    nobody, but for --network.

    Exit code 0: all is well; 1: something needs a look, and is marked with `!`.
    """
    sections = _examine(network=network, as_json=as_json)
    amiss = any(note.amiss for notes in sections.values() for note in notes)
    if as_json:
        report: dict[str, Json] = {n: list(map(_answer, notes)) for n, notes in sections.items()}
        click.echo(json_document({"well": not amiss, "report": report}))
    else:
        _show(Screen(), sections, amiss=amiss)
    return NEEDS_A_LOOK if amiss else EX_OK


def _answer(note: Note) -> Json:
    return {"what": note.what, "value": note.value, "amiss": note.amiss}


def _show(screen: Screen, sections: Mapping[str, tuple[Note, ...]], *, amiss: bool) -> None:
    for name, notes in sections.items():
        screen.line(name, "bold")
        for note in notes:
            mark = "!" if note.amiss else " "
            style = "bold red" if note.amiss else None
            screen.line(f"{mark} {note.what}: {note.value}", style, hang=4)
    screen.line("something needs a look: the lines with !" if amiss else "all is well")


def _examine(*, network: bool, as_json: bool) -> dict[str, tuple[Note, ...]]:
    """The report by its sections, with every known secret taken out."""
    import os
    import time

    from monitor.cli import examination as look
    from monitor.core.redact import Redactor
    from monitor.settings.known import secrets_of
    from monitor.settings.load import survey

    sections: dict[str, Iterable[Note]] = {
        "program": look.on_program(),
        "machine": look.on_machine(),
    }
    try:
        folder = directory()
        config, _ = survey(folder, environ=os.environ)
    except ConfigError as error:
        sections["configuration"] = look.problems(map(str, error.problems))
        return _redacted(sections, Redactor())
    clock = Clock(config.timezone)
    case = look.Case(folder, config, time.time(), (lambda at: str(iso(at))) if as_json else clock)
    looks: dict[str, Look] = {
        "configuration": look.on_configuration, "files": look.on_files, "state": look.on_state,
        "clock": look.on_clock, "feeds": look.on_feeds, "health": look.on_health,
        "service": look.on_service,
    }  # fmt: skip
    if network:
        looks["network"] = look.on_network
    sections |= {name: _looked(each, case) for name, each in looks.items()}
    return _redacted(sections, Redactor(secrets_of(config)))


def _looked(look: Look, case: Case) -> Iterator[Note]:
    """What a look finds; one that fails says so and is over."""
    from monitor.cli.examination import Note

    try:
        yield from look(case)
    except Exception as error:  # noqa: BLE001 - a report on what is broken must not break by it
        yield Note("cannot be told", f"{type(error).__name__}: {error}", amiss=True)


def _redacted(
    sections: Mapping[str, Iterable[Note]], redact: Redactor
) -> dict[str, tuple[Note, ...]]:
    def clean(note: Note) -> Note:
        return replace(note, what=redact(note.what), value=redact(note.value))

    return {name: tuple(map(clean, notes)) for name, notes in sections.items()}
