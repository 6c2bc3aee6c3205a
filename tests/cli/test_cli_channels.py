"""`rasid channels`: the ways out are listed without their addresses, and can be tried."""

from __future__ import annotations

import socket

import pytest

from sink import Sink


def test_the_list_never_shows_an_address(rasid, desk):
    desk.monitor(
        channels={
            "screen": {"url": "console://"},
            "chat": {"url": "json://user:very-secret@127.0.0.1/hook"},
        }
    )
    for args in (["channels", "list"], ["channels", "list", "--json"]):
        answer = rasid(*args, "-c", desk.folder)
        assert answer.code == 0
        assert "chat" in answer.out
        assert "secret" not in answer.out + answer.err


def test_a_test_message_goes_out_as_alerts_do(rasid, desk):
    with Sink() as sink:
        mail = f"mailto://127.0.0.1:{sink.port}/?from=rasid@demo.example&to=desk@demo.example"
        desk.monitor(channels={"mail": {"url": mail}})
        answer = rasid("channels", "test", "mail", "-c", desk.folder)
    assert answer.code == 0
    assert "mail: sent" in answer.err
    assert len(sink.messages) == 1


def test_a_server_that_is_away_is_75(rasid, desk):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    desk.monitor(
        channels={"mail": {"url": f"mailto://127.0.0.1:{port}/?from=a@b.example&to=c@d.example"}}
    )
    answer = rasid("channels", "test", "mail", "-c", desk.folder)
    assert answer.code == 75
    assert "mail: retry" in answer.err


def test_the_console_shows_the_test_message(rasid, desk):
    answer = rasid("channels", "test", "screen", "-c", desk.folder)
    assert answer.code == 0
    assert "رسالة تجريبية" in answer.out


@pytest.mark.parametrize(("name", "hint"), [("screan", "did you mean screen?"), ("x", "x")])
def test_an_unknown_channel_is_a_usage_error(rasid, desk, name, hint):
    answer = rasid("channels", "test", name, "-c", desk.folder)
    assert answer.code == 64
    assert hint in answer.err
