"""What a process and its children took: time, CPU, memory, bytes written. Needs Linux.

A process that has ended but was not waited for still tells what it read and wrote, its children
included; its memory is looked at all along, since that is gone by then. Peak memory is not taken
from wait4, which counts what the starting process had before it became another program.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

_LOOK_EVERY = 0.01  # seconds
_TREE_EVERY = 0.2  # seconds; adding up the pages of a process takes a millisecond or more
_MB = 1e6


@dataclass(frozen=True, slots=True)
class Used:
    """What a process took. `wall` from its start to its end, `cpu` user and system, its children
    included; `rss` its own peak in MB; `tree` the most that it and its children had at a moment,
    shared pages counted once; `written` MB to disk and `passed` to write(), pipes included."""

    started: float
    wall: float
    cpu: float
    rss: float
    tree: float
    children: int
    written: float
    passed: float
    out: str


def run(
    command: Sequence[str], *, environ: Mapping[str, str] | None = None, stdin: str = ""
) -> Used:
    """Runs a command to its end. Raises RuntimeError, with what it said, where it fails."""
    with ExitStack() as stack:
        into, out, err = (stack.enter_context(tempfile.TemporaryFile("w+")) for _ in range(3))
        into.write(stdin)
        into.seek(0)
        started = time.monotonic()
        process = subprocess.Popen(
            command,
            stdin=into,
            stdout=out,
            stderr=err,
            env=None if environ is None else dict(environ),
        )
        rss, tree, children = _watch(process.pid)
        wall = time.monotonic() - started
        passed, written = _io(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            raise RuntimeError(f"{command} ended with {process.returncode}: {err.read()[-2000:]}")
        cpu = usage.ru_utime + usage.ru_stime
        return Used(started, wall, cpu, rss, tree, children, written, passed, out.read())


def _watch(pid: int) -> tuple[float, float, int]:
    """Looks on until the process ends, and leaves it to be waited for."""
    rss = tree = 0.0
    children = 0
    next_tree = 0.0
    flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
    while os.waitid(os.P_PID, pid, flags) is None:
        rss = max(rss, _field(f"/proc/{pid}/status", "VmHWM:") / _MB)
        if time.monotonic() >= next_tree:
            next_tree = time.monotonic() + _TREE_EVERY
            family = list(_family(pid))
            children = max(children, len(family) - 1)
            shares = (_field(f"/proc/{each}/smaps_rollup", "Pss:") for each in family)
            tree = max(tree, sum(shares) / _MB)
        time.sleep(_LOOK_EVERY)
    return rss, max(tree, rss if not children else 0.0), children


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                yield from _family(int(child))
    except OSError:
        return  # gone meanwhile


def _field(file: str, name: str) -> float:
    """A size in bytes out of a file of /proc, 0 where it is gone."""
    try:
        for line in Path(file).read_text().splitlines():
            if line.startswith(name):
                return float(line.split()[1]) * 1024
    except OSError:
        return 0.0
    return 0.0


def _io(pid: int) -> tuple[float, float]:
    """MB given to write(), and of them what went to a disk."""
    told = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(told["wchar"]) / _MB, int(told["write_bytes"]) / _MB
