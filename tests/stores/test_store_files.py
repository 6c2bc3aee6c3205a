"""Files as they lie on the disk: who may read them, what is in them, what is refused."""

from __future__ import annotations

import json
import os
import random
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_samples import NOON, delivery, record, seen, state, update
from tinydb import TinyDB, where

from monitor.errors import CannotWriteError, StateError
from monitor.model import Request, SystemState, Wish
from monitor.stores.atomic import AtomicStorage, load_tables, save_tables
from monitor.stores.disk import Disk
from monitor.stores.generations import recall
from monitor.stores.inbox import Inbox
from monitor.stores.index import index_of
from monitor.stores.ledger import TinyLedger, channel_names
from monitor.stores.lock import StateLock
from monitor.stores.system import SystemFile
from monitor.stores.tiny import TinyStore

FEED_FILE = "feeds/ab/ab01.json"


@pytest.fixture(params=[0o000, 0o022, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def write_everything(root: Path) -> None:
    with StateLock.acquire(root):
        store = TinyStore.open(root, now=NOON)
        store.commit(update(state(entries=(seen("e1"), seen("e2")), open_=(delivery(),))))
        TinyLedger.open(root, "desk-mail").put(record())
        SystemFile(root).save(SystemState())
        store.close(NOON)


def test_the_state_is_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    root = tmp_path / "deep" / "state"
    write_everything(root)
    found = [root.parent, root, *root.rglob("*")]
    modes = {each: stat.S_IMODE(each.stat().st_mode) for each in found}
    assert {modes[each] for each in found if each.is_dir()} == {0o700}
    assert {modes[each] for each in found if each.is_file()} == {0o600}


def test_the_state_has_these_files_and_no_other(tmp_path: Path) -> None:
    write_everything(tmp_path)
    files = {str(each.relative_to(tmp_path)) for each in tmp_path.rglob("*") if each.is_file()}
    ledger = files - {"index.json", "system.json", "lock", "reserve", FEED_FILE}
    assert len(ledger) == 1
    assert re.fullmatch(r"channels/[0-9a-f]{16}/2025-11-24\.json", ledger.pop())


def test_a_file_is_json_that_people_can_read(tmp_path: Path) -> None:
    write_everything(tmp_path)
    text = (tmp_path / FEED_FILE).read_text()
    document = json.loads(text)
    assert list(document) == ["rasid", "feed", "entries", "open"]
    assert document["rasid"]["schema"] == 1
    assert "حريق في سوق مخمور" in text
    lines = [line for line in text.splitlines() if '"key":"e' in line]
    assert len(lines) == 2, "one entry a line"


def test_tinydb_itself_can_query_a_file(tmp_path: Path) -> None:
    write_everything(tmp_path)
    database = TinyDB(tmp_path / FEED_FILE, Disk(), storage=AtomicStorage)
    assert database.tables() == {"feed", "entries", "open"}
    assert database.table("entries").get(where("key") == "e2")["link_key"] == "link-e2"


def test_a_commit_is_one_write(tmp_path: Path) -> None:
    class Counting(Disk):
        written = 0

        def create(self, path: Path) -> int:
            self.written += 1
            return super().create(path)

    disk = Counting()
    store = TinyStore.open(tmp_path, now=NOON, disk=disk)
    disk.written = 0
    store.commit(update(state(entries=(seen("e1"), seen("e2")), open_=(delivery(),))))
    store.commit(update(state(entries=(seen("e1"),))))
    assert disk.written == 2


def test_the_cost_of_a_commit_does_not_grow_with_the_feeds(tmp_path: Path) -> None:
    class Measuring(Disk):
        cost: tuple[int, int] = (0, 0)

        def write(self, descriptor: int, data: bytes) -> None:
            self.cost = (self.cost[0] + 1, self.cost[1] + len(data))
            super().write(descriptor, data)

    disk, costs = Measuring(), []
    store = TinyStore.open(tmp_path, now=NOON, disk=disk)
    for n in range(300):
        disk.cost = (0, 0)
        store.commit(update(state(f"ab{n:04}", entries=(seen("e1"),)), alerted={f"k{n}": ("r",)}))
        costs.append(disk.cost)
    assert len(set(costs)) == 1


def test_an_unchanged_feed_writes_nothing(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    committed = update(state())
    store.commit(committed)
    before = (tmp_path / FEED_FILE).stat()
    store.commit(type(committed)(row=committed.row))
    assert (tmp_path / FEED_FILE).stat() == before
    assert not (tmp_path / "index.json").exists(), "the index is written behind"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\0" * 4096, "no header"),
        (b"{}", "no header"),
        (b'{"feed":{"1":{}}}', "no header"),
        (b'{"rasid":{"schema":1', "checksum"),
        (b'{"rasid":{"schema":0,"crc32":"00000000"},\n', "checksum"),
        (b'{"rasid":{"schema":1,"crc32":"00000000"},\n', "corrupt: "),
        (b'{"rasid":{"schema":2,"crc32":"00000000"},\n"feed":{}}', "newer version (schema 2"),
        (b'{"rasid":{"schema":7,"made_by":"later"}}', "newer version (schema 7"),
    ],
)
@pytest.mark.parametrize("name", [FEED_FILE, "index.json", "system.json", "ledger"])
def test_a_wrong_file_is_named_and_left_as_it_is(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    write_everything(tmp_path)
    path = next(tmp_path.glob("channels/*/*")) if name == "ledger" else tmp_path / name
    path.write_bytes(content)
    with pytest.raises(StateError, match=re.escape(str(path))) as caught:
        read_one(tmp_path, name)
    assert reason in str(caught.value)
    assert caught.value.exit_code == 65
    assert path.read_bytes() == content


def read_one(root: Path, name: str) -> object:
    if name == "ledger":
        return TinyLedger.read(root, "desk-mail").get(delivery())
    if name == "system.json":
        return SystemFile(root).load()
    if name == "index.json":
        return recall(root / name, index_of)
    return TinyStore.read(root).feed("ab01")


def test_damaged_bytes_are_never_taken_for_others(tmp_path: Path) -> None:
    write_everything(tmp_path)
    path, chance = tmp_path / FEED_FILE, random.Random(7)
    sound, store = path.read_bytes(), TinyStore.read(tmp_path)
    committed = store.feed("ab01")
    refused = 0
    for _ in range(200):
        path.write_bytes(damaged(sound, chance))
        try:
            assert store.feed("ab01") == committed
        except StateError:
            refused += 1
    assert refused > 150


def damaged(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return chance.choice(
        [
            content[:at],
            content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :],
            content[:at] + content[at + 1 :],
            content[:at] + b"\0" * (len(content) - at),
            content + content[at:],
        ]
    )


DESK: list[dict[str, object]] = [{"name": "desk-mail"}]
OLD_RECORD = {"delivery_id": "d1", "state": "sent", "made_at": NOON - 86400}
SHAPES: list[tuple[dict[str, list[dict[str, object]]], str]] = [
    ({"feed": []}, "expected one feed, got 0"),
    ({"entries": []}, "expected one feed, got 0"),
    ({"feed": [{"feed_id": "ab01"}]}, "url"),
    ({"feed": [{"feed_id": "ab01", "url": 7}]}, "url: expected str, got int"),
    ({"feed": [{"feed_id": "cd02", "url": "u"}]}, "holds another feed, cd02"),
    ({"feed": [{"feed_id": "ab01", "url": "u", "gone": 1}]}, "gone: expected bool, got int"),
    ({"feed": [{"feed_id": "ab01", "url": "u"}], "open": [{"id": "d1"}]}, "Delivery"),
]


@pytest.mark.parametrize(("tables", "reason"), SHAPES)
def test_a_sound_file_of_another_shape_is_refused(
    tmp_path: Path, tables: dict[str, list[dict[str, object]]], reason: str
) -> None:
    save_tables(tmp_path / FEED_FILE, tables, Disk())
    store = TinyStore.read(tmp_path)
    assert [reason in each.reason for each in store.problems()] == [True]
    with pytest.raises(StateError, match=reason):
        store.feed("ab01")


@pytest.mark.parametrize(
    ("name", "tables", "reason"),
    [
        ("system.json", {"system": []}, "expected one document, got 0"),
        ("system.json", {"system": [{"mutes": []}]}, "mutes: expected an object"),
        ("index.json", {"rows": [{"feed_id": "ab01", "url": "u"}]}, "is no index"),
        ("index.json", {"index": [{}], "rows": [{"feed_id": "ab01"}]}, "url"),
        ("ledger", {"deliveries": []}, "expected one channel, got 0"),
        ("ledger", {"channel": [{}]}, "name"),
        ("ledger", {"channel": [{"name": "other"}]}, "holds another channel, other"),
        ("ledger", {"channel": DESK, "deliveries": [{"delivery_id": "d1"}]}, "state"),
        ("ledger", {"channel": DESK, "deliveries": [OLD_RECORD]}, "a delivery of another day, d1"),
    ],
)
def test_other_sound_files_of_another_shape_are_refused(
    tmp_path: Path, name: str, tables: dict[str, list[dict[str, object]]], reason: str
) -> None:
    write_everything(tmp_path)
    path = next(tmp_path.glob("channels/*/*")) if name == "ledger" else tmp_path / name
    path.unlink()  # nothing is to stand in for it
    save_tables(path, tables, Disk())
    with pytest.raises(StateError, match=f"{re.escape(str(path))}: .*{reason}"):
        read_one(tmp_path, name)


def test_what_a_later_version_added_is_passed_over(tmp_path: Path) -> None:
    feed = {"feed_id": "ab01", "url": "https://ab01.example/feed", "mood": "fine"}
    save_tables(tmp_path / FEED_FILE, {"feed": [feed], "moods": [{"a": 1}]}, Disk())
    found = TinyStore.read(tmp_path).feed("ab01")
    assert found is not None
    assert found.url == "https://ab01.example/feed"


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_can_be_written(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("text") / "x.json"
    save_tables(path, {"t": [{"text": text}]}, Disk())
    # two lone halves side by side are one character to JSON
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    assert load_tables(path) == {"t": [{"text": whole}]}
    path.read_bytes().decode("utf-8")


@pytest.mark.parametrize("text", ["\ud83d", "\\\udc00", "قبل\udfffبعد", "\u2028\u202e\0"])
def test_broken_text_comes_back_as_it_was(tmp_path: Path, text: str) -> None:
    save_tables(tmp_path / "x.json", {"t": [{"text": text}]}, Disk())
    assert load_tables(tmp_path / "x.json") == {"t": [{"text": text}]}
    (tmp_path / "x.json").read_bytes().decode("utf-8")


def test_a_document_that_json_cannot_hold_leaves_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    save_tables(path, {"t": [{"n": 1}]}, Disk())
    with pytest.raises(ValueError, match="JSON"):
        save_tables(path, {"t": [{"n": 2}, {"n": float("nan")}]}, Disk())
    assert load_tables(path) == {"t": [{"n": 1}]}


def test_a_folder_that_is_none_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(CannotWriteError, match="state") as caught:
        TinyStore.open(tmp_path / "state", now=NOON)
    assert caught.value.exit_code == 73


def test_an_id_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    for feed_id in ["../../etc/passwd", "a/b", "", "ab\0", "..", "١٢"]:
        with pytest.raises(ValueError, match="letters and digits"):
            store.feed(feed_id)


def test_the_names_of_channels_are_kept_in_their_files(tmp_path: Path) -> None:
    names = ("desk-mail", "غرفة الأخبار", "../../up")
    for name in names:
        TinyLedger.open(tmp_path, name).put(record())
    assert channel_names(tmp_path) == tuple(sorted(names))
    assert {each.parent.parent for each in tmp_path.rglob("*.json")} == {tmp_path / "channels"}


def test_a_damaged_day_stops_no_other(tmp_path: Path) -> None:
    ledger = TinyLedger.open(tmp_path, "desk-mail")
    for number in range(3):
        ledger.put(record(number, made_at=NOON + number * 86400))
    bad = sorted(tmp_path.glob("channels/*/*"))[1]
    bad.write_bytes(b"")
    reader = TinyLedger.read(tmp_path, "desk-mail")
    assert [each.delivery_id for each in reader.records()] == ["d0", "d2"]
    assert [str(each) for each in reader.problems()] == [f"{bad}: corrupt: the file is empty"]
    assert channel_names(tmp_path) == ("desk-mail",)
    fresh = TinyLedger.open(tmp_path, "desk-mail")
    assert fresh.prune(NOON + 30 * 86400) == 2
    assert bad.exists(), "what cannot be read is kept"


def test_requests_are_taken_up_in_the_order_of_their_coming(tmp_path: Path) -> None:
    inbox, ends = Inbox(tmp_path), [float(number) for number in range(20)]
    for number, until in enumerate(ends):
        path = inbox.put(Request(Wish.MUTE, rule="أ", until=until))
        os.utime(path, (number, number))
    assert [request.until for _, request in inbox.waiting()] == ends


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_makes_beside_a_service_belongs_to_the_service(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    with StateLock.acquire(tmp_path):
        TinyStore.open(tmp_path, now=NOON).commit(update(state()))
        SystemFile(tmp_path).save(SystemState(mutes={"أ": 1.0}))
        Inbox(tmp_path).put(Request(Wish.RETRY))
    owners = {path.name: path.stat().st_uid for path in tmp_path.rglob("*")}
    assert set(owners.values()) == {65534}, owners
