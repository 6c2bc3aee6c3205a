"""Which entries are the same article: in a feed by id, else link, else text; across feeds by link
or text.

Links are compared in a canonical form and shown as given. Identity never rests on dates: feeds
change, repeat and forget them. This module must not decide what an article's identity is used for.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize
from urllib.parse import quote, urlsplit

from monitor.core.feeds.sketch import has_own_number, is_another, path_of, says_enough, sketch_of
from monitor.core.text.tokens import words
from monitor.model import Entry, Identity, Seen

MOST_OF_SITE = 3  # slashes in the address of a site
_LONGEST_PLACE = 20  # letters behind the host of an address that is no article's own
_LONGEST_SHORT_ID = 8
TELLING_TITLE = 20  # letters; many articles have a shorter one ("عاجل")

_TRACKING = re.compile(
    r"(?:utm_|at_|ns_|mc_|mtm_|pk_|hsa_|_hs|fb_|xtor|__twitter_impression|traffic_source)"
    r"|(?:fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|ocid"
    r"|cmpid|cmp|smid|icid|ito|ref_src|_ga|_gl|mkt_tok|phpsessid|jsessionid|oly_anon_id|oly_enc_id|vero_id|wt_mc)$",
    re.IGNORECASE,
)
# Where on a page a link stood: it goes as the article slides down
_PLACE = re.compile(
    r"(?:pos|position)=\d+|(?:ref|from|src|source)=(?:rss|feed|home|front|index|main|top|menu|slider|slide"
    r"|breaking|latest|related|most|box|list|hp|fb|tw|facebook|twitter|telegram|whatsapp)[a-z_-]*\d*",
    re.IGNORECASE,
)
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?;]*", re.IGNORECASE)
_PLAIN_PATH = re.compile(r"[A-Za-z0-9._~/=-]*")
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
_DEFAULT_PORTS = {"http": 80, "https": 443}


_LENGTHS = tuple(f"{length}:" for length in range(512))  # what stands before a part of a digest


def digest(*parts: str) -> str:
    """24 hex digits that stand for these parts, whatever they hold."""
    try:
        joined = "".join([_LENGTHS[len(part)] + part for part in parts])
    except IndexError:
        joined = "".join([f"{len(part)}:{part}" for part in parts])
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def feed_id(url: str) -> str:
    """The identity of a feed, from its configured address alone: its state outlives a rename."""
    return digest("feed", url)


@lru_cache(512)  # one document's: each entry's is asked for several times
def canonical_link(link: str | None) -> str | None:
    """The form in which two links are compared, or None where the link identifies nothing.

    Scheme https, host in lower case without www., default port, fragment and tracking parameters
    dropped, percent-escapes in one spelling (RFC 3986, section 6.2.2). A link without a path or
    query of its own is a site, not an article.
    """
    if not link:
        return None
    try:
        parts = urlsplit(link.strip())
        host, port = (parts.hostname or "").removeprefix("www.").rstrip("."), parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in _DEFAULT_PORTS or not host:
        return None
    query = "&".join(
        _one_spelling(pair) for pair in parts.query.split("&") if pair and not _is_tracking(pair)
    )
    path = _one_spelling(_SESSION.sub("", parts.path) if ";" in parts.path else parts.path).rstrip(
        "/"
    )
    if not path and not query:
        return None
    if port is not None and port not in _DEFAULT_PORTS.values():
        host = f"{host}:{port}"
    return f"https://{host}{path}" + (f"?{query}" if query else "")


def _is_tracking(pair: str) -> bool:
    return bool(_TRACKING.match(pair.partition("=")[0]) or _PLACE.fullmatch(pair))


def _one_spelling(text: str) -> str:
    if _PLAIN_PATH.fullmatch(text):
        return text

    def decoded(escape: re.Match[str]) -> str:
        letter = chr(int(escape[0][1:], 16))
        return letter if letter in _UNRESERVED else escape[0].upper()

    return quote(_ESCAPE.sub(decoded, text), safe="!#$%&'()*+,/:;=?@[]~", errors="replace")


def id_of(entry: Entry) -> str | None:
    """The id of an entry; none where it is the address of a site, which many feeds give to all."""
    told = entry.id
    if told is None or told[:4] != "http" or told.count("/") > MOST_OF_SITE or "#" in told:
        return told
    return told if canonical_link(told) else None


def is_place(entry: Entry) -> bool:
    """Whether the id and the link of an entry say no more than where it stands: latest, 0,
    /breaking, /slot/1. A longer one, or a number of five digits, is one article's."""
    own, link = id_of(entry), canonical_link(entry.link)
    address = canonical_link(own)
    names = [(address or own, _LONGEST_PLACE if address else _LONGEST_SHORT_ID)] if own else []
    names += [(link, _LONGEST_PLACE)] if link else []
    return all(len(path_of(name)) <= most and not has_own_number(name) for name, most in names)


def _by_id(entry_id: str) -> str:
    return digest("id", entry_id if entry_id.isascii() else normalize("NFC", entry_id))


def _by_id_and(entry_id: str, rest: str) -> str:
    """For an id that several entries have: with the link, or else the content, of one of them."""
    return digest("id+", normalize("NFC", entry_id), rest)


def _by_link(link: str) -> str:
    return digest("link", link)


