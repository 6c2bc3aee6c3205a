"""What all commands share on their command line: `-c DIR`, and how a configuration is loaded.

The folder may be told before the command or after it; the one told last counts.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from monitor.settings.load import Config

_KEY = "rasid.directory"
_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])


def config_option(command: _Decorated) -> _Decorated:
    """Adds `-c DIR` to a command or group; `directory()` then tells which folder counts."""
    return click.option(
        "-c",
        "--config",
        metavar="DIR",
        type=click.Path(path_type=Path),
        expose_value=False,
        callback=_remember,
        help="Folder of the configuration (else $RASID_CONFIG, ./config, ~/.config/rasid, "
        "/etc/rasid).",
    )(command)


def json_option(command: _Decorated) -> _Decorated:
    """Adds `--json`: the whole answer as JSON on stdout, nothing else."""
    return click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")(command)


def given_directory() -> Path | None:
    """The folder that `-c` names, if it was given."""
    given: Path | None = click.get_current_context().meta.get(_KEY)
    return given


def directory() -> Path:
    """The folder of the configuration; raises where there is none, with a hint."""
    return directory_of(click.get_current_context())


def directory_of(ctx: click.Context) -> Path:
    """The same, of a command line that is not finished yet."""
    from monitor.settings.folder import find_directory

    return find_directory(ctx.meta.get(_KEY), os.environ, Path.cwd(), Path.home())


def load_config(*, addresses: bool = False, examples: bool = False) -> Config:
    """The configuration. `addresses` checks those of the channels too (slow to import),
    `examples` runs those of the rules; raises ConfigError with every fault found."""
    return loader(addresses=addresses, examples=examples)()


def loader(*, addresses: bool = False, examples: bool = False) -> Callable[[], Config]:
    """What loads the configuration, now and again, in any thread; see `load_config`. The log that
    is set up learns each time what must not stand in it."""
    from monitor.app.logs import guard
    from monitor.settings.known import secrets_of
    from monitor.settings.load import load

    folder = directory()
    checks = _checks() if addresses else {}

    def read() -> Config:
        config = load(folder, environ=os.environ, examples=examples, **checks)
        guard(secrets_of(config))
        return config

    return read


def _checks() -> dict[str, Any]:
    """The checks of the channels, which settings must not import."""
    from monitor.channels.build import check_url

    def check_template(text: str, name: str) -> str | None:
        from monitor.channels.template import check_template as check  # only where there is one

        return check(text, name)

    return {"check_url": check_url, "check_template": check_template}


def _remember(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.meta[_KEY] = value
