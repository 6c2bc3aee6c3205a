"""What a sound configuration becomes, and what it warns of."""

from __future__ import annotations

from dataclasses import fields
from datetime import time
from pathlib import Path

import pytest

from monitor.core.feeds.identity import feed_id
from monitor.errors import ConfigError
from monitor.model import FeedFilter, FullText, PlaceName, Polling, Quiet, Severity
from monitor.settings.folder import find_directory
from monitor.settings.json_schema import json_schema
from monitor.settings.load import Config, load, load_rules

RULES = "rules:\n  - {name: أ, any: [داعش]}\n"


def write(directory: Path, **files: str) -> Path:
    for name, text in {"monitor": "", "rules": RULES, **files}.items():
        (directory / f"{name}.yaml").write_text(text, encoding="utf-8")
    return directory


def warned(config: Config) -> list[str]:
    return [str(problem) for problem in config.warnings]


def test_empty_files_mean_the_defaults(tmp_path: Path) -> None:
    config = load(write(tmp_path, rules=""), environ={})
    assert config.polling == Polling(900.0, 60.0, 3600.0, 30.0, 50, 2, 86400.0, 10_000_000)
    assert (config.timezone, config.language, config.state) == ("UTC", "ar", tmp_path / "state")
    assert (config.log_level, config.log_format) == ("info", "auto")
    assert (config.archive, config.seen) == (30 * 86400.0, 90 * 86400.0)
    assert (config.channels, config.operator, config.proxy, config.contact) == (
        (),
        None,
        None,
        None,
    )
    assert warned(config) == [
        "monitor.yaml:1:1: no channels: alerts would go nowhere",
        "feeds.yaml: no feeds: nothing is watched",
        "rules.yaml: no rules: nothing can alert",
    ]


def test_every_key_of_monitor_yaml(tmp_path: Path) -> None:
    text = """
state: var/state
timezone: Asia/Baghdad
language: en
contact: ops@desk.example
polling: {interval: 10m, min_interval: 0s, max_hint: 2h, timeout: 5s, concurrency: 7,
          per_host: 1, first_poll_max_age: 2d, max_bytes: 500kB}
allow_private: [127.0.0.0/8, "::1/128"]
proxy: http://proxy.example:3128
channels: {desk: {url: "console://", language: ar}}
operator: desk
log: {level: debug, format: json}
seen: {days: 10}
"""
    config = load(write(tmp_path, monitor=text), environ={})
    assert config.polling == Polling(600.0, 0.0, 7200.0, 5.0, 7, 1, 172800.0, 500_000)
    assert (config.state, config.timezone) == (tmp_path / "var" / "state", "Asia/Baghdad")
    assert (config.language, config.contact) == ("en", "ops@desk.example")
    assert config.allow_private == ("127.0.0.0/8", "::1/128")
    assert config.proxy == "http://proxy.example:3128"
    assert [(c.name, c.url, c.language) for c in config.channels] == [("desk", "console://", "ar")]
    assert (config.operator, config.log_level, config.log_format) == ("desk", "debug", "json")
    assert config.seen == 864000.0


SIZES = [("1B", 1), ("5kB", 5000), ("10MB", 10_000_000), ("1 GB", 10**9), ("2KiB", 2048)]


@pytest.mark.parametrize(("text", "size"), SIZES)
def test_sizes(tmp_path: Path, text: str, size: int) -> None:
    config = load(write(tmp_path, monitor=f"polling: {{max_bytes: {text}}}"), environ={})
    assert config.polling.max_bytes == size


DURATIONS = [("1s", 1.0), ("90s", 90.0), ("5m", 300.0), ("2h", 7200.0), ("7d", 604800.0)]


@pytest.mark.parametrize(("text", "seconds"), DURATIONS)
def test_durations(tmp_path: Path, text: str, seconds: float) -> None:
    config = load(write(tmp_path, monitor=f"polling: {{timeout: {text}}}"), environ={})
    assert config.polling.timeout == seconds


def test_the_state_directory_of_systemd_wins(tmp_path: Path) -> None:
    environ = {"STATE_DIRECTORY": "/var/lib/rasid:/var/lib/other"}
    assert load(write(tmp_path), environ=environ).state == Path("/var/lib/rasid")


def test_a_state_below_the_home_directory(tmp_path: Path) -> None:
    config = load(write(tmp_path, monitor="state: ~/rasid"), environ={"HOME": "/home/desk"})
    assert config.state == Path("/home/desk/rasid")


