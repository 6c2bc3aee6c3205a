"""From an address to its channel: console and mail are ours, the rest is Apprise's.

This module must not show an address: it is a secret.
"""

from __future__ import annotations

import sys
from typing import TextIO

from monitor.channels.console import Console
from monitor.channels.mail import Mail, MailServer
from monitor.channels.notify import Service, check, mail_server, scheme_of, service_of
from monitor.errors import ConfigError, Problem
from monitor.model import ChannelConfig
from monitor.ports import Channel

_MAIL = frozenset({"mailto", "mailtos"})
_WEBHOOK = frozenset({"webhook", "webhook+http", "webhook+https"})


def build(config: ChannelConfig, *, out: TextIO | None = None) -> Channel:
    """The channel; console channels print to `out`. ConfigError where the address is no use."""
    scheme = scheme_of(config.url)
    if scheme == "console":
        return Console(config.name, out or sys.stdout)
    reason = check_url(config.url)
    if reason is not None:
        raise ConfigError([Problem("monitor.yaml", 0, 0, f"channels.{config.name}", reason)])
    if scheme in _MAIL:
        server = mail_server(config.url)
        assert isinstance(server, MailServer)  # noqa: S101 (check_url has just said so)
        return Mail(config.name, server)
    return Service(config.name, service_of(config.url))


def check_url(url: str) -> str | None:
    """Why an address can be no channel, in words that hold nothing of it but its scheme."""
    scheme = scheme_of(url)
    if not scheme:
        return "not an address of a channel, such as console:// or mailtos://…"
    if scheme == "console":
        return None
    if scheme in _WEBHOOK:
        return f"{scheme}:// is not available in this version"
    if scheme in _MAIL:
        server = mail_server(url)
        return server if isinstance(server, str) else None
    return check(url)
