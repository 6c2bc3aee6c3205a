"""What a shell may complete: the names of rules, feeds and channels, as the files have them.

A key press waits for it, so it reads one file, plainly, and checks nothing (but for places and for
deliveries, which stand in several); whatever is wrong there, there is nothing to complete then.
This module must not change or fetch anything.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from monitor.cli.options import directory_of

MOST: Final = 50  # names that are offered


def rule_names(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The names of rules.yaml."""
    return _items(_names(_read(ctx, "rules.yaml"), "rules"), incomplete)


def feed_names(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The names of feeds.yaml."""
    return _items(_names(_read(ctx, "feeds.yaml"), "feeds"), incomplete)


def channel_names(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The names of the channels of monitor.yaml."""
    value = _read(ctx, "monitor.yaml")
    channels = value.get("channels") if isinstance(value, dict) else None
    return _items(channels if isinstance(channels, dict) else (), incomplete)


def place_names(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The names of places, shipped ones and one's own, once a letter of them is there."""
    from monitor.errors import ConfigError
    from monitor.settings.load import load_places
    from monitor.settings.packaged import shipped_gazetteer

    if not incomplete:
        return []
    try:
        gazetteer = load_places(directory_of(ctx))
    except (ConfigError, OSError):
        gazetteer = shipped_gazetteer()
    names = {place.name for place in gazetteer.places.values()}
    return _items(sorted(names), incomplete)[:MOST]


def delivery_ids(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The ids of deliveries that are still to be made, or were refused for good."""
    from monitor.errors import RasidError
    from monitor.settings.load import survey
    from monitor.stores.ledger import TinyLedger, channel_names
    from monitor.stores.tiny import TinyStore

    try:
        config, _ = survey(directory_of(ctx), environ=os.environ)
        root = config.state
        settled = {
            ident
            for name in channel_names(root)
            for record in TinyLedger.read(root, name).records()
            if record.settled
            for ident in (record.delivery_id, *(each.delivery_id for each in record.members))
        }
        waiting = [each.id for each in TinyStore.read(root).open_deliveries()]
    except (RasidError, OSError):
        return []
    return _items((each[:12] for each in waiting if each not in settled), incomplete)


def kinds(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What a feed may be."""
    return _items(("feed", "sitemap", "page"), incomplete)


def _read(ctx: click.Context, name: str) -> Any:
    from monitor.errors import ConfigError
    from monitor.settings.positions import parse
    from monitor.settings.yaml_text import Misread

    try:
        return parse((directory_of(ctx) / name).read_bytes()).value
    except (ConfigError, Misread, OSError):
        return None


def _names(value: Any, key: str) -> Iterable[str]:
    listed = value.get(key) if isinstance(value, dict) else None
    for item in listed if isinstance(listed, list) else ():
        name = item.get("name") if isinstance(item, dict) else None
        if isinstance(name, str) and name.isprintable():
            yield name


def _items(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    word = _bash_word if _is_bash() else str
    return [CompletionItem(word(name)) for name in names if name.startswith(incomplete)]


def _is_bash() -> bool:
    """Other shells quote by themselves."""
    return os.environ.get("_RASID_COMPLETE", "").startswith("bash")


def _bash_word(name: str) -> str:
    """A name as one word of bash, in the quotes that are open already, if there are: nothing in it
    may act, for a feed may be called `$(…)`. click's script reads a line with `read`, which takes
    one of two backslashes."""
    quote = _open_quote()
    if quote == '"':
        word = re.sub(r'([\\"$`])', r"\\\1", name)
    elif quote == "'":
        word = name.replace("'", "'\\''")
    else:
        word = _quoted(name)
    return word.replace("\\", "\\\\")


def _quoted(name: str) -> str:
    """A name as one word of a shell; `shlex.quote` would quote every Arabic word."""
    return name if re.fullmatch(r"[\w.+:-]+", name) else shlex.quote(name)


def _open_quote() -> str:
    """The quote that the word which is completed begins with, "" where it begins with none."""
    words = os.environ.get("COMP_WORDS", "").split("\n")
    at = int(os.environ.get("COMP_CWORD") or 0)
    return words[at][:1] if at < len(words) and words[at][:1] in ("'", '"') else ""
