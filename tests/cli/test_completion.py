"""What shells complete: commands, options, and the names in the user's own files."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import time
from email.utils import formatdate
from pathlib import Path

import pytest

from monitor.service.once import once
from monitor.settings.load import load
from origin import Origin, rss
from sink import Sink

BIN = Path(sys.executable).parent


@pytest.fixture
def named(desk):
    """A desk with names that shells have their own ideas of."""
    desk.monitor(channels={"desk-mail": {"url": "console://"}, "screen": {"url": "console://"}})
    desk.write("rules.yaml", {"rules": [
        {"name": "داعش في مخمور", "any": ["داعش"]},
        {"name": "داعش", "any": ["داعش"]},
        {"name": "oil $(id) 'x' \"y\"", "any": ["نفط"]},
        {"name": "gas `id` a\\b 'x' \"$(id)\" $HOME", "any": ["غاز"]},
    ]})  # fmt: skip
    desk.write("feeds.yaml", {"feeds": [{"url": "https://a.example/", "name": "شفق نيوز"}]})
    return desk


def environ(**more: str) -> dict[str, str]:
    own = {k: v for k, v in os.environ.items() if not k.startswith(("RASID", "_RASID"))}
    return {**own, "PATH": f"{BIN}:{os.environ['PATH']}", **more}


def completed(shell: str, *words: str) -> list[str]:
    """What the program offers a shell for the last of the words."""
    told = {"_RASID_COMPLETE": f"{shell}_complete", "COMP_CWORD": str(len(words))}
    told["COMP_WORDS"] = "\n".join(("rasid", *words))
    if shell == "fish":
        told["COMP_CWORD"] = words[-1]
    done = subprocess.run(
        ["rasid"], env=environ(**told), capture_output=True, text=True, timeout=30
    )
    assert done.stderr == ""
    return [line for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["mut"], ["plain,mute"]),
        (["rules", "a"], ["plain,add"]),
        (["schema", "r"], ["plain,rules"]),
        (["once", "--dry"], ["plain,--dry-run"]),
        (["rules", "add", "--severity", "cri"], ["plain,critical"]),
        (["feeds", "add", "--kind", "s"], ["plain,sitemap"]),
    ],
)
def test_commands_and_options(words, offered):
    assert completed("bash", *words) == offered


def test_names_in_the_users_files(named):
    folder = str(named.folder)
    rules = ["plain,'داعش في مخمور'", "plain,داعش"]
    assert completed("bash", "-c", folder, "mute", "دا") == rules
    assert completed("bash", "mute", "-c", folder, "'داعش ف") == ["plain,داعش في مخمور"]
    assert completed("bash", "-c", folder, "mute", "'دا")[0] == "plain,داعش في مخمور"
    assert completed("bash", "-c", folder, "alerts", "list", "--rule", "oi") == [
        "plain,'oil $(id) '\"'\"'x'\"'\"' \"y\"'"
    ]
    assert completed("bash", "-c", folder, "channels", "test", "de") == ["plain,desk-mail"]
    assert completed("bash", "-c", folder, "feeds", "remove", "ش") == ["plain,'شفق نيوز'"]
    assert completed("zsh", "-c", folder, "mute", "داعش")[:2] == ["plain", "داعش في مخمور"]
    assert "داعش في مخمور" in "\n".join(completed("fish", "-c", folder, "mute", "داعش"))


def test_places_once_a_letter_is_there(named):
    own = [{"id": "x", "kind": "village", "name": "مخمور الجنوبية", "in": ["مخمور"]}]
    named.write("places.yaml", {"places": own})
    folder = str(named.folder)
    for words in (("places", "show"), ("rules", "add", "--place")):
        offered = completed("bash", "-c", folder, *words, "مخمو")
        assert {"plain,مخمور", "plain,'مخمور الجنوبية'"} <= set(offered)
        assert completed("bash", "-c", folder, *words, "") == []
    assert len(completed("bash", "-c", folder, "places", "show", "ا")) == 50
    named.write("places.yaml", "places: [")
    assert completed("bash", "-c", folder, "places", "show", "زاخ")


def test_deliveries_that_are_still_to_be_made(named):
    with Sink() as sink, Origin() as origin:
        sink.answer(550, times=9)
        named.monitor(channels={"mail": {"url": sink.mailto}, "screen": {"url": "console://"}})
        news = {"title": "داعش في البلدة", "link": "https://a.example/1", "guid": "1"}
        named.feeds(origin.put("/a.xml", rss([news | {"pubDate": formatdate(time.time())}])))
        once(load(named.folder, environ={}), out=io.StringIO())
    folder = str(named.folder)
    assert completed("bash", "-c", folder, "outbox", "retry", "zzz") == []
    (offered,) = completed("bash", "-c", folder, "outbox", "drop", "")
    ident = offered.removeprefix("plain,")
    assert completed("bash", "-c", folder, "outbox", "retry", ident[:4]) == [offered]


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_bash_takes_the_name_as_it_is_and_nothing_in_it_acts(named, quote):
    """As readline does it: the completion stands behind the quote that was typed, which it ends."""
    script = (
        'eval "$(_RASID_COMPLETE=bash_source rasid)"\n'
        f"COMP_WORDS=(rasid -c '{named.folder}' mute \"$TYPED\")\n"
        "COMP_CWORD=4\n_rasid_completion rasid\n"
        'eval "printf %s $QUOTE${COMPREPLY[0]}$QUOTE"\n'
    )
    told = environ(TYPED=f"{quote}gas", QUOTE=quote)
    done = subprocess.run(
        ["bash", "--norc", "-c", script], env=told, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "gas `id` a\\b 'x' \"$(id)\" $HOME", done.stderr


@pytest.mark.parametrize(
    "text", ["rules: [", "- a", "rules: {a: b}", "rules: [3, {name: 4}]", "\xff"]
)
def test_a_broken_file_completes_nothing_and_says_nothing(named, text):
    (named.folder / "rules.yaml").write_bytes(text.encode("latin-1"))
    assert completed("bash", "-c", str(named.folder), "mute", "") == []


def test_without_a_configuration_there_is_nothing(tmp_path):
    assert completed("bash", "-c", str(tmp_path / "none"), "mute", "") == []


def test_bash_itself_completes_a_name_of_several_words(named):
    script = (
        'eval "$(_RASID_COMPLETE=bash_source rasid)"\n'
        f"COMP_WORDS=(rasid -c '{named.folder}' mute داعش)\n"
        "COMP_CWORD=4\n_rasid_completion rasid\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script], env=environ(), capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines() == ["'داعش في مخمور'", "داعش"], done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_is_one(shell):
    done = subprocess.run(
        ["rasid"], env=environ(_RASID_COMPLETE=f"{shell}_source"), capture_output=True, text=True
    )
    assert "_RASID_COMPLETE" in done.stdout
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=done.stdout, text=True, check=True)


def test_a_key_press_waits_for_no_heavy_library(named):
    """Start-up time is a promise; what is imported tells more reliably than a clock."""
    script = (
        "import atexit, sys\n"
        "heavy = ('rich', 'httpx', 'apprise', 'pydantic', 'feedparser', 'lark')\n"
        "atexit.register(lambda: print([m for m in heavy if m in sys.modules]))\n"
        "from monitor.cli.main import main\nmain([])\n"
    )
    told = {"_RASID_COMPLETE": "bash_complete", "COMP_CWORD": "4"}
    told["COMP_WORDS"] = f"rasid\n-c\n{named.folder}\nmute\nدا"
    done = subprocess.run(
        [sys.executable, "-c", script], env=environ(**told), capture_output=True, text=True
    )
    assert done.stdout.splitlines() == ["plain,'داعش في مخمور'", "plain,داعش", "[]"]
