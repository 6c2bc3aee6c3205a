"""How long the event loop stands still while the daemon's pipeline checks all feeds.

    python poll_loop.py CONFIGURATION

A heartbeat of 5 ms runs on the loop beside the checks; a block is how much later than that a beat
comes. What threads of the process take from the loop by the interpreter's lock counts as well.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from monitor.app.pipeline import Kind, Pipeline
from monitor.model import Feed
from monitor.service.assembly import assemble, give_way, settle_memory
from monitor.settings.load import Config, load
from monitor.stores.tiny import TinyStore

BEAT = 0.005  # seconds


async def _beat(late: list[float]) -> None:
    last = time.monotonic()
    while True:
        await asyncio.sleep(BEAT)
        now = time.monotonic()
        late.append(now - last - BEAT)
        last = now


async def _check_all(pipeline: Pipeline, feeds: tuple[Feed, ...], at_once: int) -> Counter[Kind]:
    waiting = iter(feeds)
    kinds: Counter[Kind] = Counter()

    async def work() -> None:
        for feed in waiting:
            kinds[(await pipeline.check(feed)).kind] += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(work())
    return kinds


def _probe(config: Config) -> dict[str, object]:
    store = TinyStore.open(config.state, now=time.time(), alerted_for=config.seen)
    late: list[float] = []

    async def run() -> Counter[Kind]:
        with ThreadPoolExecutor(1, thread_name_prefix="writer") as writer:
            parts = assemble(
                config,
                store,
                writer,
                settled=lambda _: False,
                muted=frozenset,
                hand_over=lambda _: None,
                clock=time.time,
            )
            settle_memory()
            give_way()
            heart = asyncio.get_running_loop().create_task(_beat(late))
            try:
                return await _check_all(
                    parts.pipeline, config.feeds, config.polling.concurrency * 2
                )
            finally:
                heart.cancel()
                await parts.close()

    began = time.monotonic()
    kinds = asyncio.run(run())
    seconds = time.monotonic() - began
    store.close(time.time())
    late.sort()
    return {
        "seconds": seconds,
        "beats": len(late),
        "longest": late[-1],
        "p99": late[int(len(late) * 0.99)],
        "over": sum(each > 0.05 for each in late),
        "kinds": {kind.value: kinds[kind] for kind in Kind},
    }


def main() -> None:
    """Reads the configuration, checks all its feeds once, tells in JSON."""
    config = load(Path(sys.argv[1]), environ=os.environ)
    print(json.dumps(_probe(config)))


if __name__ == "__main__":
    main()
