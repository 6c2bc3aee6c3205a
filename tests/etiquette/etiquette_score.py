"""Judges a poller by a server's log alone: which rules of etiquette it broke, on which lines.

The rules, and where they come from: RFC 9110 (13 conditional requests, 15.4 redirects, 15.5.11
gone, 10.2.3 Retry-After), RFC 9111 (4.2 freshness, 4.3.4 validators in a 304), RSS 2.0 (ttl,
skipHours, skipDays), and Rachel Kroll's reports on feed readers (validators returned byte for byte,
no cookies, referrers or query of one's own). This module must know nothing of who is judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise
from urllib.parse import urljoin, urlsplit

from etiquette_log import DAY, HOUR, Line

SLACK = 120.0  # seconds that a poll may be late: jitter, and being one of many
MOST_REDIRECTS = 10
OWN_HEADERS = frozenset(
    b"host user-agent accept accept-encoding connection if-none-match if-modified-since".split()
)
_REDIRECTS = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)
_LONGEST_VALIDATOR = 2048  # bytes; a reader need not remember longer ones
_HOMEWARD = 3  # failures in a row at an address that a feed moved to, after which it may go home


@dataclass(frozen=True)
class Terms:
    """What the poller was told: seconds, but for `per_host`, the exchanges that a host may have at
    once, `max_bytes` and `timeout` (of the real clock); `contact` is part of its User-Agent; `urls`
    are its subscriptions; `ends` is when it was stopped. No restart or kill excuses from any."""

    interval: float
    floor: float
    max_hint: float
    timeout: float
    max_bytes: int
    per_host: int
    contact: str
    urls: frozenset[str]
    ends: float


@dataclass(frozen=True)
class Violation:
    """A rule that was broken, and the lines that show it."""

    kind: str
    rule: str
    why: str
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        shown = "".join(f"\n    {line}" for line in self.lines)
        return f"{self.kind}: {self.rule}: {self.why}{shown}"


Findings = Iterator[Violation]


def score(log: Sequence[Line], terms: Terms) -> list[Violation]:
    """Every rule over the whole log, in its order."""
    found = [one for line in log for rule in LINE_RULES for one in rule(line, terms)]
    found += [one for rule in LOG_RULES for one in rule(log, terms)]
    for url, lines in _by_subscription(log, terms).items():
        checks = _checks(lines)
        for rule in FEED_RULES:
            found += rule(url, checks, terms)
    return found


def _violation(rule: str, why: str, *lines: Line) -> Violation:
    return Violation(lines[0].kind, rule, why, lines)


# --- single requests ------------------------------------------------------------------------------


def _method(line: Line, terms: Terms) -> Findings:
    if line.method != "GET":
        yield _violation("method", f"{line.method} instead of GET", line)


def _headers(line: Line, terms: Terms) -> Findings:
    names = [name.lower() for name, _ in line.headers]
    for name in names:
        if name not in OWN_HEADERS:
            yield _violation("headers", f"sends {name.decode()}, which nobody asked for", line)
    if len(set(names)) != len(names):
        yield _violation("headers", "sends a header twice", line)


def _agent(line: Line, terms: Terms) -> Findings:
    agent = (line.header("user-agent") or b"").decode("iso-8859-1")
    if not agent.startswith("Rasid/") or terms.contact not in agent:
        yield _violation("agent", f"the User-Agent {agent!r} says not who this is", line)


def _coding(line: Line, terms: Terms) -> Findings:
    if line.header("accept-encoding") != b"gzip":
        told = line.header("accept-encoding")
        yield _violation("coding", f"Accept-Encoding is {told!r} instead of gzip", line)


def _limits(line: Line, terms: Terms) -> Findings:
    """The client hangs up in time; what lies in the buffers of two sockets is not its to stop."""
    if line.seconds > terms.timeout + 10:
        yield _violation("time", f"stays for {line.seconds:.1f} s", line)
    if line.reply.chunk and line.sent > terms.max_bytes + 10_000_000:
        yield _violation("bytes", f"takes {line.sent} bytes", line)


LINE_RULES: tuple[Callable[[Line, Terms], Findings], ...] = (
    _method,
    _headers,
    _agent,
    _coding,
    _limits,
)


# --- the whole log --------------------------------------------------------------------------------


def _only_told(log: Sequence[Line], terms: Terms) -> Findings:
    """Every address asked for was subscribed to or named by a redirect: none is made up."""
    known = {url.partition("#")[0] for url in terms.urls}
    for line in log:
        if line.url not in known:
            yield _violation("address", "asks for an address that nobody named", line)
        if (target := _target(line)) is not None:
            known.add(target)


def _per_host(log: Sequence[Line], terms: Terms) -> Findings:
    for line in log:
        if line.at_once > terms.per_host:
            yield _violation("per-host", f"{line.at_once} exchanges at once", line)


LOG_RULES: tuple[Callable[[Sequence[Line], Terms], Findings], ...] = (_only_told, _per_host)


# --- one subscription -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Check:
    """The requests of one poll: a chain of redirects, or a single one."""

    lines: tuple[Line, ...]

    @property
    def at(self) -> float:
        """When it took place."""
        return self.lines[0].at

    @property
    def last(self) -> Line:
        """The request that ended it."""
        return self.lines[-1]

    @property
    def good(self) -> bool:
        """Whether it brought the feed, or word that it is unchanged."""
        return self.last.reply.good

    @property
    def moved_to(self) -> str | None:
        """Where the permanent redirects at its head lead."""
        moved = None
        for line in self.lines:
            if line.reply.status not in _PERMANENT:
                break
            moved = _target(line)
        return moved


def _target(line: Line) -> str | None:
    """Where an answer redirects to, without a fragment or a login; None where it does not."""
    location = line.answered("location")
    if line.reply.status not in _REDIRECTS or location is None:
        return None
    parts = urlsplit(urljoin(line.url, location))
    return parts._replace(fragment="", netloc=parts.netloc.rpartition("@")[2]).geturl()


def _by_subscription(log: Iterable[Line], terms: Terms) -> Mapping[str, list[Line]]:
    """The lines of each subscription. Hosts belong to one kind; of several feeds of one kind none
    redirects, so that their own addresses tell them apart."""
    several: dict[str, list[str]] = defaultdict(list)
    for url in terms.urls:
        several[(urlsplit(url).hostname or "").split(".")[-2]].append(url)
    found: dict[str, list[Line]] = {url: [] for url in terms.urls}
    for line in log:
        candidates = several.get(line.kind, [])
        if len(candidates) == 1:
            found[candidates[0]].append(line)
        elif line.url in candidates:
            found[line.url].append(line)
    return found


def _checks(lines: Iterable[Line]) -> list[Check]:
    """A request is part of the check before it where it follows that one's redirect."""
    checks: list[list[Line]] = []
    for line in lines:
        before = checks[-1][-1] if checks else None
        if before is not None and before.at == line.at and _target(before) == line.url:
            checks[-1].append(line)
        else:
            checks.append([line])
    return [Check(tuple(lines)) for lines in checks]


