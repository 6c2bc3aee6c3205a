"""The values that flow through the watcher, in the order of their flow; all of them frozen.

    Feed + FeedRow -> Fetched | NotModified | FetchFailed -> ParsedFeed(Entry) -> Article
        -> Match -> Alert -> Delivery   (all of one check: one FeedUpdate, one commit)
    Delivery -> Message -> Receipt -> LedgerRecord

Units: a moment that we keep is a float, seconds since 1970 UTC; a duration is a float, seconds; a
date that a feed gives is an aware `datetime` in UTC; offsets count code points, ends exclusive.
This module must hold no behaviour beyond what a value says of itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from typing import Final, Literal, NamedTuple

# --- what the operator configures -------------------------------------------------------------


class Severity(StrEnum):
    """How much an alert matters. The order of the members is the order of weight."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


class FullText(StrEnum):
    """Whether an entry is matched on the text of its own page."""

    NEVER = "never"
    AUTO = "auto"  # where the feed gives little of it
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as configured. `id` is a hash of the configured address: see core.feeds.identity.
    `kind` is feed, sitemap or page; `selector` picks the links of a page, by CSS."""

    id: str
    url: str
    name: str
    category: str | None = None
    language: str | None = None
    interval: float = 900.0
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    proxy: str | None = field(default=None, repr=False)
    enabled: bool = True
    kind: str = "feed"
    selector: str | None = None
    full_text: FullText = FullText.NEVER


@dataclass(frozen=True, slots=True)
class Polling:
    """How all feeds are polled; durations in seconds, `max_bytes` on the decoded body."""

    interval: float = 900.0
    min_interval: float = 60.0
    max_hint: float = 3600.0
    timeout: float = 30.0
    concurrency: int = 50
    per_host: int = 2
    first_poll_max_age: float = 86400.0
    max_bytes: int = 10_000_000


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A place as a rule names it: by a name or an id, and where told, inside which other place."""

    name: str
    within: str | None = None


@dataclass(frozen=True, slots=True)
class NearPlace:
    """A circle on the map that a rule listens to: a place, and how many kilometres around it."""

    place: PlaceName
    km: float


class Sense(StrEnum):
    """How sure a rule wants to be that a name is the place."""

    STRICT = "strict"  # fewer false alerts
    NORMAL = "normal"
    ANY = "any"  # whatever the name means


@dataclass(frozen=True, slots=True)
class FeedFilter:
    """Which feeds a rule listens to; an empty tuple asks nothing."""

    names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day in which nothing goes out, by the clock on the wall; over midnight where
    `end` is the earlier one. Alerts of severity `but` and above go out all the same."""

    start: time
    end: time
    but: Severity | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as written by the user. Keys are joined by AND; an empty tuple asks nothing.

    `quiet`, `digest` (a time of the day) and `max_per_day` say when its deliveries wait for
    others: see core.alerts.hold."""

    name: str
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    query: str | None = None
    places: tuple[PlaceName, ...] = ()
    not_places: tuple[PlaceName, ...] = ()
    near: NearPlace | None = None
    sense: Sense = Sense.NORMAL
    fields: tuple[str, ...] = ("title", "text")
    feeds: FeedFilter = FeedFilter()
    severity: Severity = Severity.NORMAL
    channels: tuple[str, ...] = ()  # empty: all channels
    loose: bool = False
    forms: bool = False
    languages: tuple[str, ...] = ()
    on_change: bool = False
    backfill: float = 0.0  # seconds of what is remembered that a new rule is laid on
    enabled: bool = True
    note: str | None = None
    examples_match: tuple[str, ...] = ()
    examples_no_match: tuple[str, ...] = ()
    quiet: Quiet | None = None
    digest: time | None = None
    max_per_day: int | None = None
    near_duplicates: bool = False  # what is nearly the same as what alerted is not sent


