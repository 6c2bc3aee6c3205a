"""Gets a feed's document once, and only if it has changed: conditional requests (RFC 9110
section 13), permanent moves, 410 and Retry-After. This module must not raise for what the
network does, and must not look into documents.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from monitor.core.redact import without_login
from monitor.model import (
    Feed,
    FeedRow,
    Fetched,
    FetchFailed,
    FetchOutcome,
    NotModified,
    Polling,
    Validators,
)
from monitor.net.exchange import Answer, Ask, Headers, Limits, read_retry_after, user_agent
from monitor.net.freshness import read_freshness
from monitor.net.guard import Resolver, resolve_by_system
from monitor.net.http import Http
from monitor.net.slots import Slots
from monitor.ports import Clock

_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, */*;q=0.5"
)
_XML = "application/xml, text/xml;q=0.9, text/plain;q=0.8, */*;q=0.5"
_ACCEPT_PAGE = "text/html, application/xhtml+xml, */*;q=0.5"
_ACCEPTS = {"feed": _ACCEPT, "sitemap": _XML, "page": _ACCEPT_PAGE}
_NONE = Validators()
_PARTS = frozenset((206, 226))  # a part, or changes alone: we asked for neither
_LONGEST_VALIDATOR = 2048  # longer ones would fill the index


class HttpFetcher:
    """Fetches feeds over HTTP, within what `polling` says. Use it inside one event loop.

    `clock` tells how far a Retry-After date lies ahead; `resolve` stands in for the system's
    resolver; `slots` outlives the fetcher. Raises ValueError where `allow_private` holds no CIDR.
    """

    def __init__(
        self,
        polling: Polling,
        *,
        allow_private: Iterable[str] = (),
        proxy: str | None = None,
        contact: str | None = None,
        clock: Clock,
        resolve: Resolver = resolve_by_system,
        slots: Slots | None = None,
    ) -> None:
        self._clock = clock
        self._http = Http(
            Limits(polling.timeout, polling.max_bytes, polling.concurrency, polling.per_host),
            agent=user_agent(contact),
            allow_private=allow_private,
            proxy=proxy,
            resolve=resolve,
            slots=slots,
        )

    async def fetch(self, feed: Feed, row: FeedRow) -> FetchOutcome:
        """Asks whether the feed has changed since `row`, at the address it has moved to."""
        url = without_login(feed.url)
        known = row if without_login(row.url) == url else FeedRow(feed.id, url)
        return await self.fetch_part(feed, known.moved_to or feed.url, known.validators)

    async def fetch_part(self, feed: Feed, url: str, validators: Validators) -> FetchOutcome:
        """Asks whether a document of a feed has changed. What is secret goes to the origin of the
        feed's own address alone."""
        answer = await self._http.get(_ask(feed, url, _ACCEPTS[feed.kind], validators))
        if isinstance(answer, Answer) and answer.status == 304 and answer.conditional:
            return self._same(answer, validators)
        return self._judge(answer)

    async def page(self, link: str, feed: Feed) -> Fetched | FetchFailed:
        """The page of one of a feed's entries. What the feed's server is told of us and to nobody
        else, a login or the operator's headers, it is told for its own pages too."""
        return self._judge(await self._http.get(_ask(feed, link, _ACCEPT_PAGE)))

    async def get(self, url: str) -> Fetched | FetchFailed:
        """A document by its address, with the same limits and the same guard."""
        return self._judge(await self._http.get(Ask(url, headers=(("Accept", "*/*"),))))

    def _same(self, answer: Answer, known: Validators) -> NotModified:
        merged = _merged(known, _validators(answer))
        return NotModified(merged, fresh_for=self._fresh_for(answer))

    def _judge(self, answer: Answer | FetchFailed) -> Fetched | FetchFailed:
        if isinstance(answer, FetchFailed):
            return answer
        if not 200 <= answer.status < 300 or answer.status in _PARTS:
            return self._refusal(answer)
        if not answer.body.strip():
            return FetchFailed("empty", "the answer has no body", answer.status)
        digest = hashlib.sha256(answer.body).hexdigest()
        validators = _validators(answer)
        return Fetched(
            answer.url,
            answer.headers,
            answer.body,
            validators,
            digest,
            answer.moved_to,
            self._fresh_for(answer),
        )

    def _refusal(self, answer: Answer) -> FetchFailed:
        # RFC 9110 has it for 503, RFC 6585 for 429; others that send it mean it as well.
        wait = read_retry_after(answer.headers.get("retry-after", ""), self._clock())
        return FetchFailed(
            "status",
            f"the server answered with status {answer.status}",
            answer.status,
            retry_after=wait,
            gone=answer.status == 410 and not answer.passing,
        )

    def _fresh_for(self, answer: Answer) -> float:
        return read_freshness(answer.headers, self._clock())


def _ask(feed: Feed, url: str, accept: str, validators: Validators = _NONE) -> Ask:
    return Ask(
        url,
        headers=(("Accept", accept),),
        conditions=_conditions(validators),
        conditions_at=validators.at,
        secrets=feed.headers,
        home=feed.url,
        proxy=feed.proxy,
    )


def _conditions(validators: Validators) -> Headers:
    told = (
        ("If-None-Match", validators.etag),
        ("If-Modified-Since", validators.last_modified),
    )
    return tuple((name, value) for name, value in told if value)


def _validators(answer: Answer) -> Validators:
    def kept(name: str) -> str | None:
        value = answer.headers.get(name, "")
        return value if 0 < len(value) <= _LONGEST_VALIDATOR else None

    etag, modified = kept("etag"), kept("last-modified")
    at = answer.url if answer.passing and (etag or modified) else None
    return Validators(etag, modified, at)


def _merged(old: Validators, new: Validators) -> Validators:
    """RFC 9111 section 4.3.4: what a 304 tells replaces what was stored, the rest stays."""
    return Validators(new.etag or old.etag, new.last_modified or old.last_modified, old.at)
