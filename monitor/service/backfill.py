"""Lays rules that are new or were changed, and ask for it (`backfill: 7d`), on the articles that
are remembered: once each, beside the checks, and never of a feed that is being checked.

    archive -> what fires -> feed by feed: decide, commit -> all of it handed over at once

It is handed over at once so that it goes out in bundles. Which rules are done is noted at the very
end; after a kill they are laid on everything again, and what had alerted by then stands in the
feeds' memory and does not alert twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import MISSING, fields, replace
from typing import Final

from monitor.app.pipeline import Checked, Kind
from monitor.app.trial import matches
from monitor.core.feeds.identity import digest
from monitor.core.rules.matcher import compile_rules
from monitor.errors import RasidError, StateError
from monitor.model import Article, Delivery, Feed, Match, Rule
from monitor.ports import Clock, System
from monitor.settings.load import Config
from monitor.stores.archive import ArchiveView

MOST: Final = 1_000  # articles of one rule, the newest: who is sent more reads none of them
_PAUSE: Final = 0.1  # seconds until a feed is asked for again that is being checked
_AGAIN: Final = 60.0  # seconds after a feed that could not be stored
_UNHEARD: Final = frozenset(
    {
        *("severity", "channels", "note", "examples_match", "examples_no_match"),
        *("quiet", "digest", "max_per_day"),
    }
)

Hits = list[tuple[Article, list[Match]]]
Fill = Callable[[Feed, Hits], Awaitable[Checked]]

log = logging.getLogger("rasid.service")


def mark(rule: Rule) -> str:
    """What a rule is known by as one that was backfilled: it changes where what it listens for
    does, and not with a version that has more keys."""
    told = (
        f"{each.name}={getattr(rule, each.name)!r}"
        for each in fields(rule)
        if each.name not in _UNHEARD
        and (each.default is MISSING or getattr(rule, each.name) != each.default)
    )
    return digest("rule", *told)


def wanted(config: Config, done: Mapping[str, str]) -> tuple[Rule, ...]:
    """The rules that are to be laid on what is remembered."""
    return tuple(
        rule
        for rule in config.rules
        if rule.enabled and rule.backfill > 0 and done.get(rule.name) != mark(rule)
    )


def gather(
    config: Config, rules: Sequence[Rule], now: float, progress: Callable[[int], None] | None = None
) -> dict[str, Hits]:
    """What the rules fire on, by the id of the feed; of each rule the newest articles, and as far
    back as it asks for. Takes seconds. Says what it found, and why nothing. `progress` is called
    now and then, and may raise to end it."""
    try:
        found, many = _gather(config, rules, now, progress)
    except RasidError as error:
        log.error("backfill: what is remembered cannot be read, so nothing alerts: %s", error)
        return {}
    for rule in rules:
        left = max(many[rule.name] - MOST, 0)
        more = f"; {left} older ones are left out: see `rasid rules try`" if left else ""
        log.info("backfill: rule %s fires on %d articles%s", rule.name, many[rule.name], more)
    return found


def _gather(
    config: Config, rules: Sequence[Rule], now: float, progress: Callable[[int], None] | None
) -> tuple[dict[str, Hits], Counter[str]]:
    view = ArchiveView(config.state)
    if not view.exists:
        raise StateError("no articles are remembered")
    compiled = compile_rules(rules, config.gazetteer, config.lexicon)
    found: defaultdict[str, Hits] = defaultdict(list)
    many: Counter[str] = Counter()
    with view:
        since = now - max(rule.backfill for rule in rules)
        for archived, fired in matches(view, compiled, since, progress):
            due = [each for each in fired if archived.came >= now - each.rule.backfill]
            many.update(match.rule.name for match in due)
            kept = [match for match in due if many[match.rule.name] <= MOST]
            if kept:
                found[archived.feed_id].append((archived.article, kept))
    return found, many


class Backfills:
    """For one event loop. `is_busy` tells whether a feed is checked now; `fill` has rules alert on
    articles of one that is not; `settle` waits until all that came can be read."""

    def __init__(
        self,
        system: System,
        clock: Clock,
        *,
        is_busy: Callable[[str], bool],
        fill: Fill,
        hand_over: Callable[[Sequence[Delivery]], None],
        settle: Callable[[], None],
    ) -> None:
        self._system = system
        self._clock = clock
        self._is_busy = is_busy
        self._fill = fill
        self._hand_over = hand_over
        self._settle = settle
        self._config: Config | None = None
        self._filling = ""
        self._task: asyncio.Task[None] | None = None
        self._again = self._ended = False

    def __contains__(self, feed_id: str) -> bool:
        """Whether a feed is being filled: it must not be checked meanwhile."""
        return feed_id == self._filling

    def start(self, config: Config) -> None:
        """Begins with the rules of a configuration that came into force; what is under way goes on
        first, without rules that are no more."""
        self._config, self._again = config, True
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Leaves the rest to the next start."""
        self._ended = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while self._again and self._config is not None:
            self._again = False
            try:
                whole = await self.work(self._config)
            except RasidError as error:
                log.error("backfill: put off: %s", error)
                whole = False
            except Exception:
                log.exception("fault in a backfill")
                return
            if not whole:
                await asyncio.sleep(_AGAIN)
                self._again = True

    async def work(self, config: Config) -> bool:
        """Does all that is to be done, and notes it; False where something was not stored."""
        self._config = self._config or config
        done = (await asyncio.to_thread(self._system.load)).backfilled
        rules = wanted(config, done)
        whole = True
        if rules:
            await asyncio.to_thread(self._settle)
            found = await asyncio.to_thread(
                gather, config, rules, self._clock(), self._go_on_or_end
            )
            made: list[Delivery] = []
            try:
                whole = await self._fill_all(config, found, made)
            finally:
                if made:
                    self._hand_over(made)
        if whole:
            await asyncio.to_thread(self._note, config, rules)
        return whole

    def _go_on_or_end(self, _: int) -> None:
        """Ends what runs in a thread, which nobody can cancel."""
        if self._ended:
            raise asyncio.CancelledError

    async def _fill_all(self, config: Config, found: dict[str, Hits], made: list[Delivery]) -> bool:
        """Fills each feed when nobody checks it; those that are configured no more are left."""
        feeds = [feed for feed in config.feeds if feed.id in found]
        whole = True
        while feeds:
            free = [feed for feed in feeds if not self._is_busy(feed.id)]
            for feed in free:
                if not self._is_busy(feed.id):  # still
                    feeds.remove(feed)
                    whole &= await self._fill_one(feed, found[feed.id], made)
            if not free:
                await asyncio.sleep(_PAUSE)
        return whole

    async def _fill_one(self, feed: Feed, hits: Hits, made: list[Delivery]) -> bool:
        in_force = {rule.name: rule for rule in self._config.rules} if self._config else {}
        current = [
            (article, [each for each in fired if in_force.get(each.rule.name) == each.rule])
            for article, fired in hits
        ]
        self._filling = feed.id
        try:
            filled = await self._fill(feed, current)
        finally:
            self._filling = ""
        if filled.update is not None:
            made += filled.update.deliveries
        return filled.kind is not Kind.UNKEPT

    def _note(self, config: Config, rules: Sequence[Rule]) -> None:
        """Notes what is done, and forgets rules that are no more."""
        names = {rule.name for rule in config.rules}
        marks = {rule.name: mark(rule) for rule in rules}
        self._system.update(
            lambda state: replace(
                state,
                backfilled={
                    name: known
                    for name, known in {**state.backfilled, **marks}.items()
                    if name in names
                },
            )
        )
