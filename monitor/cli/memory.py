"""The state, for commands that only look: no lock is taken, no file is created."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.cli.options import load_config

if TYPE_CHECKING:
    from monitor.app.health import LedgerView, StoreView
    from monitor.ports import System
    from monitor.settings.load import Config


@dataclass(frozen=True, slots=True)
class Memory:
    """What is on disk at `now`, behind the ports; `running`: a process holds the state."""

    config: Config
    store: StoreView
    ledgers: Mapping[str, LedgerView]
    system: System
    running: bool
    now: float


def look() -> Memory:
    """Opens the state of the configuration for reading; StateError where it is corrupt."""
    from monitor.stores.ledger import TinyLedger, channel_names
    from monitor.stores.lock import holder
    from monitor.stores.system import SystemFile
    from monitor.stores.tiny import TinyStore

    config = load_config()
    store = TinyStore.read(config.state)
    names = [channel.name for channel in config.channels]
    names += [name for name in channel_names(config.state) if name not in names]
    return Memory(
        config=config,
        store=store,
        ledgers={name: TinyLedger.read(config.state, name) for name in names},
        system=SystemFile(config.state),
        running=holder(config.state) is not None,
        now=time.time(),
    )
