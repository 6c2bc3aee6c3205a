"""Places for exchanges: limits that change, and callers that give up."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.net.slots import Slots


class Crowd:
    """Callers that hold their place until they are told to go."""

    def __init__(self, slots: Slots) -> None:
        self.inside: list[str] = []
        self._slots = slots
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._go: dict[str, asyncio.Event] = {}

    async def come(self, *callers: str) -> None:
        """Each is named by its host and a number."""
        for caller in callers:
            self._go[caller] = asyncio.Event()
            self._tasks[caller] = asyncio.create_task(self._stay(caller))
        await self.settle()

    async def _stay(self, caller: str) -> None:
        async with self._slots.of(caller[0]):
            self.inside.append(caller)
            try:
                await self._go[caller].wait()
            finally:
                self.inside.remove(caller)

    async def leave(self, *callers: str) -> None:
        for caller in callers:
            self._go[caller].set()
        await self.settle()

    async def give_up(self, *callers: str) -> None:
        for caller in callers:
            self._tasks[caller].cancel()
        await self.settle()

    async def settle(self) -> None:
        """Lets everybody do what can be done without more events."""
        for _ in range(20):
            await asyncio.sleep(0)


def run(story: Coroutine[None, None, None]) -> None:
    asyncio.run(story)


def test_who_waits_longest_is_first_on_each_host_and_in_all() -> None:
    async def story() -> None:
        crowd = Crowd(Slots(concurrency=3, per_host=2))
        await crowd.come("a1", "a2", "a3", "b1", "c1")
        assert crowd.inside == ["a1", "a2", "b1"]
        await crowd.leave("b1")
        assert crowd.inside == ["a1", "a2", "c1"]
        await crowd.leave("a1")
        assert crowd.inside == ["a2", "c1", "a3"]
        await crowd.leave("a2", "a3", "c1")

    run(story())


def test_a_limit_that_is_lowered_waits_for_those_who_run() -> None:
    async def story() -> None:
        slots = Slots(concurrency=9, per_host=3)
        crowd = Crowd(slots)
        await crowd.come("a1", "a2", "a3", "a4")
        slots.limit(9, 1)
        await crowd.leave("a1", "a2")
        assert crowd.inside == ["a3"]
        await crowd.leave("a3")
        assert crowd.inside == ["a4"]
        await crowd.leave("a4")

    run(story())


@pytest.mark.parametrize(("concurrency", "per_host"), [(9, 1), (1, 3)])
def test_a_limit_that_is_raised_lets_in_at_once(concurrency: int, per_host: int) -> None:
    async def story() -> None:
        slots = Slots(concurrency, per_host)
        crowd = Crowd(slots)
        await crowd.come("a1", "a2", "a3", "a4")
        assert crowd.inside == ["a1"]
        slots.limit(9, 3)
        await crowd.settle()
        assert crowd.inside == ["a1", "a2", "a3"]
        await crowd.leave("a1", "a2", "a3", "a4")

    run(story())


def test_who_gives_up_when_just_let_in_leaves_the_place() -> None:
    async def story() -> None:
        crowd = Crowd(Slots(concurrency=1, per_host=1))
        await crowd.come("a1", "a2", "a3")
        crowd._go["a1"].set()
        while crowd.inside:  # a1 has left within this step, and a2 does not run yet
            await asyncio.sleep(0)
        await crowd.give_up("a2")
        assert crowd.inside == ["a3"]
        await crowd.leave("a3")

    run(story())


STEPS = st.tuples(st.sampled_from(["come", "leave", "give_up", "limit"]), st.integers(0, 9))


@given(st.lists(STEPS))
def test_no_place_is_lost_and_none_given_twice(steps: list[tuple[str, int]]) -> None:
    async def story() -> None:
        slots = Slots(concurrency=3, per_host=2)
        crowd, all_of, per_host = Crowd(slots), 3, 2
        here: list[str] = []
        for number, (what, drawn) in enumerate(steps):
            before = len(crowd.inside)
            if what == "limit":
                all_of, per_host = 1 + drawn % 4, 1 + drawn % 3
                slots.limit(all_of, per_host)
                await crowd.settle()
            elif what == "come":
                here.append(f"{'abc'[drawn % 3]}{number}")
                await crowd.come(here[-1])
            elif here:
                await getattr(crowd, what)(here.pop(drawn % len(here)))
            assert len(crowd.inside) <= max(all_of, before)
        slots.limit(99, 99)
        await crowd.settle()
        assert sorted(crowd.inside) == sorted(here)
        await crowd.leave(*here)

    run(story())
