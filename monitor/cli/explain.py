"""`rasid explain`: why each rule does, or does not, match an article."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answers import Json, field_name, field_text, json_document
from monitor.cli.documents import read
from monitor.cli.options import config_option, directory, json_option
from monitor.cli.terminal import Screen
from monitor.model import Marked

if TYPE_CHECKING:
    from monitor.model import (
        Article,
        ClauseResult,
        Explanation,
        PlaceReading,
        RuleExplanation,
        Span,
    )

_AROUND = 40  # letters shown before and after a hit


@click.command(short_help="Why each rule does or does not match an article.")
@click.argument("source", metavar="FILE|URL|-")
@config_option
@json_option
@click.option("--folded", is_flag=True, help="Show the text as rules compare it, too.")
def explain(source: str, *, as_json: bool, folded: bool) -> int:
    """Why each rule does or does not match an article: text (its first line is the title), HTML,
    or the JSON of an article. Exit code 0 whether or not a rule matches."""
    from monitor.core.rules.explain import explain as reasons
    from monitor.core.rules.matcher import compile_rules
    from monitor.settings.load import load_rules
    from monitor.sources.article import read_article

    config = load_rules(directory())
    rules = compile_rules(config.rules, config.gazetteer, config.lexicon)
    document = read(source)
    article = read_article(document.data, document.headers.get("content-type"))
    found = reasons(rules, article)
    compared = _folded(article) if folded else {}
    if as_json:
        shown: dict[str, Json] = {"folded": {**compared}} if folded else {}
        click.echo(json_document(_answer(article, found) | shown))
        return 0
    screen = Screen()
    show(screen, article, found)
    for field, text in compared.items():
        screen.heading(f"{field}, as rules compare it")
        screen.line(text)
    return 0


def show(screen: Screen, article: Article, found: Explanation) -> None:
    """The explanation for people: the title, then every rule with its clauses, then the places."""
    title = article.title.replace("\n", " ") or "(no title)"
    screen.marked(Marked(title, _marks(found, "title")), style="bold")
    source = "the main text of a page" if article.text_source == "html" else "the text as given"
    screen.line(f"language: {found.language or 'unknown'}; matched on {source}", "dim")
    for rule in found.rules:
        screen.line()
        show_rule(screen, article, rule)
    if found.places:
        screen.heading("places heard")
    for place in found.places:
        _show_place(screen, article, place)


def show_rule(screen: Screen, article: Article, rule: RuleExplanation) -> None:
    """One rule for people: its verdict, then every clause with its reason and hits."""
    screen.line(f"{'matches' if rule.matched else 'no match'}: {rule.rule}", "bold")
    for clause in rule.clauses:
        _show_clause(screen, article, clause)


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
    screen.line(f"  {'yes' if clause.matched else 'no '}  {clause.clause}")
    screen.line(f"       {clause.reason}", "dim")
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
