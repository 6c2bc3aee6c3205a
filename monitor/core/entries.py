"""The entries of one document, judged one after another against what the feed remembers.

    known (nothing to do) | edited | new  ->  matches  ->  alerts that are due  ->  deliveries

Every entry that is new or edited gets a Decision with its reason. This module must not know of
fetching, schedules or storage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from monitor.core.alerts.ids import delivery_id
from monitor.core.alerts.story import raise_alert, tell
from monitor.core.feeds.identity import (
    Identity,
    article_id,
    digest,
    keys_alone,
    other_keys,
    same_title,
)
from monitor.core.rules.matcher import RuleSet
from monitor.model import (
    Alert,
    Article,
    Decision,
    Delivery,
    Entry,
    Feed,
    FeedInfo,
    FeedState,
    Match,
    Polling,
    Reading,
    Seen,
    Verdict,
)

MOST_LEFT: Final = 20_000  # entries that left a feed: 5 MB of its file


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for every check of one configuration.

    `alerted` gives the rules that lately alerted on any of some cross-feed keys; `settled` says
    whether a delivery needs no more memory in its feed; `muted` are rules that must not be sent.
    """

    rules: RuleSet
    channels: tuple[str, ...]
    polling: Polling
    seen: float
    alerted: Callable[[Iterable[str]], frozenset[str]]
    settled: Callable[[Delivery], bool]
    muted: frozenset[str] = frozenset()


