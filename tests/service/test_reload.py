"""A running daemon takes over what is saved, and nothing that is wrong."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import ConfigError
from monitor.model import Rule
from monitor.service.edits import refuse_emptied
from monitor.service.reload import REST, Watch
from monitor.settings.load import Config
from origin import Origin, rss
from sink import Received, Sink
from stranger import Daemon, Stranger

NEW_RULE = "rules:\n  - {name: فيضان, any: [فيضان]}\n"


def item(number: int, text: str) -> dict[str, str]:
    return {
        "title": f"خبر {number}",
        "link": f"https://news.example/{number}",
        "guid": f"n{number}",
        "content": text,
    }


def text_of(mail: Received) -> str:
    body = mail.message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\u200b", "")  # behind dots, for links


def status_until(home: Stranger, true: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first status of which it is true; each look is a process, so there is no need to wait."""
    for _ in range(40):
        found: dict[str, Any] = json.loads(home.run("status", "--json").stdout)
        if true(found):
            return found
    pytest.fail(f"did not come about: {found}")


def test_rules_feeds_and_channels_that_are_saved_come_into_force(tmp_path: Path) -> None:
    with Origin() as origin, Sink() as sink, Sink() as other:
        flood = item(1, "فيضان يغمر قرى على ضفاف النهر ويقطع الطريق العام منذ ليلة أمس")
        origin.put("/a.xml", rss([item(0, "لا شيء يذكر هنا")]))
        origin.put("/b.xml", rss([]))
        home = Stranger(tmp_path, feeds={"a": origin.url("/a.xml")}, channels={"mail": sink.mailto})
        monitor = (home.folder / "monitor.yaml").read_text("utf-8")
        feeds = (home.folder / "feeds.yaml").read_text("utf-8")
        with Daemon(home, tmp_path / "daemon") as daemon:
            daemon.wait_until_ready()
            home.write("rules.yaml", NEW_RULE)
            second = f"  second: {{url: {json.dumps(other.mailto)}}}\n"
            home.write("monitor.yaml", f"{monitor}{second}log: {{level: debug, format: human}}\n")
            home.write("feeds.yaml", feeds + f"  - {{name: b, url: {origin.url('/b.xml')}}}\n")
            found = status_until(home, lambda s: s["reload"]["at"] and s["feeds"]["ok"] == 2)
            assert found["reload"]["ok"] is True
            origin.put("/b.xml", rss([flood]))
            assert "فيضان" in str(sink.wait_for(1)[0].message.get_body(("plain",)).get_content())
            other.wait_for(1)
            told = home.run("rules", "diff").stdout
            assert "rules.yaml is in force since " in told, "what it replaced is kept"
            assert "فيضان: new, " in told
            log = daemon.log.read_text("utf-8")
            assert daemon.stop() == 0, log
            assert " debug rasid.feeds: b: changed, 0 new" in log


def test_a_wrong_configuration_leaves_the_old_one_in_force_and_says_why(tmp_path: Path) -> None:
    with Origin() as origin, Sink() as sink:
        origin.put("/a.xml", rss([item(0, "لا شيء يذكر هنا")]))
        home = Stranger(tmp_path, feeds={"a": origin.url("/a.xml")}, channels={"mail": sink.mailto})
        monitor = (home.folder / "monitor.yaml").read_text("utf-8")
        home.write("monitor.yaml", f"{monitor}operator: mail\nlanguage: en\n")
        with Daemon(home, tmp_path / "daemon") as daemon:
            daemon.wait_until_ready()
            home.write("rules.yaml", "rules:\n  - {name: فيضان, chanels: [mail], any: [فيضان]}\n")
            daemon.process.send_signal(signal.SIGHUP)
            found = status_until(home, lambda s: s["reload"]["ok"] is False)
            (error,) = found["reload"]["errors"]
            assert error.startswith("rules.yaml:2:19: chanels: unknown key (did you mean")
            assert error in found["problems"]
            shown = home.run("status")
            assert shown.returncode == 1
            assert "rules     2, 0 muted" in shown.stdout  # those in force
            (refused,) = sink.wait_for(1)
            assert "has an error" in refused.message["subject"]
            assert error in text_of(refused)
            home.write("rules.yaml", "rules: [\n")  # broken otherwise: who repaired it hears of it
            status_until(home, lambda s: s["reload"]["errors"] != [error])
            daemon.process.send_signal(signal.SIGHUP)  # the same once more: told already
            home.write("rules.yaml", "rules:\n  - {name: داعش, any: [داعش]}\n")
            origin.put("/a.xml", rss([item(1, "هجوم لداعش على نقطة تفتيش في أطراف المدينة ليلا")]))
            subjects = [each.message["subject"] for each in sink.wait_for(4)]
            assert sum("right again" in subject for subject in subjects) == 1
            assert sum("has an error" in subject for subject in subjects) == 2
            assert daemon.stop() == 0