@dataclass
class _Memory:
    """The validators of the last good answer, and the address that gave them."""

    url: str = ""
    etag: str | None = None
    modified: str | None = None

    def learn(self, line: Line) -> None:
        etag, modified = line.answered("etag"), line.answered("last-modified")
        if line.reply.status == 304:  # what it does not tell stays
            etag, modified = etag or self.etag, modified or self.modified
        self.url, self.etag, self.modified = line.url, etag, modified

    @property
    def pairs(self) -> tuple[tuple[str, str | None], ...]:
        return ("If-None-Match", self.etag), ("If-Modified-Since", self.modified)


def _validators(url: str, checks: Sequence[Check], terms: Terms) -> Findings:
    """What is sent is what was told last by a good answer, byte for byte; and it is sent to who
    told it. Another address may get it or not."""
    memory = _Memory()
    for check in checks:
        for line in check.lines:
            must = line.url == memory.url and _target(line) is None
            for name, told in memory.pairs:
                sent = line.header(name)
                wanted = None if told is None else told.encode("iso-8859-1")
                may_omit = not must or wanted is None or len(wanted) > _LONGEST_VALIDATOR
                if sent != wanted and not (sent is None and may_omit):
                    why = f"{name} is {sent!r} instead of {wanted!r}"
                    yield _violation("validators", why, line)
        if check.good:
            memory.learn(check.last)


