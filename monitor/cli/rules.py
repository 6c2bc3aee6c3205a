"""`rasid rules`: what the rules of the configuration look for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answers import Json, joined, json_document
from monitor.cli.options import config_option, directory, json_option
from monitor.cli.rules_add import add
from monitor.cli.terminal import Screen
from monitor.model import Sense

if TYPE_CHECKING:
    from monitor.core.rules.compiled import CompiledRule
    from monitor.core.text.lexicon import Lexicon


@click.group(short_help="Show the rules.")
@config_option
def rules() -> None:
    """What the rules look for."""


rules.add_command(add)


@rules.command("list", short_help="Every rule with its clauses and derived forms.")
@config_option
@json_option
def list_rules(*, as_json: bool) -> int:
    """Every rule: what it asks for, and for words with forms which derived words it finds too.
    Needs rules.yaml only."""
    from monitor.core.rules.compiled import compile_rule
    from monitor.settings.load import load_rules

    config = load_rules(directory())
    gazetteer = config.gazetteer
    compiled = [compile_rule(rule, gazetteer, config.lexicon) for rule in config.rules]
    if as_json:
        click.echo(json_document([_answer(rule, config.lexicon) for rule in compiled]))
        return 0
    screen = Screen()
    for rule in compiled:
        _show(screen, rule, config.lexicon)
    if not compiled:
        screen.line("no rules")
    return 0


def _answer(compiled: CompiledRule, lexicon: Lexicon) -> Json:
    rule = compiled.rule
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
    }


def _show(screen: Screen, compiled: CompiledRule, lexicon: Lexicon) -> None:
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
    screen.line()


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
