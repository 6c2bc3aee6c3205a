"""monitor.yaml: from its checked sections to the values of the application.

This module must not look at feeds, rules or places.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path

from monitor.core.alerts.signing import signing_key
from monitor.model import ChannelConfig, Polling, Quiet, Rate, Severity
from monitor.settings.report import Scope, did_you_mean, shown
from monitor.settings.schema import ChannelSection, MonitorFile, PollingSection, QuietSection
from monitor.settings.secrets import (
    Unreadable,
    beside,
    credential,
    read_line,
    read_text,
    secret_file,
)
from monitor.settings.validate import check

CheckUrl = Callable[[str], str | None]
CheckTemplate = Callable[[str, str], str | None]
Listen = Path | tuple[str, int]

_LONGEST_SOCKET = 90  # bytes of a path; unix(7) has room for 107, and ours gets a name beside it
_SOURCES = ("url", "url_file", "credential")
_WEBHOOKS = ("webhook+https://", "webhook+http://")

# For suggestions only; the check itself is the caller's.
_SCHEMES = (
    *(
        "console",
        "discord",
        "googlechat",
        "gotify",
        "gotifys",
        "json",
        "jsons",
        "mailto",
        "mailtos",
    ),
    *("matrix", "matrixs", "mattermost", "mmost", "mmosts", "msteams", "ntfy", "ntfys", "pbul"),
    *("pover", "rocket", "rockets", "signal", "signals", "slack", "sns", "tgram", "twilio"),
    *("webex", "webhook+http", "webhook+https", "whatsapp", "workflows", "xml", "xmls", "zulip"),
)


@dataclass(frozen=True, slots=True)
class Context:
    """Where a configuration is read: its directory, the environment, the checks of addresses and
    of templates."""

    directory: Path
    environ: Mapping[str, str]
    check_url: CheckUrl | None = None
    check_template: CheckTemplate | None = None


def read_monitor(scope: Scope, context: Context) -> tuple[MonitorFile, tuple[ChannelConfig, ...]]:
    """The file's section (defaults where it is empty or faulty) and its channels."""
    if not scope.readable:
        return MonitorFile(), ()
    if scope.value is None:
        scope.warn((), "no channels: alerts would go nowhere")
        return MonitorFile(), ()
    if not isinstance(scope.value, dict):
        scope.error((), "must begin with a key, such as 'channels:'")
        return MonitorFile(), ()
    section, faulty = check(MonitorFile, scope, {})
    if section is None:
        return MonitorFile(), ()
    _check_state(section, scope, context)
    _check_operator(section, scope)
    _check_listen(section, scope, context)
    _check_heartbeat(section, scope)
    _check_polling(section.polling, scope.below("polling"))
    if not section.channels and "channels" not in faulty:
        scope.warn((), "no channels: alerts would go nowhere")
    return section, _channels(section, scope, context)


def channel_names(scope: Scope) -> tuple[str, ...] | None:
    """The channels' names as written, those of faulty channels too; None where the file could not
    be read, so that nobody knows."""
    if not scope.readable:
        return None
    value = scope.value
    channels = value.get("channels") if isinstance(value, dict) else None
    return tuple(channels) if isinstance(channels, dict) else ()


def state_directory(section: MonitorFile, context: Context) -> Path:
    """Where the state lives: the first of $STATE_DIRECTORY (systemd parts several by colons),
    else the key `state`."""
    given = context.environ.get("STATE_DIRECTORY", "").split(":")[0]
    return Path(given) if given else beside(context.directory, section.state, context.environ)


def polling(section: PollingSection) -> Polling:
    """The section as the application's value."""
    return Polling(**section.model_dump())


def listen_at(section: MonitorFile, context: Context) -> Listen | None:
    """Where metrics are served: a socket's path, or host and port; None: nowhere."""
    if section.metrics is None:
        return None
    text = section.metrics.listen
    if "/" in text:
        return beside(context.directory.absolute(), text, context.environ)
    host, _, port = text.rpartition(":")
    return ("127.0.0.1" if host == "localhost" else host.strip("[]")), int(port)


def heartbeat_at(section: MonitorFile) -> time | None:
    """The time of day of the heartbeat, in the configuration's zone; None: there is none."""
    return None if section.heartbeat is None else time.fromisoformat(section.heartbeat.split()[1])


def _check_state(section: MonitorFile, scope: Scope, context: Context) -> None:
    """What is missing is made; where a file stands, or lies on the way, nothing can be. Of what
    we may not look at, nobody knows."""
    path = beside(context.directory.absolute(), section.state, context.environ)
    there = next((each for each in (path, *path.parents) if os.path.lexists(each)), path)
    try:
        folder = stat.S_ISDIR(there.stat().st_mode)
    except (OSError, ValueError):
        return
    if not folder and not context.environ.get("STATE_DIRECTORY"):
        scope.error(("state",), "is no folder" if there == path else "lies inside a file")


def _check_listen(section: MonitorFile, scope: Scope, context: Context) -> None:
    at = listen_at(section, context)
    if isinstance(at, Path) and len(str(at).encode()) > _LONGEST_SOCKET:
        scope.error(("metrics", "listen"), f"must be shorter than {_LONGEST_SOCKET} bytes")


