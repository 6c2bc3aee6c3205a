"""`rasid channels list` and `rasid channels test`: the ways out, and whether they lead anywhere."""

from __future__ import annotations

import difflib
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from monitor.cli.answers import Json, joined, json_document
from monitor.cli.completing import channel_names
from monitor.cli.options import config_option, json_option, load_config
from monitor.cli.terminal import Screen
from monitor.errors import EX_CONFIG, EX_DATA, EX_TEMPFAIL, DataError, UsageError
from monitor.model import Alert, Delivery, Marked, Outcome, Severity, Story

if TYPE_CHECKING:
    from monitor.model import ChannelConfig, Lang, Message
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
    rows = [[each.name, _kind(each), joined(_also(config, each), "  ")] for each in config.channels]
    Screen().rows(rows)
    if not config.channels:
        click.echo("no channel is configured: see `channels` in monitor.yaml")
    return 0


@channels.command("test", short_help="Send a test message over one channel.")
@click.argument("name", shell_complete=channel_names)
@click.option(
    "--template",
    metavar="[FILE]",
    is_flag=False,
    flag_value="",
    help="Send nothing: show the words that FILE (else the channel's own template, else rasid) "
    "gives to a sample alert.",
)
@config_option
def test_channel(name: str, template: str | None) -> int:
    """Send a message that says it is a test over the channel NAME, and print what came back.

    Exit code 0: taken; 75: failed for the moment; 78: the channel refuses us (its address or
    password); 65: it refuses the message, or the template is faulty.
    """
    from monitor.channels.build import build
    from monitor.service.desk import wording

    config = load_config(addresses=True)
    chosen = _find(config, name)
    if template is not None:
        _show_words(config, chosen, template)
        return 0
    channel = build(chosen, out=sys.stdout, allow_private=config.allow_private)
    word = wording(config, chosen, channel.longest)
    receipt = channel.send(word(_message(config, chosen, time.time())))
    code = f" ({receipt.code})" if receipt.code else ""
    click.echo(f"{name}: {receipt.outcome.value}{code} {receipt.detail}".rstrip(), err=True)
    return _CODES[receipt.outcome]


def _show_words(config: Config, channel: ChannelConfig, file: str) -> None:
    """A sample alert on stdout, in the words of a file, of the channel's template, or in ours."""
    from monitor.core.alerts.samples import sample

    message = sample(_language(config, channel), ZoneInfo(config.timezone))
    text = _template_in(config, file) if file else channel.template
    if text is not None:
        message = _worded(message, text, file or "template", config)
    for heading, part in (("subject", message.subject), ("text", message.text)):
        click.echo(f"--- {heading} ---\n{part}")
    if message.html:
        click.echo(f"--- html ---\n{message.html}")


def _worded(message: Message, text: str, name: str, config: Config) -> Message:
    from monitor.channels.template import TemplateFaultError, Wording, check_template

    try:
        reason = check_template(text, name)
        if reason is None:
            return Wording(text, timezone=ZoneInfo(config.timezone)).reword(message)
    except TemplateFaultError as fault:
        reason = fault.told(name)
    raise DataError(reason)


def _template_in(config: Config, file: str) -> str:
    """The text of a file, named from here or, as in monitor.yaml, from the folder."""
    from monitor.settings.secrets import Unreadable, beside, read_text

    here = Path(file)
    try:
        return read_text(here if here.exists() else beside(config.directory, file, os.environ))
    except Unreadable as fault:
        raise DataError(f"{file}: {fault.reason}") from None


def _find(config: Config, name: str) -> ChannelConfig:
    known = {channel.name: channel for channel in config.channels}
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, 1)
    hint = f" (did you mean {close[0]}?)" if close else ""
    raise UsageError(f"no channel is named {name}{hint}")


def _language(config: Config, channel: ChannelConfig) -> Lang:
    return "en" if (channel.language or config.language) == "en" else "ar"


def _message(config: Config, channel: ChannelConfig, now: float) -> Message:
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
    delivery = Delivery(f"test-{now:.3f}", channel.name, now, story, (alert,))
    return render(delivery, language=_language(config, channel), timezone=ZoneInfo(config.timezone))


def _also(config: Config, channel: ChannelConfig) -> tuple[str | None, str | None]:
    operator = channel.name == config.operator
    return channel.language, "tells the daemon's own troubles" if operator else None


def _kind(channel: ChannelConfig) -> str:
    return channel.url.split(":", 1)[0]


def _channel(config: Config, channel: ChannelConfig) -> Json:
    return {
        "name": channel.name,
        "kind": _kind(channel),
        "language": channel.language or config.language,
        "operator": channel.name == config.operator,
    }
