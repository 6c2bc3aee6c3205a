"""`rasid feeds import` and `export`: lists of feeds from other readers and for them."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from origin import rss
from stranger import Daemon, Stranger

LIST = """\
<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0" xmlns:r="urn:some-reader">
  <head><title>My feeds</title></head>
  <body>
    <outline text="العراق" r:open="1">
      <outline text="محلي">
        <outline text="صحيفة أ" title="أ" type="rss" xmlUrl="https://a.example/?x=1&amp;y=2"
          htmlUrl="https://a.example/" r:mode="full"/>
      </outline>
      <outline text="صحيفة ب" type="rss" xmlUrl="https://b.example/rss"/>
    </outline>
    <outline text="broken" type="rss" xmlUrl="gopher://c.example/"/>
  </body>
</opml>
"""


@pytest.fixture
def listed(desk, tmp_path):
    """The desk with one feed, and a list that has it and others."""
    desk.write("feeds.yaml", "feeds:\n  - {url: https://b.example/rss, name: ب}  # mine\n")
    (tmp_path / "list.opml").write_text(LIST, "utf-8")
    return desk


def configured(rasid, desk):
    rows = rasid("feeds", "list", "--json", "-c", desk.folder).json
    return {row["url"]: (row["name"], row["category"]) for row in rows}


def test_what_is_new_is_added_and_the_rest_told(rasid, listed):
    before = (listed.folder / "feeds.yaml").read_text("utf-8")
    answer = rasid("feeds", "import", "list.opml", "-c", listed.folder)
    assert answer.code == 65
    assert answer.err == (
        "line 12: skipped: gopher://c.example/: xmlUrl: must begin with http:// or https://\n"
    )
    assert answer.out.splitlines() == [
        "added          https://a.example/?x=1&y=2  صحيفة أ, العراق / محلي",
        "already there  https://b.example/rss",
        "1 added, 1 already there, 1 skipped",
    ]
    after = (listed.folder / "feeds.yaml").read_text("utf-8")
    assert after == before + (
        "  - {url: https://a.example/?x=1&y=2, name: صحيفة أ, category: العراق / محلي}\n"
    )
    assert rasid("check", "-c", listed.folder).code == 0
    again = rasid("feeds", "import", "list.opml", "-c", listed.folder)
    assert "0 added, 2 already there, 1 skipped" in again.out
    assert (listed.folder / "feeds.yaml").read_text("utf-8") == after


def test_a_dry_run_changes_nothing(rasid, listed):
    before = {path.name: path.read_bytes() for path in listed.folder.iterdir()}
    answer = rasid("feeds", "import", "list.opml", "--dry-run", "--json", "-c", listed.folder)
    assert [each["url"] for each in answer.json["added"]] == ["https://a.example/?x=1&y=2"]
    assert answer.json["present"] == ["https://b.example/rss"]
    assert [each["line"] for each in answer.json["skipped"]] == [12]
    assert {path.name: path.read_bytes() for path in listed.folder.iterdir()} == before


def test_lists_come_from_pipes_and_from_the_web(rasid, desk, origin):
    sound = LIST.replace("gopher", "https")
    assert rasid("feeds", "import", "-", "-c", desk.folder, stdin=sound).code == 0
    assert len(configured(rasid, desk)) == 3
    url = origin.put("/list.opml", sound.encode())
    answer = rasid("feeds", "import", url, "-c", desk.folder)
    assert "0 added, 3 already there" in answer.out


def test_an_export_gives_back_what_an_import_brought(rasid, listed):
    rasid("feeds", "import", "list.opml", "-c", listed.folder)
    answer = rasid("feeds", "export", "-c", listed.folder)
    assert (answer.code, answer.err) == (0, "")
    root = ET.fromstring(answer.out)
    folder = root.find("body/outline[@text='العراق']")
    assert folder.get("{urn:some-reader}open") == "1"
    feed = folder.find("outline[@text='محلي']/outline")
    assert feed.attrib == {
        "text": "صحيفة أ", "title": "أ", "type": "rss", "xmlUrl": "https://a.example/?x=1&y=2",
        "htmlUrl": "https://a.example/", "{urn:some-reader}mode": "full",
        "category": "/العراق/محلي",
    }  # fmt: skip
    rasid("feeds", "remove", "صحيفة أ", "-c", listed.folder)
    assert "a.example" not in rasid("feeds", "export", "-c", listed.folder).out


def test_an_export_imported_elsewhere_means_the_same(rasid, desk, tmp_path):
    feeds = [
        {"url": "https://a.example/", "name": "22:00", "category": "a / b", "interval": "10m"},
        {"url": "https://b.example/", "category": "a/b", "language": "ar", "enabled": False},
        {"url": "https://c.example/", "kind": "page", "selector": 'h2 > a[href*="news"]'},
    ]
    desk.write("feeds.yaml", {"feeds": feeds})
    before = configured(rasid, desk)
    written = rasid("feeds", "export", tmp_path / "out.opml", "-c", desk.folder)
    assert (written.code, written.out) == (0, "")
    desk.write("feeds.yaml", "")
    assert rasid("feeds", "import", tmp_path / "out.opml", "-c", desk.folder).code == 0
    assert configured(rasid, desk) == before
    text = (desk.folder / "feeds.yaml").read_text("utf-8")
    assert "interval: 10m" in text
    assert "enabled: false" in text
    assert 'selector: "h2 > a[href*=\\"news\\"]"' in text
    assert not (desk.folder / "feeds.opml").exists()


def test_an_export_holds_no_secret_and_says_so(rasid, desk):
    (desk.folder / "headers").write_text("X-Key: 12345678\n")
    (desk.folder / "headers").chmod(0o600)
    login = "https://user:secret@a.example/"
    desk.write("feeds.yaml", {"feeds": [{"url": login, "headers_file": "headers"}]})
    answer = rasid("feeds", "export", "-c", desk.folder)
    assert "https://a.example/" in answer.out
    assert not any(word in answer.out + answer.err for word in ("secret", "12345678", "user:"))
    assert answer.err.splitlines() == [
        "left out: the logins in the addresses of 1 feed",
        "left out: headers_file and proxy of 1 feed",
    ]


REFUSED = [
    ("<html>", "begins with <html>"),
    ("<rss/>", "begins with <rss>"),
    ('<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml>&x;</opml>', "refused"),
    ("<opml>" + "<outline>" * 200, "nested deeper"),
]


@pytest.mark.parametrize(("content", "said"), REFUSED)
def test_what_is_no_list_is_refused(rasid, listed, content, said):
    before = (listed.folder / "feeds.yaml").read_bytes()
    answer = rasid("feeds", "import", "-", "-c", listed.folder, stdin=content)
    assert answer.code == 65
    assert said in answer.err
    assert (listed.folder / "feeds.yaml").read_bytes() == before
    assert not (listed.folder / "feeds.opml").exists()


def test_a_damaged_file_beside_feeds_yaml_is_told(rasid, listed):
    (listed.folder / "feeds.opml").write_text("<opml>")
    for args in (("export",), ("import", "list.opml")):
        answer = rasid("feeds", *args, "-c", listed.folder)
        assert answer.code == 65
        assert "feeds.opml: " in answer.err
        assert "delete it" in answer.err


def test_a_running_watcher_takes_a_change_over(tmp_path, origin):
    origin.put("/a.xml", rss([]))
    origin.put("/b.xml", rss([]))
    home = Stranger(tmp_path, feeds={"a": origin.url("/a.xml")}, channels={"s": "console://"})
    with Daemon(home, tmp_path / "daemon") as daemon:
        daemon.wait_until_ready()
        added = home.run("feeds", "add", origin.url("/b.xml"))
        assert added.returncode == 0, added.stderr
        for _ in range(40):
            status = home.run("status", "--json").stdout
            if '"ok": 2' in status:
                break
        assert '"ok": 2' in status
        assert daemon.stop() == 0


def test_feeds_of_one_name_at_hosts_of_any_length_are_told_apart(rasid, desk, tmp_path):
    host = ".".join(["a" * 60] * 4)
    urls = [f"https://{first}.{host}/f" for first in "abc"]
    outlines = "".join(f'<outline text="خبر" type="rss" xmlUrl="{url}"/>' for url in urls)
    (tmp_path / "list.opml").write_text(f"<opml><body>{outlines}</body></opml>", "utf-8")
    desk.write("feeds.yaml", "feeds: []\n")
    answer = rasid("feeds", "import", "list.opml", "-c", desk.folder)
    assert (answer.code, answer.err) == (0, "")
    assert list(configured(rasid, desk)) == urls
