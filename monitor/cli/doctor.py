"""`rasid doctor`: what somebody else needs to know to help, in one report without secrets.

It looks only: no lock, no file, and no network unless asked to. What cannot be found out is a line
of the report, never its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from monitor.cli.answers import Json, count, iso, json_document
from monitor.cli.options import config_option, directory, json_option
from monitor.cli.terminal import Screen
from monitor.core.redact import without_login
from monitor.errors import EX_OK, ConfigError

if TYPE_CHECKING:
    from monitor.core.redact import Redactor
    from monitor.settings.load import Config

NEEDS_A_LOOK: Final = 1
LITTLE_ROOM: Final = 100_000_000  # bytes
MOST_LINES: Final = 20  # of one kind: a report is to be read
_SKEW: Final = 60.0  # seconds that two clocks' readings may differ by
_PATIENCE: Final = 5.0  # seconds for a name server
_VARIABLES: Final = (
    "RASID_CONFIG", "STATE_DIRECTORY", "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC",
    "INVOCATION_ID", "HTTP_PROXY", "HTTPS_PROXY", "LANG", "LC_ALL", "TZ", "PYTHONUTF8",
)  # fmt: skip
_SHOWN_VALUES: Final = frozenset(("LANG", "LC_ALL", "TZ", "PYTHONUTF8"))


@dataclass(frozen=True, slots=True)
class Note:
    """One line of the report; `amiss`: it needs a look."""

    what: str
    value: str
    amiss: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """What is looked at: the folder, what can be made of its files, and the moment."""

    folder: Path
    config: Config
    now: float


Look = Callable[[Case], Iterable[Note]]


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
    sections = _examine(network=network)
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
            screen.line(f"{mark} {note.what}: {note.value}", "bold red" if note.amiss else None)
    screen.line("something needs a look: the lines with !" if amiss else "all is well")


def _examine(*, network: bool) -> dict[str, tuple[Note, ...]]:
    """The report by its sections, with every known secret taken out."""
    import os
    import time

    from monitor.core.redact import Redactor
    from monitor.settings.known import secrets_of
    from monitor.settings.load import survey

    sections: dict[str, Iterable[Note]] = {"program": _program(), "machine": _machine()}
    try:
        folder = directory()
        config, _ = survey(folder, environ=os.environ)
    except ConfigError as error:
        sections["configuration"] = _problems(map(str, error.problems))
        return _redacted(sections, Redactor())
    case = Case(folder, config, time.time())
    looks: dict[str, Look] = {
        "configuration": _configuration, "files": _files, "state": _state, "clock": _clock,
        "feeds": _feeds, "health": _health, "service": _service,
    }  # fmt: skip
    if network:
        looks["network"] = _network
    sections |= {name: _looked(look, case) for name, look in looks.items()}
    return _redacted(sections, Redactor(secrets_of(config)))


def _looked(look: Look, case: Case) -> Iterator[Note]:
    """What a look finds; one that fails says so and is over."""
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


def _problems(told: Iterable[str]) -> Iterator[Note]:
    yield from _first([Note("problem", each, amiss=True) for each in told], "problem")


def _first(notes: list[Note], what: str) -> Iterator[Note]:
    """The first of many lines, and how many more there are."""
    yield from notes[:MOST_LINES]
    if len(notes) > MOST_LINES:
        yield Note(what, f"and {len(notes) - MOST_LINES} more", notes[MOST_LINES].amiss)


# --- the program and the machine ------------------------------------------------------------------


def _program() -> Iterator[Note]:
    import re
    import sys
    from importlib.metadata import PackageNotFoundError, requires, version

    yield Note("rasid", version("rasid"))
    yield Note("python", f"{sys.version.split()[0]} ({sys.implementation.name})")
    yield Note("installed in", sys.prefix)
    for wanted in requires("rasid") or ():
        name = re.split(r"[^A-Za-z0-9._-]", wanted)[0]
        if "extra ==" in wanted:
            continue
        try:
            yield Note(name, version(name))
        except PackageNotFoundError:
            yield Note(name, "is missing", amiss=True)


def _machine() -> Iterator[Note]:
    import locale
    import os
    import platform
    import resource
    import sys

    yield Note("system", platform.platform())
    yield Note("libc", " ".join(platform.libc_ver()))
    yield Note("processors", str(os.cpu_count()))
    yield Note("open files", f"at most {resource.getrlimit(resource.RLIMIT_NOFILE)[0]}")
    yield Note("user", "root" if os.geteuid() == 0 else "not root")
    encoding = locale.getpreferredencoding(do_setlocale=False)
    yield Note("encoding", f"{encoding}, output {sys.stdout.encoding}")
    for name in _VARIABLES:
        if value := os.environ.get(name):
            yield Note(f"${name}", value if name in _SHOWN_VALUES else "set")


# --- the configuration and its files --------------------------------------------------------------


def _configuration(case: Case) -> Iterator[Note]:
    from monitor.cli.options import load_config

    yield Note("folder", str(case.folder))
    try:
        checked = load_config(addresses=True, examples=True)
    except ConfigError as error:
        yield from _problems(map(str, error.problems))
        checked = case.config
    else:
        yield Note("check", "all is right")
    yield from _first([Note("warning", str(each)) for each in checked.warnings], "warning")
    yield Note("feeds", count(len(checked.feeds), "feed"))
    yield Note("rules", count(len(checked.rules), "rule"))
    kinds = sorted(channel.url.partition("://")[0] or "?" for channel in checked.channels)
    yield Note("channels", f"{len(kinds)}: {', '.join(kinds)}", amiss=not kinds)
    yield Note("operator", "told" if checked.operator else "none")


def _files(case: Case) -> Iterator[Note]:
    from monitor.settings.report import FILES

    named = [path for path in case.config.files if path.parent != case.folder]
    for path in (*(case.folder / name for name in FILES), *case.config.files):
        shown = str(path) if path in named else path.name
        try:
            status = path.stat()
        except OSError as error:
            missing_ok = path.name in ("feeds.yaml", "places.yaml")
            yield Note(shown, error.strerror or "cannot be read", amiss=not missing_ok)
            continue
        told = f"{status.st_size} bytes, mode {status.st_mode & 0o7777:04o}, {iso(status.st_mtime)}"
        yield Note(shown, told)


# --- the state ------------------------------------------------------------------------------------


def _state(case: Case) -> Iterator[Note]:
    import os
    import shutil

    from monitor.stores import inventory
    from monitor.stores.lock import holder

    root = case.config.state
    yield Note("folder", str(root))
    place = next(path for path in (root, *root.absolute().parents) if path.exists())
    room = shutil.disk_usage(place)
    free = f"{room.free / 1e6:,.0f} MB of {room.total / 1e6:,.0f} MB free"
    yield Note("disk", free, amiss=room.free < LITTLE_ROOM)
    yield Note("inodes", f"{os.statvfs(place).f_favail:,} free")
    if not root.exists():
        yield Note("state", "there is none yet")
        return
    mode = root.stat().st_mode & 0o7777
    yield Note("mode", f"{mode:04o}", amiss=bool(mode & 0o077))
    sizes = [path.stat().st_size for path in root.rglob("*") if path.is_file()]
    yield Note("size", f"{count(len(sizes), 'file')}, {sum(sizes) / 1e6:,.1f} MB")
    yield Note("held by a process", "yes" if holder(root) is not None else "no")
    found = [inventory.examine(root, name) for name in inventory.names(root)]
    faults = [
        Note(fault.path, f"{fault.verdict.value}: {fault.reason}", amiss=True)
        for fault in found
        if fault
    ]
    yield Note("verified", f"{count(len(found), 'file')}, {len(faults)} faulty", bool(faults))
    yield from _first(faults, "faulty")


def _clock(case: Case) -> Iterator[Note]:
    import time

    from monitor.stores.tiny import TinyStore

    yield Note("now", str(iso(case.now)))
    yield Note("zone of the machine", time.strftime("%Z %z"))
    yield Note("zone of messages", case.config.timezone)
    if case.config.state.exists():
        rows = TinyStore.read(case.config.state).rows().values()
        last = max((row.last_check for row in rows), default=0.0)
        ahead = last - case.now > _SKEW
        yield Note("last check", (iso(last) or "") if last else "none", amiss=ahead)
        if ahead:
            yield Note("clock", "stands before the last check: it was set back", amiss=True)


# --- how it fares ---------------------------------------------------------------------------------


def _feeds(case: Case) -> Iterator[Note]:
    from monitor.app.feeds import report
    from monitor.stores.tiny import TinyStore

    rows = TinyStore.read(case.config.state).rows()
    found = [report(each, rows.get(each.id), case.config.polling) for each in case.config.feeds]
    states = [each.state.value for each in found]
    for state in dict.fromkeys(states):
        yield Note(state, str(states.count(state)))
    failing = [
        Note(_address(each.url), f"failing since {iso(each.failing_since)}: {each.reason}")
        for each in found
        if each.failing_since is not None
    ]
    yield from _first(failing, "failing")


def _address(url: str) -> str:
    """A feed's address without its login and without its query, in which tokens stand."""
    address, asked, _ = without_login(url).partition("?")
    return f"{address}?…" if asked else address


