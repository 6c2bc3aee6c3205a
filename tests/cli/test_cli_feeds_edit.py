"""`rasid feeds add` and `remove`: feeds.yaml as its owner left it, and one feed more or less."""

from __future__ import annotations

import json
import stat

import pytest

from origin import rss

NEWS = [{"title": "خبر", "link": "https://example.org/1", "guid": "1"}]
MINE = """\
# My papers: ask Layla before you remove one

feeds:
  # Iraq
  - {url: 'https://a.example/rss',   name: صحيفة أ}   # since 2021

  - url: https://b.example/rss   # slow
    name: "ب"
    interval: 1h

  # - {url: https://later.example/rss}
"""


@pytest.fixture
def mine(desk):
    """The desk with a file that somebody cares for."""
    desk.write("feeds.yaml", MINE)
    return desk


def text(desk) -> str:
    return (desk.folder / "feeds.yaml").read_bytes().decode()


def names(rasid, desk) -> list[str]:
    return [each["name"] for each in rasid("feeds", "list", "--json", "-c", desk.folder).json]


def test_a_feed_is_read_and_added_with_its_own_title(rasid, mine, origin):
    url = origin.put("/feed.xml", rss(NEWS, title="صحيفة التجربة: أخبار"))
    answer = rasid("feeds", "add", url, "--category", "iraq", "-c", mine.folder)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == f"added {url}  1 entry  صحيفة التجربة: أخبار\n"
    assert text(mine) == MINE.replace(
        "\n  # - {url: https://later",
        f'\n  - url: {url}\n    name: "صحيفة التجربة: أخبار"\n    category: iraq\n'
        "\n  # - {url: https://later",
    )
    assert rasid("check", "-c", mine.folder).code == 0
    assert rasid("feeds", "remove", url, "-c", mine.folder).code == 0
    assert text(mine) == MINE


def test_every_option_is_written_as_it_was_given(rasid, mine):
    (mine.folder / "headers").write_text("X-Key: 12345678\n")
    (mine.folder / "headers").chmod(0o600)
    answer = rasid(
        "feeds", "add", "https://c.example/", "--no-check", "--json", "--name", "22:00",
        "--category", "no", "--language", "ar", "--interval", "10m", "--kind", "page",
        "--selector", "h2 a", "--headers-file", "headers", "--proxy", "http://p.example:8080",
        "--disabled", "-c", mine.folder,
    )  # fmt: skip
    assert answer.code == 0, answer.err
    told = answer.json
    assert (told["state"], told["name"], told["category"]) == ("added", "22:00", "no")
    assert (told["kind"], told["entries"]) == ("page", None)
    added = text(mine).partition("interval: 1h\n\n")[2].partition("\n\n")[0]
    assert added.splitlines() == [
        "  - url: https://c.example/", '    name: "22:00"', '    category: "no"',
        "    language: ar", "    interval: 10m", "    kind: page", "    selector: h2 a",
        "    headers_file: headers", '    proxy: "http://p.example:8080"', "    enabled: false",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["no", "22:00", "- x", "a: b", "#x", "😀", "مخمور\u200f", "'", '"', "{a}, [b]", "~"]
)
def test_odd_names_come_back_as_they_were(rasid, mine, name):
    url = "https://c.example/"
    assert rasid("feeds", "add", url, "--no-check", "--name", name, "-c", mine.folder).code == 0
    assert names(rasid, mine)[-1] == name
    assert rasid("feeds", "remove", "-c", mine.folder, "--", name).code == 0
    assert text(mine) == MINE


def test_a_missing_and_an_empty_file_are_begun(rasid, mine):
    (mine.folder / "feeds.yaml").unlink()
    for content in (None, "", "feeds:\n", "feeds: []\n"):
        if content is not None:
            mine.write("feeds.yaml", content)
        rasid("feeds", "add", "https://c.example/", "--no-check", "-c", mine.folder)
        assert text(mine) == 'feeds:\n  - {url: "https://c.example/"}\n'