def test_a_file_that_a_refused_configuration_names_is_waited_for(tmp_path: Path) -> None:
    with Origin() as origin, Sink() as sink:
        origin.put("/a.xml", rss([]))
        home = Stranger(tmp_path, feeds={"a": origin.url("/a.xml")}, channels={"mail": sink.mailto})
        monitor = (home.folder / "monitor.yaml").read_text("utf-8")
        with Daemon(home, tmp_path / "daemon") as daemon:
            daemon.wait_until_ready()
            home.write("monitor.yaml", f"{monitor}  second: {{url_file: second.url}}\n")
            found = status_until(home, lambda s: s["reload"]["ok"] is False)
            assert "there is no such file" in found["reload"]["errors"][0]
            home.write("second.url", "console://")
            found = status_until(home, lambda s: s["reload"]["ok"] is True)
            assert "second" in found["channels"]
            assert daemon.stop() == 0
            log = daemon.log.read_text("utf-8")
        assert log.count("configuration read") == 1  # a new name is no reason to read again
        assert log.count("configuration refused") == 1


def test_a_hangup_while_the_daemon_starts_is_no_end(tmp_path: Path) -> None:
    with Origin() as origin, Sink() as sink:
        origin.put("/a.xml", rss([]))
        home = Stranger(tmp_path, feeds={"a": origin.url("/a.xml")}, channels={"mail": sink.mailto})
        monitor = home.folder / "monitor.yaml"
        text = monitor.read_text("utf-8")
        monitor.unlink()
        os.mkfifo(monitor)  # so that reading it takes as long as we like
        with Daemon(home, tmp_path / "daemon") as daemon:
            with monitor.open("w", encoding="utf-8") as slow:
                daemon.process.send_signal(signal.SIGHUP)
                slow.write(text)
                beside = tmp_path / "monitor.yaml"
                beside.write_text(text, "utf-8")
                beside.replace(monitor)
            daemon.wait_until_ready()
            assert daemon.stop() == 0


def test_an_emptied_file_is_an_accident_and_ends_no_rule(tmp_path: Path) -> None:
    """As a full disk or an editor that crashed leaves it."""
    with Origin() as origin, Sink() as sink:
        origin.put("/a.xml", rss([item(0, "لا شيء يذكر هنا")]))
        home = Stranger(tmp_path, feeds={"a": origin.url("/a.xml")}, channels={"mail": sink.mailto})
        with Daemon(home, tmp_path / "daemon") as daemon:
            daemon.wait_until_ready()
            home.write("rules.yaml", "# كل القواعد\n\nrules:  # لاحقا\n")
            daemon.process.send_signal(signal.SIGHUP)
            found = status_until(home, lambda s: s["reload"]["ok"] is False)
            assert found["reload"]["errors"] == [
                "rules.yaml:1:1: is empty, so the old rules stay (rules: [] would end them all)"
            ]
            assert found["rules"]["total"] == 2
            origin.put("/a.xml", rss([item(1, "هجوم لداعش على نقطة تفتيش في أطراف المدينة ليلا")]))
            sink.wait_for(1)
            home.write("rules.yaml", "rules: []\n")  # so it is meant
            daemon.process.send_signal(signal.SIGHUP)
            status_until(home, lambda s: s["reload"]["ok"] and s["rules"]["total"] == 0)
            assert daemon.stop() == 0
            assert "0 rules (gone: داعش, مخمور المكان)" in daemon.log.read_text("utf-8")


