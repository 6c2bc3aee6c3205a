"""`rasid rules`: what the rules of the configuration look for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answers import Json, joined, json_document
from monitor.cli.options import config_option, directory, json_option
from monitor.cli.terminal import Screen

if TYPE_CHECKING:
    from monitor.core.rules.compiled import CompiledRule
    from monitor.core.text.lexicon import Lexicon


@click.group(short_help="Show the rules.")
@config_option
def rules() -> None:
    """What the rules look for."""


@rules.command("list", short_help="Every rule with its clauses and derived forms.")
@config_option
@json_option
def list_rules(*, as_json: bool) -> int:
    """Every rule: what it asks for, and for words with forms which derived words it finds too.
    Needs rules.yaml only."""
    from monitor.core.places.gazetteer import Gazetteer
    from monitor.core.rules.compiled import compile_rule
    from monitor.settings.load import load_rules

    config = load_rules(directory())
    gazetteer = Gazetteer(config.places)
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
        "clauses": [f"{clause.key}: {clause.label}" for clause in compiled.clauses],
        "forms": {label: list(forms) for label, forms in _forms(compiled, lexicon).items()},
        "note": rule.note,
    }


def _show(screen: Screen, compiled: CompiledRule, lexicon: Lexicon) -> None:
    rule = compiled.rule
    channels = f"to {joined(rule.channels)}" if rule.channels else "to all channels"
    off = None if rule.enabled else "switched off"
    language = f"language {joined(rule.languages)}" if rule.languages else None
    screen.line(rule.name, "bold")
    screen.line(f"  {joined([off, rule.severity.value, channels, language])}", "dim")
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
        leaf.label: forms_of(leaf, lexicon.zipf)
        for clause in compiled.clauses
        for leaf in leaves(clause.node)
        if isinstance(leaf, Term) and leaf.mode is Mode.FORMS
    }
