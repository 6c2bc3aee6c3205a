"""Mail by SMTP: plain text and HTML in one message, with an id that lets readers drop repeats.

    2xx                                                  sent
    4xx, refused connection, DNS, time-out, hang-up      again later
    log-in, certificate, sender or every recipient refused, no service for us     the channel held
    5xx to the message itself                            rejected

Where only some recipients are refused, those refused for good are left out (the receipt counts
them), and those to try later are tried alone as long as this process lives. The message is built
with email.message.Message under the compat32 policy: EmailMessage loses blanks in folded Arabic
subjects (measured, 509 of 3,000). This module must not parse addresses of channels.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email.charset import BASE64, SHORTEST, Charset
from email.header import Header
from email.message import Message as MailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr
from hashlib import sha256
from typing import Any, Final

from monitor.channels.notify import MailAccount
from monitor.core.alerts.inert import one_line
from monitor.core.alerts.labels import LABELS
from monitor.model import Delivery, Limit, Message, Outcome, Receipt, Severity
from monitor.net.exchange import no_connection

LONGEST: Final = 100_000  # letters: some readers cut what is longer
TIMEOUT: Final = 30.0  # seconds, for each answer
QUIT_TIMEOUT: Final = 5.0
_LONGEST_DETAIL: Final = 200

# Charsets of our own: Apprise changes the one that the email package keeps for "utf-8".
_UTF_8: Final = Charset("utf-8")
_UTF_8.header_encoding, _UTF_8.body_encoding = SHORTEST, BASE64
_ON_THE_WIRE: Final = compat32.clone(linesep="\r\n", mangle_from_=False)
_OWN_HEADERS: Final = re.compile(
    r"from|to|b?cc|subject|date|message-id|reply-to|mime-version|content-.*|auto-submitted"
    r"|list-id|in-reply-to|references",
    re.IGNORECASE,
)
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,60}")

_NAME_LENGTH: Final = 60
_PLAIN_RULE: Final = re.compile(r"(?=.{1,60}$)[A-Za-z0-9]+(?:[ -][A-Za-z0-9]+)*")
_LONGEST_HOST: Final = 180
_LOG_IN_CODES: Final = frozenset({530, 534, 535, 538})  # RFC 4954


class Mail:
    """A mail account as a channel. Each message has a connection of its own."""

    def __init__(self, name: str, account: MailAccount, *, timeout: float = TIMEOUT) -> None:
        self.name = name
        self.longest = LONGEST
        self.limits: tuple[Limit, ...] = ()
        self._account = account
        self._timeout = timeout
        self._left: dict[str, tuple[str, ...]] = {}  # delivery -> recipients still to be served

    def send(self, message: Message) -> Receipt:
        """One try. See the module for what each answer leads to; `code` is SMTP's."""
        recipients = self._left.get(message.delivery_id) or _everyone(self._account)
        handing_over = False
        try:
            wire = compose(message, self._account)
            with contextlib.closing(self._connected()) as server:
                refused = _offer(server, self._account.sender[1], recipients)
                handing_over = True
                code, text = server.data(wire)
                handing_over = False
                if not _is_good(code):
                    raise smtplib.SMTPDataError(code, text)
                _say_goodbye(server)
        except smtplib.SMTPResponseException as no:
            return self._answer(no)
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            return _trouble(error, in_doubt=handing_over)
        return self._taken(message.delivery_id, recipients, refused, code)

    def _connected(self) -> smtplib.SMTP:
        """A connection that is encrypted and logged in as the account asks."""
        account = self._account
        context = _tls(verify=account.verify)
        if account.mode == "ssl":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                account.host, account.port, timeout=self._timeout, context=context
            )
        else:
            server = smtplib.SMTP(account.host, account.port, timeout=self._timeout)
        try:
            if account.mode == "starttls":
                server.starttls(context=context)
            if account.user and account.password:
                server.login(account.user, account.password)
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server

    def _answer(self, no: smtplib.SMTPResponseException) -> Receipt:
        """What a refusal means: of the message only where it came after DATA."""
        code = no.smtp_code
        said = no.smtp_error
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        detail = f"{code} {self._without_secrets(one_line(text))}"[:_LONGEST_DETAIL].strip()
        if not _is_final(code):
            return Receipt(Outcome.RETRY, detail, code)
        if isinstance(no, smtplib.SMTPDataError) and code not in _LOG_IN_CODES:
            return Receipt(Outcome.REJECTED, detail, code)
        return Receipt(Outcome.HELD, detail, code)

    def _without_secrets(self, text: str) -> str:
        """Servers quote what they refuse."""
        for secret in (self._account.password, self._account.user):
            if secret:
                text = text.replace(secret, "***")
        return text

    def _taken(
        self, delivery: str, recipients: Sequence[str], refused: Mapping[str, int], code: int
    ) -> Receipt:
        later = tuple(address for address, no in refused.items() if not _is_final(no))
        if later:
            self._left[delivery] = later
            detail = f"{len(later)} of {len(recipients)} recipients are put off"
            # After a restart all of them are tried again, so the mark of a repeat must stand.
            code = refused[later[0]]
            return Receipt(Outcome.RETRY, detail, code, in_doubt=True, partly=True)
        self._left.pop(delivery, None)
        if refused:
            detail = f"taken, but {len(refused)} of {len(recipients)} recipients are refused"
            return Receipt(Outcome.SENT, detail, code, partly=True)
        return Receipt(Outcome.SENT, "taken", code)


