"""What the operator's own wishes hold back, told from what is on disk: for the channels' queues,
and for those who only look.

This module must change nothing; what a wish means is core.alerts.hold's business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from monitor.core.alerts.hold import ONE_BY_ONE, Terms, Told, Waits, made_since, plan
from monitor.model import ChannelConfig, Delivery, Hold, LedgerRecord, LedgerState

if TYPE_CHECKING:
    from monitor.ports import LedgerView
    from monitor.settings.load import Config

Known = tuple[Delivery, LedgerRecord | None]


def terms(config: Config, channel: ChannelConfig) -> Terms:
    """What decides when a channel's deliveries go out."""
    return Terms.of(channel, config.rules, ZoneInfo(config.timezone))


def told_by(ledger: LedgerView) -> Told:
    """How many deliveries of a rule were sent, of those made between two moments, as core.alerts.
    hold counts them; as the ledger stands when first asked."""

    @cache
    def counts(start: float, end: float) -> Counter[str]:
        return Counter(rule for each in ledger.since(start) for rule in _told(each, start, end))

    return lambda rule, start, end: counts(start, end)[rule]


def _told(record: LedgerRecord, start: float, end: float) -> Iterator[str]:
    """The rules of each delivery in a message that counts, as often as they stand there."""
    never = record.state is LedgerState.DROPPED and not record.attempts
    if never or record.held_for not in ONE_BY_ONE:
        return
    if not record.members and start <= record.made_at < end:
        yield from record.rules
    for member in record.members:
        if start <= (member.made_at or record.made_at) < end:
            yield from member.rules


def holds(
    config: Config, ledgers: Mapping[str, LedgerView], waiting: Iterable[Known], now: float
) -> dict[tuple[str, str], Hold]:
    """What holds, or held, each delivery that waits, by channel and id. `waiting` are all that are
    open, each with its record."""
    channels = {channel.name: channel for channel in config.channels}
    found: dict[tuple[str, str], Hold] = {}
    for name, own in groupby(sorted(waiting, key=_order), key=lambda each: each[0].channel):
        if name in channels and not (its := terms(config, channels[name])).hold_nothing:
            found |= _holds(list(own), its, ledgers.get(name), now)
    return found


def _order(known: Known) -> tuple[str, float]:
    return known[0].channel, known[0].made_at


def _holds(
    own: Sequence[Known], its: Terms, ledger: LedgerView | None, now: float
) -> dict[tuple[str, str], Hold]:
    parcels: dict[str, list[Delivery]] = {}
    records: dict[str, LedgerRecord | None] = {}
    for delivery, record in own:
        ident = delivery.id if record is None else record.delivery_id
        parcels.setdefault(ident, []).append(delivery)
        records[ident] = record
    asked = [Waits.of(p, made_since(p[0].made_at, now), records[i]) for i, p in parcels.items()]
    told = told_by(ledger) if ledger is not None else lambda *_: 0
    planned = zip(parcels.values(), plan(asked, its, told, now).holds, strict=True)
    return {(d.channel, d.id): hold for parcel, hold in planned if hold for d in parcel}
