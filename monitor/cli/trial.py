"""`rasid rules try` and `rules diff`: what rules make of the articles that are remembered."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from monitor.cli.answers import Json, count, field_name, field_text, iso, json_document
from monitor.cli.clock import Clock
from monitor.cli.completing import rule_names
from monitor.cli.explain import excerpt_of
from monitor.cli.options import config_option, directory, json_option
from monitor.cli.reasons import lacking
from monitor.cli.span import Since
from monitor.cli.terminal import Counter, Screen, sparkline
from monitor.errors import ConfigError, DataError, QueryError, StateError, UsageError
from monitor.model import Archived, Marked, Rule, Severity, Span

if TYPE_CHECKING:
    from monitor.app.trial import Change, Found, NearMiss, Trial
    from monitor.core.rules.matcher import RuleSet
    from monitor.settings.load import Config
    from monitor.stores.archive import ArchiveView

_SHOWN = 10  # articles
_PATIENCE = 3.2  # seconds of the five in which an answer is to be there
_LEAST_PATIENCE = 0.5
_LATELY = 14 * 86_400.0


@click.command("try", short_help="What a rule would have told of the articles that are remembered.")
@click.argument("query", metavar="['QUERY']", required=False)
@click.option(
    "--rule",
    "name",
    metavar="NAME",
    shell_complete=rule_names,
    help="A rule of the configuration instead.",
)
@click.option("--since", metavar="SPAN", type=Since(), default="14d", show_default=True)
@click.option("--newest", metavar="N", type=click.IntRange(0, 1000), default=_SHOWN)
@config_option
@json_option
def try_rule(
    query: str | None, name: str | None, since: float, newest: int, *, as_json: bool
) -> int:
    """Lay a QUERY, or the rule NAME, on the articles that are remembered (`archive.days`): how many
    alerts a day it would have made, the newest of them, and the articles that lacked but one thing,
    with what that is.

    Where a word is so common that not all articles can be heard in a few seconds, the numbers are
    reckoned from a sample, and say so.
    """
    from monitor.app.trial import attempt
    from monitor.core.rules.matcher import compile_rules

    began = time.monotonic()
    config = _config(name)
    rule = _rule(config, query, name)
    rules = compile_rules([replace(rule, enabled=True)], config.gazetteer, config.lexicon)
    zone = ZoneInfo(config.timezone)
    gc.freeze()  # the gazetteer would be looked through time and again
    with _archive(config) as view, _Told(view) as told:
        trial = attempt(
            view,
            rules,
            since,
            zone=zone,
            newest=newest,
            patience=max(_PATIENCE - (time.monotonic() - began), _LEAST_PATIENCE),
            progress=told.tell,
        )
    if as_json:
        click.echo(json_document(_trial(trial, rule)))
    else:
        _show_trial(Screen(), trial, zone)
    return 0


@click.command("diff", short_help="What the edited rules tell otherwise than those in force.")
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@click.option("--since", metavar="SPAN", type=Since(), default="14d", show_default=True)
@config_option
@json_option
def diff(file: Path | None, since: float, *, as_json: bool) -> int:
    """Lay the rules of FILE (default: rules.yaml as it is now) and those in force, which the
    watcher took over last, on the articles that are remembered: what each changed rule would tell
    that it did not, and the other way round. Where rules.yaml is in force already, as soon after it
    is saved beside a running watcher, those that were before are the others.
    """
    from monitor.app.trial import compare
    from monitor.settings.load import load_rules

    config = _config(None)
    kept, replaced_at = _compared_with(config, file)
    edited = load_rules(directory(), file)
    if replaced_at is not None:
        when = Clock(config.timezone)(replaced_at)
        said = f"rules.yaml is in force since {when}; compared with the rules before it"
        Screen(sys.stderr if as_json else None).line(said, "dim")
    before, after = _changed(load_rules(kept), edited)
    changes: list[Change] = []
    gc.freeze()
    if before.rules or after.rules:
        with _archive(config) as view, _Told(view) as told:
            changes = compare(view, before, after, since, most=_SHOWN, progress=told.tell)
    ways = {each.rule: _way(each.rule, before, after) for each in changes}
    if as_json:
        click.echo(json_document([_change(each, ways[each.rule]) for each in changes]))
    else:
        against = "those in force" if replaced_at is None else "those before"
        _show_changes(Screen(), changes, ways, ZoneInfo(config.timezone), against)
    return 0


def _compared_with(config: Config, file: Path | None) -> tuple[Path, float | None]:
    """Where the rules in force are, or those before them, where rules.yaml itself is in force: with
    when they were replaced."""
    from monitor.stores import inforce

    kept = inforce.folder(config.state)
    if kept is None:
        raise DataError("no rules are in force yet: `rasid run` or `rasid once` puts them so")
    if file is None and inforce.holds(config.state, directory()):
        return inforce.before(config.state) or (kept, None)
    return kept, None


def archive_view(config: Config) -> ArchiveView | None:
    """The archive of a configuration's state; None where there is none."""
    from monitor.stores.archive import ArchiveView

    view = ArchiveView(config.state)
    return view if view.exists else None


