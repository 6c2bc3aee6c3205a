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
from typing import NamedTuple

from monitor.core.feeds.identity import (
    canonical_link,
    had_neither,
    id_of,
    is_other,
    is_place,
    keys_alone,
    other_keys,
    same_title,
    tells_much,
    title_of,
)
from monitor.core.feeds.sketch import (
    has_number,
    has_own_number,
    has_text,
    is_alike,
    is_unlike,
    numbers_of,
    says_enough,
    text_key,
)
from monitor.core.text.tokens import words
from monitor.model import Entry, Identity, Seen

_LATELY = 86_400.0  # seconds
_SEVERAL = 3  # words of a title

_Shown = Sequence[tuple[Entry, Identity]]


class Recalled(NamedTuple):
    """Of what the entries of a document are known by: `keys` are those of the remembered entries
    which they are, and `repeats` says of new ones that stand there again as what they stood there
    first. What is in neither is new."""

    keys: dict[str, str]
    repeats: dict[str, str]


def recall(
    entries: Sequence[Seen],
    unread: Collection[str],
    shown: _Shown,
    now: float,
    *,
    partial: bool = False,
) -> Recalled:
    """`shown` are the entries of a document, those that are judged first at the beginning; `unread`
    the marks of the items beside them. `partial`: what is not shown has not left the feed for that,
    so that no new entry stands in its place."""
    return _Recall(entries, unread, now).go_over(shown, partial=partial)


def is_known(seen: Seen, content: str) -> bool:
    """Whether a feed has shown an entry with this content, now or earlier: a copy of the document
    that lay somewhere for a while is no edit."""
    return content == seen.content or content in seen.past