def test_a_feed_that_is_there_is_told_and_nothing_changes(rasid, mine):
    answer = rasid("feeds", "add", "HTTPS://A.example:443/rss#x", "-c", mine.folder)
    assert (answer.code, answer.out) == (0, "already there: https://a.example/rss  صحيفة أ\n")
    told = rasid("feeds", "add", "https://a.example/rss", "--json", "-c", mine.folder).json
    assert told["state"] == "present"
    assert text(mine) == MINE


def test_what_moved_for_good_is_added_where_it_is(rasid, mine, origin):
    new = origin.put("/new.xml", rss(NEWS))
    origin.redirect("/old.xml", "/new.xml")
    answer = rasid("feeds", "add", origin.url("/old.xml"), "-c", mine.folder)
    assert f"added {new}" in answer.out
    assert f"{origin.url('/old.xml')} has moved there for good" in answer.out
    again = rasid("feeds", "add", origin.url("/old.xml"), "-c", mine.folder)
    assert again.out.startswith("already there")


def test_titles_that_are_taken_get_the_host(rasid, mine, origin):
    url = origin.put("/feed.xml", rss(NEWS, title="صحيفة أ"))
    rasid("feeds", "add", url, "-c", mine.folder)
    assert names(rasid, mine)[-1] == "صحيفة أ (127.0.0.1)"


REFUSED = [  # (arguments after URL, what is said)
    (["ftp://c.example/"], "URL: must begin with http:// or https://"),
    (["c.example"], "URL: must begin with"),
    (["https://c.example/", "--interval", "soon"], "--interval: must be a duration"),
    (["https://c.example/", "--kind", "fed"], "--kind: must be one of"),
    (["https://c.example/", "--kind", "page"], "--kind: a page needs a selector"),
    (["https://c.example/", "--headers-file", "nowhere"], "--headers-file: "),
    (["https://c.example/", "--name", "ب"], "--name: ب is the name of another feed"),
    (["https://c.example/", "--name", "a\nb"], "--name: must be one line"),
    (["https://c.example/", "--name", "\udcff"], "--name: is not UTF-8"),
]


@pytest.mark.parametrize(("args", "said"), REFUSED)
def test_what_makes_no_sense_is_refused(rasid, mine, args, said):
    answer = rasid("feeds", "add", *args, "--no-check", "-c", mine.folder)
    assert answer.code == 64
    assert said in answer.err
    assert text(mine) == MINE


def test_what_is_no_feed_is_not_added(rasid, mine, origin):
    broken = origin.put("/broken.xml", status=500)
    answer = rasid("feeds", "add", broken, "-c", mine.folder)
    assert answer.code == 65
    assert "500" in answer.err
    assert "--no-check" in answer.err
    assert text(mine) == MINE
    assert rasid("feeds", "add", broken, "--no-check", "-c", mine.folder).code == 0


PAGE = "<html><title>صحيفة</title><a href='/one.xml'>RSS</a>"
MAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://m.example/1</loc>'
    "<lastmod>2026-01-15</lastmod></url></urlset>"
)


def test_the_one_feed_of_a_page_is_added(rasid, mine, origin):
    page = origin.put("/", PAGE, content_type="text/html")
    url = origin.put("/one.xml", rss(NEWS))
    origin.put("/sitemap.xml", MAP)
    answer = rasid("feeds", "add", page, "--category", "iraq", "-c", mine.folder)
    assert answer.code == 0, answer.err
    assert answer.out.splitlines() == [
        f"added {url}  1 entry  صحيفة التجربة",
        f"found from the page {page}",
    ]
    assert rasid("feeds", "add", page, "--json", "-c", mine.folder).json["state"] == "present"


EDIT = "(edit feeds.yaml to change what is there)"