def _by_text(content: str) -> str:
    return digest("text", content)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An article that somebody asks for, by its link, its id in its feed, or its title."""

    keys: frozenset[str]
    link_key: str
    title: str

    @classmethod
    def of(cls, text: str) -> Wanted:
        """What `text` may stand for."""
        link = canonical_link(text)
        keys = {_by_id(text)} | ({_by_link(link)} if link else set())
        return cls(frozenset(keys), _link_key(link), _titled(text))

    def is_met(self, keys: Set[str], link_key: str, content: str) -> bool:
        """Whether an entry with these parts of its identity is the one."""
        if not self.keys.isdisjoint(keys) or (self.link_key and link_key == self.link_key):
            return True
        return bool(self.title) and title_of(content) == self.title


def article_id(feed: str, key: str) -> str:
    """The name of an article of a feed, from the identity of its entry there."""
    return digest("article", feed, key)


def _link_key(link: str | None) -> str:
    return digest("across", "link", link) if link else ""


def _titled(text: str) -> str:
    return _title_key(" ".join(words(text)))


def _title_key(folded: str) -> str:
    return digest("title", folded)[:12] if folded else ""


def title_of(content: str) -> str:
    """What stands for the title in a content, "" where there is none."""
    return content.partition(".")[0]


def tells_much(title: str) -> bool:
    """Whether a title is so long that it is one article's."""
    return sum(map(str.isalpha, title)) >= TELLING_TITLE


def had_neither(seen: Seen) -> bool:
    """Whether a remembered entry goes by its words, for want of an id and a link."""
    return not seen.link_key and (seen.known_by or seen.key) == _by_text(seen.content)


def same_title(content: str, other: str) -> bool:
    """Whether two contents begin with the same, non-empty title."""
    return bool(title := title_of(content)) and title == title_of(other)


def identify(entries: Sequence[Entry]) -> tuple[Identity, ...]:
    """The identities of one document's entries, in its order.

    A link that entries with different ids (or, without ids, different contents) share is no
    identity, nor is an id that different articles at different links share on its own. The same
    title and text at one link, or under one id, are one article that the document repeats.
    """
    contents = [_content(entry) for entry in entries]
    links = [canonical_link(entry.link) for entry in entries]
    ids = [id_of(entry) for entry in entries]
    told = list(zip(ids, entries, contents, links, strict=True))
    shared_ids = _shared(
        (own, content if entry.title or entry.text else link or "")
        for own, entry, content, link in told
    )
    if shared_ids:
        shared_ids = _of_different_articles(shared_ids, told)
    shared_links = _shared((link, content) for _, _, content, link in told)
    if shared_links:
        shared_links &= _shared(
            (link, own if own and own not in shared_ids else content)
            for own, _, content, link in told
        )
    return tuple(_identity(*each, (shared_links, shared_ids)) for each in told)


def _of_different_articles(
    ids: frozenset[str], told: Sequence[tuple[str | None, Entry, str, str | None]]
) -> frozenset[str]:
    """Those of some ids under which more stands than versions of one article: texts that have
    little in common or, at other links, are short. Feeds put the last version on top."""
    first: dict[str, tuple[str, str, str | None]] = {}
    different = set()
    for own, entry, content, link in reversed(told):
        if own is None or own not in ids or own in different:
            continue
        if own not in first:
            first[own] = content, sketch_of(entry, link), link
            continue
        its_content, sketch, its_link = first[own]
        if says_enough(entry.text):
            is_different = is_other(its_content, sketch, entry, content)
        else:
            is_different = link is None or link != its_link
        if is_different:
            different.add(own)
    return frozenset(different)


def is_other(content: str, sketch: str, entry: Entry, its_content: str) -> bool:
    """Whether an entry is another article than the one with this content and sketch, though it has
    that one's id: nothing of it has stayed, and it stands at another link."""
    if tells_much(entry.title) and same_title(content, its_content):
        return False
    return is_another(sketch, entry, canonical_link(entry.link))


def _identity(
    own: str | None,
    entry: Entry,
    content: str,
    link: str | None,
    shared: tuple[frozenset[str], frozenset[str]],
) -> Identity:
    links, ids = shared
    is_shared = link in links or own in ids
    link = None if link in links else link
    if own and own in ids:
        key = _by_id_and(own, link or content)
    elif own:
        key = _by_id(own)
    elif link:
        key = _by_link(link)
    else:
        key = _by_text(content)
    return Identity(
        key=key,
        link_key=_link_key(link),
        print_key=digest("across", "text", content) if says_enough(entry.text) else "",
        content=content,
        shared=is_shared,
    )


def keys_alone(entry: Entry) -> frozenset[str]:
    """What an entry would be known by, in its feed and by its link, whatever stands beside it;
    empty where that takes its text."""
    link = canonical_link(entry.link)
    keys = [_link_key(link), _by_link(link)] if link else []
    own = id_of(entry)
    return frozenset([_by_id(own), *keys] if own else keys)


def other_keys(entry: Entry, content: str) -> tuple[str, ...]:
    """All keys that an entry of this content may have, as other entries share its id or link."""
    link = canonical_link(entry.link)
    if own := id_of(entry):
        rests = (link, content) if link else (content,)
        by_id_and = (_by_id_and(own, rest) for rest in rests)
        return _by_id(own), *by_id_and, _by_text(content)
    return (*([_by_link(link)] if link else []), _by_text(content))


def key_of_its_own(entry: Entry, identity: Identity, taken: Container[str]) -> str:
    """The key of a new article: where another one has that which the entry is known by, one made
    of it and the link, or else the content, so that no message passes for another one's."""
    key, rest = identity.key, canonical_link(entry.link) or identity.content
    while key in taken:
        key, rest = _by_id_and(key, rest), identity.content
    return key


def _content(entry: Entry) -> str:
    title = " ".join(words(entry.title))
    return _title_key(title) + "." + digest(title, *words(entry.text))


def _shared(pairs: Iterable[tuple[str | None, str]]) -> frozenset[str]:
    """The first members that stand beside more than one second member."""
    distinct = {(first, second) for first, second in pairs if first}
    counts = Counter(first for first, _ in distinct)
    return frozenset(first for first, count in counts.items() if count > 1)
