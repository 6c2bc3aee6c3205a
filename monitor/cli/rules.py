"""`rasid rules`: what the rules of the configuration look for, and what they matched."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from monitor.cli.answers import Json, count, joined, json_document
from monitor.cli.options import config_option, directory, json_option
from monitor.cli.rules_add import add
from monitor.cli.terminal import Screen, sparkline
from monitor.cli.trial import archive_view, diff, try_rule
from monitor.errors import StateError
from monitor.model import Sense

if TYPE_CHECKING:
    from monitor.core.rules.compiled import CompiledRule
    from monitor.core.rules.overlap import Overlap
    from monitor.core.text.lexicon import Lexicon

_MOST_OVERLAPS = 3


@click.group(short_help="The rules: list, add, try, diff.")
@config_option
def rules() -> None:
    """What the rules look for, and what they make of the articles that are remembered."""


rules.add_command(add)
rules.add_command(try_rule)
rules.add_command(diff)


@rules.command("list", short_help="Every rule: what it asks for, and what it matched.")
@config_option
@json_option
def list_rules(*, as_json: bool) -> int:
    """Every rule: what it asks for, and for words with forms which derived words it finds too. Of
    the articles that are remembered, how many it matched a day, and which other rule matched nearly
    all of the same. Needs rules.yaml only."""
    from monitor.core.rules.compiled import compile_rule
    from monitor.settings.load import load_rules

    config = load_rules(directory())
    gazetteer = config.gazetteer
    compiled = [compile_rule(rule, gazetteer, config.lexicon) for rule in config.rules]
    record = _record()
    if as_json:
        click.echo(json_document([_answer(rule, config.lexicon, record) for rule in compiled]))
        return 0
    screen = Screen()
    for rule in compiled:
        _show(screen, rule, config.lexicon, record)
    if not compiled:
        screen.line("no rules")
    return 0


@dataclass(frozen=True, slots=True)
class _Record:
    """What rules matched of the articles that are remembered: for each, how many a day from the
    first day to the last; and the rules that match with others."""

    first: date
    last: date
    hits: Mapping[str, Counter[date]]
    overlaps: Mapping[str, Sequence[Overlap]]

    def per_day(self, rule: str) -> list[int]:
        """How many articles a rule matched on each of the days."""
        found = self.hits.get(rule, Counter())
        days = range(self.first.toordinal(), self.last.toordinal() + 1)
        return [found[date.fromordinal(day)] for day in days]


def _record() -> _Record | None:
    """What the archive tells of the rules; None where there is none, or it cannot be read."""
    from monitor.core.rules.overlap import overlaps
    from monitor.settings.load import survey

    config, _ = survey(directory(), environ=os.environ)
    view = archive_view(config)
    if view is None or config.archive <= 0:
        return None
    zone, now = ZoneInfo(config.timezone), time.time()
    try:
        with view:
            found = list(view.hits(now - config.archive))
            oldest = view.oldest()
    except StateError as error:
        click.echo(f"rasid: {error}", err=True)
        return None
    if oldest is None:
        return None
    hits: dict[str, Counter[date]] = {}
    for hit in found:
        hits.setdefault(hit.rule, Counter())[datetime.fromtimestamp(hit.came, zone).date()] += 1
    mostly: dict[str, list[Overlap]] = {}
    for each in overlaps((hit.rule, hit.number) for hit in found):
        mostly.setdefault(each.rule, []).append(each)
    begun = min([max(oldest, now - config.archive), *(hit.came for hit in found)])
    first = datetime.fromtimestamp(begun, zone).date()
    return _Record(first, datetime.fromtimestamp(now, zone).date(), hits, mostly)


def _answer(compiled: CompiledRule, lexicon: Lexicon, record: _Record | None) -> Json:
    rule = compiled.rule
    per_day = [] if record is None else record.per_day(rule.name)
    mostly = () if record is None else record.overlaps.get(rule.name, ())
    return {
        "rule": rule.name,
        "enabled": rule.enabled,
        "severity": rule.severity.value,
        "channels": list(rule.channels),
        "language": list(rule.languages),
        "fields": list(rule.fields),
        "feeds": {
            "name": list(rule.feeds.names),
            "category": list(rule.feeds.categories),
            "language": list(rule.feeds.languages),
        },
        "loose": rule.loose,
        "sense": rule.sense.value,
        "on_change": rule.on_change,
        "clauses": [f"{clause.key}: {clause.label}" for clause in compiled.clauses],
        "forms": {label: list(forms) for label, forms in _forms(compiled, lexicon).items()},
        "note": rule.note,
        "matched": sum(per_day),
        "per_day": [*per_day],
        "since": None if record is None else str(record.first),
        "overlaps": [{"rule": each.other, "share": round(each.share, 3)} for each in mostly],
    }


def _show(screen: Screen, compiled: CompiledRule, lexicon: Lexicon, record: _Record | None) -> None:
    rule = compiled.rule
    feeds = rule.feeds
    limits = {
        "in": rule.fields if rule.fields != ("title", "text") else (),
        "language": rule.languages,
        "feeds": (*feeds.names, *feeds.categories, *feeds.languages),
    }
    told = [
        None if rule.enabled else "switched off",
        rule.severity.value,
        f"to {joined(rule.channels)}" if rule.channels else "to all channels",
        *(f"{what} {joined(limit)}" for what, limit in limits.items() if limit),
        "loose" if rule.loose else None,
        None if rule.sense is Sense.NORMAL else f"sense {rule.sense.value}",
        "again on every change" if rule.on_change else None,
    ]
    screen.line(rule.name, "bold")
    screen.line(f"  {joined(told)}", "dim")
    for clause in compiled.clauses:
        screen.line(f"  {clause.key}: {clause.label}")
    for label, forms in _forms(compiled, lexicon).items():
        screen.line(f"  forms of {label}: {joined(forms, ' ')}")
    if record is not None:
        _show_record(screen, rule.name, record)
    screen.line()


def _show_record(screen: Screen, rule: str, record: _Record) -> None:
    per_day = record.per_day(rule)
    days = count(len(per_day), "day")
    if not any(per_day):
        screen.line(f"  nothing that came in {days} matched it")
        return
    screen.line(f"  {sparkline(per_day)} {count(sum(per_day), 'article')} in {days}")
    for each in record.overlaps.get(rule, ())[:_MOST_OVERLAPS]:
        screen.line(f"  {each.share:.0%} of them are matched by {each.other} too")


def _forms(compiled: CompiledRule, lexicon: Lexicon) -> dict[str, tuple[str, ...]]:
    """For each word with derived forms all that it finds, the commonest first."""
    from monitor.core.rules.telling import forms_of
    from monitor.core.rules.tree import Mode, Term, leaves

    return {
        leaf.label: forms_of(leaf, lexicon)
        for clause in compiled.clauses
        for leaf in leaves(clause.node)
        if isinstance(leaf, Term) and leaf.mode is Mode.FORMS
    }