class Place(NamedTuple):
    """A row of the gazetteer. `spellings` are in Arabic letters, `kurdish` in those of Kurdish,
    `latin` in Latin ones; `parents` are ids, nearest first. `meanings`: what else the name means in
    texts, as kind:gloss. `population` of people, of the seat where it names a region; `geonames` is
    an id of GeoNames, `iso` a code of ISO 3166; what no source confirms is not `verified`."""

    id: str
    kind: str
    name: str
    spellings: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    country: str | None = None
    lat: float | None = None
    lon: float | None = None
    kurdish: tuple[str, ...] = ()
    latin: tuple[str, ...] = ()
    meanings: tuple[str, ...] = ()
    population: int = 0
    geonames: int | None = None
    iso: str | None = None
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` messages in any `seconds`, and `gap` seconds between two of them."""

    count: int
    seconds: float
    gap: float = 0.0


Limit = tuple[str, Rate]  # what a rate holds for, such as one chat, and the rate


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """A channel with its address, which is a secret: it is never shown. A backlog of more than
    `burst` deliveries goes out in bundles; `rate` None asks for the service's own limit. `secret`
    is the line that a webhook's signing key is made from, `template` the text of a template. What
    waits by `quiet`, `digest` (a time of the day) and `group_wait` (seconds) goes out together: see
    core.alerts.hold."""

    name: str
    url: str = field(repr=False)
    language: str | None = None  # of the labels; None: the configuration's
    burst: int = 20
    rate: Rate | None = None
    secret: str | None = field(default=None, repr=False)
    template: str | None = field(default=None, repr=False)
    quiet: Quiet | None = None
    digest: time | None = None
    group_wait: float = 0.0


# --- from the web to an article -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave us to ask "changed since?" with; opaque, echoed byte for byte. `at` is the
    address that gave them, where a redirect that is not permanent had led there."""

    etag: str | None = None
    last_modified: str | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Hints:
    """How often a document says that it is worth asking for. `every` is in seconds, the longest of
    what it tells (0: nothing); `skip_hours` are hours of the day and `skip_days` days of the week
    (0: Monday), in GMT, at which nothing new comes out."""

    every: float = 0.0
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One sitemap of those that an index lists. `lastmod` is what the index last said of it, as
    written: `dated` is that moment (0: none that can be read), `settled` the moment after which it
    hides no further change. `inside` is the nested index that lists it, "" for the first one.
    `current`: it was read since its lastmod changed; `old`: it is still to be read for the first
    time, though it had long been listed by then. `not_before` holds back one that failed."""

    url: str
    lastmod: str = ""
    dated: float = 0.0
    settled: float = 0.0
    inside: str = ""
    is_index: bool = False
    current: bool = False
    old: bool = False
    read_at: float = 0.0
    validators: Validators = Validators()
    body_hash: str = ""
    failures: int = 0
    not_before: float = 0.0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """What is remembered of a sitemap index: its own validators and hash, when all that is followed
    of it was last read without conditions, and how many sitemaps that is, the foremost of `members`
    (the others were read not long ago). `listed` stands for those that are known by name only."""

    validators: Validators = Validators()
    body_hash: str = ""
    whole_at: float = 0.0
    followed: int = 0
    members: tuple[Part, ...] = ()
    listed: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole answer with a body. `url` is the last of the chain; `moved_to` the address after
    its head of permanent redirects (301, 308), if any; header names are in lower case. `fresh_for`
    is for how many seconds the answer calls itself fresh (0: it does not say). `reading` is there
    where getting a source took reading it: a sitemap, whose `parts` are asked for too, or a page.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes
    validators: Validators
    body_hash: str
    moved_to: str | None = None
    fresh_for: float = 0.0
    reading: Reading | None = None
    parts: Parts | None = None


@dataclass(frozen=True, slots=True)
class NotModified:
    """304. `validators` are those to keep from now on; `fresh_for` and `parts` as in Fetched."""

    validators: Validators
    moved_to: str | None = None
    fresh_for: float = 0.0
    parts: Parts | None = None


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """No usable answer. `kind` is a stable word (dns, refused, timeout, status, too-large, blocked,
    redirects, cut-off, coding, tls, url, not-a-feed …), `detail` a sentence without control
    characters; `retry_after` seconds that the server asked for; `gone` for 410 at
    the address that was asked, or that it has moved to for good."""

    kind: str
    detail: str
    status: int | None = None
    retry_after: float | None = None
    gone: bool = False


FetchOutcome = Fetched | NotModified | FetchFailed


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a feed. Texts are plain, paragraphs parted by a newline; `text` is what rules
    see: the content, plus the summary where it lacks that. `link` is absolute, http(s), or None."""

    id: str | None = None
    title: str = ""
    link: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    author: str | None = None
    summary: str = ""
    text: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """What an entry is known by. `key` in its feed; `link_key` and `print_key` across feeds, ""
    where there is none; `content` changes when the words of the title (before the dot) or the
    text do. `shared`: it would be another one without the other entries of its document."""

    key: str
    link_key: str
    print_key: str
    content: str
    shared: bool = False

    @property
    def across(self) -> tuple[str, ...]:
        """The cross-feed keys that there are."""
        return tuple(key for key in (self.link_key, self.print_key) if key)


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed document as read. `kind` is feedparser's name of the format (rss20, atom10, json11 …);
    `warnings` are sentences about what was odd but survived; `hints` what it says of its rhythm;
    `marks` stand for the items that the entries were read from, one each, or there are none; so do
    `identities` for the entries, where whoever read them has found these already."""

    kind: str
    title: str = ""
    link: str | None = None
    language: str | None = None
    entries: tuple[Entry, ...] = ()
    warnings: tuple[str, ...] = ()
    hints: Hints = Hints()
    marks: tuple[str, ...] = ()
    identities: tuple[Identity, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a document: `mark` stands for its very bytes and what bears on their meaning, ""
    where they cannot be told; `entry` is None where the mark was known, so that it was not read.
    `first`: it may have stood in its source for long, as at a first poll; `weak`: what it says is
    only made up from its link, and corrects nothing."""

    mark: str
    entry: Entry | None
    first: bool = False
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A document of which only the items with unknown marks were read: they are the entries of
    `feed`, and stand among all `items` in their places. `partial`: the source has entries beside
    these, which we did not look at."""

    feed: ParsedFeed
    items: tuple[Item, ...]
    partial: bool = False

    @classmethod
    def whole(cls, feed: ParsedFeed) -> Reading:
        """A document that was read whole."""
        marks = feed.marks or ("",) * len(feed.entries)
        return cls(feed, tuple(map(Item, marks, feed.entries)))


@dataclass(frozen=True, slots=True)
class Unread:
    """A document that takes the slower way, or (with `whole`) what is left of one without the items
    whose marks are `known`. `marks` are then those of all items, `hints` what the whole says of its
    rhythm."""

    body: bytes
    headers: Mapping[str, str]
    url: str
    marks: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()
    hints: Hints = Hints()
    whole: Unread | None = None


@dataclass(frozen=True, slots=True)
class PageText:
    """The main text of an entry's own page: plain, paragraphs parted by a newline."""

    text: str


@dataclass(frozen=True, slots=True)
class PageFailed:
    """No text. `reason` is a sentence; `lasting` where another try would bring none either;
    `retry_after` as in FetchFailed."""

    reason: str
    lasting: bool = False
    retry_after: float | None = None


Page = PageText | PageFailed


@dataclass(frozen=True, slots=True)
class FeedInfo:
    """What an article says of the feed that it came from; rules may filter on it."""

    name: str | None = None
    category: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """What rules are matched against. `feed` None: its source is unknown, and rules that filter
    on feeds take their filter as met. `text_source`: what the text was read from, which is feed or
    (with what the feed says beside it) page, or of a document text, html or json."""

    id: str = ""
    title: str = ""
    text: str = ""
    link: str | None = None
    author: str | None = None
    categories: tuple[str, ...] = ()
    published: datetime | None = None
    language: str | None = None
    feed: FeedInfo | None = None
    text_source: str = "feed"


# --- from an article to what rules say of it ----------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Where in an article something stands: `field` is title or text (author, category too)."""

    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for or against a reading. `what` is a stable word (head_before, person_before,
    places_in_article …), `weight` its share of the score, `text` the words behind it, as the
    article writes them. `place`, in an alert, is the matched word that it speaks for."""

    what: str
    weight: float
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class PlaceReading:
    """A name heard in an article, and whether it is the place: accepted where `score` >= 0.5.
    `id` is the likeliest place of that name, `ids` has those that are about as likely as well;
    `evidence` is what speaks for and against, the heaviest first."""

    place: str
    id: str
    parents: tuple[str, ...]
    score: float
    span: Span
    evidence: tuple[Evidence, ...] = ()
    ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Location:
    """A place that an article speaks of: its name, those of what contains it, nearest first, and
    where it lies, in degrees (WGS 84)."""

    name: str
    containers: tuple[str, ...] = ()
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that fires on an article. `spans` in order of field and start, without repeats;
    `places` are the accepted readings that the rule's places rest on."""

    rule: Rule
    spans: tuple[Span, ...]
    places: tuple[PlaceReading, ...] = ()


class Heard(StrEnum):
    """What became of one word, place or operator of a clause."""

    FOUND = "found"
    MISSING = "missing"  # and nothing comes close
    CLOSE = "close"  # another form of it is there, for example
    DOUBTED = "doubted"  # it is there, and does not count: a place that is not taken for it


class Said(NamedTuple):
    """What is said of one word, place or operator of a clause, by its label, in a sentence."""

    label: str
    heard: Heard
    sentence: str


@dataclass(frozen=True, slots=True)
class ClauseResult:
    """One part of a rule (`any: داعش`, `places: مخمور` …), true or false, and why: in one sentence,
    and what is said of each of its parts, which is nothing where it has none. `lacks` counts the
    things that it lacks of those that it asks for together: of `a AND b`, where neither is, two."""

    clause: str
    matched: bool
    spans: tuple[Span, ...]
    reason: str
    said: tuple[Said, ...] = ()
    lacks: int = 1


@dataclass(frozen=True, slots=True)
class RuleExplanation:
    """All parts of a rule over one article."""

    rule: str
    matched: bool
    clauses: tuple[ClauseResult, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why each rule does or does not match an article, which places were heard in it, and the
    language that it was taken for (None: unknown)."""

    rules: tuple[RuleExplanation, ...]
    places: tuple[PlaceReading, ...]
    language: str | None = None


# --- from a match to a message -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Marked:
    """A text and the parts of it to highlight, as (start, end) pairs in order."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Outlet:
    """Another feed that brought an article later, or one that tells the same, and so made no alert
    of its own. `article` is the id of the one that alerted, `source` the feed's name."""

    article: str
    source: str
    link: str | None
    seen_at: float


@dataclass(frozen=True, slots=True)
class Story:
    """What a message tells of an article: self-contained, so that it outlives the feed's entry.
    `outlets` are those that are known when it is shown; with the feed's memory they are not kept.
    """

    id: str
    title: Marked
    excerpts: tuple[Marked, ...]
    link: str | None
    source: str
    published: float | None
    locations: tuple[Location, ...] = ()
    outlets: tuple[Outlet, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule on one article. `words` are the matched texts, each once; `evidence` speaks for the
    places among them."""

    id: str
    rule: str
    severity: Severity
    words: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """The alerts of one article over one channel. Open as long as it stands in a feed's file and is
    not settled in the channel's ledger. `follows` is the first delivery of the same article over
    the channel, where this one tells of an edit."""

    id: str
    channel: str
    made_at: float
    story: Story
    alerts: tuple[Alert, ...]
    follows: str | None = None
    doubtful: bool = False  # perhaps sent before, by a memory that was lost since
    backfilled: bool = False  # of what was remembered when a rule was new


class Hold(NamedTuple):
    """That a delivery waits by the operator's own wish: until when, and why, as a word and what it
    was set to (quiet 23:00-07:00, digest 08:00, group_wait, max_per_day). Those with the same
    `until` and `rules` go out together then."""

    until: float
    why: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes out as one message: one delivery under its own id, or a bundle of several of one
    channel under an id made of theirs. `deliveries` in the order in which they were made; `apart`:
    a bundle that is to be taken apart instead of sent. `hold` is what they waited for, if they
    did."""

    id: str
    deliveries: tuple[Delivery, ...]
    apart: bool = False
    hold: Hold | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A rendered delivery, or a bundle of them under one id. `lines` are the message in plain text,
    one paragraph each, with what to highlight; `text` is the same in one string, `html` a whole
    document, "" where only plain text is to be sent. `titled`: the first line, behind the mark of a
    repeat, says what the subject says. `deliveries` are what it was made of."""

    delivery_id: str
    subject: str
    lines: tuple[Marked, ...]
    text: str
    html: str
    severity: Severity
    possible_repeat: bool = False
    language: Lang = "ar"  # of the labels
    titled: bool = True
    deliveries: tuple[Delivery, ...] = ()


class Outcome(StrEnum):
    """What became of one try to send."""

    SENT = "sent"
    RETRY = "retry"  # a temporary failure: later again
    REJECTED = "rejected"  # this message is refused
    HELD = "held"  # the channel as a whole refuses


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to one try. `detail` is free of secrets and control characters; `in_doubt` where
    no answer came after the message was out, so that the other side may have taken it; `partly`
    where some recipients have it, and others are to be tried again or (with SENT) refused it."""

    outcome: Outcome
    detail: str = ""
    code: int | None = None
    retry_after: float | None = None
    in_doubt: bool = False
    partly: bool = False


class LedgerState(StrEnum):
    """A delivery in its channel's ledger. Not in it at all: never tried."""

    SENDING = "sending"  # on disk before the send; after a crash it means "perhaps sent"
    SENT = "sent"
    WAITING = "waiting"  # to be tried again at next_at
    HELD = "held"  # kept until the channel takes messages again, or too old to go on trying
    DEAD = "dead"  # refused for good; kept until the operator tries it again or drops it
    DROPPED = "dropped"  # given up by the operator


@dataclass(frozen=True, slots=True)
class Member:
    """One delivery of a bundle, and what the ledger keeps to be read on its own. `made_at` is 0 in
    older files: then it is the same day's as its record's. `article` is its id, and `source` the
    name of its feed; "" in older files."""

    delivery_id: str
    title: str = ""
    link: str | None = None
    rules: tuple[str, ...] = ()
    made_at: float = 0.0
    article: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class LedgerRecord:
    """What is known of one delivery. `in_doubt` counts the tries that may have arrived without
    our knowing (a crash, a lost answer); `plain` says that only plain text is tried from now on;
    `title`, `link`, `rules`, the `article`'s id and its `source` are kept so that the ledger can be
    read on its own. A bundle of several articles is one delivery with `members`, and has none of
    its own.
    `asked`: the other side itself asked us to wait until `next_at`; `alone`: it was refused in a
    bundle, and is to be in none again. `held_until` and `held_for` are those of the Hold that it
    waited by, if any."""

    delivery_id: str
    state: LedgerState
    made_at: float
    attempts: int = 0
    next_at: float | None = None
    in_doubt: int = 0
    changed_at: float = 0.0
    detail: str = ""
    code: int | None = None
    plain: bool = False
    title: str = ""
    link: str | None = None
    rules: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    asked: bool = False
    alone: bool = False
    held_until: float = 0.0
    held_for: str = ""
    article: str = ""
    source: str = ""

    @property
    def ready_at(self) -> float:
        """Since when it may go out."""
        return max(self.made_at, self.held_until)

    @property
    def feared(self) -> bool:
        """Whether nothing is known of it but that it may have been sent."""
        return self.state is LedgerState.SENDING and not self.attempts

    @property
    def settled(self) -> bool:
        """Whether nothing more can come of it, so that its feed may forget it."""
        return self.state in (LedgerState.SENT, LedgerState.DROPPED)

    @property
    def open(self) -> bool:
        """Whether it is still to be sent, by and by, without anybody's doing."""
        return not self.settled and self.state is not LedgerState.DEAD


# --- what is remembered --------------------------------------------------------------------------


class Verdict(StrEnum):
    """What a check made of an entry that is new or was edited."""

    ALERTED = "alerted"
    NO_RULE = "no rule matches"
    OLD = "older than the first poll asks for, or undated"
    AWAITED = "its page is being fetched"
    TOLD_BEFORE = "its rules fired on an earlier version"
    TOLD_ELSEWHERE = "its rules fired on the same article in another feed"
    TOLD_NEARLY = "its rules fired on nearly the same text within a day"
    MUTED = "its rules are muted"


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry that a feed has shown us. `key` is its identity in the feed, `link_key` and
    `print_key` its identities across feeds ("" where it has none); `fired` the rules that alerted,
    `spent` those that matched without an alert (before the first poll, or told by another feed).
    `gone_at` is None while the entry stands in the feed. `verdict` is what was last made of it;
    `sent` the id of its first delivery over each channel that has one; `mark` that of the item as
    it was read last, "" where it must be read again whenever the document changed. `known_by` is
    what the feed shows it under now, "" where that is `key`, which never changes; `past` are the
    contents of earlier versions; `sketch` tells how much of it another text holds. `page` tells of
    its own page: "" where that was not asked for, READ, or why the feed's text stands in. `story`
    is what another feed may tell under the same title, "" where this did not alert; `near` what
    tells that a text is nearly the same, where a rule that fired asks for it. `outlet` is set where
    another feed's article alerted in its place."""

    key: str
    link_key: str
    print_key: str
    content: str  # hash of normalised title and text: a change of it is an edit
    first_seen: float
    gone_at: float | None = None
    revision: int = 0
    fired: tuple[str, ...] = ()
    spent: tuple[str, ...] = ()
    verdict: Verdict | None = None
    sent: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""
    known_by: str = ""
    past: tuple[str, ...] = ()
    sketch: str = ""
    page: str = ""
    story: str = ""
    near: str = ""
    outlet: Outlet | None = None


READ: Final = "read"  # an entry's page, and matched


@dataclass(frozen=True, slots=True)
class Late:
    """An entry whose own page is still to be read: what the feed says of it, and how far we are.
    `key` and `revision` are those of its Seen; `since` is when this version was met, `due` when its
    page is to be asked for, `tries` how often it was. `matched`: on the feed's text, meanwhile, by
    which the rules `fired` alerted."""

    key: str
    link: str
    since: float
    due: float
    title: str = ""
    text: str = ""
    author: str | None = None
    categories: tuple[str, ...] = ()
    published: float | None = None
    revision: int = 0
    tries: int = 0
    matched: bool = False
    fired: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedState:
    """One feed's own file: everything that must survive. `polled` is False until the first good
    document; `skipped` counts what the first poll remembered without matching it as new; `hints`
    are those of the last document read; `lags` are seconds from publication to our finding, of its
    last new articles. `read_as`: what kind of source it was read as, "" for a feed. `doubtful`:
    this memory was brought back from an older copy, so that what its next check brings may have
    been sent before."""

    feed_id: str
    url: str
    validators: Validators = Validators()
    body_hash: str = ""
    moved_to: str | None = None
    gone: bool = False
    polled: bool = False
    skipped: int = 0
    checked_at: float = 0.0
    hints: Hints = Hints()
    lags: tuple[float, ...] = ()
    read_as: str = ""
    doubtful: bool = False
    entries: tuple[Seen, ...] = ()
    open: tuple[Delivery, ...] = ()
    late: tuple[Late, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One feed's line in the index: what scheduling needs without opening the feed's file.

    `due` is when to check next; `not_before` is what a server asked for (Retry-After);
    `failures` counts in a row and `failing_since` dates the first of them. `hints` are those of the
    last document read, `fresh_for` that of the last good answer, a 304 too; `remembered` counts
    the entries in its file, `lags` as there. `has_open`: deliveries stand in its file; `settled`:
    all of them went out, or were given up. `late` counts the entries whose pages are still to be
    read, the first of them at `late_due`; `late_match` is until when the first of those that were
    not matched at all may wait, 0 for none. `pages_failed` counts in a row, `page_error` is the
    last reason. `read_as`: what kind of source it was read as, "" for a feed; `parts`: of a sitemap
    index, the sitemaps; losing them costs one whole reading. `newest`: when something new was found
    last; `longest_silence`: how many seconds passed at most between two such moments (0: too little
    is known)."""

    feed_id: str
    url: str
    due: float = 0.0
    interval: float = 900.0
    not_before: float = 0.0
    last_check: float = 0.0
    last_ok: float = 0.0
    failures: int = 0
    failing_since: float | None = None
    error: str = ""
    validators: Validators = Validators()
    body_hash: str = ""
    moved_to: str | None = None
    gone: bool = False
    has_open: bool = False
    settled: bool = False
    skipped: int = 0
    hints: Hints = Hints()
    fresh_for: float = 0.0
    remembered: int = 0
    lags: tuple[float, ...] = ()
    late: int = 0
    late_due: float = 0.0
    late_match: float = 0.0
    pages_failed: int = 0
    page_error: str = ""
    read_as: str = ""
    parts: Parts | None = None
    newest: float = 0.0
    longest_silence: float = 0.0


@dataclass(frozen=True, slots=True)
class Decision:
    """One entry that is new or was edited, and what became of it. `rules` are those that match."""

    title: str
    link: str | None
    verdict: Verdict
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Archived:
    """An article as the archive keeps it, for the feed with that id: when we first saw it, what it
    is known by across feeds ("" where there is nothing), and which rules matched it then."""

    article: Article
    feed_id: str
    first_seen: float
    link_key: str = ""
    print_key: str = ""
    rules: tuple[str, ...] = ()

    @property
    def came(self) -> float:
        """When it came out, as far as is known: never later than we saw it."""
        published = self.article.published
        return self.first_seen if published is None else min(published.timestamp(), self.first_seen)


@dataclass(frozen=True, slots=True)
class FeedUpdate:
    """All that one check brings, for one commit. `state` None: the feed's own file stays as it is.

    `alerted` are the cross-feed keys of the articles that alerted now, each with its rules, and
    `tellers` the same keys with the article's id; `outlets` what another feed's article stood for;
    `deliveries` those made by this check, which stand in `state.open` too; `lags` are seconds from
    publication to our finding, of its new articles; `ended` is how many
    failures in a row came before a good check. `unfinished`: entries of its document are left, for
    another commit; until then the feed's memory asks for the document again. `archived` are the
    articles that were new or edited."""

    row: FeedRow
    state: FeedState | None = None
    alerted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tellers: Mapping[str, str] = field(default_factory=dict)
    outlets: tuple[Outlet, ...] = ()
    new_articles: int = 0
    alerts: tuple[Alert, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    decisions: tuple[Decision, ...] = ()
    lags: tuple[float, ...] = ()
    ended: int = 0
    unfinished: bool = False
    archived: tuple[Archived, ...] = ()


@dataclass(frozen=True, slots=True)
class RunMark:
    """Whether a daemon is running, or ended as it should, and how many feeds and rules it has in
    force (None: it does not say). Written to system.json."""

    pid: int
    started_at: float
    stopped_at: float | None = None
    feeds: int | None = None
    rules: int | None = None


@dataclass(frozen=True, slots=True)
class Amiss:
    """A trouble that the operator was told of: since when, and whether it is over."""

    since: float
    over: bool = False


@dataclass(frozen=True, slots=True)
class MuteNote:
    """Why a rule is muted ("" where nobody said), who asked for it, and when."""

    because: str = ""
    by: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class SystemState:
    """What concerns no single feed or channel. `mutes`: rule name -> until when; `mute_notes`: what
    is known of them (of those that an older version made, nothing); `notices`:
    messages to the operator that are not settled; `troubles`: what the operator was told of lately,
    by a key of its own; `heartbeat` is the day whose heartbeat was told last, as YYYY-MM-DD;
    `backfilled`: rule name -> hash of the rule that was laid on what was remembered."""

    mutes: Mapping[str, float] = field(default_factory=dict)
    mute_notes: Mapping[str, MuteNote] = field(default_factory=dict)
    notices: tuple[Delivery, ...] = ()
    troubles: Mapping[str, Amiss] = field(default_factory=dict)
    run: RunMark | None = None
    reload_ok: bool = True
    reload_at: float | None = None
    reload_errors: tuple[str, ...] = ()
    heartbeat: str = ""
    backfilled: Mapping[str, str] = field(default_factory=dict)


class Wish(StrEnum):
    """What the operator may ask of a running daemon."""

    RETRY = "retry"
    HURRY = "hurry"  # as RETRY, and out of quiet hours, digests and limits
    DROP = "drop"
    MUTE = "mute"


@dataclass(frozen=True, slots=True)
class Request:
    """One wish, as it stands in the inbox: deliveries by id, or a rule and until when it is to be
    mute (seconds since 1970; in the past: not mute any more), why, and who says so."""

    wish: Wish
    deliveries: tuple[str, ...] = ()
    rule: str | None = None
    until: float = 0.0
    because: str = ""
    by: str = ""


Lang = Literal["ar", "en"]
