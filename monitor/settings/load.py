"""Reads the configuration, one folder of four files, as a whole or not at all.

Every problem of every file is told at once, with its position. This module must not keep anything
between two loads, and must not reach the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from types import MappingProxyType

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.text.lexicon import Lexicon
from monitor.errors import Problem
from monitor.model import ChannelConfig, Feed, Lang, Polling, Rule
from monitor.settings import monitor_file
from monitor.settings.feeds_file import read_feeds
from monitor.settings.folder import INIT
from monitor.settings.monitor_file import (
    CheckTemplate,
    CheckUrl,
    Listen,
    channel_names,
    read_monitor,
)
from monitor.settings.packaged import shipped_gazetteer, shipped_lexicon
from monitor.settings.places_file import read_places
from monitor.settings.positions import Document, parse
from monitor.settings.report import FILES, Report, Scope
from monitor.settings.rules_file import Known, read_rules
from monitor.settings.yaml_text import MAX_BYTES, Misread

DAY = 86400.0
_NEEDED = ("monitor.yaml", "rules.yaml")


@dataclass(frozen=True, slots=True)
class Config:
    """A whole configuration without a fault. Durations in seconds; `feeds` and `rules` hold the
    disabled ones too; `listen` is where metrics are served, `heartbeat` a time of day in
    `timezone`; `gazetteer` the shipped places and the user's own; `files` are those that the four
    name: addresses, secrets, headers, templates."""

    directory: Path
    state: Path
    timezone: str = "UTC"
    language: Lang = "ar"
    contact: str | None = None
    polling: Polling = field(default_factory=Polling)
    allow_private: tuple[str, ...] = ()
    proxy: str | None = field(default=None, repr=False)
    channels: tuple[ChannelConfig, ...] = ()
    operator: str | None = None
    log_level: str = "info"
    log_format: str = "auto"
    listen: Listen | None = None
    heartbeat: time | None = None
    archive: float = 30 * DAY
    archive_bytes: int = 2_000_000_000
    seen: float = 90 * DAY
    feeds: tuple[Feed, ...] = ()
    rules: tuple[Rule, ...] = ()
    gazetteer: Gazetteer = field(default_factory=shipped_gazetteer, repr=False, compare=False)
    lexicon: Lexicon = field(default_factory=shipped_lexicon, repr=False, compare=False)
    warnings: tuple[Problem, ...] = ()
    files: tuple[Path, ...] = ()


def load(
    directory: Path,
    *,
    environ: Mapping[str, str],
    check_url: CheckUrl | None = None,
    check_template: CheckTemplate | None = None,
    examples: bool = False,
) -> Config:
    """The configuration in `directory`. `check_url` says why an address is no channel (None: it
    is one), `check_template` the same of a template's text and file name; `examples` tries the
    rules' examples too. Raises ConfigError with every problem."""
    report = Report()
    context = monitor_file.Context(directory, environ, check_url, check_template)
    config = _load(context, report, examples=examples)
    report.raise_errors()
    return config


def survey(
    directory: Path,
    *,
    environ: Mapping[str, str],
    feeds: Document | None = None,
    rules: Document | None = None,
    examples: bool = False,
) -> tuple[Config, tuple[Problem, ...]]:
    """What can be made of a configuration, and its errors: for looking at the state while a file
    is broken. What is faulty is left out, or has its default. `feeds` and `rules` stand in for
    their files: what would be, were they saved?"""
    report = Report()
    context = monitor_file.Context(directory, environ)
    given = {"feeds.yaml": feeds, "rules.yaml": rules}
    config = _load(context, report, examples=examples, given=given)
    return config, report.errors


