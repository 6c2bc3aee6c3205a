"""How rasid treats servers: judged by the log of one that behaves in every way we know of."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from etiquette_drive import CONTACT, Clock, live
from etiquette_kinds import KINDS, SLOW
from etiquette_log import DAY, HOUR, Kind, Line
from etiquette_score import Terms, Violation, score
from etiquette_server import Server

from monitor.model import Polling

POLLING = Polling(
    interval=4 * HOUR,
    min_interval=600.0,
    max_hint=6 * HOUR,
    timeout=30.0,
    max_bytes=200_000,
    per_host=2,
)
HASTY = replace(POLLING, timeout=0.3)
NAMES = [kind.name for kind in (*KINDS, *SLOW)]


@dataclass
class Days:
    """The log of some days, what is wrong with it, and how often a server was asked that redirects
    must not reach."""

    log: list[Line] = field(default_factory=list)
    wrong: list[Violation] = field(default_factory=list)
    strays: int = 0


async def _spend(days: Days, root: Path, kinds: Sequence[Kind], polling: Polling) -> None:
    clock = Clock()
    async with Server(kinds, clock) as server:
        feeds = await live(server, root, kinds, polling, clock)
    terms = Terms(
        interval=polling.interval,
        floor=polling.min_interval,
        max_hint=polling.max_hint,
        timeout=polling.timeout,
        max_bytes=polling.max_bytes,
        per_host=polling.per_host,
        contact=CONTACT,
        urls=frozenset(feed.url for feed in feeds),
        ends=clock(),
    )
    days.log += server.log
    days.wrong += score(server.log, terms)
    days.strays += server.strays


def spend_days(root: Path) -> Days:
    """Some simulated days with all kinds of servers."""
    days = Days()
    asyncio.run(_spend(days, root / "most", KINDS, POLLING))
    asyncio.run(_spend(days, root / "slow", SLOW, HASTY))
    return days


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Days:
    return spend_days(tmp_path_factory.mktemp("state"))


@pytest.mark.parametrize("kind", NAMES)
def test_servers_are_treated_well(days: Days, kind: str) -> None:
    wrong = [str(each) for each in days.wrong if each.kind == kind]
    assert not wrong, "\n".join(wrong)


def test_nobody_is_sent_into_a_private_network(days: Days) -> None:
    assert days.strays == 0


def test_all_kinds_were_asked_through_a_restart_and_a_kill(days: Days) -> None:
    log = days.log
    assert len(set(NAMES)) == len(NAMES) >= 77
    assert {line.kind for line in log} == set(NAMES)
    assert log[-1].at - log[0].at > 2 * DAY
    asked = Counter(line.kind for line in log)
    assert asked["ok"] > 12
    statuses = defaultdict(set)
    for line in log:
        statuses[line.kind].add(line.reply.status)
    assert statuses["ok"] == {200, 304}
