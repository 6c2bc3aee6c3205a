"""`rasid explain`: why each rule does, or does not, match an article."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answers import Json, field_name, field_text, joined, json_document
from monitor.cli.completing import rule_names
from monitor.cli.documents import read
from monitor.cli.options import config_option, directory, json_option
from monitor.cli.reasons import holding, lacking, whole
from monitor.cli.terminal import Screen
from monitor.errors import UsageError
from monitor.model import Marked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.model import (
        Article,
        ClauseResult,
        Explanation,
        PlaceReading,
        Rule,
        RuleExplanation,
        Span,
    )

_AROUND = 40  # letters shown before and after a hit


@click.command(short_help="Why each rule does or does not match an article.")
@click.argument("source", metavar="FILE|URL|-")
@config_option
@json_option
@click.option(
    "--rule",
    "name",
    metavar="NAME",
    shell_complete=rule_names,
    help="This rule alone, with all that is to be said of it.",
)
@click.option("--folded", is_flag=True, help="Show the text as rules compare it, too.")
def explain(source: str, *, as_json: bool, name: str | None, folded: bool) -> int:
    """Why each rule does or does not match an article: text (its first line is the title), HTML,
    or the JSON of an article. Those that match come first; of the others it is said in short what
    they lack. Exit code 0 whether or not a rule matches."""
    from monitor.core.rules.explain import explain as reasons
    from monitor.core.rules.matcher import compile_rules
    from monitor.settings.load import load_rules
    from monitor.sources.article import read_article

    config = load_rules(directory())
    chosen = config.rules if name is None else [_rule_of(config.rules, name)]
    rules = compile_rules(chosen, config.gazetteer, config.lexicon)
    document = read(source)
    article = read_article(document.data, document.headers.get("content-type"))
    found = reasons(rules, article)
    compared = _folded(article) if folded else {}
    if as_json:
        shown: dict[str, Json] = {"folded": {**compared}} if folded else {}
        click.echo(json_document(_answer(article, found) | shown))
        return 0
    screen = Screen()
    show(screen, article, found, in_full=name is not None)
    for field, text in compared.items():
        screen.heading(f"{field}, as rules compare it")
        screen.line(text)
    return 0


def show(screen: Screen, article: Article, found: Explanation, *, in_full: bool = False) -> None:
    """The explanation for people: which rules match, the title, then every rule with its clauses,
    those that match first, then the places. `in_full`: nothing is shortened."""
    matching = [rule for rule in found.rules if rule.matched]
    names = joined(rule.rule for rule in matching)
    screen.line(f"matches: {names}" if names else "no rule matches", "bold green" if names else "")
    title = article.title.replace("\n", " ") or "(no title)"
    screen.marked(Marked(title, _marks(found, "title")), style="bold")
    source = "the main text of a page" if article.text_source == "html" else "the text as given"
    screen.line(f"language: {found.language or 'unknown'}; matched on {source}", "dim")
    for rule in (*matching, *(rule for rule in found.rules if not rule.matched)):
        screen.line()
        show_rule(screen, article, rule, in_full=in_full)
    if found.places:
        screen.heading("places heard")
    for place in found.places:
        _show_place(screen, article, place)


def show_rule(
    screen: Screen, article: Article, rule: RuleExplanation, *, in_full: bool = True
) -> None:
    """One rule for people: its verdict, then its clauses with reasons and hits. Unless `in_full`,
    only what a clause rests on, or what it lacks."""
    screen.line(f"{'matches' if rule.matched else 'no match'}: {rule.rule}", "bold")
    for clause in rule.clauses:
        if in_full:
            _show_clause(screen, article, clause)
        elif rule.matched:
            _show_holding(screen, article, clause)
        else:
            show_lacking(screen, article, clause)


def show_lacking(screen: Screen, article: Article, clause: ClauseResult) -> None:
    """What a clause lacks, if it does, in short."""
    if clause.matched:
        return
    first, *more = lacking(clause)
    screen.line(f"  no   {first}", hang=5)
    for sentence in more:
        screen.line(f"       {sentence}", "dim")
    _show_hits(screen, article, clause)


def _show_holding(screen: Screen, article: Article, clause: ClauseResult) -> None:
    screen.line(f"  yes  {clause.clause}", hang=5)
    for sentence in holding(clause):
        screen.line(f"       {sentence}", "dim")
    _show_hits(screen, article, clause)


def _rule_of(rules: Sequence[Rule], name: str) -> Rule:
    from monitor.settings.report import did_you_mean

    for rule in rules:
        if rule.name == name:
            return rule
    near = did_you_mean(name, [rule.name for rule in rules])
    raise UsageError(f"no rule is called {name}" + (f" ({near})" if near else ""))


def _answer(article: Article, found: Explanation) -> dict[str, Json]:
    return {
        "title": article.title,
        "language": found.language,
        "text_source": article.text_source,
        "rules": [_rule(article, rule) for rule in found.rules],
        "places": [_place(place) for place in found.places],
    }


def _folded(article: Article) -> dict[str, str]:
    """The words of each field as they are compared, parted by blanks."""
    from monitor.core.rules.hearing import passages_of

    return {passage.field: " ".join(passage.words) for passage in passages_of(article)}


def _rule(article: Article, rule: RuleExplanation) -> Json:
    clauses: list[Json] = [
        {
            "clause": clause.clause,
            "matched": clause.matched,
            "spans": [_span(article, span) for span in clause.spans],
            "reason": clause.reason,
        }
        for clause in rule.clauses
    ]
    return {"rule": rule.rule, "matched": rule.matched, "clauses": clauses}


def _span(article: Article, span: Span) -> Json:
    text = field_text(article, span.field)[span.start : span.end]
    return {"field": field_name(span.field), "start": span.start, "end": span.end, "text": text}


def _place(place: PlaceReading) -> Json:
    return {
        "place": place.place,
        "id": place.id,
        "parents": list(place.parents),
        "score": round(place.score, 3),
        "evidence": [
            {"what": each.what, "weight": round(each.weight, 3), "text": each.text}
            for each in place.evidence
        ],
    }


def _show_clause(screen: Screen, article: Article, clause: ClauseResult) -> None:
    screen.line(f"  {'yes' if clause.matched else 'no '}  {clause.clause}", hang=5)
    screen.line(f"       {whole(clause)}", "dim")
    _show_hits(screen, article, clause)


def _show_hits(screen: Screen, article: Article, clause: ClauseResult) -> None:
    excerpts = [excerpt_of(article, span) for span in sorted(clause.spans, key=_reading_order)]
    for excerpt in excerpts if screen.is_terminal else _once(excerpts):
        screen.marked(excerpt, indent="       ")


def _reading_order(span: Span) -> tuple[bool, Span]:
    """The title before all else."""
    return span.field != "title", span


def _once(excerpts: list[Marked]) -> list[Marked]:
    """Where marks are not seen, each line once."""
    return list({excerpt.text: excerpt for excerpt in excerpts}.values())


def _show_place(screen: Screen, article: Article, place: PlaceReading) -> None:
    from monitor.core.places.sense import ACCEPTED

    verdict = "the place" if place.score >= ACCEPTED else "not the place"
    screen.line(f"  {place.place}: {verdict}, score {place.score:.2f}")
    screen.marked(excerpt_of(article, place.span), indent="       ")
    for each in place.evidence:
        screen.line(f"       {each.weight:+.2f} {each.what} {each.text}".rstrip(), "dim")


def excerpt_of(article: Article, span: Span) -> Marked:
    """A hit with some words around it, on one line."""
    text = field_text(article, span.field)
    start = max(0, span.start - _AROUND)
    if start:
        start = text.find(" ", start, span.start) + 1 or start
    end = min(len(text), span.end + _AROUND)
    if end < len(text):
        cut = text.rfind(" ", span.end, end)
        end = cut if cut >= 0 else end
    shown = text[start:end].replace("\n", " ")
    return Marked(shown, ((span.start - start, span.end - start),))


def _marks(found: Explanation, field: str) -> tuple[tuple[int, int], ...]:
    spans = {
        (span.start, span.end)
        for rule in found.rules
        if rule.matched
        for clause in rule.clauses
        for span in clause.spans
        if span.field == field
    }
    return tuple(sorted(spans))