@pytest.mark.parametrize(
    ("left", "emptied"),
    [
        ("", True),
        ("\ufeff", True),
        ("rules:\n", True),
        ("# لا شيء\n", True),
        ("rules: []\n", False),
        ("places: []\n", False),
    ],
)
def test_what_counts_as_emptied(tmp_path: Path, left: str, emptied: bool) -> None:
    before = Config(tmp_path, tmp_path / "state", rules=(Rule("داعش"),))
    (tmp_path / "rules.yaml").write_text(left, "utf-8")
    now = replace(before, rules=())
    if emptied:
        with pytest.raises(ConfigError, match="is empty"):
            refuse_emptied(now, before)
    else:
        refuse_emptied(now, before)
    refuse_emptied(now, now)
    refuse_emptied(before, before)


def test_the_operator_hears_that_most_rules_are_gone(tmp_path: Path) -> None:
    """As from a file that was cut off between two rules, which is right in itself."""
    rules = "rules:\n" + "".join(f"  - {{name: قاعدة {n}, any: [كلمة{n}]}}\n" for n in range(9))
    with Origin() as origin, Sink() as sink:
        origin.put("/a.xml", rss([]))
        home = Stranger(
            tmp_path,
            feeds={"a": origin.url("/a.xml")},
            channels={"mail": sink.mailto},
            rules=rules,
        )
        monitor = (home.folder / "monitor.yaml").read_text("utf-8")
        home.write("monitor.yaml", f"{monitor}operator: mail\nlanguage: en\n")
        with Daemon(home, tmp_path / "daemon") as daemon:
            daemon.wait_until_ready()
            home.write("rules.yaml", "".join(rules.splitlines(keepends=True)[:-1]))  # one less
            daemon.process.send_signal(signal.SIGHUP)
            status_until(home, lambda s: s["rules"]["total"] == 8)
            home.write("rules.yaml", "".join(rules.splitlines(keepends=True)[:4]))
            daemon.process.send_signal(signal.SIGHUP)
            (told,) = sink.wait_for(1)
            assert daemon.stop() == 0
    assert told.message["subject"] == "Rasid: rules in force now: 3"
    assert "قاعدة 7" in text_of(told)
    assert "قاعدة 8" not in text_of(told)


