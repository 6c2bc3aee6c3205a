"""`rasid schema`: what the files of a configuration may hold, for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from monitor.cli.options import config_option, directory
from monitor.errors import EX_OK

if TYPE_CHECKING:
    from monitor.settings.schema import FileKind


@click.command(short_help="The JSON Schema of a file of the configuration.")
@click.argument("kind", required=False, type=click.Choice(["monitor", "feeds", "rules", "places"]))
@click.option("--write", is_flag=True, help="Write all four beside the files, which name them.")
@config_option
def schema(kind: str | None, *, write: bool) -> int:
    """Print the JSON Schema (draft 2020-12) of a file of the configuration, or with --write put all
    four into the folder `schema` of the configuration: there the first line of each file names its
    own, so that editors which heed it complete and check. Do so after an upgrade.
    """
    from monitor.settings.json_schema import json_schema, write_schemas

    if write == bool(kind):
        raise click.UsageError("Name one file, or say --write.")
    if write:
        for path in write_schemas(directory()):
            click.echo(f"wrote {path}")
        return EX_OK
    click.echo(json_schema(cast("FileKind", kind)), nl=False)
    return EX_OK
