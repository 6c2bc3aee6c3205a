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


def test_the_list_is_aligned(rasid, desk):
    desk.monitor(
        channels={"screen": {"url": "console://"}, "desk-mail": {"url": "mailto://127.0.0.1/"}},
        operator="desk-mail",
    )
    assert rasid("channels", "list", "-c", desk.folder).out.splitlines() == [
        "screen     console",
        "desk-mail  mailto   tells the daemon's own troubles",
    ]


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


TEMPLATE = """{% block subject %}س: {{ article.title }}{% endblock %}
{% block text %}
{{ article.title }}
{{ article.link }}
{% endblock %}
"""


def test_a_template_is_shown_and_nothing_is_sent(rasid, desk):
    with Sink() as sink:
        desk.monitor(channels={"mail": {"url": sink.mailto}})
        desk.write("words.j2", TEMPLATE)
        answer = rasid("channels", "test", "mail", "--template", "words.j2", "-c", desk.folder)
        assert sink.messages == []
    assert answer.code == 0
    subject, text, html = answer.out.split("--- ")[1:]
    assert subject.startswith("subject ---\nس: خبر للتجربة")
    assert text.splitlines()[1:] == [
        "خبر للتجربة: اشتباكات في قضاء مخمور",
        "https://news.example/2026/1?id=1&lang=ar",
    ]
    assert '<html dir="rtl"' in html


def test_without_a_file_the_words_of_the_channel_are_shown(rasid, desk):
    desk.write("words.j2", TEMPLATE)
    desk.monitor(
        channels={
            "own": {"url": "console://", "template": "words.j2"},
            "plain": {"url": "console://"},
        }
    )
    own = rasid("channels", "test", "own", "--template", "-c", desk.folder)
    plain = rasid("channels", "test", "plain", "-c", desk.folder, "--template")
    assert (own.code, plain.code) == (0, 0)
    assert "س: خبر للتجربة" in own.out
    assert "القاعدة: داعش في مخمور" not in own.out.split("--- html")[0]
    assert "القاعدة: داعش في مخمور" in plain.out


def test_a_channel_sends_its_test_in_its_own_words(rasid, desk):
    desk.write("words.j2", "كلمات: {{ article.title }}")
    desk.monitor(channels={"screen": {"url": "console://", "template": "words.j2"}})
    answer = rasid("channels", "test", "screen", "-c", desk.folder)
    assert answer.code == 0
    assert answer.out.startswith("كلمات: هذه رسالة تجريبية")


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("x.j2", "س\n{% if %}", "x.j2:2: a name or value is missing before this end"),
        ("x.j2", "{{ article.nothing }}", "x.j2:1: nothing in it is called nothing"),
        ("x.j2", "{% for i in range(10**9) %}{% endfor %}", "x.j2:1: OverflowError"),
        ("none.j2", "", "none.j2: there is no such file"),
    ],
)
def test_a_template_with_a_fault_is_65_with_the_line(rasid, desk, file, text, reason):
    desk.write("x.j2", text)
    answer = rasid("channels", "test", "screen", "--template", file, "-c", desk.folder)
    assert answer.code == 65
    assert answer.err.startswith(f"rasid: {reason}")


def test_a_configured_template_with_a_fault_is_78_with_both_positions(rasid, desk):
    desk.write("bad.j2", "س\n\n{{ articel.title }}")
    desk.write("monitor.yaml", "channels:\n  a: {url: 'console://', template: bad.j2}\n")
    answer = rasid("check", "-c", desk.folder)
    assert answer.code == 78
    assert answer.err == (
        "monitor.yaml:2:36: channels.a.template: bad.j2:3: nothing is called"
        " articel (did you mean article?)\n"
    )
    desk.write("bad.j2", "س {{ article.title }}")
    assert rasid("check", "-c", desk.folder).code == 0
