"""Threads that many calls share: few for short calls, more where calls hang, none left over."""

from __future__ import annotations

import asyncio
import threading

import pytest

from monitor.net.threads import Threads


def running(name: str) -> int:
    return sum(thread.name == name for thread in threading.enumerate())


def test_many_short_calls_share_a_few_threads() -> None:
    async def run() -> list[int]:
        threads = Threads("few")
        return await asyncio.gather(*(threads.run(lambda n=n: n * n) for n in range(500)))

    assert asyncio.run(run()) == [n * n for n in range(500)]
    assert 0 < running("few") <= 8


def test_calls_that_hang_hold_up_no_other() -> None:
    async def run() -> int:
        threads = Threads("hanging")
        hanging = [asyncio.create_task(threads.run(free.wait)) for _ in range(30)]
        try:
            return await threads.run(lambda: 42)
        finally:
            free.set()
            await asyncio.gather(*hanging)

    free = threading.Event()
    assert asyncio.run(run()) == 42


def test_a_call_that_nobody_awaits_any_more_is_not_begun() -> None:
    async def run() -> None:
        threads = Threads("dropped")
        hanging = [asyncio.create_task(threads.run(free.wait)) for _ in range(8)]
        dropped = asyncio.create_task(threads.run(lambda: begun.append(1)))
        await asyncio.sleep(0)
        dropped.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dropped
        free.set()
        await asyncio.gather(*hanging)
        await threads.run(lambda: None)

    begun: list[int] = []
    free = threading.Event()
    asyncio.run(run())
    assert begun == []


def test_a_failure_is_the_callers() -> None:
    threads = Threads("failing")
    with pytest.raises(ZeroDivisionError):
        asyncio.run(threads.run(lambda: 1 // 0))
    assert asyncio.run(threads.run(lambda: 1)) == 1


def test_threads_do_not_keep_the_process_from_ending() -> None:
    asyncio.run(Threads("daemon").run(lambda: None))
    assert all(t.daemon for t in threading.enumerate() if t.name == "daemon")
