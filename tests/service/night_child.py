"""A daemon whose clock is set: `python night_child.py FOLDER MOMENT` runs over that configuration,
and believes that it starts at that moment (seconds since 1970)."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from monitor.service.daemon import run
from monitor.service.sdnotify import Notifier
from monitor.settings.load import Config, load

if __name__ == "__main__":
    folder, moment = Path(sys.argv[1]), float(sys.argv[2])
    began = time.monotonic()

    def configuration() -> Config:
        return load(folder, environ={})

    sys.exit(
        run(
            configuration(),
            read_again=configuration,
            clock=lambda: moment + time.monotonic() - began,
            notifier=Notifier(os.environ),
        )
    )
