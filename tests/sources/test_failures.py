"""What a server answers with status 200 that is no feed is a failure, not a quiet day; a feed that
is ill-formed or has no entries is a feed."""

from __future__ import annotations

import gzip

import pytest

from monitor.errors import FeedError
from monitor.sources.feed import parse_feed
from monitor.sources.reader import read_whole

URL = "https://host.example/feed.xml"
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'
ITEM = "<item><title>خبر</title><link>https://a.example/1</link></item>"
EXAMPLE = (
    '<rss version="2.0"><channel><title>مثال</title><item><title>أ</title></item></channel></rss>'
)
LONG = "<!-- " + "تعليق طويل " * 2_000 + " -->"

NO_FEEDS = {
    "nothing": "",
    "blanks": " \r\n\t\n",
    "zeros": "\0" * 500,
    "a page": "<!DOCTYPE html><html lang='ar'><head><title>قيد الصيانة</title></head></html>",
    "a page in capitals": "<HTML><HEAD></HEAD><BODY>صيانة</BODY></HTML>",
    "a page in XML": '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
    "a page behind a long comment": f"{LONG}<html><body></body></html>",
    "a page behind many comments": "<!-- ا -->\n" * 1_500 + "<html><body></body></html>",
    "a page behind conditions": "<!DOCTYPE html><!--[if IE]><html><![endif]--><html></html>",
    "a page behind a script": "<script>var a = '<rss>' + 1;</script><html><body></body></html>",
    "a page behind a warning": "<br />\n<b>Warning</b>: x() in /w/x.php<br /><html></html>",
    "the head of a page": "<head><meta charset='utf-8'><title>Just a moment...</title></head>",
    "the body of a page": "<body><h1>403 Forbidden</h1><hr>nginx</body>",
    "a form": "<!doctype html><form action='/login'><input name='user'><input name='pass'></form>",
    "a challenge": "<!DOCTYPE html><meta charset=utf-8><title>Just a moment...</title>"
    "<script>window._cf_chl_opt = {}</script><noscript>Enable JavaScript</noscript>",
    "a page about feeds": f"<html><body><pre>{EXAMPLE}</pre><p>اشترك</p></body></html>",
    "a page with a feed in a script": f"<!DOCTYPE html><script>x = '{EXAMPLE}'</script><p>م</p>",
    "a page with an item in a script": f"<!DOCTYPE html><script>x = '{ITEM}'</script><p>م</p>",
    "an error about feeds": "<p>Error: the tag <rss> is missing</p>",
    "plain text about feeds": "Error: no <feed> here",
    "a picture with a feed in it": "<!DOCTYPE html><svg><feed></feed></svg>",
    "a frame set": "<frameset><frame src='/a'></frameset>",
    "plain text": "Service Unavailable",
    "Arabic text": "عذرا، الصفحة غير موجودة",
    "a fatal error": "PHP Fatal error:  Uncaught Error: Call to undefined function x()",
    "a fatal error in markup": "<br />\n<b>Fatal error</b>:  Allowed memory size exhausted<br />",
    "an error document": '<?xml version="1.0"?><error><code>500</code></error>',
    "a cloud's error": '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    "an envelope": '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/>'
    "</s:Envelope>",
    "a service document": '<service xmlns="http://www.w3.org/2007/app" '
    'xmlns:atom="http://www.w3.org/2005/Atom"><workspace/></service>',
    "a style sheet": '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" '
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:r="http://purl.org/rss/1.0/"/>',
    "a sitemap": '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url/></urlset>',
    "subscriptions": '<opml version="2.0"><body><outline xmlUrl="https://a.example/f"/></body></opml>',
    "a picture": '<svg xmlns="http://www.w3.org/2000/svg"><title>شعار</title></svg>',
    "an error in RSS, in words": "<rss>Database connection failed</rss>",
    "an error in RSS": "<rss><error>db</error></rss>",
    "an error in RSS about a channel": "<rss><error><![CDATA[no <channel>]]></error></rss>",
    "RSS that breaks off before its channel": '<rss version="2.0"><chan',
    "an error in JSON Feed": '{"version":"https://jsonfeed.org/version/1","feed":null,"items":null}',
    "an error in JSON": '{"error": {"code": 404, "message": "Not found"}}',
    "a list in JSON": "[]",
    "a text in JSON": '"unauthorized"',
    "null": "null",
    "a name": "/etc/hostname",
    "an address": "https://host.example/feed.xml",
    "a string": '<string xmlns="urn:x">unauthorized</string>',
    "a string with a page in it": "<string>&lt;html&gt;&lt;body/&gt;&lt;/html&gt;</string>",
    "a page in JSON": '"<html><body></body></html>"',
    "escaped": "&lt;rss&gt;&lt;channel&gt;&lt;/channel&gt;&lt;/rss&gt;",
}
FEEDS = {
    "no entries": "<rss version='2.0'><channel><title>م</title></channel></rss>",
    "no entries in Atom": f"<feed {ATOM}><title>م</title></feed>",
    "nothing at all": "<rss version='2.0'></rss>",
    "nothing at all in one tag": "<rss version='2.0'/>",
    "nothing in its channel": '<rss version="2.0"><channel/></rss>',
    "nothing but where it went": "<rss><redirect><newLocation>/f</newLocation></redirect></rss>",
    "no channel": '<rss version="2.0"><item><title>أ</title></item></rss>',
    "breaks off at once": "<rss version='2.0'><channel><title>م",
    "an unknown version": "<rss version='7'><channel><item><title>أ</title></item></channel></rss>",
    "no version": "<rss><channel><item><title>أ</title></item></channel></rss>",
    "no version and no entries": "<rss><channel><title>م</title></channel></rss>",
    "an entry alone": f"<entry {ATOM}><title>أ</title></entry>",
    "the document type of a page": f"<!DOCTYPE html>{EXAMPLE}",
    "a long comment": f"{LONG}{EXAMPLE}",
    "a comment about pages": f"<!-- <html> <body> -->{EXAMPLE}",
    "a script before it": f"<script>var page = '<html>';</script>{EXAMPLE}",
    "a warning before it": f"<br />\n<b>Warning</b>: a <table><tr><td>b</td></tr></table>{EXAMPLE}",
    "a page behind it": f"{EXAMPLE}<html><body>إعلان</body></html>",
    "pages in its texts": EXAMPLE.replace("مثال", "<![CDATA[<html><body>]]>"),
    "capitals": EXAMPLE.upper(),
}