def test_every_key_of_a_feed(tmp_path: Path) -> None:
    text = """
feeds:
  - {url: "https://a.example/rss", name: صحيفة, category: iraq, language: ar, interval: 5m,
     full_text: true, kind: feed, proxy: "http://p.example:1", enabled: false}
  - {url: "https://b.example/rss"}
  - {url: "https://c.example/rss", full_text: auto}
  - {url: "https://d.example/rss", full_text: false}
"""
    one, two, three, four = load(write(tmp_path, feeds=text), environ={}).feeds
    assert one.id == feed_id("https://a.example/rss")
    assert (one.name, one.category, one.language, one.interval) == ("صحيفة", "iraq", "ar", 300.0)
    assert (one.proxy, one.enabled) == ("http://p.example:1", False)
    assert (two.name, two.category, two.interval, two.enabled) == ("b.example", None, 900.0, True)
    asked = [feed.full_text for feed in (one, two, three, four)]
    assert asked == [FullText.ALWAYS, FullText.NEVER, FullText.AUTO, FullText.NEVER]


def test_feeds_of_one_host_without_names_get_names_of_their_own(tmp_path: Path) -> None:
    urls = ["www.a.example/x", "a.example/y/", "a.example/y?k=hunter2", "b.example/"]
    lines = "".join(f"  - {{url: 'https://{url}'}}\n" for url in urls)
    lines += "  - {url: 'http://c.example', name: b.example}\n"
    feeds = load(write(tmp_path, feeds=f"feeds:\n{lines}"), environ={}).feeds
    names = [feed.name for feed in feeds]
    assert names == ["a.example/x", "a.example/y", "a.example/y 2", "b.example 2", "b.example"]


def test_every_key_of_a_rule(tmp_path: Path) -> None:
    files = {
        "monitor": 'channels: {desk: {url: "console://"}}',
        "feeds": "feeds: [{url: 'https://a.example', category: iraq}]",
        "rules": """
rules:
  - name: كل شيء
    any: [داعش, =غارة, قص*]
    all: [تنظيم الدولة]
    none: [مسلسل]
    query: غارة OR قصف
    places: [مخمور, {name: القائم, in: الأنبار}]
    not_places: [أربيل]
    fields: [title]
    feeds: {category: iraq, language: [ar, en]}
    severity: critical
    channels: [desk]
    loose: true
    on_change: true
    enabled: false
    sense: normal
    forms: false
    note: ملاحظة
    examples: {match: [], no_match: [لا شيء]}
""",
    }
    config = load(write(tmp_path, **files), environ={})
    (rule,) = config.rules
    assert (rule.name, rule.any, rule.all) == (
        "كل شيء",
        ("داعش", "=غارة", "قص*"),
        ("تنظيم الدولة",),
    )
    assert (rule.none, rule.query, rule.fields) == (("مسلسل",), "غارة OR قصف", ("title",))
    assert rule.places == (PlaceName("مخمور"), PlaceName("القائم", "الأنبار"))
    assert rule.not_places == (PlaceName("أربيل"),)
    assert rule.feeds == FeedFilter((), ("iraq",), ("ar", "en"))
    assert (rule.severity, rule.channels) == (Severity.CRITICAL, ("desk",))
    assert (rule.loose, rule.on_change, rule.enabled, rule.note) == (True, True, False, "ملاحظة")
    assert (rule.examples_match, rule.examples_no_match) == ((), ("لا شيء",))
    assert warned(config) == []


def test_an_own_place_lies_in_all_that_contains_its_container(tmp_path: Path) -> None:
    text = """
places:
  - {id: spring, kind: spring, name: عين التجربة, spellings: [عين تجربة],
     in: [hill], lat: 35.7, lon: 43}
  - {id: hill, name: تل التجربة, in: مخمور}
"""
    places = load(write(tmp_path, places=text), environ={}).gazetteer.places
    spring = places["spring"]
    assert spring.parents[0] == "hill"
    assert {"iq-makhmur", "iq"} < set(spring.parents)
    assert (spring.kind, spring.spellings, spring.country) == ("spring", ("عين تجربة",), "iq")
    assert (spring.lat, spring.lon) == (35.7, 43.0)
    assert "iq-baghdad" in places


def test_rules_may_name_own_places(tmp_path: Path) -> None:
    files = {
        "places": "places: [{id: hill, name: تل التجربة, in: [مخمور]}]",
        "rules": "rules:\n  - name: أ\n    places: [تل التجربة]\n"
        "    examples: {match: [قصف على تل التجربة]}\n",
    }
    assert load(write(tmp_path, **files), environ={}, examples=True).rules


