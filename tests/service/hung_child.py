"""A daemon in which, once it is at work, one thing hangs for good: `loop`, `writer` or `sender`.

python hung_child.py CONFIG WHAT
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from pathlib import Path

from monitor.service.daemon import Daemon
from monitor.service.sdnotify import Notifier
from monitor.settings.load import load
from monitor.stores.system import SystemFile
from monitor.stores.tiny import TinyStore


def hang(daemon: Daemon, what: str) -> None:
    for_good = threading.Event()
    if what == "loop":
        for_good.wait()
    elif what == "writer":
        daemon._writer.submit(for_good.wait)
    elif what == "sender":
        (desk,) = daemon._senders._desks.values()
        desk.sender.order(lambda: for_good.wait() and (lambda _: None))  # type: ignore[arg-type,return-value]


async def main(folder: Path, what: str) -> None:
    config = load(folder, environ={})
    store = TinyStore.open(config.state, now=time.time())
    notifier = Notifier(os.environ)
    daemon = Daemon(config, store, SystemFile(config.state), lambda: config, time.time, notifier)
    serving = asyncio.create_task(daemon.serve())
    while not daemon._ready:
        await asyncio.sleep(0.01)
    asyncio.get_running_loop().call_later(float(sys.argv[3]), hang, daemon, what)
    await serving


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
