"""What an edit of the configuration means to a daemon at work: which rules it brought, changed and
took away, and whether a file was emptied by accident. This module must not put it into force.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from monitor.errors import ConfigError, Problem
from monitor.settings.load import Config

_SEVERAL: Final = 4  # rules
_MOST_NAMED: Final = 10  # rules of a kind


def refuse_emptied(config: Config, before: Config) -> None:
    """Raises ConfigError for a file in which nothing stands any more, as a crash of an editor or a
    full disk leaves it: taken at its word, it would watch nothing. `rules: []` says that."""
    emptied = [
        Problem(name, 1, 1, "", f"is empty, so the old {key} stay ({key}: [] would end them all)")
        for name, key, now, then in (
            ("feeds.yaml", "feeds", config.feeds, before.feeds),
            ("rules.yaml", "rules", config.rules, before.rules),
        )
        if then and not now and _is_blank(config.directory / name)
    ]
    if emptied:
        raise ConfigError(emptied)


def _is_blank(path: Path) -> bool:
    """Whether nothing but remarks, and a key without a value, stands in a file."""
    text = path.read_bytes().removeprefix(b"\xef\xbb\xbf") if path.exists() else b""
    lines = [line.split(b"#")[0].strip() for line in text.splitlines()]
    return [line for line in lines if line] in ([], [b"rules:"], [b"feeds:"])


def mostly_gone(before: Config, now: Config) -> str:
    """The rules that are gone, where those are the most of several; "" otherwise."""
    left = {rule.name for rule in now.rules}
    gone = [rule.name for rule in before.rules if rule.name not in left]
    several = len(before.rules) >= _SEVERAL and len(now.rules) < len(before.rules) / 2
    return _listed(gone) if several else ""


def changes(before: Config, now: Config) -> str:
    """Which rules a reload brought, changed and took away, for the log."""
    old, new = ({rule.name: rule for rule in config.rules} for config in (before, now))
    told = {
        "new": [name for name in new if name not in old],
        "changed": [name for name, rule in new.items() if name in old and old[name] != rule],
        "gone": [name for name in old if name not in new],
    }
    parts = [f"{word}: {_listed(names)}" for word, names in told.items() if names]
    return f" ({'; '.join(parts)})" if parts else ""


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
