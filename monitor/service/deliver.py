"""Delivers what is open in one pass: each channel in a thread of its own, oldest first, each
delivery tried once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence

from monitor.app.outbox import Courier, by_channel
from monitor.errors import RasidError
from monitor.model import Delivery, LedgerRecord, LedgerState
from monitor.ports import Clock

log = logging.getLogger("rasid.outbox")

PATIENCE = 3  # tries in a row without an answer, after which the rest waits for the next pass


def drain(
    deliveries: Iterable[Delivery], couriers: Mapping[str, Courier], clock: Clock
) -> tuple[int, int]:
    """Tries every open delivery once: (sent, left open). Returns when all channels are through.

    A delivery for a channel that is not configured now stays open."""
    grouped = by_channel(deliveries)
    sent: list[str] = []
    threads = [
        threading.Thread(
            target=_drain_channel,
            args=(couriers[name], waiting, sent, clock),
            name=f"sender {name}",
            daemon=True,
        )
        for name, waiting in grouped.items()
        if name in couriers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    left = sum(
        1
        for name, waiting in grouped.items()
        for delivery in waiting
        if name not in couriers or not couriers[name].settled(delivery)
    )
    return len(sent), left


def _drain_channel(
    courier: Courier, waiting: Sequence[Delivery], sent: list[str], clock: Clock
) -> None:
    failures = 0
    for delivery in waiting:
        if courier.settled(delivery) or courier.asked_to_wait(delivery, clock()):
            continue
        record = _attempt(courier, delivery)
        if record is None:
            continue
        if record.state is LedgerState.SENT:
            sent.append(delivery.id)
            failures = 0
        elif record.state is LedgerState.HELD:
            return
        elif record.code is None:
            failures += 1
            if failures >= PATIENCE:
                return


def _attempt(courier: Courier, delivery: Delivery) -> LedgerRecord | None:
    """The try's outcome, None where a fault on our side spoilt it: then the delivery stays open."""
    try:
        return courier.attempt(delivery)
    except RasidError as error:
        log.error("%s: %s", courier.channel.name, error)
    except Exception:
        # A fault of ours on one message must not keep back the others.
        log.exception("%s: fault while sending", courier.channel.name)
    return None