def test_of_what_is_there_it_says_how_it_was_found_and_what_was_not_applied(rasid, mine, origin):
    page = origin.put("/", PAGE, content_type="text/html")
    url = origin.put("/one.xml", rss(NEWS))
    rasid("feeds", "add", url, "-c", mine.folder)
    before = text(mine)
    answer = rasid(
        "feeds", "add", page, "--interval", "10m", "--full-text", "auto", "--disabled",
        "-c", mine.folder,
    )  # fmt: skip
    assert answer.code == 0
    assert answer.out.splitlines() == [
        f"already there: {url}  صحيفة التجربة",
        f"found from the page {page}",
        f"not applied: --interval, --full-text, --disabled {EDIT}",
    ]
    direct = rasid("feeds", "add", url, "--category", "iraq", "-c", mine.folder).out
    assert "not applied: --category (" in direct
    assert "found from" not in direct
    assert text(mine) == before


def test_of_several_feeds_the_lines_to_choose_from_are_shown(rasid, mine, origin):
    page = origin.put("/", PAGE + "<a href='/two.xml'>RSS</a>", content_type="text/html")
    urls = [origin.put(f"/{name}.xml", rss(NEWS, title=name)) for name in ("one", "two")]
    answer = rasid("feeds", "add", page, "--category", "iraq news", "-c", mine.folder)
    assert answer.code == 65
    assert "several are found" in answer.err
    lines = [line for line in answer.out.splitlines() if line.startswith("rasid ")]
    assert lines == [f"rasid feeds add {url} --category 'iraq news'" for url in urls]
    assert text(mine) == MINE
    told = rasid("feeds", "add", page, "--json", "-c", mine.folder)
    assert told.code == 65
    assert [each["url"] for each in told.json["found"]] == urls


def test_a_page_without_a_feed_and_a_sitemap(rasid, mine, origin):
    page = origin.put("/", "<html><p>صيانة</p>", content_type="text/html")
    answer = rasid("feeds", "add", page, "-c", mine.folder)
    assert answer.code == 65
    assert "no feed is found" in answer.err
    assert f"rasid feeds add {page} --kind page --selector 'article h2 a'" in answer.err
    url = origin.put("/map.xml", MAP)
    added = rasid("feeds", "add", url, "--name", "m", "--json", "-c", mine.folder).json
    assert (added["kind"], added["entries"], added["found_from"]) == ("sitemap", 1, None)
    assert "    kind: sitemap\n" in text(mine)


def test_a_page_is_read_by_its_selector(rasid, mine, origin):
    links = "<html><h2><a href='https://p.example/news/1'>خبر طويل بما يكفي</a></h2>"
    page = origin.put("/p", links, content_type="text/html")
    kind = ("--kind", "page", "--selector")
    assert rasid("feeds", "add", page, *kind, "h2 a", "-c", mine.folder).code == 0
    assert "    selector: h2 a\n" in text(mine)
    other = origin.put("/q", links, content_type="text/html")
    assert rasid("feeds", "add", other, *kind, "h3 a", "-c", mine.folder).code == 65


def test_private_addresses_are_not_asked(rasid, mine, origin):
    mine.monitor(allow_private=[])
    answer = rasid("feeds", "add", origin.put("/feed.xml", rss(NEWS)), "-c", mine.folder)
    assert answer.code == 65
    assert not origin.requests


def test_the_feed_is_asked_with_its_headers(rasid, mine, origin):
    origin.put("/feed.xml", rss(NEWS))
    (mine.folder / "headers").write_text("X-Key: 12345678\n")
    (mine.folder / "headers").chmod(0o600)
    rasid("feeds", "add", origin.url("/feed.xml"), "--headers-file", "headers", "-c", mine.folder)
    assert origin.requests[0].headers["x-key"] == "12345678"


def test_logins_are_kept_and_not_shown(rasid, mine, origin):
    origin.put("/feed.xml", rss(NEWS))
    url = origin.url("/feed.xml").replace("://", "://user:secret@")
    answer = rasid("feeds", "add", url, "--json", "-c", mine.folder)
    assert answer.json["state"] == "added"
    assert "secret" not in answer.out + answer.err
    assert url in text(mine)
    removed = rasid("feeds", "remove", origin.url("/feed.xml"), "-c", mine.folder)
    assert removed.code == 0
    assert text(mine) == MINE


