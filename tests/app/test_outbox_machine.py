"""A state machine over store, decisions and outbox, with crashes between any two steps.

Articles appear and are edited, the feed is checked, sends are tried, the other side answers as it
likes, and at any step the process dies: what it held in memory is gone, what was durable stays. In
the end everything must have arrived, once, or again with the mark of a repeat. Two bugs are planted
that the machine must catch: it would be no test otherwise.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from monitor.app.outbox import Courier, settled_for_good
from monitor.channels.queue import Queue, Tried
from monitor.core import decide
from monitor.core.alerts.hold import Terms
from monitor.core.entries import Circumstances
from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import RuleSet, compile_rules
from monitor.model import (
    Delivery,
    Entry,
    Feed,
    FeedUpdate,
    Fetched,
    LedgerRecord,
    LedgerState,
    Limit,
    Message,
    Outcome,
    ParsedFeed,
    Polling,
    Reading,
    Receipt,
    Rule,
    Validators,
)
from monitor.ports import Ledger, Store
from monitor.stores.ledger import TinyLedger
from monitor.stores.memory import MemoryLedger, MemoryStore
from monitor.stores.tiny import TinyStore

NOON = 1_700_049_600.0
FEED = Feed(id="feed1", url="https://a.example/rss", name="وكالة ألف")
RULES = compile_rules((Rule(name="غارات", any=("غارة",)),), Gazetteer(()))


class Crash(BaseException):
    """The process dies here."""


class Fuse:
    """Counts steps down to a crash; None: none comes."""

    def __init__(self) -> None:
        self.left: int | None = None

    def step(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Crash


@dataclass
class Durable:
    """What outlives a crash: the disk, and the world outside."""

    store: Any
    ledger: Any
    fuse: Fuse

    def commit(self, update: FeedUpdate) -> None:
        self.fuse.step()
        self.store.commit(update)
        self.fuse.step()

    def get(self, delivery: Delivery) -> LedgerRecord | None:
        return self.ledger.get(delivery)  # type: ignore[no-any-return]

    def since(self, moment: float) -> Iterable[LedgerRecord]:
        return self.ledger.since(moment)  # type: ignore[no-any-return]

    def put(self, *records: LedgerRecord, **more: Any) -> bool:
        self.fuse.step()
        done: bool = self.ledger.put(*records, **more)
        self.fuse.step()
        return done


class Receiver:
    """The other side. It notes what it took, also where its answer gets lost."""

    name = "mail"
    longest = 700  # two or three articles
    limits: tuple[Limit, ...] = ()

    def __init__(self, fuse: Fuse) -> None:
        self.fuse = fuse
        self.answer = "take"
        self.had: list[Message] = []

    def send(self, message: Message) -> Receipt:
        self.fuse.step()
        if self.answer in ("take", "lose"):
            self.had.append(message)
            self.fuse.step()
        return {
            "take": Receipt(Outcome.SENT, "taken", 250),
            "lose": Receipt(Outcome.RETRY, "no answer", in_doubt=True),
            "later": Receipt(Outcome.RETRY, "451", 451),
            "away": Receipt(Outcome.RETRY, "refused"),
            "held": Receipt(Outcome.HELD, "535", 535),
            "never": Receipt(Outcome.REJECTED, "554", 554),
        }[self.answer]


class Machine(RuleBasedStateMachine):
    """The watcher, its disk, and the world. `open_disk` gives a store and a ledger, again and again
    the same ones."""

    courier: type[Courier] = Courier
    watched: RuleSet = RULES
    start = NOON

    def __init__(self) -> None:
        super().__init__()
        self.fuse = Fuse()
        self.now = self.start
        self.doubts = 0
        self.taken_apart = 0
        self.entries: list[Entry] = []
        self.published: set[str] = set()
        self.receiver = Receiver(self.fuse)
        self.bodies = 0
        self.durable = Durable(*self.open_disk(), self.fuse)
        self.boot()
        self.check()  # the first, of an empty feed

    def open_disk(self) -> tuple[Store, Ledger]:
        return MemoryStore(), MemoryLedger()

    def boot(self, *, eager: bool = False) -> None:
        """A start: memory is empty, the disk is read."""
        self.desk = self.courier(
            channel=self.receiver,
            ledger=self.durable,  # type: ignore[arg-type]
            language="ar",
            timezone=UTC,
            clock=lambda: self.now,
            jitter=lambda: 1.0,
            terms=self.terms(),
        )
        plan = None if self.desk.terms is None else self.desk.plan
        fitting = self.desk.fitting
        self.queue = Queue("mail", burst=3, fitting=fitting, eager=eager, plan=plan)
        self.hand_over(self.standing())

    def terms(self) -> Terms | None:
        """What holds deliveries back."""
        return None

    def standing(self) -> tuple[Delivery, ...]:
        """What may still have to be sent."""
        store = self.durable.store
        if not isinstance(store, TinyStore):
            return tuple(store.open_deliveries())
        return store.unsettled(lambda each: settled_for_good(self.durable, each))  # type: ignore[arg-type]

    def hand_over(self, deliveries: tuple[Delivery, ...]) -> None:
        for parcel, record in self.desk.waiting(deliveries):
            self.queue.add(parcel, record)

    def or_crash(self, work: Callable[[], None], crash_in: int | None) -> None:
        self.fuse.left = crash_in
        try:
            work()
        except Crash:
            self.doubts += 1
            self.durable.store, self.durable.ledger = self.reopened()
            self.boot()
        self.fuse.left = None

    def reopened(self) -> tuple[Any, Any]:
        return self.durable.store, self.durable.ledger

    # --- what happens -----------------------------------------------------------------------------

    @rule(count=st.integers(1, 6))
    def articles_appear(self, count: int) -> None:
        for _ in range(count):
            number = len(self.published) + 1
            link = f"https://news.example/{number}"
            text = self.text_of(number)
            self.published.add(link)
            self.entries.insert(
                0, Entry(id=str(number), title=f"خبر {number}", link=link, text=text)
            )

    def text_of(self, number: int) -> str:
        return f"نفذت طائرات غارة رقم {number} على مخبأ في أطراف القضاء فجر اليوم دون ضحايا"

    @rule(crash_in=st.none() | st.integers(0, 2))
    def check(self, crash_in: int | None = None) -> None:
        self.or_crash(self.check_feed, crash_in)

    def check_feed(self) -> None:
        self.bodies += 1
        store = self.durable.store
        row = store.rows().get(FEED.id) or decide.fresh_row(FEED)
        around = Circumstances(
            rules=self.watched,
            channels=("mail",),
            polling=Polling(),
            seen=90 * 86400.0,
            alerted=store.alerted,
            settled=self.desk.settled,
        )
        check = decide.Check(
            FEED, row, lambda: store.feed(FEED.id) or decide.fresh_state(FEED), self.now, 0.0
        )
        answer = Fetched(FEED.url, {}, b"", Validators(), f"hash {self.bodies}")
        parsed = ParsedFeed("rss20", entries=tuple(self.entries))
        update = decide.changed(check, answer, Reading.whole(parsed), around)
        self.commit(update)
        self.hand_over(update.deliveries)

    def commit(self, update: FeedUpdate) -> None:
        self.durable.commit(update)

    @rule(
        answer=st.sampled_from(
            ["take", "take", "take", "lose", "later", "away", "held", "never", "never"]
        ),
        crash_in=st.none() | st.integers(0, 6),
    )
    def send(self, answer: str, crash_in: int | None) -> None:
        self.receiver.answer = answer
        if self.queue.wait(self.now) > 0:
            return
        self.doubts += answer == "lose"
        self.taken_apart += answer == "never"
        self.or_crash(self.send_one, crash_in)

    def send_one(self) -> None:
        parcel = self.queue.take(self.now)
        self.taken_apart += parcel.apart
        self.queue.learn(self.desk.attempt(parcel), self.now)

    @rule(seconds=st.sampled_from([1.0, 40.0, 4000.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def the_operator_retries(self) -> None:
        self.desk.revive(list(self.durable.store.open_deliveries()))(self.queue)

    @rule()
    def what_is_open_is_handed_over_again(self) -> None:
        self.hand_over(self.standing())

    @rule()
    def the_configuration_is_read_again(self) -> None:
        self.boot()

    @precondition(lambda self: len(self.entries) > 8)
    @rule()
    def old_entries_leave(self) -> None:
        """Only those that a check has seen, as no watcher can alert on what it never saw."""
        known = self.durable.store.feed(FEED.id)
        if known is not None and len(known.entries) >= len(self.published):
            self.entries = self.entries[:4]

    # --- what must be true in the end ------------------------------------------------------------

    def teardown(self) -> None:
        self.receiver.answer = "take"
        self.check_feed()
        self.the_operator_retries()
        for _ in range(400):
            if len(self.queue) == 0:
                break
            if (wait := self.queue.wait(self.now)) > 0:
                self.now += wait
            else:
                self.send_one()
        had = self.receiver.had
        links = {each.story.link for message in had for each in message.deliveries}
        assert links == self.published, "lost"
        copies = Counter(message.delivery_id for message in had)
        assert sum(copies.values()) - len(copies) <= self.doubts, "repeated without a reason"
        unmarked = Counter(m.delivery_id for m in had if not m.possible_repeat)
        assert all(count == 1 for count in unmarked.values()), "repeated without the mark"
        first = {message.delivery_id: message for message in reversed(had)}
        told = Counter(each.id for message in first.values() for each in message.deliveries)
        once = Counter(each.id for m in had if not m.possible_repeat for each in m.deliveries)
        assert all(count == 1 for count in once.values()), "told under two names, unmarked"
        # A bundle that may have arrived and is refused the next time, or put off alone, is taken
        # apart all the same.
        assert self.taken_apart or all(count == 1 for count in told.values()), (
            "told under two names"
        )
        left = [
            each for each in self.durable.store.open_deliveries() if not self.desk.settled(each)
        ]
        assert left == [], "not settled"


class OnDisk(Machine):
    """The same over files; a start reads them anew."""

    def open_disk(self) -> tuple[Store, Ledger]:
        self.folder = tempfile.TemporaryDirectory()
        return self.opened()

    def opened(self) -> tuple[TinyStore, TinyLedger]:
        root = Path(self.folder.name)
        return TinyStore.open(root, now=self.now), TinyLedger.open(root, "mail")

    def reopened(self) -> tuple[TinyStore, TinyLedger]:
        return self.opened()

    @rule()
    def the_index_is_written(self) -> None:
        self.durable.store.flush(self.now)

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            self.folder.cleanup()


class SendingTakenForSent(Courier):
    """The first bug: after a crash, what was being sent is taken for sent."""

    def attempt(self, parcel: Any) -> Tried:
        before = self.ledger.get(parcel.deliveries[0])
        if before is not None and before.state is LedgerState.SENDING:
            record = replace(before, state=LedgerState.SENT)
            self.ledger.put(record)
            return Tried(record, Outcome.SENT)
        return super().attempt(parcel)


class ForgetfulMachine(Machine):
    courier = SendingTakenForSent


class TwoCommitsMachine(Machine):
    """The second bug: what was seen is stored in one step, what is to be sent in another."""

    def commit(self, update: FeedUpdate) -> None:
        if update.state is not None:
            before = self.durable.store.feed(FEED.id)
            old = before.open if before else ()
            self.durable.commit(replace(update, state=replace(update.state, open=old), alerted={}))
        self.durable.commit(update)


RUN = settings(
    max_examples=150,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.untraced
def test_nothing_is_lost_and_repeats_are_marked_whenever_it_crashes() -> None:
    run_state_machine_as_test(Machine, settings=RUN)


def test_the_same_over_files() -> None:
    run_state_machine_as_test(OnDisk, settings=settings(RUN, max_examples=25))


@pytest.mark.long
@pytest.mark.untraced
def test_the_same_many_times() -> None:
    run_state_machine_as_test(Machine, settings=settings(RUN, max_examples=3000))
    run_state_machine_as_test(OnDisk, settings=settings(RUN, max_examples=500))


@pytest.mark.parametrize("planted", [ForgetfulMachine, TwoCommitsMachine])
def test_planted_bugs_are_caught(planted: type[Machine]) -> None:
    run = settings(RUN, max_examples=2000, phases=[Phase.generate], database=None)
    with pytest.raises(AssertionError, match="lost"):
        run_state_machine_as_test(planted, settings=run)
