"""How long the event loop stands still while the daemon checks all feeds for the first time.

    python poll_loop.py CONFIGURATION

It is the daemon as `rasid run` has it, ended by SIGTERM once every feed was read. From its first
checks on, a heartbeat of 5 ms runs on its loop; a block is how much later than that a beat comes.
What threads of the process take from the loop by the interpreter's lock counts as well.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from monitor.service.daemon import run
from monitor.service.sdnotify import Notifier
from monitor.settings.load import load
from monitor.stores.tiny import TinyStore

BEAT = 0.005  # seconds
_LOOK = 0.25  # seconds between two looks at what was read: outside the loop, by the files


class Heart(Notifier):
    """Begins to beat when the daemon says that it is ready, and until it stops."""

    def __init__(self) -> None:
        super().__init__({})
        self.late: list[float] = []
        self.began = self.ended = 0.0
        self._task: asyncio.Task[None] | None = None

    def send(self, *states: str) -> None:
        if "READY=1" in states and self._task is None:
            self.began = time.monotonic()
            self._task = asyncio.get_running_loop().create_task(self._beat())
        elif "STOPPING=1" in states and self._task is not None:
            self.ended = time.monotonic()
            self._task.cancel()

    async def _beat(self) -> None:
        last = time.monotonic()
        while True:
            await asyncio.sleep(BEAT)
            now = time.monotonic()
            self.late.append(now - last - BEAT)
            last = now


def main() -> None:
    """Runs the daemon over the configuration until all its feeds were read, tells in JSON."""
    folder = Path(sys.argv[1])
    config = load(folder, environ=os.environ)
    heart = Heart()
    watch = os.fork()
    if watch == 0:
        _end_when(os.getppid(), lambda: _is_read(config.state, len(config.feeds)))
    run(config, read_again=lambda: load(folder, environ=os.environ), notifier=heart)
    os.waitpid(watch, 0)
    late = sorted(heart.late)
    told = {
        "seconds": heart.ended - heart.began,
        "longest": late[-1],
        "p99": late[int(len(late) * 0.99)],
        "over": sum(each > 0.05 for each in late),
        "read": _whole(config.state),
    }
    print(json.dumps(told))


def _is_read(state: Path, feeds: int) -> bool:
    """Whether all feeds were read to their ends: a big one has a file before."""
    return sum(1 for _ in state.glob("feeds/*/*.json")) >= feeds and _whole(state) >= feeds


def _whole(state: Path) -> int:
    """How many feeds were read to their ends."""
    return sum(row.remembered > 0 for row in TinyStore.read(state).rows().values())


def _end_when(process: int, is_over: Callable[[], bool]) -> None:
    """Sends SIGTERM once it is over, in a process of its own; and ends that."""
    while not is_over():
        time.sleep(_LOOK)
        if os.getppid() != process:  # it failed
            os._exit(1)
    os.kill(process, signal.SIGTERM)
    os._exit(0)


if __name__ == "__main__":
    main()
