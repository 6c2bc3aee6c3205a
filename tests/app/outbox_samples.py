"""Deliveries, answers and a queue that tries them, for the tests of the outbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from monitor.channels.queue import Queue, Tried
from monitor.core.alerts import retry
from monitor.model import (
    Alert,
    Delivery,
    LedgerRecord,
    Marked,
    Outcome,
    Parcel,
    Receipt,
    Severity,
    Story,
)

NOON = 1_700_049_600.0 - 3600 * 0  # 2023-11-15 12:00 UTC

TAKEN = Receipt(Outcome.SENT, "taken", 250)
LATER = Receipt(Outcome.RETRY, "451 later", 451)
AWAY = Receipt(Outcome.RETRY, "connection refused")
HELD = Receipt(Outcome.HELD, "535 no", 535)
NEVER = Receipt(Outcome.REJECTED, "554 no", 554)


def delivery(number: int, *, channel: str = "mail", made_at: float | None = None) -> Delivery:
    """Number `number`, made that many seconds after noon unless told otherwise."""
    link = f"https://news.example/{number}"
    story = Story(
        f"a{number}", Marked(f"خبر {number}"), (Marked(f"جملة {number}."),), link, "وكالة", NOON
    )
    alert = Alert(f"r{number}", "داعش", Severity.NORMAL, ("داعش",))
    when = NOON + number if made_at is None else made_at
    return Delivery(f"d{number:04}", channel, when, story, (alert,))


def single(number: int, **more: float) -> Parcel:
    """A parcel of one delivery."""
    one = delivery(number, **more)  # type: ignore[arg-type]
    return Parcel(one.id, (one,))


Answer = Callable[[Parcel, float], Receipt]


class Provider:
    """A queue driven by injected time against an other side that answers as told.

    `log` holds (when, the numbers in the message, the answer's outcome)."""

    def __init__(
        self, answer: Answer, *, burst: int = 20, holds: int = 10, eager: bool = False
    ) -> None:
        self.answer = answer
        self.now = NOON + 10_000
        self.queue = Queue("mail", burst=burst, fitting=_fitting(holds), eager=eager)
        self.records: dict[str, LedgerRecord] = {}
        self.log: list[tuple[float, tuple[int, ...], Outcome]] = []

    def add(self, *numbers: int) -> None:
        for number in numbers:
            parcel = single(number)
            self.queue.add(parcel, self.records.get(parcel.id))

    def run(self, until: float) -> None:
        """Tries what is due, and lets the time pass to what is due next."""
        while self.now < until:
            wait = self.queue.wait(self.now)
            if wait > 0:
                self.now = min(self.now + wait, until)
                continue
            self.try_one()

    def try_one(self) -> Tried:
        parcel = self.queue.take(self.now)
        record = retry.begin(self.records.get(parcel.id), parcel, self.now)
        receipt = self.answer(parcel, self.now)
        record = retry.finish(record, receipt, self.now, jitter=1.0)
        self.records[parcel.id] = record
        self.log.append((self.now, numbers(parcel), receipt.outcome))
        tried = Tried(record, receipt.outcome, partly=receipt.partly)
        self.queue.learn(tried, self.now)
        self.now += 0.1
        return tried

    @property
    def taken(self) -> list[int]:
        """The numbers that arrived, in order."""
        return [n for _, each, outcome in self.log if outcome is Outcome.SENT for n in each]


def numbers(parcel: Parcel) -> tuple[int, ...]:
    return tuple(int(each.id[1:]) for each in parcel.deliveries)


def _fitting(holds: int) -> Callable[[Sequence[Delivery]], int]:
    return lambda deliveries: min(len(deliveries), holds)
