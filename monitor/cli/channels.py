"""`rasid channels list` and `rasid channels test`: the ways out, and whether they lead anywhere."""

from __future__ import annotations

import difflib
import sys
import time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from monitor.cli.answers import Json, joined, json_document
from monitor.cli.options import config_option, json_option, load_config
from monitor.errors import EX_CONFIG, EX_DATA, EX_TEMPFAIL, UsageError
from monitor.model import Alert, Delivery, Marked, Outcome, Severity, Story

if TYPE_CHECKING:
    from monitor.model import ChannelConfig, Message
    from monitor.settings.load import Config

TEST_RULE = "رسالة تجريبية"
TEST_TITLE = "هذه رسالة تجريبية من راصد"
TEST_TEXT = "إن وصلتك هذه الرسالة فالقناة تعمل. لم يُنشر أي خبر، ولا داعي لأي إجراء. This is a test."

_CODES = {
    Outcome.SENT: 0,
    Outcome.RETRY: EX_TEMPFAIL,
    Outcome.REJECTED: EX_DATA,
    Outcome.HELD: EX_CONFIG,
}


@click.group(short_help="The ways out: list, test.")
@config_option
def channels() -> None:
    """The channels that alerts go out over."""


@channels.command("list", short_help="Every channel and what kind it is.")
@config_option
@json_option
def list_channels(*, as_json: bool) -> int:
    """Every configured channel and what kind it is; never its address, which is a secret."""
    config = load_config()
    if as_json:
        click.echo(json_document([_channel(config, channel) for channel in config.channels]))
        return 0
    for channel in config.channels:
        operator = "tells the daemon's own troubles" if channel.name == config.operator else None
        click.echo(joined([channel.name, _kind(channel), channel.language, operator], "  "))
    if not config.channels:
        click.echo("no channel is configured: see `channels` in monitor.yaml")
    return 0


@channels.command("test", short_help="Send a test message over one channel.")
@click.argument("name")
@config_option
def test_channel(name: str) -> int:
    """Send a message that says it is a test over the channel NAME, and print what came back.

    Exit code 0: taken; 75: failed for the moment; 78: the channel refuses us (its address or
    password); 65: it refuses the message.
    """
    from monitor.channels.build import build

    config = load_config(addresses=True)
    channel = build(_find(config, name), out=sys.stdout)
    receipt = channel.send(_message(config, name, time.time()))
    code = f" ({receipt.code})" if receipt.code else ""
    click.echo(f"{name}: {receipt.outcome.value}{code} {receipt.detail}".rstrip(), err=True)
    return _CODES[receipt.outcome]


def _find(config: Config, name: str) -> ChannelConfig:
    known = {channel.name: channel for channel in config.channels}
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, 1)
    hint = f" (did you mean {close[0]}?)" if close else ""
    raise UsageError(f"no channel is named {name}{hint}")


def _message(config: Config, channel: str, now: float) -> Message:
    """The test as any alert is rendered, so that what arrives looks as alerts will."""
    from monitor.core.alerts.render import render

    start = TEST_TITLE.index(TEST_RULE)
    story = Story(
        id=f"test-{now:.3f}",
        title=Marked(TEST_TITLE, ((start, start + len(TEST_RULE)),)),
        excerpts=(Marked(TEST_TEXT),),
        link=None,
        source="rasid",
        published=now,
    )
    alert = Alert(id=story.id, rule=TEST_RULE, severity=Severity.LOW)
    delivery = Delivery(f"test-{now:.3f}", channel, now, story, (alert,))
    spoken = {each.name: each.language for each in config.channels}[channel] or config.language
    return render(
        delivery,
        language="en" if spoken == "en" else "ar",
        timezone=ZoneInfo(config.timezone),
    )


def _kind(channel: ChannelConfig) -> str:
    return channel.url.split(":", 1)[0]


def _channel(config: Config, channel: ChannelConfig) -> Json:
    return {
        "name": channel.name,
        "kind": _kind(channel),
        "language": channel.language or config.language,
        "operator": channel.name == config.operator,
    }
