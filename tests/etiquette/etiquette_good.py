"""Servers that answer well, or nearly: validators, codings, encodings, and hints for pollers.

What most kinds share is `served`: a conditional answer as RFC 9110 section 13 has it.
"""

from __future__ import annotations

import gzip
from dataclasses import replace
from email.utils import formatdate

from etiquette_log import DAY, HOUR, START, Handler, Kind, Pairs, Reply, Turn
from feed_text import rss

XML = ("Content-Type", "application/rss+xml; charset=utf-8")
_SY = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'


def document(turn: Turn, extra: str = "") -> bytes:
    """The feed of a host at a moment."""
    items = [
        {
            "title": f"خبر {number} من {turn.host}",
            "link": f"https://{turn.host}/{number}",
            "guid": f"{turn.host}-{number}",
            "description": f"نص الخبر رقم {number}",
            "pubDate": formatdate(START + number * 12 * HOUR, usegmt=True),
        }
        for number in range(turn.revision, turn.revision - 3, -1)
    ]
    return rss(items, extra=extra)


def http_date(moment: float) -> str:
    """A moment as HTTP writes it."""
    return formatdate(moment, usegmt=True)


def served(
    turn: Turn,
    *,
    etag: str | None = "",
    modified: str | None = "",
    more: Pairs = (),
    content: Pairs = (XML,),
    body: bytes | None = None,
    **asked: object,
) -> Reply:
    """The feed, or 304 where the client has it. Validators are made from the revision unless told;
    None: none are given. `more` is in every answer, `content` only with a body."""
    etag = f'"r{turn.revision}"' if etag == "" else etag
    modified = http_date(START + turn.revision) if modified == "" else modified
    told = (("ETag", etag), ("Last-Modified", modified))
    given = tuple((name, value) for name, value in told if value is not None)
    has = turn.headers.get("if-none-match")
    since = turn.headers.get("if-modified-since")
    same = has == etag if has is not None else since is not None and since == modified
    if same:
        return Reply(304, (*given, *more), good=True, **asked)
    body = document(turn) if body is None else body
    return Reply(200, (*content, *given, *more), body, good=True, **asked)


def _plain(**options: object) -> Handler:
    return lambda turn: served(turn, **options)


def _touch(turn: Turn) -> Reply:
    return served(turn, etag=f'"t{turn.number}"', modified=http_date(START + turn.number))


def _ignores_conditions(turn: Turn) -> Reply:
    return Reply(200, (XML, ("ETag", f'"r{turn.revision}"')), document(turn), good=True)


def _etag_in_304(turn: Turn) -> Reply:
    """Each 304 hands out another ETag for the same document, and takes only the last one."""
    last, etag = f'"m{turn.number - 1}"', f'"m{turn.number}"'
    if turn.headers.get("if-none-match") == last:
        return Reply(304, (("ETag", etag),), good=True)
    return Reply(200, (XML, ("ETag", etag)), document(turn), good=True)


def _vanishing(turn: Turn) -> Reply:
    given = {} if turn.number < 3 else {"etag": None, "modified": None}
    return served(turn, **given)


def _packed(turn: Turn) -> Reply:
    coding = (("Content-Encoding", "gzip"),)
    return served(turn, content=(XML, *coding), body=gzip.compress(document(turn)))


def _coded(coding: str, *, packed: bool = False) -> Handler:
    def answer(turn: Turn) -> Reply:
        body = gzip.compress(document(turn)) if packed else document(turn)
        return served(turn, content=(XML, ("Content-Encoding", coding)), body=body)

    return answer


def _encoded(name: str, charset: str | None, mark: bytes = b"") -> Handler:
    def answer(turn: Turn) -> Reply:
        text = document(turn).decode().replace('encoding="utf-8"', f'encoding="{name}"')
        told = f"; charset={charset}" if charset else ""
        body = mark + text.encode(name)
        return served(turn, content=(("Content-Type", f"application/xml{told}"),), body=body)

    return answer


def _changed_body(old: bytes, new: bytes) -> Handler:
    return lambda turn: served(turn, body=document(turn).replace(old, new))


def _hint(seconds: float, *more: tuple[str, str]) -> Handler:
    """Headers that say how long the document stays as it is."""
    return lambda turn: served(turn, more=more, quiet_until=turn.at + seconds)


def _expires(turn: Turn) -> Reply:
    until = turn.at + 5 * HOUR
    return served(turn, more=(("Expires", http_date(until)),), quiet_until=until)


def _in_body(seconds: float, extra: str) -> Handler:
    return lambda turn: served(turn, body=document(turn, extra), quiet_until=turn.at + seconds)


def _update_period(turn: Turn) -> Reply:
    extra = "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"
    body = document(turn, extra).replace(b"<rss ", f"<rss {_SY} ".encode())
    return served(turn, body=body, quiet_until=turn.at + 6 * HOUR)


def _skip_hours(turn: Turn) -> Reply:
    hours = frozenset(range(5))
    extra = f"<skipHours>{''.join(f'<hour>{hour}</hour>' for hour in sorted(hours))}</skipHours>"
    return replace(served(turn, body=document(turn, extra)), skip_hours=hours)


