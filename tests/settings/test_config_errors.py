"""Broken configurations, and the exact lines that tell what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.settings.load import load

MONITOR = 'channels:\n  screen: {url: "console://"}\n'
RULES = "rules:\n  - {name: أ, any: [داعش]}\n"

# The first lines of files that end with the fault of a case.
IN_RULE = "rules:\n  - name: أ\n    any: [داعش]\n    "
IN_FEED = "feeds:\n  - url: https://a.example/rss\n    "
IN_CHANNEL = "channels:\n  a: "


def check_url(url: str) -> str | None:
    """Stands for the check of the channels: knows two services."""
    scheme = url.split("://", maxsplit=1)[0]
    return (
        None
        if scheme in ("tgram", "mailtos", "webhook+https")
        else f"no service is known for {scheme}://"
    )


def errors_of(directory: Path, files: dict[str, str]) -> list[str]:
    """Writes the files beside sound ones and returns the lines of the error, [] without one."""
    for name, text in {"monitor.yaml": MONITOR, "rules.yaml": RULES, **files}.items():
        (directory / name).write_text(text, encoding="utf-8")
    try:
        load(directory, environ={}, check_url=check_url, examples=True)
    except ConfigError as error:
        return str(error).splitlines()
    return []


YAML = [  # what the file is, whatever its keys mean
    ("rules:\n\t- a: b", "2:1: a tab cannot indent: use blanks"),
    ("rules: [a, b", "1:8: this '[' is not closed, or a comma is missing in it"),
    ("rules: {a: b", "1:8: this '{' is not closed, or a comma is missing in it"),
    ("rules: 'a\n", "1:8: this quote is not closed"),
    ("rules: [a, , b]", "1:12: a value is missing here: one comma or bracket too many"),
    ("rules: *x", "1:8: an alias (*) of nothing: write the text in quotes"),
    ("rules: @x", "1:8: a value cannot begin with '@': write it in quotes"),
    ("rules: a: b", "1:9: a second ':' in one value: quote it, or begin a line with the key"),
    ("rules:\n---\nrules:\n", "2:1: a second document begins here: a file holds one"),
    ("rules: &x [*x]", "1:8: an alias stands inside the value that it repeats"),
    ("rules: \x07", "1:8: a control character (U+0007) has no place here"),
    ("- a", "1:1: must begin with 'rules:' (write 'rules:' above it, alone on its line)"),
    ("rules: 3", "1:8: rules: must be a list: each item on its own line, after '- '"),
    ("rule: []", "1:1: rule: unknown key (did you mean 'rules'?)"),
    ("rules: [داعش]", "1:9: must be a mapping of keys to values (write {name: …, any: […]})"),
    (IN_RULE + "any: [غارة]", "4:5: any: repeated key"),
    (IN_RULE + "<<: {a: b}", "4:5: <<: merge keys are no part of YAML 1.2"),
    (IN_RULE + "[a]: b", "4:5: a key must be text"),
    (IN_RULE + "feeds: {: b}", "4:13: a value is missing here: one comma or bracket too many"),
    (IN_RULE + "?\n    : b", "4:6: a key is missing before the colon"),
    ("rules: [", "2:1: the file ends where a value or a closing bracket is due"),
    (
        IN_RULE + "note: !!python/name:os.system x",
        "4:11: the tag '!!python/name:os.system' is not accepted here",
    ),
]

RULE_CASES = [
    ("chanels: [screen]", "4:5: chanels: unknown key (did you mean 'channels'?)"),
    ("zebra: 1", "4:5: zebra: unknown key"),
    ("feeds: {categry: x}", "4:13: categry: unknown key (did you mean 'category'?)"),
    (
        "feeds: security",
        "4:12: feeds: must be a mapping of keys to values (write {category: security})",
    ),
    (
        "severity: hihg",
        (
            "4:15: severity: must be one of low, normal, high, critical, not 'hihg'"
            " (did you mean 'high'?)"
        ),
    ),
    ("enabled: yes", "4:14: enabled: must be true or false, not 'yes' (write true)"),
    (
        "note: {a: b}",
        "4:11: note: must be text, not a mapping: put quotes around a text that holds ': '",
    ),
    ("name: ''", "4:5: name: repeated key"),
    ("digest: weekly", "4:13: digest: must be such as daily 08:00, not 'weekly'"),
    ("note: [a]", "4:11: note: must be text, not a list (write a)"),
    ("all: داعش", "4:10: all: must be a list, write [داعش]"),
    ("all: [غارة, 2024]", "4:17: all[1]: must be text: 2024 needs quotes"),
    ("all: [غارة, '']", "4:17: all[1]: must not be empty"),
    ("all: [غارة, ~]", "4:17: all[1]: has no value: must be text"),
    ("all: []", "4:10: all: must not be an empty list: leave the key out instead"),
    ("all:", "4:9: all: has no value: must be a list"),
    (
        "all: [غارة، قصف]",
        (
            "4:15: all[0]: an Arabic comma (،) stands inside one item"
            " (items are separated by the ASCII comma)"
        ),
    ),
    (
        "places: ['الموصل، كركوك']",
        (
            "4:21: places[0].name: an Arabic comma (،) stands inside one item"
            " (items are separated by the ASCII comma)"
        ),
    ),
    ("places: [مخمر]", "4:14: places[0]: no place is called مخمر (did you mean مخمور?)"),
    (
        "places: [{name: القصير, in: حمصص}]",
        "4:33: places[0].in: no place is called حمصص (did you mean حمص?)",
    ),
    (
        "channels: [screen, scren]",
        "4:24: channels[1]: no channel is named 'scren' (did you mean 'screen'?)",
    ),
    (
        "fields: [titel]",
        "4:14: fields[0]: must be one of title, text, not 'titel' (did you mean 'title'?)",
    ),
    ("query: غارة AND AND قصف", "4:21: query: a word is expected, not AND"),
    ("query: 'غارة AND AND قصف'", "4:22: query: a word is expected, not AND"),
    ("query: |\n      غارة AND AND قصف", "5:16: query: a word is expected, not AND"),
    ("query: >\n      غارة\n      قصف ) صاروخ", "6:11: query: this parenthesis closes nothing"),
    (
        "query: غارة NEAR/x قصف",
        "4:22: query: a number of words from 0 to 100 is expected (NEAR/10)",
    ),
    ("query: غارة titel:قصف", "4:17: query: no field is called titel (did you mean title:?)"),
    (
        "near: {place: الموصلل, km: 40}",
        "4:19: near.place: no place is called الموصلل (did you mean الموصل?)",
    ),
    (
        "near: {place: {name: القصير, in: بغداد}, km: 40}",
        "4:26: near.place.name: no place القصير is known inside بغداد",
    ),
    ("near: {place: الموصل}", "4:11: near.km: is missing"),
    ("near: {place: الموصل, km: 0}", "4:31: near.km: must be more than 0, not 0"),
    (
        "sense: strickt",
        "4:12: sense: must be one of strict, normal, any, not 'strickt' (did you mean 'strict'?)",
    ),
    (
        "language: [ar, kur]",
        "4:20: language[1]: must be one of ar, ckb, en, fa, ur, not 'kur' (write ckb)",
    ),
    (
        "backfill: soon",
        "4:15: backfill: must be a duration such as 30s, 15m, 2h or 7d, not 'soon'",
    ),
    ("max_per_day: 0", "4:18: max_per_day: must be at least 1, not 0"),
    (
        "quiet: {from: 23:00, to: 23:00}",
        "4:30: quiet.to: must differ from `from`: a day of 24 quiet hours would never end",
    ),
    ("quiet: {from: 23:00}", "4:12: quiet.to: is missing"),
    (
        "quiet: {from: 23:00, to: 07:00, except: critcal}",
        (
            "4:45: quiet.except: must be one of low, normal, high, critical, not 'critcal' "
            "(did you mean 'critical'?)"
        ),
    ),
    ("near_duplicates: 1", "4:22: near_duplicates: must be true or false, not 1 (write true)"),
    (
        "examples: {match: [غارة جوية]}",
        "4:24: examples.match[0]: the rule does not fire: any: داعش is not met (داعش: not found)",
    ),
    ("examples: {mach: [غارة]}", "4:16: mach: unknown key (did you mean 'match'?)"),
]

RULES_CASES = [
    ("rules:\n  - {name: ' ', any: [داعش]}", "2:12: name: must not be empty"),
    (
        f"rules:\n  - {{name: {'أ' * 201}, any: [داعش]}}",
        ("2:12: name: must be at most 200 characters long"),
    ),
    ("rules:\n  - any: [داعش]", "2:5: name: is missing"),
    (RULES + "  - {name: أ, any: [غارة]}", "3:12: name: repeated name 'أ', first at line 2"),
    (
        "rules:\n  - {name: أ, none: [داعش]}",
        (
            "2:12: name: the rule only excludes, so it would fire on everything else"
            " (add any, all, query or places)"
        ),
    ),
]

FEED_CASES = [
    ("intervall: 3m", "3:5: intervall: unknown key (did you mean 'interval'?)"),
    (
        "interval: 10",
        "3:15: interval: must be a duration with its unit, not 10 (write 10s, 10m, 10h or 10d)",
    ),
    (
        "interval: abc",
        "3:15: interval: must be a duration such as 30s, 15m, 2h or 7d, not 'abc'",
    ),
    ("interval: 0s", "3:15: interval: must be longer than 0s"),
    ("full_text: 1", "3:16: full_text: must be one of false, true, auto, not 1 (write true)"),
    (
        "full_text: aut",
        "3:16: full_text: must be one of false, true, auto, not 'aut' (did you mean 'auto'?)",
    ),
    (
        "kind: sitmap",
        "3:11: kind: must be one of feed, sitemap, page, not 'sitmap' (did you mean 'sitemap'?)",
    ),
    (
        "kind: page",
        (
            "3:11: kind: a page needs a selector"
            " (add selector: 'article h2 a', the CSS selector of its links to articles)"
        ),
    ),
    ("selector: a.story", "3:15: selector: has no meaning for kind: feed (write kind: page)"),
    (
        "selector: 'a[, b'\n    kind: sitemap",
        "3:18: selector: no CSS selector: a name is missing before ','",
    ),
    ("selector: 'a['", "3:18: selector: no CSS selector: a name is missing before the end"),
    (
        "selector: a:nonsense",
        "3:15: selector: no CSS selector: the pseudo-class :nonsense is unknown",
    ),
    ("headers_file: none", "3:19: headers_file: there is no such file"),
    ("proxy: socks5://u:hunter2@h:1", "3:12: proxy: must begin with http:// or https://"),
    ("language: عربي", "3:15: language: must be such as ar or ar-IQ, not 'عربي' (write ar)"),
]

FEEDS_CASES = [
    ("feeds:\n  - {name: x}", "2:5: url: is missing"),
    ("feeds:\n  - {url: ftp://a.example/}", "2:11: url: must begin with http:// or https://"),
    (
        "feeds:\n  - {url: a.example/rss}",
        "2:11: url: must begin with http:// or https:// (write https:// before it)",
    ),
    (
        "feeds:\n  - {url: 'https://a.example/x y'}",
        "2:11: url: must not hold blanks or control characters",
    ),
    (
        "feeds:\n  - {url: https:///rss}",
        "2:11: url: names no host (write https://, with two slashes, before the host)",
    ),
    (
        IN_FEED + "name: x\n  - {url: https://a.example/rss}",
        "4:11: url: repeated address, first at line 2",
    ),
    (
        IN_FEED + "name: x\n  - {url: 'HTTPS://A.example:443/rss#top'}",
        "4:11: url: repeated address, first at line 2",
    ),
    (
        IN_FEED + "name: x\n  - {url: https://b.example/, name: x}",
        "4:37: name: repeated name 'x', first at line 3",
    ),
]

MONITOR_CASES = [
    (
        "timezone: Asia/Bagdad",
        "3:11: timezone: no time zone is named 'Asia/Bagdad' (did you mean 'Asia/Baghdad'?)",
    ),
    ("timezone: ../etc/passwd", "3:11: timezone: no time zone is named '../etc/passwd'"),
    ("language: arabic", "3:11: language: must be one of ar, en, not 'arabic' (write ar)"),
    ("pooling: {}", "3:1: pooling: unknown key (did you mean 'polling'?)"),
    ("polling: {timeot: 3s}", "3:11: timeot: unknown key (did you mean 'timeout'?)"),
    (
        "polling: {interval: 15}",
        (
            "3:21: polling.interval: must be a duration with its unit, not 15"
            " (write 15s, 15m, 15h or 15d)"
        ),
    ),
    (
        "polling: {max_bytes: 10}",
        "3:22: polling.max_bytes: must be a size with its unit, not 10 (write 10MB)",
    ),
    ("polling: {max_bytes: 0MB}", "3:22: polling.max_bytes: must be more than 0"),
    (
        "polling: {max_bytes: 10 megabytes}",
        (
            "3:22: polling.max_bytes: must be a size such as 500kB or 10MB, not"
            " '10 megabytes' (write 10MB)"
        ),
    ),
    ("polling: {timeout: 40000d}", "3:20: polling.timeout: must be at most 100 years"),
    (
        "polling: {max_hint: 1h30m}",
        (
            "3:21: polling.max_hint: must be a duration such as 30s, 15m, 2h"
            " or 7d, not '1h30m' (write 90m)"
        ),
    ),
    (
        "timezone: Asia",
        (
            "3:11: timezone: no time zone is named 'Asia' (write a city of it too,"
            " such as Asia/Baghdad)"
        ),
    ),
    (
        "operator: tgram://hunter2/1",
        "3:11: operator: no channel is named an address (there is only screen)",
    ),
    ("tgram://hunter2/1: {}", "3:1: …: unknown key"),
    ("proxy: http://u:hunter2@[bad", "3:8: proxy: is no address that can be understood"),
    ("seen: {days: 30d}", "3:14: seen.days: must be a number of days, not '30d' (write 30)"),
    ("seen: {days: 0}", "3:14: seen.days: must be at least 1, not 0"),
    ("polling: {per_host: 0}", "3:21: polling.per_host: must be at least 1, not 0"),
    ("polling: {per_host: many}", "3:21: polling.per_host: must be a whole number, not 'many'"),
    (
        "operator: scren",
        "3:11: operator: no channel is named 'scren' (did you mean 'screen'?)",
    ),
    (
        "log: {level: INFO}",
        (
            "3:14: log.level: must be one of debug, info, warning, error, not 'INFO'"
            " (did you mean 'info'?)"
        ),
    ),
    (
        "allow_private: [10.1.2.3/8]",
        (
            "3:17: allow_private[0]: must be a network such as 127.0.0.0/8, not '10.1.2.3/8'"
            " (write 10.0.0.0/8)"
        ),
    ),
    ("state:", "3:7: state: has no value: must be text"),
    ("seen: 30d", "3:7: seen: must be a mapping of keys to values (write {days: 30})"),
    (
        "metrics: {listen: 0.0.0.0:9464}",
        (
            "3:19: metrics.listen: must be an address of this machine alone (127.0.0.1, [::1]), or"
            " a socket, not '0.0.0.0' (write 127.0.0.1:9464)"
        ),
    ),
    (
        "metrics: {listen: 'news.example:80'}",
        (
            "3:19: metrics.listen: must be an address of this machine alone (127.0.0.1, [::1]), or"
            " a socket, not 'news.example' (write 127.0.0.1:80)"
        ),
    ),
    *(
        (
            f"metrics: {{listen: {text}}}",
            (
                "3:19: metrics.listen: must be such as 127.0.0.1:9464 or"
                f" /run/rasid/metrics.sock, not '{text}'"
            ),
        )
        for text in ("127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:http")
    ),
    (
        "metrics: {listen: 'http://127.0.0.1:9464'}",
        (
            "3:19: metrics.listen: must be such as 127.0.0.1:9464 or /run/rasid/metrics.sock"
            " (write 127.0.0.1:9464)"
        ),
    ),
    (
        f"metrics: {{listen: /{'x' * 200}}}",
        "3:19: metrics.listen: must be shorter than 90 bytes",
    ),
    ("heartbeat: weekly", "3:12: heartbeat: must be such as daily 08:00, not 'weekly'"),
    ('contact: "a\\nb"', "3:10: contact: must be one line of plain text"),
]

CHANNEL_CASES = [
    (
        "{}",
        "2:6: channels.a: must have exactly one of url, url_file and credential, not none of them",
    ),
    (
        "{url: 'console://', credential: x}",
        (
            "2:6: channels.a: must have exactly one of url, url_file and credential,"
            " not url and credential"
        ),
    ),
    (
        "tgram://hunter2/1",
        "2:6: channels.a: must be a mapping of keys to values (write {url: …})",
    ),
    (
        "{url: tgarm://hunter2/1}",
        "2:12: channels.a.url: no service is known for tgarm:// (did you mean 'tgram'?)",
    ),
    (
        "{url: hunter2}",
        "2:12: channels.a.url: must be an address such as mailtos://…, tgram://… or console://",
    ),
    (
        "{url: webhok+https://a.example/hunter2}",
        (
            "2:12: channels.a.url: no service is known for webhok+https://"
            " (did you mean 'webhook+https'?)"
        ),
    ),
    (
        "{url_file: tgram://hunter2/1}",
        "2:17: channels.a.url_file: must be the name of a file, not an address",
    ),
    (
        "{url: 'console://screen'}",
        ("2:12: channels.a.url: no service is known for console://"),
    ),
    ("{url_file: none.url}", "2:17: channels.a.url_file: there is no such file"),
    ("{url_file: .}", "2:17: channels.a.url_file: is no regular file"),
    (
        "{credential: x}",
        (
            "2:19: channels.a.credential: $CREDENTIALS_DIRECTORY is not set"
            " (systemd sets it for units with LoadCredential=)"
        ),
    ),
    (
        "{url: 'console://', template: x.j2}",
        "2:36: channels.a.template: there is no such file",
    ),
    ("{url: 'console://', template: .}", "2:36: channels.a.template: is no regular file"),
    ("{url: 'console://', template: ''}", "2:36: channels.a.template: must not be empty"),
    (
        "{url: 'console://', secret_file: x}",
        ("2:39: channels.a.secret_file: only what is sent to webhook+https:// can be signed"),
    ),
    (
        "{url: 'webhook+https://a.example/', secret_file: x}",
        "2:55: channels.a.secret_file: there is no such file",
    ),
    (
        "{url: 'webhook+https://a.example/', secret_file: 'https://hunter2'}",
        "2:55: channels.a.secret_file: must be the name of a file, not an address",
    ),
    (
        "{url: 'console://', quiet: {from: 25:00, to: 07:00}}",
        "2:40: channels.a.quiet.from: must be such as 07:30, not '25:00'",
    ),
    (
        "{url: 'console://', quiet: {from: 07:00, to: 07:00}}",
        (
            "2:51: channels.a.quiet.to: must differ from `from`: a day of 24 quiet hours would "
            "never end"
        ),
    ),
    (
        "{url: 'console://', group_wait: 5}",
        (
            "2:38: channels.a.group_wait: must be a duration with its unit, not 5"
            " (write 5s, 5m, 5h or 5d)"
        ),
    ),
    (
        "{url: 'console://', rate: fast}",
        "2:32: channels.a.rate: must be such as 20/m, not 'fast'",
    ),
]

PLACES_CASES = [
    ("{id: x}", "2:5: name: is missing"),
    ("{id: عين, name: قرية}", "2:10: id: must be Latin letters, digits and . _ -, not 'عين'"),
    ("{id: x, name: قرية, lat: 95}", "2:30: lat: must be at most 90, not 95"),
    (
        "{id: x, name: قرية, in: [مخمر]}",
        "2:30: in[0]: no place is called مخمر (did you mean مخمور?)",
    ),
    (
        "{id: x, name: قرية}\n  - {id: x, name: قرية أخرى}",
        "3:10: id: repeated id 'x', first at line 2",
    ),
    (
        "{id: x, name: قرية}\n  - {id: y, name: قرية}",
        "3:19: name: repeated name 'قرية', first at line 2",
    ),
]

CASES = [
    *(("rules.yaml", text, line) for text, line in YAML + RULES_CASES),
    *(("rules.yaml", IN_RULE + text, line) for text, line in RULE_CASES),
    *(("feeds.yaml", IN_FEED + text, line) for text, line in FEED_CASES),
    *(("feeds.yaml", text, line) for text, line in FEEDS_CASES),
    *(("monitor.yaml", MONITOR + text, line) for text, line in MONITOR_CASES),
    *(("monitor.yaml", IN_CHANNEL + text, line) for text, line in CHANNEL_CASES),
    *(("places.yaml", "places:\n  - " + text, line) for text, line in PLACES_CASES),
]


@pytest.mark.parametrize(("file", "text", "line"), CASES)
def test_one_fault_is_told_with_its_position(
    tmp_path: Path, file: str, text: str, line: str
) -> None:
    assert errors_of(tmp_path, {file: text}) == [f"{file}:{line}"]


@pytest.mark.parametrize(("file", "text", "line"), CASES)
def test_no_line_shows_a_secret(tmp_path: Path, file: str, text: str, line: str) -> None:
    assert not [told for told in errors_of(tmp_path, {file: text}) if "hunter2" in told]


def test_all_faults_of_all_files_are_told_in_their_order(tmp_path: Path) -> None:
    files = {
        "places.yaml": "places:\n  - {id: x, name: قرية, inn: [مخمور]}\n",
        "rules.yaml": (
            "rules:\n"
            "  - {name: أ, any: [داعش], chanels: [screen], places: [مخمر]}\n"
            "  - {name: ب, query: (داعش, severity: x, channels: [nowhere]}\n"
        ),
        "feeds.yaml": "feeds:\n  - {url: ftp://a.example, interval: 3}\n",
        "monitor.yaml": MONITOR + "operator: none\nlanguage: fr\n",
    }
    assert [line.split(": ")[:2] for line in errors_of(tmp_path, files)] == [
        ["monitor.yaml:3:11", "operator"],
        ["monitor.yaml:4:11", "language"],
        ["feeds.yaml:2:11", "url"],
        ["feeds.yaml:2:38", "interval"],
        ["rules.yaml:2:28", "chanels"],
        ["rules.yaml:2:56", "places[0]"],
        ["rules.yaml:3:22", "query"],
        ["rules.yaml:3:39", "severity"],
        ["rules.yaml:3:53", "channels[0]"],
        ["places.yaml:2:25", "inn"],
    ]


def test_a_faulty_word_list_does_not_make_the_rule_one_that_only_excludes(tmp_path: Path) -> None:
    text = "rules:\n  - {name: أ, any: [7], none: [مسلسل]}\n"
    assert errors_of(tmp_path, {"rules.yaml": text}) == [
        "rules.yaml:2:21: any[0]: must be text: 7 needs quotes"
    ]


def test_a_faulty_channel_is_still_a_channel_that_rules_may_name(tmp_path: Path) -> None:
    files = {
        "monitor.yaml": "channels:\n  desk: {urll: 'console://'}\n",
        "rules.yaml": IN_RULE + "channels: [desk]",
    }
    assert errors_of(tmp_path, files) == [
        "monitor.yaml:2:10: urll: unknown key (did you mean 'url'?)"
    ]


def test_what_cannot_be_read_is_told_once(tmp_path: Path) -> None:
    files = {"monitor.yaml": "channels: [a", "rules.yaml": IN_RULE + "channels: [desk]"}
    assert errors_of(tmp_path, files) == [
        "monitor.yaml:1:11: this '[' is not closed, or a comma is missing in it"
    ]


def test_examples_of_disabled_rules_are_tried_as_well(tmp_path: Path) -> None:
    text = IN_RULE + "enabled: false\n    examples: {no_match: [خلية لداعش]}"
    assert [line[:38] for line in errors_of(tmp_path, {"rules.yaml": text})] == [
        "rules.yaml:5:27: examples.no_match[0]:"
    ]
