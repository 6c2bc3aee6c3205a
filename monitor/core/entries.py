"""The entries of one document, judged one after another against what the feed remembers.

    known (nothing to do) | edited | new  ->  matches  ->  alerts that are due  ->  deliveries
                                          ->  set aside until its own page is there  ->  matches …

Every entry that is new or edited gets a Decision with its reason. This module must not know of
fetching, schedules or storage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from monitor.core.alerts.ids import delivery_id
from monitor.core.alerts.story import raise_alert, tell
from monitor.core.feeds import near
from monitor.core.feeds.hearsay import Hearsay
from monitor.core.feeds.identity import (
    article_id,
    canonical_link,
    digest,
    key_of_its_own,
    keys_alone,
)
from monitor.core.feeds.late import has_room, set_aside, wants_page
from monitor.core.feeds.recall import Recalled, is_known, recall
from monitor.core.feeds.sketch import sketch_of
from monitor.core.feeds.stories import story_of
from monitor.core.rules.matcher import RuleSet
from monitor.model import (
    Alert,
    Archived,
    Article,
    Decision,
    Delivery,
    Entry,
    Feed,
    FeedInfo,
    FeedState,
    Identity,
    Late,
    Match,
    ParsedFeed,
    Polling,
    Reading,
    Seen,
    Verdict,
)

MOST_LEFT: Final = 20_000  # entries that left a feed: 7 MB of its file
MOST_PAST: Final = 8  # versions of an entry; of one that changes more often the last ones
_AHEAD: Final = 600.0  # seconds that a server's clock may be fast; a wrong zone is 900 at least


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for every check of one configuration.

    `alerted` gives the rules that lately alerted on any of some cross-feed keys, `teller` the id of
    an article that did ("" for none); `settled` says whether a delivery needs no more memory in its
    feed; `muted` are rules that must not be sent.
    """

    rules: RuleSet
    channels: tuple[str, ...]
    polling: Polling
    seen: float
    alerted: Callable[[Iterable[str]], frozenset[str]]
    settled: Callable[[Delivery], bool]
    muted: frozenset[str] = frozenset()
    teller: Callable[[Iterable[str]], str] = lambda _: ""


NOTHING: Final = Reading(ParsedFeed(""), ())  # for entries that stand in no document


