"""`rasid state verify`, `backup` and `restore`: the memory itself, checked, copied, put back."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from monitor.cli.answers import Json, count, json_document
from monitor.cli.options import config_option, directory, json_option
from monitor.cli.terminal import Screen
from monitor.errors import EX_DATA, EX_OK, ConfigError, DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitor.stores.inventory import Finding


@click.group(short_help="The memory: verify, backup, restore.")
@config_option
def state() -> None:
    """The memory of the watcher, in its state directory."""


@state.command(short_help="Read every file of the state; 0: all is sound.")
@config_option
@json_option
def verify(*, as_json: bool) -> int:
    """Read every file of the state, of a running watcher too, and tell what is wrong with it.

    Exit code 65 where anything is: `recoverable` stands in from the file before, `unsecured` is
    sound but the one before it is not, `lost` is no good in any generation, `newer` was written by
    a newer version, `unreadable` for want of rights.
    """
    from monitor.stores import archive, inventory
    from monitor.stores.tiny import refuse_half_restored

    root = _root()
    refuse_half_restored(root)
    names = list(inventory.names(root))
    faults = [each for each in (inventory.examine(root, name) for name in names) if each]
    if (root / archive.FILE).exists():
        names.append(archive.FILE)
        faults += _archive_faults(root)
    if as_json:
        click.echo(
            json_document({"files": len(names), "faults": [_fault(each) for each in faults]})
        )
    else:
        _show(Screen(), faults)
        verdict = f"{len(faults)} faulty" if faults else "all is sound"
        click.echo(f"{root}: {count(len(names), 'file')}, {verdict}")
    return EX_DATA if faults else EX_OK


@state.command(short_help="Copy the state into one file, of a running watcher too.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@config_option
def backup(file: Path) -> int:
    """Copy the state into FILE (`-`: standard output), while the watcher goes on. A name that ends
    in .gz makes it compressed. The texts of articles (archive.sqlite) are left out.

    Exit code 65 where a file of the state is faulty; what is sound is in the backup all the same.
    """
    from importlib.metadata import version

    from monitor.stores.archive import archive_size
    from monitor.stores.backup import save_backup, write_backup

    root, ours, now = _root(), version("rasid"), time.time()
    if file == Path("-"):
        copied = write_backup(root, sys.stdout.buffer, made_at=now, version=ours)
    else:
        copied = save_backup(root, file, made_at=now, version=ours)
    _show(Screen(sys.stderr), copied.faults)
    size = archive_size(root)
    left_out = f"; left out: {max(size >> 20, 1)} MB of articles' texts" if size else ""
    done = f"{count(copied.files, 'file')} of {root} backed up"
    click.echo(f"{file}: {done}{left_out}", err=True)
    return EX_DATA if copied.faults else EX_OK


@state.command(short_help="Put a backup in the place of the state.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Also where there is a state: it is moved aside.")
@config_option
def restore(file: Path, *, force: bool) -> int:
    """Put the backup FILE (`-`: standard input) in the place of the state. The watcher must not be
    running; what was sent since the backup was made and goes out again says so.

    With --force the old state is kept in a folder replaced-… in the state directory, the newest one
    alone. A restore that is cut off is to be run again.
    """
    from monitor.stores.restore import restore as put_back

    root = _root()
    with _opened(file) as stream:
        done = put_back(root, stream, now=time.time(), force=force)
    click.echo(f"{root}: {count(done.files, 'file')} restored from {file}")
    if done.replaced is not None:
        click.echo(f"the old state is in {done.replaced}")
    return EX_OK


def _archive_faults(root: Path) -> list[Finding]:
    from monitor.stores import archive
    from monitor.stores.inventory import Finding, Verdict

    problem = archive.examine(root)
    if problem is None:
        return []
    anew = "it is made anew when next written, and no alert depends on it"
    return [Finding(problem.file, Verdict.RECOVERABLE, f"{problem.reason}; {anew}")]


def _root() -> Path:
    """The state directory. Only monitor.yaml must be right for it, so that a broken rule is in
    nobody's way; where that is not, only the environment can tell which state is meant."""
    from monitor.settings.load import survey

    config, faults = survey(directory(), environ=os.environ)
    fatal = [each for each in faults if Path(each.file).name == "monitor.yaml"]
    if fatal and not os.environ.get("STATE_DIRECTORY"):
        raise ConfigError(fatal)
    return config.state


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    """A backup as a stream that can be rewound."""
    import shutil
    import tempfile

    if file != Path("-"):
        try:
            stream: IO[bytes] = file.open("rb")
        except OSError as error:
            raise DataError(f"{file}: {error.strerror}") from error
        with stream:
            yield stream
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.seek(0)
        yield copy


def _show(screen: Screen, faults: Sequence[Finding]) -> None:
    for each in faults:
        screen.line(f"{each.path}: {each.verdict}: {each.reason}")


def _fault(finding: Finding) -> Json:
    return {"path": finding.path, "verdict": finding.verdict.value, "reason": finding.reason}