def _config(name: str | None) -> Config:
    """What can be made of the configuration: a fault in another file, or another rule, is in
    nobody's way."""
    from monitor.settings.load import survey

    config, faults = survey(directory(), environ=os.environ)
    known = name is None or any(rule.name == name for rule in config.rules)
    fatal = [each for each in faults if Path(each.file).name in ("monitor.yaml", "places.yaml")]
    if fatal or (faults and not known):
        raise ConfigError(fatal or faults)
    return config


def _rule(config: Config, query: str | None, name: str | None) -> Rule:
    from monitor.settings.report import did_you_mean

    if (query is None) == (name is None):
        raise UsageError("give either a query, in one pair of quotes, or --rule NAME")
    if query is not None:
        rule = Rule(name=query, query=query)
        try:
            _check(rule, config)
        except QueryError as error:
            hint = f" ({error.suggestion})" if error.suggestion else ""
            raise UsageError(f"QUERY:{error.offset + 1}: {error}{hint}") from error
        return rule
    for rule in config.rules:
        if rule.name == name:
            return rule
    names = [rule.name for rule in config.rules]
    near = did_you_mean(str(name), names)
    raise UsageError(f"no rule is called {name}" + (f" ({near})" if near else ""))


def _check(rule: Rule, config: Config) -> None:
    from monitor.core.rules.compiled import compile_rule

    compile_rule(rule, config.gazetteer, config.lexicon)


def _archive(config: Config) -> ArchiveView:
    view = archive_view(config)
    if view is None:
        why = "archive.days is 0" if config.archive <= 0 else "the watcher fills it as it polls"
        raise DataError(f"nothing is remembered yet in {config.state}: {why}")
    return view


class _Told:
    """Tells how far a look through the archive is."""

    def __init__(self, view: ArchiveView) -> None:
        self._counter = Counter("articles", every=1)
        self._total = view.count()

    def __enter__(self) -> _Told:
        return self

    def __exit__(self, *_: object) -> None:
        self._counter.close()

    def tell(self, done: int) -> None:
        self._counter.show(done, self._total)


def foretell(config: Config, rule: Rule) -> str:
    """How often a rule would have alerted lately, in a sentence; "" where nothing is remembered."""
    from monitor.app.trial import attempt
    from monitor.core.rules.matcher import compile_rules

    view = archive_view(config)
    if view is None or config.archive <= 0:
        return ""
    rules = compile_rules([rule], config.gazetteer, config.lexicon)
    zone, since = ZoneInfo(config.timezone), time.time() - _LATELY
    try:
        with view, _Told(view) as told:
            trial = attempt(
                view, rules, since, zone=zone, newest=0, near=0,
                patience=_LEAST_PATIENCE, progress=told.tell,
            )  # fmt: skip
    except StateError:  # `rasid state verify` tells of it
        return ""
    if not trial.days:
        return ""
    about = "about " if trial.reckoned else ""
    alerts, days = count(round(trial.alerts), "alert"), len(trial.days)
    remembered = f"{days} days that are" if days > 1 else "one day that is"
    return f"it would have made {about}{alerts} in the {remembered} remembered"


