"""Certificates for tests, made by the openssl command: an authority and what it signed."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path
from typing import NamedTuple

_NAMES = "subjectAltName=DNS:paper.example,DNS:xn--ls8h.example,IP:127.0.0.1"
_AUTHORITY = ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign")


class Certificates(NamedTuple):
    """Servers' sides of TLS, and the side of a client that trusts the authority."""

    good: ssl.SSLContext
    expired: ssl.SSLContext
    self_signed: ssl.SSLContext
    trust: ssl.SSLContext


def make(folder: Path) -> Certificates:
    """Takes half a second."""

    def openssl(*args: str) -> None:
        subprocess.run(["openssl", *args], check=True, capture_output=True, cwd=folder)

    def server(certificate: str, key: str) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(folder / certificate, folder / key)
        context.set_alpn_protocols(["h2", "http/1.1"])
        return context

    new_key = ("-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Rasid tests")
    extensions = [part for each in _AUTHORITY for part in ("-addext", each)]
    openssl("req", "-x509", *new_key, *extensions, "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", *new_key, "-addext", _NAMES, "-keyout", "key", "-out", "request")
    openssl("req", "-x509", *new_key, "-addext", _NAMES, "-keyout", "own.key", "-out", "own.pem")
    sign = ("x509", "-req", "-in", "request", "-CA", "ca.pem", "-CAkey", "ca.key")
    openssl(*sign, "-copy_extensions", "copy", "-days", "2", "-out", "good.pem")
    openssl(*sign, "-copy_extensions", "copy", "-days", "-1", "-out", "expired.pem")
    trust = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    return Certificates(
        server("good.pem", "key"), server("expired.pem", "key"), server("own.pem", "own.key"), trust
    )