@pytest.mark.parametrize("name", NO_FEEDS)
@pytest.mark.parametrize("kind", ["text/html", "application/rss+xml; charset=utf-8", ""])
def test_what_is_no_feed_is_a_failure(name: str, kind: str) -> None:
    for read in (parse_feed, read_whole):
        with pytest.raises(FeedError):
            read(NO_FEEDS[name].encode(), {"content-type": kind}, URL)


def test_a_packed_page_is_one_too() -> None:
    with pytest.raises(FeedError, match="HTML page"):
        parse_feed(gzip.compress(NO_FEEDS["a page"].encode()), {}, URL)


@pytest.mark.parametrize("name", FEEDS)
def test_an_odd_or_empty_feed_is_one(name: str) -> None:
    for read in (parse_feed, read_whole):
        feed = read(FEEDS[name].encode(), {"content-type": "text/html"}, URL)
        assert feed.kind.startswith(("rss", "atom"))
        assert [entry.title for entry in feed.entries] in ([], ["أ"])


def test_a_header_without_a_value_is_an_empty_one() -> None:
    for read in (parse_feed, read_whole):
        none = {"content-type": None, "Content-Language": None}
        assert read(EXAMPLE.encode(), none, URL) == read(EXAMPLE.encode(), {}, URL)  # type: ignore[arg-type]
