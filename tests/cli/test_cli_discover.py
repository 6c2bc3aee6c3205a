"""`rasid feeds discover`, and `rasid parse` of what is no feed."""

from __future__ import annotations

import gzip

import pytest
from sitemap_text import XML, index, urlset

from origin import rss

PAGE = "<html><title>صحيفة</title><h2><a href='https://paper.example/1'>خبر أول</a></h2>"
FRONT = '<html><title>"صحيفة": أولى</title><a href=/rss>RSS</a>'
ARTICLE = {"loc": "https://paper.example/1", "title": "خبر", "date": "2026-01-15T10:00:00Z"}


def test_each_finding_has_its_line_for_feeds_yaml(rasid, desk, origin):
    origin.put("/", FRONT, content_type="text/html")
    origin.put("/rss", rss([{"title": "خبر"}], title=""))
    origin.put("/sitemap.xml", urlset([ARTICLE]), content_type=XML)
    answer = rasid("feeds", "discover", origin.url("/"), "-c", desk.folder, "--json")
    assert answer.code == 0, answer.err
    feed, sitemap = answer.json["found"]
    assert list(feed) == ["url", "kind", "title", "entries", "newest", "line"]
    assert (feed["kind"], feed["entries"], feed["newest"]) == ("feed", 1, None)
    assert (sitemap["kind"], sitemap["newest"]) == ("sitemap", "2026-01-15T10:00:00Z")
    desk.write("feeds.yaml", f"feeds:\n  {feed['line']}\n  {sitemap['line']}\n")
    watched = rasid("feeds", "list", "-c", desk.folder, "--json").json
    assert [each["url"] for each in watched] == [feed["url"], sitemap["url"]]
    assert watched[0]["name"] == '"صحيفة": أولى'
    shown = rasid("feeds", "discover", origin.url("/"), "-c", desk.folder)
    lines = shown.out.splitlines()
    assert feed["line"] in lines
    assert f"rasid feeds add {feed['url']}" in lines
    assert f"rasid feeds add {sitemap['url']} --kind sitemap" in lines
    command = next(line for line in lines if line.startswith("rasid ")).split()[1:]
    desk.write("feeds.yaml", "")
    assert rasid(*command, "-c", desk.folder).out.startswith(f"added {feed['url']}")


def test_where_nothing_is_found_it_says_so(rasid, desk, origin):
    url = origin.put("/", "<html>صيانة</html>", content_type="text/html")
    answer = rasid("feeds", "discover", url, "-c", desk.folder, "--json")
    assert (answer.code, answer.json["found"]) == (65, [])
    assert "no feed and no sitemap found" in answer.err
    assert f"rasid feeds add {url} --kind page --selector 'article h2 a'" in answer.err
    assert rasid("feeds", "discover", origin.url("/none"), "-c", desk.folder).code == 65


def test_a_private_address_is_refused(rasid, desk, origin):
    desk.monitor(allow_private=[])
    url = origin.put("/", rss([]))
    answer = rasid("feeds", "discover", url, "-c", desk.folder)
    assert answer.code == 65
    assert "blocked" in answer.err
    assert origin.requests == []


def test_parse_knows_a_sitemap_by_itself(rasid, tmp_path):
    path = tmp_path / "map.xml.gz"
    path.write_bytes(gzip.compress(urlset([ARTICLE]).encode()))
    answer = rasid("parse", path, "--json")
    assert (answer.code, answer.json["kind"]) == (0, "sitemap")
    assert answer.json["entries"][0]["title"] == "خبر"
    path.write_text(index({"https://paper.example/a.xml": "2026-01-15"}), "utf-8")
    answer = rasid("parse", path, "--json")
    assert answer.json["kind"] == "sitemapindex"
    assert answer.json["entries"][0]["updated"] == "2026-01-15T00:00:00Z"
    path.write_text("https://paper.example/a\n", "utf-8")
    assert rasid("parse", path).code == 65
    assert rasid("parse", "--kind", "sitemap", path, "--json").json["kind"] == "sitemap"


def test_parse_reads_a_page_by_a_selector(rasid, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(PAGE, "utf-8")
    assert rasid("parse", path).code == 65
    assert rasid("parse", "--kind", "page", path).code == 64
    assert rasid("parse", "--kind", "feed", "--selector", "a", path).code == 64
    answer = rasid("parse", "--selector", "h2 a", path, "--json")
    assert (answer.code, answer.json["kind"], answer.json["title"]) == (0, "page", "صحيفة")
    assert [each["title"] for each in answer.json["entries"]] == ["خبر أول"]
    answer = rasid("parse", "--selector", "h3 a", path)
    assert (answer.code, "finds no link" in answer.err) == (65, True)
    assert rasid("parse", "--selector", "h3[", path).code == 65


def test_a_title_is_read_back_as_one_name_whatever_it_holds(rasid, desk, origin):
    title = "a\u0085b\u2028c\u202ed: #e\u007f"
    origin.put("/rss", rss([{"title": "خبر"}], title=title))
    (found,) = rasid("feeds", "discover", origin.url("/rss"), "-c", desk.folder, "--json").json[
        "found"
    ]
    assert found["line"].isprintable()
    desk.write("feeds.yaml", f"feeds:\n  {found['line']}\n")
    (feed,) = rasid("feeds", "list", "-c", desk.folder, "--json").json
    assert feed["url"] == found["url"]


@pytest.mark.parametrize("command", [["feeds", "discover"], ["parse"], ["explain"]])
@pytest.mark.parametrize("path", ["/none", "/page"])
def test_a_login_in_an_address_is_not_told(rasid, desk, origin, command, path):
    origin.put("/page", "<html></html>", content_type="text/html")
    url = origin.url(path).replace("://", "://user:geheim@")
    answer = rasid(*command, url, "-c", desk.folder)
    assert answer.code == 65
    assert answer.err
    assert "geheim" not in answer.out + answer.err