# --- try ------------------------------------------------------------------------------------------


def _show_trial(screen: Screen, trial: Trial, zone: tzinfo) -> None:
    days = trial.days
    if not days:
        screen.line("no article is remembered of that time")
        return
    about = "about " if trial.reckoned else ""
    within = f" (± {ceil(trial.margin)})" if trial.reckoned else ""
    alerts = trial.alerts
    screen.line(
        f"{about}{count(round(alerts), 'alert')}{within} in {count(len(days), 'day')},"
        f" {about}{alerts / len(days):.1f} a day, of {count(trial.articles, 'article')}",
        "bold",
    )
    if trial.reckoned:
        screen.line(
            f"reckoned: {trial.candidates} articles hold what it looks for, {trial.heard} of them"
            " were heard",
            "dim",
        )
    if len(days) > 1:
        screen.line(f"{days[0].date} {sparkline([day.alerts for day in days])} {days[-1].date}")
    _show_days(screen, trial)
    if trial.found:
        screen.heading("the newest")
    for found in trial.found:
        _show_found(screen, found, zone)
    if trial.near:
        screen.heading("near misses, and what kept them out")
    for miss in trial.near:
        _show_near(screen, miss, zone)


def _show_days(screen: Screen, trial: Trial) -> None:
    """The days that brought something, the newest first."""
    rows = [
        [str(day.date), f"{day.alerts:.0f}" if day.alerts >= 1 else "<1", "of", str(day.articles)]
        for day in reversed(trial.days)
        if day.alerts
    ]
    screen.rows(rows[:31])


def _show_found(screen: Screen, found: Found, zone: tzinfo) -> None:
    from monitor.core.alerts.story import tell

    article = found.archived.article
    story = tell(article, [found.match], article_id=article.id, source=_source(found.archived))
    screen.line()
    screen.line(f"{_when(found.archived, zone)}  {story.source}", "dim")
    screen.marked(story.title, style="bold")
    for excerpt in story.excerpts:
        screen.marked(excerpt, indent="  ")
    if story.link:
        screen.line(f"  {story.link}", "dim")


def _show_near(screen: Screen, miss: NearMiss, zone: tzinfo) -> None:
    article = miss.archived.article
    screen.line()
    screen.line(f"{_when(miss.archived, zone)}  {_source(miss.archived)}", "dim")
    screen.line(_title(miss.archived), "bold")
    for clause in miss.clauses:
        if not clause.matched:
            first, *more = lacking(clause)
            screen.line(f"  no  {first}", hang=4)
            for sentence in more:
                screen.line(f"      {sentence}", "dim")
            for span in clause.spans[:3]:
                screen.marked(excerpt_of(article, span), indent="      ")
    if article.link:
        screen.line(f"  {article.link}", "dim")


def _trial(trial: Trial, rule: Rule) -> dict[str, Json]:
    days = len(trial.days)
    return {
        "rule": rule.name,
        "days": [
            {
                "date": str(day.date),
                "articles": day.articles,
                "alerts": _number(day.alerts, trial),
            }
            for day in trial.days
        ],
        "articles": trial.articles,
        "candidates": trial.candidates,
        "heard": trial.heard,
        "reckoned": trial.reckoned,
        "margin": round(trial.margin, 1),
        "alerts": _number(trial.alerts, trial),
        "alerts_per_day": round(trial.alerts / days, 2) if days else 0.0,
        "newest": [
            _article(found.archived) | {"spans": _spans(found.archived, found.match.spans)}
            for found in trial.found
        ],
        "near_misses": [
            _article(miss.archived)
            | {
                "clauses": [
                    {
                        "clause": clause.clause,
                        "matched": clause.matched,
                        "reason": clause.reason,
                        "spans": _spans(miss.archived, clause.spans),
                    }
                    for clause in miss.clauses
                ]
            }
            for miss in trial.near
        ],
    }


