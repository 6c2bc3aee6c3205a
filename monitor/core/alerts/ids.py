"""Names of alerts and deliveries: hashes that stay the same for ever, on every machine.

They stand in state files and in Message-IDs, so what goes into them must never change.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256

LENGTH = 32  # hexadecimal digits: 128 bits, so that no two ever meet


def alert_id(rule: str, article_id: str, revision: int = 0) -> str:
    """The name of one rule's alert on one article; each edit that alerts again has its own."""
    return _hash("alert", rule, article_id, revision)


def delivery_id(article_id: str, channel: str, alert_ids: Iterable[str]) -> str:
    """The name of a set of alerts of one article over one channel; their order means nothing."""
    return _hash("delivery", article_id, channel, sorted(set(alert_ids)))


def bundle_id(channel: str, delivery_ids: Iterable[str]) -> str:
    """The name of several deliveries that go out as one; their order means nothing."""
    return _hash("bundle", channel, sorted(set(delivery_ids)))


def day_of(made_at: float) -> str:
    """The day, in UTC, to whose ledger a delivery belongs: all of a bundle belong to one."""
    return datetime.fromtimestamp(made_at, UTC).date().isoformat()


def _hash(*parts: str | int | list[str]) -> str:
    # JSON parts the members without ambiguity, and in ASCII it takes lone surrogates too.
    joined = json.dumps(parts, separators=(",", ":"), ensure_ascii=True)
    return sha256(joined.encode("ascii")).hexdigest()[:LENGTH]
