"""Forgets what is past its time, at start, before anything else writes: ledgers of long ago, and
feeds that are configured no more and have nothing left to deliver."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from monitor.core.redact import without_login
from monitor.settings.load import Config
from monitor.stores.ledger import TinyLedger
from monitor.stores.tiny import TinyStore

log = logging.getLogger("rasid.service")


def tidy(config: Config, store: TinyStore, ledgers: Iterable[TinyLedger], now: float) -> None:
    """Drops what was settled or last seen over `seen` seconds ago. A feed that is taken out of the
    configuration for a while, and put back, still knows its entries."""
    limit = now - config.seen
    standing = frozenset(delivery.id for delivery in store.open_deliveries())
    for ledger in ledgers:
        ledger.prune(limit, standing)
    configured = {feed.id for feed in config.feeds}
    for row in list(store.rows().values()):
        if row.feed_id not in configured and not row.has_open and row.last_check < limit:
            address = without_login(row.url)
            log.info("forgetting a feed that is configured no more: %s", address)
            store.forget(row.feed_id)
