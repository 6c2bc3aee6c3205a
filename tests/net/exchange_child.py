"""Makes the exchanges that it is asked for, in a process whose memory is measured.

    python exchange_child.py LIMIT TIMEOUT URL URL…

The first URL only warms up. Prints JSON: the kinds of the failures by URL, and by how many bytes
the peak of memory grew.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from monitor.model import FetchFailed
from monitor.net.exchange import Ask, Limits
from monitor.net.http import Http


def peak() -> int:
    """Bytes. Not by getrusage: its ru_maxrss begins with what the parent had when it started us."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


async def main(limit: int, timeout: float, warming: str, urls: list[str]) -> None:
    limits = Limits(timeout, limit, concurrency=100, per_host=100)
    http = Http(limits, agent="Rasid/test", allow_private=["127.0.0.0/8"])
    await http.get(Ask(warming))
    before = peak()
    kinds = {}
    for url in urls:  # one after another, so that the peak is that of one
        outcome = await http.get(Ask(url))
        kinds[url] = outcome.kind if isinstance(outcome, FetchFailed) else "answer"
    print(json.dumps({"kinds": kinds, "grown": peak() - before}))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3], sys.argv[4:]))
