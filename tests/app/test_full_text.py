"""Entries that are matched on the text of their own pages: real exchanges on the loopback, the
clocks in our hands."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from in_process import InProcess
from monitor.app.pipeline import Checked, Kind, Pipeline
from monitor.core.entries import Circumstances
from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import compile_rules
from monitor.model import Delivery, Feed, FullText, Polling, Rule, Seen, Verdict
from monitor.sources.fetch import HttpFetcher
from monitor.sources.fulltext import read_page
from monitor.sources.pages import MOST_A_MINUTE, WebPages, _Host
from monitor.sources.reader import Reader
from monitor.stores.tiny import TinyStore
from origin import Origin, Reply, Request, rss

NOW = 1_736_841_600.0  # Tue, 14 Jan 2025 08:00:00 GMT
HTML = "text/html; charset=utf-8"
TEASER = "تفاصيل الخبر في موقع الصحيفة على الشبكة كما وردت من مراسلنا في المحافظة"
STORY = (
    "وصل محافظ المدينة صباح اليوم إلى السوق القديم وتجول بين أصحاب المحال واستمع إلى شكاواهم عن "
    "انقطاع الماء. وقال المتحدث باسم البلدية إن العمل في الأنابيب الجديدة سينتهي قبل نهاية الشهر، "
    "وإن الشوارع التي حفرت ستعاد إلى ما كانت عليه. وطالب التجار بتعويض عن الأيام التي أغلقت فيها "
    "محالهم، ووعد المحافظ بعرض الأمر على المجلس في جلسته القادمة. وأضاف أن المدينة تحتاج إلى محطة "
    "ضخ ثانية وأن كلفتها أدرجت في موازنة العام المقبل."
)
RULES = (
    Rule(name="غارة", any=("غارة",)),
    Rule(name="سوق", any=("السوق",), on_change=True),
    Rule(name="تفاصيل", any=("تفاصيل",), none=("مسلسل",), on_change=True),
)


def page(text: str) -> str:
    menu = "".join(f"<li><a href='/{n}'>غارة قديمة رقم {n}</a></li>" for n in range(9))
    return (
        f"<html lang=ar><head><title>خبر</title></head><body><nav><ul>{menu}</ul></nav>"
        f"<article><h1>خبر</h1><p>{text}</p></article></body></html>"
    )


def item(number: int, link: str | None, text: str = TEASER) -> dict[str, str]:
    told = {"title": f"خبر رقم {number}", "guid": f"n{number}", "description": text}
    return told | ({"link": link} if link else {})


class Web(InProcess):
    """Reads pages in this process."""

    async def read(self, body, headers, url):
        self.bodies.append(body)
        return read_page(body, headers, url)


class Desk:
    """One feed of an origin, over a state on disk, checked and caught up with on request."""

    def __init__(self, origin: Origin, root: Path, **more: object) -> None:
        self.now = self.elapsed = NOW
        self.origin = origin
        self.feed = Feed("f", origin.url("/feed"), "صحيفة", full_text=FullText.ALWAYS)
        self.polling = Polling(timeout=5.0)
        self.handed: list[Delivery] = []
        self.told = threading.Event()
        self.private = ["127.0.0.0/8"]
        self._root = root
        self.open()

    def open(self) -> None:
        """A life begins, with what the one before left on the disk."""
        self.store = TinyStore.open(self._root, now=self.now)

    def fill(self, *items: dict[str, str]) -> None:
        self.origin.put("/feed", rss(items))

    def put(self, path: str, text: str, **more: object) -> str:
        return self.origin.put(path, page(text), content_type=HTML, **more)

    def begin(self) -> None:
        """The first poll, of an empty feed."""
        self.fill()
        self.check()

    def check(self) -> Checked:
        return self._run(lambda pipeline: pipeline.check(self.feed))

    def catch_up(self) -> Checked:
        return self._run(lambda pipeline: pipeline.catch_up(self.feed))

    def match_overdue(self) -> Checked:
        return self._run(lambda pipeline: pipeline.match_overdue(self.feed))

    def news(self, *items: dict[str, str]) -> list[list[str]]:
        """Shows entries, reads their pages; the rules of each delivery."""
        self.fill(*items)
        self.check()
        self.catch_up()
        return self.rules()

    def rules(self) -> list[list[str]]:
        handed, self.handed = self.handed, []
        return [[alert.rule for alert in each.alerts] for each in handed]

    @property
    def seen(self) -> dict[str, Seen]:
        state = self.store.feed("f")
        return {each.key: each for each in state.entries} if state else {}

    @property
    def pages(self) -> list[str]:
        """What was asked for beside the feed."""
        return [each.path for each in self.origin.requests if each.path != "/feed"]

    def _run(self, work: Callable) -> Checked:
        async def run() -> Checked:
            fetcher = HttpFetcher(self.polling, allow_private=self.private, clock=lambda: self.now)
            with ThreadPoolExecutor(1) as writer:
                pipeline = Pipeline(
                    fetcher=fetcher,
                    parser=Reader(InProcess()),
                    pages=WebPages(fetcher.page, Web(), at_once=1, elapsed=lambda: self.elapsed),
                    store=self.store,
                    writer=writer,
                    polling=self.polling,
                    around=self._around,
                    hand_over=self._hand_over,
                    clock=lambda: self.now,
                    jitter=lambda: 0.0,
                )
                return await work(pipeline)

        return asyncio.run(run())

    def _hand_over(self, deliveries: Sequence[Delivery]) -> None:
        self.handed.extend(deliveries)
        self.told.set()

    def _around(self) -> Circumstances:
        return Circumstances(
            rules=compile_rules(RULES, Gazetteer(())),
            channels=("mail",),
            polling=self.polling,
            seen=9e6,
            alerted=self.store.alerted,
            settled=lambda _: False,
        )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Origin() as origin:
        made = Desk(origin, tmp_path / "state")
        made.begin()
        yield made


def test_an_entry_is_matched_on_its_page_and_on_what_the_feed_says(desk):
    link = desk.put("/1", STORY)
    assert desk.news(item(1, link)) == [["سوق", "تفاصيل"]]  # "غارة" stands in the menu alone
    (seen,) = desk.seen.values()
    assert (seen.page, seen.verdict) == ("read", Verdict.ALERTED)
    assert desk.pages == ["/1"]
    assert desk.catch_up().update is None
    assert desk.pages == ["/1"]


def test_a_word_of_the_page_excludes(desk):
    link = desk.put("/1", STORY.replace("السوق", "سوق") + " وصورت فيه مشاهد من مسلسل جديد.")
    assert desk.news(item(1, link)) == []


def test_what_waits_for_its_page_is_not_matched_before(desk):
    desk.fill(item(1, desk.put("/1", STORY)))
    assert desk.check().update.alerts == ()
    (seen,) = desk.seen.values()
    assert seen.verdict is Verdict.AWAITED
    row = desk.store.row("f")
    assert (row.late, row.late_due) == (1, NOW)


def test_auto_asks_for_pages_of_short_entries_alone(desk):
    desk.feed = replace(desk.feed, full_text=FullText.AUTO)
    short, long = desk.put("/short", STORY), desk.put("/long", STORY)
    desk.news(item(1, short), item(2, long, text=f"{TEASER} " * 9))
    assert desk.pages == ["/short"]


def test_a_link_that_is_no_entry_s_own_is_not_asked_for(desk):
    both = desk.put("/section", STORY)
    site = desk.put("/", STORY)
    fired = desk.news(item(1, both), item(2, both), item(3, site), item(4, None))
    assert fired == [["تفاصيل"]] * 4
    assert desk.pages == []


def late_page(desk: Desk) -> None:
    """Shows an entry whose page comes after half a minute, behind a first alert."""

    def slow(_: Request) -> Reply:
        desk.told.wait(20)
        return Reply(page(STORY), headers={"Content-Type": HTML})

    desk.fill(item(1, desk.origin.put("/1", handler=slow)))
    desk.check()
    desk.now += 31.0
    desk.catch_up()


def test_a_late_page_holds_up_no_alert(desk):
    late_page(desk)
    assert desk.rules() == [["تفاصيل"], ["سوق"]]  # on the feed's text; then what its page adds
    (seen,) = desk.seen.values()
    assert (seen.page, seen.fired) == ("read", ("تفاصيل", "سوق"))
    assert desk.store.row("f").late == 0


def test_the_second_message_follows_the_first(desk):
    late_page(desk)
    first, second = desk.handed
    assert (first.follows, second.follows) == (None, first.id)


REFUSED = [
    ({"status": 404}, "status: the server answered with status 404"),
    ({"content_type": "application/pdf"}, "no page, but application/pdf"),
    ({"body": "<html><body></body></html>"}, "no text was found in the page"),
    ({"body": "x" * 5_000_001}, "a page larger than 5000000 bytes"),
]


@pytest.mark.parametrize(("answer", "reason"), REFUSED)
def test_a_page_that_is_refused_leaves_the_feed_s_text(desk, answer, reason):
    told = {"body": page(STORY), "content_type": HTML} | answer
    assert desk.news(item(1, desk.origin.put("/1", **told))) == [["تفاصيل"]]
    (seen,) = desk.seen.values()
    assert seen.page == reason
    row = desk.store.row("f")
    assert (row.late, row.pages_failed, row.page_error) == (0, 1, reason)
    desk.now += 9_000.0
    desk.catch_up()
    assert desk.pages == ["/1"]


def test_a_page_that_fails_for_now_is_asked_for_again_and_again(desk):
    assert desk.news(item(1, desk.put("/1", STORY, status=503))) == [["تفاصيل"]]
    (seen,) = desk.seen.values()
    assert seen.page.endswith("status 503; it is to be asked for again")
    for wait in (60.0, 300.0, 1_800.0, 7_200.0):
        row = desk.store.row("f")
        assert (row.late, row.late_due) == (1, desk.now + wait)
        desk.now += wait - 1.0
        assert desk.catch_up().update is None
        desk.now += 1.0
        desk.catch_up()
    assert len(desk.pages) == 5
    assert desk.store.row("f").late == 0
    assert desk.rules() == []


def test_a_page_that_works_again_is_matched(desk):
    desk.news(item(1, desk.put("/1", STORY, status=503)))
    desk.put("/1", STORY)
    desk.now += 60.0
    desk.catch_up()
    assert desk.rules() == [["سوق"]]
    assert desk.store.row("f").pages_failed == 0


def test_a_server_that_asks_for_patience_gets_it(desk):
    told = {"status": 429, "headers": {"Retry-After": "900"}}
    desk.news(item(1, desk.put("/1", STORY, **told)))
    assert desk.store.row("f").late_due == NOW + 900.0


def test_who_finds_no_place_to_ask_for_pages_is_matched_in_time(desk):
    desk.fill(item(1, desk.put("/1", STORY)))
    desk.check()
    desk.match_overdue()
    assert desk.rules() == []
    desk.now += 30.0
    desk.match_overdue()
    assert desk.rules() == [["تفاصيل"]]
    assert desk.pages == []
    desk.now += 30.0
    desk.fill(item(2, desk.put("/2", STORY)), item(1, desk.origin.url("/1")))
    desk.check()
    assert desk.store.row("f").late_match == desk.now + 30.0
    desk.open()
    assert desk.store.row("f").late_match == desk.now + 30.0
    desk.match_overdue()
    assert desk.rules() == []
    desk.catch_up()
    assert sorted(desk.rules()) == [["سوق"], ["سوق", "تفاصيل"]]
    assert desk.store.row("f").late_match == 0.0


def test_what_waits_outlives_the_process(desk):
    desk.fill(item(1, desk.put("/1", STORY)))
    desk.check()  # and killed: nothing was written behind
    desk.fill()
    desk.now += 5.0
    desk.open()
    assert desk.store.row("f").late == 1
    desk.catch_up()
    assert desk.rules() == [["سوق", "تفاصيل"]]


@pytest.mark.parametrize("status", [200, 503])
def test_a_clock_that_goes_back_holds_up_nothing(desk, status):
    desk.fill(item(1, desk.put("/1", STORY, status=status)))
    desk.check()
    desk.now -= 86_400.0
    desk.catch_up()
    assert ["تفاصيل"] in desk.rules()
    row = desk.store.row("f")
    assert (row.late, row.late_due) == ((1, desk.now + 60.0) if status == 503 else (0, 0.0))


def test_a_page_that_a_wrong_clock_put_off_for_years_is_asked_for(desk):
    desk.now += 2e8
    assert desk.news(item(1, desk.put("/1", STORY, status=503))) == [["تفاصيل"]]
    desk.put("/1", STORY)
    desk.now = NOW + 60.0
    desk.catch_up()
    assert desk.rules() == [["سوق"]]


def test_what_waits_is_matched_though_its_feed_is_set_otherwise_since(desk):
    desk.fill(item(1, desk.put("/1", STORY)))
    desk.check()
    desk.feed = replace(desk.feed, full_text=FullText.NEVER)
    desk.catch_up()
    assert desk.rules() == [["تفاصيل"]]
    assert desk.store.row("f").late == 0
    assert desk.pages == []


@pytest.mark.parametrize("restart", [True, False])
def test_a_feed_whose_file_was_lost_waits_for_nothing(desk, restart):
    desk.fill(item(1, desk.put("/1", STORY)))
    desk.check()
    desk.store.close(desk.now)
    for each in (desk._root / "feeds").rglob("f.json*"):
        each.unlink()
    if restart:
        desk.open()
    else:
        desk.catch_up()
    assert desk.store.row("f").late == 0


def test_long_texts_that_wait_do_not_fill_the_feed_s_file(desk):
    text = "تفاصيل طويلة جدا " * 10_000
    desk.fill(*(item(n, desk.put(f"/{n}", STORY), f"{n} {text}") for n in range(9)))
    assert len(desk.check().update.alerts) == 3  # at once, on what the feed says
    assert desk.store.row("f").late == 6
    desk.catch_up()
    assert desk.store.row("f").late == 0


def test_an_edit_asks_for_the_page_again(desk):
    link = desk.put("/1", STORY)
    desk.news(item(1, link))
    desk.put("/1", STORY + " ونفذت طائرة غارة على أطراف المدينة.")
    told = desk.news(item(1, link, text=TEASER + " بعد التعديل"))
    assert told == [["غارة", "سوق", "تفاصيل"]]  # two of them for every edit
    assert desk.pages == ["/1", "/1"]


def test_an_edit_takes_the_place_of_a_version_that_waits(desk):
    link = desk.put("/1", STORY)
    desk.fill(item(1, link))
    desk.check()
    assert desk.news(item(1, link, text="نص آخر عن أمر مختلف تماما")) == [["سوق"]]
    assert desk.pages == ["/1"]


def test_an_entry_that_comes_to_be_known_by_another_key_is_not_lost(desk):
    link = desk.put("/1", STORY)
    one = item(1, link)
    desk.fill(one)
    desk.check()
    other = item(2, desk.put("/2", "x" * 500), "كتاب جديد عن تاريخ الملاحة في دجلة والفرات صدر أمس")
    desk.news(one, other | {"guid": "n1", "title": "تاريخ الملاحة النهرية"})  # shares its id
    assert desk.store.row("f").late == 0
    verdicts = {seen.verdict: seen.fired for seen in desk.seen.values()}
    assert verdicts == {Verdict.ALERTED: ("سوق", "تفاصيل"), Verdict.NO_RULE: ()}


def test_an_edit_under_another_key_takes_the_place_of_the_version_that_waits(desk):
    link = desk.put("/1", STORY)
    desk.fill(item(1, link))
    desk.check()
    edited = item(1, link, text="نص آخر عن أمر مختلف تماما") | {"guid": "n7"}
    assert desk.news(edited) == [["سوق"]]
    assert desk.pages == ["/1"]


def test_old_entries_of_a_first_poll_and_their_edits_are_not_asked_for(tmp_path):
    with Origin() as origin:
        desk = Desk(origin, tmp_path)
        link = desk.put("/1", STORY)
        assert desk.news(item(1, link)) == []
        assert desk.news(item(1, link, text="نص آخر عن أمر مختلف تماما")) == []
        assert desk.pages == []


def test_a_private_address_is_not_asked(desk):
    desk.fill(item(1, desk.put("/1", STORY)))
    desk.check()
    desk.private = []
    desk.catch_up()
    assert desk.rules() == [["تفاصيل"]]
    assert next(iter(desk.seen.values())).page.startswith("blocked: ")
    assert desk.pages == []


def test_the_feed_s_own_headers_go_to_its_own_server_alone(desk):
    desk.feed = replace(desk.feed, headers=(("Cookie", "key=1"),))
    own = desk.put("/own", STORY)
    with Origin() as elsewhere:
        other = elsewhere.put("/other", page(STORY), content_type=HTML)
        desk.news(item(1, own), item(2, other))
        told = {each.path: each.headers.get("cookie") for each in desk.origin.requests}
        assert told["/own"] == "key=1"
        assert [each.headers.get("cookie") for each in elsewhere.requests] == [None]


def test_one_host_is_asked_for_one_page_at_a_time(desk):
    busy, most = [0], [0]
    lock = threading.Lock()

    def count(_: Request) -> Reply:
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        threading.Event().wait(0.02)
        with lock:
            busy[0] -= 1
        return Reply(page(STORY), headers={"Content-Type": HTML})

    links = [desk.origin.put(f"/{n}", handler=count) for n in range(8)]
    assert len(desk.news(*(item(n, link) for n, link in enumerate(links)))) == 8
    assert most == [1]


def test_a_host_has_no_more_than_so_many_readings_a_minute(desk):
    pages = WebPages(None, None, at_once=1, elapsed=lambda: desk.elapsed)  # type: ignore[arg-type]

    async def places(count: int) -> None:
        for _ in range(count):
            async with pages._place("https://a.example/1") as host:
                await pages._turn(host)

    asyncio.run(places(MOST_A_MINUTE))
    host = pages._hosts["a.example"]
    assert host.wait(desk.elapsed) == 60.0
    assert host.wait(desk.elapsed + 59.0) == 1.0
    assert host.wait(desk.elapsed + 60.0) == 0.0


def test_several_that_wait_for_one_turn_do_not_take_it_at_once():
    began = time.monotonic()
    waited = 60.0 - 0.2

    def elapsed() -> float:
        return time.monotonic() - began

    pages = WebPages(None, None, at_once=2, elapsed=elapsed)  # type: ignore[arg-type]

    async def turns() -> _Host:
        async with pages._place("https://a.example/1") as host:
            host.asked.extend([-waited, *[0.0] * (MOST_A_MINUTE - 1)])
            both = asyncio.gather(pages._turn(host), pages._turn(host))
            await asyncio.wait([both], timeout=0.5)
            both.cancel()
            return host

    host = asyncio.run(turns())
    assert sum(moment > 0.1 for moment in host.asked) == 1


def test_a_host_that_asks_for_patience_is_asked_for_no_other_page(desk):
    told = {"status": 429, "headers": {"Retry-After": "900"}}
    links = [desk.put(f"/{n}", STORY, **told) for n in range(5)]
    assert len(desk.news(*(item(n, link) for n, link in enumerate(links)))) == 5
    assert len(desk.pages) == 1
    reasons = {seen.page.partition(";")[0] for seen in desk.seen.values()}
    assert reasons == {
        "status: the server answered with status 429", "its server asked for patience",
    }  # fmt: skip
    assert desk.store.row("f").late_due == NOW + 900.0


def test_failing_pages_are_told_in_the_feed_s_line_and_stop_nothing(desk):
    links = [desk.put(f"/{n}", STORY, status=404 if n % 2 else 200) for n in range(6)]
    told = desk.news(*(item(n, link) for n, link in enumerate(links)))
    assert sorted(map(len, told)) == [1, 1, 1, 2, 2, 2]


def test_a_fault_in_reading_pages_is_a_failed_check(desk):
    desk.fill(item(1, desk.put("/1", STORY)))
    desk.check()
    desk.store.close(desk.now)
    (desk._root / "feeds").rename(desk._root / "elsewhere")
    assert desk.catch_up().kind in (Kind.UNKEPT, Kind.CHANGED)
    (desk._root / "elsewhere").rename(desk._root / "feeds")
    desk.open()
    desk.catch_up()
    assert desk.rules() == [["سوق", "تفاصيل"]]
