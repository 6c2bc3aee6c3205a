"""The unit in a real systemd: started, reloaded, killed, stopped."""

from __future__ import annotations

import json
from pathlib import Path

import nested
import pytest

from origin import rss

CONFIG = {
    "monitor.yaml": (
        "channels: {screen: {url: 'console://'}}\n"
        "allow_private: [127.0.0.0/8]\n"
        "polling: {interval: 1s, min_interval: 1s, max_hint: 0s}\n"
    ),
    "feeds.yaml": "feeds: [{url: 'http://127.0.0.1:8099/feed.xml', name: صحيفة}]\n",
    "rules.yaml": "rules:\n  - {name: أول, any: [فيضان]}\n",
}


def item(number: int, word: str) -> dict[str, str]:
    return {
        "title": f"{word} يغمر القرى على ضفاف النهر {number}",
        "link": f"https://news.example/{number}",
        "guid": f"n{number}",
    }


WWW = {
    "feed.xml": rss([item(0, "هدوء")]).decode(),
    "second.xml": rss([item(1, "فيضان"), item(0, "هدوء")]).decode(),
    "third.xml": rss([item(2, "زلزال"), item(1, "فيضان")]).decode(),
}
PROBE = """
until_said() { for i in $(seq 100); do grep -q "$1" /said && return; sleep 0.2; done; }
status() { STATE_DIRECTORY=/var/lib/rasid /opt/rasid/bin/rasid status --json -c /etc/rasid; }
/usr/bin/python3 -m http.server 8099 --bind 127.0.0.1 -d /www >/dev/null 2>&1 &
server=$!
systemctl start rasid
systemctl show rasid > /started
for i in $(seq 50); do status > /status; grep -q '"ok": 1' /status && break; done
cp /www/second.xml /www/feed.xml
until_said 'فيضان يغمر'
printf '  - {name: ثان, any: [زلزال]}\n' >> /etc/rasid/rules.yaml
systemctl reload rasid
until_said '2 rules'
cp /www/third.xml /www/feed.xml
until_said 'زلزال يغمر'
systemctl kill -s KILL rasid
for i in $(seq 50); do
  systemctl show rasid > /restarted
  grep -q ActiveState=active /restarted && grep -q NRestarts=1 /restarted && break
  sleep 0.2
done
ls -ldn /var/lib/private/rasid > /state
systemctl stop rasid
systemctl show rasid > /stopped
status > /after
kill $server
"""


def shown(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


@pytest.mark.long
def test_the_unit_in_a_real_systemd(tmp_path: Path) -> None:
    if why := nested.unable():
        pytest.skip(why)
    left = nested.boot(tmp_path / "nested", CONFIG, PROBE, WWW)
    started, restarted, stopped = (
        shown((left / name).read_text("utf-8")) for name in ("started", "restarted", "stopped")
    )
    assert (started["ActiveState"], started["SubState"]) == ("active", "running")
    assert started["StatusText"].startswith("watching 1 feeds")  # which comes with READY=1
    said = (left / "said").read_text("utf-8")
    assert said.count("فيضان يغمر") == 1
    assert said.count("زلزال يغمر") == 1
    assert (restarted["ActiveState"], restarted["NRestarts"]) == ("active", "1")
    assert (stopped["ActiveState"], stopped["Result"]) == ("inactive", "success")
    mode, _, owner = (left / "state").read_text("utf-8").split()[:3]
    assert mode == "drwx------"
    assert 61184 <= int(owner) <= 65519  # a dynamic user
    after = json.loads((left / "after").read_text("utf-8"))
    assert after["feeds"]["ok"] == 1
    assert after["outbox"]["pending"] == 0
