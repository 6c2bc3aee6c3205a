"""A process that the tests start and kill: `store_child.py MODE ROOT [FIRST | BACKUP]`."""

from __future__ import annotations

import os
import resource
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path

from store_samples import DAY, NOON, delivery, record, row, seen, state, update

from monitor.errors import CannotWriteError
from monitor.model import FeedUpdate
from monitor.stores.ledger import TinyLedger
from monitor.stores.lock import StateLock
from monitor.stores.restore import restore
from monitor.stores.system import SystemFile
from monitor.stores.tiny import TinyStore


def say(text: object) -> None:
    print(text, flush=True)


def loop(root: Path, first: str) -> None:
    """Commits for ever and says each number when it is durable; sizes grow and shrink."""
    with StateLock.acquire(root):
        store = TinyStore.open(root, now=NOON)
        ledger = TinyLedger.open(root, "desk-mail")
        system = SystemFile(root)
        for n in count(int(first)):
            entries = tuple(seen(f"e{each}") for each in range(n * 37 % 90))
            store.commit(update(state(checked_at=float(n), entries=entries, open_=(delivery(n),))))
            ledger.put(record(n % 50, made_at=NOON + DAY * (n % 2), changed_at=float(n)))
            system.save(system.load())
            if n % 3 == 0:
                store.flush(NOON)
            say(n)


def hold(root: Path) -> None:
    """Holds the lock until its input ends."""
    with StateLock.acquire(root):
        say(os.getpid())
        sys.stdin.read()


def fork(root: Path) -> None:
    """Holds the lock beside a forked child, which lives until the input ends."""
    with StateLock.acquire(root):
        if os.fork() == 0:
            say("child")
        sys.stdin.read()


def full(root: Path) -> None:
    """Meets a limit of file sizes (EFBIG, as a full disk) and goes on with the same store."""
    store = TinyStore.open(root, now=NOON)
    store.commit(update(state(checked_at=1.0)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
    try:
        store.commit(update(state(entries=tuple(seen(f"e{n}") for n in range(500)))))
    except CannotWriteError as error:
        say(error.exit_code)
    held = store.feed("ab01")
    say(held == state(checked_at=1.0))
    store.commit(update(state(checked_at=2.0)))
    say(store.feed("ab01") == state(checked_at=2.0))


def put_back(root: Path, backup: str) -> None:
    """Restores a backup over what is there."""
    with Path(backup).open("rb") as stream:
        say("begins")
        restore(root, stream, now=NOON, force=True)


def checks(root: Path) -> None:
    """Notes checks that bring nothing for ever, and says each number once it is over."""
    store = TinyStore.open(root, now=NOON)
    store.commit(update(state()))
    for n in count(1):
        learnt = replace(row(state()), last_check=NOON + n, due=NOON + n + 900, failures=n % 7)
        store.commit(FeedUpdate(row=learnt))
        if n % 40 == 0:
            store.flush(NOON)
        say(n)


MODES = {
    "checks": checks,
    "loop": loop,
    "hold": hold,
    "fork": fork,
    "full": full,
    "restore": put_back,
}

if __name__ == "__main__":
    mode, folder, *rest = sys.argv[1:]
    MODES[mode](Path(folder), *rest)