def _number(alerts: float, trial: Trial) -> Json:
    return round(alerts, 1) if trial.reckoned else round(alerts)


def _spans(archived: Archived, spans: Iterable[Span]) -> list[Json]:
    return [
        {
            "field": field_name(span.field),
            "start": span.start,
            "end": span.end,
            "text": field_text(archived.article, span.field)[span.start : span.end],
        }
        for span in spans
    ]


# --- diff -----------------------------------------------------------------------------------------


def _changed(before: Config, after: Config) -> tuple[RuleSet, RuleSet]:
    """The rules that listen for something else than before, or that only one side has."""
    from monitor.core.rules.matcher import compile_rules

    old = {rule.name: _heard(rule) for rule in before.rules if rule.enabled}
    new = {rule.name: _heard(rule) for rule in after.rules if rule.enabled}
    same_places = before.gazetteer.places == after.gazetteer.places
    same = {name for name in old if same_places and old[name] == new.get(name)}
    return (
        compile_rules(
            [rule for name, rule in old.items() if name not in same],
            before.gazetteer,
            before.lexicon,
        ),
        compile_rules(
            [rule for name, rule in new.items() if name not in same], after.gazetteer, after.lexicon
        ),
    )


def _heard(rule: Rule) -> Rule:
    """The rule without what does not bear on which articles it fires on."""
    return replace(
        rule,
        severity=Severity.NORMAL,
        channels=(),
        on_change=False,
        backfill=0.0,
        note=None,
        examples_match=(),
        examples_no_match=(),
    )


def _way(name: str, before: RuleSet, after: RuleSet) -> str:
    """What became of a rule: new, gone, or changed."""
    was = any(rule.name == name for rule in before.rules)
    is_there = any(rule.name == name for rule in after.rules)
    return "changed" if was and is_there else "new" if is_there else "gone"


def _show_changes(
    screen: Screen, changes: Sequence[Change], ways: dict[str, str], zone: tzinfo, against: str
) -> None:
    if not changes:
        screen.line(f"no rule listens for anything else than {against}")
    for change in changes:
        screen.line(
            f"{change.rule}: {ways[change.rule]}, {change.many_added} more,"
            f" {change.many_lost} less",
            "bold",
        )
        for sign, shown, many in (
            ("+", change.added, change.many_added),
            ("-", change.lost, change.many_lost),
        ):
            for archived in shown:
                screen.line(f"  {sign} {_when(archived, zone)}  {_title(archived)}")
            if many > len(shown):
                screen.line(f"  {sign} and {many - len(shown)} more", "dim")


def _change(change: Change, way: str) -> dict[str, Json]:
    return {
        "rule": change.rule,
        "change": way,
        "added": change.many_added,
        "lost": change.many_lost,
        "added_articles": [_article(each) for each in change.added],
        "lost_articles": [_article(each) for each in change.lost],
    }


def _article(archived: Archived) -> dict[str, Json]:
    article = archived.article
    return {
        "id": article.id,
        "title": article.title,
        "link": article.link,
        "feed": article.feed.name if article.feed else None,
        "came": iso(archived.came),
    }


def _source(archived: Archived) -> str:
    feed = archived.article.feed
    return (feed and feed.name) or ""


def _title(archived: Archived) -> str:
    from monitor.core.alerts.headline import headline

    article = archived.article
    return " ".join(article.title.split()) or headline(Marked(article.text)).text


def _when(archived: Archived, zone: tzinfo) -> str:
    return datetime.fromtimestamp(archived.came, zone).strftime("%Y-%m-%d %H:%M")
