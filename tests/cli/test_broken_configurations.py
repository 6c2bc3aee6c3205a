"""The slips that people make in their files: each is told with its place, its key, the reason and,
where there is one, the right spelling; all at once, and without a traceback."""

from __future__ import annotations

import re

import pytest
from newsroom import Desk

MONITOR = "channels:\n  screen: {url: 'console://'}\n"
FEEDS = "feeds:\n  - {url: 'https://a.example/rss', name: أ}\n"
RULES = "rules:\n  - {name: أ, any: [داعش]}\n"
SOUND = {"monitor.yaml": MONITOR, "feeds.yaml": FEEDS, "rules.yaml": RULES}

BROKEN = {
    "a key that is indented too little": (
        "rules.yaml", "rules:\n  - name: أ\n   any: [داعش]\n", "3:4: expected '- ' here",
    ),
    "a key that is indented too much": (
        "rules.yaml", "rules:\n  - name: أ\n      any: [داعش]\n", "3:10: a second ':' in one value",
    ),
    "an item that is indented too much": (
        "rules.yaml", "rules:\n- name: أ\n  any:\n  - داعش\n   - غارة\n",
        "5:4: '- ' inside the value above: check the indentation",
    ),
    "a tab": ("rules.yaml", "rules:\n  - name: أ\n\tany: [داعش]\n", "3:1: a tab cannot indent"),
    "an Arabic comma in a list": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش، غارة]}\n",
        "2:25: any[0]: an Arabic comma (،) stands inside one item (items are separated",
    ),
    "words without a list": (
        "rules.yaml", "rules:\n  - {name: أ, any: داعش، غارة}\n",
        "2:20: any: must be a list, write [داعش, غارة]",
    ),
    "a key twice": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], any: [غارة]}\n",
        "2:28: any: repeated key",
    ),
    "a name twice": (
        "rules.yaml", RULES + "  - {name: أ, any: [غارة]}\n",
        "3:12: name: repeated name 'أ', first at line 2",
    ),
    "a feed twice": (
        "feeds.yaml", FEEDS + "  - {url: 'HTTPS://a.example:443/rss#x'}\n",
        "3:11: url: repeated address, first at line 2",
    ),
    "a place that nobody knows": (
        "rules.yaml", "rules:\n  - {name: أ, places: [مخمر]}\n",
        "2:24: places[0]: no place is called مخمر (did you mean مخمور?)",
    ),
    "a channel that is not there": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], channels: [scren]}\n",
        "2:39: channels[0]: no channel is named 'scren' (did you mean 'screen'?)",
    ),
    "a time zone": (
        "monitor.yaml", MONITOR + "timezone: Asia/Bagdad\n",
        "3:11: timezone: no time zone is named 'Asia/Bagdad' (did you mean 'Asia/Baghdad'?)",
    ),
    "a scheme": (
        "monitor.yaml", "channels:\n  chat: {url: 'tgrm://123:hunter2/1'}\n",
        "2:15: channels.chat.url: unknown scheme tgrm:// (did you mean tgram://?)",
    ),
    "a severity": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], severity: hihg}\n",
        "2:38: severity: must be one of low, normal, high, critical, not 'hihg' (did you",
    ),
    "a duration without its unit": (
        "monitor.yaml", MONITOR + "polling: {interval: 15}\n",
        "3:21: polling.interval: must be a duration with its unit, not 15 (write 15s)",
    ),
    "a size": (
        "monitor.yaml", MONITOR + "polling: {max_bytes: 10 megabytes}\n",
        "3:22: polling.max_bytes: must be a size such as 500kB or 10MB, not '10 megabytes'",
    ),
    "a time of day": (
        "monitor.yaml", MONITOR + "heartbeat: daily 25:00\n",
        "3:12: heartbeat: must be such as daily 08:00, not 'daily 25:00'",
    ),
    "a regular expression": (
        "rules.yaml", "rules:\n  - {name: أ, query: 'غارة /[a/'}\n",
        "2:29: query: no regular expression: missing ]",
    ),
    "a query": (
        "rules.yaml", "rules:\n  - {name: أ, query: 'غارة titel:قصف'}\n",
        "2:28: query: no field is called titel (did you mean title:?)",
    ),
    "a word where true or false is due": (
        "feeds.yaml", "feeds:\n  - {url: 'https://a.example/rss', enabled: yes}\n",
        "2:45: enabled: must be true or false, not 'yes'",
    ),
    "a number among words": (
        "rules.yaml", "rules:\n  - {name: أ, any: [2024]}\n", "2:21: any[0]: must be text: 2024",
    ),
    "an address in a file that is not there": (
        "monitor.yaml", "channels:\n  mail: {url_file: mail.url}\n",
        "2:20: channels.mail.url_file: there is no such file",
    ),
    "a template that is not there": (
        "monitor.yaml", "channels:\n  screen: {url: 'console://', template: words.j2}\n",
        "2:41: channels.screen.template: there is no such file",
    ),
    "headers that are not there": (
        "feeds.yaml", "feeds:\n  - {url: 'https://a.example/rss', headers_file: h}\n",
        "2:50: headers_file: there is no such file",
    ),
    "a slip behind a byte order mark": (
        "rules.yaml", "\ufeffrules:\n  - {name: أ, any: [داعش], chanels: [screen]}\n",
        "2:28: chanels: unknown key (did you mean 'channels'?)",
    ),
    "a file from an Arabic Windows": (
        "rules.yaml", RULES.encode("cp1256"), "2:12: is windows-1256, it seems: save it as UTF-8",
    ),
    "a mapping instead of a list": (
        "rules.yaml", "rules:\n  name: أ\n  any: [داعش]\n", "2:3: rules: must be a list",
    ),
    "a list instead of a mapping": (
        "monitor.yaml", "channels:\n  - screen\n", "2:3: channels: must be a mapping of keys",
    ),
    "a key that no file has": (
        "monitor.yaml", MONITOR + "pooling: {interval: 5m}\n",
        "3:1: pooling: unknown key (did you mean 'polling'?)",
    ),
    "a no-break space": (
        "rules.yaml", "rules:\n  - name: أ\n    any: [داعش]\n    \u00a0note: x\n",
        "4:5: \ufffdnote: unknown key: it holds a no-break space",
    ),
    "an unseen mark": (
        "rules.yaml", "rules:\n  - name: أ\n    any: [داعش]\n    \u200fnote: x\n",
        "4:5: \ufffdnote: unknown key: it holds a no-break space or an unseen character (did",
    ),
    "words in parentheses": (
        "rules.yaml", "rules:\n  - name: أ\n    any: (داعش, غارة)\n",
        "3:10: any: must be a list, write [داعش, غارة]",
    ),
    "an address alone": (
        "feeds.yaml", "feeds:\n  - https://a.example/rss\n",
        "2:5: must be a mapping of keys to values (write {url: …})",
    ),
    "hours without their keys": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], quiet: 23:00-07:00}\n",
        "2:35: quiet: must be a mapping of keys to values (write {from: 23:00, to: 07:00})",
    ),
    "metrics that are merely wanted": (
        "monitor.yaml", MONITOR + "metrics: on\n",
        "3:10: metrics: must be a mapping of keys to values (write {listen: 127.0.0.1:9464})",
    ),
    "a socket as others write it": (
        "monitor.yaml", MONITOR + "metrics: {listen: unix:/run/rasid/m.sock}\n",
        "3:19: metrics.listen: must be such as 127.0.0.1:9464 or /run/rasid/metrics.sock (write",
    ),
    "the address of the page of metrics": (
        "monitor.yaml", MONITOR + "metrics: {listen: 127.0.0.1:9464/metrics}\n",
        "3:19: metrics.listen: must be such as 127.0.0.1:9464 or /run/rasid/metrics.sock (write",
    ),
    "hours from Greenwich": (
        "monitor.yaml", MONITOR + "timezone: GMT+3\n",
        "3:11: timezone: no time zone is named 'GMT+3' (write a place of that zone, such as",
    ),
    "Arabic digits": (
        "rules.yaml", "rules:\n  - {name: أ, near: {place: مخمور, km: ٤٠}}\n",
        "2:40: near.km: must be a number, not '٤٠' (write 40)",
    ),
    "a time in Arabic digits": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], quiet: {from: ٢٣:٠٠, to: 07:00}}\n",
        "2:42: quiet.from: must be such as 07:30, not '٢٣:٠٠' (write 23:00)",
    ),
    "an hour of one digit": (
        "monitor.yaml", MONITOR + "heartbeat: daily 8:00\n",
        "3:12: heartbeat: must be such as daily 08:00, not 'daily 8:00' (write daily 08:00)",
    ),
    "a distance of nothing": (
        "rules.yaml", "rules:\n  - {name: أ, near: {place: مخمور, km: 0}}\n",
        "2:40: near.km: must be more than 0, not 0",
    ),
    "an Arabic comma between keys": (
        "rules.yaml", "rules:\n- {name: أ، any: [داعش]}\n",
        "2:16: this '{' is not closed, or a comma is missing in it (the Arabic comma ، is none)",
    ),
    "a channel without a name": (
        "monitor.yaml", "channels:\n  '': {url: 'console://'}\n",
        "2:3: channels.: must not be empty",
    ),
    "a number with its unit": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], near: {place: مخمور, km: 40km}}\n",
        "2:53: near.km: must be a number, not '40km' (write 40)",
    ),
    "a state that is a file": (
        "monitor.yaml", MONITOR + "state: rules.yaml\n", "3:8: state: is no folder",
    ),
    "a state inside a file": (
        "monitor.yaml", MONITOR + "state: rules.yaml/x\n", "3:8: state: lies inside a file",
    ),
    "half a position": (
        "places.yaml", "places:\n  - {id: q, name: قره جوغ, lat: 35.7}\n",
        "2:33: lat: needs lon beside it",
    ),
    "an operator that is no channel": (
        "monitor.yaml", MONITOR + "operator: scren\n",
        "3:11: operator: no channel is named 'scren' (did you mean 'screen'?)",
    ),
    "a text that begins with what YAML keeps for itself": (
        "rules.yaml", "rules:\n  - name: أ\n    any: [@داعش]\n",
        "3:11: a value cannot begin with '@': write it in quotes",
    ),
    "a quote that is not closed": (
        "rules.yaml", 'rules:\n  - name: أ\n    any: ["داعش]\n', "3:11: this quote is not closed",
    ),
    "a second document": (
        "rules.yaml", RULES + "---\n" + RULES, "3:1: a second document begins here",
    ),
    "a sentence that it should fire on": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], examples: {match: [لا شيء]}}\n",
        "2:47: examples.match[0]: the rule does not fire: any: داعش is not met",
    ),
    "quiet hours that never end": (
        "monitor.yaml", "channels:\n  a: {url: 'console://', quiet: {from: 23:00, to: 23:00}}\n",
        "2:51: channels.a.quiet.to: must differ from `from`",
    ),
    "no alert a day": (
        "rules.yaml", "rules:\n  - {name: أ, any: [داعش], max_per_day: 0}\n",
        "2:41: max_per_day: must be at least 1, not 0",
    ),
}  # fmt: skip


