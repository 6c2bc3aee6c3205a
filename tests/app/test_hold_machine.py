"""The outbox's state machine once more, with quiet hours, digests, groups and limits that change,
clocks that are set, and a disk that dies between any two writes of a bundle over midnight: nothing
is lost, nothing told twice unmarked, and nothing goes out while the clock on the wall forbids it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test
from test_outbox_machine import RUN, Fuse, Machine, Receiver

from monitor.channels.queue import Queue
from monitor.core.alerts.hold import RuleTerms, Terms
from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import compile_rules
from monitor.model import Alert, Message, Quiet, Receipt, Rule, Severity
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
        alerts = [alert for each in message.deliveries for alert in each.alerts]
        own = all(self.is_quiet(alert, now) for alert in alerts)
        if own or forbids(terms.quiet, message.severity, now):
            self.machine.loud.append(f"{now}: {message.subject}")
        return super().send(message)

    def is_quiet(self, alert: Alert, now: time) -> bool:
        own = self.machine.wishes.rules.get(alert.rule, RuleTerms())
        return forbids(own.quiet, alert.severity, now)


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
        super().__init__()
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

    def teardown(self) -> None:
        super().teardown()
        assert self.loud == [], "in quiet hours"


class InAutumn(HoldMachine):
    start = EVES[1]


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
    def boot(self) -> None:
        super().boot()
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
@pytest.mark.parametrize("season", [HoldMachine, InAutumn])
def test_nothing_is_lost_repeated_or_loud(season: type[HoldMachine]) -> None:
    run_state_machine_as_test(season, settings=settings(RUN, max_examples=100))


@pytest.mark.untraced
def test_the_same_over_files() -> None:
    run_state_machine_as_test(HoldOnDisk, settings=settings(RUN, max_examples=20))


@pytest.mark.long
@pytest.mark.parametrize("machine", [HoldMachine, InAutumn, HoldOnDisk])
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
