"""The secrets that a configuration holds, so that logs can keep them out.

This module must not read files, and must not keep what it finds.
"""

from __future__ import annotations

from monitor.core.redact import channel_secrets, login_secrets, value_secrets
from monitor.settings.load import Config


def secrets_of(config: Config) -> frozenset[str]:
    """Addresses of channels with their telling parts, signing secrets, values of request headers,
    and what feeds and proxies are logged in to with."""
    found: set[str] = set()
    for channel in config.channels:
        found |= channel_secrets(channel)
    for address in (config.proxy, *(feed.proxy for feed in config.feeds)):
        found |= login_secrets(address or "")
    for feed in config.feeds:
        found |= login_secrets(feed.url)
        for _, value in feed.headers:
            found |= value_secrets(value)
    return frozenset(found)
