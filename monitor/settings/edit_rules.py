"""Adds rules to rules.yaml for the user: what is written has been tried before, as `rasid check`
would, and all that stands there stays, byte for byte.

This module must not decide what a rule should say.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from monitor.errors import CannotWriteError, ConfigError, Problem
from monitor.model import Rule
from monitor.settings.load import Config, survey
from monitor.settings.replace import alone_in, bytes_of, write_whole
from monitor.settings.splice import ListText, append, read_text
from monitor.settings.written import RuleItem
from monitor.settings.yaml_text import Misread

FILE: Final = "rules.yaml"
_OURS = (FILE, "rules.yml")  # the second: a slip that the loader tells


class Trial(NamedTuple):
    """What there would be to say of a rule: errors keep it out, warnings do not. `rule` is what it
    comes to, where it is one."""

    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    rule: Rule | None = None


def try_rule(directory: Path, environ: Mapping[str, str], item: RuleItem) -> Trial:
    """Looks at a rule by itself, beside the channels, feeds and places of the configuration; its
    examples are tried."""
    document = append(read_text(b"", "rules"), [item]).document
    config, problems = survey(directory, environ=environ, rules=document, examples=True)
    rule = config.rules[0] if config.rules else None
    return Trial(_of_rules(problems), _of_rules(config.warnings), rule)


def add_rule(
    directory: Path, environ: Mapping[str, str], item: RuleItem, *, dry_run: bool = False
) -> Trial:
    """Puts a rule at the end of rules.yaml and returns what there is to say of it, beside the other
    rules. Raises ConfigError, with nothing changed, where the file has faults, or where the
    configuration would have some that it does not have now; DataError where it is written in a way
    that cannot be added to; CannotWriteError."""
    path = directory / FILE
    with alone_in(directory):
        data = bytes_of(path)
        now, before, faults = _current(directory, environ, data)
        text = append(now, [item])
        after, problems = survey(directory, environ=environ, rules=text.document, examples=True)
        new = [each for each in problems if each not in faults]
        if new:
            reason = "was left as it is: with that rule there would be"
            raise ConfigError([Problem(FILE, 0, 0, "", reason), *new])
        if not dry_run:
            if bytes_of(path) != data:
                raise CannotWriteError(f"{path} was changed by someone else meanwhile: try again")
            write_whole(path, text.data)
    told = [each for each in _of_rules(after.warnings) if each not in before.warnings]
    return Trial((), tuple(told))


def names(directory: Path, environ: Mapping[str, str]) -> tuple[Config, tuple[str, ...]]:
    """The configuration as far as it can be read, and the names of its rules. Raises ConfigError
    with every fault of rules.yaml."""
    _, config, _ = _current(directory, environ, bytes_of(directory / FILE))
    return config, tuple(rule.name for rule in config.rules)


def _current(
    directory: Path, environ: Mapping[str, str], data: bytes
) -> tuple[ListText, Config, tuple[Problem, ...]]:
    """The file's text, the configuration as it stands, and the faults of its other files."""
    try:
        text = read_text(data, "rules")
    except Misread:  # the loader says where
        text = None
    document = text.document if text and data else None
    config, problems = survey(directory, environ=environ, rules=document, examples=True)
    missing = not data and not (directory / FILE).exists()
    faults = [] if missing else [each for each in problems if each.file in _OURS]
    if text is None or faults:
        raise ConfigError(faults)
    return text, config, problems


def _of_rules(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    return tuple(each for each in problems if each.file == FILE)
