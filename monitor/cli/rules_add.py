"""`rasid rules add`: a rule by options or question by question, tried before it is written.

Questions go to stderr, each answer stands on a line of its own, so that Arabic text runs as the
terminal lays it out. Nothing is written before the last yes.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.answers import Json, count, joined, json_document
from monitor.cli.completing import channel_names, place_names
from monitor.cli.options import config_option, directory, json_option
from monitor.cli.terminal import Screen
from monitor.cli.trial import foretell
from monitor.errors import EX_OK, QueryError, UsageError

if TYPE_CHECKING:
    from monitor.core.places.gazetteer import Gazetteer
    from monitor.errors import Problem
    from monitor.model import Place
    from monitor.settings.edit_rules import Trial
    from monitor.settings.load import Config
    from monitor.settings.written import RuleItem, RuleValue

_COMMAS = re.compile(r"[,،;؛\n]")
_EXAMPLE = re.compile(r"examples\.(match|no_match)\[([0-9]+)\]$")
_SUGGESTED = re.compile(r"did you mean '?(.+?)'?\?")
_FIRES_ON = ("any", "all", "query", "places")
_SEVERITIES = ("low", "normal", "high", "critical")
_OPTIONS = {
    "places": "--place",
    "not_places": "--not-place",
    "channels": "--channel",
    "examples": "--match, --no-match",
    "feeds": "--category",
}


@dataclass(slots=True)
class Draft:
    """A rule while it is being put together, by the keys of rules.yaml."""

    values: dict[str, RuleValue]

    def item(self) -> RuleItem:
        from monitor.settings.written import RuleItem

        return RuleItem(tuple((key, value) for key, value in self.values.items() if value))

    @property
    def examples(self) -> int:
        """How many sentences it is tried on."""
        told = self.values["examples"]
        listed = told.values() if isinstance(told, Mapping) else ()
        return sum(len(each) for each in listed if isinstance(each, tuple))

    def fires(self) -> bool:
        """Whether it says what to fire on."""
        return any(self.values.get(key) for key in _FIRES_ON)


@click.command("add", short_help="Add a rule, question by question or by options.")
@click.option("--name", default="", help="Unique; the rule's identity.")
@click.option("--any", "any_", multiple=True, metavar="WORDS", help="At least one; by commas.")
@click.option("--all", "all_", multiple=True, metavar="WORDS", help="Every one of these.")
@click.option("--none", multiple=True, metavar="WORDS", help="None of these.")
@click.option("--query", default="", help="Words with AND, OR, NOT, NEAR/10 and parentheses.")
@click.option(
    "--place",
    multiple=True,
    metavar="PLACE",
    shell_complete=place_names,
    help="A name, or القصير/حمص: that in حمص.",
)
@click.option(
    "--not-place",
    multiple=True,
    metavar="PLACE",
    shell_complete=place_names,
    help="None of these places.",
)
@click.option(
    "--channel",
    multiple=True,
    metavar="NAME",
    shell_complete=channel_names,
    help="Where it goes; else all channels.",
)
@click.option("--category", multiple=True, metavar="WORD", help="Only feeds of this category.")
@click.option(
    "--severity",
    default="",
    type=click.Choice(["", *_SEVERITIES]),
    metavar="SEVERITY",
    help="low, normal, high or critical.",
)
@click.option("--forms", is_flag=True, help="Derived words count as well.")
@click.option("--match", multiple=True, metavar="SENTENCE", help="It must fire on this.")
@click.option("--no-match", multiple=True, metavar="SENTENCE", help="It must not fire on this.")
@click.option("--note", default="", help="A remark of yours.")
@click.option("--yes", "-y", is_flag=True, help="Ask nothing: what is not given is left out.")
@click.option("--dry-run", is_flag=True, help="Show and try the rule, and write nothing.")
@config_option
@json_option
def add(*, yes: bool, dry_run: bool, as_json: bool, **given: str | bool | tuple[str, ...]) -> int:
    """Add a rule to rules.yaml, which else stays as it is, byte for byte.

    Asks for what is not given: name, words, places, channels, severity, examples. The rule is
    shown, its examples are tried, and where articles are remembered it is said how often it would
    have alerted, before it is written; Ctrl-C leaves the file alone. A running watcher takes it
    over within two seconds.
    """
    try:
        return _add(Draft(_given(given)), ask=not yes, dry_run=dry_run, as_json=as_json)
    except click.Abort:
        _say("\nnothing was written")
        raise


def _add(draft: Draft, *, ask: bool, dry_run: bool, as_json: bool) -> int:
    from monitor.settings.edit_rules import add_rule, names, try_rule

    here = directory()
    config, taken = names(here, os.environ)
    if ask:
        _Questions(here, config, taken, draft).ask()
    _refuse_half_a_rule(draft, taken)
    trial = try_rule(here, os.environ, draft.item())
    if trial.errors:
        raise UsageError("; ".join(_told(each, _option(each.key)) for each in trial.errors))
    shown = _shown(draft)
    said = [] if as_json and not ask else _remarks(config, trial)
    if ask:
        _show(shown)
    for each in said:
        _say(each)
    if ask and not dry_run:
        _confirm(here)
    told = add_rule(here, os.environ, draft.item(), dry_run=dry_run)
    if as_json:
        return _answer_json(draft, shown, told, dry_run=dry_run)
    for each in map(_warning, told.warnings):
        if each not in said:
            _say(each)
    return _tell(draft, shown, dry_run=dry_run)


def _given(options: dict[str, str | bool | tuple[str, ...]]) -> dict[str, RuleValue]:
    """The options as keys of a rule, in the order in which rules.yaml has them."""

    def words(key: str) -> tuple[str, ...]:
        return tuple(word for each in _texts(options[key]) for word in _split(each))

    examples = {"match": _texts(options["match"]), "no_match": _texts(options["no_match"])}
    severity = str(options["severity"])
    return {
        "name": str(options["name"]).strip(),
        "note": str(options["note"]),
        "any": words("any_"),
        "all": words("all_"),
        "none": words("none"),
        "query": str(options["query"]),
        "places": tuple(map(_place, words("place"))),
        "not_places": tuple(map(_place, words("not_place"))),
        "forms": bool(options["forms"]),
        "feeds": {"category": words("category")} if options["category"] else {},
        "severity": severity if severity != "normal" else "",
        "channels": words("channel"),
        "examples": {key: listed for key, listed in examples.items() if listed},
    }


def _texts(value: str | bool | tuple[str, ...]) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _split(text: str) -> list[str]:
    """Words between commas, Arabic ones too."""
    return [word for word in (part.strip() for part in _COMMAS.split(text)) if word]


def _place(text: str) -> RuleValue:
    name, slash, within = text.partition("/")
    return {"name": name.strip(), "in": within.strip()} if slash else text


def _refuse_half_a_rule(draft: Draft, taken: Sequence[str]) -> None:
    if not draft.values["name"]:
        raise UsageError("--name is missing")
    if draft.values["name"] in taken:
        raise UsageError(f"--name: there is a rule {draft.values['name']} already")
    if not draft.fires():
        raise UsageError("say what it fires on: --any, --all, --query or --place")


def _told(problem: Problem, key: str = "") -> str:
    """A fault of a rule that has no place in a file yet."""
    hint = f" ({problem.suggestion})" if problem.suggestion else ""
    return f"{key or problem.key}: {problem.reason}{hint}"


def _option(key: str) -> str:
    first = re.split(r"[.\[]", key)[0]
    return _OPTIONS.get(first, f"--{first}")


# --- question by question -------------------------------------------------------------------------


class _Questions:
    """Asks for what a draft lacks; an answer that is wrong is told and asked for again."""

    def __init__(self, here: Path, config: Config, taken: Sequence[str], draft: Draft) -> None:
        self._here = here
        self._config = config
        self._taken = taken
        self._draft = draft
        self._values = draft.values

    def ask(self) -> None:
        if not self._values["name"]:
            self._ask("name", "Name of the rule", self._name)
        while not self._draft.fires():
            self._ask_what_it_fires_on()
        names = joined(channel.name for channel in self._config.channels)
        if not self._values["channels"] and len(self._config.channels) > 1:
            self._ask("channels", f"Channels, by commas: {names} (empty: all)", _words)
        if not self._values["severity"]:
            self._ask("severity", f"Severity: {joined(_SEVERITIES)} (empty: normal)", _severity)
        if not self._values["examples"]:
            self._ask_examples()

    def _ask_what_it_fires_on(self) -> None:
        self._ask("any", "Words, by commas: at least one of them (empty: none)", _words)
        self._ask("all", "Words that must all be there (empty: none)", _words)
        self._ask("none", "Words that must not be there (empty: none)", _words)
        self._ask(
            "places", "Places, by commas, each with all in it (empty: anywhere)", self._places
        )
        if not self._draft.fires():
            _say("A rule needs a word or a place to fire on.")

    def _ask_examples(self) -> None:
        """Sentences to try it on. One that fails is asked for again, alone, or left out."""
        examples = {
            "match": _lines("Sentences that it must fire on, one a line; an empty line ends"),
            "no_match": _lines("Sentences that it must not fire on; an empty line ends"),
        }
        while True:
            self._values["examples"] = {k: tuple(told) for k, told in examples.items() if told}
            faults = self._faults("examples")
            if not faults:
                return
            found = _EXAMPLE.match(faults[0].key)
            if found is None:  # none of one sentence
                raise UsageError(_told(faults[0]))
            _mend(examples[found[1]], int(found[2]), faults[0])

    def _ask(self, key: str, question: str, read: Callable[[str], RuleValue]) -> None:
        while True:
            try:
                value = read(_answer(question))
                self._values[key] = value
                faults = self._faults(key) if value else []
            except UsageError as error:
                _say(str(error))
                continue
            for fault in faults:
                _say(_told(fault))
            if not faults:
                return
            self._values[key] = ""

    def _faults(self, key: str) -> list[Problem]:
        """What is wrong with a key, so far; whether the rule as a whole makes sense comes later."""
        from monitor.settings.edit_rules import try_rule

        errors = try_rule(self._here, os.environ, self._draft.item()).errors
        return [each for each in errors if re.match(rf"{key}\b", each.key) and not _whole(each)]

    def _name(self, text: str) -> str:
        if not text:
            raise UsageError("a rule needs a name")
        if text in self._taken:
            raise UsageError(f"there is a rule {text} already")
        return text

    def _places(self, text: str) -> tuple[RuleValue, ...]:
        return tuple(_place_meant(word, self._config.gazetteer) for word in _split(text))


def _mend(sentences: list[str], number: int, fault: Problem) -> None:
    """Has a sentence that does not do written anew, or leaves it out; the others stay."""
    _say("")
    _say(sentences[number])
    _say(fault.reason)
    if told := _answer("The sentence anew (empty: leave it out)"):
        sentences[number] = told
    else:
        _say("left out; the others stay")
        del sentences[number]


def _whole(fault: Problem) -> bool:
    """Whether a fault at the name is one of a rule that is not finished yet."""
    return fault.key == "name" and "rule" in fault.reason


def _words(text: str) -> tuple[RuleValue, ...]:
    return tuple(_split(text))


def _severity(text: str) -> str:
    return "" if text == "normal" else text


def _place_meant(word: str, gazetteer: Gazetteer) -> RuleValue:
    """The place that a word names: asked for where it is unknown and another is near, or where
    several bear the name. Raises UsageError."""
    from monitor.model import PlaceName

    value = _place(word)
    within = str(value["in"]) if isinstance(value, Mapping) else None
    name = str(value["name"]) if isinstance(value, Mapping) else word
    try:
        found = gazetteer.find(PlaceName(name, within))
    except QueryError as error:
        near = _SUGGESTED.search(error.suggestion or "")
        if near is None:
            raise UsageError(error.reason) from error
        _say(f"{error.reason}; Enter takes the one in brackets")
        return _place_meant(str(click.prompt("place", default=near[1], err=True)), gazetteer)
    return value if within or len(found) == 1 else _one_of(name, found, gazetteer)


def _one_of(name: str, found: Sequence[Place], gazetteer: Gazetteer) -> RuleValue:
    """Which of several places of a name; all of them, if that is all the same."""
    _say(f"{name} is the name of several places:")
    parents = [gazetteer.places[each.parents[0]].name if each.parents else "" for each in found]
    for number, (each, parent) in enumerate(zip(found, parents, strict=True), 1):
        _say(f"  {number}  {joined([each.name, each.kind, parent])}")
    chosen = click.prompt(
        "Which one (0: any of them)", type=click.IntRange(0, len(found)), default=0, err=True
    )
    return {"name": name, "in": parents[chosen - 1]} if chosen and parents[chosen - 1] else name


def _answer(question: str) -> str:
    """One line; the question stands above it."""
    told = click.prompt(question, default="", show_default=False, prompt_suffix=":\n> ", err=True)
    return str(told).strip()


def _lines(question: str) -> list[str]:
    lines: list[str] = []
    while text := _answer(question if not lines else "and"):
        lines.append(text)
    return lines


def _say(text: str) -> None:
    Screen(sys.stderr).line(text)


# --- what is said ---------------------------------------------------------------------------------


def _shown(draft: Draft) -> str:
    """The rule as it is written."""
    from monitor.settings.written import Style, written

    return "- " + written(draft.item(), Style(block=True), "  ")


def _warning(problem: Problem) -> str:
    return f"warning: {_told(problem)}"


def _remarks(config: Config, trial: Trial) -> list[str]:
    """What there is to say of a rule before it is written."""
    foretold = foretell(config, trial.rule) if trial.rule is not None else ""
    return [*map(_warning, trial.warnings), *([foretold] if foretold else [])]


def _show(shown: str) -> None:
    screen = Screen(sys.stderr)
    screen.line()
    for line in shown.splitlines():
        screen.verbatim(line)


def _confirm(here: Path) -> None:
    if not click.confirm(f"Add it to {here / 'rules.yaml'}?", True, err=True):
        raise click.Abort


def _answer_json(draft: Draft, shown: str, told: Trial, *, dry_run: bool) -> int:
    state = "tried" if dry_run else "added"
    answer: dict[str, Json] = {"state": state, "rule": str(draft.values["name"]), "yaml": shown}
    click.echo(json_document({**answer, "warnings": list(map(_told, told.warnings))}))
    return EX_OK


def _tell(draft: Draft, shown: str, *, dry_run: bool) -> int:
    screen = Screen()
    if dry_run:
        for line in shown.splitlines():
            screen.verbatim(line)
        return EX_OK
    tried = f"; {count(draft.examples, 'example')} passed" if draft.examples else ""
    screen.line(f"added {draft.values['name']}{tried}")
    return EX_OK
