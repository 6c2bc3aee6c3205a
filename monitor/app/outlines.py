"""Between feeds.yaml and OPML: which key of a feed is which attribute of an outline.

Folders are a feed's category, one inside another joined by ` / `. What OPML has no attribute for
goes under our own namespace; request headers and proxies never leave, and never come in: a foreign
list that named a file of ours would have it sent to its own server. This module must not read or
write files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from monitor.core.redact import without_login
from monitor.model import Feed
from monitor.settings.feeds_file import faults_of, plain_url
from monitor.settings.naming import free_name, one_line
from monitor.settings.schema import FeedSection
from monitor.settings.written import FeedItem, Value
from monitor.sources.opml import OWN, Attributes, Name, Outline, Outlines

BETWEEN = " / "
_STANDARD = ("url", "name", "language", "category")  # keys that OPML knows too
_PRIVATE = ("headers_file", "proxy")
_OWN_KEYS = tuple(k for k in FeedSection.model_fields if k not in (*_STANDARD, *_PRIVATE))
_DECISIVE = ("", "url", "kind", "selector")  # where one is wrong, the feed is another one
_DERIVED = ("text", "title", "xmlurl", "language")
_FEED_SCHEME = re.compile(r"^feed:(?://)?(?=https?://)|^feed(?=://)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Skipped:
    """An outline that is not taken, or a part of one: its line, and why."""

    line: int
    url: str
    reason: str
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Taken:
    """What is new in a document, what is there already, and what cannot be taken."""

    new: tuple[FeedItem, ...]
    present: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def take(outlines: Outlines, feeds: Iterable[Feed]) -> Taken:
    """The feeds of a document that are not among `feeds`, each with a name of its own."""
    urls: set[str] = set()
    names: set[str] = set()
    for feed in feeds:
        urls.add(plain_url(feed.url))
        names.add(feed.name)
    new, present, skipped = [], [], []
    for outline in outlines.feeds:
        item, faults = _sound(outline)
        skipped += faults
        if item is None:
            continue
        url = plain_url(item.url)
        if url in urls:
            present.append(item.url)
            continue
        urls.add(url)
        item = _with_free_name(item, names)
        names.add(item.name)
        new.append(item)
    return Taken(tuple(new), tuple(present), tuple(skipped))


def _sound(outline: Outline) -> tuple[FeedItem | None, list[Skipped]]:
    """The feed without the keys that are wrong; None where it cannot be one."""
    item, told = _item(outline), []
    for _ in item.values:
        faults = faults_of(dict(item.values))
        if not faults:
            break
        wrong = {fault.key.partition("[")[0] for fault in faults}
        whole = any(key in _DECISIVE for key in wrong)
        for fault in faults:
            reason = f"{_KEY_SHOWN.get(fault.key, fault.key)}: {fault.reason}"
            told.append(Skipped(outline.line, without_login(item.url), reason, whole))
        if whole:
            return None, told
        item = FeedItem(tuple((k, v) for k, v in item.values if k not in wrong))
    return item, told


_KEY_SHOWN = {"url": "xmlUrl"}


def _item(outline: Outline) -> FeedItem:
    url = _url(outline)
    name = one_line(outline.get("text") or "") or one_line(outline.get("title") or "")
    values: dict[str, Value] = {"url": url, "name": name, "category": _category(outline)}
    values["language"] = (outline.get("language") or "").strip()
    for key in _OWN_KEYS:
        text = outline.get(key, OWN)
        if text is not None:
            values[key] = {"true": True, "false": False}.get(text, text)
    if name in (url, outline.get("xmlUrl")):
        values["name"] = ""
    return FeedItem(tuple((key, value) for key, value in values.items() if value != ""))


def _url(outline: Outline) -> str:
    """The address, also of those who write `feed://` or `feed:https://`."""
    return _FEED_SCHEME.sub(_plain_scheme, (outline.get("xmlUrl") or "").strip(), count=1)


def _plain_scheme(found: re.Match[str]) -> str:
    return "" if ":" in found[0] else "http"


def _category(outline: Outline) -> str:
    """Our own attribute, else the folders, else the first of OPML's categories (`/a/b,/c`)."""
    own = outline.get("category", OWN)
    if own is not None:
        return one_line(own)
    path = outline.path or (outline.get("category") or "").partition(",")[0].split("/")
    return one_line(BETWEEN.join(filter(None, map(one_line, path))))


def _with_free_name(item: FeedItem, taken: set[str]) -> FeedItem:
    if not item.name or item.name not in taken:
        return item
    return item.with_value("name", free_name(item.name, item.url, taken))


# --- what goes out ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Given:
    """What leaves as OPML, and how many feeds had something that does not."""

    outlines: Outlines
    logins: int = 0
    private: int = 0