def saved(desk: Desk, **changed: str | bytes) -> None:
    for name, text in {**SOUND, **changed}.items():
        (desk.folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(("file", "text", "told"), BROKEN.values(), ids=BROKEN)
def test_one_slip_is_told_in_one_line(rasid, desk, file, text, told):
    saved(desk, **{file: text})
    answer = rasid("check", "-c", desk.folder)
    assert (answer.code, answer.out) == (78, "")
    (line,) = answer.err.splitlines()
    assert line.startswith(f"{file}:{told}")
    assert "hunter2" not in line


@pytest.mark.parametrize("name", ["a place that nobody knows", "a tab"])
@pytest.mark.parametrize("command", ["run", "once"])
def test_what_watches_refuses_it_in_the_same_words(rasid, desk, command, name):
    file, text, told = BROKEN[name]
    saved(desk, **{file: text})
    answer = rasid(command, "-c", desk.folder)
    assert answer.code == 78
    assert answer.err.startswith(f"{file}:{told}")
    assert not desk.state.exists()


def test_all_slips_are_told_at_once(rasid, desk):
    rules = [
        text.split("\n", 1)[1].rstrip().replace("name: أ", f"name: ق{number}")
        for number, (file, text, _) in enumerate(BROKEN.values())
        if file == "rules.yaml"
        and isinstance(text, str)
        and re.match(r"rules:\n  - \{.*\}\n$", text)
    ]
    saved(
        desk,
        **{
            "rules.yaml": "rules:\n" + "\n".join(rules),
            "monitor.yaml": MONITOR + "timezone: Asia/Bagdad\npooling: {}\n",
            "feeds.yaml": FEEDS + "  - {url: 'https://a.example/rss', enabled: yes}\n",
        },
    )
    lines = rasid("check", "-c", desk.folder).err.splitlines()
    assert [line.split(":")[0] for line in lines[:4]] == ["monitor.yaml"] * 2 + ["feeds.yaml"] * 2
    assert len([line for line in lines if line.startswith("rules.yaml:")]) >= len(rules) > 5


@pytest.mark.parametrize("file", ["feeds.yaml", "places.yaml", "rules.yaml", "monitor.yaml"])
@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n"])
def test_an_empty_file_is_none_of_them(rasid, desk, file, text):
    saved(desk, **{file: text})
    answer = rasid("check", "-c", desk.folder)
    assert answer.code == 0
    assert "warning: " in answer.err or file == "places.yaml"


def test_a_text_over_several_lines_may_hold_dashes(rasid, desk):
    note = "note: 'one\n      - two'\n    query: >-\n      داعش\n      OR غارة\n"
    saved(desk, **{"rules.yaml": f"rules:\n  - name: أ\n    {note}"})
    assert rasid("check", "-c", desk.folder).code == 0
