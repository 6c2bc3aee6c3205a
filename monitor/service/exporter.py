"""What a running daemon shows to others on this machine: figures, whether it is well, whether it is
ready.

    /metrics      figures for Prometheus
    /-/healthy    200 {"healthy": true …}, or 503 and what is amiss
    /-/ready      200 after the first tick, else 503

How things stand is looked up in another thread, at most once a second, so that whoever asks holds
up neither the loop nor the work. An address that cannot be had is told and tried again. This module
must not know how a page travels, nor where the state lies on the disk.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from monitor.app.health import Vitals
from monitor.app.pipeline import Checked
from monitor.channels.queue import Tried
from monitor.errors import RasidError
from monitor.ports import Clock
from monitor.service.listen import Listener, Page, told
from monitor.settings.load import Config

if TYPE_CHECKING:
    from monitor.service.metrics import Metrics

log = logging.getLogger("rasid.service")

FRESH: Final = 1.0  # seconds for which a look at how things stand is good
PATIENCE: Final = 3.0  # seconds for such a look; what takes longer hangs
_JSON = "application/json"


class Exporter:
    """Shows what `look` finds, called in any thread; an `Events` (ports) while figures are asked
    for. `is_ready` tells whether the first tick was; `refused` hears why an address cannot be
    listened at, None once it can."""

    def __init__(
        self,
        clock: Clock,
        *,
        look: Callable[[], Vitals],
        is_ready: Callable[[], bool],
        refused: Callable[[str | None], None],
    ) -> None:
        self._clock = clock
        self._look = look
        self._is_ready = is_ready
        self._refused = refused
        self._metrics: Metrics | None = None
        self._config: Config | None = None
        self._listener = Listener(
            {"/metrics": self._figures, "/-/healthy": self._health, "/-/ready": self._readiness}
        )
        self._looking: asyncio.Task[Vitals] | None = None
        self._looked = -FRESH
        self._told: str | None = None

    def prepare(self, config: Config) -> None:
        """Counts from now on, where a configuration asks for it."""
        self._config = config
        if config.listen is None:
            self._metrics = None
        elif self._metrics is None:
            from monitor.service.metrics import Metrics  # half a megabyte, for those who ask for it

            self._metrics = Metrics(config, self._clock())
        else:
            self._metrics.use(config)

    async def serve(self) -> None:
        """Listens where the configuration says; to be called again after each change of it, and now
        and then where that could not be had."""
        wanted = self._config.listen if self._config else None
        if wanted is None:
            await self._listener.close()
            return
        if self._listener.at == wanted:
            return
        try:
            await self._listener.open(wanted)
        except OSError as error:
            why = f"{told(wanted)}: {error.strerror or error}"
            await self._tell(why)
        else:
            await self._tell(None)

    async def _tell(self, why: str | None) -> None:
        if why is not None and why != self._told:
            log.error("metrics cannot be served, will be tried again: %s", why)
        self._told = why
        await asyncio.to_thread(self._refused, why)

    async def close(self) -> None:
        """Listens no more."""
        await self._listener.close()

    # --- what is heard: in any thread, while a reload may put an end to the figures ---------------

    def fetched(self, status: str, seconds: float) -> None:
        """An exchange with a feed's server."""
        if (metrics := self._metrics) is not None:
            metrics.fetched(status, seconds)

    def committed(self, seconds: float) -> None:
        """A check's outcome was made durable."""
        if (metrics := self._metrics) is not None:
            metrics.committed(seconds)

    def checked(self, checked: Checked) -> None:
        """A check is over, or a look at the pages of a feed's entries."""
        if (metrics := self._metrics) is not None:
            metrics.checked(checked)

    def tried(self, channel: str, tried: Tried) -> None:
        """A try to send is over."""
        if (metrics := self._metrics) is not None:
            metrics.tried(channel, tried)

    def reloaded(self, *, ok: bool) -> None:
        """A configuration was read again, and put into force or refused."""
        if self._metrics is not None:
            self._metrics.reloaded(ok=ok, now=self._clock())

    # --- what is shown ----------------------------------------------------------------------------

    async def _figures(self) -> Page:
        from monitor.service.metrics import CONTENT_TYPE

        metrics = self._metrics
        try:
            vitals = await self._vitals()
        except (RasidError, TimeoutError) as error:
            log.error("figures cannot be shown: %s", error)
            return Page(b"cannot be told\n", status=HTTPStatus.INTERNAL_SERVER_ERROR)
        if metrics is None:  # a reload put an end to them
            return Page(b"off\n", status=HTTPStatus.NOT_FOUND)
        return Page(await asyncio.to_thread(metrics.render, vitals), CONTENT_TYPE)

    async def _health(self) -> Page:
        try:
            vitals = await self._vitals()
        except RasidError as error:
            return _verdict({}, [str(error)])
        except TimeoutError:
            return _verdict({}, [f"no answer from the state within {PATIENCE:g} seconds"])
        feeds = vitals.feeds
        counts = {
            "feeds": {name: getattr(feeds, name) for name in ("total", "ok", "failing", "gone")},
            "outbox": {"pending": vitals.pending, "oldest_seconds": round(vitals.oldest, 3)},
        }
        return _verdict(counts, list(vitals.ailments))

    async def _readiness(self) -> Page:
        ready = self._is_ready()
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        return Page(_document({"ready": ready}), _JSON, status)

    async def _vitals(self) -> Vitals:
        """How things stand, by a look of the last second; TimeoutError where that hangs."""
        stale = time.monotonic() - self._looked >= FRESH
        if self._looking is None or (self._looking.done() and stale):
            self._looked = time.monotonic()
            self._looking = asyncio.ensure_future(asyncio.to_thread(self._look))
        return await asyncio.wait_for(asyncio.shield(self._looking), PATIENCE)


def _verdict(counts: Mapping[str, object], problems: list[str]) -> Page:
    status = HTTPStatus.SERVICE_UNAVAILABLE if problems else HTTPStatus.OK
    return Page(_document({"healthy": not problems, "problems": problems, **counts}), _JSON, status)


def _document(answer: dict[str, object]) -> bytes:
    """ASCII alone, so that nothing in it can act on a terminal or turn its direction."""
    return json.dumps(answer, ensure_ascii=True).encode() + b"\n"
