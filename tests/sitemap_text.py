"""Sitemaps as papers write them, for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

XML = "application/xml; charset=utf-8"
_CORE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def urlset(urls: Iterable[Mapping[str, str]]) -> str:
    """A sitemap: of each address `loc`, and where told `lastmod`, `title`, `date`, `keywords`."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {_CORE} {_NEWS}>' + (
        "".join(map(_url, urls)) + "</urlset>"
    )


def index(sitemaps: Mapping[str, str | None]) -> str:
    """A sitemap index: lastmod, or None, by address."""
    listed = (
        f"<sitemap><loc>{escape(url)}</loc>"
        + (f"<lastmod>{lastmod}</lastmod>" if lastmod else "")
        + "</sitemap>"
        for url, lastmod in sitemaps.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex {_CORE}>' + (
        "".join(listed) + "</sitemapindex>"
    )


def _url(told: Mapping[str, str]) -> str:
    lastmod = f"<lastmod>{told['lastmod']}</lastmod>" if "lastmod" in told else ""
    return f"<url><loc>{escape(told['loc'])}</loc>{lastmod}{_news(told)}</url>\n"


def _news(told: Mapping[str, str]) -> str:
    if "title" not in told:
        return ""
    date = _element("publication_date", told.get("date"))
    words = _element("keywords", told.get("keywords"))
    return (
        "<news:news><news:publication><news:name>صحيفة</news:name><news:language>ar</news:language>"
        f"</news:publication>{date}{_element('title', told['title'])}{words}</news:news>"
    )


def _element(name: str, text: str | None) -> str:
    return "" if text is None else f"<news:{name}>{escape(text)}</news:{name}>"
