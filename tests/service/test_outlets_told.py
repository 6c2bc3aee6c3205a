"""Other papers that bring what alerted: named in the digest that tells of it, and in the ledger."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.main import main
from monitor.service.once import OnceReport, once
from monitor.settings.load import load
from monitor.stores.tiny import TinyStore
from origin import Origin, rss
from sink import Sink

NOON = 1_768_035_600.0  # 2026-01-10 12:00 in Baghdad
HOUR = 3600.0
TITLE = "غارة جوية تستهدف مقرا لتنظيم داعش شمال البلدة فجر اليوم"
FIRST = "قصفت طائرات مقرا لداعش في أطراف البلدة ودمرت ثلاث عجلات كانت تقف قربه بحسب شهود."
SECOND = "أفاد سكان المنطقة بسماع دوي انفجارات قبل طلوع الشمس وتصاعد أعمدة الدخان من المكان."
PAPERS = {"صحيفة النهر": "/a.xml", "وكالة السهل": "/b.xml", "Delta News": "/c.xml"}


def item(number: int, text: str, title: str = TITLE) -> dict[str, str]:
    link = f"https://paper{number}.example/{number}"
    return {"title": title, "link": link, "guid": f"n{number}", "content": text}


def configured(folder: Path, origin: Origin, channel: str) -> Path:
    folder.mkdir()
    feeds = ", ".join(
        f"{{name: {name}, url: '{origin.url(path)}'}}" for name, path in PAPERS.items()
    )
    files = {
        "monitor.yaml": "timezone: Asia/Baghdad\nallow_private: [127.0.0.0/8]\n"
        f"polling: {{min_interval: 0s}}\nchannels: {{mail: {channel}}}\n",
        "feeds.yaml": f"feeds: [{feeds}]\n",
        "rules.yaml": "rules: [{name: داعش, any: [داعش]}]\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    for path in PAPERS.values():
        origin.put(path, rss([item(0, "نص قديم لا شأن له.", "خبر قديم")]))
    return folder


def answer(folder: Path, *command: str) -> Any:
    with redirect_stdout(io.StringIO()) as out:
        assert main([*command, "--json", "-c", str(folder)]) == 0
    return json.loads(out.getvalue())


def one_pass(folder: Path, moment: float) -> OnceReport:
    return once(load(folder, environ={}), clock=lambda: moment)


@pytest.mark.parametrize("unclean", [False, True])
def test_the_digest_names_who_brought_it_later(tmp_path: Path, unclean: bool) -> None:
    """`unclean`: the index, which is written behind, is lost before the digest goes out."""
    with Origin() as origin, Sink() as sink:
        channel = f"{{url: '{sink.mailto}', digest: 'daily 20:00'}}"
        folder = configured(tmp_path / "config", origin, channel)
        one_pass(folder, NOON)
        origin.put("/a.xml", rss([item(1, FIRST)]))
        one_pass(folder, NOON + HOUR)
        origin.put("/b.xml", rss([item(2, FIRST)]))
        origin.put("/c.xml", rss([item(3, SECOND)]))
        one_pass(folder, NOON + 2 * HOUR)
        origin.put("/a.xml", rss([item(4, FIRST + " وداعش", "خبر آخر"), item(1, FIRST)]))
        one_pass(folder, NOON + 3 * HOUR)
        assert sink.messages == []
        if unclean:
            for left in (folder / "state").glob("index.json*"):
                left.unlink()
        assert one_pass(folder, NOON + 9 * HOUR).delivered == 1
        part = sink.messages[0].message.get_body(("plain",))
        assert part is not None
        lines = str(part.get_content()).splitlines()
    also = [line for line in lines if "ورد أيضا في" in line]
    assert len(also) == 1
    assert "وكالة السهل" in also[0]
    assert "Delta News" in also[0]
    first = next(n for n, line in enumerate(lines) if "paper1.example" in line)
    assert lines.index(also[0]) == first - 1
    assert "صحيفة النهر" in lines[first - 2]


def test_the_ledger_tells_who_brought_it_after_the_message(tmp_path: Path) -> None:
    with Origin() as origin, Sink() as sink:
        folder = configured(tmp_path / "config", origin, f"{{url: '{sink.mailto}'}}")
        one_pass(folder, NOON)
        origin.put("/a.xml", rss([item(1, FIRST)]))
        assert one_pass(folder, NOON + HOUR).delivered == 1
        origin.put("/b.xml", rss([item(2, SECOND)]))
        assert one_pass(folder, NOON + 2 * HOUR).delivered == 0
    told = answer(folder, "alerts", "list")
    assert [[(o["source"], o["link"]) for o in each["outlets"]] for each in told] == [
        [("وكالة السهل", "https://paper2.example/2")]
    ]
    both = answer(folder, "alerts", "why", "https://paper2.example/2")
    assert {each["feed"] for each in both} == {"صحيفة النهر", "وكالة السهل"}
    assert [each["outlet_of"] for each in both if each["outlet_of"]] == [
        each["id"] for each in both if each["deliveries"]
    ]


def test_what_is_older_than_alerts_are_remembered_is_forgotten(tmp_path: Path) -> None:
    with Origin() as origin, Sink() as sink:
        folder = configured(tmp_path / "config", origin, f"{{url: '{sink.mailto}'}}")
        one_pass(folder, NOON)
        origin.put("/a.xml", rss([item(1, FIRST)]))
        origin.put("/b.xml", rss([item(2, SECOND)]))
        one_pass(folder, NOON + HOUR)
        state = folder / "state"
        (article,) = TinyStore.read(state)._index.outlets
        later = NOON + 91 * 24 * HOUR
        store = TinyStore.open(state, now=later)
        assert store.outlets(article) == ()
        store.close(later)
