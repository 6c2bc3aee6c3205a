"""What is past its time goes, beside senders at work, and nothing else does."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from store_samples import DAY, NOON, delivery, record, row, state, update

from monitor.model import Delivery, FeedUpdate, LedgerState
from monitor.service.upkeep import tidy
from monitor.settings.load import Config, load
from monitor.stores.inventory import names
from monitor.stores.ledger import TinyLedger, channel_names
from monitor.stores.tiny import TinyStore

LATER = NOON + 200 * DAY


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A configuration with one channel and no feed, which remembers for 90 days."""
    (tmp_path / "monitor.yaml").write_text('channels: {desk-mail: {url: "console://"}}')
    (tmp_path / "feeds.yaml").write_text("feeds: []")
    (tmp_path / "rules.yaml").write_text("rules: [{name: r, any: [حريق]}]")
    return load(tmp_path, environ={})


def keep_house(config: Config, *open_: Delivery, now: float = LATER) -> TinyStore:
    store = TinyStore.open(config.state, now=now)
    if open_:
        store.commit(update(state("ab01", open_=open_)))
    tidy(
        config,
        store,
        [TinyLedger.open(config.state, "desk-mail")],
        [],
        now,
        settled=lambda _: False,
    )
    return store


def records(config: Config, channel: str) -> Iterable[str]:
    return [each.delivery_id for each in TinyLedger.read(config.state, channel).records()]


@pytest.mark.parametrize("channel", ["desk-mail", "of a year ago"])
def test_ledgers_go_after_their_time_of_channels_long_gone_too(
    config: Config, channel: str
) -> None:
    ledger = TinyLedger.open(config.state, channel)
    ledger.put(record(1))
    ledger.put(record(2, made_at=LATER - 80 * DAY))
    keep_house(config)
    assert records(config, channel) == ["d2"]


def test_a_day_stays_as_long_as_a_delivery_of_it_stands(config: Config) -> None:
    ledger = TinyLedger.open(config.state, "desk-mail")
    ledger.put(record(1))
    keep_house(config, delivery(1), delivery(2, channel="other"))
    assert records(config, "desk-mail") == ["d1"]


def test_a_feed_that_is_configured_no_more_goes_after_its_time(config: Config) -> None:
    store = TinyStore.open(config.state, now=NOON)
    for _ in range(3):
        store.commit(update(state("ab01")))
    store.commit(update(state("ab02", checked_at=LATER)))
    store.commit(FeedUpdate(row=replace(row(state("ab03")), last_check=LATER)))
    store.close(NOON)
    tidy(config, store, [], [], LATER, settled=lambda _: False)
    assert set(store.rows()) == {"ab02", "ab03"}
    store.close(LATER)
    assert list(names(config.state)) == ["feeds/ab/ab02.json", "index.json"]


def test_the_log_tells_no_token_of_a_feed_that_is_forgotten(
    config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    store = TinyStore.open(config.state, now=NOON)
    with_token = "https://u:pass@a.example/rss?token=0123456789"
    store.commit(FeedUpdate(row=replace(row(state("ab01")), url=with_token)))
    with caplog.at_level("INFO", "rasid.service"):
        tidy(config, store, [], [], LATER, settled=lambda _: False)
    assert "forgetting" in caplog.text
    assert "https://a.example/rss?…" in caplog.text
    assert "0123456789" not in caplog.text


def test_keeping_house_twice_changes_nothing_more(config: Config) -> None:
    TinyLedger.open(config.state, "desk-mail").put(record(1, made_at=LATER))
    keep_house(config).close(LATER)
    before = {each: each.stat().st_mtime_ns for each in config.state.rglob("*") if each.is_file()}
    keep_house(config).close(LATER)
    assert before == {
        each: each.stat().st_mtime_ns for each in config.state.rglob("*") if each.is_file()
    }
    assert channel_names(config.state) == ("desk-mail",)


def test_a_ledger_can_be_pruned_while_its_sender_writes(tmp_path: Path) -> None:
    """Every day is long past, and is dropped whenever nothing in it is open."""
    ledger = TinyLedger.open(tmp_path, "desk-mail")
    unknown: list[int] = []

    def send() -> None:
        for n in range(300):
            made_at = NOON + DAY * (n % 3)
            waiting = record(n, made_at=made_at, state=LedgerState.WAITING)
            ledger.put(waiting)
            if ledger.get(delivery(n, made_at=made_at)) != waiting:
                unknown.append(n)
            ledger.put(record(n, made_at=made_at))
        ledger.put(record(999, state=LedgerState.HELD))

    sender = threading.Thread(target=send)
    sender.start()
    dropped = 0
    while sender.is_alive():
        dropped += ledger.prune(NOON + 30 * DAY)
    sender.join()
    assert dropped > 0
    assert unknown == []
    ledger.prune(NOON + 30 * DAY)
    left = TinyLedger.read(tmp_path, "desk-mail")
    assert "d999" in [each.delivery_id for each in left.records()]
    assert left.problems() == ()


def test_feeds_can_be_recalled_while_the_writer_commits(tmp_path: Path) -> None:
    """A reader's thread finds a damaged file again and again; what is committed is never lost."""
    store = TinyStore.open(tmp_path, now=NOON)
    store.commit(update(state("ab01", checked_at=1.0)))
    store.commit(update(state("ab01", checked_at=2.0)))
    path = tmp_path / "feeds/ab/ab01.json"
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            store.feed("ab01")
            store.alerted(["k"])

    reader = threading.Thread(target=look)
    reader.start()
    try:
        for n in range(3, 150):
            if n % 10 == 0:
                path.write_bytes(b"torn")
            store.commit(update(state("ab01", checked_at=float(n))))
            found = store.feed("ab01")
            assert found is not None
            assert found.checked_at == n
    finally:
        stop.set()
        reader.join()
    assert TinyStore.read(tmp_path).feed("ab01") == state("ab01", checked_at=149.0)


def test_a_feed_that_is_configured_no_more_goes_once_its_last_delivery_is_settled(
    config: Config,
) -> None:
    store = TinyStore.open(config.state, now=NOON)
    store.commit(update(state("ab01", open_=(delivery(1),))))
    tidy(config, store, [], [], LATER, settled=lambda _: False)
    assert set(store.rows()) == {"ab01"}
    tidy(config, store, [], [], LATER, settled=lambda _: True)
    assert set(store.rows()) == set()
