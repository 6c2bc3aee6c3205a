"""Another process that writes articles into the archive, for when there are thousands: to find
their words takes longer than all else, and the watcher has checks and alerts to see to.

    request   a length (64 bits), and so many bytes of marshal: a list of archive_rows.Line
    answer    a byte: done; an end without it is a refusal

It writes where the archive is open already, in one transaction a request, and nothing else; who is
refused writes by himself, and learns why. It ends when its input ends. Started afresh, never
forked, so that it holds no lock and no descriptor of ours.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from monitor.stores.archive_rows import Line, connect, write_lines

_LENGTH: Final = struct.Struct(">Q")
_DONE: Final = b"d"
_ENDING: Final = 10.0  # seconds
_KEPT: Final = ("LD_LIBRARY_PATH", "PYTHONHOME")  # without these, some Pythons do not start
_START: Final = """
import sys
sys.path[:] = sys.argv[2:]
from monitor.stores.archivist import main
main(sys.argv[1])
"""


class Archivist:
    """Such a process, over one file. For one thread."""

    def __init__(self, path: Path) -> None:
        """Raises OSError where none can be started."""
        flags = ["-P", *(["-B"] if sys.dont_write_bytecode else [])]
        self._process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, *flags, "-c", _START, str(path.absolute()), *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            start_new_session=True,
        )

    def write(self, lines: Sequence[Line]) -> bool:
        """Has articles written, each in the place of an earlier version; False where that failed,
        and nothing was written."""
        into, out = self._process.stdin, self._process.stdout
        if into is None or out is None:
            return False
        data = marshal.dumps([tuple(line) for line in lines])
        try:
            into.write(_LENGTH.pack(len(data)))
            into.write(data)
            into.flush()
            return out.read(1) == _DONE
        except OSError:
            return False

    def end(self) -> None:
        """Ends it, which does what it was asked for first."""
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self._process.communicate(timeout=_ENDING)
            return
        self._process.kill()
        self._process.wait()


def main(path: str) -> None:
    """Writes what comes off the standard input, until that ends or something fails."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ends with its parent, not beside it
    _give_way()
    source, sink = os.fdopen(0, "rb"), os.fdopen(1, "wb", buffering=0)
    with contextlib.closing(connect(Path(path))) as connection:
        while head := source.read(_LENGTH.size):
            told = marshal.loads(source.read(*_LENGTH.unpack(head)))  # noqa: S302 - by our parent
            with connection:
                write_lines(connection, [Line(*each) for each in told])
            sink.write(_DONE)


def _give_way() -> None:
    """Lets the watcher go first, as the readers of documents do; and where memory runs out, the
    kernel ends this process and not that one. Some containers forbid either."""
    with contextlib.suppress(OSError):
        os.nice(5)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", "ascii")
