"""The judge of etiquette can say no: each rule is broken once, by a log made for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from etiquette_log import DAY, HOUR, START, Line, Pairs, Reply
from etiquette_score import Terms, score

URL = "http://a.example/feed"
TERMS = Terms(
    interval=3 * HOUR,
    floor=600.0,
    max_hint=6 * HOUR,
    timeout=1.0,
    max_bytes=1000,
    per_host=2,
    contact="ops@example.org",
    urls=frozenset((URL,)),
    ends=START + DAY,
)
OWN = (
    (b"Host", b"a.example"),
    (b"User-Agent", b"Rasid/1 (news feed watcher; ops@example.org)"),
    (b"Accept-Encoding", b"gzip"),
)
TAGS: Pairs = (("ETag", '"1"'), ("Last-Modified", "then"))
TOLD = ((b"If-None-Match", b'"1"'), (b"If-Modified-Since", b"then"))
FRESH = Reply(200, TAGS, good=True)
SAME = Reply(304, TAGS, good=True)
Log = list[Line]


def line(hours: float, reply: Reply = SAME, *more: tuple[bytes, bytes], url: str = URL) -> Line:
    """A request as rasid makes it; after the first with the validators, unless told others."""
    host, _, path = url.removeprefix("http://").partition("/")
    sent = more or (TOLD if hours else ())
    return Line(START + hours * HOUR, "GET", host, f"/{path}", (*OWN, *sent), reply)


def day(**odd: Reply) -> Log:
    """Polls every three hours; `odd` is another answer than 304 to the n-th, as h3=…"""
    hours = range(0, 24, 3)
    return [line(h, odd.get(f"h{h}", SAME if h else FRESH)) for h in hours]


def rules(log: Log, terms: Terms = TERMS) -> set[str]:
    return {violation.rule for violation in score(log, terms)}


def test_a_polite_day_is_fine() -> None:
    assert score(day(), TERMS) == []


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda sent: replace_line(sent, method="HEAD"), "method"),
        (lambda sent: with_header(sent, b"Cookie", b"id=1"), "headers"),
        (lambda sent: with_header(sent, b"Referer", b"http://a.example/"), "headers"),
        (lambda sent: with_header(sent, b"Authorization", b"Basic eA=="), "headers"),
        (lambda sent: with_header(sent, b"A-IM", b"feed"), "headers"),
        (lambda sent: with_header(sent, b"Host", b"a.example"), "headers"),
        (lambda sent: other_header(sent, b"User-Agent", b"Mozilla/5.0"), "agent"),
        (lambda sent: other_header(sent, b"User-Agent", b"Rasid/1 (news feed watcher)"), "agent"),
        (lambda sent: other_header(sent, b"Accept-Encoding", b"gzip, br"), "coding"),
        (lambda sent: other_header(sent, b"If-None-Match", b"1"), "validators"),
        (lambda sent: other_header(sent, b"If-None-Match", b'W/"1"'), "validators"),
        (lambda sent: other_header(sent, b"If-Modified-Since", b"Then"), "validators"),
        (lambda sent: replace_line(sent, headers=OWN), "validators"),
        (lambda sent: replace_line(sent, target="/feed?nocache=1"), "address"),
        (lambda sent: replace_line(sent, target="/favicon.ico"), "address"),
        (lambda sent: replace_line(sent, at_once=3), "per-host"),
        (lambda sent: replace_line(sent, seconds=12.0), "time"),
        (lambda sent: replace_line(sent, reply=replace(SAME, chunk=b"x"), sent=10**9), "bytes"),
    ],
)
def test_a_rude_request(change: Callable[[Line], Line], rule: str) -> None:
    log = day()
    log[3] = change(log[3])
    assert rule in rules(log)


def replace_line(old: Line, /, **changes: object) -> Line:
    taken = {name: getattr(old, name) for name in old.__dataclass_fields__ if name != "url"}
    return Line(**(taken | changes))


def with_header(sent: Line, name: bytes, value: bytes) -> Line:
    return replace_line(sent, headers=(*sent.headers, (name, value)))


def other_header(sent: Line, name: bytes, value: bytes) -> Line:
    kept = [(key, value if key == name else old) for key, old in sent.headers]
    return replace_line(sent, headers=tuple(kept))


BUSY = Reply(429, (("Retry-After", "40000"),))
LATER = Reply(503, (("Retry-After", "Thu, 01 Jan 2026 20:00:00 GMT"),))


@pytest.mark.parametrize(
    ("rule", "log"),
    [
        ("floor", [*day(), line(21.1)]),
        ("interval", [*day(), line(23)]),
        ("back-off", day(h3=Reply(500))),
        ("retry-after", day(h3=BUSY)),
        ("retry-after", day(h3=LATER)),
        ("hint", day(h3=replace(SAME, quiet_until=START + 8 * HOUR))),
        ("skip", day(h3=replace(SAME, skip_hours=frozenset((6,))))),
        ("skip", day(h3=replace(SAME, skip_days=frozenset((3,))))),
        ("gone", day(h3=Reply(410))),
        ("shy", day()[:3]),
        ("shy", []),
        ("validators", day(h3=Reply(200, (("ETag", '"2"'),), good=True))),
        ("validators", day(h3=Reply(304, (("ETag", '"2"'),), good=True))),
        ("validators", [line(0, FRESH, *TOLD), *day()[1:]]),
    ],
)
def test_rude_times(rule: str, log: Log) -> None:
    assert rule in rules(log)


def test_validators_of_a_bad_answer_are_no_validators() -> None:
    bad = Reply(200, (("ETag", '"bad"'),))
    log = [line(0, FRESH), line(3, bad), line(9, SAME), line(12), line(15), line(18), line(21)]
    assert rules(log) == set()
    log[2] = line(9, Reply(304, good=True), (b"If-None-Match", b'"bad"'))
    assert "validators" in rules(log)


def test_a_server_that_fails_is_asked_ever_more_rarely() -> None:
    log = [line(0, FRESH), line(3, Reply(500)), line(9, Reply(500)), line(21)]
    assert rules(log) == set()
    log[3:] = [line(15), line(18), line(21)]
    assert rules(log) == {"back-off"}


def moved(status: int) -> Reply:
    return Reply(status, (("Location", "/new"),))


NEW = "http://a.example/new"


def test_permanent_moves_are_kept_and_temporary_ones_are_not() -> None:
    there = [line(h, SAME, url=NEW) for h in range(3, 24, 3)]
    log = [line(0, moved(301)), line(0, FRESH, url=NEW), *there]
    assert rules(log) == set()
    log[0] = line(0, moved(302))
    assert rules(log) == {"moved"}
    back = [line(3, moved(301)), line(3, SAME, url=NEW), *there[1:]]
    assert rules([line(0, moved(301)), line(0, FRESH, url=NEW), *back]) == {"moved"}


def test_redirects_have_an_end() -> None:
    hops = [f"http://a.example/{n}" for n in range(14)]
    chain = [
        line(0, Reply(302, (("Location", after),)), url=url)
        for url, after in zip([URL, *hops], hops, strict=False)
    ]
    assert "hops" in rules([*chain, line(0, FRESH, url=hops[-1]), *day()[1:]])
    there = Reply(302, (("Location", "/x"),))
    back = Reply(302, (("Location", "/feed"),))
    circle = [line(0, there), line(0, back, url="http://a.example/x"), line(0, FRESH)]
    assert "hops" in rules([*circle, *day()[1:]])
