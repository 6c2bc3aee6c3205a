"""Where the configuration lies. This module must not read it: it is imported to complete a name in
a shell, and has to be quick."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from monitor.errors import ConfigError, Problem

INIT: Final = "rasid init DIR writes a starter configuration"


def find_directory(given: Path | None, environ: Mapping[str, str], cwd: Path, home: Path) -> Path:
    """The folder to read: the one given, else $RASID_CONFIG, else the first that exists of
    ./config, ~/.config/rasid and /etc/rasid. Raises ConfigError where there is none."""
    named = given or (Path(environ["RASID_CONFIG"]) if environ.get("RASID_CONFIG") else None)
    if named is not None:
        if not (cwd / named).is_dir():
            raise ConfigError([Problem(str(named), 0, 0, "", "is no folder", INIT)])
        return named
    candidates = (cwd / "config", home / ".config" / "rasid", Path("/etc/rasid"))
    found = next((path for path in candidates if path.is_dir()), None)
    if found is None:
        tried = ", ".join(map(str, candidates))
        reason = f"no configuration in {tried}"
        raise ConfigError([Problem("-c DIR", 0, 0, "", reason, INIT)])
    return found