class _Recall:
    """`free` is what no entry of the document was found to be yet."""

    def __init__(self, entries: Sequence[Seen], unread: Collection[str], now: float) -> None:
        self._entries = entries
        self._now = now
        self._remembered = {seen.key: seen for seen in entries}
        self._free = dict(self._remembered)
        # Of two that went by the same, the one that the feed still shows
        entries = sorted(entries, key=lambda seen: seen.gone_at is None)
        self._names = {seen.known_by or seen.key: seen.key for seen in entries}
        self._by_link = {seen.link_key: seen.key for seen in entries if seen.link_key}
        self._met: dict[str, str] = {}
        self._left: dict[str, tuple[Entry, Identity]] = {}
        self._steady = False  # something that the feed showed last goes by the same key
        self._stands = False  # something does that is as it was
        self._renamed = 0  # how much of what the feed showed last was found
        self._shifted = False  # something goes by the key of something else
        self._partial = False
        for seen in entries if unread else ():
            if seen.mark in unread:
                self._meet(seen.known_by or seen.key, seen)

    def go_over(self, shown: _Shown, *, partial: bool) -> Recalled:
        self._go_by_keys(shown)
        self._stands = self._steady
        ways = (self._as_it_was, self._edited, self._at_its_link, self._same_words, self._few_words)
        self._partial = partial
        for way in ways[:3] if partial else ways:
            if self._left and self._free:
                self._go(way)
        return Recalled(self._met, self._go_by_repeats(shown))

    def _go_by_keys(self, shown: _Shown) -> None:
        for entry, identity in shown:
            name = identity.key
            if name in self._met:  # the document repeats it
                continue
            seen = self._free.get(self._names.get(name, ""))
            if seen is not None and self._told(seen, identity):
                self._meet(name, seen)
                self._left.pop(name, None)
            else:
                self._left.setdefault(name, (entry, identity))

    def _go_by_repeats(self, shown: _Shown) -> dict[str, str]:
        """Finds what the document shows again under another id, with the same words and link."""
        met = {
            (identity.link_key, identity.content): identity.key
            for _, identity in (shown if self._left else ())
            if identity.link_key and identity.key in self._met
        }
        repeats = {}
        for name, (_, identity) in self._left.items():
            key = self._by_link.get(identity.link_key, "")
            if key and is_known(self._remembered[key], identity.content):
                self._met[name] = key
            elif identity.link_key:
                first = met.setdefault((identity.link_key, identity.content), name)
                if first in self._met:
                    self._met[name] = self._met[first]
                elif first != name:
                    repeats[name] = first
        return repeats

    def _go(self, way: Callable[[Entry, Identity], Seen | None]) -> None:
        for name, (entry, identity) in list(self._left.items()):
            seen = way(entry, identity)
            if seen is not None:
                self._meet(name, seen)
                del self._left[name]

    def _meet(self, name: str, seen: Seen) -> None:
        del self._free[seen.key]
        self._met[name] = seen.key
        self._shifted = self._shifted or self._names.get(name, seen.key) != seen.key
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
            if self._told(seen, identity):
                return seen
        linked = self._linked(identity)
        if linked and is_known(linked, identity.content):
            return linked
        if self._partial or self._contents[identity.content] > 1:
            return None
        if not _goes_by_words(entry, identity) and identity.key not in self._names:
            return None
        # Its id or link stood for something else, where what it is stood under another one
        return self._free.get(self._recent.get(identity.content, ""))

    def _told(self, seen: Seen, identity: Identity) -> bool:
        """Whether a feed has shown this content as that entry. An id that goes from article to
        article has those before it in its past: where another entry tells that now, it is that."""
        if not is_known(seen, identity.content):
            return False
        if identity.content == seen.content or not _is_moved(seen, identity):
            return True
        return self._free.get(self._recent.get(identity.content, ""), seen) is seen

    def _edited(self, entry: Entry, identity: Identity) -> Seen | None:
        for seen in self._called(identity.key):
            if self._shifted and not self._is_version(seen, entry, identity):
                continue
            if not seen.sketch and self._with_its_text(entry) not in (None, seen):
                continue
            if not self._is_replaced(seen, entry, identity):
                return seen
        for seen in self._called(*other_keys(entry, identity.content)):
            if self._is_version(seen, entry, identity):
                return seen
        return None

    def _at_its_link(self, entry: Entry, identity: Identity) -> Seen | None:
        seen = self._linked(identity)
        if seen is None or self._is_replaced(seen, entry, identity):
            return None
        by_link = not id_of(entry) or not {seen.key, seen.known_by}.isdisjoint(keys_alone(entry))
        return seen if by_link or self._churns or _is_retold(seen, entry, identity) else None

    def _same_words(self, entry: Entry, identity: Identity) -> Seen | None:
        """What tells the very same as an entry before, where it has nothing else to go by, or
        nothing goes by its old key."""
        if not id_of(entry) and not identity.link_key:
            return self._free.get(self._by_content.get(identity.content, ""))
        if self._steady:
            return None
        long = self._free.get(self._by_print.get(identity.print_key, ""))
        if long is not None and (long.gone_at == self._last or not _is_moved(long, identity)):
            return long
        seen = self._free.get(self._recent.get(identity.content, ""))
        if seen is None or self._contents[identity.content] > 1:
            return None
        others = self._renamed + len(self._recent.keys() & self._contents.keys())
        alone = others < 2 and (self._leavers.several or _is_moved(seen, identity))
        return None if alone else seen

    def _few_words(self, entry: Entry, identity: Identity) -> Seen | None:
        """What holds most of an entry that left, where ids say nothing: under its title, at a link
        with the same numbers, or with all of its text; and the headline that was all of it."""
        left, link = self._leavers, canonical_link(entry.link)
        title, numbers = title_of(identity.content), numbers_of(link)
        if tells_much(entry.title):
            bare = self._free.get(left.by_title.get(title, ""))
            if bare is not None and had_neither(bare):
                return bare
        same = self._free.get(left.by_numbers.get(numbers, "")) if has_own_number(link) else None
        if same is not None and (is_alike(same.sketch, entry) or has_text(same.sketch, entry)):
            return same  # where ids are links that tell titles
        odd = self._churns or identity.key in self._names  # what had it is another article
        if id_of(entry) and identity.key in keys_alone(entry) and not odd:
            return None
        by_title = odd or not identity.link_key
        titled = left.by_title.get(title) if by_title else None
        for key in (titled, left.by_numbers.get(numbers) if numbers else None):
            seen = self._free.get(key or "")
            if seen is not None and is_alike(seen.sketch, entry):
                return seen
        return self._with_its_text(entry)

    def _with_its_text(self, entry: Entry) -> Seen | None:
        """The one that was shown last with the very text of an entry, where that says enough."""
        left = self._leavers
        if not left.several or not says_enough(entry.text):
            return None
        return self._free.get(left.by_text.get(text_key(entry), ""))

    def _is_replaced(self, seen: Seen, entry: Entry, identity: Identity) -> bool:
        """Whether an id, or a link that is a place, has come to stand for another article."""
        if _is_moved(seen, identity):
            other = is_other(seen.content, seen.sketch, entry, identity.content)
            return other and id_of(entry) is not None
        # Nothing tells but the words, where one place shows one article after another
        told = entry.text
        if not is_place(entry):
            if seen.link_key or identity.link_key:
                return False
        elif not self._stands:  # else a headline alone may be one that was rewritten
            told = f"{entry.title} {told}"
        is_new = not same_title(seen.content, identity.content)
        return is_new and says_enough(told) and is_unlike(seen.sketch, entry)

    def _is_version(self, seen: Seen, entry: Entry, identity: Identity) -> bool:
        """Whether, of several articles under one id or link, this is the one."""
        if seen.link_key and seen.link_key == identity.link_key:
            return not self._is_replaced(seen, entry, identity)
        return bool(seen.sketch) and not is_other(
            seen.content, seen.sketch, entry, identity.content
        )

    @property
    def _churns(self) -> bool:
        """Whether the publisher has given everything other keys, or other things the same: they
        mean nothing then."""
        return self._shifted or (not self._steady and self._renamed > 1)

    def _linked(self, identity: Identity) -> Seen | None:
        return self._free.get(self._by_link.get(identity.link_key, ""))

    @cached_property
    def _last(self) -> float | None:
        """When what the feed showed last left it; None: it still stands there."""
        gone = [seen.gone_at for seen in self._entries if seen.gone_at is not None]
        return max(gone) if len(gone) == len(self._entries) > 0 else None

    @cached_property
    def _by_time(self) -> list[Seen]:
        return sorted(self._free.values(), key=lambda seen: seen.gone_at is None)

    @cached_property
    def _by_print(self) -> dict[str, str]:
        return {seen.print_key: seen.key for seen in self._by_time if seen.print_key}

    @cached_property
    def _by_content(self) -> dict[str, str]:
        return {seen.content: seen.key for seen in self._by_time}

    @cached_property
    def _contents(self) -> Counter[str]:
        return Counter(identity.content for _, identity in self._left.values())

    @cached_property
    def _recent(self) -> dict[str, str]:
        """By content, earlier ones too, what the feed shows or showed lately: two copies of a
        document may come in turns."""
        since = self._now - _LATELY
        lately = [seen for seen in self._entries if seen.gone_at is None or seen.gone_at >= since]
        contents = [
            (content, seen.key) for seen in lately for content in (seen.content, *seen.past)
        ]
        now = _by(lambda seen: seen.content, lately)
        counts = Counter(content for content, _ in {*contents})
        return {content: key for content, key in contents if counts[content] == 1} | now

    @cached_property
    def _leavers(self) -> _Leavers:
        return _Leavers([seen for seen in self._entries if seen.gone_at == self._last])


