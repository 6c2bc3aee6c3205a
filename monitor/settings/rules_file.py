"""rules.yaml: from its checked sections to rules, with every name in them looked up.

What a word, a query or a place of a rule means is the core's: its faults get their position here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf

from monitor.core.alerts.hold import leave_no_time
from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.cautions import cautions
from monitor.core.rules.compiled import compile_rule
from monitor.core.rules.lint import Examples, Fault, faults
from monitor.core.rules.shadows import shadows
from monitor.core.text.lexicon import Lexicon
from monitor.errors import QueryError
from monitor.model import FeedFilter, NearPlace, PlaceName, Quiet, Rule, Sense, Severity
from monitor.settings.monitor_file import daily, quiet
from monitor.settings.positions import Path
from monitor.settings.report import Scope, did_you_mean, one_of, shown
from monitor.settings.schema import NearSection, PlaceSection, RuleSection
from monitor.settings.validate import check, items

_SPARE = {"name": "unnamed"}


@dataclass(frozen=True, slots=True)
class Known:
    """What rules may name. `channels` and `feed_names` None: unknown here, so not looked up."""

    gazetteer: Gazetteer
    lexicon: Lexicon
    channels: tuple[str, ...] | None = None
    feed_names: frozenset[str] | None = None
    feed_categories: frozenset[str] = frozenset()
    archive: float = inf  # seconds for which articles are remembered
    quiet: Mapping[str, Quiet] = field(default_factory=dict)  # hours of channels that have some


def read_rules(scope: Scope, known: Known, *, thorough: bool) -> tuple[Rule, ...]:
    """All rules of the file, disabled ones too. `thorough`: examples that fail are errors, and what
    is odd about a rule is a warning."""
    rules = []
    tried: list[tuple[Rule, Scope]] = []
    first: dict[str, Scope] = {}
    alike: dict[str, Scope] = {}
    trial = Examples(known.gazetteer, known.lexicon) if thorough else None
    for below in items(scope, "rules"):
        section, faulty = check(RuleSection, below, _SPARE)
        if section is None:
            continue
        if "name" not in faulty:
            _refuse_repeat(section.name, below, first, alike)
        _check_names(section, below, known)
        if "near" in faulty and section.near is None:
            _check_place_alone(below, known)
        if section.backfill and section.backfill > known.archive:
            days = f"{known.archive / 86400:g}"
            below.warn(("backfill",), f"only {days} days are remembered (archive.days)")
        if thorough:
            _warn_of_hashtags(section, below)
        rule = _rule(section, below)
        _warn_of_endless_quiet(rule, below, known)
        sound = _lint(rule, below, known, faulty)
        if trial and sound and not faulty:
            for name, index, reason in trial.broken(rule):
                below.error(("examples", name, index), reason)
            tried.append((rule, below))
        rules.append(rule)
    _caution(tried, known)
    return tuple(rules)


def _warn_of_hashtags(section: RuleSection, scope: Scope) -> None:
    """A hashtag behind a blank is a comment to YAML, and gone."""
    lists = {"any": section.any, "all": section.all, "none": section.none}
    paths: list[Path] = [("query",)]
    paths += [(key, index) for key, listed in lists.items() for index in range(len(listed))]
    for path in paths:
        comment = scope.comment_after(path) or ""
        if comment[1:2].strip() not in ("", "#"):
            reason = f"{shown(comment.split()[0])} begins a comment, and is not looked for"
            scope.warn(path, reason, "put single quotes around the whole text, if it is meant")


def _warn_of_endless_quiet(rule: Rule, scope: Scope, known: Known) -> None:
    """Hours of a rule that, with those of a channel, would leave no time at all."""
    if rule.quiet is None or not rule.enabled:
        return
    for channel, ours in known.quiet.items():
        here = not rule.channels or channel in rule.channels
        if here and leave_no_time(ours, rule.quiet, rule.severity):
            hours = f"{ours.start:%H:%M}-{ours.end:%H:%M}"
            reason = f"with those of channel {shown(channel)} ({hours}) no time is left to send"
            scope.warn(("quiet",), f"{reason}: over it, only its own count", key=True)


def _rule(section: RuleSection, scope: Scope) -> Rule:
    wanted = section.feeds
    return Rule(
        name=section.name,
        any=tuple(section.any),
        all=tuple(section.all),
        none=tuple(section.none),
        query=section.query or None,
        places=_place_names(section.places),
        not_places=_place_names(section.not_places),
        near=_near(section.near),
        sense=Sense(section.sense),
        fields=tuple(dict.fromkeys(section.fields)),
        feeds=FeedFilter(tuple(wanted.name), tuple(wanted.category), tuple(wanted.language)),
        severity=Severity(section.severity),
        channels=tuple(dict.fromkeys(section.channels)),
        loose=section.loose,
        forms=section.forms,
        languages=tuple(dict.fromkeys(section.language)),
        on_change=section.on_change,
        backfill=section.backfill or 0.0,
        enabled=section.enabled,
        note=section.note,
        examples_match=tuple(section.examples.match),
        examples_no_match=tuple(section.examples.no_match),
        quiet=quiet(section.quiet, scope),
        digest=daily(section.digest),
        max_per_day=section.max_per_day,
        near_duplicates=section.near_duplicates,
    )


def _place_names(sections: Iterable[PlaceSection]) -> tuple[PlaceName, ...]:
    return tuple(PlaceName(section.name, section.within or None) for section in sections)


def _near(section: NearSection | None) -> NearPlace | None:
    if section is None:
        return None
    return NearPlace(PlaceName(section.place.name, section.place.within or None), section.km)


def _refuse_repeat(
    name: str, scope: Scope, first: dict[str, Scope], alike: dict[str, Scope]
) -> None:
    earlier = first.setdefault(name, scope)
    if name.endswith((",", "،")):
        scope.warn(("name",), "ends with a comma, which is a part of it", "leave the comma out")
    if earlier is scope:
        scope.warn_of_likeness(name, alike, ("name",))
    else:
        line = earlier.line(("name",))
        scope.error(("name",), f"repeated name {shown(name)}, first at line {line}")


def _check_names(section: RuleSection, scope: Scope, known: Known) -> None:
    if known.channels is not None:
        for index, name in enumerate(section.channels):
            if name not in known.channels:
                reason = f"no channel is named {shown(name)}"
                scope.error(("channels", index), reason, one_of(name, known.channels))
    if known.feed_names is not None:
        _check_filter("name", section.feeds.name, known.feed_names, scope)
        _check_filter("category", section.feeds.category, known.feed_categories, scope)


def _check_place_alone(scope: Scope, known: Known) -> None:
    """The place of a `near` whose distance is at fault."""
    near = scope.below("near").value
    name = near.get("place") if isinstance(near, dict) else None
    if not isinstance(name, str) or not name.strip():
        return
    try:
        known.gazetteer.find(PlaceName(name))
    except QueryError as error:
        scope.error(("near", "place"), error.reason, error.suggestion)


def _check_filter(key: str, wanted: list[str], there: frozenset[str], scope: Scope) -> None:
    """A near miss is a slip of the pen, an error; anything else may wait for feeds to come."""
    for index, word in enumerate(wanted):
        if word in there:
            continue
        hint = did_you_mean(word, there)
        reason = f"no feed has the {key} {shown(word)}"
        if hint:
            scope.error(("feeds", key, index), reason, hint)
        else:
            scope.warn(("feeds", key, index), reason, one_of(word, there))


def _lint(rule: Rule, scope: Scope, known: Known, faulty: frozenset[str]) -> bool:
    """Tells the core's faults; whether there are none. Where keys were left out as faulty, nothing
    is said of the rule as a whole."""
    found = faults(rule, known.gazetteer, known.lexicon)
    for fault in found:
        if fault.key == "name" and faulty:
            continue
        path = _path(fault)
        if fault.key in ("places", "not_places", "near"):
            if fault.key == "near":
                path = ("near", "place")
            path = _place_path(path, scope, known.gazetteer)
        error = fault.error
        scope.error(path, error.reason, error.suggestion, error.offset)
    return not found


def _caution(tried: list[tuple[Rule, Scope]], known: Known) -> None:
    """Warns of what is odd about the rules, and of those that another makes needless."""
    compiled = [compile_rule(rule, known.gazetteer, known.lexicon) for rule, _ in tried]
    found = [
        (number, fault)
        for number, rule in enumerate(compiled)
        for fault in cautions(rule, known.gazetteer, known.lexicon)
    ]
    # What never fires is needless whatever the others are.
    dead = {number for number, fault in found if fault.key == "name"}
    beside = [(number, fault) for number, fault in shadows(compiled) if number not in dead]
    for number, fault in (*found, *beside):
        error = fault.error
        tried[number][1].warn(_path(fault), error.reason, error.suggestion, offset=error.offset)


def _path(fault: Fault) -> Path:
    return (fault.key,) if fault.index is None else (fault.key, fault.index)


def _place_path(path: Path, scope: Scope, gazetteer: Gazetteer) -> Path:
    """A place written as a mapping is at fault in its name, or in what should contain it."""
    item = scope.below(*path).value
    if not isinstance(item, dict):
        return path
    try:
        gazetteer.find(PlaceName(str(item.get("in", item["name"]))))
    except QueryError:
        return (*path, "in" if "in" in item else "name")
    return (*path, "name")
