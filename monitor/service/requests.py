"""Carries out what other commands ask of the state: in the daemon as they come in through the
inbox, or by the command itself where no process holds the state.

Each may be carried out twice and does nothing the second time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import Event

from monitor.app.outbox import by_channel, drop, revive
from monitor.model import Delivery, Request, SystemState, Wish
from monitor.ports import Clock, Ledger, StoreView, System

log = logging.getLogger("rasid.service")

Act = Callable[[Sequence[Delivery]], list[Event]]


def carry_out(
    request: Request, *, store: StoreView, system: System, retry: Act, drop: Act, now: float
) -> list[Event]:
    """Does what a request asks for; `retry` and `drop` act on open deliveries. It is done once all
    the events are set."""
    if request.wish is Wish.MUTE:
        rule = request.rule or ""
        system.update(lambda state: mute(state, rule, request.until, now))
        log.info("rule %s is muted for %.0f s", rule, max(request.until - now, 0.0))
        return []
    wanted = set(request.deliveries)
    standing = (*store.open_deliveries(), *system.load().notices)
    found = [each for each in standing if each.id in wanted]
    log.info("%s: %d deliveries, as asked", request.wish, len(found))
    return (retry if request.wish is Wish.RETRY else drop)(found)


def carry_out_alone(
    request: Request,
    *,
    store: StoreView,
    system: System,
    ledgers: Mapping[str, Ledger],
    clock: Clock,
) -> None:
    """The same for a process that holds the state itself and sends nothing meanwhile: it notes
    what the next send goes by."""

    def on_each(act: Callable[[Ledger, Sequence[Delivery], float], object]) -> Act:
        def all_channels(deliveries: Sequence[Delivery]) -> list[Event]:
            for name, own in by_channel(deliveries).items():
                if name in ledgers:
                    act(ledgers[name], own, clock())
            return []

        return all_channels

    acts = {"retry": on_each(revive), "drop": on_each(drop)}
    carry_out(request, store=store, system=system, now=clock(), **acts)


def mute(state: SystemState, rule: str, until: float, now: float) -> SystemState:
    """The state with a rule muted until then; what is over is forgotten."""
    mutes = {name: end for name, end in {**state.mutes, rule: until}.items() if end > now}
    return replace(state, mutes=mutes)
