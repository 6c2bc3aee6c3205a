"""Asking for a change of the state: of the process that holds it, by way of the inbox, or done here
where none does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from monitor.errors import LockedError

if TYPE_CHECKING:
    from monitor.cli.memory import Memory
    from monitor.model import Request

PATIENCE: Final = 5.0  # seconds to wait for a running daemon's hand
LOOK: Final = 0.05


def ask(memory: Memory, request: Request) -> str:
    """Has a request carried out; tells how it stands. Raises CannotWriteError, StateError."""
    if memory.running:
        return _leave(memory, request)
    try:
        _do(memory, request)
    except LockedError:  # one that started meanwhile
        return _leave(memory, request)
    return "done; the next run goes by it"


def _leave(memory: Memory, request: Request) -> str:
    from monitor.stores.inbox import Inbox

    path = Inbox(memory.config.state).put(request)
    until = time.monotonic() + PATIENCE
    while path.exists():
        if time.monotonic() >= until:
            return "asked; it is done once the send under way has ended"
        time.sleep(LOOK)
    return "done"


def _do(memory: Memory, request: Request) -> None:
    from monitor.service.requests import carry_out_alone
    from monitor.stores.ledger import TinyLedger
    from monitor.stores.lock import StateLock
    from monitor.stores.system import SystemFile
    from monitor.stores.tiny import TinyStore

    root = memory.config.state
    with StateLock.acquire(root):
        carry_out_alone(
            request,
            store=TinyStore.read(root),
            system=SystemFile(root),
            ledgers={name: TinyLedger.open(root, name) for name in memory.ledgers},
            clock=time.time,
        )