def _load(
    context: monitor_file.Context,
    report: Report,
    *,
    examples: bool,
    given: Mapping[str, Document | None] = MappingProxyType({}),
) -> Config:
    directory = context.directory
    files = {
        name: _read(directory, name, report, needed=name in _NEEDED, given=given.get(name))
        for name in FILES
    }
    section, channels = read_monitor(files["monitor.yaml"], context)
    watched = read_feeds(files["feeds.yaml"], section.polling, context)
    gazetteer = read_places(files["places.yaml"], shipped_gazetteer())
    known = Known(
        gazetteer,
        shipped_lexicon(),
        channels=channel_names(files["monitor.yaml"]),
        feed_names=frozenset(feed.name for feed in watched)
        if files["feeds.yaml"].readable
        else None,
        feed_categories=frozenset(feed.category for feed in watched if feed.category),
        archive=section.archive.days * DAY,
        quiet={channel.name: channel.quiet for channel in channels if channel.quiet},
    )
    rules = read_rules(files["rules.yaml"], known, thorough=examples)
    if not watched:
        report.warn(Problem("feeds.yaml", 0, 0, "", "no feeds: nothing is watched"))
    if not rules:
        report.warn(Problem("rules.yaml", 0, 0, "", "no rules: nothing can alert"))
    return Config(
        directory=directory,
        state=monitor_file.state_directory(section, context),
        timezone=section.timezone,
        language=section.language,
        contact=section.contact,
        polling=monitor_file.polling(section.polling),
        allow_private=tuple(section.allow_private),
        proxy=section.proxy,
        channels=channels,
        operator=section.operator,
        log_level=section.log.level,
        log_format=section.log.format,
        listen=monitor_file.listen_at(section, context),
        heartbeat=monitor_file.heartbeat_at(section),
        archive=section.archive.days * DAY,
        archive_bytes=section.archive.max_bytes,
        seen=section.seen.days * DAY,
        feeds=watched,
        rules=rules,
        gazetteer=gazetteer,
        warnings=report.warnings,
        files=report.files,
    )


def load_rules(directory: Path, rules_file: Path | None = None) -> Config:
    """Rules and places alone, for what only matches texts: rules.yaml, or another file in its
    place, and places.yaml if there is one. Channels and feeds that rules name are not looked up;
    the rest of the configuration has its defaults. Raises ConfigError with every problem."""
    report = Report()
    own = _read(directory, "places.yaml", report, needed=False)
    gazetteer = read_places(own, shipped_gazetteer())
    path = rules_file or directory / "rules.yaml"
    file = _read(path.parent, path.name, report, needed=True)
    rules = read_rules(file, Known(gazetteer, shipped_lexicon()), thorough=False)
    report.raise_errors()
    return Config(
        directory=directory,
        state=directory / "state",
        rules=rules,
        gazetteer=gazetteer,
        warnings=report.warnings,
    )


def load_places(directory: Path) -> Gazetteer:
    """The shipped places and those of places.yaml, if there is one. Raises ConfigError with every
    problem."""
    report = Report()
    gazetteer = read_places(
        _read(directory, "places.yaml", report, needed=False), shipped_gazetteer()
    )
    report.raise_errors()
    return gazetteer


def _read(
    directory: Path, name: str, report: Report, *, needed: bool, given: Document | None = None
) -> Scope:
    """A file as a scope; one that is missing or unreadable is told, and counts as empty. `given`
    is what it holds, where it is read already."""
    unread = Scope(report, name, Document(), readable=False)
    path = directory / name
    other = path.with_suffix(".yml")
    try:
        document = given or parse(_bytes_of(path))
    except FileNotFoundError:
        if other.exists():
            report.error(Problem(other.name, 0, 0, "", f"is not read: rename it {name}"))
        elif needed:
            report.error(Problem(name, 0, 0, "", "is missing", INIT))
        return unread if needed else Scope(report, name, Document())
    except OSError as error:
        report.error(Problem(name, 0, 0, "", f"cannot be read: {error.strerror}"))
        return unread
    except Misread as fault:
        unread.misread(fault)
        return unread
    scope = Scope(report, name, document)
    for survived in document.faults:
        scope.misread(survived)
    return scope


def _bytes_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