def _pace(url: str, checks: Sequence[Check], terms: Terms) -> Findings:
    """Not before the floor, the interval, the back-off, and what the server asked for."""
    failures = 0
    for check, after in pairwise(checks):
        failures = 0 if check.good else failures + 1
        gap, lines = after.at - check.at, (check.last, after.lines[0])
        if gap < terms.floor:
            yield _violation("floor", f"asks again after {gap:.0f} s", *lines)
        for rule, wanted in _waits(check, failures, terms):
            if gap < wanted:
                why = f"asks again after {gap / HOUR:.2f} h instead of {wanted / HOUR:.2f} h"
                yield _violation(rule, why, *lines)
        yield from _skipped(check, after, terms)


def _waits(check: Check, failures: int, terms: Terms) -> Iterator[tuple[str, float]]:
    """The least that is to be waited after a check, by rule."""
    yield "interval", terms.interval
    if failures:
        yield "back-off", min(terms.interval * 2.0**failures, DAY)
    if (asked := _retry_after(check.last)) is not None:
        yield "retry-after", min(asked, DAY)
    if check.good and (until := check.last.reply.quiet_until) is not None:
        yield "hint", min(until - check.at, terms.max_hint)


def _retry_after(line: Line) -> float | None:
    told = line.answered("retry-after")
    if line.reply.status not in (429, 503) or told is None:
        return None
    if told.isdigit():
        return float(told)
    try:
        return parsedate_to_datetime(told).timestamp() - line.at
    except ValueError:
        return None


def _skipped(check: Check, after: Check, terms: Terms) -> Findings:
    """Hours and days in which the feed does not want to be read, as far as the cap on hints."""
    reply, moment = check.last.reply, datetime.fromtimestamp(after.at, UTC)
    rude = moment.hour in reply.skip_hours or moment.weekday() in reply.skip_days
    if check.good and rude and after.at - check.at < terms.max_hint:
        yield _violation("skip", f"asks on {moment:%A at %H:%M} GMT", check.last, after.lines[0])


def _shy(url: str, checks: Sequence[Check], terms: Terms) -> Findings:
    """Nobody is forgotten: each subscription is asked in its time, until it is gone."""
    if not checks:
        host = urlsplit(url).hostname or ""
        yield Violation(host.split(".")[-2], "shy", f"never asked for {url}", ())
        return
    failures = 0
    for check, at in zip(checks, [*(c.at for c in checks[1:]), terms.ends], strict=True):
        failures = 0 if check.good else failures + 1
        if check.last.reply.status == 410:
            return
        longest = _longest(check, failures, terms)
        if at - check.at > longest + SLACK:
            why = f"asks only after {(at - check.at) / HOUR:.2f} h: {longest / HOUR:.2f} h were due"
            yield _violation("shy", why, check.last)


def _longest(check: Check, failures: int, terms: Terms) -> float:
    wait = max(wait for _, wait in _waits(check, failures, terms))
    skips = check.last.reply.skip_hours or check.last.reply.skip_days
    wait = max(wait, terms.max_hint) if skips else wait
    return wait + wait / 20  # jitter


def _gone(url: str, checks: Sequence[Check], terms: Terms) -> Findings:
    for check, after in pairwise(checks):
        if check.last.reply.status == 410:
            yield _violation("gone", "asks again after a 410", check.last, after.lines[0])
            return


def _moved(url: str, checks: Sequence[Check], terms: Terms) -> Findings:
    """A permanent move that led to the feed is kept, a temporary one is not."""
    home = url.partition("#")[0]
    expected, failures = home, 0
    for check in checks:
        first = check.lines[0]
        may_return = failures >= _HOMEWARD and first.url == home
        if first.url != expected and not may_return:
            yield _violation("moved", f"asks not at {expected}", first)
        failures = 0 if check.good else failures + 1
        expected = first.url
        if check.good:
            expected = check.moved_to or first.url


def _hops(url: str, checks: Sequence[Check], terms: Terms) -> Findings:
    for check in checks:
        if len(check.lines) > MOST_REDIRECTS + 1:
            yield _violation("hops", f"follows {len(check.lines) - 1} redirects", check.last)
        asked = [line.url for line in check.lines]
        if len(set(asked)) != len(asked):
            yield _violation("hops", "runs in a circle", check.last)


FEED_RULES: tuple[Callable[[str, Sequence[Check], Terms], Findings], ...] = (
    _validators,
    _pace,
    _shy,
    _gone,
    _moved,
    _hops,
)
