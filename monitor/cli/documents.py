"""Where `explain` and `parse` get their documents: a file, standard input, or the web.

A web address is fetched the way feeds are: with the same guard, limits and proxy.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.cli.options import directory, given_directory, load_config
from monitor.core.redact import without_login
from monitor.errors import DataError, RasidError
from monitor.model import FetchFailed, Polling

if TYPE_CHECKING:
    from monitor.settings.load import Config
    from monitor.sources.fetch import HttpFetcher


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes as they were found; `url` and `headers` are empty where it was no web address."""

    data: bytes
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def read(source: str) -> Document:
    """The document at a path, at an http(s) address or, for `-`, on standard input.

    Raises DataError where it cannot be read.
    """
    if source == "-":
        return Document(sys.stdin.buffer.read())
    if source.lower().startswith(("http://", "https://")):
        return asyncio.run(_get(source))
    try:
        return Document(Path(source).read_bytes())
    except OSError as error:
        raise DataError(f"{source}: {error.strerror or error}") from error


async def _get(url: str) -> Document:
    answer = await fetcher().get(url)
    if isinstance(answer, FetchFailed):
        raise DataError(f"{without_login(url)}: {answer.kind}: {answer.detail}")
    return Document(answer.body, answer.url, answer.headers)


def fetcher() -> HttpFetcher:
    """What fetches an address within the limits of monitor.yaml, where there is one."""
    from monitor.sources.fetch import HttpFetcher

    if not _configured():
        return HttpFetcher(Polling(), allow_private=(), proxy=None, contact=None, clock=time.time)
    return fetcher_of(load_config())


def fetcher_of(config: Config) -> HttpFetcher:
    """What fetches as the configuration says."""
    from monitor.sources.fetch import HttpFetcher

    return HttpFetcher(
        config.polling,
        allow_private=config.allow_private,
        proxy=config.proxy,
        contact=config.contact,
        clock=time.time,
    )


def _configured() -> bool:
    """Whether there is a monitor.yaml to read settings of the web from; a folder that was asked
    for by name must exist."""
    try:
        folder = directory()
    except RasidError:
        if given_directory() is not None:
            raise
        return False
    return (folder / "monitor.yaml").exists()