def test_a_heartbeat_that_nobody_hears_is_told(tmp_path: Path) -> None:
    files = {
        "monitor": """
channels:
  desk: {url: "console://"}
heartbeat: daily 08:00
""",
        "rules": RULES + "    \n",
        "feeds": "feeds: [{url: 'http://a.example'}]",
    }
    assert warned(load(write(tmp_path, **files), environ={})) == [
        "monitor.yaml:4:1: heartbeat: goes nowhere without an operator"
    ]


def test_when_a_channel_and_a_rule_are_silent(tmp_path: Path) -> None:
    files = {
        "monitor": """
channels:
  desk:
    url: console://
    quiet: {from: 23:00, to: 07:30, except: critical}
    digest: daily 08:00
    group_wait: 5m
""",
        "rules": """
rules:
  - {name: أ, any: [داعش], quiet: {from: 13:00, to: 15:00}, digest: daily 20:15, max_per_day: 5}
  - {name: ب, any: [غارة]}
""",
    }
    config = load(write(tmp_path, **files), environ={})
    (desk,) = config.channels
    assert desk.quiet == Quiet(time(23), time(7, 30), Severity.CRITICAL)
    assert (desk.digest, desk.group_wait) == (time(8), 300.0)
    rule, other = config.rules
    assert rule.quiet == Quiet(time(13), time(15))
    assert (rule.digest, rule.max_per_day) == (time(20, 15), 5)
    assert (other.quiet, other.digest, other.max_per_day) == (None, None, None)


def test_hours_that_leave_no_time_to_send_are_told(tmp_path: Path) -> None:
    day = "quiet: {from: 07:00, to: 23:00}"
    files = {
        "monitor": """
channels:
  desk: {url: "console://", quiet: {from: 23:00, to: 07:00, except: critical}}
  night: {url: "console://", quiet: {from: 01:00, to: 05:00}}
""",
        "feeds": "feeds: [{url: 'http://a.example'}]",
        "rules": f"""
rules:
  - name: أ
    any: [داعش]
    {day}
  - {{name: ب, any: [غارة], channels: [night], {day}}}
  - {{name: ج, any: [زلزال], severity: critical, {day}}}
  - {{name: د, any: [فيضان], enabled: false, {day}}}
""",
    }
    (told,) = warned(load(write(tmp_path, **files), environ={}))
    assert told == (
        "rules.yaml:5:5: quiet: with those of channel 'desk' (23:00-07:00) no time is left to send:"
        " over it, only its own count"
    )


def test_a_filter_that_no_feed_meets_is_told_and_a_slip_is_refused(tmp_path: Path) -> None:
    files = {
        "monitor": 'channels: {desk: {url: "console://"}}',
        "feeds": "feeds: [{url: 'http://a.example', category: security}]",
        "rules": "rules:\n  - {name: أ, any: [داعش], feeds: {category: رياضة}}\n",
    }
    assert warned(load(write(tmp_path, **files), environ={})) == [
        "rules.yaml:2:46: feeds.category[0]: no feed has the category 'رياضة'"
    ]
    files["rules"] = files["rules"].replace("رياضة", "securty")
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, **files), environ={})
    assert str(caught.value) == (
        "rules.yaml:2:46: feeds.category[0]: no feed has the category 'securty'"
        " (did you mean 'security'?)"
    )


def test_files_that_are_missing(tmp_path: Path) -> None:
    (tmp_path / "feeds.yml").write_text("feeds: []", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, environ={})
    hint = "(rasid init DIR writes a starter configuration)"
    assert str(caught.value).splitlines() == [
        f"monitor.yaml: is missing {hint}",
        f"rules.yaml: is missing {hint}",
        "feeds.yml: is not read: rename it feeds.yaml",
    ]
    assert caught.value.exit_code == 78


def test_rules_alone_need_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(
        "rules:\n  - {name: أ, any: [داعش], channels: [nowhere], feeds: {category: none}}\n",
        encoding="utf-8",
    )
    (tmp_path / "monitor.yaml").write_text("not: [read", encoding="utf-8")
    config = load_rules(tmp_path)
    assert [rule.channels for rule in config.rules] == [("nowhere",)]
    assert len(config.gazetteer.places) > 100


def test_rules_alone_are_checked_all_the_same(tmp_path: Path) -> None:
    write(tmp_path, rules="rules:\n  - {name: أ, places: [مخمر]}\n")
    with pytest.raises(ConfigError, match=r"rules\.yaml:2:24: places\[0\]: no place"):
        load_rules(tmp_path)