@dataclass(slots=True)
class Judge:
    """The entries of one document, taken one after another against what the feed remembers."""

    feed: Feed
    state: FeedState
    around: Circumstances
    now: float
    known: dict[str, Seen] = field(init=False)
    by_link: dict[str, str] = field(init=False)
    by_mark: dict[str, str] = field(init=False)
    present: dict[str, Seen] = field(default_factory=dict)
    alerts: list[Alert] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    alerted: dict[str, tuple[str, ...]] = field(default_factory=dict)
    found: list[datetime | None] = field(default_factory=list)  # when new ones came out
    new_articles: int = 0
    skipped: int = 0

    def __post_init__(self) -> None:
        self.known = {seen.key: seen for seen in self.state.entries}
        self.by_link = {seen.link_key: seen.key for seen in self.state.entries if seen.link_key}
        self.by_mark = {seen.mark: seen.key for seen in self.state.entries if seen.mark}

    def item(self, mark: str) -> None:
        """Takes the next item, where its mark is known and it was not read: it is as it was."""
        seen = self.known.pop(self.by_mark[mark], None)
        if seen is not None:  # else it stands in the document twice
            self.present[seen.key] = seen if seen.gone_at is None else replace(seen, gone_at=None)

    def entry(
        self,
        entry: Entry,
        identity: Identity,
        mark: str = "",
        *,
        first: bool = False,
        weak: bool = False,
    ) -> None:
        """Takes the next entry: already seen in this document, known, edited, or new. `first` and
        `weak` as in Item."""
        if identity.key in self.present:
            return
        before = self._remembered(entry, identity)
        if before is None and identity.link_key in self.by_link:
            # shared by entries with different ids
            identity = replace(identity, link_key="", shared=True)
        mark = "" if identity.shared else mark
        if before is None:
            self._new(entry, identity, mark, first=first or not self.state.polled)
        elif weak:
            self._keep(replace(identity, content=before.content), replace(before, gone_at=None))
        elif before.content == identity.content:
            self._keep(identity, replace(before, gone_at=None, mark=mark))
        else:
            self._edited(entry, identity, replace(before, mark=mark))

    def _remembered(self, entry: Entry, identity: Identity) -> Seen | None:
        """What we know of this entry. It goes by another key where its id or link came to be
        shared, or is no longer. Where a publisher changes ids, an article with the link of a
        remembered one and its title or whole text is that article still."""
        if (seen := self.known.pop(identity.key, None)) is not None:
            return seen
        for key in other_keys(entry, identity.content) if self.known else ():
            seen = self.known.get(key)
            if seen is not None and seen.content == identity.content:
                return self.known.pop(key)
        old = self.known.get(self.by_link.get(identity.link_key, ""))
        if old is None:
            return None
        same = old.content == identity.content or same_title(old.content, identity.content)
        return self.known.pop(old.key) if same or not entry.id else None

    def _new(self, entry: Entry, identity: Identity, mark: str, *, first: bool) -> None:
        matches = self.around.rules.match(self._article(entry, identity))
        names = tuple(match.rule.name for match in matches)
        seen = Seen(
            key=identity.key,
            link_key=identity.link_key,
            print_key=identity.print_key,
            content=identity.content,
            first_seen=self.now,
            mark=mark,
        )
        if first and not self._fresh(entry):
            self.skipped += 1
            self._keep(identity, replace(seen, spent=names, verdict=Verdict.OLD))
            self._decide(entry, Verdict.OLD, names)
            return
        self.new_articles += 1
        self.found.append(entry.published)
        told = self._told(identity)
        due = [match for match in matches if match.rule.name not in told]
        spent = tuple(name for name in names if name in told)
        verdict = Verdict.TOLD_ELSEWHERE if spent else Verdict.NO_RULE
        seen = replace(seen, spent=spent) if spent else seen
        self._raise(entry, identity, seen, due, names, verdict)

    def _edited(self, entry: Entry, identity: Identity, before: Seen) -> None:
        matches = self.around.rules.match(self._article(entry, identity))
        names = tuple(match.rule.name for match in matches)
        seen = replace(before, content=identity.content, gone_at=None, revision=before.revision + 1)
        once = self._told(identity).union(before.fired, before.spent)
        again = self._alerted(_change_keys(identity, seen.revision))
        due = [m for m in matches if m.rule.name not in (again if m.rule.on_change else once)]
        verdict = Verdict.TOLD_BEFORE if matches else Verdict.NO_RULE
        self._raise(entry, identity, seen, due, names, verdict)

    def _raise(
        self,
        entry: Entry,
        identity: Identity,
        seen: Seen,
        due: Sequence[Match],
        names: tuple[str, ...],
        otherwise: Verdict,
    ) -> None:
        """Records the alerts that are due on an entry and makes their deliveries."""
        if not due:
            self._keep(identity, replace(seen, verdict=otherwise))
            self._decide(entry, otherwise, names)
            return
        fired = tuple(match.rule.name for match in due)
        article = self._article(entry, identity)
        made = {
            match.rule.name: raise_alert(
                match, article, article.id, seen.revision if match.rule.on_change else 0
            )
            for match in due
        }
        self.alerts.extend(made.values())
        for key in (*identity.across, *_change_keys(identity, seen.revision)):
            self.alerted[key] = tuple(dict.fromkeys((*self.alerted.get(key, ()), *fired)))
        heard = [match for match in due if match.rule.name not in self.around.muted]
        made_now = self._deliver(article, heard, made, seen.sent) if heard else {}
        verdict = Verdict.ALERTED if heard else Verdict.MUTED
        fired_so_far = tuple(dict.fromkeys((*seen.fired, *fired)))
        sent = {**made_now, **seen.sent}
        self._keep(identity, replace(seen, fired=fired_so_far, verdict=verdict, sent=sent))
        self._decide(entry, verdict, names)

    def _deliver(
        self,
        article: Article,
        heard: Sequence[Match],
        made: Mapping[str, Alert],
        before: Mapping[str, str],
    ) -> dict[str, str]:
        """Makes the deliveries and gives their ids by channel; `before` are the ids of the first
        ones that told of this article."""
        locations = self.around.rules.locations(article, heard)
        ids = {}
        for channel in self.around.channels:
            here = [m for m in heard if not m.rule.channels or channel in m.rule.channels]
            if not here:
                continue
            alerts = tuple(made[match.rule.name] for match in here)
            story = tell(
                article, here, article_id=article.id, source=self.feed.name, locations=locations
            )
            ids[channel] = delivery_id(article.id, channel, [alert.id for alert in alerts])
            self.deliveries.append(
                Delivery(
                    id=ids[channel],
                    channel=channel,
                    made_at=self.now,
                    story=story,
                    alerts=alerts,
                    follows=before.get(channel),
                    doubtful=self.state.doubtful,
                )
            )
        return ids

    def _told(self, identity: Identity) -> frozenset[str]:
        """The rules that lately alerted on this article, in another feed or higher up in this."""
        return self._alerted(identity.across)

    def _alerted(self, keys: Sequence[str]) -> frozenset[str]:
        here = (rule for key in keys for rule in self.alerted.get(key, ()))
        return self.around.alerted(keys).union(here)

    def _keep(self, identity: Identity, seen: Seen) -> None:
        keys = (identity.key, identity.link_key, identity.print_key)
        if keys != (seen.key, seen.link_key, seen.print_key):
            seen = replace(seen, key=keys[0], link_key=keys[1], print_key=keys[2])
        self.present[seen.key] = seen

    def _decide(self, entry: Entry, verdict: Verdict, names: tuple[str, ...]) -> None:
        self.decisions.append(Decision(entry.title, entry.link, verdict, names))

    def _fresh(self, entry: Entry) -> bool:
        dated = entry.published or entry.updated
        age = self.around.polling.first_poll_max_age
        return dated is not None and dated.timestamp() >= self.now - age

    def _article(self, entry: Entry, identity: Identity) -> Article:
        return Article(
            id=article_id(self.feed.id, identity.key),
            title=entry.title,
            text=entry.text,
            link=entry.link,
            author=entry.author,
            categories=entry.categories,
            published=entry.published or entry.updated,
            language=self.feed.language,
            feed=FeedInfo(self.feed.name, self.feed.category, self.feed.language),
        )

    def so_far(self) -> tuple[Seen, ...]:
        """What is remembered where entries are left to take: nothing has left the feed yet."""
        return (*self.present.values(), *self.known.values())

    def remembered(self) -> tuple[Seen, ...]:
        """What the feed shows now, then what it showed within `seen` seconds: of that the newest,
        since a feed that shows other entries at every check would fill the disk."""
        left = (
            replace(seen, gone_at=self.now) if seen.gone_at is None else seen
            for seen in self.known.values()
        )
        kept = [
            s for s in left if s.gone_at is not None and s.gone_at + self.around.seen >= self.now
        ]
        if len(kept) > MOST_LEFT:
            kept = sorted(kept, key=lambda s: s.gone_at or 0.0, reverse=True)[:MOST_LEFT]
        return (*self.present.values(), *kept)


def marks(state: FeedState) -> frozenset[str]:
    """The marks of the items that need not be read again."""
    return frozenset(seen.mark for seen in state.entries if seen.mark)


def needs_whole(reading: Reading, state: FeedState) -> bool:
    """Whether an entry that was read might be the same as one that was not, or share its id or link
    with it, so that only the whole document can tell what they are known by."""
    unread = {item.mark for item in reading.items if item.entry is None}
    if not unread:
        return False
    seen = {each.mark: each for each in state.entries if each.mark in unread}
    if len(seen) < len(unread):  # the memory is another one than that the marks came from
        return True
    taken = {key for each in seen.values() for key in (each.key, each.link_key) if key}
    own = [keys_alone(entry) for entry in reading.feed.entries]
    return any(not keys or not taken.isdisjoint(keys) for keys in own)


def _change_keys(identity: Identity, revision: int) -> tuple[str, ...]:
    """The cross-feed key of one edit, so that twin feeds tell of it once."""
    return (digest("edit", identity.print_key, str(revision)),) if identity.print_key else ()
