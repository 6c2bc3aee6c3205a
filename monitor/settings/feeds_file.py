"""feeds.yaml: from its checked sections to feeds, each with an identity and a name of its own.

This module must not fetch anything, nor decide which feeds are polled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from monitor.core.feeds.identity import feed_id
from monitor.errors import Problem
from monitor.model import Feed, FullText
from monitor.settings.monitor_file import Context
from monitor.settings.positions import Document
from monitor.settings.report import Report, Scope, shown
from monitor.settings.schema import FeedSection, PollingSection
from monitor.settings.secrets import Unreadable, read_headers, secret_file
from monitor.settings.validate import check, items

_PORTS = {"http": ":80", "https": ":443"}
_FULL_TEXT = {False: FullText.NEVER, True: FullText.ALWAYS, "auto": FullText.AUTO}
_SPARE = {"url": "https://invalid.invalid/"}


def read_feeds(scope: Scope, polling: PollingSection, context: Context) -> tuple[Feed, ...]:
    """All feeds of the file, disabled ones too, in its order."""
    sections = []
    for below in items(scope, "feeds"):
        section, faulty = check(FeedSection, below, _SPARE)
        if section is not None:
            _refuse_half_a_page(section, below, faulty)
            sections.append((section, below, faulty))
    _refuse_repeats(sections)
    names = _names([section for section, _, _ in sections])
    return tuple(
        _feed(section, below, name, polling, context)
        for (section, below, _), name in zip(sections, names, strict=True)
    )


def faults_of(values: Mapping[str, object]) -> tuple[Problem, ...]:
    """What is wrong with a feed that is not in the file yet, its keys and values as given."""
    report = Report()
    document = Document({"feeds": [dict(values)]})
    context = Context(Path(), {})
    read_feeds(Scope(report, "feeds.yaml", document), PollingSection(), context)
    return report.errors


def _feed(
    section: FeedSection, scope: Scope, name: str, polling: PollingSection, context: Context
) -> Feed:
    if section.interval and section.interval < polling.min_interval:
        scope.warn(("interval",), "is shorter than polling.min_interval, which counts")
    return Feed(
        id=feed_id(section.url),
        url=section.url,
        name=name,
        category=section.category or None,
        language=section.language or None,
        interval=section.interval or polling.interval,
        headers=_headers(section, scope, context),
        proxy=section.proxy,
        enabled=section.enabled,
        kind=section.kind,
        selector=section.selector or None,
        full_text=_FULL_TEXT[section.full_text],
    )


def _refuse_half_a_page(section: FeedSection, scope: Scope, faulty: frozenset[str]) -> None:
    """A page is read by its selector, and nothing else is. Which links of a page are articles is
    not guessed: a guess that goes wrong would be silent, or loud, for good."""
    if not faulty.isdisjoint(("kind", "selector")):
        return
    if section.kind == "page" and not section.selector:
        hint = "add selector: 'article h2 a', the CSS selector of its links to articles"
        scope.error(("kind",), "a page needs a selector", hint)
    if section.kind != "page" and section.selector:
        scope.error(("selector",), f"has no meaning for kind: {section.kind}", "write kind: page")


def _headers(section: FeedSection, scope: Scope, context: Context) -> tuple[tuple[str, str], ...]:
    if not section.headers_file:
        return ()
    try:
        path = secret_file(context.directory, section.headers_file, context.environ)
        return read_headers(path, scope, "headers_file")
    except Unreadable as fault:
        scope.error(("headers_file",), fault.reason, fault.hint)
        return ()


def _refuse_repeats(sections: list[tuple[FeedSection, Scope, frozenset[str]]]) -> None:
    urls: dict[str, Scope] = {}
    names: dict[str, Scope] = {}
    alike: dict[str, Scope] = {}
    for section, scope, faulty in sections:
        if "url" not in faulty:
            first = urls.setdefault(plain_url(section.url), scope)
            if first is not scope:
                scope.error(("url",), f"repeated address, first at line {first.line(('url',))}")
        if section.name:
            first = names.setdefault(section.name, scope)
            if first is scope:
                scope.warn_of_likeness(section.name, alike, ("name",))
            else:
                line = first.line(("name",))
                scope.error(("name",), f"repeated name {shown(section.name)}, first at line {line}")


def plain_url(url: str) -> str:
    """An address in the one spelling in which two feeds are compared: scheme and host in lower
    case, no default port, no fragment, at least a slash (RFC 3986, section 6.2.3)."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    user, at, host = parts.netloc.rpartition("@")
    host = host.lower().removesuffix(_PORTS.get(scheme, ":")).removesuffix(":")
    query = f"?{parts.query}" if parts.query else ""
    return f"{scheme}://{user}{at}{host}{parts.path or '/'}{query}"


def _names(sections: list[FeedSection]) -> list[str]:
    """A name for each feed: its own, else its host, with the path where hosts repeat, and a number
    where even those do. Never the query: tokens stand there."""
    taken = Counter(section.name for section in sections if section.name)
    parts = [None if section.name else urlsplit(section.url) for section in sections]
    hosts = Counter(_host(part) for part in parts if part)
    names = []
    for section, part in zip(sections, parts, strict=True):
        name = section.name if part is None else _host(part)
        if part is not None and (hosts[name] > 1 or taken[name]):
            name += part.path.rstrip("/")
        if part is not None:
            name = _free(name, taken)
            taken[name] += 1
        names.append(name)
    return names


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").removeprefix("www.")


def _free(name: str, taken: Counter[str]) -> str:
    number, free = 1, name
    while taken[free]:
        number += 1
        free = f"{name} {number}"
    return free
