"""The peer of the polling benchmark, lemon24/reader, in an environment of its own.

    python poll_reader.py DATABASE add < URLS      makes the database, with a feed a line
    python poll_reader.py DATABASE update WORKERS  updates all feeds; tells in JSON what that took

It must use nothing but reader and the standard library.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
from pathlib import Path


def main() -> None:
    """Reads the command line, does it."""
    logging.disable(logging.CRITICAL)
    database, what, *workers = sys.argv[1:]
    from reader import make_reader

    with make_reader(database) as reader:
        if what == "add":
            for url in sys.stdin.read().split():
                reader.add_feed(url)
            return
        before, written = resource.getrusage(resource.RUSAGE_SELF), _written()
        began = time.monotonic()
        reader.update_feeds(scheduled=False, workers=int(workers[0]))
        seconds = time.monotonic() - began
        after = resource.getrusage(resource.RUSAGE_SELF)
        told = {
            "seconds": seconds,
            "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            "rss": _told_by("/proc/self/status", "VmHWM:") * 1024 / 1e6,
            "written": (_written() - written) / 1e6,
            "entries": reader.get_entry_counts().total,
        }
    print(json.dumps(told))


def _written() -> int:
    return _told_by("/proc/self/io", "write_bytes:")


def _told_by(file: str, name: str) -> int:
    lines = Path(file).read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


if __name__ == "__main__":
    main()
