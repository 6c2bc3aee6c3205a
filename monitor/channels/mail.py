"""Sends mail over SMTP: HTML from right to left with plain text beside it, and an honest outcome.

Apprise's own mail gives neither codes nor a Message-ID, and fails on a long Arabic subject. The
subject is folded by email.header with the compat32 generator, since EmailMessage loses or gains
blanks in mixed Arabic and Latin subjects (509 of 3,000 on Python 3.11). This module must not read
addresses: see notify for mailto URLs.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import formataddr, formatdate

from monitor.model import Message, Outcome, Receipt, Severity

CONNECT = 20.0  # seconds for the connection and for each answer
_CREDENTIALS = frozenset({454, 530, 534, 535, 538})  # RFC 4954, section 6
_LONGEST = 300  # letters of a server's answer that we keep

Address = tuple[str, str]  # name ("" for none) and address


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where and as whom mail is sent. `mode` is insecure, starttls or ssl."""

    host: str
    port: int
    mode: str
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    user: str | None = None
    password: str | None = field(default=None, repr=False)


class Mail:
    """A channel of one mail server and its recipients. A connection serves one message."""

    def __init__(self, name: str, server: MailServer) -> None:
        self.name = name
        self._server = server

    def send(self, message: Message) -> Receipt:
        """Sends one mail. A refusal of the account or sender is HELD, one of the message REJECTED,
        what may pass is RETRY; SENT once the server has taken it for at least one recipient."""
        try:
            with _connected(self._server) as smtp:
                return self._hand_over(smtp, message)
        except _Refused as refusal:
            return self._receipt(refusal.outcome, refusal.code, refusal.text)
        except (smtplib.SMTPNotSupportedError, UnicodeError) as error:
            return self._receipt(Outcome.HELD, None, str(error))
        except smtplib.SMTPResponseException as error:
            outcome = Outcome.RETRY if error.smtp_code < 500 else Outcome.HELD
            return self._receipt(outcome, error.smtp_code, error.smtp_error)
        except smtplib.SMTPException as error:
            return self._receipt(Outcome.RETRY, None, str(error))
        except ssl.SSLCertVerificationError as error:
            return self._receipt(Outcome.HELD, None, f"certificate refused: {error.verify_message}")
        except OSError as error:
            return self._receipt(Outcome.RETRY, None, f"no connection: {error.strerror or error}")

    def _hand_over(self, smtp: smtplib.SMTP, message: Message) -> Receipt:
        server = self._server
        _must(smtp.mail(server.sender[1]), Outcome.HELD)
        refused = []
        everyone = [address for _, address in (*server.to, *server.cc, *server.bcc)]
        for address in everyone:
            code, text = smtp.rcpt(address)
            if code not in (250, 251):
                refused.append((code, text))
        if len(refused) == len(everyone):
            _must(min(refused), Outcome.HELD)
        code, text = smtp.data(compose(message, server))
        _must((code, text), Outcome.REJECTED)
        note = f"; {len(refused)} of {len(everyone)} recipients refused" if refused else ""
        return self._receipt(Outcome.SENT, code, _readable(text) + note)

    def _receipt(self, outcome: Outcome, code: int | None, text: bytes | str) -> Receipt:
        said = _readable(text)
        if self._server.password:
            said = said.replace(self._server.password, "…")
        return Receipt(outcome, said[:_LONGEST], code)


class _Refused(Exception):  # noqa: N818 (it is an outcome on its way up, not an error)
    def __init__(self, outcome: Outcome, code: int, text: bytes | str) -> None:
        super().__init__(code)
        self.outcome, self.code, self.text = outcome, code, text


def _must(answer: tuple[int, bytes], refusal: Outcome) -> None:
    """Goes on where the server agrees; 4xx is temporary, 5xx the given refusal."""
    code, text = answer
    if code >= 500:
        raise _Refused(Outcome.HELD if code in _CREDENTIALS else refusal, code, text)
    if code >= 400:
        raise _Refused(Outcome.RETRY, code, text)


@contextmanager
def _connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    """A session that is greeted, encrypted as asked and logged in. Its end never fails: once a
    mail is taken, a server that hangs up instead of saying goodbye changes nothing."""
    own = socket.gethostname()
    name = own if "." in own else "[127.0.0.1]"  # smtplib would ask the DNS, and wait for it
    if server.mode == "ssl":
        context = ssl.create_default_context()
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, local_hostname=name, timeout=CONNECT, context=context
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, local_hostname=name, timeout=CONNECT)
    try:
        if server.mode == "starttls":
            smtp.starttls(context=ssl.create_default_context())
        smtp.ehlo_or_helo_if_needed()
        if server.user and server.password:
            _log_in(smtp, server.user, server.password)
        yield smtp
        _say_goodbye(smtp)
    finally:
        smtp.close()


def _log_in(smtp: smtplib.SMTP, user: str, password: str) -> None:
    try:
        smtp.login(user, password)
    except smtplib.SMTPAuthenticationError as error:
        code = error.smtp_code
        outcome = Outcome.HELD if code >= 500 else Outcome.RETRY
        raise _Refused(outcome, code, error.smtp_error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise _Refused(Outcome.HELD, 530, str(error)) from error


def _say_goodbye(smtp: smtplib.SMTP) -> None:
    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError):
        smtp.close()


def compose(message: Message, server: MailServer) -> bytes:
    """The mail as bytes with CRLF: text, and beside it HTML where the message has some."""
    text = MIMEText(message.text, "plain", "utf-8")
    mail: MIMEMultipart | MIMEText = text
    if message.html:
        mail = MIMEMultipart("alternative")
        mail.attach(text)
        mail.attach(MIMEText(message.html, "html", "utf-8"))
    sender_host = server.sender[1].rpartition("@")[2]
    mail["Subject"] = Header(message.subject, "utf-8", header_name="Subject").encode()
    mail["From"] = _address(server.sender)
    mail["To"] = ", ".join(map(_address, server.to))
    if server.cc:
        mail["Cc"] = ", ".join(map(_address, server.cc))
    mail["Date"] = formatdate()
    mail["Message-ID"] = f"<{message.delivery_id}@{sender_host}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["Content-Language"] = "ar"
    if message.severity in (Severity.HIGH, Severity.CRITICAL):
        mail["Importance"] = "high"
    return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _address(address: Address) -> str:
    return formataddr((address[0], address[1]), "utf-8")


def _readable(text: bytes | str) -> str:
    told = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join("".join(c if c.isprintable() else " " for c in told).split())