def test_files_are_left_alone_until_they_rest(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("rules: []\n")
    watch = Watch(tmp_path)
    assert not watch.changed(10.0)
    rules.write_text("rules:\n")
    assert not watch.changed(11.0)
    rules.write_text("rules:\n  - {}\n")
    assert not watch.changed(11.0 + REST / 2)
    assert not watch.changed(11.0 + REST)
    assert watch.changed(11.0 + REST * 1.5)
    assert not watch.changed(99.0)
    rules.unlink()
    assert not watch.changed(100.0)
    assert watch.changed(100.0 + REST)


def test_files_that_the_configuration_names_are_watched_too(tmp_path: Path) -> None:
    words, later = tmp_path / "words.j2", tmp_path / "later.j2"
    words.write_text("أ")
    named = [words]
    watch = Watch(tmp_path, lambda: named)
    words.write_text("أ ب")
    assert not watch.changed(10.0)
    assert watch.changed(10.0 + REST)
    named.append(later)  # it was missing when it was read
    assert not watch.changed(20.0)
    assert not watch.changed(20.0 + REST)
    later.write_text("ج")
    assert not watch.changed(30.0)
    assert watch.changed(30.0 + REST)
    assert not watch.changed(99.0)
    named.clear()  # no reason to read anything again
    assert not watch.changed(199.0)
    assert not watch.changed(199.0 + REST)


def test_what_changed_while_the_files_were_read_is_read_again(tmp_path: Path) -> None:
    rules, words = tmp_path / "rules.yaml", tmp_path / "words.j2"
    began = time.time()
    rules.write_text("rules: []\n")
    named: list[Path] = []
    watch = Watch(tmp_path, lambda: named, began)
    assert not watch.changed(10.0)
    assert watch.changed(10.0 + REST)
    words.write_text("ج")
    named.append(words)  # read by the reload that began, or not
    assert not watch.changed(20.0)
    assert watch.changed(20.0 + REST)
    assert not watch.changed(99.0)


def test_a_change_shows_without_another_size_or_time(tmp_path: Path) -> None:
    """rsync --inplace -t."""
    rules = tmp_path / "rules.yaml"
    rules.write_text("rules: []\n")
    status, watch = rules.stat(), Watch(tmp_path)
    rules.write_text("rules: ~ \n")
    os.utime(rules, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert not watch.changed(10.0)
    assert watch.changed(10.0 + REST)


def test_what_may_be_read_now_is_read(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("rules: []\n")
    rules.chmod(0o000)
    watch = Watch(tmp_path, lambda: [tmp_path / "no\0name"])
    rules.chmod(0o644)
    assert not watch.changed(10.0)
    assert watch.changed(10.0 + REST)
    assert not watch.changed(99.0)


# --- how files are saved --------------------------------------------------------------------------

OLD, NEW = "rules: []\n", NEW_RULE


def in_place(path: Path) -> Iterator[None]:
    path.write_text(NEW)
    yield


def by_rename(path: Path) -> Iterator[None]:
    """Emacs, VS Code, sed -i, ansible's copy: a file beside it takes its place."""
    beside = path.with_name(".rules.yaml.tmp")
    beside.write_text(NEW)
    yield
    beside.replace(path)
    yield


def as_vim_does(path: Path) -> Iterator[None]:
    """With `backup`: the old file moves away, a new one is written, the backup goes."""
    backup = path.with_name("rules.yaml~")
    path.rename(backup)
    yield
    path.write_text(NEW)
    yield
    backup.unlink()
    yield


def emptied_first(path: Path) -> Iterator[None]:
    """A shell's `>`: nothing for a moment, then the whole."""
    path.write_text("")
    yield
    path.write_text(NEW)
    yield


def slowly(path: Path) -> Iterator[None]:
    """Over three seconds and more, a piece every third of one."""
    with path.open("w") as file:
        for piece in range(0, len(NEW), 4):
            file.write(NEW[piece : piece + 4])
            file.flush()
            yield


def with_its_time_kept(path: Path) -> Iterator[None]:
    """rsync -t, cp -p: the new file is as old as it was elsewhere."""
    beside = path.with_name("elsewhere")
    beside.write_text(NEW)
    os.utime(beside, (1.0, 1.0))
    beside.replace(path)
    yield


WAYS = [in_place, by_rename, as_vim_does, emptied_first, slowly, with_its_time_kept]


def changes(watch: Watch, path: Path, way: Callable[[Path], Iterator[None]]) -> list[str]:
    """What stands in the file at each reload, a third of a second going by at each step; how long
    after the last step the last reload came is held to two seconds."""
    read, now = [], 100.0
    for _ in way(path):
        now += 0.33
        read += [path.read_text()] if watch.changed(now) else []
    for tick in range(40):
        if watch.changed(now + tick * 0.25):
            read.append(path.read_text())
            assert tick * 0.25 < 2.0
    return read


@pytest.mark.parametrize("way", WAYS)
def test_however_a_file_is_saved_it_is_read_once_and_whole(tmp_path: Path, way) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(OLD)
    assert changes(Watch(tmp_path), path, way) == [NEW]


def test_a_folder_behind_links_that_are_swapped_is_read_once(tmp_path: Path) -> None:
    """A mounted ConfigMap of Kubernetes: rules.yaml -> ..data/rules.yaml, ..data -> a dated one."""
    for name, text in (("..old", OLD), ("..new", NEW)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rules.yaml").write_text(text)
    (tmp_path / "..data").symlink_to("..old")
    path = tmp_path / "rules.yaml"
    path.symlink_to("..data/rules.yaml")

    def swap(_: Path) -> Iterator[None]:
        (tmp_path / "..tmp").symlink_to("..new")
        yield
        (tmp_path / "..tmp").replace(tmp_path / "..data")
        yield

    assert changes(Watch(tmp_path), path, swap) == [NEW]


def test_what_was_asked_for_is_not_read_again_for_its_change(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(OLD)
    watch = Watch(tmp_path)
    path.write_text("rules:\n")  # half
    watch.taken()
    assert not watch.changed(10.0)
    assert not watch.changed(10.0 + 2 * REST)
    path.write_text(NEW)
    assert changes(watch, path, lambda _: iter([None])) == [NEW]


# --- a daemon under load --------------------------------------------------------------------------

PAPERS = 3


def resident(pid: int) -> int:
    """Kilobytes of memory that a process has."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(status.partition("VmRSS:")[2].split()[0])


@pytest.mark.untraced
@pytest.mark.parametrize("reloads", [15, pytest.param(100, marks=pytest.mark.long)])
def test_reloads_under_load_lose_nothing_and_double_nothing(tmp_path: Path, reloads: int) -> None:
    """At each reload every paper brings an article; each fifth file is broken, each other one names
    the rule anew, so that articles meet both what was and what is."""
    with Origin() as origin, Sink() as sink:
        papers = {f"p{n}": origin.url(f"/{n}.xml") for n in range(PAPERS)}
        shown: list[list[dict[str, str]]] = [[] for _ in range(PAPERS)]
        for n in range(PAPERS):
            origin.put(f"/{n}.xml", rss([]))
        home = Stranger(tmp_path, feeds=papers, channels={"mail": sink.mailto}, rules=NEW_RULE)
        monitor = (home.folder / "monitor.yaml").read_text("utf-8")
        home.write("monitor.yaml", monitor.replace('"}', '", burst: 100000}'))
        memory = []
        with Daemon(home, tmp_path / "daemon") as daemon:
            daemon.wait_until_ready()
            status_until(home, lambda s: s["feeds"]["ok"] == PAPERS)
            for turn in range(reloads):
                for n in range(PAPERS):
                    number = turn * PAPERS + n
                    text = f"فيضان رقم {number} يغمر قرى على ضفاف النهر ويقطع الطريق {number}"
                    shown[n].insert(0, item(number, text))
                    origin.put(f"/{n}.xml", rss(shown[n]))
                broken = turn % 5 == 4
                beside = f"  - {{name: r{turn}, any: [نهر{turn}]}}\n"  # twice: an error
                home.write("rules.yaml", NEW_RULE + beside * (1 + broken))
                daemon.process.send_signal(signal.SIGHUP)
                daemon.wait_until_ready()
                memory.append(resident(daemon.process.pid))
            sink.wait_for(reloads * PAPERS, 240)
            found = status_until(home, lambda s: not s["outbox"]["pending"])
            assert daemon.stop() == 0
    numbers = [int(str(each.message["Subject"]).rpartition(" ")[2]) for each in sink.messages]
    assert sorted(numbers) == list(range(reloads * PAPERS))
    assert found["reload"]["ok"] is (reloads % 5 != 0)
    half = reloads // 2
    assert memory[-1] < memory[half] * 1.1 + 4_000, memory
