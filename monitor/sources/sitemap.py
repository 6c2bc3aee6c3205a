"""Reads sitemaps (https://www.sitemaps.org/protocol.html), Google's news extension among them
(https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap), as feeds.

    urlset         its addresses, as entries
    sitemapindex   the sitemaps that it lists, as entries: link, and when each changed
    text           an address on each line

What papers serve is often ill-formed: a bare &, no namespace, a foreign one. So this goes by the
local names of elements, in one scan of linear time that needs no well-formed document. It must open
nothing, and raise nothing but FeedError.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes, urlsplit

from monitor.core.feeds.dates import read_date
from monitor.core.feeds.identity import canonical_link
from monitor.errors import FeedError
from monitor.model import Entry, ParsedFeed
from monitor.sources.encoding import decode
from monitor.sources.feed import LARGEST_DOCUMENT, without_blanks
from monitor.sources.fields import absolute, short, terms
from monitor.sources.hostile import MOST_ENTRIES
from monitor.sources.plain import Tag, plain_title, scan, unescape

SITEMAP, INDEX = "sitemap", "sitemapindex"

_HEAD = 10_000  # letters within which a document shows what it is
_MOST_LISTED = 50_000  # of an index, by the protocol
_LONGEST_VALUE = 10_000  # letters of one element
_ROOT = re.compile(
    r"(?:[^<]++|<!--.*?-->|<[!?][^>]*+>)*+<(?:[\w.-]++:)?+([A-Za-z][\w.-]*+)", re.DOTALL
)
_OWN_ROOT = re.compile(r"<(?:[\w.-]{1,100}:)?(urlset|sitemapindex)(?=[\s/>])", re.IGNORECASE)
_OTHER_ROOT = re.compile(
    r"<(?:!doctype\s+)?(?:html|head|body|script|rss|feed|rdf:rdf)\b", re.IGNORECASE
)
_BARE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});)")
_PREFIX = re.compile(r"xmlns:([\w.-]{1,100})\s*=\s*[\"']([^\"'<>]{0,300})")
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_EXTENSIONS = ("news", "image", "video", "mobile", "pagemap", "xhtml")
_KEYWORDS = re.compile("[,،;؛|]")

_SUFFIX = re.compile(r"\.(?:s?html?|php\d?|aspx?|jsp|amp|cms)$", re.IGNORECASE)
_PARTING = re.compile(r"[\s_+\-–—.,،:;|~]+")
_NUMBER = re.compile(r"[0-9]{4,}|(?=[a-z]*[0-9])(?=[0-9]*[a-z])[0-9a-z]{6,}", re.IGNORECASE)
_INDEX_PAGE = frozenset(("index", "default", "amp", "article", "story", "news", "details", "view"))


def looks_like_sitemap(text: str) -> str | None:
    """`sitemap` or `sitemapindex` where the root element of a document says so, past what a broken
    program wrote before it."""
    head = text[:_HEAD]
    root = _OWN_ROOT.search(head)
    if root is None or _OTHER_ROOT.search(head, 0, root.start()):
        return None
    return SITEMAP if root[1].lower() == "urlset" else INDEX


def kind_of(data: bytes) -> str | None:
    """The same of bytes, by the document's beginning."""
    return looks_like_sitemap(decode(data[: 2 * _HEAD]).text)


def read_sitemap(data: bytes, content_type: str, url: str) -> ParsedFeed:
    """A sitemap's addresses, or the sitemaps that an index lists, as the entries of a feed of kind
    `sitemap` or `sitemapindex`, duplicates merged; in an index `summary` is its lastmod as written.
    `url` is where it came from. Raises FeedError where it is neither."""
    if len(data) > LARGEST_DOCUMENT:
        raise FeedError(f"larger than {LARGEST_DOCUMENT} bytes")
    decoded = decode(data, content_type)
    text = without_blanks(decoded.text)
    warnings = [decoded.warning] if decoded.warning else []
    kind = looks_like_sitemap(text)
    if kind is None:
        kind, found = SITEMAP, _lines(text, url)
    else:
        found = _of_kind(kind, text, url)
        other = INDEX if kind == SITEMAP else SITEMAP
        if not found and (misplaced := _of_kind(other, text, url)):  # it lists what is the other's
            kind, found = other, misplaced
    most = _MOST_LISTED if kind == INDEX else MOST_ENTRIES
    if not found:
        warnings.append("no entries")
    if len(found) > most:
        warnings.append(
            f"{len(found)} addresses: {len(found) - most} are left out, the oldest by their dates"
        )
        found = _newest(found, most)
    return ParsedFeed(kind=kind, link=url or None, entries=tuple(found), warnings=tuple(warnings))


def _of_kind(kind: str, text: str, url: str) -> list[Entry]:
    return _listed(text, url) if kind == INDEX else _merged(_entries(text, url))


def _lines(text: str, url: str) -> list[Entry]:
    """A text sitemap. Raises FeedError for any other document."""
    if not text:
        raise FeedError("an empty document")
    root = _ROOT.match(text[:_HEAD])
    if root is not None:
        raise FeedError(_other(root[1].lower()))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    odd = sum(_ADDRESS.fullmatch(line) is None for line in lines)
    if odd * 10 > len(lines):
        raise FeedError("no sitemap: neither XML nor an address on each line")
    links = (absolute(line, url) for line in lines if _ADDRESS.fullmatch(line))
    return _merged(Entry(title=title_of(link), link=link) for link in links if link)


