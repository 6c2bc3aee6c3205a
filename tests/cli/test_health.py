"""What `rasid status` calls a problem, and what it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.app.feeds import report
from monitor.app.health import health, open_deliveries
from monitor.errors import Problem
from monitor.model import (
    Alert,
    ChannelConfig,
    Delivery,
    Feed,
    FeedRow,
    FeedState,
    FeedUpdate,
    LedgerRecord,
    LedgerState,
    Marked,
    Quiet,
    Rule,
    RunMark,
    Severity,
    Story,
    SystemState,
)
from monitor.settings.load import Config
from monitor.stores.memory import MemoryLedger, MemoryStore, MemorySystem

NOW = 1_772_000_000.0
DAY = 86_400.0
CONFIG = Config(
    directory=Path("desk"),
    state=Path("desk/state"),
    channels=(ChannelConfig("mail", "console://"), ChannelConfig("chat", "console://")),
    feeds=(Feed("a", "https://a.example/", "أ"), Feed("b", "https://b.example/", "ب")),
    rules=(Rule("حرائق"), Rule("سيول"), Rule("قديمة", enabled=False)),
)
WELL = FeedRow("a", "https://a.example/", last_check=NOW - 60, last_ok=NOW - 60)


def delivery(channel: str, age: float) -> Delivery:
    story = Story("s", Marked("خبر"), (), None, "أ", None)
    return Delivery(f"{channel}-{age}", channel, NOW - age, story, ())


def world(*deliveries, rows=(WELL,), records=(), system=None, running=True, **more):
    """The health of a made-up state; `records` are (channel, record)."""
    store = MemoryStore()
    for row in rows:
        store.commit(FeedUpdate(row))
    if deliveries:
        row = FeedRow("drained", "https://removed.example/", has_open=True)
        store.commit(FeedUpdate(row, FeedState(row.feed_id, row.url, open=deliveries)))
    ledgers = {
        name: MemoryLedger(record for channel, record in records if channel == name)
        for name in ("mail", "chat", "old")
    }
    kept = MemorySystem()
    kept.save(system or SystemState())
    config = more.pop("config", CONFIG)
    found = health(config, store, ledgers, kept, running=running, now=NOW, **more)
    return found, store, ledgers


def record(of: Delivery, state: LedgerState, attempts: int = 1) -> tuple[str, LedgerRecord]:
    return of.channel, LedgerRecord(of.id, state, of.made_at, attempts)


def test_all_is_well():
    found, _, _ = world()
    assert found.problems == ()
    assert (found.feeds.total, found.feeds.ok) == (2, 1)  # the other was never checked
    assert (found.rules.total, found.rules.muted) == (2, 0)
    assert found.channels["mail"].state == "ok"


FRESH, OLD = delivery("mail", 60), delivery("mail", 4000)
STRAY = delivery("old", 60)
FAILING = replace(WELL, failures=9, failing_since=NOW - DAY - 1, error="dns: no such host")

LOOKS = [
    ("feed", FRESH, {"rows": [FAILING]}, "feed أ has been failing for over a day: dns"),
    ("held", FRESH, {"records": [record(FRESH, LedgerState.HELD)]}, "channel mail is held with 1"),
    ("dead", FRESH, {"records": [record(FRESH, LedgerState.DEAD)]}, "channel mail refused 1"),
    ("late", OLD, {}, "the oldest delivery has been waiting for 1.1 hours"),
    ("stray", STRAY, {}, "channel old is not configured any more"),
    ("crash", FRESH, {"system": SystemState(run=RunMark(7, NOW)), "running": False}, "process 7"),
    ("reload", FRESH, {"system": SystemState(reload_ok=False)}, "the last reload was refused"),
]


@pytest.mark.parametrize(
    ("waiting", "given", "told"), [row[1:] for row in LOOKS], ids=[row[0] for row in LOOKS]
)
def test_needs_a_look(waiting, given, told):
    found, _, _ = world(waiting, **given)
    assert told in found.problems[0]


def test_what_a_process_refused_that_ended_is_in_nobodys_way():
    ended = RunMark(7, NOW - 99, stopped_at=NOW - 9)
    known = SystemState(run=ended, reload_ok=False, reload_at=NOW - 50, reload_errors=("no",))
    found, _, _ = world(system=known, running=False)
    assert found.problems == ()
    assert found.reload.errors == ("no",)  # it is told all the same


def test_those_that_fail_are_named_with_since_when_why_and_what_next():
    first = replace(FAILING, failing_since=NOW - 7200, due=NOW + 900)
    later = replace(FAILING, feed_id="b", failing_since=NOW - 60, error="timeout: no", due=NOW + 9)
    found, _, _ = world(rows=[later, first])
    assert [(f.name, f.since, f.why, f.next_check) for f in found.failing] == [
        ("أ", NOW - 7200, "dns: no such host", NOW + 900),
        ("ب", NOW - 60, "timeout: no", NOW + 9),
    ]
    assert found.next_check == NOW + 9


@pytest.mark.parametrize("broken", ["rules.yaml", "places.yaml"])
def test_while_a_file_is_broken_what_is_in_force_counts(broken):
    system = SystemState(run=RunMark(7, NOW - 99, feeds=2, rules=12), mutes={"سيول": NOW + 9})
    empty = replace(CONFIG, rules=())
    faults = [Problem(broken, 1, 1, "", "is broken")]
    found, _, _ = world(system=system, config=empty, faults=faults)
    assert (found.rules.total, found.rules.muted) == (12, 1)
    assert (found.feeds.total, found.feeds.ok) == (2, 1)


def test_while_the_file_of_the_feeds_is_broken_those_that_are_checked_count():
    system = SystemState(run=RunMark(7, NOW - 99, feeds=2, rules=2))
    removed = replace(WELL, feed_id="c", last_check=NOW - DAY)
    broken = replace(CONFIG, feeds=())
    rows = [WELL, replace(WELL, feed_id="b", failures=1, error="dns: no"), removed]
    faults = [Problem("feeds.yaml", 1, 1, "", "is broken")]
    found, _, _ = world(system=system, config=broken, faults=faults, rows=rows)
    assert (found.feeds.total, found.feeds.ok, found.feeds.failing) == (2, 1, 1)
    assert [each.name for each in found.failing] == ["https://a.example/"]


def test_no_token_of_an_address_stands_for_a_name() -> None:
    system = SystemState(run=RunMark(7, NOW - 99, feeds=1, rules=2))
    row = replace(FAILING, url="https://u:pass@a.example/f?token=0123456789#x")
    faults = [Problem("feeds.yaml", 1, 1, "", "is broken")]
    found, _, _ = world(system=system, config=replace(CONFIG, feeds=()), faults=faults, rows=[row])
    assert found.problems[0].startswith("feed https://a.example/f?… has been failing")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (replace(FAILING, not_before=NOW + 300, due=NOW + 300), NOW + 300),
        (replace(FAILING, not_before=NOW + 300, due=NOW + 900), NOW + 300),
        (replace(FAILING, not_before=NOW + 60, due=NOW - 1), None),  # our floor, under check
        (replace(WELL, not_before=NOW + 60, due=NOW - 1), None),
        (FAILING, None),
    ],
)
def test_a_server_that_failed_asks_to_wait_but_a_check_under_way_is_no_such_thing(row, told):
    assert report(CONFIG.feeds[0], row, CONFIG.polling).retry_after == told


OUT_OF_REACH = [replace(FAILING, failing_since=NOW - 5000, last_ok=NOW - 5000)]
RUNNING = SystemState(run=RunMark(7, NOW - 9000))


def test_that_no_feed_at_all_succeeds_is_a_problem_within_the_hour():
    """It is our connection that is broken, not theirs."""
    found, _, _ = world(rows=OUT_OF_REACH, system=RUNNING)
    assert found.problems == ("no feed succeeded for 1.4 hours",)


QUIET = [
    (
        "all fail, but a minute after the start",
        {"rows": OUT_OF_REACH, "system": SystemState(run=RunMark(7, NOW - 60))},
    ),
    ("all fail, and nobody watches", {"rows": OUT_OF_REACH, "running": False}),
    ("one works", {"rows": [*OUT_OF_REACH, replace(WELL, feed_id="b")], "system": RUNNING}),
    ("for an hour", {"rows": [replace(FAILING, failing_since=NOW - 3600)]}),
    ("gone", {"rows": [replace(FAILING, gone=True)]}),
    ("stopped", {"system": SystemState(run=RunMark(7, NOW - 99, NOW - 9)), "running": False}),
    ("never ran", {"running": False}),
    ("waits", {"records": [record(FRESH, LedgerState.WAITING)]}),
]


@pytest.mark.parametrize("given", [row[1] for row in QUIET], ids=[row[0] for row in QUIET])
def test_needs_none(given):
    found, _, _ = world(FRESH, **given)
    assert found.problems == ()


def test_what_is_held_back_is_no_problem_until_its_time_is_over():
    night = delivery("mail", 9000)
    night = replace(night, alerts=(Alert("i", "حرائق", Severity.LOW),))
    store, ledgers = MemoryStore(), {"mail": MemoryLedger()}
    row = FeedRow("a", "https://a.example/", has_open=True)
    store.commit(FeedUpdate(row, FeedState(row.feed_id, row.url, open=(night,))))
    end = datetime.fromtimestamp(NOW, UTC) + timedelta(hours=1)
    quiet = Quiet((end - timedelta(hours=8)).time(), end.time())
    config = replace(CONFIG, channels=(replace(CONFIG.channels[0], quiet=quiet),))

    def at(now: float):
        return health(config, store, ledgers, MemorySystem(), running=True, now=now)

    assert (at(NOW).problems, at(NOW).outbox.pending, at(NOW).outbox.oldest_seconds) == ((), 1, 0)
    assert at(NOW + 3600 + 60).outbox.oldest_seconds == 60
    (problem,) = at(NOW + 3600 + 3700).problems
    assert problem == "the oldest delivery has been waiting for 1.0 hours"


def test_deliveries_are_counted_by_what_became_of_them():
    sent, held, waits = delivery("mail", 10), delivery("mail", 20), delivery("chat", 30)
    found, store, ledgers = world(
        sent, held, waits, FRESH,
        records=[
            record(sent, LedgerState.SENT),
            record(held, LedgerState.HELD),
            record(waits, LedgerState.WAITING, 2),
        ],
    )  # fmt: skip
    mail, chat = found.channels["mail"], found.channels["chat"]
    assert (mail.state, mail.pending, mail.held, mail.dead) == ("held", 1, 1, 0)
    assert (chat.state, chat.pending, chat.held, chat.dead) == ("waiting", 1, 0, 0)
    assert (found.outbox.pending, found.outbox.oldest_seconds) == (2, 60)
    assert [each.delivery for each in open_deliveries(store, MemorySystem(), ledgers)] == [
        FRESH,
        waits,
        held,
    ]


def test_mutes_count_while_they_last_and_for_rules_that_there_are():
    mutes = {"حرائق": NOW + 1, "سيول": NOW - 1, "أخرى": NOW + 1}
    found, _, _ = world(system=SystemState(mutes=mutes))
    assert (found.rules.total, found.rules.muted) == (2, 1)


def test_feeds_are_ok_failing_or_gone():
    gone = replace(WELL, feed_id="b", gone=True, failures=1)
    found, _, _ = world(rows=[FAILING, gone])
    assert (found.feeds.ok, found.feeds.failing, found.feeds.gone) == (0, 1, 1)