def _everyone(account: MailAccount) -> tuple[str, ...]:
    named = (address for _, address in (*account.to, *account.cc))
    return tuple(dict.fromkeys((*named, *account.bcc)))


def _offer(server: smtplib.SMTP, sender: str, recipients: Iterable[str]) -> dict[str, int]:
    """Sender and recipients; gives the refused ones with their codes. Raises where none is left,
    with the answer that leaves most hope."""
    code, text = server.mail(sender)
    if not _is_good(code):
        raise smtplib.SMTPSenderRefused(code, text, sender)
    refused: dict[str, tuple[int, bytes]] = {}
    taken = 0
    for recipient in recipients:
        code, text = server.rcpt(recipient)
        if _is_good(code):
            taken += 1
        else:
            refused[recipient] = (code, text)
    if not taken:
        raise smtplib.SMTPResponseException(*min(refused.values()))
    return {recipient: no for recipient, (no, _) in refused.items()}


def _is_good(code: int) -> bool:
    return 200 <= code < 300  # RFC 5321, section 4.2.1


def _is_final(code: int) -> bool:
    return 500 <= code < 600


def _trouble(error: OSError | UnicodeError, *, in_doubt: bool) -> Receipt:
    """What it means that there was no answer, or none that we could go on with."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Receipt(Outcome.HELD, "the server's certificate is not trusted")
    if isinstance(error, smtplib.SMTPNotSupportedError) or type(error) is smtplib.SMTPException:
        return Receipt(Outcome.HELD, "the server offers no encryption or log-in that we can use")
    if isinstance(error, UnicodeError):
        return Receipt(Outcome.HELD, "an address, name or password holds letters beyond ASCII")
    timed_out = isinstance(error.__context__, TimeoutError)  # smtplib calls it a hang-up
    cause = error.__context__ if timed_out else error
    for kind, detail in _TROUBLES.items():
        if isinstance(cause, kind):
            return Receipt(Outcome.RETRY, detail, in_doubt=in_doubt)
    return Receipt(Outcome.RETRY, no_connection(error), in_doubt=in_doubt)


_TROUBLES: Final[Mapping[type[Exception], str]] = {
    TimeoutError: "no answer in time",
    ConnectionRefusedError: "connection refused",
    socket.gaierror: "the server's name is not known",
    smtplib.SMTPServerDisconnected: "the server hung up",
    ssl.SSLError: "encryption failed",
}


def _say_goodbye(server: smtplib.SMTP) -> None:
    """QUIT, whose answer means nothing any more: the message is taken."""
    if server.sock is not None:
        server.sock.settimeout(QUIT_TIMEOUT)
    with contextlib.suppress(smtplib.SMTPException, OSError):
        server.quit()


def _tls(*, verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not verify:  # the operator's own ?verify=no, for a server with a certificate of its own
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def compose(message: Message, account: MailAccount) -> bytes:
    """The message as it goes over the wire: CRLF, no line over 998 bytes, ASCII only. Without HTML
    it is plain text alone."""
    mail: MailMessage[Any, Any] = _part(message.text, "plain")
    if message.html:
        mail = MIMEMultipart("alternative", _subparts=[mail, _part(message.html, "html")])
    name, sender = account.sender
    name = _shown(name) or LABELS[message.language].sender
    mail["From"] = formataddr((name, sender), _UTF_8)
    mail["To"] = _addresses(account.to)
    if account.cc:
        mail["Cc"] = _addresses(account.cc)
    if account.reply_to:
        mail["Reply-To"] = _addresses(account.reply_to)
    # Always an encoded word: a title that looks like one itself would be decoded otherwise.
    mail["Subject"] = Header(one_line(message.subject), _UTF_8, header_name="Subject")
    mail["Date"] = format_datetime(datetime.now(UTC))
    domain = sender.rpartition("@")[2]
    mail["Message-ID"] = _message_id(message.delivery_id, domain)
    _thread(mail, message.deliveries, domain)
    mail["Content-Language"] = message.language
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers, please
    mail["X-Auto-Response-Suppress"] = "All"
    if message.severity in (Severity.HIGH, Severity.CRITICAL):
        mail["Importance"] = "high"
    for key, value in account.headers:
        if _HEADER_NAME.fullmatch(key) and not _OWN_HEADERS.fullmatch(key):
            mail[key] = Header(one_line(value), _UTF_8, header_name=key)
    return mail.as_bytes(policy=_ON_THE_WIRE)


def _thread(mail: MailMessage[Any, Any], deliveries: Sequence[Delivery], domain: str) -> None:
    """What mail programs sort and thread by: the first rule's list (RFC 2919), and the mail that
    one on an edited article follows (RFC 5322, section 3.6.4); a bundle follows none."""
    rules = [alert.rule for delivery in deliveries for alert in delivery.alerts]
    if rules:
        name = Header(_shown(rules[0]), _UTF_8, header_name="List-ID")
        name.append(f"<{list_id(rules[0], domain)}>", "us-ascii")
        mail["List-ID"] = name
    if len(deliveries) == 1 and deliveries[0].follows:
        earlier = _message_id(deliveries[0].follows, domain)
        mail["In-Reply-To"] = earlier
        mail["References"] = earlier


def _message_id(delivery: str, domain: str) -> str:
    return f"<{re.sub(r'[^A-Za-z0-9.-]', '-', delivery)}@{domain}>"


def list_id(rule: str, domain: str) -> str:
    """The name of a rule's list, the same for ever: the rule's own where that is plain Latin, else
    a hash of it. At most 255 letters (RFC 2919, section 2)."""
    if _PLAIN_RULE.fullmatch(rule):
        label = "-".join(rule.lower().split())
    else:
        label = f"rule-{sha256(rule.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    host = re.sub(r"[^a-z0-9.-]", "", domain.lower())[:_LONGEST_HOST].strip(".") or "localhost"
    return f"{label}.rasid.{host}"


def _part(text: str, kind: str) -> MIMEText:
    canonical = text.replace("\n", "\r\n")  # RFC 2045, section 6.8
    return MIMEText(canonical, kind, _UTF_8)  # type: ignore[arg-type]  # documented to take one


def _addresses(people: Iterable[tuple[str, str]]) -> str:
    return ", ".join(formataddr((_shown(name), address), _UTF_8) for name, address in people)


def _shown(name: str) -> str:
    return one_line(name)[:_NAME_LENGTH]
