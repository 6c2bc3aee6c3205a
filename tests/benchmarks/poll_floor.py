"""The floor of the polling benchmark: fetches all feeds over bare asyncio streams, reads nothing.

    python poll_floor.py MEMORY CONCURRENCY < URLS

MEMORY is a file of the validators that were told last; what it took is told in JSON. It checks no
address, limits nothing and keeps no news: no watcher of feeds can be faster in this language.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit


async def _fetch(url: str, tags: dict[str, str]) -> None:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    condition = f"If-None-Match: {tags[url]}\r\n" if url in tags else ""
    writer.write(
        f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept-Encoding: gzip\r\n"
        f"{condition}Connection: close\r\n\r\n".encode()
    )
    head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
    writer.close()
    if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 304")):
        raise RuntimeError(f"{url}: {head[:80]!r}, {len(body)} bytes")
    tags.pop(url, None)
    for line in head.split(b"\r\n"):
        if line.startswith(b"ETag: "):
            tags[url] = line[6:].decode()


async def _fetch_all(urls: Iterator[str], tags: dict[str, str], concurrency: int) -> None:
    async def work() -> None:
        for url in urls:
            await _fetch(url, tags)

    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(work())


def main() -> None:
    """Reads the command line, fetches, tells."""
    memory, concurrency = Path(sys.argv[1]), int(sys.argv[2])
    tags = json.loads(memory.read_text()) if memory.exists() else {}
    urls = sys.stdin.read().split()
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.monotonic()
    asyncio.run(_fetch_all(iter(urls), tags, concurrency))
    seconds = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    memory.write_text(json.dumps(tags))
    print(json.dumps({"seconds": seconds, "cpu": cpu, "rss": after.ru_maxrss / 1000}))


if __name__ == "__main__":
    main()