@dataclass(slots=True)
class Judge:
    """The entries of one document, taken one after another against what the feed remembers."""

    feed: Feed
    state: FeedState
    around: Circumstances
    now: float
    reading: Reading = NOTHING
    identities: Sequence[Identity] = ()
    known: dict[str, Seen] = field(init=False)
    links: dict[str, str] = field(init=False)  # with the keys of the entries at them
    links_move: bool = field(init=False)
    by_mark: dict[str, str] = field(init=False)
    late: dict[str, Late] = field(init=False)  # by the key of the entry
    recalled: Recalled = field(init=False)
    hearsay: Hearsay = field(init=False)
    present: dict[str, Seen] = field(default_factory=dict)
    alerts: list[Alert] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    archived: dict[str, Archived] = field(default_factory=dict)  # by the article's id
    by_article: dict[str, str] = field(default_factory=dict)  # keys; made when one is asked for
    found: list[datetime | None] = field(default_factory=list)  # when new ones came out
    new_articles: int = 0
    skipped: int = 0

    def __post_init__(self) -> None:
        around = self.around
        self.hearsay = Hearsay(self.feed, self.now, around.alerted, around.teller)
        self.known = {
            seen.key: replace(seen, near="")
            if seen.near and near.is_past(seen.near, self.now)
            else seen
            for seen in self.state.entries
        }
        self.links = {seen.link_key: seen.key for seen in self.state.entries if seen.link_key}
        self.by_mark = {seen.mark: seen.key for seen in self.state.entries if seen.mark}
        self.late = {each.key: each for each in self.state.late}
        unread = frozenset(item.mark for item in self.reading.items if item.entry is None)
        shown = list(zip(self.reading.feed.entries, self.identities, strict=True))
        self.recalled = recall(
            self.state.entries, unread, shown[::-1], self.now, partial=self.reading.partial
        )
        self.links_move = any(map(self._has_anothers_link, self.identities))

    def _has_anothers_link(self, identity: Identity) -> bool:
        """Whether one that we know stands at the link of another one: links are places then."""
        key, owner = self.recalled.keys.get(identity.key), self.links.get(identity.link_key)
        return key is not None and owner is not None and key != owner

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
        """Takes the next entry: known, edited (perhaps in this very document), or new. `first` and
        `weak` as in Item."""
        name = identity.key
        before = self._remembered(name)
        if before is None:
            self._new(entry, identity, mark, first=first or not self.state.polled)
            return
        mark = "" if identity.shared else mark
        before = replace(
            before, gone_at=None, mark=mark, known_by="" if name == before.key else name
        )
        identity = replace(identity, key=before.key)
        if weak:
            self.present[before.key] = before
        elif is_known(before, identity.content):
            self._known(entry, identity, before)
        else:
            self._edited(entry, identity, before)

    def _remembered(self, name: str) -> Seen | None:
        """What we know of the entry that goes by this key; from higher up in this document too."""
        key = self.recalled.keys.get(self.recalled.repeats.get(name, name))
        if key is None:
            return None
        seen = self.known.pop(key, None)
        return self.present[key] if seen is None else seen

    def _known(self, entry: Entry, identity: Identity, seen: Seen) -> None:
        if identity.content != seen.content:  # what we know of it is newer
            self.present[seen.key] = seen
            return
        if not seen.sketch or identity.link_key != seen.link_key:
            seen = _sketched(seen, entry)
        self._keep(identity, seen)

    def _new(self, entry: Entry, identity: Identity, mark: str, *, first: bool) -> None:
        name, identity = identity.key, self._of_its_own(entry, identity)
        self.recalled.keys[name] = identity.key
        seen = Seen(
            key=identity.key,
            link_key=identity.link_key,
            print_key=identity.print_key,
            content=identity.content,
            first_seen=self.now,
            mark="" if identity.shared else mark,
            known_by="" if name == identity.key else name,
        )
        if first and not self._fresh(entry):
            matches = self._match(self._article(entry, seen), seen)
            names = tuple(match.rule.name for match in matches)
            self.skipped += 1
            seen = replace(_sketched(seen, entry, names), spent=names, verdict=Verdict.OLD)
            self._keep(identity, seen)
            self._decide(entry, Verdict.OLD, names)
            return
        self.new_articles += 1
        self.found.append(entry.published)
        if not self._set_aside(entry, identity, seen):
            self._judge_new(self._article(entry, seen), identity, seen)

    def _judge_new(self, article: Article, identity: Identity, seen: Seen) -> tuple[str, ...]:
        matches = self._match(article, seen)
        names = tuple(match.rule.name for match in matches)
        alike = self.hearsay.rules_alike(article) if matches else frozenset()
        due = self._due(matches, identity, seen, alike=alike)
        nearly = {match.rule.name: self.hearsay.nearly(match, article) for match in due}
        due = [match for match in due if not nearly[match.rule.name]]
        spent = tuple(name for name in names if name not in {match.rule.name for match in due})
        verdict = Verdict.TOLD_ELSEWHERE if spent else Verdict.NO_RULE
        verdict = Verdict.TOLD_NEARLY if any(nearly.values()) else verdict
        seen = replace(seen, spent=spent) if spent else seen
        if spent and not due:
            seen = self._of_another(article, identity, seen, filter(None, nearly.values()))
        return self._raise(article, identity, seen, due, names, verdict)

    def _of_its_own(self, entry: Entry, identity: Identity) -> Identity:
        """An identity that no other article in this feed has, for one that shares its id or link
        with one that we remember."""
        taken = self.known if identity.key in self.known else self.present
        if identity.key in taken:
            taken = {**self.known, **self.present}
            key = key_of_its_own(entry, identity, taken)
            identity = replace(identity, key=key, shared=True)
        if identity.link_key in self.links or self.links_move:
            identity = replace(identity, link_key="", shared=True)
        return identity

    def _edited(self, entry: Entry, identity: Identity, before: Seen) -> None:
        seen = replace(
            before,
            content=identity.content,
            revision=before.revision + 1,
            past=(*before.past, before.content)[-MOST_PAST:],
            sketch="",
        )
        old = before.verdict is Verdict.OLD  # and so is what its page says
        if old and not self.state.polled:
            self._edited_at_first(entry, identity, seen)
        elif old or not self._set_aside(entry, identity, seen):
            self.late.pop(seen.key, None)
            self._judge_edited(self._article(entry, seen), identity, replace(seen, page=""))

    def _edited_at_first(self, entry: Entry, identity: Identity, seen: Seen) -> None:
        """A later version in the document of a first poll."""
        matches = self._match(self._article(entry, seen), seen)
        names = (match.rule.name for match in matches)
        seen = replace(seen, spent=tuple(dict.fromkeys((*seen.spent, *names))))
        self._keep(identity, _sketched(seen, entry))

    def _judge_edited(self, article: Article, identity: Identity, seen: Seen) -> tuple[str, ...]:
        matches = self._match(article, seen)
        names = tuple(match.rule.name for match in matches)
        due = self._due(matches, identity, seen)
        verdict = Verdict.TOLD_BEFORE if matches else Verdict.NO_RULE
        return self._raise(article, identity, seen, due, names, verdict)

    def _judge_again(
        self, article: Article, identity: Identity, seen: Seen, before: tuple[str, ...]
    ) -> tuple[str, ...]:
        """For a version that was judged on less of its text, by which the rules `before` alerted:
        what was said of it stands, unless more rules fire."""
        matches = self._match(article, seen)
        due = self._due(matches, identity, seen, before)
        if not due:
            self._keep(identity, seen)
            return ()
        names = tuple(match.rule.name for match in matches)
        return self._raise(article, identity, seen, due, names, Verdict.TOLD_BEFORE)

    def _match(self, article: Article, seen: Seen) -> tuple[Match, ...]:
        """The rules that fire on an article, which is archived with them."""
        matches = self.around.rules.match(article)
        self._archive(article, seen, matches)
        return matches

    def _archive(self, article: Article, seen: Seen, matches: Sequence[Match] = ()) -> None:
        self.archived[article.id] = Archived(
            article,
            self.feed.id,
            seen.first_seen,
            seen.link_key,
            seen.print_key,
            tuple(match.rule.name for match in matches),
        )

    def _due(
        self,
        matches: Sequence[Match],
        identity: Identity,
        seen: Seen,
        before: tuple[str, ...] = (),
        alike: frozenset[str] = frozenset(),
    ) -> list[Match]:
        """Those that are to alert: once each, or with on_change once for each version, by which
        the rules `before` alerted already. `alike` are those that told the same story."""
        told = self._told(identity).union(seen.fired, alike)
        known = [match.rule.name for match in matches if match.rule.name in told]
        self.hearsay.pass_on(identity.across, known)
        once = again = told.union(seen.spent)
        if seen.revision:
            again = self.hearsay.rules(_change_keys(identity, seen.revision)).union(before)
        return [m for m in matches if m.rule.name not in (again if m.rule.on_change else once)]

    def _set_aside(self, entry: Entry, identity: Identity, seen: Seen) -> bool:
        """Leaves an entry for when its page is there, where that is wanted."""
        if not wants_page(self.feed, entry, identity) or not has_room(self.late.values()):
            return False
        article = self._article(entry, seen)
        self.late[seen.key] = set_aside(article, seen.key, seen.revision, self.now)
        self._archive(article, seen)
        seen = _sketched(seen, entry, (Verdict.AWAITED,))  # who knows which rules its page fits
        self._keep(identity, replace(seen, verdict=Verdict.AWAITED, page=Verdict.AWAITED.value))
        self._decide(entry, Verdict.AWAITED, ())
        return True

    def set_aside(self, late: Late, article: Article, page: str) -> None:
        """Takes an entry that was set aside: on its page, or on what the feed says as long as that
        is not there. `page` is what is to be remembered of the page."""
        seen = self.known.pop(late.key, None) or Seen(late.key, "", "", "", late.since)
        identity = Identity(seen.key, seen.link_key, seen.print_key, seen.content)
        seen = replace(seen, page=page)
        if late.matched:
            fired = self._judge_again(article, identity, seen, late.fired)
        elif late.revision:
            fired = self._judge_edited(article, identity, seen)
        else:
            fired = self._judge_new(article, identity, seen)
        self.late[late.key] = replace(late, matched=True, fired=(*late.fired, *fired))

    def backfill(self, article: Article, matches: Sequence[Match]) -> None:
        """Takes an article that is remembered, on which rules fire that are new. They alert where
        they had not before, here or in another feed; not on what was undated at a first poll, which
        may be of any age."""
        seen = self.known.pop(self._key_of(article.id), None)
        if seen is None:  # forgotten: who knows what it has alerted
            return
        old = seen.verdict is Verdict.OLD
        identity = Identity(seen.key, seen.link_key, seen.print_key, seen.content)
        told = self._told(identity).union(seen.fired, () if old else seen.spent)
        due = [match for match in matches if match.rule.name not in told]
        if not due or (old and article.published is None):
            self.present[seen.key] = seen
            return
        names = tuple(match.rule.name for match in matches)
        before = len(self.deliveries)
        self._raise(article, identity, seen, due, names, Verdict.TOLD_BEFORE)
        made = (replace(each, backfilled=True) for each in self.deliveries[before:])
        self.deliveries[before:] = made

    def _key_of(self, ident: str) -> str:
        """The key of the entry that has this article's id."""
        if not self.by_article:
            self.by_article.update((article_id(self.feed.id, key), key) for key in self.known)
        return self.by_article.get(ident, "")

    def _raise(
        self,
        article: Article,
        identity: Identity,
        seen: Seen,
        due: Sequence[Match],
        names: tuple[str, ...],
        otherwise: Verdict,
    ) -> tuple[str, ...]:
        """Records the alerts that are due on an entry and makes their deliveries. Gives the names
        of their rules."""
        seen = seen if seen.sketch else _sketched(seen, article, names)
        if not due:
            self._keep(identity, replace(seen, verdict=otherwise))
            self._decide(article, otherwise, names)
            return ()
        fired = tuple(match.rule.name for match in due)
        made = {
            match.rule.name: raise_alert(
                match, article, article.id, seen.revision if match.rule.on_change else 0
            )
            for match in due
        }
        self.alerts.extend(made.values())
        if not seen.revision:
            seen = replace(seen, story=story_of(article, self.now))
            self.hearsay.tell_story(seen.story, fired, article.id)
            seen = replace(seen, near=self.hearsay.tell_nearly(due, article))
        keys = (*identity.across, *_change_keys(identity, seen.revision))
        self.hearsay.tell(keys, fired, article.id)
        heard = [match for match in due if match.rule.name not in self.around.muted]
        made_now = self._deliver(article, heard, made, seen.sent) if heard else {}
        verdict = Verdict.ALERTED if heard else Verdict.MUTED
        fired_so_far = tuple(dict.fromkeys((*seen.fired, *fired)))
        sent = {**made_now, **seen.sent}
        self._keep(identity, replace(seen, fired=fired_so_far, verdict=verdict, sent=sent))
        self._decide(article, verdict, names)
        return fired

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
        return self.hearsay.rules(identity.across)

    def _of_another(
        self, article: Article, identity: Identity, seen: Seen, prints: Iterable[str]
    ) -> Seen:
        """Notes of what another feed's article alerted for that it did."""
        own = {article_id(self.feed.id, key) for key in (*self.present, *self.known)}
        outlet = self.hearsay.in_place_of(article, identity.across, prints, own)
        return replace(seen, outlet=outlet)

    def _keep(self, identity: Identity, seen: Seen) -> None:
        if (identity.link_key, identity.print_key) != (seen.link_key, seen.print_key):
            seen = replace(seen, link_key=identity.link_key, print_key=identity.print_key)
        self.present[seen.key] = seen

    def _decide(self, article: Entry | Article, verdict: Verdict, names: tuple[str, ...]) -> None:
        self.decisions.append(Decision(article.title, article.link, verdict, names))

    def _fresh(self, entry: Entry) -> bool:
        dated = dated_at(entry, self.now, self.now)
        age = self.around.polling.first_poll_max_age
        return dated is not None and dated.timestamp() >= self.now - age

    def _article(self, entry: Entry, seen: Seen) -> Article:
        return Article(
            id=article_id(self.feed.id, seen.key),
            title=entry.title,
            text=entry.text,
            link=entry.link,
            author=entry.author,
            categories=entry.categories,
            published=dated_at(entry, seen.first_seen, self.now),
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


def dated_at(entry: Entry, first_seen: float, now: float) -> datetime | None:
    """When an entry came out, as it says itself. A date in the future, from a wrong clock or zone
    or for an event to come, is not believed: then it came out no later than it was first seen."""
    dated = entry.published or entry.updated
    if dated is None or dated.timestamp() <= now + _AHEAD:
        return dated
    return datetime.fromtimestamp(int(first_seen), UTC)


def marks(state: FeedState) -> frozenset[str]:
    """The marks of the items that need not be read again: not of those that went by what something
    else goes by, which takes the whole document to tell them apart."""
    entries = state.entries
    renamed = [seen.known_by for seen in entries if seen.known_by]
    if not renamed:  # as in nearly all feeds
        return frozenset(seen.mark for seen in entries if seen.mark)
    names = Counter([*renamed, *(seen.key for seen in entries)])
    links = Counter(seen.link_key for seen in entries if seen.link_key)
    return frozenset(
        seen.mark
        for seen in entries
        if seen.mark and max(names[seen.key], names[seen.known_by], links[seen.link_key]) == 1
    )


def needs_whole(reading: Reading, state: FeedState) -> bool:
    """Whether an entry that was read might be the same as one that was not, or share its id or link
    with it, so that only the whole document can tell what they are known by."""
    unread = {item.mark for item in reading.items if item.entry is None}
    if not unread:
        return False
    seen = {each.mark: each for each in state.entries if each.mark in unread}
    if len(seen) < len(unread):  # the memory is another one than that the marks came from
        return True
    links = [each.link_key for each in seen.values() if each.link_key]
    names = [each.known_by or each.key for each in seen.values()]
    if len({*links}) < len(links) or len({*names}) < len(names):  # they have left and come back
        return True
    taken = {*links, *names, *(each.key for each in seen.values())}
    own = [keys_alone(entry) for entry in reading.feed.entries]
    return any(not keys or not taken.isdisjoint(keys) for keys in own)


def _sketched(seen: Seen, entry: Entry | Article, rules: Sequence[str] = ()) -> Seen:
    """What is remembered of an entry, with a sketch where one of these rules matches it or one
    alerted: else no rule would be held back by it, whatever other article it is taken for."""
    if not (rules or seen.fired or seen.spent):
        return seen
    return replace(seen, sketch=sketch_of(entry, canonical_link(entry.link)))


def _change_keys(identity: Identity, revision: int) -> tuple[str, ...]:
    """The cross-feed key of one edit, so that twin feeds tell of it once."""
    return (digest("edit", identity.print_key, str(revision)),) if identity.print_key else ()
