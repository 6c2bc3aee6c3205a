"""Mail over a real SMTP server on the loopback: what arrives, and what each refusal leads to."""

from __future__ import annotations

import re
import ssl
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from channel_samples import HOSTILE, LINK, REPEAT, message
from hypothesis import given
from hypothesis import strategies as st

from monitor.channels.build import build
from monitor.channels.mail import Mail, compose, list_id
from monitor.channels.notify import MailAccount, mail_account
from monitor.model import ChannelConfig, Lang, Message, Outcome, Receipt, Severity
from sink import HANG_UP, Sink

ACCOUNT = MailAccount("127.0.0.1", 25, "insecure", ("", "a@x.example"), (("", "b@x.example"),))
LETTERS = "ابتثجحخدذ ررزسشصضطظ abcXYZ 019 ،؟.:-_=?\u064b\u0651😀"


def mail(url: str) -> Mail:
    return Mail("desk", mail_account(url), timeout=5)


def body(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def sent(message: Message, url: str = "") -> EmailMessage:
    """The message as the server got it."""
    with Sink() as sink:
        receipt = mail(sink.mailto + url).send(message)
        assert receipt.outcome is Outcome.SENT, receipt
        assert receipt.code == 250
        return sink.messages[0].message


def test_a_mail_in_text_and_html_from_right_to_left() -> None:
    alert = message()
    got = sent(alert)
    assert got["Subject"] == "قصف على سنجار"
    assert (got["From"], got["To"]) == ("راصد <a@x.example>", "b@x.example")
    assert got.get_content_type() == "multipart/alternative"
    assert body(got) == alert.text
    html = body(got, "html")
    assert html == alert.html
    assert '<html dir="rtl" lang="ar">' in html
    assert "قصف</mark>" in html
    assert f'href="{LINK.replace("&", "&amp;")}"' in html
    assert got["Content-Language"] == "ar"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["Date"].datetime.tzinfo is not None
    assert not got.defects


def test_the_id_is_that_of_the_delivery_so_that_readers_drop_repeats() -> None:
    first, again = sent(message()), sent(message(repeat=True))
    assert first["Message-ID"] == again["Message-ID"] == "<d0123456789abcdef@x.example>"
    assert len(first.get_all("Message-ID")) == 1
    assert body(again).split("\n")[0] == REPEAT
    assert REPEAT not in body(first)


def of_rule(*rules: str, follows: str | None = None) -> Message:
    """The message of alerts of these rules, in one delivery."""
    alert = message()
    (delivery,) = alert.deliveries
    alerts = tuple(replace(delivery.alerts[0], rule=rule) for rule in rules)
    return replace(alert, deliveries=(replace(delivery, alerts=alerts, follows=follows),))


def test_each_rule_is_a_list_by_which_mails_are_sorted() -> None:
    got = sent(of_rule("Clashes in Makhmur-2", "ثانية"))
    assert got["List-ID"] == "Clashes in Makhmur-2 <clashes-in-makhmur-2.rasid.x.example>"
    assert len(got.get_all("List-ID")) == 1
    arabic = sent(of_rule("داعش في مخمور"))
    assert arabic["List-ID"] == "داعش في مخمور <rule-f50f09a65dd2d277.rasid.x.example>"
    assert sent(replace(message(), deliveries=()))["List-ID"] is None


@pytest.mark.parametrize(
    "rule",
    [
        "قصف " * 50,
        "a" * 200,
        "x\r\nBcc: evil@evil.example",
        "<a@b>, <c>",
        "=?utf-8?b?2YXYstmI2LE=?=",
        "\ud800 \u202e\x00",
        "../.. @",
        "-",
    ],
)
@pytest.mark.parametrize("domain", ["x.example", "[127.0.0.1]", "d" * 250, ""])
def test_a_list_is_named_by_any_rule_and_sender(rule: str, domain: str) -> None:
    account = replace(ACCOUNT, sender=("", f"a@{domain}"))
    wire = compose(of_rule(rule), account)
    (header,) = [
        line for line in wire.replace(b"\r\n ", b" ").split(b"\r\n") if line.startswith(b"List-ID:")
    ]
    assert max(map(len, wire.split(b"\r\n"))) <= 998
    named = re.fullmatch(rb"List-ID: .*<([a-z0-9-]+\.rasid\.[a-z0-9.-]+)>", header)
    assert named, header
    assert len(named[1]) <= 255
    assert b"evil@" not in header.replace(b"?=", b"").split(b"<")[0]
    assert message_from_bytes(wire, policy=policy.compat32)["Bcc"] is None


@given(st.text(min_size=1, max_size=300))
def test_rules_of_other_names_are_other_lists_for_ever(rule: str) -> None:
    assert list_id(rule, "x.example") == list_id(rule, "x.example")
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*\.rasid\.x\.example", list_id(rule, "x.example"))


def test_a_mail_on_an_edited_article_follows_the_first() -> None:
    first = sent(of_rule("أ"))
    got = sent(of_rule("أ", follows=first["Message-ID"][1:].partition("@")[0]))
    assert got["In-Reply-To"] == got["References"] == first["Message-ID"]
    assert first["In-Reply-To"] is None
    assert first["References"] is None


def test_a_bundle_follows_nothing() -> None:
    alert = of_rule("أ", follows="d0")
    got = sent(replace(alert, deliveries=alert.deliveries * 2))
    assert got["In-Reply-To"] is None
    assert got["List-ID"].endswith(".rasid.x.example>")


def test_a_sender_beyond_ascii_holds_the_channel() -> None:
    channel = Mail("desk", replace(ACCOUNT, sender=("", "a@مثال.example")))
    assert channel.send(message()).outcome is Outcome.HELD


def test_an_odd_id_makes_no_header() -> None:
    got = sent(of_rule("أ", follows="d0>\r\nBcc: evil@evil.example ع"))
    assert got["Bcc"] is None
    assert got["In-Reply-To"] == "<d0---Bcc--evil-evil.example--@x.example>"


def test_without_html_it_is_plain_text_alone() -> None:
    got = sent(message(plain=True))
    assert got.get_content_type() == "text/plain"
    assert LINK in got.get_content()


@pytest.mark.parametrize(
    ("severity", "importance"), [(Severity.NORMAL, None), (Severity.CRITICAL, "high")]
)
def test_urgent_mails_are_marked_important(severity: Severity, importance: str | None) -> None:
    assert sent(message(severity=severity))["Importance"] == importance


@pytest.mark.parametrize(
    ("address", "language", "sender"),
    [
        ("from=a@x.example", "ar", "راصد <a@x.example>"),
        ("from=a@x.example", "en", "Rasid <a@x.example>"),
        ("from=a@x.example&name=Desk", "ar", "Desk <a@x.example>"),
        ("from=غرفة الأخبار<a@x.example>", "en", "غرفة الأخبار <a@x.example>"),
        ("from=a@x.example&name=Rasid", "ar", "Rasid <a@x.example>"),
    ],
)
def test_the_sender_has_our_name_where_the_address_gives_none(
    address: str, language: Lang, sender: str
) -> None:
    account = mail_account(f"mailto://127.0.0.1/?{address}&to=b@x.example")
    wire = compose(replace(message(), language=language), account)
    assert message_from_bytes(wire, policy=policy.default)["From"] == sender


def test_the_sender_has_our_name_with_an_account_too() -> None:
    account = mail_account("mailtos://user:word@smtp.x.example/?to=b@x.example")
    assert account.sender == ("", "user@smtp.x.example")


def test_names_copies_and_headers_of_the_address() -> None:
    with Sink() as sink:
        url = (
            f"mailto://127.0.0.1:{sink.port}/?from=راصد<a@x.example>&to=b@x.example,c@x.example"
            "&cc=مكتب<d@x.example>&bcc=e@x.example&reply=f@x.example"
            "&+X-Desk=النهار&+Message-ID=mine&+Subject=mine&+List-Id=mine&+References=mine"
        )
        assert mail(url).send(message()).outcome is Outcome.SENT
        (got,) = sink.messages
    assert got.message["From"] == "راصد <a@x.example>"
    assert got.message["To"] == "b@x.example, c@x.example"
    assert got.message["Cc"] == "مكتب <d@x.example>"
    assert got.message["Reply-To"] == "f@x.example"
    assert got.message["X-Desk"] == "النهار"
    assert got.message["Bcc"] is None
    assert got.message.get_all("Message-ID") == ["<d0123456789abcdef@x.example>"]
    assert got.message.get_all("Subject") == ["قصف على سنجار"]
    assert "mine" not in str(got.message)
    assert sorted(got.recipients) == [f"{letter}@x.example" for letter in "bcde"]


def test_hostile_text_makes_no_header_and_no_markup() -> None:
    got = sent(message(HOSTILE, excerpt=HOSTILE))
    assert got["Bcc"] is None
    assert "<b" not in body(got, "html").replace("<bdi", "").replace("<body", "")
    for text in (body(got), body(got, "html"), str(got["Subject"])):
        assert not set(text) & set("\x00\x1b\u202e\u2028\r")


@pytest.mark.parametrize("title", ["=?utf-8?b?2YXYstmI2LE=?=", "plain", "a\nBcc: x@x.example"])
def test_a_title_is_never_decoded_or_taken_for_a_header(title: str) -> None:
    got = sent(message(title))
    assert str(got["Subject"]).replace("\u200b", "") == title.replace("\n", " ")
    assert got["Bcc"] is None


@pytest.mark.parametrize("length", [1, 50, 163, 164, 300, 600])
@pytest.mark.parametrize("letters", ["عاجل ", "ab قصف 12 ", "طويلة"])
def test_subjects_of_any_length_arrive_as_they_were(length: int, letters: str) -> None:
    subject = (letters * length)[:length].strip()
    _assert_subject_survives(subject)


@given(st.text(LETTERS, min_size=1, max_size=600))
def test_subjects_of_any_letters_arrive_as_they_were(subject: str) -> None:
    _assert_subject_survives(subject)


def _assert_subject_survives(subject: str) -> None:
    alert = Message("d1", subject, (), "نص", "<p>نص</p>", Severity.LOW)
    wire = compose(alert, ACCOUNT)
    assert wire.isascii()
    lines = wire.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert message_from_bytes(wire, policy=policy.default)["Subject"] == subject


def test_a_subject_of_600_letters_passes_a_real_server() -> None:
    long = Message("d1", "قصف " * 150 + "نهاية", (), "نص", "", Severity.LOW)
    assert sent(long)["Subject"] == long.subject


@pytest.mark.parametrize(
    ("step", "code", "outcome"),
    [
        ("DATA", 421, Outcome.RETRY),
        ("DATA", 451, Outcome.RETRY),
        ("DATA", 452, Outcome.RETRY),
        ("DATA", 550, Outcome.REJECTED),
        ("DATA", 552, Outcome.REJECTED),
        ("DATA", 554, Outcome.REJECTED),
        ("DATA", 530, Outcome.HELD),
        ("RCPT", 450, Outcome.RETRY),
        ("RCPT", 550, Outcome.HELD),
        ("MAIL", 451, Outcome.RETRY),
        ("MAIL", 550, Outcome.HELD),
        ("MAIL", 530, Outcome.HELD),
        ("AUTH", 535, Outcome.HELD),
        ("AUTH", 534, Outcome.HELD),
        ("AUTH", 454, Outcome.RETRY),
    ],
)
def test_what_each_answer_leads_to(step: str, code: int, outcome: Outcome) -> None:
    with Sink() as sink:
        url = f"mailto://user:password@127.0.0.1:{sink.port}/?from=a@x.example&to=b@x.example"
        channel = mail(url)
        sink.answer(code, at=step)
        receipt = channel.send(message())
        assert (receipt.outcome, receipt.code) == (outcome, code)
        assert not receipt.in_doubt
        assert sink.messages == []
        assert channel.send(message()).outcome is Outcome.SENT
        assert sink.messages[0].login == "user"


def test_a_server_that_is_away_is_tried_later() -> None:
    with Sink() as sink:
        channel = mail(sink.mailto)
        with sink.away():
            receipt = channel.send(message())
        assert receipt == Receipt(Outcome.RETRY, "connection refused")
        assert channel.send(message()).outcome is Outcome.SENT


def test_a_name_that_is_not_known_is_tried_later() -> None:
    url = "mailto://server.invalid:2525/?from=a@x.example&to=b@x.example"
    assert mail(url).send(message()) == Receipt(Outcome.RETRY, "the server's name is not known")


def test_an_answer_that_gets_lost_leaves_a_doubt() -> None:
    with Sink() as sink:
        sink.answer(HANG_UP)
        receipt = mail(sink.mailto).send(message())
        assert (receipt.outcome, receipt.in_doubt) == (Outcome.RETRY, True)
        sink.answer(HANG_UP, at="MAIL")
        receipt = mail(sink.mailto).send(message())
        assert (receipt.outcome, receipt.in_doubt) == (Outcome.RETRY, False)


def test_a_server_that_takes_but_does_not_answer_leaves_a_doubt() -> None:
    with Sink() as sink:
        sink.delay = 60
        receipt = Mail("desk", mail_account(sink.mailto), timeout=0.5).send(message())
        assert receipt == Receipt(Outcome.RETRY, "no answer in time", in_doubt=True)
        assert len(sink.messages) == 1


@pytest.mark.parametrize("code", [HANG_UP, 451, 554])
def test_once_taken_it_is_sent_whatever_the_goodbye(code: int) -> None:
    with Sink() as sink:
        sink.answer(code, at="QUIT")
        assert mail(sink.mailto).send(message()) == Receipt(Outcome.SENT, "taken", 250)
        assert len(sink.messages) == 1


def test_recipients_refused_for_good_do_not_cost_the_others_their_mail() -> None:
    with Sink() as sink:
        sink.refuse("no@x.example", 550)
        receipt = mail(sink.mailto + ",no@x.example").send(message())
        detail = "taken, but 1 of 2 recipients are refused"
        assert receipt == Receipt(Outcome.SENT, detail, 250, partly=True)
        assert sink.messages[0].recipients == ("b@x.example",)


def test_recipients_put_off_are_tried_alone() -> None:
    with Sink() as sink:
        channel = mail(sink.mailto + ",later@x.example")
        sink.refuse("later@x.example", 450)
        first, second = channel.send(message()), channel.send(message())
        assert (first.outcome, first.code) == (Outcome.RETRY, 450)
        assert second.outcome is Outcome.RETRY
        sink.refuse("later@x.example", None)
        assert channel.send(message()).outcome is Outcome.SENT
        assert channel.send(message()).outcome is Outcome.SENT
    both = ("b@x.example", "later@x.example")
    assert [got.recipients for got in sink.messages] == [both[:1], both[1:], both]


def test_no_secret_in_receipts_or_representations() -> None:
    with Sink() as sink:
        url = f"mailto://user:Canary99@127.0.0.1:{sink.port}/?from=a@x.example&to=b@x.example"
        sink.answer(535, at="AUTH", text="5.7.8 user with Canary99 is\x1b[31m not known")
        receipt = mail(url).send(message())
    assert receipt == Receipt(Outcome.HELD, "535 5.7.8 *** with *** is[31m not known", 535)
    assert "Canary99" not in repr(mail_account(url))


def test_encryption_is_asked_for_and_the_certificate_looked_at(
    certificate: ssl.SSLContext,
) -> None:
    with Sink(tls=certificate) as sink:
        url = f"mailtos://127.0.0.1:{sink.port}/?from=a@x.example&to=b@x.example"
        receipt = mail(url).send(message())
        assert receipt == Receipt(Outcome.HELD, "the server's certificate is not trusted")
        assert sink.messages == []
        assert mail(url + "&verify=no").send(message()).outcome is Outcome.SENT
        assert sink.messages[0].tls


def test_a_server_without_encryption_gets_nothing_where_it_is_asked_for() -> None:
    with Sink() as sink:
        url = f"mailtos://user:password@127.0.0.1:{sink.port}/?from=a@x.example&to=b@x.example"
        assert mail(url).send(message()).outcome is Outcome.HELD
        assert sink.messages == []


def test_a_built_mail_channel_sends_mail() -> None:
    with Sink() as sink:
        channel = build(ChannelConfig("desk", sink.mailto))
        assert channel.name == "desk"
        assert channel.send(message()).outcome is Outcome.SENT
        assert sink.wait_for(1)[0].message["Subject"] == "قصف على سنجار"
