"""What each key of the configuration means, in a sentence, for editors that show it.

By section of the schema and key as it is written. A test holds that no key is without its sentence.
This module must not know types, defaults or checks: those stand in the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

KEYS: Final[Mapping[str, Mapping[str, str]]] = {
    "MonitorFile": {
        "state": "The folder where the watcher remembers what it has seen and sent. "
        "$STATE_DIRECTORY, which systemd sets, wins.",
        "timezone": "The time zone of the times in messages, such as Asia/Baghdad.",
        "language": "The language of the labels in messages. News are shown as they are.",
        "contact": "A mail address or web page of yours, which papers see in the User-Agent.",
        "polling": "How feeds are polled.",
        "allow_private": "Private networks that feeds and webhooks may live in after all.",
        "proxy": "A proxy for feeds and articles: http:// or https://.",
        "channels": "Where alerts go: a name of your choice for each channel.",
        "operator": "The channel that hears of the watcher's own troubles.",
        "log": "What is logged, and how.",
        "metrics": "Where metrics and health are served; off unless it is told.",
        "heartbeat": "When the operator channel hears that all is well, such as daily 08:00.",
        "archive": "How long the texts of articles are kept.",
        "seen": "How long an article is remembered after it left its feed.",
    },
    "PollingSection": {
        "interval": "How often a feed is checked, unless it says otherwise.",
        "min_interval": "Never sooner than this, whoever asks.",
        "max_hint": "How long after a check a feed's own wish to be left alone is followed; "
        "0s: not at all.",
        "timeout": "For a whole exchange with a server, redirects included.",
        "concurrency": "How many feeds are checked at once.",
        "per_host": "How many exchanges with one server run at once.",
        "first_poll_max_age": "At the first poll only what is dated within this counts as new.",
        "max_bytes": "A larger document, decoded, is refused.",
    },
    "QuietSection": {
        "from": "When the quiet begins, such as 23:00.",
        "to": "When it ends, such as 07:00; what waited goes out then.",
        "except": "Alerts of this severity and above are sent all the same.",
    },
    "ChannelSection": {
        "url": "An Apprise address, webhook+https:// or console://. It may hold a token, so "
        "url_file or credential is safer.",
        "url_file": "A file beside this one whose one line is the address (chmod 600).",
        "credential": "A credential of systemd whose one line is the address (LoadCredential=).",
        "language": "The language of its labels, where it is another one.",
        "burst": "When more alerts wait than this, several go out in one message.",
        "rate": "At most so many messages, such as 20/m or 1/s.",
        "quiet": "Hours in which nothing is sent over it; checks go on, and alerts wait.",
        "digest": "When what waited goes out in one message, such as daily 08:00.",
        "group_wait": "How long an alert waits for others to go out with it.",
        "template": "A file beside this one that words its messages (Jinja2).",
        "secret_file": "Of a webhook: a file whose one line signs what is posted (chmod 600).",
    },
    "LogSection": {
        "level": "The least that is logged.",
        "format": "human, json, or auto: human on a terminal, else json.",
    },
    "MetricsSection": {
        "listen": "Address and port, such as 127.0.0.1:9464.",
    },
    "ArchiveSection": {
        "days": "So many days; 0: none are kept.",
        "max_bytes": "As large as their file may be; the oldest make room.",
    },
    "SeenSection": {
        "days": "So many days; it alerts once in that time.",
    },
    "FeedsFile": {
        "feeds": "The feeds that are watched.",
    },
    "FeedSection": {
        "url": "The address of an RSS, RDF, Atom or JSON feed, of a sitemap or of a page.",
        "name": "What messages and lists call it; else its host. Unique.",
        "category": "A word of your choice that rules can filter on.",
        "language": "The language of its articles, such as ar, that rules can filter on.",
        "interval": "How often it is checked; else polling.interval of monitor.yaml.",
        "full_text": "true: its articles are matched on the text of their own pages; auto: where "
        "the feed gives little of it.",
        "kind": "What is at the address: a feed, a sitemap, or a page of links.",
        "selector": "Of a page: the CSS selector of its links to articles, such as article h2 a.",
        "headers_file": "A file beside this one with request headers, Name: value a line "
        "(chmod 600).",
        "proxy": "A proxy for this feed alone: http:// or https://.",
        "enabled": "false: it is not checked, and its memory is kept.",
    },
    "RulesFile": {
        "rules": "What to alert on. One alert for each rule and article, once.",
    },
    "RuleSection": {
        "name": "Unique. It is the rule's identity: a new name means a new rule.",
        "any": "At least one of these. An item with blanks is a phrase.",
        "all": "Every one of these.",
        "none": "None of these, anywhere in the article.",
        "query": "Words with AND, OR, NOT and NEAR/10 in capitals; title:, place:, /…/ and more. "
        "Put single quotes around it.",
        "places": "One of these places, or a place inside one of them.",
        "not_places": "None of these places, nor a place inside one of them.",
        "near": "A place, or one at most so many kilometres from it.",
        "fields": "Where the words of any, all and query are looked for.",
        "feeds": "Only articles of these feeds.",
        "severity": "How urgent its alerts are.",
        "channels": "The channels that its alerts go to; else all.",
        "loose": "true: ة and ه, ؤ and و, ئ and ي count as one letter.",
        "on_change": "true: an article that was edited alerts again while it still matches.",
        "enabled": "false: the rule is checked, and never alerts.",
        "note": "A remark of yours.",
        "examples": "Sentences that rasid check tries the rule on.",
        "quiet": "Hours in which its alerts wait, where all rules of a message have such.",
        "digest": "When what waited goes out in one message, such as daily 08:00.",
        "forms": "true: derived words count as well (داعشي, الدواعش, صواريخ).",
        "sense": "How sure a name has to be the place.",
        "language": "Only articles in this language, or one of these.",
        "backfill": "How far back in what is remembered a new rule looks, such as 7d.",
        "max_per_day": "At most so many alerts a day; the others come in one message.",
        "near_duplicates": "true: what other papers tell in nearly the same words alerts once.",
    },
    "PlaceSection": {
        "name": "The name or the id of a place.",
        "in": "What contains it, where several places bear the name.",
    },
    "NearSection": {
        "place": "The place in the middle.",
        "km": "How many kilometres around it.",
    },
    "FeedFilterSection": {
        "name": "The name of a feed, or a list.",
        "category": "A category of feeds, or a list.",
        "language": "A language of feeds, or a list.",
    },
    "ExamplesSection": {
        "match": "The rule must fire on each of these.",
        "no_match": "The rule must not fire on any of these.",
    },
    "PlacesFile": {
        "places": "Places of your own, beside those that rasid knows.",
        "sense": "Evidence of your own for and against names being places.",
    },
    "OwnPlaceSection": {
        "id": "A short word in Latin letters. The id of a known place replaces that place.",
        "kind": "What it is, such as village, mountain, camp, dam.",
        "name": "Its name, as papers write it.",
        "spellings": "Other spellings, in any language.",
        "in": "The places that contain it, by name or id.",
        "lat": "Degrees north.",
        "lon": "Degrees east.",
        "population": "How many people live there; a larger place is named more often.",
        "meanings": "What else the name means: noun, adjective, verb, person, person_adjective, "
        "plural, number, day or function, each with words of yours behind a colon.",
    },
    "SenseSection": {
        "words": "Lists of words by kind, such as head, person or sport.",
        "phrases": "Expressions that hold a name and are no place.",
        "weights": "How much a piece of evidence counts, by its name in rasid explain.",
    },
}
