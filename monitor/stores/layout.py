"""Tables as the bytes of a file, and back. A file is JSON, one document a line, under a first line
that guards the rest:

    {"rasid":{"schema":1,"crc32":"8f3a01c2"},
    "feed":{
    "1":{…}}}

This module must not touch files, nor know what the documents mean.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from io import BytesIO

from monitor.errors import StateError
from monitor.stores import migrate
from monitor.stores.migrate import Tables

_HEADER = re.compile(rb'\{"rasid":\{"schema":(\d{1,9})(?:,"crc32":"([0-9a-f]{8})"\},\n)?')
_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")
).encode


class CorruptError(StateError):
    """A file is damaged, so that an older generation of it may stand in."""


class NewerError(StateError):
    """A file was written by a newer version: it is sound, but not for us to read or replace."""


def format_tables(tables: Tables) -> bytes:
    """The bytes of a file with these tables; ValueError for what JSON cannot hold."""
    # Line by line, since the index of 10,000 feeds would take four times its 4 MB.
    content, checksum = BytesIO(), 0
    content.write(_header(checksum))
    for line in _lines(tables):
        # Lone surrogates come from broken feeds; "backslashreplace" turns them into \udXXX, which
        # is JSON's own escape for them.
        encoded = line.encode("utf-8", "backslashreplace")
        checksum = zlib.crc32(encoded, checksum)
        content.write(encoded)
    content.seek(0)
    content.write(_header(checksum))
    return content.getvalue()


def parse_tables(content: bytes, name: object) -> Tables:
    """The tables of a file, brought up to our schema. CorruptError or NewerError begin with
    `name`, the file's. An empty file is a corrupt one."""
    schema, payload = _unwrap(content, name)
    try:
        tables: Tables = json.loads(b"{" + payload)
    except (ValueError, RecursionError) as error:
        raise CorruptError(f"{name}: corrupt: {error}") from error
    if not all(isinstance(table, dict) for table in tables.values()):
        raise CorruptError(f"{name}: corrupt: a table is no object")
    return migrate.CURRENT.bring_up(tables, schema)


def check(content: bytes, name: object) -> None:
    """As `parse_tables`, but for the time it takes: sees to header and checksum alone."""
    _unwrap(content, name)


def _header(checksum: int) -> bytes:
    schema = migrate.CURRENT.number
    return f'{{"rasid":{{"schema":{schema},"crc32":"{checksum:08x}"}},\n'.encode()


def _lines(tables: Tables) -> Iterator[str]:
    after_table = ""
    for name, documents in tables.items():
        yield f"{after_table}{_encode(name)}:{{\n"
        after_row = ""
        for number, each in documents.items():
            yield f'{after_row}"{number}":{_encode(each)}'
            after_row = ",\n"
        after_table = "},\n"
    yield "}}\n" if tables else "}\n"


def _unwrap(content: bytes, name: object) -> tuple[int, memoryview]:
    """The schema that a file tells, and what its checksum guards."""
    header = _HEADER.match(content)
    if header is None:
        raise CorruptError(f"{name}: corrupt: " + ("no header" if content else "the file is empty"))
    schema, ours = int(header[1]), migrate.CURRENT
    if schema > ours.number:
        message = f"written by a newer version (schema {schema}, this one knows {ours.number})"
        raise NewerError(f"{name}: {message}; it was not touched")
    payload = memoryview(content)[header.end() :]
    guarded = header[2] is not None and zlib.crc32(payload) == int(header[2], 16)
    if not guarded or not ours.knows(schema):
        raise CorruptError(f"{name}: corrupt: its checksum does not fit its content")
    return schema, payload
