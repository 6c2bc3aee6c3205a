"""The mail server of the tests does what its orders say, so that tests over it prove something."""

from __future__ import annotations

import smtplib
import threading

import pytest

from sink import HANG_UP, Sink

MAIL = "Subject: one\r\n\r\nbody\r\n"


def send(sink: Sink, *, to: tuple[str, ...] = ("b@x.example",), login: bool = False) -> None:
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=10) as client:
        if login:
            client.login("user", "password")
        client.sendmail("a@x.example", to, MAIL)


def test_keeps_message_and_envelope() -> None:
    with Sink() as sink:
        assert sink.messages == []
        send(sink, to=("b@x.example", "c@x.example"), login=True)
        (kept,) = sink.wait_for(1)
    assert kept.message["Subject"] == "one"
    assert kept.message.get_content() == "body\n"
    assert (kept.sender, kept.recipients) == ("a@x.example", ("b@x.example", "c@x.example"))
    assert kept.login == "user"
    assert not kept.tls


@pytest.mark.parametrize("code", [421, 451, 550, 554])
def test_answers_as_told_and_then_takes_again(code: int) -> None:
    with Sink() as sink:
        sink.answer(code)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            send(sink)
        assert refused.value.smtp_code == code
        assert sink.messages == []
        send(sink)
        assert len(sink.messages) == 1


@pytest.mark.parametrize(
    ("step", "code", "error"),
    [
        ("AUTH", 535, smtplib.SMTPAuthenticationError),
        ("MAIL", 550, smtplib.SMTPSenderRefused),
        ("RCPT", 450, smtplib.SMTPRecipientsRefused),
        ("DATA", HANG_UP, smtplib.SMTPServerDisconnected),
    ],
)
def test_misbehaves_at_any_step(step: str, code: int, error: type[Exception]) -> None:
    with Sink() as sink:
        sink.answer(code, at=step)
        with pytest.raises(error):
            send(sink, login=True)
        assert sink.messages == []


def test_refuses_one_recipient() -> None:
    with Sink() as sink:
        sink.refuse("no@x.example")
        send(sink, to=("b@x.example", "no@x.example"))
        assert sink.messages[0].recipients == ("b@x.example",)


def test_is_away_and_back_on_the_same_port() -> None:
    with Sink() as sink:
        with sink.away(), pytest.raises(ConnectionRefusedError):
            send(sink)
        send(sink)
        assert len(sink.messages) == 1


def test_stops_while_a_client_waits_for_its_answer() -> None:
    ended = threading.Event()

    def wait_in_vain() -> None:
        try:
            send(sink)
        except smtplib.SMTPException:
            ended.set()

    with Sink() as sink:
        sink.delay = 60
        client = threading.Thread(target=wait_in_vain)
        client.start()
        sink.wait_for(1)
    client.join(10)
    assert ended.is_set()


def test_a_port_can_be_taken_again() -> None:
    with Sink() as first:
        send(first)
    with Sink(port=first.port) as second:
        send(second)
        assert len(second.messages) == 1
