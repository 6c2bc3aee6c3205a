"""What `rasid doctor` looks at: the program, the machine, the configuration, the state, and how it
fares. Each look yields lines; it changes nothing, and asks nobody but the name server, if told to.

Secrets are taken out of the lines by whoever shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from monitor.cli.answers import count
from monitor.core.redact import public_part
from monitor.errors import ConfigError

if TYPE_CHECKING:
    from monitor.settings.load import Config

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
    """What is looked at: the folder, what can be made of its files, and the moment; `clock` words
    moments for whoever reads the report."""

    folder: Path
    config: Config
    now: float
    clock: Callable[[float], str]


Look = Callable[[Case], Iterable[Note]]


def problems(told: Iterable[str]) -> Iterator[Note]:
    """Sentences on what is wrong, as lines."""
    yield from _first([Note("problem", each, amiss=True) for each in told], "problem")


def _first(notes: list[Note], what: str) -> Iterator[Note]:
    """The first of many lines, and how many more there are."""
    yield from notes[:MOST_LINES]
    if len(notes) > MOST_LINES:
        yield Note(what, f"and {len(notes) - MOST_LINES} more", notes[MOST_LINES].amiss)


# --- the program and the machine ------------------------------------------------------------------


def on_program() -> Iterator[Note]:
    """The program, its Python and its libraries."""
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


def on_machine() -> Iterator[Note]:
    """The system, its limits, and what of the environment concerns us: mostly whether it is set."""
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


def on_configuration(case: Case) -> Iterator[Note]:
    """What `rasid check` says, and how much there is of what."""
    from monitor.cli.options import load_config

    yield Note("folder", str(case.folder))
    try:
        checked = load_config(addresses=True, examples=True)
    except ConfigError as error:
        yield from problems(map(str, error.problems))
        checked = case.config
    else:
        yield Note("check", "all is right")
    yield from _first([Note("warning", str(each)) for each in checked.warnings], "warning")
    yield Note("feeds", count(len(checked.feeds), "feed"))
    yield Note("rules", count(len(checked.rules), "rule"))
    kinds = sorted(channel.url.partition("://")[0] or "?" for channel in checked.channels)
    yield Note("channels", f"{len(kinds)}: {', '.join(kinds)}", amiss=not kinds)
    yield Note("operator", "told" if checked.operator else "none")


def on_files(case: Case) -> Iterator[Note]:
    """Each file of the configuration, and those that it names: size, mode, time."""
    from monitor.settings.report import FILES

    named = [path for path in case.config.files if path.parent != case.folder]
    for path in (*(case.folder / name for name in FILES), *case.config.files):
        shown = str(path) if path in named else path.name
        try:
            status = path.stat()
        except (OSError, ValueError) as error:
            missing_ok = path.name in ("feeds.yaml", "places.yaml")
            if path in case.config.files:  # what should be a file's name may be the secret itself
                shown = "a file that is named"
            reason = error.strerror if isinstance(error, OSError) else None
            yield Note(shown, reason or "cannot be read", amiss=not missing_ok)
            continue
        mode, changed = status.st_mode & 0o7777, case.clock(status.st_mtime)
        yield Note(shown, f"{status.st_size} bytes, mode {mode:04o}, {changed}")


# --- the state ------------------------------------------------------------------------------------


def on_state(case: Case) -> Iterator[Note]:
    """Where the memory lies, room for it, and whether each of its files is sound."""
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


def on_clock(case: Case) -> Iterator[Note]:
    """The clock, and whether it was set back."""
    import time

    from monitor.stores.tiny import TinyStore

    yield Note("now", case.clock(case.now))
    yield Note("zone of the machine", time.strftime("%Z %z"))
    yield Note("zone of messages", case.config.timezone)
    if case.config.state.exists():
        rows = TinyStore.read(case.config.state).rows().values()
        last = max((row.last_check for row in rows), default=0.0)
        ahead = last - case.now > _SKEW
        yield Note("last check", case.clock(last) if last else "none", amiss=ahead)
        if ahead:
            yield Note("clock", "stands before the last check: it was set back", amiss=True)


# --- how it fares ---------------------------------------------------------------------------------


def on_feeds(case: Case) -> Iterator[Note]:
    """How many feeds fare how, and why those fail that do."""
    from monitor.app.feeds import report
    from monitor.stores.tiny import TinyStore

    rows = TinyStore.read(case.config.state).rows()
    found = [report(each, rows.get(each.id), case.config.polling) for each in case.config.feeds]
    states = [each.state.value for each in found]
    for state in dict.fromkeys(states):
        yield Note(state, str(states.count(state)))
    failing = [
        Note(
            public_part(each.url), f"failing since {case.clock(each.failing_since)}: {each.reason}"
        )
        for each in found
        if each.failing_since is not None
    ]
    yield from _first(failing, "failing")


def on_health(case: Case) -> Iterator[Note]:
    """What `rasid status` says."""
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
        yield Note("last reload", f"{verdict} {case.clock(found.reload.at)}")
    yield from problems(found.problems)


def on_service(_: Case) -> Iterator[Note]:
    """What systemd knows of the service."""
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


def on_network(case: Case) -> Iterator[Note]:
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