def _health(case: Case) -> Iterator[Note]:
    from monitor.app.health import health
    from monitor.stores.ledger import TinyLedger, channel_names
    from monitor.stores.lock import holder
    from monitor.stores.system import SystemFile
    from monitor.stores.tiny import TinyStore

    root = case.config.state
    names = {*(channel.name for channel in case.config.channels), *channel_names(root)}
    found = health(
        case.config,
        TinyStore.read(root),
        {name: TinyLedger.read(root, name) for name in names},
        SystemFile(root),
        running=holder(root) is not None,
        now=case.now,
    )
    yield Note("daemon", "running" if found.running else "not running")
    yield Note("outbox", f"{found.outbox.pending} pending, {found.outbox.oldest_seconds:.0f} s old")
    for name, channel in found.channels.items():
        counts = f"{channel.pending} pending, {channel.held} held, {channel.dead} dead"
        yield Note(f"channel {name}", f"{channel.state}, {counts}")
    if found.reload.at is not None:
        verdict = "ok" if found.reload.ok else "refused"
        yield Note("last reload", f"{verdict} {iso(found.reload.at)}")
    yield from _problems(found.problems)


def _service(_: Case) -> Iterator[Note]:
    import os
    import shutil
    import subprocess

    inside = bool(os.environ.get("INVOCATION_ID"))
    yield Note("started by systemd", "yes" if inside else "no")
    command = shutil.which("systemctl")
    if command is None or not Path("/run/systemd/system").exists():
        yield Note("systemd", "does not run here")
        return
    asked = "-p", "LoadState,ActiveState,SubState,Result,NRestarts,ExecMainStatus,MemoryCurrent"
    try:
        done = subprocess.run(  # noqa: S603 # a command of the system, and no words of others'
            [command, "show", "rasid.service", *asked],
            capture_output=True, check=False, text=True, timeout=10,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        yield Note("systemd", "does not answer", amiss=True)
        return
    told = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    failed = told.get("ActiveState") == "failed"
    yield from (Note(key, value, failed and key == "ActiveState") for key, value in told.items())


def _network(case: Case) -> Iterator[Note]:
    """Whether the name server knows the feeds' hosts, each asked once."""
    from urllib.parse import urlsplit

    hosts = {urlsplit(feed.url).hostname or "" for feed in case.config.feeds if feed.enabled}
    answers = _looked_up(sorted(hosts - {""}))
    lost = [Note(host, answer, amiss=True) for host, answer in answers.items() if answer]
    yield Note("hosts of feeds", f"{len(answers) - len(lost)} of {len(answers)} found")
    yield from _first(lost, "not found")


def _looked_up(hosts: Iterable[str]) -> dict[str, str]:
    """What is wrong with each host, "" where it is known. A name server that hangs is waited for a
    few seconds in all, and holds up no exit."""
    import socket
    import threading
    import time

    answers = dict.fromkeys(hosts, "no answer")

    def ask(host: str) -> None:
        try:
            socket.getaddrinfo(host, None)
            answers[host] = ""
        except OSError as error:
            answers[host] = error.strerror or "is not known"

    threads = [threading.Thread(target=ask, args=(host,), daemon=True) for host in answers]
    for thread in threads:
        thread.start()
    until = time.monotonic() + _PATIENCE
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0))
    return dict(answers)
