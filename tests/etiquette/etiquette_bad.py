"""Servers that answer badly: statuses, redirects, bodies that are no feed, and broken HTTP."""

from __future__ import annotations

import gzip
import zlib
from functools import cache

from etiquette_good import XML, document, http_date, served
from etiquette_log import HOUR, Handler, Kind, Pairs, Reply, Turn
from etiquette_server import CANARY_HOST

_HTML = b"<!DOCTYPE html><html><body>" + "صيانة".encode() + b"</body></html>"
_BAD_VALIDATORS = (("ETag", '"bad"'), ("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT"))
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
_END = b"Connection: close\r\n\r\n"
_BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">
%s]><rss version="2.0"><channel><title>&l;</title></channel></rss>""" % b"\n".join(
    b'<!ENTITY %c "%s">' % (ord("a") + n, b"&%c;" % (ord("a") + n - 1) * 10) for n in range(1, 12)
)


def _status(status: int, *headers: tuple[str, str]) -> Handler:
    return lambda turn: Reply(status, (*headers, *_BAD_VALIDATORS), b"no")


def _spell(bad: Handler) -> Handler:
    """Answers well, then three times badly, and so on."""
    return lambda turn: served(turn) if turn.number % 4 == 0 else bad(turn)


def _body(body: bytes, *headers: tuple[str, str], status: int = 200) -> Handler:
    given = headers or (XML,)
    return _spell(lambda turn: Reply(status, (*given, *_BAD_VALIDATORS), body))


def _coding(name: str, body: bytes) -> Handler:
    return _body(body, XML, ("Content-Encoding", name))


def _raw(raw: bytes, chunk: bytes = b"", pause: float = 0.0) -> Handler:
    return lambda turn: Reply(raw=raw, chunk=chunk, pause=pause)


def _good_raw(head: bytes, *, chunked: bool = False) -> Handler:
    def answer(turn: Turn) -> Reply:
        body = document(turn)
        if chunked:
            body = b"%x;ext=1\r\n%s\r\n0\r\nX-Trailer: 1\r\n\r\n" % (len(body), body)
        return Reply(raw=head + body, good=True)

    return answer


def _unasked_304(turn: Turn) -> Reply:
    return Reply(304, _BAD_VALIDATORS)


def _304_with_body(turn: Turn) -> Reply:
    if "if-none-match" not in turn.headers:
        return served(turn, etag='"x"', modified=None)
    head = b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 4\r\n'
    return Reply(304, (("ETag", '"x"'),), raw=head + _END + b"body", good=True)


# --- statuses -------------------------------------------------------------------------------------


def _later(turn: Turn) -> Reply:
    return Reply(503, (("Retry-After", http_date(turn.at + 20 * HOUR)),))


def _flaky(turn: Turn) -> Reply:
    return served(turn) if turn.number % 2 else Reply(502, _BAD_VALIDATORS)


def _recovers(turn: Turn) -> Reply:
    return served(turn) if turn.number > 2 else Reply(500, _BAD_VALIDATORS)


def _gone_later(turn: Turn) -> Reply:
    return served(turn) if turn.number < 3 else Reply(410)


def _busy_spell(turn: Turn) -> Reply:
    return served(turn) if turn.number != 3 else Reply(429, (("Retry-After", "40000"),))


STATUSES = (
    *(
        Kind(str(code), _status(code))
        for code in (400, 401, 402, 403, 404, 406, 418, 451, 500, 501, 502, 503, 504, 520, 999)
    ),
    Kind("300", _status(300)),
    Kind("410", _status(410)),
    Kind("410-later", _gone_later),
    Kind("401-basic", _status(401, ("WWW-Authenticate", 'Basic realm="feeds"'))),
    Kind("429-bare", _status(429)),
    Kind("429-seconds", _status(429, ("Retry-After", "50000"))),
    Kind("429-week", _status(429, ("Retry-After", "604800"))),
    Kind("429-broken", _status(429, ("Retry-After", "-5 minutes"))),
    Kind("429-spell", _busy_spell),
    Kind("503-date", _later),
    Kind("503-seconds", _status(503, ("Retry-After", "30000"))),
    Kind("flaky", _flaky),
    Kind("recovers", _recovers),
    Kind("304-unasked", _unasked_304),
    Kind("304-with-body", _304_with_body),
)


# --- redirects ------------------------------------------------------------------------------------


def _steps(*steps: tuple[int, str]) -> Handler:
    """Redirects /feed by way of /1, /2 … to a feed; the status and the host of each step."""

    def answer(turn: Turn) -> Reply:
        hop = 0 if turn.path == "/feed" else int(turn.path[1:])
        if hop == len(steps):
            return served(turn)
        status, host = steps[hop]
        name = turn.host.rsplit(".", 2)[-2] + ".example"
        where = turn.url(f"/{hop + 1}", f"{host}.{name}" if host else name)
        return Reply(status, (("Location", where), ("Set-Cookie", f"hop={hop}")))

    return answer


def _to(location: str, status: int = 302) -> Handler:
    return lambda turn: Reply(status, (("Location", location),))


def _relative(turn: Turn) -> Reply:
    return served(turn) if turn.path == "/other" else Reply(301, (("Location", "other"),))


def _circle(turn: Turn) -> Reply:
    where = "/feed" if turn.path == "/back" else "/back"
    return Reply(301, (("Location", where),))


def _chain(turn: Turn) -> Reply:
    hop = 0 if turn.path == "/feed" else int(turn.path[1:])
    return served(turn) if hop == 20 else Reply(301, (("Location", f"/{hop + 1}"),))


def _private(turn: Turn) -> Reply:
    return Reply(301, (("Location", turn.url("/secret", CANARY_HOST)),))


def _moves_later(turn: Turn) -> Reply:
    """Answers well, then moves for good: the validators of the old address are no good there."""
    if turn.path == "/new" or turn.number < 3:
        return served(turn, etag=f'"{turn.path[1:]}{turn.revision}"')
    return Reply(301, (("Location", "/new"),))


def _dies_elsewhere(turn: Turn) -> Reply:
    """Moves to an address that answers for a while and then goes on failing."""
    if turn.path == "/feed":
        return Reply(301, (("Location", "/new"),)) if turn.number == 0 else served(turn)
    return served(turn) if turn.number < 2 else Reply(500)


def _moves_to_nothing(turn: Turn) -> Reply:
    return Reply(301, (("Location", "/new"),)) if turn.path == "/feed" else Reply(404)


def _rotating(turn: Turn) -> Reply:
    if turn.path == "/feed":
        return Reply(302, (("Location", f"/signed?key={turn.number}"),))
    return served(turn)


def _login(turn: Turn) -> Reply:
    """A redirect whose address holds a name and a password: not ours to send anywhere."""
    if turn.path == "/new":
        return served(turn)
    return Reply(302, (("Location", f"http://u:p@{turn.host}:{turn.port}/new"),))


REDIRECTS = (
    *(Kind(str(code), _steps((code, "new"))) for code in (301, 302, 303, 307, 308)),
    Kind("301-same-host", _steps((301, ""))),
    Kind("301-301", _steps((301, "a"), (301, "b"))),
    Kind("301-302", _steps((301, "a"), (302, "b"))),
    Kind("302-301", _steps((302, "a"), (301, "b"))),
    Kind("308-307", _steps((308, "a"), (307, "b"))),
    Kind("moves-later", _moves_later),
    Kind("dies-elsewhere", _dies_elsewhere),
    Kind("moves-to-nothing", _moves_to_nothing),
    Kind("rotating", _rotating),
    Kind("relative", _relative),
    Kind("redirect-login", _login),
    Kind("redirect-fragment", lambda t: served(t) if t.path == "/x" else _to("/x#top", 301)(t)),
    Kind("redirect-loop", _circle),
    Kind("redirect-self", _to("/feed", 301)),
    Kind("redirect-chain-20", _chain),
    Kind("redirect-file", _to("file:///etc/hostname", 301)),
    Kind("redirect-ftp", _to("ftp://redirect-ftp.example/feed")),
    Kind("redirect-gopher", _to("gopher://127.0.0.1:70/1")),
    Kind("redirect-javascript", _to("javascript:alert(1)")),
    Kind("redirect-data", _to("data:text/xml,<rss/>")),
    Kind("redirect-private", _private),
    Kind("redirect-port-0", _to("http://redirect-port-0.example:0/")),
    Kind("redirect-nowhere", _to("http://")),
    Kind("redirect-bare", lambda _: Reply(301)),
)


# --- bodies that are no feed ----------------------------------------------------------------------


@cache
def _bomb() -> bytes:
    return gzip.compress(bytes(60_000_000), 9)


def _bomb_answer(turn: Turn) -> Reply:
    return Reply(200, (XML, ("Content-Encoding", "gzip")), _bomb())


BODIES = (
    Kind("html-200", _body(_HTML, ("Content-Type", "text/html"))),
    Kind("empty-200", _body(b"")),
    Kind("blank-200", _body(b" \r\n\t ")),
    Kind("204", _body(b"", status=204)),
    Kind("206", _spell(lambda t: Reply(206, (XML, *_BAD_VALIDATORS), document(t)[:700]))),
    Kind("json-error", _body(b'{"error": "quota"}', ("Content-Type", "application/json"))),
    Kind("php-error", _body(b"<br />\n<b>Fatal error</b>: Uncaught PDOException in feed.php")),
    Kind("plain-text", _body(b"Service unavailable", ("Content-Type", "text/plain"))),
    Kind("entity-bomb", _body(_BOMB)),
    Kind("short-body", _body(b"<rss><channel>", XML, ("Content-Length", "5000"))),
    Kind("gzip-lie", _coding("gzip", b"<rss></rss>")),
    Kind("gzip-cut", _coding("gzip", gzip.compress(b"<rss/>" * 900)[:-12])),
    Kind("gzip-bomb", _bomb_answer),
    Kind("gzip-nested", _coding("gzip, gzip", gzip.compress(gzip.compress(b"<rss/>")))),
    Kind("brotli", _coding("br", b"\x0b\x02\x80<rss/>\x03")),
    Kind("zstd", _coding("zstd", b"\x28\xb5\x2f\xfd<rss/>")),
    Kind("deflate", _coding("deflate", zlib.compress(b"<rss/>"))),
)


# --- HTTP that is none ----------------------------------------------------------------------------


def _many(turn: Turn) -> Reply:
    headers: Pairs = tuple((f"X-{n}", "v" * 30) for n in range(20_000))
    return Reply(200, headers, document(turn))


TRANSPORT = (
    Kind("http-10", _good_raw(b"HTTP/1.0 200 OK\r\n\r\n")),
    Kind("until-close", _good_raw(_OK + _END)),
    Kind("chunked", _good_raw(_OK + b"Transfer-Encoding: chunked\r\n\r\n", chunked=True)),
    Kind("100-continue", _good_raw(b"HTTP/1.1 100 Continue\r\n\r\n" + _OK + _END)),
    Kind("103-hints", _good_raw(b"HTTP/1.1 103 Hints\r\nLink: </x>\r\n\r\n" + _OK + _END)),
    Kind("hang-up", _raw(b"")),
    Kind("reset", _raw(_OK + b"Content-Length: 900\r\n\r\n<rss>")),
    Kind("garbage", _raw(b"\x16\x03\x01 this is not HTTP\r\n\r\n")),
    Kind("http-09", _raw(b"<rss><channel/></rss>")),
    Kind("status-line", _raw(b"HTTP/1.1 OK\r\n\r\n")),
    Kind("two-lengths", _raw(_OK + b"Content-Length: 6\r\nContent-Length: 9\r\n\r\n<rss/>")),
    Kind("chunk-broken", _raw(_OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n<rss/>\r\n")),
    Kind("many-headers", _many),
    Kind("huge-header", _raw(_OK + b"X: " + b"x" * 2_000_000 + b"\r\n\r\n<rss/>")),
    Kind("huge-length", _raw(_OK + b"Content-Length: 1000000000000\r\n\r\n", b"<item/>" * 999)),
    Kind("endless", _raw(_OK + _END + b"<rss>", b"<item/>" * 9_999)),
    Kind("chunked-endless", _raw(
        _OK + b"Transfer-Encoding: chunked\r\n\r\n", b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
    )),
)  # fmt: skip

SLOW = (
    Kind("endless-1xx", _raw(b"", b"HTTP/1.1 102 Processing\r\n\r\n", 0.001)),
    Kind("slow-loris", _raw(_OK + b"Content-Length: 99999\r\n\r\n", b"<", 0.05)),
    Kind("slow-header", _raw(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a", 0.05)),
    Kind("stall", _raw(b"", pause=60)),
    Kind("stall-in-body", _raw(_OK + b"Content-Length: 99999\r\n\r\n<rss>", pause=60)),
)