def _skip_days(turn: Turn) -> Reply:
    extra = "<skipDays><day>Friday</day></skipDays>"
    return replace(served(turn, body=document(turn, extra)), skip_days=frozenset((4,)))


def _max_age_in_304(turn: Turn) -> Reply:
    reply = served(turn, more=(("Cache-Control", "max-age=18000"),))
    return replace(reply, quiet_until=turn.at + 5 * HOUR)


def _cached(*more: tuple[str, str]) -> Handler:
    return _plain(more=more)


VALIDATORS = (
    Kind("ok", _plain()),
    Kind("only-etag", _plain(modified=None)),
    Kind("only-lm", _plain(etag=None)),
    Kind("no-validators", _plain(etag=None, modified=None)),
    Kind("weak-etag", lambda t: served(t, etag=f'W/"w{t.revision}"')),
    Kind("touch", _touch),
    Kind("etag-moves", lambda t: served(t, etag=f'"e{t.at // DAY}"', modified=http_date(START))),
    Kind("lm-moves", lambda t: served(t, etag='"one"', modified=http_date(t.at // DAY * DAY))),
    Kind("lm-moves-alone", lambda t: served(t, etag=None, modified=http_date(t.at // DAY * DAY))),
    Kind("etag-unquoted", lambda t: served(t, etag=f"bare-{t.revision}")),
    Kind("etag-odd", lambda t: served(t, etag=f'"a,b\\"; W/ {t.revision} \'\t--gzip"')),
    Kind("etag-empty", _plain(etag='""')),
    Kind("etag-non-ascii", lambda t: served(t, etag=f'"caf\xe9-\xff{t.revision}"')),
    Kind("etag-long", lambda t: served(t, etag=f'"{"x" * 5000}{t.revision}"')),
    Kind("lm-odd", lambda t: served(t, etag=None, modified=f"yesterday, at noon ({t.revision})")),
    Kind("lm-future", lambda t: served(t, etag=None, modified=http_date(START + 9e8))),
    Kind("lm-850", lambda t: served(t, etag=None, modified="Thursday, 01-Jan-26 00:00:00 GMT")),
    Kind("etag-in-304", _etag_in_304),
    Kind("inm-wins", lambda t: served(t, etag=f'"i{t.number // 4}"', modified=http_date(START))),
    Kind("vanishing", _vanishing),
    Kind("ignores-conditions", _ignores_conditions),
    Kind("vary", _cached(("Vary", "Accept-Encoding, User-Agent"), ("Cache-Control", "private"))),
)

BODIES = (
    Kind("gzip", _packed),
    Kind("x-gzip", _coded("x-gzip", packed=True)),
    Kind("identity", _coded("identity")),
    Kind("no-content-type", _plain(content=())),
    Kind("html-content-type", _plain(content=(("Content-Type", "text/html"),))),
    Kind("json-content-type", _plain(content=(("Content-Type", "application/json"),))),
    Kind("bom", _encoded("utf-8", None, b"\xef\xbb\xbf")),
    Kind("windows-1256", _encoded("windows-1256", "windows-1256")),
    Kind("utf-16", _encoded("utf-16-le", None, b"\xff\xfe")),
    Kind("ill-formed", _changed_body(b"</channel></rss>", b"<b>")),
    Kind("no-entries", _plain(body=rss([]))),
    Kind("leading-blank", _changed_body(b"<?xml", b"\n\n<?xml")),
    Kind("refresh", _cached(("Refresh", "1; url=/elsewhere"), ("Alt-Svc", 'h2=":9"'))),
    Kind("hub", _cached(("Link", '<http://hub.hub.example/>; rel="hub", </2>; rel="next"'))),
    Kind("cookie", _cached(("Set-Cookie", "id=1; Path=/"), ("Set-Cookie", "b=2"))),
    Kind("query", _plain(), path="/feed?format=rss&amp=1&q=%D8%AE"),
    Kind("fragment", _plain(), path="/feed#latest"),
    Kind("crowd", _plain(etag=None, modified=None, delay=0.02), feeds=9),
)

HINTS = (
    Kind("max-age", _hint(5 * HOUR, ("Cache-Control", "public, max-age=18000"))),
    Kind("max-age-capped", _hint(9 * DAY, ("Cache-Control", "max-age=777600"))),
    Kind("max-age-in-304", _max_age_in_304),
    Kind("max-age-wins", _hint(5 * HOUR, ("Cache-Control", "max-age=18000"), ("Expires", "0"))),
    Kind("s-maxage", _cached(("Cache-Control", "s-maxage=99999"))),
    Kind("no-cache", _cached(("Cache-Control", "no-cache, max-age=99999"), ("Pragma", "no-cache"))),
    Kind("max-age-broken", _cached(("Cache-Control", "max-age=-7, max-age=abc"))),
    Kind("expires", _expires),
    Kind("expires-past", _cached(("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"))),
    Kind("age", _hint(5 * HOUR, ("Cache-Control", "max-age=25200"), ("Age", "7200"))),
    Kind("ttl", _in_body(5 * HOUR, "<ttl>300</ttl>")),
    Kind("ttl-broken", lambda t: served(t, body=document(t, "<ttl>soon</ttl>"))),
    Kind("skip-hours", _skip_hours),
    Kind("skip-days", _skip_days),
    Kind("update-period", _update_period),
)
