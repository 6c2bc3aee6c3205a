"""The state, for commands that only look: no lock is taken, no file is created."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.cli.options import directory
from monitor.cli.terminal import Screen
from monitor.errors import EX_CONFIG, EX_OK, ConfigError, Problem

if TYPE_CHECKING:
    from monitor.ports import LedgerView, StoreView, System
    from monitor.settings.load import Config


@dataclass(frozen=True, slots=True)
class Memory:
    """What is on disk at `now`, behind the ports; `running`: a process holds the state; `faults`:
    what is wrong with the files of the configuration, of which no process has taken over the rest.
    """

    config: Config
    store: StoreView
    ledgers: Mapping[str, LedgerView]
    system: System
    running: bool
    now: float
    faults: tuple[Problem, ...] = ()

    def told(self) -> int:
        """Says on stderr what keeps anything from running on these files, in the words of `rasid
        check`, and returns the exit code for it: EX_OK where nothing does, or a process runs."""
        if self.running or not self.faults:
            return EX_OK
        Screen(sys.stderr).line(str(ConfigError(self.faults)))
        return EX_CONFIG


def look(*, to_change: bool = False) -> Memory:
    """Opens the state of the configuration for reading; StateError where it is corrupt.

    Where the configuration is broken, it is opened as far as that can be made out. Who means `to
    change` something gets a ConfigError then, unless a process runs on an older one."""
    from monitor.settings.load import survey
    from monitor.stores.ledger import TinyLedger, channel_names
    from monitor.stores.lock import holder
    from monitor.stores.system import SystemFile
    from monitor.stores.tiny import TinyStore

    config, faults = survey(directory(), environ=os.environ)
    running = holder(config.state) is not None
    if faults and to_change and not running:
        raise ConfigError(faults)
    store = TinyStore.read(config.state)
    names = [channel.name for channel in config.channels]
    names += [name for name in channel_names(config.state) if name not in names]
    return Memory(
        config=config,
        store=store,
        ledgers={name: TinyLedger.read(config.state, name) for name in names},
        system=SystemFile(config.state),
        running=running,
        now=time.time(),
        faults=faults,
    )
