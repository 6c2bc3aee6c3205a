"""Webhooks over a real web server on the loopback: what is posted, what each answer leads to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
from channel_samples import HOSTILE, LINK, REPEAT, message

from monitor.channels.build import build
from monitor.channels.webhook import Webhook
from monitor.core.alerts.signing import signing_key, standard_signature
from monitor.model import (
    ChannelConfig,
    Delivery,
    Evidence,
    Location,
    Marked,
    Message,
    Outcome,
    Outlet,
    Receipt,
    Severity,
)
from origin import Origin, Reply, Request

LOOPBACK = ("127.0.0.0/8",)
NOW = 1_700_000_123.0


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


def webhook(origin: Origin, path: str = "/hook", **options: Any) -> Webhook:
    url = f"webhook+{origin.url(path)}"
    return Webhook("desk", url, **{"allow_private": LOOPBACK, "clock": lambda: NOW} | options)


def posted(origin: Origin, sent: Message, path: str = "/hook", **options: Any) -> Request:
    origin.put(path, b"ok")
    receipt = webhook(origin, path, **options).send(sent)
    assert receipt == Receipt(Outcome.SENT, "taken", 200)
    (request,) = origin.requests
    return request


def whole() -> Message:
    """A message with all that an article may have."""
    alert = message(severity=Severity.HIGH)
    (delivery,) = alert.deliveries
    story = replace(
        delivery.story,
        locations=(Location("سنجار", ("نينوى", "العراق"), 36.3, 41.9),),
        outlets=(Outlet("a1", "صحيفة الضفة", "https://other.example/9", 1_700_000_900.0),),
    )
    (rule,) = delivery.alerts
    rule = replace(rule, evidence=(Evidence("head_before", 2.0, "قضاء", "سنجار"),))
    return replace(alert, deliveries=(replace(delivery, story=story, alerts=(rule,)),))


def test_the_body_is_the_one_that_the_readme_describes(origin: Origin) -> None:
    request = posted(origin, whole())
    assert (request.method, request.path) == ("POST", "/hook")
    assert json.loads(request.body) == {
        "version": 1,
        "id": "d0123456789abcdef",
        "possible_repeat": False,
        "severity": "high",
        "sent_at": "2023-11-14T22:15:23+00:00",
        "articles": [
            {
                "id": "a1",
                "delivery": "d0123456789abcdef",
                "follows": None,
                "title": "قصف على سنجار",
                "link": LINK,
                "source": "وكالة النهر",
                "outlets": [
                    {
                        "source": "صحيفة الضفة",
                        "link": "https://other.example/9",
                        "seen_at": "2023-11-14T22:28:20+00:00",
                    }
                ],
                "published": "2023-11-14T22:13:20+00:00",
                "found_at": "2023-11-14T22:13:20+00:00",
                "excerpts": ["طال القصف أطراف سنجار ليلًا."],
                "places": [
                    {
                        "name": "سنجار",
                        "containers": ["نينوى", "العراق"],
                        "lat": 36.3,
                        "lon": 41.9,
                    }
                ],
                "rules": [
                    {
                        "name": "قصف المدن",
                        "severity": "high",
                        "words": ["قصف"],
                        "evidence": [{"what": "head_before", "text": "قضاء", "place": "سنجار"}],
                    }
                ],
            }
        ],
        "text": "\n".join(line.text for line in whole().lines),
    }


def test_headers_tell_programs_what_they_need(origin: Origin) -> None:
    headers = posted(origin, message(repeat=True)).headers
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"].startswith("Rasid/")
    assert headers["host"] == f"127.0.0.1:{origin.port}"
    for name in ("webhook-id", "idempotency-key", "x-rasid-delivery"):
        assert headers[name] == "d0123456789abcdef"
    assert headers["x-rasid-possible-repeat"] == "true"
    assert headers["webhook-timestamp"] == str(int(NOW))
    assert not [name for name in headers if "signature" in name or name == "authorization"]


def test_a_repeat_says_so_and_has_the_same_id(origin: Origin) -> None:
    body = json.loads(posted(origin, message(repeat=True)).body)
    assert body["possible_repeat"] is True
    assert body["id"] == "d0123456789abcdef"
    assert body["text"].split("\n")[0] == REPEAT


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("whsec_" + base64.b64encode(b"\x00\xff a key of 24 bytes!!").decode(), None),
        ("كلمة سر عربية", "كلمة سر عربية".encode()),
        ("plain-secret", b"plain-secret"),
    ],
)
def test_both_signatures_are_right(line: str, key: bytes | None, origin: Origin) -> None:
    request = posted(origin, message(), secret=line)
    key = key or b"\x00\xff a key of 24 bytes!!"
    headers = request.headers
    plain = hmac.new(key, request.body, hashlib.sha256)
    assert headers["x-rasid-signature-256"] == f"sha256={plain.hexdigest()}"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + request.body
    standard = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{standard}"


def test_the_example_of_the_standard_is_signed_as_it_says(origin: Origin) -> None:
    """The vector of the reference implementations (standard-webhooks/libraries)."""
    key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    name, body = "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}'
    signature = standard_signature(key, name, 1614265330, body)
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_id_of_other_letters_is_one_that_headers_can_carry(origin: Origin) -> None:
    sent = replace(message(), delivery_id="test-12.5\r\nX-Evil: 1 ع")
    request = posted(origin, sent)
    assert request.headers["webhook-id"] == "test-12-5--X-Evil--1--"
    assert json.loads(request.body)["id"] == request.headers["webhook-id"]
    assert "x-evil" not in request.headers


def test_path_and_query_are_kept_and_a_login_becomes_a_header(origin: Origin) -> None:
    path = "/a%2Fb/c?x=1&y=%D8%B9&z"
    origin.put(path, b"ok")
    url = f"webhook+http://us%40er:pa%3Ass@127.0.0.1:{origin.port}{path}#fragment"
    receipt = Webhook("desk", url, allow_private=LOOPBACK).send(message())
    assert receipt.outcome is Outcome.SENT
    request = origin.requests[0]
    assert request.path == path
    expected = base64.b64encode(b"us@er:pa:ss").decode()
    assert request.headers["authorization"] == f"Basic {expected}"


def test_several_articles_are_one_body(origin: Origin) -> None:
    alert = message()
    (first,) = alert.deliveries
    second = replace(first, id="d2", story=replace(first.story, id="a2", link=None, published=None))
    body = json.loads(posted(origin, replace(alert, deliveries=(first, second))).body)
    assert [article["id"] for article in body["articles"]] == ["a1", "a2"]
    assert body["articles"][1]["link"] is None
    assert body["articles"][1]["published"] is None


def test_a_huge_article_arrives_whole(origin: Origin) -> None:
    excerpt = "قصف " * 25_000
    body = json.loads(posted(origin, message(excerpt=excerpt)).body)
    assert body["articles"][0]["excerpts"] == [excerpt]


def test_what_a_feed_wrote_is_data_in_one_line(origin: Origin) -> None:
    alert = message(HOSTILE, excerpt=HOSTILE)
    (delivery,) = alert.deliveries
    story = replace(
        delivery.story,
        link="javascript:alert(1)",
        source=HOSTILE,
        published=9e15,
        excerpts=(Marked(HOSTILE),),
    )
    hostile: Delivery = replace(delivery, story=story)
    request = posted(origin, replace(alert, deliveries=(hostile,)))
    raw = request.body.decode()
    assert not set(raw) & set("\x00\x1b\u202e\u2028\r\n")
    article = json.loads(raw)["articles"][0]
    assert article["link"] is None
    assert article["published"] is None
    assert article["title"].startswith("@everyone <!channel>")  # data: nothing is parted in it


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.SENT),
        (201, Outcome.SENT),
        (204, Outcome.SENT),
        (301, Outcome.HELD),
        (307, Outcome.HELD),
        (400, Outcome.REJECTED),
        (401, Outcome.HELD),
        (403, Outcome.HELD),
        (404, Outcome.HELD),
        (405, Outcome.HELD),
        (408, Outcome.RETRY),
        (410, Outcome.HELD),
        (413, Outcome.REJECTED),
        (415, Outcome.REJECTED),
        (422, Outcome.REJECTED),
        (425, Outcome.RETRY),
        (429, Outcome.RETRY),
        (500, Outcome.RETRY),
        (503, Outcome.RETRY),
    ],
)
def test_what_each_status_leads_to(status: int, outcome: Outcome, origin: Origin) -> None:
    other = origin.put("/other", b"ok")
    origin.put("/hook", handler=lambda _: Reply(b"x", status, {"Location": other}))
    receipt = webhook(origin).send(message())
    assert (receipt.outcome, receipt.code, receipt.in_doubt) == (outcome, status, False)
    assert [request.path for request in origin.requests] == ["/hook"]  # no redirect is followed


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (format_datetime(datetime.fromtimestamp(NOW + 90, UTC), usegmt=True), 90.0),
        ("soon", None),
        ("-5", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_that_is_asked_for_is_told(
    status: int, value: str, seconds: float | None, origin: Origin
) -> None:
    origin.put("/hook", b"later", status=status, headers={"Retry-After": value})
    receipt = webhook(origin).send(message())
    assert receipt == Receipt(Outcome.RETRY, f"HTTP {status}", status, retry_after=seconds)


def test_an_answer_that_never_comes_leaves_a_doubt(origin: Origin) -> None:
    origin.fail("/hook", "stall")
    receipt = webhook(origin, timeout=0.3).send(message())
    assert receipt == Receipt(Outcome.RETRY, "no answer in time", in_doubt=True)


@pytest.mark.parametrize(
    ("fault", "detail"), [("hang-up", "the server hung up"), ("garbage", "the answer is no HTTP")]
)
def test_an_answer_that_is_none_leaves_a_doubt(fault: str, detail: str, origin: Origin) -> None:
    origin.fail("/hook", fault)
    receipt = webhook(origin).send(message())
    assert receipt == Receipt(Outcome.RETRY, detail, in_doubt=True)


@pytest.mark.parametrize("fault", ["endless", "short", "gzip-bomb", "drip"])
def test_a_status_counts_whatever_body_follows(fault: str, origin: Origin) -> None:
    origin.fail("/hook", fault)
    assert webhook(origin).send(message()) == Receipt(Outcome.SENT, "taken", 200)


def test_headers_that_drip_end_in_time(origin: Origin) -> None:
    origin.fail("/hook", "slow-header")
    receipt = webhook(origin, timeout=0.3).send(message())
    assert receipt == Receipt(Outcome.RETRY, "no answer in time", in_doubt=True)


def test_a_server_that_is_away_is_tried_later() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"webhook+http://127.0.0.1:{probe.getsockname()[1]}/"
    receipt = Webhook("desk", url, allow_private=LOOPBACK).send(message())
    assert receipt == Receipt(Outcome.RETRY, "no connection")


def test_a_name_that_is_not_known_is_tried_later() -> None:
    receipt = Webhook("desk", "webhook+https://server.invalid/").send(message())
    assert receipt == Receipt(Outcome.RETRY, "the server's name is not known")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[::1]"]
)
def test_an_address_that_is_not_public_is_never_dialled(host: str, origin: Origin) -> None:
    origin.put("/hook", b"ok")
    url = f"webhook+http://{host}:{origin.port}/hook"
    receipt = build(ChannelConfig("desk", url)).send(message())
    assert receipt.outcome is Outcome.HELD
    assert receipt.detail.endswith("allow_private in monitor.yaml does not name it")
    assert not receipt.in_doubt
    assert origin.requests == []


def test_networks_that_the_operator_allows_are_dialled(origin: Origin) -> None:
    origin.put("/hook", b"ok")
    config = ChannelConfig("desk", f"webhook+{origin.url('/hook')}", secret="s3cret-s3cret")
    assert build(config, allow_private=LOOPBACK).send(message()).outcome is Outcome.SENT
    assert "webhook-signature" in origin.requests[0].headers


def test_proxies_of_the_environment_mean_nothing(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    posted(origin, message())


def test_a_certificate_that_nobody_vouches_for_holds_the_channel(
    certificate: ssl.SSLContext,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def shake_hands() -> None:
            connection, _ = listener.accept()
            with connection:
                try:
                    certificate.wrap_socket(connection, server_side=True).close()
                except OSError:
                    return  # the client has seen enough

        server = threading.Thread(target=shake_hands)
        server.start()
        url = f"webhook+https://127.0.0.1:{port}/"
        receipt = Webhook("desk", url, allow_private=LOOPBACK).send(message())
        server.join(10)
    assert receipt == Receipt(Outcome.HELD, "the server's certificate is not trusted")


def test_a_server_that_speaks_no_tls_is_tried_later(origin: Origin) -> None:
    url = f"webhook+https://127.0.0.1:{origin.port}/hook"
    receipt = Webhook("desk", url, allow_private=LOOPBACK).send(message())
    assert receipt == Receipt(Outcome.RETRY, "encryption failed")


def test_no_secret_in_what_comes_back(origin: Origin) -> None:
    canary = "Canary9876543210"
    origin.put("/hook", handler=lambda request: Reply(f"{request.headers}".encode(), 401))
    url = f"webhook+http://user:{canary}@127.0.0.1:{origin.port}/hook"
    receipt = Webhook("desk", url, secret=canary, allow_private=LOOPBACK).send(message())
    assert receipt == Receipt(Outcome.HELD, "HTTP 401", 401)
    assert canary not in repr(ChannelConfig("desk", url, secret=canary))


@pytest.mark.parametrize("line", ["whsec_", "whsec_!!!", "whsec_YQ"])
def test_a_secret_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        signing_key(line)