def give(feeds: Iterable[tuple[FeedItem, Feed]], known: Outlines) -> Given:
    """The feeds as outlines, with what `known` has of each beside what feeds.yaml has: that may be
    their page, and attributes of other programs. Nothing that logs in anywhere is among it."""
    kept = _by_url(known)
    outlines, logins, private = [], 0, 0
    for item, feed in feeds:
        outline = _outline(item, feed, kept.get(_comparable(item.url)))
        clean = _without_logins(outline)
        logins += clean != outline
        private += any(item.get(key) for key in _PRIVATE)
        outlines.append(clean)
    folders = tuple(_without_logins(folder) for folder in known.folders)
    return Given(replace(known, feeds=tuple(outlines), folders=folders), logins, private)


def _by_url(known: Outlines) -> dict[str, Outline]:
    found: dict[str, Outline] = {}
    for outline in known.feeds:
        found.setdefault(_comparable(_url(outline)), outline)
    return found


def _comparable(url: str) -> str:
    """An address without its login, as others are compared with; what is none is like no other."""
    try:
        return plain_url(without_login(url))
    except ValueError:
        return ""


def _outline(item: FeedItem, feed: Feed, known: Outline | None) -> Outline:
    path = tuple(filter(None, map(str.strip, item.get("category").split(BETWEEN))))
    attributes: dict[Name, str] = {("", "text"): feed.name}
    attributes["", "title"] = _title(feed.name, known)
    attributes["", "type"] = (known and known.get("type")) or "rss"
    attributes["", "xmlUrl"] = item.url
    if item.get("language"):
        attributes["", "language"] = item.get("language")
    for key in _OWN_KEYS:
        if key in dict(item.values):
            value = dict(item.values)[key]
            attributes[OWN, key] = value if isinstance(value, str) else str(value).lower()
    attributes |= _foreign(known)
    _categorise(attributes, path, item.get("category"))
    return Outline(path, tuple(attributes.items()))


def _foreign(known: Outline | None) -> dict[Name, str]:
    """What others know of a feed and feeds.yaml does not."""
    return {
        (space, local): value
        for (space, local), value in (known.attributes if known else ())
        if space != OWN and (space or local.lower() not in (*_DERIVED, "type"))
    }


def _title(name: str, known: Outline | None) -> str:
    """The feed's own title, where it was known to be another than what the user calls it."""
    title = one_line((known and known.get("title")) or "")
    return title if known and title and title != one_line(known.get("text") or "") else name


def _categorise(attributes: dict[Name, str], path: tuple[str, ...], category: str) -> None:
    """OPML's category says the folders again; ours says what they cannot."""
    slashed = not any(sign in part for part in path for sign in "/,")
    if path and slashed:
        attributes.setdefault(("", "category"), "/" + "/".join(path))
    if BETWEEN.join(path) != category or (not path and ("", "category") in attributes):
        attributes[OWN, "category"] = category


_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def _without_logins(outline: Outline) -> Outline:
    attributes = tuple(
        (name, without_login(value) if _ADDRESS.match(value) else value)
        for name, value in outline.attributes
    )
    return replace(outline, attributes=attributes)


# --- what is kept between an import and an export -----------------------------------------------


def remember(known: Outlines, read: Outlines, feeds: Iterable[Feed]) -> Outlines | None:
    """What feeds.yaml has no place for: of what was known and what was read now, the outlines of
    these feeds, and all folders. None where there is nothing that an export would miss."""
    wanted = {_comparable(feed.url) for feed in feeds}
    before, now = _by_url(known), _by_url(read)
    kept = tuple(
        _joined(before.get(url), now.get(url)) for url in {**before, **now} if url in wanted
    )
    folders = {folder.path: folder for folder in (*known.folders, *read.folders)}
    telling = any(map(_tells_more, kept)) or any(_folder_tells(f) for f in folders.values())
    if not telling:
        return None
    prefixes = dict(read.prefixes) | dict(known.prefixes)
    return Outlines(kept, tuple(folders.values()), prefixes=tuple(prefixes.items()))


def _joined(before: Outline | None, now: Outline | None) -> Outline:
    """All that is known of a feed, the later word above the earlier one."""
    latest = now or before or Outline((), ())
    earlier = before.attributes if before else ()
    return replace(latest, attributes=tuple(dict((*earlier, *latest.attributes)).items()))


def _tells_more(outline: Outline) -> bool:
    own = {"type": "rss", "category": "/" + "/".join(outline.path)}  # as an export has them anyway
    foreign = _foreign(outline) | {("", "type"): outline.get("type") or "rss"}
    return _names_differ(outline.attributes) or any(
        space or own.get(local.lower()) != value for (space, local), value in foreign.items()
    )


def _names_differ(attributes: Attributes) -> bool:
    texts = {value for name, value in attributes if name in _NAMES}
    return len(texts) > 1


_NAMES = (("", "text"), ("", "title"))


def _folder_tells(folder: Outline) -> bool:
    return any(name not in _NAMES for name, _ in folder.attributes) or _names_differ(
        folder.attributes
    )
