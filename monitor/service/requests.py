"""Carries out what other commands ask of the state: in the daemon as they come in through the
inbox, or by the command itself where no process holds the state.

Each may be carried out twice and does nothing the second time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from monitor.app.outbox import by_channel, drop, hurry, revive
from monitor.errors import RasidError
from monitor.model import Delivery, MuteNote, Request, SystemState, Wish
from monitor.ports import Clock, Ledger, StoreView, System
from monitor.stores.inbox import Inbox

log = logging.getLogger("rasid.service")

REST = 30.0  # seconds after a request that could not be carried out

Act = Callable[[Sequence[Delivery]], list[Future[None]]]


class Clerk:
    """Carries out what comes into the inbox of a running daemon; a request goes from there once it
    is done. For one thread at a time."""

    def __init__(
        self,
        inbox: Inbox,
        store: StoreView,
        system: System,
        clock: Clock,
        *,
        acts: Mapping[Wish, Act],
    ) -> None:
        self._inbox = inbox
        self._store = store
        self._system = system
        self._clock = clock
        self._acts = acts
        self._asked: dict[Path, list[Future[None]]] = {}  # under way, in the senders' threads
        self._rest_until = 0.0

    def has_work(self) -> bool:
        """Whether a request waits; cheap enough to be asked all the time."""
        return self._clock() >= self._rest_until and self._inbox.stirs()

    def start_over(self) -> None:
        """Asks again for what is under way."""
        self._asked.clear()

    def work(self) -> None:
        """Takes up what is new and removes what is done; what fails is logged and tried again."""
        for path, request in self._inbox.waiting():
            try:
                self._work_on(path, request)
            except RasidError as error:
                log.error("a request is put off: %s", error)
                self._put_off(path)
            except Exception:
                log.exception("fault in a request; it is put off")
                self._put_off(path)

    def _put_off(self, path: Path) -> None:
        self._asked.pop(path, None)
        self._rest_until = self._clock() + REST

    def _work_on(self, path: Path, request: Request) -> None:
        if path not in self._asked:
            self._asked[path] = self._carry_out(request)
        under_way = self._asked[path]
        if all(each.done() for each in under_way):
            for each in under_way:
                each.result()  # raises what went wrong
            self._inbox.done(path)
            del self._asked[path]

    def _carry_out(self, request: Request) -> list[Future[None]]:
        return carry_out(
            request,
            store=self._store,
            system=self._system,
            acts=self._acts,
            now=self._clock(),
        )


def carry_out(
    request: Request,
    *,
    store: StoreView,
    system: System,
    acts: Mapping[Wish, Act],
    now: float,
) -> list[Future[None]]:
    """Does what a request asks for; `acts` are those on open deliveries. It is done once all that
    is given is."""
    if request.wish is Wish.MUTE:
        system.update(lambda state: mute(state, request, now))
        log.info("rule %s is muted for %.0f s", request.rule, max(request.until - now, 0.0))
        return []
    wanted = set(request.deliveries)
    standing = (*store.open_deliveries(), *system.load().notices)
    found = [each for each in standing if each.id in wanted]
    log.info("%s: %d deliveries, as asked", request.wish, len(found))
    return acts[request.wish](found)


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
        def all_channels(deliveries: Sequence[Delivery]) -> list[Future[None]]:
            for name, own in by_channel(deliveries).items():
                if name in ledgers:
                    act(ledgers[name], own, clock())
            return []

        return all_channels

    acts = {Wish.RETRY: on_each(revive), Wish.HURRY: on_each(hurry), Wish.DROP: on_each(drop)}
    carry_out(request, store=store, system=system, acts=acts, now=clock())


def mute(state: SystemState, request: Request, now: float) -> SystemState:
    """The state with a rule muted as asked for; what is over is forgotten."""
    rule = request.rule or ""
    asked = {**state.mutes, rule: request.until}
    notes = {**state.mute_notes, rule: MuteNote(request.because, request.by, now)}
    mutes = {name: end for name, end in asked.items() if end > now}
    return replace(state, mutes=mutes, mute_notes={n: notes[n] for n in mutes if n in notes})
