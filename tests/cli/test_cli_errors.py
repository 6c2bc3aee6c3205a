"""Exit codes and words of what goes wrong; what must work before anything is configured."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from newsroom import start


def test_version_names_the_distribution(rasid):
    answer = rasid("--version")
    assert answer.code == 0
    assert answer.out.startswith("rasid 0.")


@pytest.mark.parametrize("args", [[], ["nonsense"], ["once", "--nonsense"], ["explain"]])
def test_usage_errors_are_64(rasid, args):
    answer = rasid(*args)
    assert answer.code == 64
    assert answer.out == ""
    assert "Usage" in answer.err


@pytest.mark.parametrize(
    "command",
    ["run", "once", "check", "init", "explain", "match", "parse", "status", "demo",
     "feeds list", "channels list", "channels test", "outbox list", "alerts list"],
)  # fmt: skip
def test_every_command_takes_c_and_explains_itself(rasid, command):
    answer = rasid(*command.split(), "--help")
    assert answer.code == 0
    assert "-c, --config DIR" in answer.out


def test_the_folder_may_stand_before_the_command_or_after_it(rasid, desk, tmp_path):
    before = rasid("-c", desk.folder, "check")
    after = rasid("check", "-c", desk.folder)
    both = rasid("-c", tmp_path / "elsewhere", "check", "-c", desk.folder)
    assert (before.code, after.code, both.code) == (0, 0, 0)
    assert before.out == after.out == both.out


def test_no_configuration_at_all_is_told_with_a_way_out(rasid):
    answer = rasid("check")
    assert answer.code in (64, 78)
    assert "rasid init" in answer.err


def test_a_reader_that_leaves_is_no_error(desk, tmp_path):
    articles = tmp_path / "articles.jsonl"
    articles.write_text('{"id": 1, "title": "حريق"}\n' * 20_000, "utf-8")
    with articles.open("rb") as stdin, start("match", "-c", desk.folder, stdin=stdin) as process:
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(30) == 141
        assert process.stderr.read() == b""


@pytest.fixture
def heeded_interrupt():
    """What a shell starts in the background ignores Ctrl-C, and what that starts does so too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_is_130_and_leaves_no_traceback(desk, heeded_interrupt):
    with start("match", "-c", desk.folder) as process:
        process.stdin.write('{"id": 1, "title": "حريق"}\n'.encode())
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Traceback" not in err


def test_arabic_goes_out_as_utf8_under_any_locale(desk):
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1"}
    with start("match", "-c", desk.folder, more=locale) as process:
        out, _ = process.communicate('{"id": 1, "title": "حريق"}\n'.encode(), timeout=20)
    assert "حريق" in out.decode()


def test_help_is_quick_because_nothing_else_is_imported():
    """Start-up time is a promise; what is imported tells more reliably than a clock."""
    script = (
        "import sys; from monitor.cli.main import main; main(['--help']); "
        "print([m for m in ('rich', 'httpx', 'apprise', 'pydantic', 'feedparser', 'lark')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=20)
    assert done.stdout.splitlines()[-1] == b"[]"
