"""A backup is a state to go on from, whenever it was made; a restore is whole or not at all."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import stat
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from store_samples import DAY, NOON, FailingDisk, delivery, record, row, seen, state, update

from monitor.errors import CannotWriteError, LockedError, StateError, UsageError
from monitor.model import FeedState, FeedUpdate, LedgerState, SystemState, Validators
from monitor.stores.atomic import previous
from monitor.stores.backup import Copied, read_backup, save_backup, write_backup
from monitor.stores.feedfile import feed_path
from monitor.stores.inventory import Finding, Verdict, examine, names
from monitor.stores.layout import NewerError
from monitor.stores.ledger import TinyLedger, channel_id
from monitor.stores.lock import StateLock
from monitor.stores.restore import Restored, restore
from monitor.stores.system import SystemFile
from monitor.stores.tiny import TinyStore

SCRIPT = Path(__file__).with_name("store_child.py")
FIRED = seen("e2", fired=("حرائق",))
LATER = NOON + 1000


def live(root: Path, feeds: int = 3) -> None:
    """A state with something in every kind of file."""
    store = TinyStore.open(root, now=NOON)
    for n in range(feeds):
        of = state(f"ab{n:02}", entries=(seen("e1"), FIRED), open_=(delivery(n),))
        store.commit(update(of, alerted={"link-e2": ("حرائق",)}))
    store.commit(FeedUpdate(row=replace(row(state("never")), failures=4)))
    ledger = TinyLedger.open(root, "desk-mail")
    ledger.put(record(0))
    ledger.put(record(1, state=LedgerState.WAITING))
    SystemFile(root).save(SystemState(mutes={"حرائق": NOON}, notices=(delivery(99),)))
    store.close(NOON)


def backup_of(root: Path) -> io.BytesIO:
    out = io.BytesIO()
    write_backup(root, out, made_at=NOON, version="0")
    out.seek(0)
    return out


def put_back(
    root: Path, backup: io.BytesIO, *, force: bool = False, now: float = LATER
) -> Restored:
    backup.seek(0)
    return restore(root, backup, now=now, force=force)


def doubtful(of: FeedState) -> FeedState:
    return replace(of, doubtful=True, open=tuple(replace(d, doubtful=True) for d in of.open))


def memory(root: Path) -> dict[str, bytes]:
    """All that a state remembers, by name."""
    return {name: (root / name).read_bytes() for name in names(root)}


def everything(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


# --- there and back -------------------------------------------------------------------------------


def test_what_was_backed_up_is_there_again_and_doubtful(tmp_path: Path) -> None:
    live(tmp_path / "a")
    before = TinyStore.read(tmp_path / "a")
    done = put_back(tmp_path / "b", backup_of(tmp_path / "a"))
    assert done == Restored(files=6, replaced=None)
    after = TinyStore.open(tmp_path / "b", now=LATER)
    assert after.problems() == ()
    for feed_id in ("ab00", "ab01", "ab02"):
        known = before.feed(feed_id)
        assert known is not None
        assert after.feed(feed_id) == doubtful(known)
        whole = replace(before.rows()[feed_id], validators=Validators(), body_hash="", due=0.0)
        assert after.rows()[feed_id] == whole, "it is fetched at once, and the whole document"
    assert after.rows()["never"].failures == 4
    assert after.alerted(["link-e2"]) == {"حرائق"}
    system = SystemFile(tmp_path / "b").load()
    assert system.mutes == {"حرائق": NOON}
    assert [each.doubtful for each in system.notices] == [True]


def test_what_a_restored_ledger_does_not_know_may_have_been_sent(tmp_path: Path) -> None:
    live(tmp_path / "a")
    put_back(tmp_path / "b", backup_of(tmp_path / "a"))
    ledger = TinyLedger.open(tmp_path / "b", "desk-mail")
    assert ledger.get(delivery(0)) == record(0), "what was sent is known"
    waiting, unknown = ledger.get(delivery(1)), ledger.get(delivery(2))
    assert waiting is not None
    assert unknown is not None
    assert (waiting.state, waiting.in_doubt) == (LedgerState.WAITING, 1)
    assert unknown.state is LedgerState.SENDING
    assert ledger.get(delivery(2, made_at=LATER + 1)) is None


@pytest.mark.parametrize("name", ["state.rasid", "state.gz"])
def test_a_backup_is_one_private_file_that_replaces_the_old_one(tmp_path: Path, name: str) -> None:
    live(tmp_path / "a")
    path = tmp_path / name
    path.write_text("old")
    assert save_backup(tmp_path / "a", path, made_at=NOON, version="0.1") == Copied(6, ())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {each.name for each in tmp_path.iterdir()} == {"a", name}
    content = path.read_bytes()
    text = gzip.decompress(content) if name.endswith(".gz") else content
    head, *lines, tail = map(json.loads, text.splitlines())
    assert head == {"rasid_backup": 1, "schema": 1, "made_at": NOON, "version": "0.1"}
    assert [list(line) for line in lines] == [["path", "crc32", "content"]] * 6
    order = [line["path"].split("/")[0] for line in lines]
    assert order == ["feeds"] * 3 + ["channels", "system.json", "index.json"]
    assert (tail["files"], len(tail["sha256"])) == (6, 64)
    with path.open("rb") as stream:
        assert restore(tmp_path / "b", stream, now=LATER, force=False).files == 6


def test_a_backup_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    live(tmp_path / "a")
    path = tmp_path / "state.rasid"
    path.mkdir()
    with pytest.raises(CannotWriteError, match=r"state\.rasid"):
        save_backup(tmp_path / "a", path, made_at=NOON, version="0")
    with pytest.raises(CannotWriteError):
        save_backup(tmp_path / "a", tmp_path / "none" / "x", made_at=NOON, version="0")
    assert {each.name for each in tmp_path.iterdir()} == {"a", "state.rasid"}


def test_backing_up_changes_nothing(tmp_path: Path) -> None:
    live(tmp_path)
    before = everything(tmp_path)
    backup_of(tmp_path)
    assert everything(tmp_path) == before


def test_an_empty_state_has_an_empty_backup(tmp_path: Path) -> None:
    assert put_back(tmp_path / "b", backup_of(tmp_path / "a")) == Restored(0, None)
    assert dict(TinyStore.open(tmp_path / "b", now=NOON).rows()) == {}


# --- of a state that goes on meanwhile ------------------------------------------------------------


class Meanwhile(io.BytesIO):
    """A stream that lets something happen when a line about some file has been written."""

    def __init__(self, path: str, happens: Callable[[], object]) -> None:
        super().__init__()
        self._path, self._happens = path, happens

    def write(self, data: bytes, /) -> int:  # type: ignore[override] # bytes are all it gets
        written = super().write(data)
        if data.startswith(f'{{"path":"{self._path}'.encode()):
            self._happens()
        return written


def test_an_alert_made_while_its_feed_was_copied_can_be_made_again(tmp_path: Path) -> None:
    root = tmp_path / "a"
    store = TinyStore.open(root, now=NOON)
    store.commit(update(state("ab01", entries=(seen("e1"),))))

    def alert() -> None:
        newer = state("ab01", entries=(seen("e1"), FIRED), open_=(delivery(5),))
        store.commit(update(newer, alerted={"link-e2": ("حرائق",)}))
        store.flush(NOON)

    out = Meanwhile("feeds/ab/ab01", alert)
    write_backup(root, out, made_at=NOON, version="0")
    assert b"link-e2" in out.getvalue(), "the index does know of it"
    put_back(tmp_path / "b", out)
    after = TinyStore.open(tmp_path / "b", now=LATER)
    assert after.alerted(["link-e2"]) == frozenset()
    assert after.feed("ab01") == doubtful(state("ab01", entries=(seen("e1"),)))


def test_what_was_sent_while_the_feeds_were_copied_is_known_as_sent(tmp_path: Path) -> None:
    root = tmp_path / "a"
    live(root)
    ledger = TinyLedger.open(root, "desk-mail")
    out = Meanwhile("feeds/ab/ab02", lambda: ledger.put(record(2)))
    write_backup(root, out, made_at=NOON, version="0")
    put_back(tmp_path / "b", out)
    after = TinyStore.open(tmp_path / "b", now=LATER)
    assert delivery(2).id in {each.id for each in after.open_deliveries()}
    assert TinyLedger.open(tmp_path / "b", "desk-mail").get(delivery(2)) == record(2)


def test_a_feed_that_appears_meanwhile_is_fetched_whole(tmp_path: Path) -> None:
    root = tmp_path / "a"
    store = TinyStore.open(root, now=NOON)
    store.commit(update(state("cd01")))

    def appear() -> None:
        store.commit(update(state("ab01")))
        store.flush(NOON)

    out = Meanwhile("feeds/cd/cd01", appear)
    write_backup(root, out, made_at=NOON, version="0")
    put_back(tmp_path / "b", out)
    line = TinyStore.open(tmp_path / "b", now=LATER).rows()["ab01"]
    assert (line.validators, line.body_hash, line.has_open) == (Validators(), "", False)


def test_backups_of_a_busy_process_are_consistent(tmp_path: Path) -> None:
    root = tmp_path / "a"
    command = [sys.executable, str(SCRIPT), "loop", str(root), "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        backups = [backup_of(root) for _ in range(20) if child.stdout.readline()]
        child.kill()
        child.stdout.read()
    checked = [check_backup(each, tmp_path / str(n)) for n, each in enumerate(backups)]
    assert len(checked) == 20
    assert all(found > n for n, found in enumerate(checked)), "none is older than acknowledged"


def check_backup(backup: io.BytesIO, root: Path) -> float:
    put_back(root, backup)
    assert [examine(root, name) for name in names(root)] == [None] * len(list(names(root)))
    store = TinyStore.open(root, now=LATER)
    assert store.problems() == ()
    found = store.feed("ab01")
    assert found is not None
    assert len(found.entries) == int(found.checked_at) * 37 % 90
    sent = max(each.changed_at for each in TinyLedger.read(root, "desk-mail").records())
    assert sent >= found.checked_at - 1, "the ledger is as new as the feed that was copied before"
    return found.checked_at


# --- of a state with damaged files ----------------------------------------------------------------


def test_a_recoverable_file_is_backed_up_as_the_one_before(tmp_path: Path) -> None:
    root = tmp_path / "a"
    live(root)
    path = feed_path(root, "ab01")
    TinyStore.open(root, now=NOON).commit(update(state("ab01", checked_at=NOON + 60)))
    path.write_bytes(b"torn")
    out = io.BytesIO()
    copied = write_backup(root, out, made_at=NOON, version="0")
    reason = "corrupt: no header; the one before it is used"
    fault = Finding("feeds/ab/ab01.json", Verdict.RECOVERABLE, reason)
    assert copied == Copied(6, (fault,))
    put_back(tmp_path / "b", out)
    known = state("ab01", entries=(seen("e1"), FIRED), open_=(delivery(1),))
    assert TinyStore.open(tmp_path / "b", now=LATER).feed("ab01") == doubtful(known)


def test_a_lost_file_is_told_and_the_rest_backed_up(tmp_path: Path) -> None:
    root = tmp_path / "a"
    live(root)
    feed_path(root, "ab01").write_bytes(b"torn")
    out = io.BytesIO()
    copied = write_backup(root, out, made_at=NOON, version="0")
    assert [each.verdict for each in copied.faults] == [Verdict.LOST]
    put_back(tmp_path / "b", out)
    after = TinyStore.open(tmp_path / "b", now=LATER)
    assert after.feed("ab01") is None
    assert after.feed("ab02") is not None


def test_a_state_of_a_newer_version_is_not_backed_up_by_halves(tmp_path: Path) -> None:
    live(tmp_path)
    feed_path(tmp_path, "ab01").write_bytes(b'{"rasid":{"schema":7}}')
    with pytest.raises(NewerError, match="schema 7"):
        backup_of(tmp_path)


@pytest.mark.parametrize(
    ("current", "before", "verdict"),
    [
        (b"torn", None, Verdict.RECOVERABLE),
        (None, None, Verdict.RECOVERABLE),
        (b"", b"", Verdict.LOST),
        (b'{"rasid":{"schema":7}}', None, Verdict.NEWER),
    ],
)
def test_each_kind_of_damage_has_its_word(
    tmp_path: Path, current: bytes | None, before: bytes | None, verdict: Verdict
) -> None:
    live(tmp_path)
    ledger = f"channels/{channel_id('desk-mail')}/2025-11-24.json"
    path = tmp_path / ledger
    assert examine(tmp_path, ledger) is None
    path.unlink() if current is None else path.write_bytes(current)
    if before is not None:
        previous(path).write_bytes(before)
    found = [each for each in (examine(tmp_path, name) for name in names(tmp_path)) if each]
    assert [(each.path, each.verdict) for each in found] == [(ledger, verdict)]


def test_damage_that_only_concerns_the_one_before_is_told(tmp_path: Path) -> None:
    live(tmp_path)
    path = next(tmp_path.glob("channels/*/*.prev"))
    path.write_bytes(b"torn")
    (found,) = [each for each in (examine(tmp_path, name) for name in names(tmp_path)) if each]
    assert found.verdict is Verdict.UNSECURED
    assert found.reason == "the one before it: corrupt: no header"


def test_a_lost_index_is_no_loss(tmp_path: Path) -> None:
    live(tmp_path)
    (tmp_path / "index.json").write_bytes(b"")
    found = examine(tmp_path, "index.json")
    assert found is not None
    assert (found.verdict, "built again" in found.reason) == (Verdict.RECOVERABLE, True)


# --- what a restore refuses -----------------------------------------------------------------------


def test_damage_anywhere_in_a_backup_is_found_before_anything_changes(tmp_path: Path) -> None:
    live(tmp_path / "a")
    live(tmp_path / "b", feeds=1)
    sound, chance = backup_of(tmp_path / "a").getvalue(), random.Random(5)
    before = memory(tmp_path / "b")
    for _ in range(300):
        content = bytearray(sound)
        at = chance.randrange(len(content))
        match chance.randrange(4):
            case 0:
                content[at] ^= 1 << chance.randrange(8)
            case 1:
                del content[at:]
            case 2:
                del content[at : at + 40]
            case _:
                content += content[at:]
        with pytest.raises(StateError) as caught:
            put_back(tmp_path / "b", io.BytesIO(bytes(content)), force=True)
        assert caught.value.exit_code == 65
        assert memory(tmp_path / "b") == before
    assert {each.name for each in (tmp_path / "b").iterdir()} == {
        "feeds", "channels", "system.json", "index.json", "reserve", "lock",
    }  # fmt: skip


def test_a_packed_backup_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    live(tmp_path / "a")
    packed = gzip.compress(backup_of(tmp_path / "a").getvalue())
    for length in (3, 12, len(packed) // 2, len(packed) - 1):
        with pytest.raises(StateError, match="backup"):
            put_back(tmp_path / "b", io.BytesIO(packed[:length]))


def forged(path: str, content: str = "", **head: object) -> io.BytesIO:
    """A backup of one file, right in itself."""
    crc = f"{zlib.crc32(content.encode()):08x}"
    lines = [
        {"rasid_backup": 1, "schema": 1, "made_at": NOON, "version": "0"} | head,
        {"path": path, "crc32": crc, "content": content},
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines).encode()
    tail = {"files": 1, "sha256": hashlib.sha256(text).hexdigest()}
    return io.BytesIO(text + json.dumps(tail).encode() + b"\n")


@pytest.mark.parametrize(
    "path",
    [
        "../evil.json",
        "/etc/passwd",
        "feeds/ab/../../../evil.json",
        "feeds/ab/cd01.json",
        "feeds/ab/ab01.json.prev",
        "feeds/ab/ab01.json\n",
        "feeds/ab/ab\0.json",
        "channels/desk/2025-11-24.json",
        f"channels/{'a' * 16}/..json",
        "channels/٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠/2025-11-24.json",
        "lock",
        "reserve",
        "inbox/x",
        "",
    ],
)
def test_no_path_leads_out_of_what_a_state_is(tmp_path: Path, path: str) -> None:
    with pytest.raises(StateError, match="no file of a state"):
        put_back(tmp_path / "b", forged(path))
    assert {each.name for each in tmp_path.rglob("*")} == {"b", "lock"}


@pytest.mark.parametrize(
    ("head", "content", "reason"),
    [
        ({"rasid_backup": 2}, "", "newer version .backup 2"),
        ({"schema": 9}, "", "newer version .*schema 9"),
        ({}, '{"rasid":{"schema":9}}', "newer version .schema 9"),
        ({}, "{}", "system.json: corrupt: no header"),
        ({"rasid_backup": "x"}, "", "no backup"),
    ],
)
def test_what_cannot_be_restored_is_told(
    tmp_path: Path, head: dict[str, object], content: str, reason: str
) -> None:
    with pytest.raises(StateError, match=reason) as caught:
        put_back(tmp_path / "b", forged("system.json", content, **head))
    assert caught.value.exit_code == 65


@pytest.mark.parametrize("content", [b"", b"\n", b"[]\n", b"text", b"\x1f\x8b", b"\0" * 99])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(StateError, match="backup"):
        put_back(tmp_path / "b", io.BytesIO(content))


def test_a_state_in_use_is_not_replaced(tmp_path: Path) -> None:
    live(tmp_path / "a")
    with StateLock.acquire(tmp_path / "b"), pytest.raises(LockedError):
        put_back(tmp_path / "b", backup_of(tmp_path / "a"), force=True)


def test_a_state_that_is_not_empty_is_replaced_only_by_force(tmp_path: Path) -> None:
    live(tmp_path / "a")
    live(tmp_path / "b", feeds=1)
    before = memory(tmp_path / "b")
    with pytest.raises(UsageError, match="not empty; --force"):
        put_back(tmp_path / "b", backup_of(tmp_path / "a"))
    assert memory(tmp_path / "b") == before

    first = put_back(tmp_path / "b", backup_of(tmp_path / "a"), force=True).replaced
    assert first is not None
    assert memory(first) == before
    assert len(list(names(tmp_path / "b"))) == 6
    second = put_back(tmp_path / "b", backup_of(tmp_path / "a"), force=True).replaced
    assert second is not None
    assert list((tmp_path / "b").glob("replaced-*")) == [second], "the newest one alone is kept"
    assert len(list(names(second))) == 6


def test_what_is_no_memory_stays_where_it_is(tmp_path: Path) -> None:
    live(tmp_path / "a")
    (tmp_path / "b" / "inbox").mkdir(parents=True)
    for name in ("archive.sqlite", "my-own-backup.gz"):
        (tmp_path / "b" / name).write_bytes(b"mine")
    assert put_back(tmp_path / "b", backup_of(tmp_path / "a")).replaced is None
    for _ in range(2):
        put_back(tmp_path / "b", backup_of(tmp_path / "a"), force=True)
    assert (tmp_path / "b" / "inbox").is_dir()
    for name in ("archive.sqlite", "my-own-backup.gz"):
        assert (tmp_path / "b" / name).read_bytes() == b"mine"


# --- a restore that is cut off --------------------------------------------------------------------


def settle(root: Path, old: dict[str, bytes], backup: io.BytesIO, new: set[str]) -> None:
    """After a cut: the old state whole, the new one whole, or refused; then it is run again."""
    cut_off = (root / "restoring").exists()
    had_old = memory(root) == old
    if cut_off:
        for act in (TinyStore.read, lambda root: TinyStore.open(root, now=LATER), backup_of):
            with pytest.raises(StateError, match="was cut off; run `rasid state restore` again"):
                act(root)
    else:
        assert had_old or set(names(root)) == new
    put_back(root, backup, force=not cut_off, now=LATER + DAY)
    assert set(names(root)) == new
    store = TinyStore.open(root, now=LATER)
    assert store.problems() == ()
    assert all(store.feed(f"ab{n:02}") is not None for n in range(3))
    (replaced,) = root.glob("replaced-*")
    assert memory(replaced) == old or not (cut_off or had_old), "nothing of the old state is lost"
    assert not (root / "restoring").exists()
    assert not (root / "restoring.new").exists()


@pytest.mark.untraced
def test_a_restore_cut_off_at_any_call_can_be_run_again(tmp_path: Path) -> None:
    live(tmp_path / "a")
    backup = backup_of(tmp_path / "a")
    fail_at, refused = 0, 0
    while True:
        fail_at += 1
        root = tmp_path / str(fail_at)
        live(root, feeds=1)
        old, disk = memory(root), FailingDisk(fail_at, dead=True)
        disk.armed = True
        backup.seek(0)
        try:
            restore(root, backup, now=LATER, force=True, disk=disk)
        except CannotWriteError:
            refused += (root / "restoring").exists()
            settle(root, old, backup, set(names(tmp_path / "a")))
        else:
            break
    assert fail_at > 40
    assert refused > 10, "the two last steps were cut off as well"


@pytest.mark.parametrize("content", [b"", b"torn", b"[]", b'{"replaced":"x"}'])
def test_a_mark_of_a_restore_that_cannot_be_read_is_told(tmp_path: Path, content: bytes) -> None:
    live(tmp_path / "a")
    (tmp_path / "a" / "restoring").write_bytes(content)
    before = everything(tmp_path / "a")
    with pytest.raises(StateError, match=r"restoring: cannot be read: .*remove it"):
        put_back(tmp_path / "a", backup_of(tmp_path / "none"), force=True)
    assert everything(tmp_path / "a") == before | {tmp_path / "a" / "lock": b""}


def test_a_killed_restore_can_be_run_again(tmp_path: Path) -> None:
    cut_off_in_a_loop(tmp_path, kills=8)


@pytest.mark.long
def test_many_killed_restores_can_be_run_again(tmp_path: Path) -> None:
    cut_off_in_a_loop(tmp_path, kills=150)


def cut_off_in_a_loop(folder: Path, kills: int) -> None:
    live(folder / "a", feeds=30)
    path, chance = folder / "backup.gz", random.Random(3)
    save_backup(folder / "a", path, made_at=NOON, version="0")
    backup, new = backup_of(folder / "a"), set(names(folder / "a"))
    for number in range(kills):
        root = folder / f"b{number}"
        live(root, feeds=1)
        old = memory(root)
        command = [sys.executable, str(SCRIPT), "restore", str(root), str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            until = time.monotonic() + chance.random() * 0.15
            while child.poll() is None and time.monotonic() < until:
                pass
            child.kill()
        settle(root, old, backup, new)


def test_every_file_of_a_backup_can_be_read_on_its_own(tmp_path: Path) -> None:
    live(tmp_path)
    assert [name for name, _ in read_backup(backup_of(tmp_path))] == list(names(tmp_path))
