"""Addresses of the web: one parser, httpx's, for what is checked, what is dialled and what is sent.

Two parsers that read an address differently are a way around every check. The reasons of refusals
name no part of an address: it may hold a password. This module must not resolve or dial.
"""

from __future__ import annotations

import base64
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

import httpx

from monitor.net.exchange import Headers, RefusedError

Url = httpx.URL
_LONGEST = 8192  # letters


class Place(NamedTuple):
    """Where to dial, whether by TLS, and what a request says of it: Host and target."""

    host: str
    port: int
    secure: bool
    authority: bytes
    target: bytes


def read_url(text: str, base: Url | None = None) -> Url:
    """An absolute http(s) URL, read against `base` where it is relative. Raises RefusedError."""
    if len(text) > _LONGEST:
        raise RefusedError("url", f"an address of more than {_LONGEST} letters")
    try:
        url = httpx.URL(text) if base is None else base.join(text)
    except (httpx.InvalidURL, ValueError) as error:
        raise RefusedError("url", "an address that cannot be read") from error
    if url.scheme not in ("http", "https"):
        raise RefusedError(
            "url", f"an address with the scheme {url.scheme or '(none)'}: not http(s)"
        )
    if not url.raw_host or not 0 < (url.port or 80) < 65536:
        raise RefusedError("url", "an address without a host, or with a port that is none")
    return url


def bare(url: Url) -> Url:
    """The address without user, password and fragment."""
    if not url.userinfo and "#" not in str(url):
        return url
    return url.copy_with(userinfo=b"", fragment=None)


def host_of(url: Url) -> str:
    """The host as it is dialled. Never `url.host`, which raises for a name that IDNA 2008 does not
    know, such as xn--ls8h.la: name servers and certificates know it all the same."""
    return url.raw_host.decode("ascii")


def place(url: Url) -> Place:
    """Where the address lies."""
    secure = url.scheme == "https"
    port = url.port or (443 if secure else 80)
    return Place(host_of(url), port, secure, url.netloc, url.raw_path)


def origin(url: Url) -> tuple[str, bytes, int]:
    """What must be the same for two addresses to share secrets (RFC 6454 section 4)."""
    return url.scheme, url.raw_host, url.port or (443 if url.scheme == "https" else 80)


def basic(url: Url) -> Headers:
    """The Authorization of the user and password in the address (RFC 7617), where there are any."""
    if not url.userinfo:
        return ()
    user, _, password = url.userinfo.partition(b":")
    plain = unquote_to_bytes(user) + b":" + unquote_to_bytes(password)
    return (("Authorization", f"Basic {base64.b64encode(plain).decode('ascii')}"),)
