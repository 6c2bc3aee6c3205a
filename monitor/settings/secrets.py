"""Reads the small files beside the configuration: channel addresses, request headers, templates.

What stands in a file that holds secrets must not reach a message: a reason names the file at most.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from pathlib import Path

from monitor.settings.report import Scope, shown

MAX_SECRET = 65_536  # bytes; an address, a set of headers or a template is far smaller
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a header's name: RFC 9110, section 5.6.2


class Unreadable(Exception):  # noqa: N818 # a reason for the report, never raised to the user
    """Why a secret cannot be had, and a hint; without the secret."""

    def __init__(self, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def beside(directory: Path, text: str, environ: Mapping[str, str]) -> Path:
    """A path of the configuration: relative to its directory, `~/` being $HOME."""
    home = environ.get("HOME")
    if home and text.startswith("~/"):
        return Path(home) / text[2:]
    return directory / text


def secret_file(directory: Path, text: str, environ: Mapping[str, str]) -> Path:
    """The path of a secret file. Raises Unreadable where the secret itself stands there."""
    if "://" in text:
        raise Unreadable("must be the name of a file, not an address")
    return beside(directory, text, environ)


def credential(name: str, environ: Mapping[str, str]) -> Path:
    """The file of a credential that systemd hands over. Raises Unreadable."""
    if "/" in name or name in (".", ".."):
        raise Unreadable(f"must be the name of a credential, not {shown(name)}")
    root = environ.get("CREDENTIALS_DIRECTORY")
    if not root:
        hint = "systemd sets it for units with LoadCredential="
        raise Unreadable("$CREDENTIALS_DIRECTORY is not set", hint)
    return Path(root) / name


def read_line(path: Path, scope: Scope, key: str) -> str:
    """The one line of a secret file, stripped; warns at `key` where others may read it.
    Raises Unreadable."""
    lines = [line for line in map(str.strip, _read(path, scope, key).splitlines()) if line]
    if not lines:
        raise Unreadable("the file is empty")
    if len(lines) > 1:
        hint = "the address or secret alone, without comments"
        raise Unreadable("the file must hold one line", hint)
    if not lines[0].isprintable():
        raise Unreadable("the file holds control characters")
    return lines[0]


def read_headers(path: Path, scope: Scope, key: str) -> tuple[tuple[str, str], ...]:
    """The `Name: value` lines of a headers file; blank lines and lines from # on are passed over.
    Raises Unreadable."""
    headers = []
    for number, line in enumerate(_read(path, scope, key).splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, colon, value = line.partition(":")
        if not colon or not _TOKEN.fullmatch(name.strip()):
            raise Unreadable(f"line {number} of the file is no header", "write Name: value")
        if not value.strip().isprintable():
            raise Unreadable(f"line {number} of the file holds control characters")
        headers.append((name.strip(), value.strip()))
    return tuple(headers)


def read_text(path: Path) -> str:
    """A file that is no secret, a template. Raises Unreadable."""
    return _open(path)[0]


def _read(path: Path, scope: Scope, key: str) -> str:
    scope.report.uses(path)
    text, mode = _open(path)
    if mode & (stat.S_IRGRP | stat.S_IROTH):
        scope.warn((key,), "other users may read this secret file", "chmod 600")
    return text


def _open(path: Path) -> tuple[str, int]:
    """The text of a file, and its mode."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("is no regular file")
        if status.st_size > MAX_SECRET:
            raise Unreadable("the file is too large")
        data = path.read_bytes()
    except FileNotFoundError:
        raise Unreadable("there is no such file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise Unreadable(f"the file cannot be read: {reason or 'its name is wrong'}") from None
    try:
        return data.decode("utf-8").removeprefix("\ufeff"), status.st_mode
    except UnicodeDecodeError:
        raise Unreadable("the file is not UTF-8") from None