FAULTY = [  # (feeds.yaml, how its fault is told)
    ("feeds:\n  - {url: https://a.example, nam: x}\n", "feeds.yaml:2:30: nam: unknown key"),
    ("feeds:\n  - {url: https://a.example\n", "feeds.yaml:2:5: this '{' is not closed"),
    ("feeds: 3\n", "feeds.yaml:1:8: feeds: must be a list"),
    ("\xff", "feeds.yaml:1:1: "),
]


@pytest.mark.parametrize(("content", "said"), FAULTY)
def test_a_file_with_faults_is_told_and_left_alone(rasid, mine, content, said):
    (mine.folder / "feeds.yaml").write_bytes(content.encode("latin-1"))
    for args in (("add", "https://c.example/", "--no-check"), ("remove", "x"), ("export",)):
        answer = rasid("feeds", *args, "-c", mine.folder)
        assert answer.code == 78
        assert said in answer.err
    assert (mine.folder / "feeds.yaml").read_bytes() == content.encode("latin-1")


def test_a_file_of_another_name_is_not_hidden_by_a_new_one(rasid, mine):
    (mine.folder / "feeds.yaml").rename(mine.folder / "feeds.yml")
    answer = rasid("feeds", "add", "https://c.example/", "--no-check", "-c", mine.folder)
    assert answer.code == 78
    assert "rename it feeds.yaml" in answer.err
    assert not (mine.folder / "feeds.yaml").exists()


def test_faults_of_other_files_are_in_nobodys_way(rasid, mine):
    mine.write("rules.yaml", "rules: [")
    assert rasid("feeds", "remove", "ب", "-c", mine.folder).code == 0


def test_a_change_that_makes_a_rule_wrong_is_refused(rasid, mine):
    url = "https://c.example/"
    rasid("feeds", "add", url, "--no-check", "--name", "صحيفة أب", "-c", mine.folder)
    mine.write("rules.yaml", {"rules": [{"name": "r", "any": ["x"], "feeds": {"name": "صحيفة أ"}}]})
    before = text(mine)
    answer = rasid("feeds", "remove", "صحيفة أ", "-c", mine.folder)
    assert answer.code == 78
    assert "was left as it is" in answer.err
    assert "rules.yaml:1:" in answer.err
    assert text(mine) == before


def test_mode_and_link_stay(rasid, mine):
    real = mine.folder.parent / "shared.yaml"
    (mine.folder / "feeds.yaml").rename(real)
    (mine.folder / "feeds.yaml").symlink_to(real)
    real.chmod(0o640)
    rasid("feeds", "add", "https://c.example/", "--no-check", "-c", mine.folder)
    assert (mine.folder / "feeds.yaml").is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert "c.example" in real.read_text("utf-8")


def test_feeds_are_removed_by_name_and_address(rasid, mine):
    answer = rasid("feeds", "remove", "ب", "https://A.example/rss#x", "-c", mine.folder)
    assert answer.code == 0
    told = [line.split() for line in answer.out.splitlines()]
    assert told == [
        ["removed", "https://a.example/rss", "صحيفة", "أ"],
        ["removed", "https://b.example/rss", "ب"],
    ]
    head = MINE[: MINE.index("  - {url")]
    assert text(mine) == head + "\n  # - {url: https://later.example/rss}\n"


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [("صحيفه أ", "did you mean 'صحيفة أ'"), ("https://a.example/rs", "a.example/rss"), ("x", "")],
)
def test_an_unknown_feed_is_told_with_what_is_near(rasid, mine, wanted, hint):
    answer = rasid("feeds", "remove", "ب", wanted, "-c", mine.folder)
    assert answer.code == 64
    assert f"no feed is {wanted}" in answer.err
    assert hint in answer.err
    assert text(mine) == MINE


def test_removing_tells_programs_what_went(rasid, mine):
    answer = rasid("feeds", "remove", "ب", "--json", "-c", mine.folder)
    gone = {"url": "https://b.example/rss", "name": "ب", "category": None}
    assert json.loads(answer.out) == {"removed": [gone]}
