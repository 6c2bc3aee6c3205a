"""Apprise's services pointed at the loopback, and what they are sent there.

Services with a fixed address are turned by the attribute of the plugin that holds it; all else is
theirs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qs

from monitor.channels.notify import Notify
from monitor.model import Message, Outcome, Receipt
from origin import Origin

TOKEN = "Canary" + "x" * 62

# name -> (address, attribute with the service's own address, what stands there instead, its path)
SERVICES = {
    "json": ("json://127.0.0.1:{port}/hook", "", "", "/hook"),
    "xml": ("xml://127.0.0.1:{port}/hook", "", "", "/hook"),
    "form": ("form://127.0.0.1:{port}/hook", "", "", "/hook"),
    "ntfy": ("ntfy://127.0.0.1:{port}/topic", "", "", "/"),
    "gotify": ("gotify://127.0.0.1:{port}/Atoken123456789", "", "", "/message"),
    "mattermost": (
        "mmost://127.0.0.1:{port}/3ccdd113474722377935511fc85d3dd4",
        *("", "", "/hooks/3ccdd113474722377935511fc85d3dd4"),
    ),
    "signal": ("signal://127.0.0.1:{port}/+15551234567/+15551234568", "", "", "/v2/send"),
    "telegram": (
        "tgram://123456789:abcdefg_hijklmnop/12315544/",
        *("notify_url", "{base}/bot", "/bot123456789:abcdefg_hijklmnop/sendMessage"),
    ),
    "slack": (
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/",
        *("webhook_url", "{base}/s", "/s/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"),
    ),
    "discord": (
        "discord://111111111111111111/" + TOKEN,
        *("notify_url", "{base}/d", "/d/111111111111111111/" + TOKEN),
    ),
    "googlechat": (
        "gchat://workspace9/keykeykey9/tokentoken9",
        *("notify_url", "{base}/g/{{workspace}}"),
        "/g/workspace9?token=tokentoken9&key=keykeykey9",
    ),
    "rocketchat": (
        "rocket://wwwwwwwwwwwwwwwww/xxxxxxxxxxxxxxxxxxxxxxxx@127.0.0.1:{port}/?mode=webhook",
        *("", "", "/hooks/wwwwwwwwwwwwwwwww/xxxxxxxxxxxxxxxxxxxxxxxx"),
    ),
    "webex": (
        "webex://" + "a" * 80,
        *("notify_url", "{base}/w", "/w/" + "a" * 80),
    ),
    "zulip": (
        "zulip://botname@orgname/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/stream",
        *("notify_url", "{base}/z", "/z"),
    ),
    "matrix": (
        "matrix://user9:password9@127.0.0.1:{port}/!room:127.0.0.1",
        *("", "", "/_matrix/client/v3/rooms/%21room%3A127.0.0.1/send/m.room.message/{n}"),
    ),
}
_WORKFLOW = (
    "/workflows/workflow9/triggers/manual/paths/invoke?api-version=2016-06-01"
    "&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=signature9"
)
# The same for services that speak https alone.
SECURE_SERVICES = {
    "workflows": (
        "workflows://127.0.0.1:{port}/workflow9/signature9/?verify=no",
        *(
            "",
            "",
            _WORKFLOW,
        ),
    ),
}
CHATS = tuple(name for name in SERVICES if name not in ("json", "xml", "form"))

# What a Matrix server says before it takes a message.
_MATRIX = {
    "/_matrix/client/v3/login": {"access_token": "t", "user_id": "@u:127.0.0.1"},
    "/_matrix/client/v3/join/%21room%3A127.0.0.1": {"room_id": "!room:127.0.0.1"},
}


def service(name: str, origin: Origin) -> tuple[Notify, str]:
    """The channel of a service that sends to the loopback, and the path that it posts to."""
    address, attribute, instead, path = (SERVICES | SECURE_SERVICES)[name]
    channel = Notify("desk", address.format(port=origin.port))
    if attribute:
        setattr(channel._plugin, attribute, instead.format(base=origin.url("")))
    return channel, path


def texts(body: bytes) -> str:
    """The texts of a body, its own coding undone."""
    raw = body.decode()
    if raw.startswith("{"):
        return "\n".join(_leaves(json.loads(raw)))
    if raw.startswith("<"):
        return raw
    return "\n".join(value for values in parse_qs(raw).values() for value in values)


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    else:
        yield str(value)


def delivered(name: str, origin: Origin, *sent: Message) -> str:
    """All that a service is sent for the messages, one after another."""
    channel, path = service(name, origin)
    for path_before, answer in _MATRIX.items():
        origin.put(path_before, json.dumps(answer), etag=None)
    got = []
    for number, message in enumerate(sent):
        at = path.replace("{n}", str(number))
        origin.put(at, b"ok" if name == "slack" else b'{"ok":true,"event_id":"$1"}', etag=None)
        before = len(origin.requests)
        receipt = channel.send(message)
        assert receipt == Receipt(Outcome.SENT, "taken"), (name, receipt, origin.requests[-1:])
        bodies = [each.body for each in origin.requests[before:] if each.path == at]
        assert len(bodies) == 1
        got.append(texts(bodies[0]))
    return "\n".join(got)
