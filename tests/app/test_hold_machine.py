"""The outbox's state machine once more, with quiet hours, digests, groups and limits that change,
clocks that are set, and a disk that dies between any two writes of a bundle over midnight: nothing
is lost, nothing told twice unmarked, and nothing goes out while the clock on the wall forbids it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test
from test_outbox_machine import RUN, Durable, Fuse, Machine, Receiver

from monitor.channels.queue import Queue
from monitor.core.alerts.hold import ONE_BY_ONE, RuleTerms, Terms
from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import compile_rules
from monitor.errors import CannotWriteError
from monitor.model import (
    Alert,
    FeedUpdate,
    LedgerRecord,
    Message,
    Quiet,
    Receipt,
    Rule,
    Severity,
)
from monitor.stores.disk import Disk
from monitor.stores.ledger import TinyLedger
from monitor.stores.tiny import TinyStore

BERLIN = ZoneInfo("Europe/Berlin")
WORDS = {"غارات": "غارة", "قصف": "قصف", "أخبار": "بيان"}
SEVERITY = dict(zip(WORDS, (Severity.NORMAL, Severity.CRITICAL, Severity.LOW), strict=True))
NIGHT = Quiet(time(22), time(6), Severity.CRITICAL)
BEHIND_THE_LEAP = Quiet(time(2, 30), time(5, 30))
WISHES = [
    Terms(BERLIN, quiet=NIGHT),
    Terms(BERLIN, quiet=replace(NIGHT, but=None), group_wait=300.0),
    Terms(BERLIN, digest=time(2, 30)),
    Terms(BERLIN, quiet=NIGHT, rules={"غارات": RuleTerms(max_per_day=2)}),
    Terms(BERLIN, rules={name: RuleTerms(quiet=BEHIND_THE_LEAP) for name in WORDS}),
    Terms(BERLIN, rules={"غارات": RuleTerms(digest=time(8)), "أخبار": RuleTerms(quiet=NIGHT)}),
    Terms(BERLIN, quiet=NIGHT, rules={"أخبار": RuleTerms(quiet=Quiet(time(6), time(22)))}),
    Terms(BERLIN),
]
EVES = [
    datetime(2026, 3, 28, 18, tzinfo=BERLIN).timestamp(),
    datetime(2026, 10, 24, 18, tzinfo=BERLIN).timestamp(),
]


def forbids(quiet: Quiet | None, severity: Severity, now: time) -> bool:
    """Whether the clock on the wall shows quiet hours for what weighs so much."""
    order = list(Severity)
    if quiet is None or (quiet.but and order.index(severity) >= order.index(quiet.but)):
        return False
    if quiet.start < quiet.end:
        return quiet.start <= now < quiet.end
    return now >= quiet.start or now < quiet.end


class Strict(Receiver):
    """The other side, at which nothing must arrive in quiet hours."""

    def __init__(self, fuse: Fuse, machine: HoldMachine) -> None:
        super().__init__(fuse)
        self.machine = machine

    def send(self, message: Message) -> Receipt:
        terms, now = self.machine.wishes, datetime.fromtimestamp(self.machine.now, BERLIN).time()
        told = [each for each in message.deliveries if each.id not in self.machine.hurried]
        alerts = [alert for each in told for alert in each.alerts]
        own = bool(alerts) and all(self.is_quiet(alert, now) for alert in alerts)
        if own or (alerts and forbids(terms.quiet, message.severity, now)):
            self.machine.loud.append(f"{now}: {message.subject}")
        return super().send(message)

    def is_quiet(self, alert: Alert, now: time) -> bool:
        terms = self.machine.wishes
        quiet = terms.rules.get(alert.rule, RuleTerms()).quiet
        if quiet and terms.quiet and (quiet.start, quiet.end) == (terms.quiet.end, NIGHT.start):
            return False  # no time would be left: the channel's hours count alone
        return forbids(quiet, alert.severity, now)


class Scarce(Durable):
    """A disk that may be full."""

    full = False

    def commit(self, update: FeedUpdate) -> None:
        self.need_room()
        super().commit(update)

    def put(self, *records: LedgerRecord, **more: Any) -> bool:
        self.need_room()
        return super().put(*records, **more)

    def need_room(self) -> None:
        if self.full:
            raise CannotWriteError("no space left on device")


class HoldMachine(Machine):
    """The watcher with wishes."""

    watched = compile_rules(
        tuple(Rule(name, any=(word,), severity=SEVERITY[name]) for name, word in WORDS.items()),
        Gazetteer(()),
    )
    start = EVES[0]

    def __init__(self) -> None:
        self.wishes = WISHES[0]
        self.loud: list[str] = []
        self.hurried: set[str] = set()
        super().__init__()
        self.durable = Scarce(self.durable.store, self.durable.ledger, self.fuse)
        self.receiver = Strict(self.fuse, self)
        self.boot()

    def terms(self) -> Terms:
        return self.wishes

    def text_of(self, number: int) -> str:
        """Of all three rules in turn, and of two at once."""
        words = list(WORDS.values())
        told = words[number % 3] if number % 5 else f"{words[0]} بعد {words[number % 2 + 1]}"
        return f"صدر {told} رقم {number} في أطراف القضاء فجر اليوم دون ذكر ضحايا بين الأهالي"

    @rule(hours=st.sampled_from([0.1, 1.0, 3.0, 8.0, 24.0]))
    def hours_pass(self, hours: float) -> None:
        self.now += hours * 3600

    @rule(often=st.integers(2, 5))
    def news_come_all_night(self, often: int) -> None:
        for _ in range(often):
            self.articles_appear(count=1)
            self.check_feed()
            self.now += 2 * 3600

    @rule(hours=st.sampled_from([0.005, 0.5, 3.0, 30.0]))
    def the_clock_is_set_back(self, hours: float) -> None:
        self.now -= hours * 3600

    @rule(which=st.sampled_from(WISHES))
    def the_operator_wishes_otherwise(self, which: Terms) -> None:
        self.wishes = which
        self.boot()

    @rule(count=st.integers(1, 5))
    def all_that_may_go_out_does(self, count: int) -> None:
        self.receiver.answer = "take"
        for _ in range(count):
            if self.queue.wait(self.now) == 0:
                self.send_one()

    @rule(every=st.integers(1, 4))
    def the_operator_hurries_some(self, every: int) -> None:
        some = [
            each for each in self.durable.store.open_deliveries() if not self.desk.settled(each)
        ]
        some = some[::every]
        try:
            then = self.desk.hurry(some)
        except CannotWriteError:
            return
        self.hurried |= {each.id for each in some}
        parcels = {r.delivery_id: r for d in some if (r := self.durable.get(d))}
        self.hurried |= {m.delivery_id for r in parcels.values() for m in r.members}
        then(self.queue)

    @rule(full=st.booleans())
    def the_disk_fills(self, full: bool) -> None:
        self.durable.full = full

    @rule(hours=st.lists(st.sampled_from([0.1, 1.0, 8.0]), min_size=1, max_size=8))
    def single_passes_are_made(self, hours: list[float]) -> None:
        """As cron does it: each is a start of its own."""
        self.receiver.answer = "take"
        for each in hours:
            self.now += each * 3600
            self.single_pass()
        self.boot()

    def single_pass(self) -> None:
        self.boot(eager=True)
        for _ in range(200):
            if self.queue.wait(self.now) > 0:
                return
            self.send_one()
        raise AssertionError("a pass that does not end")

    def check_feed(self) -> None:
        try:
            super().check_feed()
        except CannotWriteError:
            """Nothing is kept; the next check finds it again."""

    @rule()
    def the_operator_retries(self) -> None:
        try:
            super().the_operator_retries()
        except CannotWriteError:
            """Told to who asked."""

    def send_one(self) -> None:
        before = len(self.receiver.had)
        try:
            super().send_one()
        except CannotWriteError:
            self.doubts += len(self.receiver.had) > before
            self.queue.failed(self.now, alone=False)

    def teardown(self) -> None:
        self.durable.full = False
        self.passes_to_the_end()
        super().teardown()
        assert self.loud == [], "in quiet hours"

    def passes_to_the_end(self) -> None:
        """Whether some days of single passes are enough."""
        if self.bodies % 2:
            return
        self.receiver.answer = "take"
        self.check_feed()
        for _ in range(4 * 24):
            self.now += 3600
            self.single_pass()
        assert len(self.queue) == 0, "held for ever"


class InAutumn(HoldMachine):
    start = EVES[1]


class Limited(HoldMachine):
    """Each rule tells twice a day and no more; no clock is set back."""

    def __init__(self) -> None:
        self.most = Terms(
            BERLIN, quiet=NIGHT, rules={name: RuleTerms(max_per_day=2) for name in WORDS}
        )
        super().__init__()

    def terms(self) -> Terms:
        self.wishes = self.most
        return self.most

    def the_clock_is_set_back(self, hours: float) -> None:
        """Not here."""

    def the_operator_wishes_otherwise(self, which: Terms) -> None:
        """Not here."""

    def teardown(self) -> None:
        super().teardown()
        told: Counter[tuple[str, str]] = Counter()
        for record in self.durable.ledger.records():
            sent, made = (
                str(datetime.fromtimestamp(each, BERLIN).date())
                for each in (record.changed_at, record.made_at)
            )
            alone = len(record.rules) == 1 and not record.members
            if alone and record.held_for in ONE_BY_ONE and made == sent:
                told[record.rules[0], made] += 1
        assert max(told.values(), default=0) <= 2, "more than a day's limit"


class DyingDisk(Disk):
    """A disk that dies before or after any file is put in its place."""

    def __init__(self, fuse: Fuse) -> None:
        self.fuse = fuse

    def rename(self, source: Path, target: Path) -> None:
        self.fuse.step()
        super().rename(source, target)
        self.fuse.step()


class HoldOnDisk(HoldMachine):
    def open_disk(self) -> tuple[TinyStore, TinyLedger]:
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        return self.reopened()

    def reopened(self) -> tuple[TinyStore, TinyLedger]:
        root = Path(self.folder.name)
        ledger = TinyLedger.open(root, "mail", disk=DyingDisk(self.fuse))
        return TinyStore.open(root, now=self.now), ledger

    @rule()
    def what_is_past_is_dropped(self) -> None:
        self.durable.ledger.prune(self.now - 2 * 86_400, self.durable.store.open_deliveries)

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            self.folder.cleanup()


class NothingHeld(Queue):
    """A planted bug: the hours are forgotten."""

    def _hold_back(self, plan: object, now: float) -> None:
        """Nothing is planned."""


class ForgetfulMachine(HoldMachine):
    def boot(self, *, eager: bool = False) -> None:
        super().boot(eager=eager)
        self.queue.__class__ = NothingHeld


class Pointless(TinyLedger):
    """Another: the other days of a bundle over midnight are not told of it."""

    def _point(self, name: str, ids: object, there: str) -> None:
        """Nothing is noted."""


class PointlessMachine(HoldOnDisk):
    def reopened(self) -> tuple[TinyStore, TinyLedger]:
        store, ledger = super().reopened()
        ledger.__class__ = Pointless
        return store, ledger


@pytest.mark.untraced
@pytest.mark.parametrize("season", [HoldMachine, InAutumn, Limited])
def test_nothing_is_lost_repeated_or_loud(season: type[HoldMachine]) -> None:
    run_state_machine_as_test(season, settings=settings(RUN, max_examples=100))


@pytest.mark.untraced
def test_the_same_over_files() -> None:
    run_state_machine_as_test(HoldOnDisk, settings=settings(RUN, max_examples=20))


@pytest.mark.long
@pytest.mark.untraced
@pytest.mark.parametrize("machine", [HoldMachine, InAutumn, Limited, HoldOnDisk])
def test_the_same_many_times(machine: type[HoldMachine]) -> None:
    many = 500 if machine is HoldOnDisk else 3000
    run_state_machine_as_test(machine, settings=settings(RUN, max_examples=many))


@pytest.mark.parametrize(
    ("planted", "seen"),
    [(ForgetfulMachine, "in quiet hours"), (PointlessMachine, "told|settled|repeated")],
)
def test_planted_bugs_are_caught(planted: type[HoldMachine], seen: str) -> None:
    run = settings(RUN, max_examples=1000, phases=[Phase.generate], database=None)
    with pytest.raises(AssertionError, match=seen):
        run_state_machine_as_test(planted, settings=run)
