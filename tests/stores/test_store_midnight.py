"""A bundle of deliveries of several days in the ledger: its record stands in one day's file, and a
crash between any two writes leaves it whole or not there at all."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from store_samples import DAY, NOON, delivery, record

from monitor.core.alerts.ids import day_of
from monitor.model import Delivery, LedgerRecord, LedgerState, Member
from monitor.stores import codec
from monitor.stores.atomic import previous
from monitor.stores.backup import write_backup
from monitor.stores.disk import Disk
from monitor.stores.inventory import examine, names
from monitor.stores.ledger import TinyLedger, channel_id
from monitor.stores.restore import restore

TIMES = [NOON, NOON + 60, NOON + DAY, NOON + 2 * DAY]
DELIVERIES = [delivery(n, made_at=when) for n, when in enumerate(TIMES)]


def bundle(state: LedgerState = LedgerState.SENDING) -> LedgerRecord:
    members = tuple(Member(each.id, made_at=each.made_at) for each in DELIVERIES)
    return replace(record(9, made_at=TIMES[-1], state=state), members=members)


def ledger(root: Path, disk: Disk | None = None) -> TinyLedger:
    return TinyLedger.open(root, "desk-mail", disk=disk)


def known(root: Path) -> list[str | None]:
    """The ids of the records of each delivery, as a new start finds them."""
    found = ledger(root)
    return [(each := found.get(one)) and each.delivery_id for one in DELIVERIES]


def file_of(root: Path, made_at: float) -> Path:
    return root / "channels" / channel_id("desk-mail") / f"{day_of(made_at)}.json"


class Dead(BaseException):
    """The process dies here."""


class DyingDisk(Disk):
    """Dies at the n-th file that is put in its place, before or after that."""

    def __init__(self, left: int, *, after: bool) -> None:
        self.left = left
        self.after = after

    def rename(self, source: Path, target: Path) -> None:
        self.left -= target.suffix == ".json"  # not the generation before
        if self.left == 0 and not self.after:
            raise Dead
        super().rename(source, target)
        if self.left == 0:
            raise Dead


def test_each_of_its_days_knows_it(tmp_path: Path) -> None:
    ledger(tmp_path).put(bundle())
    assert known(tmp_path) == ["d9"] * 4
    assert [each.delivery_id for each in ledger(tmp_path).records()] == ["d9"]
    assert [examine(tmp_path, name) for name in names(tmp_path)] == [None] * 3
    assert ledger(tmp_path).get(delivery(7, made_at=TIMES[2])) is None


def test_what_follows_costs_one_write(tmp_path: Path) -> None:
    ledger(tmp_path).put(bundle())
    again = ledger(tmp_path)
    before = [file_of(tmp_path, when).stat().st_ino for when in TIMES[:3]]
    assert again.put(bundle(LedgerState.SENT), expecting=bundle())
    assert [file_of(tmp_path, when).stat().st_ino for when in TIMES[:3]] == before
    sent = again.get(DELIVERIES[0])
    assert sent is not None
    assert sent.state is LedgerState.SENT


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("dies_at", range(1, 6))
def test_a_crash_between_two_writes(tmp_path: Path, dies_at: int, *, after: bool) -> None:
    """Two of the members were tried alone before."""
    alone = [record(n, made_at=TIMES[n], state=LedgerState.WAITING) for n in (0, 2)]
    for each in alone:
        ledger(tmp_path).put(each)
    disk = DyingDisk(dies_at, after=after)
    with pytest.raises(Dead):
        ledger(tmp_path, disk).put(bundle(), without={"d0", "d2"})
    writes = dies_at + after  # the two other days, the bundle, and the two that are freed
    assert known(tmp_path) == (["d9"] * 4 if writes > 3 else ["d0", None, "d2", None])
    there = {each.delivery_id for each in ledger(tmp_path).records()}
    assert there == ({"d9"} if writes > 3 else {"d0", "d2"})


def test_a_word_that_came_to_nothing_does_not_bind(tmp_path: Path) -> None:
    """Instead of in that bundle it goes alone, and later in another."""
    with pytest.raises(Dead):
        ledger(tmp_path, DyingDisk(3, after=False)).put(bundle())
    sent = record(0, made_at=TIMES[0])
    ledger(tmp_path).put(sent)
    assert ledger(tmp_path).get(DELIVERIES[0]) == sent
    other = replace(
        record(8, made_at=TIMES[2]),
        members=tuple(Member(each.id, made_at=each.made_at) for each in DELIVERIES[1:3]),
    )
    ledger(tmp_path).put(other)
    assert known(tmp_path) == ["d0", "d8", "d8", None]


def test_a_bundle_that_is_taken_apart_is_still_found(tmp_path: Path) -> None:
    found = ledger(tmp_path)
    found.put(bundle())
    parts = [record(n, made_at=TIMES[-1], state=LedgerState.WAITING) for n in range(4)]
    found.put(*parts, without={"d9"}, expecting=bundle())
    assert known(tmp_path) == ["d0", "d1", "d2", "d3"]
    found.put(replace(parts[0], state=LedgerState.SENT), expecting=parts[0])
    assert [each.state for each in ledger(tmp_path).records()].count(LedgerState.SENT) == 1


def test_its_days_stay_as_long_as_a_delivery_needs_them(tmp_path: Path) -> None:
    found = ledger(tmp_path)
    found.put(bundle(LedgerState.SENT))
    standing: list[Delivery] = [DELIVERIES[0]]
    found.prune(NOON + 30 * DAY, lambda: standing)
    assert found.get(DELIVERIES[0]) == bundle(LedgerState.SENT)
    assert known(tmp_path)[0] == "d9"
    found.prune(NOON + 30 * DAY)
    assert list(found.records()) == []
    assert known(tmp_path) == [None] * 4


def test_a_day_that_lost_its_last_write_finds_the_bundle_all_the_same(tmp_path: Path) -> None:
    early = record(5, made_at=NOON)
    ledger(tmp_path).put(early)
    ledger(tmp_path).put(bundle(LedgerState.SENT))
    path = file_of(tmp_path, NOON)
    assert previous(path).exists()
    path.write_bytes(b"damaged")
    assert known(tmp_path) == ["d9"] * 4
    assert ledger(tmp_path).get(delivery(6, made_at=NOON)) is not None, "doubtful, the others"


def test_where_the_bundle_is_lost_its_members_are_in_doubt(tmp_path: Path) -> None:
    ledger(tmp_path).put(record(5, made_at=TIMES[-1]))
    ledger(tmp_path).put(bundle(LedgerState.SENT))
    file_of(tmp_path, TIMES[-1]).write_bytes(b"damaged")
    found = ledger(tmp_path).get(DELIVERIES[0])
    assert found is not None
    assert (found.delivery_id, found.state) == ("d0", LedgerState.SENDING)
    ledger(tmp_path).put(replace(found, state=LedgerState.SENT))
    again = ledger(tmp_path).get(DELIVERIES[0])
    assert again is not None
    assert again.state is LedgerState.SENT


def test_a_backup_knows_it(tmp_path: Path) -> None:
    ledger(tmp_path / "a").put(bundle(LedgerState.SENT))
    out = io.BytesIO()
    write_backup(tmp_path / "a", out, made_at=NOON, version="0")
    out.seek(0)
    restore(tmp_path / "b", out, now=NOON + 3 * DAY, force=False)
    assert known(tmp_path / "b") == ["d9"] * 4


def test_a_file_of_an_older_version_is_read(tmp_path: Path) -> None:
    """A bundle of one day, whose members had no moments of their own."""
    old = replace(record(9), members=(Member("d0"), Member("d1")))
    assert "made_at" not in codec.encode(old)["members"][0]
    ledger(tmp_path).put(old)
    assert known(tmp_path)[:2] == ["d9", "d9"]