def _check_heartbeat(section: MonitorFile, scope: Scope) -> None:
    if section.heartbeat is not None and section.operator is None:
        scope.warn(("heartbeat",), "goes nowhere without an operator", key=True)


def _check_operator(section: MonitorFile, scope: Scope) -> None:
    names = channel_names(scope) or ()
    if section.operator is not None and section.operator not in names:
        reason = f"no channel is named {shown(section.operator)}"
        scope.error(("operator",), reason, did_you_mean(section.operator, names))


def _check_polling(section: PollingSection, scope: Scope) -> None:
    if section.interval < section.min_interval and "interval" in section.model_fields_set:
        scope.warn(("interval",), "is shorter than min_interval, which counts")


def _channels(section: MonitorFile, scope: Scope, context: Context) -> tuple[ChannelConfig, ...]:
    found = []
    for name, channel in section.channels.items():
        below = scope.below("channels", name)
        url = _address(channel, below, context)
        found.append(
            ChannelConfig(
                name=name,
                url=url,
                language=channel.language,
                burst=channel.burst,
                rate=_rate(channel.rate) if channel.rate else None,
                secret=_signing_secret(channel, url, below, context),
                template=_template(channel, below, context),
                quiet=quiet(channel.quiet, below),
                digest=daily(channel.digest),
                group_wait=channel.group_wait,
            )
        )
    return tuple(found)


def quiet(section: QuietSection | None, scope: Scope) -> Quiet | None:
    """Quiet hours as a value; None where there are none, or faulty ones."""
    if section is None:
        return None
    if section.start == section.to:
        reason = "must differ from `from`: a day of 24 quiet hours would never end"
        scope.error(("quiet", "to"), reason)
        return None
    but = Severity(section.but) if section.but else None
    return Quiet(time.fromisoformat(section.start), time.fromisoformat(section.to), but)


def daily(text: str | None) -> time | None:
    """`daily 08:00` as a time of the day."""
    return time.fromisoformat(text.split()[1]) if text else None


def _rate(text: str) -> Rate:
    """`20/m` as a value."""
    count, unit = text.split("/")
    return Rate(int(count), float({"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]))


def _signing_secret(
    channel: ChannelSection, url: str, scope: Scope, context: Context
) -> str | None:
    """The line that a webhook is signed with; None where there is none, or a faulty one."""
    if not channel.secret_file:
        return None
    if url and not url.lower().startswith(_WEBHOOKS):
        scope.error(("secret_file",), "only what is sent to webhook+https:// can be signed")
        return None
    try:
        path = secret_file(context.directory, channel.secret_file, context.environ)
        line = read_line(path, scope, "secret_file")
        signing_key(line)
    except Unreadable as fault:
        scope.error(("secret_file",), fault.reason, fault.hint)
    except ValueError as error:
        scope.error(("secret_file",), f"the secret {error}")
    else:
        return line
    return None


def _template(channel: ChannelSection, scope: Scope, context: Context) -> str | None:
    """The text of a channel's template, checked; None where there is none, or a faulty one."""
    if not channel.template:
        return None
    path = beside(context.directory, channel.template, context.environ)
    scope.report.uses(path)
    try:
        text = read_text(path)
    except Unreadable as fault:
        scope.error(("template",), fault.reason, fault.hint)
        return None
    check_template = context.check_template
    reason = check_template(text, channel.template) if check_template is not None else None
    if reason is None:
        return text
    scope.error(("template",), reason)
    return None


def _address(channel: ChannelSection, scope: Scope, context: Context) -> str:
    """The channel's address, checked; "" where it cannot be had."""
    given = [key for key in _SOURCES if key in channel.model_fields_set]
    if len(given) != 1:
        some = " and ".join(given) if given else "none of them"
        scope.error((), f"must have exactly one of url, url_file and credential, not {some}")
        return ""
    key = given[0]
    try:
        url = _secret(channel, key, scope, context)
    except Unreadable as fault:
        scope.error((key,), fault.reason, fault.hint)
        return ""
    reason, hint = _refusal(url, context.check_url)
    if reason:
        scope.error((key,), reason, hint)
    return url


def _secret(channel: ChannelSection, key: str, scope: Scope, context: Context) -> str:
    if key == "url":
        return channel.url.strip()
    if key == "credential":
        return read_line(credential(channel.credential, context.environ), scope, key)
    path = secret_file(context.directory, channel.url_file, context.environ)
    return read_line(path, scope, key)


def _refusal(url: str, check_url: CheckUrl | None) -> tuple[str | None, str | None]:
    """Why this address is no channel, and a hint; nothing of the address beyond its scheme."""
    scheme, colon, rest = url.partition("://")
    scheme = scheme.lower()
    if not colon or not scheme.isascii() or not scheme.replace("+", "").isalnum():
        return "must be an address such as mailtos://…, tgram://… or console://", None
    if url == "console://":
        return None, None
    reason = check_url(url) if check_url is not None else None
    if reason is None:
        return None, None
    if rest and rest in reason:
        reason = f"is no {scheme}:// address that can be understood"
    if scheme in _SCHEMES or "did you mean" in reason:
        return reason, None
    return reason, did_you_mean(scheme, _SCHEMES)
