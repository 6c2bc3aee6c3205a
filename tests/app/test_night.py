"""A night of eight injected hours against a real mail server that is down, or refuses us."""

from __future__ import annotations

import re
from datetime import UTC
from pathlib import Path

from outbox_samples import NOON, delivery

from monitor.app.outbox import Courier
from monitor.channels.mail import Mail
from monitor.channels.notify import mail_account
from monitor.channels.queue import Queue
from monitor.model import LedgerState
from monitor.stores.ledger import TinyLedger
from sink import Sink

HOUR = 3600.0
ALERTS = 500
_NUMBER = re.compile(r"^https://news\.example/(\d+)", re.MULTILINE)


class Night:
    """A courier and its queue over a ledger on disk; time passes as fast as they let it."""

    def __init__(self, root: Path, sink: Sink) -> None:
        self.now = NOON
        self.tries = 0
        self.ledger = TinyLedger.open(root, "mail")
        self.desk = Courier(
            channel=Mail("mail", mail_account(sink.mailto)),
            ledger=self.ledger,
            language="ar",
            timezone=UTC,
            clock=lambda: self.now,
            jitter=lambda: 0.5,
        )
        self.queue = Queue("mail", burst=20, fitting=self.desk.fitting)
        self.waiting = [delivery(n, made_at=NOON + n * 50.0) for n in range(ALERTS)]

    def until(self, moment: float) -> None:
        while self.now < moment:
            while self.waiting and self.waiting[0].made_at <= self.now:
                for parcel, record in self.desk.waiting([self.waiting.pop(0)]):
                    self.queue.add(parcel, record)
            if self.queue.wait(self.now) <= 0:
                self.tries += 1
                parcel = self.queue.take(self.now)
                self.queue.learn(self.desk.attempt(parcel), self.now)
            else:
                self.now = min(self.now + min(self.queue.wait(self.now), 25.0), moment)


def numbers(sink: Sink) -> list[int]:
    """The articles that arrived, in order."""
    found = []
    for received in sink.messages:
        part = received.message.get_body(("plain",))
        assert part is not None
        found += map(
            int, re.findall(r"^https://news\.example/(\d+)", part.get_content(), re.MULTILINE)
        )
    return found


def test_a_server_that_is_down_all_night_gets_everything_in_order_in_a_few_messages(
    tmp_path: Path,
) -> None:
    with Sink() as sink:
        night = Night(tmp_path, sink)
        with sink.away():
            night.until(NOON + 8 * HOUR)
        assert night.tries < 40
        night.until(NOON + 10 * HOUR)
        assert numbers(sink) == list(range(ALERTS))
        assert len(sink.messages) <= ALERTS / 100 + 2
    assert {record.state for record in night.ledger.records()} == {LedgerState.SENT}


def test_a_wrong_password_overnight_kills_nothing(tmp_path: Path) -> None:
    with Sink() as sink:
        night = Night(tmp_path, sink)
        sink.answer(535, times=10**6, at="MAIL")
        night.until(NOON + 8 * HOUR)
        assert 8 <= night.tries <= 9
        assert {record.state for record in night.ledger.records()} == {LedgerState.HELD}
        sink.relent()
        night.queue.release()
        night.until(NOON + 8 * HOUR + 60)
        assert numbers(sink) == list(range(ALERTS))
