"""Forgets what is past its time: ledgers of long ago, and feeds that are configured no more and
have nothing left to deliver. At start, and then about once a day.

To be called in the thread that commits, since feeds are forgotten; the senders may go on meanwhile,
for a ledger is pruned under its own lock. It reads the feeds' files that have something open and
the days to be dropped, so it costs what is dropped, not what is kept.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import cache

from monitor.core.redact import public_part
from monitor.errors import RasidError
from monitor.model import Delivery
from monitor.settings.load import Config
from monitor.stores.ledger import TinyLedger, channel_names
from monitor.stores.tiny import TinyStore

log = logging.getLogger("rasid.service")


def tidy(
    config: Config,
    store: TinyStore,
    ledgers: Iterable[TinyLedger],
    notices: Iterable[Delivery],
    now: float,
    *,
    settled: Callable[[Delivery], bool],
) -> None:
    """Drops what was settled or last seen over `seen` seconds ago. A feed that is taken out of the
    configuration for a while, and put back, still knows its entries."""
    limit = now - config.seen

    @cache
    def standing() -> tuple[Delivery, ...]:
        return (*store.open_deliveries(), *notices)

    for ledger in (*ledgers, *_abandoned(config)):
        try:
            ledger.prune(limit, standing)
        except RasidError as error:
            log.error("a ledger is not tidied: %s", error)
    configured = {feed.id for feed in config.feeds}
    for row in list(store.rows().values()):
        past = row.feed_id not in configured and row.last_check < limit
        if past and not (row.has_open and _waits(store, row.feed_id, settled)):
            told = public_part(row.url)
            log.info("forgetting a feed that is configured no more: %s", told)
            try:
                store.forget(row.feed_id)
            except RasidError as error:
                log.error("a feed is not forgotten: %s", error)


def _waits(store: TinyStore, feed_id: str, settled: Callable[[Delivery], bool]) -> bool:
    """Whether something of a feed is still to be sent: its file does not know, as it is checked no
    more."""
    try:
        state = store.feed(feed_id)
    except RasidError:  # what cannot be read is kept
        return True
    return state is not None and not all(map(settled, state.open))


def _abandoned(config: Config) -> list[TinyLedger]:
    """The ledgers of channels that are configured no more. A sender may still hold one of them for
    a moment after a reload; what it writes belongs to a delivery that stands, whose day stays."""
    configured = {channel.name for channel in config.channels}
    names = [name for name in channel_names(config.state) if name not in configured]
    return [TinyLedger.open(config.state, name) for name in names]
