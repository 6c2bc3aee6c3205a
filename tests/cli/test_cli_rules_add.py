"""`rasid rules add`: a rule by options or question by question, and a file that else stays."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
from contextlib import suppress

import pytest

from monitor.settings.positions import parse
from origin import rss

RULES = """\
# the desk's rules

rules:
  # fires
  - name: حرائق   # of every kind
    any: [حريق]
    none: [مسلسل]

  - name: "زلازل"
    any:
      - زلزال
"""


@pytest.fixture
def kept(desk):
    """The desk with rules that somebody wrote by hand."""
    desk.monitor(channels={"screen": {"url": "console://"}, "desk-mail": {"url": "console://"}})
    desk.write("rules.yaml", RULES)
    return desk


def added(desk) -> dict[str, object]:
    """The last rule; all that stood there before stands there still."""
    text = (desk.folder / "rules.yaml").read_text("utf-8")
    assert text.startswith(RULES)
    return parse(text.encode()).value["rules"][-1]


def test_a_rule_by_options(rasid, kept):
    answer = rasid(
        "rules", "add", "--yes", "-c", kept.folder,
        "--name", "فيضانات", "--any", "فيضان، سيل جارف", "--any", "غرق", "--none", "مسلسل",
        "--place", "الموصل", "--place", "القصير/حمص", "--channel", "desk-mail",
        "--severity", "high", "--forms",
        "--match", "فيضان يغمر أحياء في مدينة الموصل", "--no-match", "مطر في الموصل",
    )  # fmt: skip
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == "added فيضانات; 2 examples passed\n"
    assert added(kept) == {
        "name": "فيضانات",
        "any": ["فيضان", "سيل جارف", "غرق"],
        "none": ["مسلسل"],
        "places": ["الموصل", {"name": "القصير", "in": "حمص"}],
        "forms": True,
        "severity": "high",
        "channels": ["desk-mail"],
        "examples": {
            "match": ["فيضان يغمر أحياء في مدينة الموصل"],
            "no_match": ["مطر في الموصل"],
        },
    }
    assert rasid("check", "-c", kept.folder).code == 0


def test_a_query_with_what_yaml_has_its_own_use_for(rasid, kept):
    query = '(غارة OR قصف) NEAR/10 place:"مخمور" NOT title:تدريب OR "ا: ب"'
    answer = rasid(
        "rules", "add", "-y", "-c", kept.folder, "--name", "yes", "--query", query, "--json"
    )
    assert answer.json["state"] == "added"
    assert added(kept) == {"name": "yes", "query": query}


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--any", "س"], "--name is missing"),
        (["--name", "حرائق", "--any", "س"], "--name: there is a rule حرائق already"),
        (["--name", "أ"], "say what it fires on"),
        (["--name", "أ", "--none", "س"], "say what it fires on"),
        (["--name", "أ", "--place", "مخمر"], "--place: no place is called مخمر (did you mean"),
        (["--name", "أ", "--any", "س", "--channel", "desk-mial"], "(did you mean 'desk-mail'?)"),
        (["--name", "أ", "--query", "س AND"], "--query: "),
        (["--name", "أ", "--any", "س", "--match", "ص"], "--no-match: the rule does not fire"),
        (["--name", "أ\nب", "--any", "س"], "--name: must be one line"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_nothing_is_written(rasid, kept, args, told):
    answer = rasid("rules", "add", "--yes", *args, "-c", kept.folder)
    assert (answer.code, answer.out) == (64, "")
    assert told in answer.err
    assert (kept.folder / "rules.yaml").read_text("utf-8") == RULES


def test_a_dry_run_shows_the_rule_and_writes_nothing(rasid, kept):
    answer = rasid(
        "rules", "add", "-y", "--dry-run", "--name", "أ", "--any", "غارة", "-c", kept.folder
    )
    assert answer.out == "- name: أ\n  any: [غارة]\n"
    assert (kept.folder / "rules.yaml").read_text("utf-8") == RULES


def test_a_broken_file_is_left_alone(rasid, kept):
    kept.write("rules.yaml", RULES + "  - nam: x\n")
    answer = rasid("rules", "add", "-y", "--name", "أ", "--any", "غارة", "-c", kept.folder)
    assert answer.code == 78
    assert "rules.yaml:12:5: nam: unknown key (did you mean 'name'?)" in answer.err
    assert (kept.folder / "rules.yaml").read_text("utf-8").endswith("nam: x\n")


@pytest.mark.parametrize(
    "before",
    ["", "# mine\n", "rules:\n", "rules: []\n", '{"rules": [{"name": "x", "any": ["y"]}]}'],
)
def test_any_file_can_be_added_to(rasid, kept, before):
    kept.write("rules.yaml", before)
    answer = rasid("rules", "add", "-y", "--name", "أ", "--any", "غارة, قصف", "-c", kept.folder)
    assert answer.code == 0, answer.err
    text = (kept.folder / "rules.yaml").read_bytes()
    assert parse(text).value["rules"][-1] == {"name": "أ", "any": ["غارة", "قصف"]}


ANSWERS = [
    "",  # a name is needed
    "حرائق",  # and another one
    "فيضانات",
    "فيضان، سيل",
    "",
    "",
    "مخمر",  # no such place
    "مخمور",  # typed over what is suggested
    "nowhere",  # no such channel
    "screen",
    "hihg",  # no such severity
    "high",
    "فيضان في قضاء مخمور",
    "حريق في بغداد",  # does not fire
    "سيل في أربيل",  # nor does this
    "",
    "مطر في مخمور",
    "",
    "سيل يغمر قرى في قضاء مخمور",  # in the place of the first that does not
    "",  # the second is left out
]


def test_a_rule_question_by_question(rasid, kept):
    answer = rasid("rules", "add", "-c", kept.folder, stdin="\n".join([*ANSWERS, "y", ""]))
    assert answer.code == 0, answer.err
    assert answer.out == "added فيضانات; 3 examples passed\n"
    assert added(kept) == {
        "name": "فيضانات",
        "any": ["فيضان", "سيل"],
        "places": ["مخمور"],
        "severity": "high",
        "channels": ["screen"],
        "examples": {
            "match": ["فيضان في قضاء مخمور", "سيل يغمر قرى في قضاء مخمور"],
            "no_match": ["مطر في مخمور"],
        },
    }
    for told in (
        "a rule needs a name",
        "there is a rule حرائق already",
        "place [مخمور]:",
        "no channel is named 'nowhere'",
        "did you mean 'high'?",
        "\nحريق في بغداد\nthe rule does not fire",
        "\nسيل في أربيل\nthe rule does not fire",
        "left out; the others stay",
        "\n  any: [فيضان, سيل]\n",
    ):
        assert told in answer.err


def test_enter_takes_the_place_that_is_suggested(rasid, kept):
    answers = ["أ", "", "", "", "مخمر", "", "", "", "", "", "y", ""]
    answer = rasid("rules", "add", "-c", kept.folder, stdin="\n".join(answers))
    assert answer.code == 0, answer.err
    assert added(kept)["places"] == ["مخمور"]


def test_a_warning_is_told_once(rasid, kept):
    answers = ["أ", "مخمور", "", "", "", "", "", "", "", "y", ""]
    asked = rasid("rules", "add", "-c", kept.folder, stdin="\n".join(answers))
    assert asked.code == 0, asked.err
    told = rasid("rules", "add", "-y", "--name", "ب", "--any", "مخمور", "-c", kept.folder)
    for answer in (asked, told):
        assert answer.err.count("مخمور is a place and has other meanings") == 1


def test_where_articles_are_remembered_it_says_how_often_it_would_have_alerted(rasid, kept, origin):
    news = [
        {"title": f"غارة على موقع رقم {number}", "link": f"https://a.example/{number}",
         "description": "تفاصيل الخبر كما نشرتها الصحيفة في عددها", "guid": str(number)}
        for number in range(3)
    ]  # fmt: skip
    kept.feeds(origin.put("/a.xml", rss(news)))
    rasid("once", "-c", kept.folder)
    sentence = "it would have made 3 alerts in the one day that is remembered\n"
    told = rasid("rules", "add", "-y", "--name", "غارات", "--any", "غارة", "-c", kept.folder)
    assert (told.out, told.err) == ("added غارات\n", sentence)
    as_json = rasid(
        "rules", "add", "-y", "--json", "--name", "ب", "--any", "غارة", "-c", kept.folder
    )
    assert "it would have made" not in as_json.err
    answers = ["أ", "موقع", "", "", "", "", "", "", "", "n", ""]
    asked = rasid("rules", "add", "-c", kept.folder, stdin="\n".join(answers))
    assert asked.err.index(sentence) < asked.err.index("Add it to ")


def test_of_places_of_one_name_one_is_chosen(rasid, kept):
    shown = rasid("places", "show", "القصير", "--json", "-c", kept.folder).json
    assert len(shown) > 1
    answers = ["أ", "", "", "", "القصير", "1", "", "", "", "", "y", ""]
    answer = rasid("rules", "add", "-c", kept.folder, stdin="\n".join(answers))
    assert answer.code == 0, answer.err
    (place,) = added(kept)["places"]
    assert place["name"] == "القصير"
    assert rasid("check", "-c", kept.folder).code == 0


@pytest.mark.parametrize("answers", [[], ANSWERS, ANSWERS[:4], [*ANSWERS, "n", ""]])
def test_who_stops_short_of_yes_leaves_the_file_alone(rasid, kept, answers):
    answer = rasid("rules", "add", "-c", kept.folder, stdin="\n".join(answers))
    assert answer.code == 130
    assert answer.err.endswith("\nnothing was written\n")
    assert (kept.folder / "rules.yaml").read_text("utf-8") == RULES


def test_ctrl_c_at_a_terminal_leaves_the_file_alone(kept):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "monitor", "rules", "add", "-c", str(kept.folder)]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        preexec_fn=take_terminal,  # noqa: PLW1509 # no other way to one's terminal
    ) as process:  # fmt: skip
        os.close(theirs)
        seen = read_until(ours, "Name of the rule")
        os.write(ours, "فيضانات\n".encode())
        seen += read_until(ours, "Words, by commas")
        while process.poll() is None:  # one that comes just before the wait is not seen there
            os.write(ours, b"\x03")
            with suppress(subprocess.TimeoutExpired):
                process.wait(1)
        assert process.returncode == 130
    os.close(ours)
    assert "Traceback" not in seen
    assert (kept.folder / "rules.yaml").read_text("utf-8") == RULES


def take_terminal() -> None:
    """Makes standard input the terminal of this process, and has it heed Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def read_until(terminal: int, text: str) -> str:
    """What a terminal shows until there is that text."""
    seen = b""
    while text.encode() not in seen:
        assert select.select([terminal], [], [], 20)[0], seen
        seen += os.read(terminal, 1000)
    return seen.decode("utf-8", "replace")