def _other(root: str) -> str:
    if root == "html":
        return "an HTML page, not a sitemap"
    if root in ("rss", "feed", "rdf"):
        return "a feed, not a sitemap: write kind: feed"
    return "no sitemap: its root is neither urlset nor sitemapindex"


# --- elements -------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Told:
    """What one <url> or <sitemap> says, by name: `loc`, or of an extension `news:title`."""

    values: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.values.get(name, "").strip()


def _elements(text: str, name: str) -> Iterator[_Told]:
    """Each element of that local name that is there with its end. Values inside an extension's
    element go by its name, so that an image's address is not taken for the page's."""
    prefixes = {prefix: _extension(address) for prefix, address in _PREFIX.findall(text[:_HEAD])}
    told: _Told | None = None
    inside, at = "", ""
    for piece in scan(_BARE.sub("&amp;", text)):
        if not isinstance(piece, Tag):
            if told is not None and at:
                told.values[at] = (told.values.get(at, "") + piece.text)[:_LONGEST_VALUE]
            continue
        prefix, _, local = piece.name.rpartition(":")
        own = prefixes.get(prefix, prefix if prefix in _EXTENSIONS else "")
        at = ""
        if local == name and not own:
            if piece.is_end and told is not None:
                yield told
            told, inside = (None if piece.is_end else _Told()), ""
        elif local in _EXTENSIONS and own in ("", local):
            inside = "" if piece.is_end else local
        elif told is not None and not piece.is_end and not piece.attributes.endswith("/"):
            holder = own or inside
            at = _place(told, f"{holder}:{local}" if holder else local)


def _place(told: _Told, name: str) -> str:
    """Where an element's text goes; nowhere where that was told before."""
    return "" if name in told.values else name


def _extension(address: str) -> str:
    """Which extension a namespace is; "" for the protocol itself, whatever its address."""
    folded = address.lower()
    return next((name for name in _EXTENSIONS if name in folded), "")


def _listed(text: str, url: str) -> list[Entry]:
    found: dict[str, Entry] = {}
    for told in _elements(text, "sitemap"):
        link = absolute(told.get("loc"), url)
        if link is not None:
            lastmod = " ".join(told.get("lastmod").split())[:100]
            found.setdefault(
                link, Entry(link=link, updated=read_date(lastmod), summary=lastmod, text=lastmod)
            )
    return list(found.values())


def _entries(text: str, url: str) -> Iterator[Entry]:
    for told in _elements(text, "url"):
        link = absolute(told.get("loc"), url)
        if link is not None:
            yield _entry(told, link)


def _entry(told: _Told, link: str) -> Entry:
    title = _title(told.get("news:title")) or _title(told.get("video:title"))
    words = (*_KEYWORDS.split(told.get("news:keywords")), *_KEYWORDS.split(told.get("news:genres")))
    return Entry(
        title=title or title_of(link),
        link=link,
        published=read_date(told.get("news:publication_date")),
        updated=read_date(told.get("lastmod")),
        author=short(told.get("news:name")),
        categories=terms(words),
    )


def _title(text: str) -> str:
    return plain_title(unescape(text), is_markup=False)


def _merged(entries: Iterator[Entry]) -> list[Entry]:
    """Each address once, by what says most of it."""
    found: dict[str, Entry] = {}
    for entry in entries:
        key = canonical_link(entry.link) or entry.link or ""
        before = found.get(key)
        if before is None or (is_named(entry) and not is_named(before)):
            found[key] = entry
    return list(found.values())


def _newest(entries: list[Entry], most: int) -> list[Entry]:
    """The newest, in the order of the document; where dates do not tell, the first and the last, at
    one end of which a sitemap grows."""

    def age(place: int) -> tuple[float, int]:
        moment = entries[place].published or entries[place].updated
        return (-moment.timestamp() if moment else 0.0), min(place, len(entries) - 1 - place)

    kept = sorted(sorted(range(len(entries)), key=age)[:most])
    return [entries[place] for place in kept]


# --- titles ---------------------------------------------------------------------------------------


def is_named(entry: Entry) -> bool:
    """Whether an entry of a sitemap has a title of its own, not just the words of its address."""
    return bool(entry.title) and entry.title != title_of(entry.link or "")


def title_of(link: str) -> str:
    """The words of an address's path: /أخبار/هجوم-في-مخمور-12345.html says هجوم في مخمور. Of its
    parts the last that has two words or more, else the one with the most letters."""
    try:
        parts = [_words(_decoded(part)) for part in urlsplit(link).path.split("/") if part]
    except ValueError:
        return ""
    telling = [words for words in parts if len(words) > 1]
    if telling:
        return " ".join(telling[-1])
    single = [words[0] for words in parts if words and words[0].lower() not in _INDEX_PAGE]
    return max(reversed(single), key=len, default="")


def _words(part: str) -> list[str]:
    """The words of one part of a path, without the numbers around them that name an article."""
    words = [word for word in _PARTING.split(_SUFFIX.sub("", part)) if word]
    while words and _NUMBER.fullmatch(words[-1]):
        words.pop()
    while words and _NUMBER.fullmatch(words[0]):
        words.pop(0)
    return words if any(any(map(str.isalpha, word)) for word in words) else []


def _decoded(part: str) -> str:
    """Percent-escapes are UTF-8, or of old systems windows-1256."""
    data = unquote_to_bytes(part)
    for encoding in ("utf-8", "cp1256"):
        try:
            return plain_title(data.decode(encoding), is_markup=False)
        except UnicodeDecodeError:
            continue
    return ""
