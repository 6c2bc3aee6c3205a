"""Signatures that let a receiver know that a webhook's body is ours, and when it was sent.

Standard Webhooks (github.com/standard-webhooks/standard-webhooks, spec 1.0.0): HMAC-SHA256 over
`id.timestamp.body`, the key being base64 behind `whsec_`. Beside it the HMAC-SHA256 of the body
alone, in hexadecimal, which most receivers know how to check. This module must not read files.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Final

_PREFIX: Final = "whsec_"


def signing_key(line: str) -> bytes:
    """The key that the line of a secret file stands for: what is base64 behind `whsec_`, else the
    line itself. Raises ValueError, without the line in it."""
    if not line.startswith(_PREFIX):
        return line.encode("utf-8")
    try:
        key = base64.b64decode(line.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("is no base64 behind whsec_") from None
    if not key:
        raise ValueError("has nothing behind whsec_")
    return key


def standard_signature(key: bytes, name: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    signed = f"{name}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(key, signed, 'sha256')).decode('ascii')}"


def body_signature(key: bytes, body: bytes) -> str:
    """The value of `X-Rasid-Signature-256`."""
    return f"sha256={hmac.digest(key, body, 'sha256').hex()}"
