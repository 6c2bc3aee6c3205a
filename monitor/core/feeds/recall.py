"""Which of the entries that a feed showed before each entry of a document is.

    as it was       under its key, or (its id, link or both may have changed) under another one
    edited          under its key, unless that has come to stand for another article
    at its link     with its title, or where ids mean nothing
    by its words    where the entry that had them has left the feed just now

The surest ways are gone through first, for all entries, so that none takes what another one
is. This module must not decide what is to be done with an entry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property

from monitor.core.feeds.identity import (
    Identity,
    canonical_link,
    is_other,
    keys_alone,
    other_keys,
    same_title,
    title_of,
)
from monitor.core.feeds.sketch import has_text, is_alike, numbers_of, text_key
from monitor.model import Entry, Seen

_Shown = Sequence[tuple[Entry, Identity]]


def recall(entries: Sequence[Seen], unread: Collection[str], shown: _Shown) -> dict[str, str]:
    """The keys of remembered entries, by those which the entries of a document are known by.
    `unread` are the marks of the items beside those; new entries are not in the result. What
    `entries` still show come before those that they showed once."""
    return _Recall(entries, unread).go_over(shown)


def is_known(seen: Seen, content: str) -> bool:
    """Whether a feed has shown an entry with this content, now or earlier: a copy of the document
    that lay somewhere for a while is no edit."""
    return content == seen.content or content in seen.past


class _Recall:
    """`free` is what no entry of the document was found to be yet."""

    def __init__(self, entries: Sequence[Seen], unread: Collection[str]) -> None:
        self._entries = entries
        self._free = {seen.key: seen for seen in entries}
        # Of two that went by the same, the one that the feed still shows
        self._names = {seen.known_by or seen.key: seen.key for seen in reversed(entries)}
        self._by_link = {seen.link_key: seen.key for seen in reversed(entries) if seen.link_key}
        self._met: dict[str, str] = {}
        self._left: dict[str, tuple[Entry, Identity]] = {}
        self._steady = False  # something that the feed showed last goes by the same key
        self._renamed = 0  # how much of what the feed showed last goes by other keys
        unread_ones = [seen for seen in entries if seen.mark in unread] if unread else []
        self._unread = {seen.known_by or seen.key: seen for seen in unread_ones}
        for seen in unread_ones:
            del self._free[seen.key]
            self._steady = self._steady or seen.gone_at == self._last

    def go_over(self, shown: _Shown) -> dict[str, str]:
        self._go_by_keys(shown)
        ways = (self._as_it_was, self._edited, self._at_its_link, self._same_words, self._few_words)
        for way in ways:
            if not self._left or not self._free:
                break
            self._go(way)
        return self._met

    def _go_by_keys(self, shown: _Shown) -> None:
        for entry, identity in shown:
            name = identity.key
            if name in self._met:
                continue
            if name in self._unread and is_known(self._unread[name], identity.content):
                self._met[name] = self._unread[name].key  # the document repeats it
                continue
            seen = self._free.get(self._names.get(name, ""))
            if seen is not None and is_known(seen, identity.content):
                self._meet(name, seen)
                self._left.pop(name, None)
            else:
                self._left.setdefault(name, (entry, identity))

    def _go(self, way: Callable[[Entry, Identity], Seen | None]) -> None:
        for name, (entry, identity) in list(self._left.items()):
            seen = way(entry, identity)
            if seen is not None:
                self._meet(name, seen)
                del self._left[name]

    def _meet(self, name: str, seen: Seen) -> None:
        del self._free[seen.key]
        self._met[name] = seen.key
        if seen.gone_at == self._last:
            self._steady = self._steady or name == (seen.known_by or seen.key)
            self._renamed += 1

    def _called(self, *names: str) -> Iterator[Seen]:
        """What goes by these keys, and what did when it was new."""
        for name in names:
            for key in (self._names.get(name), name):
                if key is not None and key in self._free:
                    yield self._free[key]

    def _as_it_was(self, entry: Entry, identity: Identity) -> Seen | None:
        for seen in self._called(*other_keys(entry, identity.content)):
            if is_known(seen, identity.content):
                return seen
        linked = self._linked(identity)
        return linked if linked and is_known(linked, identity.content) else None

    def _edited(self, entry: Entry, identity: Identity) -> Seen | None:
        for seen in self._called(identity.key):
            if not _is_replaced(seen, entry, identity):
                return seen
        for seen in self._called(*other_keys(entry, identity.content)):
            if _is_version(seen, entry, identity):
                return seen
        return None

    def _at_its_link(self, entry: Entry, identity: Identity) -> Seen | None:
        seen = self._linked(identity)
        if seen is None:
            return None
        by_link = not entry.id or not {seen.key, seen.known_by}.isdisjoint(keys_alone(entry))
        meaningless = not self._steady and self._renamed > 1
        same = same_title(seen.content, identity.content) or has_text(seen.sketch, entry)
        return seen if by_link or meaningless or same else None

    def _same_words(self, entry: Entry, identity: Identity) -> Seen | None:
        """What tells the very same as an entry before, where nothing goes by its old key."""
        del entry
        if self._steady:
            return None
        long = self._free.get(self._by_print.get(identity.print_key, ""))
        if long is not None and (long.gone_at == self._last or not _is_moved(long, identity)):
            return long
        seen = self._free.get(self._leavers.by_content.get(identity.content, ""))
        if seen is None or self._contents[identity.content] > 1:
            return None
        alone = len(self._leavers.by_content.keys() & self._contents.keys()) < 2
        return None if alone and _is_moved(seen, identity) else seen

    def _few_words(self, entry: Entry, identity: Identity) -> Seen | None:
        """What holds most of an entry that left, where there are no ids: under its title, at a link
        with the same numbers, or with all of its text."""
        if entry.id:
            return None
        left = self._leavers
        titled = None if identity.link_key else left.by_title.get(title_of(identity.content))
        numbers = numbers_of(canonical_link(entry.link))
        for key in (titled, left.by_numbers.get(numbers) if numbers else None):
            seen = self._free.get(key or "")
            if seen is not None and is_alike(seen.sketch, entry):
                return seen
        text = text_key(entry) if len(self._leavers.by_content) > 1 else ""
        return self._free.get(left.by_text.get(text, "")) if text else None

    def _linked(self, identity: Identity) -> Seen | None:
        return self._free.get(self._by_link.get(identity.link_key, ""))

    @cached_property
    def _last(self) -> float | None:
        """When what the feed showed last left it; None: it still stands there."""
        if not self._entries or self._entries[0].gone_at is None:
            return None
        return max(seen.gone_at for seen in self._entries if seen.gone_at is not None)

    @cached_property
    def _by_print(self) -> dict[str, str]:
        return {
            seen.print_key: seen.key for seen in reversed(self._free.values()) if seen.print_key
        }

    @cached_property
    def _contents(self) -> Counter[str]:
        return Counter(identity.content for _, identity in self._left.values())

    @cached_property
    def _leavers(self) -> _Leavers:
        return _Leavers([seen for seen in self._entries if seen.gone_at == self._last])


class _Leavers:
    """What the feed showed last, each by what no other one has."""

    def __init__(self, standing: Sequence[Seen]) -> None:
        def by(trait: Callable[[Seen], str]) -> dict[str, str]:
            counts = Counter(map(trait, standing))
            return {trait(seen): seen.key for seen in standing if counts[trait(seen)] == 1}

        self.by_content = by(lambda seen: seen.content)
        self.by_title = by(lambda seen: title_of(seen.content))
        self.by_numbers = by(lambda seen: seen.sketch.partition(".")[0])
        self.by_text = by(lambda seen: "".join(seen.sketch.split(".")[1:2]))


def _is_moved(seen: Seen, identity: Identity) -> bool:
    return bool(seen.link_key and identity.link_key) and seen.link_key != identity.link_key


def _is_replaced(seen: Seen, entry: Entry, identity: Identity) -> bool:
    """Whether an id has come to stand for another article."""
    if not entry.id or not _is_moved(seen, identity):
        return False
    return is_other(seen.content, seen.sketch, entry, identity.content)


def _is_version(seen: Seen, entry: Entry, identity: Identity) -> bool:
    """Whether, of several articles under one id or link, this is the one."""
    if seen.link_key and seen.link_key == identity.link_key:
        return True
    return bool(seen.sketch) and not is_other(seen.content, seen.sketch, entry, identity.content)
