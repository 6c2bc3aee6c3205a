"""Takes known secrets out of a text before it is logged, kept or shown.

What of an address counts as secret: user and password, in the codings that they travel in; every
part of a path and value of a query that is long enough for a token; the address as a whole. Public
words of that length go too: better a word too few than a token too many. This module must not
know where secrets come from or where texts go.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import unquote

from monitor.model import ChannelConfig

HIDDEN: Final = "***"
_LONG: Final = 8  # letters; a shorter secret goes only where it stands as a word
_SHORTEST: Final = 3  # a shorter one would take half of a text with it

_ADDRESS: Final = re.compile(r"[^:/?#]+://([^/?#]*)([^?#]*)(?:\?([^#]*))?")
_LOGIN: Final = re.compile(r"^([^:/?#]+://)[^/?#]*@")
_TELLING_KEYS: Final = re.compile(r"pass|pwd|user|token|key|secret|auth|login|sid", re.IGNORECASE)
_PUBLIC: Final = frozenset(
    {"channels", "incoming", "localhost", "markdown", "messages", "services", "webhooks"}
)


class Redactor:
    """Replaces the secrets that it knows. Learns more at any time, in any thread."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known: frozenset[str] = frozenset()
        self._long: tuple[str, ...] = ()
        self._short: re.Pattern[str] | None = None
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Adds to what is known; nothing is ever forgotten."""
        forms = {form for secret in secrets for form in _forms(secret) if len(form) >= _SHORTEST}
        if forms <= self._known:
            return
        self._known |= forms
        in_order = sorted(self._known, key=lambda form: (-len(form), form))
        short = "|".join(re.escape(form) for form in in_order if len(form) < _LONG)
        self._long = tuple(form for form in in_order if len(form) >= _LONG)
        self._short = re.compile(rf"(?<!\w)(?:{short})(?!\w)") if short else None

    def __call__(self, text: str) -> str:
        """The text with three stars for each secret."""
        for secret in self._long:
            if secret in text:
                text = text.replace(secret, HIDDEN)
        return text if self._short is None else self._short.sub(HIDDEN, text)


def _forms(secret: str) -> Iterator[str]:
    """The secret, and as it stands within quotes of Python and of JSON."""
    yield secret
    yield repr(secret)[1:-1]
    yield json.dumps(secret)[1:-1]


def channel_secrets(channel: ChannelConfig) -> frozenset[str]:
    """What of a channel's configuration must not be seen."""
    found = set(address_secrets(channel.url))
    if channel.secret:
        found |= {channel.secret, channel.secret.removeprefix("whsec_")}
    return frozenset(found)


def address_secrets(address: str) -> frozenset[str]:
    """What of a channel's address must not be seen; nothing of one that names no more than a
    host."""
    read = _ADDRESS.match(address)
    if read is None:
        return frozenset({address}) if address else frozenset()
    authority, path, query = read[1], read[2], read[3] or ""
    host = authority.rpartition("@")[2]
    found = {*login_secrets(address), *_tokens(part for part in host.split(":") if "." not in part)}
    found |= set(_tokens(path.split("/"))) | set(_values(query))
    return frozenset(found | {address, address.partition("://")[2]} if found else found)


def login_secrets(address: str) -> frozenset[str]:
    """User and password of an address, as they are written and as they travel: percent-encoded, in
    Basic authorization (RFC 7617) and in SMTP's PLAIN and LOGIN (RFC 4616)."""
    read = _ADDRESS.match(address)
    login = read[1].rpartition("@")[0] if read else ""
    if not login:
        return frozenset()
    user, colon, password = login.partition(":")
    plain_user, plain_password = unquote(user), unquote(password)
    found = {user, plain_user, _base64(plain_user)}
    if colon:
        both = (f"{plain_user}:{plain_password}", f"\0{plain_user}\0{plain_password}")
        found |= {login, password, plain_password, _base64(plain_password), *map(_base64, both)}
    return frozenset(found - {""})


def without_login(address: str) -> str:
    """The address without user and password, to be shown and kept."""
    return _LOGIN.sub(r"\1", address) if "@" in address else address


def public_part(address: str) -> str:
    """The address without its login and without its query, in which tokens stand: for logs, and
    for reports to others."""
    told, asked, _ = without_login(address).partition("?")
    return f"{told}?…" if asked else told


def value_secrets(value: str) -> frozenset[str]:
    """What of a request header's value must not be seen: all of it, and each long part."""
    parts = re.split(r"[\s,;=]+", value)
    return frozenset({value, *_tokens(parts)} if len(value) >= _LONG else ())


def _tokens(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        plain = unquote(part)
        if len(plain) >= _LONG and plain.lower() not in _PUBLIC:
            yield from (part, plain)


def _values(query: str) -> Iterator[str]:
    """Values long enough, or with a name that tells; addresses of people are no secrets."""
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        plain = unquote(value.replace("+", " "))
        telling = _TELLING_KEYS.search(name) is not None
        if telling:
            yield from filter(None, (value, plain))
        if telling or "@" not in plain:
            yield from _tokens([value])
            yield from value_secrets(plain)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii")