class _Leavers:
    """What the feed showed last, each by what no other one has."""

    def __init__(self, standing: Sequence[Seen]) -> None:
        self._standing = standing
        self.several = len(standing) > 1

    @cached_property
    def by_title(self) -> dict[str, str]:
        return _by(lambda seen: title_of(seen.content), self._standing)

    @cached_property
    def by_numbers(self) -> dict[str, str]:
        return _by(lambda seen: seen.sketch.partition(".")[0], self._standing)

    @cached_property
    def by_text(self) -> dict[str, str]:
        return _by(lambda seen: "".join(seen.sketch.split(".")[1:2]), self._standing)


def _by(trait: Callable[[Seen], str], entries: Sequence[Seen]) -> dict[str, str]:
    """The keys of those that have a trait that no other has, by that."""
    counts = Counter(map(trait, entries))
    return {trait(seen): seen.key for seen in entries if counts[trait(seen)] == 1}


def _goes_by_words(entry: Entry, identity: Identity) -> bool:
    """Whether an entry has neither a link nor an id of its own, so that another version of it is
    another key."""
    return not identity.link_key and identity.key not in keys_alone(entry)


def _is_moved(seen: Seen, identity: Identity) -> bool:
    return bool(seen.link_key and identity.link_key) and seen.link_key != identity.link_key


def _is_retold(seen: Seen, entry: Entry, identity: Identity) -> bool:
    """Whether an entry has so much in common with one at its link that it is no other article."""
    if same_title(seen.content, identity.content):
        several = len(words(entry.title)) >= _SEVERAL  # not "عاجل", over one flash after another
        return several or is_alike(seen.sketch, entry) or not seen.sketch
    if says_enough(entry.text) and has_text(seen.sketch, entry):
        return True
    return has_number(canonical_link(entry.link)) and is_alike(seen.sketch, entry)