def test_the_folder_is_found_in_the_order_that_is_promised(tmp_path: Path) -> None:
    cwd, home = tmp_path / "cwd", tmp_path / "home"
    given, named = tmp_path / "given", tmp_path / "named"
    for folder in (cwd / "config", home / ".config" / "rasid", given, named):
        folder.mkdir(parents=True)
    environ = {"RASID_CONFIG": str(named)}
    assert find_directory(given, environ, cwd, home) == given
    assert find_directory(None, environ, cwd, home) == named
    assert find_directory(None, {}, cwd, home) == cwd / "config"
    assert find_directory(None, {}, given, home) == home / ".config" / "rasid"


def test_a_folder_that_is_named_must_exist(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    environ = {"RASID_CONFIG": "nowhere"}
    with pytest.raises(ConfigError, match=r"nowhere: is no folder \(rasid init DIR"):
        find_directory(None, environ, tmp_path, tmp_path)


@pytest.mark.parametrize("kind", ["monitor", "feeds", "rules", "places"])
def test_each_file_has_a_json_schema(kind: str) -> None:
    assert '"additionalProperties": false' in json_schema(kind)  # type: ignore[arg-type]


def test_a_configuration_shows_no_address_of_a_channel(tmp_path: Path) -> None:
    text = "proxy: http://u:hunter2@p.example\nchannels: {desk: {url: tgram://hunter2/1}}"
    config = load(write(tmp_path, monitor=text), environ={})
    assert "hunter2" in config.channels[0].url
    assert "hunter2" not in repr(config)
    assert {field.name for field in fields(config)} > {"channels", "proxy"}


def test_hashtags_that_yaml_takes_for_comments_are_warned_of(tmp_path: Path) -> None:
    rules = """\
rules:
  - name: أ
    query: غارة OR قصف #داعش
  - name: ب
    any:
      - هجوم #داعش
      - 'غارة #داعش'
      - قصف # a remark
"""
    config = load(write(tmp_path, rules=rules), environ={}, examples=True)
    reason = "begins a comment, and is not looked for"
    cure = "(put single quotes around the whole text, if it is meant)"
    assert [str(problem) for problem in config.warnings if problem.file == "rules.yaml"] == [
        f"rules.yaml:3:12: query: '#داعش' {reason} {cure}",
        f"rules.yaml:6:9: any[0]: '#داعش' {reason} {cure}",
    ]


def test_a_rule_that_never_fires_is_warned_of_once(tmp_path: Path) -> None:
    rules = "rules:\n  - {name: أ, any: [داعش]}\n  - {name: ب, any: [داعش], none: [داعش]}\n"
    config = load(write(tmp_path, rules=rules), environ={}, examples=True)
    reasons = [problem.reason for problem in config.warnings if problem.file == "rules.yaml"]
    assert len(reasons) == 1
    assert "never fires" in reasons[0]


def test_words_expressions_and_weights_of_ones_own_are_evidence(tmp_path: Path) -> None:
    text = """\
places:
  - {id: tents, name: الخيام الجديدة, in: [مخمور], meanings: ["plural: tents"], population: 900}
sense:
  words: {head: [ضيعه], sport: [كومبارس]}
  phrases: [مطعم الموصل]
  weights: {sport_alone: -3}
"""
    gazetteer = load(write(tmp_path, places=text), environ={}).gazetteer
    lore = gazetteer.lore
    assert "head" in lore.kinds["ضيعه"]
    assert "sport" in lore.kinds["الكومبارس"]  # heard with the article, as the shipped ones
    assert "head" in lore.kinds["قضاء"]
    assert "مطعم الموصل" in lore.phrases
    assert lore.weights["sport_alone"] == -3
    assert gazetteer.places["tents"].meanings == ("plural: tents",)


def test_words_alone_need_no_places(tmp_path: Path) -> None:
    text = "sense:\n  phrases: [مطعم الموصل]\n"
    gazetteer = load(write(tmp_path, places=text), environ={}).gazetteer
    assert "iq-mosul" in gazetteer.places
    assert "مطعم الموصل" in gazetteer.lore.phrases


@pytest.mark.parametrize(
    ("sense", "problem"),
    [
        ("words: {haed: [ضيعة]}", "no kind of word is called 'haed' (did you mean 'head'?)"),
        ("words: {head: [رئيس بلدية]}", "is not one word"),
        ("weights: {sport_alon: 1}", "no evidence is called 'sport_alon'"),
        ("weights: {sport_alone: 100}", "must be at most 20.0, not 100"),
        ("wrods: {}", "unknown key (did you mean 'words'?)"),
    ],
)
def test_faults_of_ones_own_evidence_are_told(tmp_path: Path, sense: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, places=f"sense:\n  {sense}\n"), environ={})
    assert problem in str(caught.value)
