"""Apprise: chat services and webhooks behind one address each. The only file that knows it.

A plugin is called in the caller's thread, once, with text that can do nothing: no pool, no retries,
no redirects, no waiting between messages, no attachments (all of that is ours to decide, and
measured to go wrong there). Apprise tells the status of an answer only in its log, so the log is
heard here, by thread, and goes nowhere else: it quotes addresses and tokens. Nothing of it is
passed on but codes and words of ours. This module must not send mail: it only reads the address.
"""

from __future__ import annotations

import copy
import difflib
import logging
import re
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final

from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType
from apprise.manager_plugins import NotificationManager

from monitor.core.alerts.fit import fit, is_link
from monitor.core.alerts.inert import one_line, unstyled
from monitor.model import Limit, Message, Outcome, Rate, Receipt, Severity

LONGEST: Final = 30_000  # letters in one message, also where the service takes more
_LISTS: Final = (
    *("targets", "channels", "topics", "rooms", "users", "phone", "devices", "events"),
    *("target_phones", "target_groups", "target_contacts", "groups", "emails"),
)
_SHORTER: Final = {"ntfy": 2000, "ntfys": 2000}  # 4,096 bytes; Apprise would allow more letters
CONNECT_TIMEOUT: Final = 15.0  # seconds
READ_TIMEOUT: Final = 30.0
MAIL_SCHEMES: Final = frozenset({"mailto", "mailtos"})
MACHINES: Final = frozenset({"json", "xml", "form", "apprise"})  # what they get is data, not markup

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,29})://")
_CODE: Final = re.compile(r"\berror=([1-5]\d\d)(?:\d\d)?\b")  # ntfy appends two digits of its own
_RETRY_AFTER: Final = re.compile(r"retry_after(_ms)?\W{1,6}(\d{1,8}(?:\.\d+)?)")
_NO_ANSWER: Final = re.compile(
    r"read timed out|connection aborted|remotedisconnected", re.IGNORECASE
)
_NOT_REACHED: Final = re.compile(r"connection error|i/o error", re.IGNORECASE)
# What services call a channel that is wrong as a whole under 400 (Telegram) or 200 (Slack).
_REFUSED_AS_A_WHOLE: Final = re.compile(
    r"chat not found|bot was (?:blocked|kicked)|user is deactivated|not enough rights"
    r"|have no rights|peer_id_invalid|invalid_auth|not_authed|account_inactive|token_revoked"
    r"|channel_not_found|not_in_channel|is_archived|missing_scope|channel_is_archived",
    re.IGNORECASE,
)
_MESSAGE_CODES: Final = frozenset({400, 413, 414, 415, 422})
_CHANNEL_CODES: Final = frozenset({401, 402, 403, 404, 405, 407, 410})
_TYPES: Final = {
    Severity.LOW: NotifyType.INFO,
    Severity.NORMAL: NotifyType.INFO,
    Severity.HIGH: NotifyType.WARNING,
    Severity.CRITICAL: NotifyType.FAILURE,
}

_heard = threading.local()


class _Ear(logging.Filter):
    """Hands each line of Apprise's log to the thread that waits for it, and to nobody else: a
    filter stands before every handler, those of others too."""

    def filter(self, record: logging.LogRecord) -> bool:
        lines: list[str] | None = getattr(_heard, "lines", None)
        if lines is not None:
            lines.append(record.getMessage())
        return False


_LOG: Final = logging.getLogger("apprise")
_LOG.addFilter(_Ear())
_TRANSPORT_LOG: Final = logging.getLogger("urllib3")  # its debug lines hold paths, so tokens

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # one of its plugins imports imghdr
    _PLUGINS: Final[Any] = NotificationManager()  # type: ignore[no-untyped-call]  # no hints there
    _PLUGINS.load_modules()


@contextmanager
def _hearing() -> Iterator[list[str]]:
    """What Apprise logs in this thread meanwhile; codes stand at WARNING, waits asked at DEBUG."""
    _LOG.setLevel(logging.DEBUG)
    if _TRANSPORT_LOG.level < logging.WARNING:
        _TRANSPORT_LOG.setLevel(logging.WARNING)
    _heard.lines = []
    try:
        yield _heard.lines
    finally:
        _heard.lines = None


@dataclass(frozen=True, slots=True)
class MailAccount:
    """Where and how mail goes out, as a mailto address tells. Names are "" where none is given.

    `mode` is insecure, starttls or ssl; people are (name, address) pairs."""

    host: str
    port: int
    mode: str
    sender: tuple[str, str]
    to: tuple[tuple[str, str], ...]
    cc: tuple[tuple[str, str], ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    verify: bool = True


class Notify:
    """One of Apprise's services as a channel."""

    def __init__(self, name: str, url: str) -> None:
        """Raises ValueError, without the address in it, where Apprise does not take the address."""
        self.name = name
        plugin = _plugin(url)
        if plugin is None:
            raise ValueError(check_address(url) or "the address is not usable")
        self.longest = min(plugin.body_maxlen, _SHORTER.get(_scheme(url) or "", LONGEST))
        self.limits = _limits(_scheme(url), plugin)
        self._plugin = plugin
        self._for_people = _scheme(url) not in MACHINES
        self._served: dict[str, frozenset[int]] = {}  # delivery -> the targets that have it

    def send(self, message: Message) -> Receipt:
        """One try, in this thread, to each target of the address that does not have it yet. See
        `Receipt`; HTTP status in `code` where there was one."""
        targets = _targets(self._plugin)
        served = self._served.pop(message.delivery_id, frozenset())
        answers = {
            number: self._send_to(target, message)
            for number, target in enumerate(targets)
            if number not in served
        }
        if len(targets) == 1:
            whole = len(self._plugin) < 2 or answers[0].outcome is not Outcome.RETRY
            return answers[0] if whole else replace(answers[0], in_doubt=True)
        now = {n for n, each in answers.items() if each.outcome is Outcome.SENT}
        taken = served | now
        receipt = _together(list(answers.values()), taken=len(taken), targets=len(targets))
        receipt = replace(receipt, partly=receipt.partly and bool(now))
        if receipt.outcome is Outcome.RETRY and taken:
            self._served[message.delivery_id] = taken
        return receipt

    def _send_to(self, plugin: Any, message: Message) -> Receipt:
        room = min(plugin.body_maxlen, self.longest)
        # Masking what chats take for markup may lengthen a line by a letter
        title, lines = fit(message, title=plugin.title_maxlen, body=room - min(room // 20, 60))
        if self._for_people:
            title = unstyled(title)
            lines = tuple(line if is_link(line) else unstyled(line) for line in lines)
        with _hearing() as heard:
            try:
                taken = plugin.notify(
                    title=title,
                    body="\n".join(lines),
                    body_format=NotifyFormat.TEXT,
                    notify_type=_TYPES[message.severity],
                    overflow="upstream",
                )
            except Exception as error:  # noqa: BLE001 - over a hundred plugins raise what they like
                detail = f"fault in the service's plugin: {type(error).__name__}"
                return Receipt(Outcome.RETRY, detail, in_doubt=True)
            return Receipt(Outcome.SENT, "taken") if taken else _judge("\n".join(heard))


def _targets(plugin: Any) -> list[Any]:
    """The plugin once for each chat that it sends to: it tells only whether all of them took a
    message, and would repeat it to those that did. Plugins call their chats by many names; where
    the lists found do not hold just as many as the plugin counts, it stays whole."""
    lists = {name: list(getattr(plugin, name, None) or ()) for name in _LISTS}
    found = [(name, target) for name, targets in lists.items() for target in targets]
    if len(found) < 2 or len(found) != len(plugin):
        return [plugin]
    return [_for_target(plugin, lists, name, target) for name, target in found]


def _for_target(plugin: Any, lists: Mapping[str, list[Any]], name: str, target: Any) -> Any:
    own = copy.copy(plugin)
    for other in lists:
        if isinstance(getattr(plugin, other, None), list):
            setattr(own, other, [target] if other == name else [])
    return own


def _together(answers: list[Receipt], *, taken: int, targets: int) -> Receipt:
    """What became of a message to several targets. One that refuses it for good, or refuses us, is
    left out where others took it; one that may yet take it is tried again alone, as long as this
    process lives, which is why the mark of a repeat must stand."""
    later = [each for each in answers if each.outcome is Outcome.RETRY]
    if later:
        detail = f"{len(later)} of {targets} chats are put off: {later[0].detail}"
        return replace(later[0], detail=detail, in_doubt=True, partly=taken > 0)
    refused = [each for each in answers if each.outcome is not Outcome.SENT]
    if not refused:
        return Receipt(Outcome.SENT, "taken")
    detail = f"{len(refused)} of {targets} chats refuse: {refused[0].detail}"
    if taken:
        return Receipt(Outcome.SENT, f"taken, but {detail}", refused[0].code, partly=True)
    held = next((each for each in refused if each.outcome is Outcome.HELD), refused[0])
    return replace(held, detail=detail)


def _limits(scheme: str | None, plugin: Any) -> tuple[Limit, ...]:
    """What the service is known to allow, by chat; the keys tell apart chats, and nothing else."""
    if scheme == "tgram":
        # core.telegram.org/bots/faq: 20 a minute into a group, one a second into any chat.
        chats = [str(target[0]) for target in plugin.targets]
        return tuple(
            (_key("telegram", chat), _GROUP if chat.startswith(("-", "@")) else _CHAT)
            for chat in chats
        )
    if scheme in ("discord", "slack"):
        return ((_key(scheme, plugin.url()), _HOOK),)
    return ()


_GROUP: Final = Rate(20, 60.0, gap=1.0)
_CHAT: Final = Rate(60, 60.0, gap=1.0)
_HOOK: Final = Rate(30, 60.0, gap=1.0)  # Discord: 30 a minute a webhook; Slack: one a second


def _key(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()


def _judge(log: str) -> Receipt:
    """What became of a message that was not taken, by what Apprise logged. Where several targets
    answered, one that may yet take it decides, then one that refuses as a whole."""
    codes = [int(code) for code in _CODE.findall(log)]
    judged = {_meaning(code): code for code in codes}
    if Outcome.RETRY not in judged and _REFUSED_AS_A_WHOLE.search(log):
        return Receipt(Outcome.HELD, "the service refuses the channel", code=_last(codes))
    for outcome in (Outcome.RETRY, Outcome.HELD, Outcome.REJECTED):
        if outcome in judged:
            code = judged[outcome]
            return Receipt(outcome, f"HTTP {code}", code=code, retry_after=_retry_after(log))
    if _NO_ANSWER.search(log):
        return Receipt(Outcome.RETRY, "no answer in time", in_doubt=True)
    if _NOT_REACHED.search(log):
        return Receipt(Outcome.RETRY, "not reached")
    return Receipt(Outcome.RETRY, "not taken, no reason given")


def _meaning(code: int) -> Outcome:
    if code in _MESSAGE_CODES:
        return Outcome.REJECTED
    return Outcome.HELD if 300 <= code < 400 or code in _CHANNEL_CODES else Outcome.RETRY


def _last(codes: list[int]) -> int | None:
    return codes[-1] if codes else None


def _retry_after(log: str) -> float | None:
    """Seconds that Telegram, Discord or Matrix ask for in their answer's body."""
    found = _RETRY_AFTER.search(log)
    if found is None:
        return None
    return float(found[2]) / 1000 if found[1] else float(found[2])


def check_address(url: str) -> str | None:
    """None where Apprise takes the address, else the reason, which never quotes the address."""
    scheme = _scheme(url)
    if scheme is None:
        return "an address starts with a scheme, such as mailto:// or tgram://"
    plugin = _plugin(url)
    if plugin is None:
        return _complaint(scheme)
    if scheme in MAIL_SCHEMES and not plugin.targets:
        return "no valid address to send to (to=…)"
    if scheme in MAIL_SCHEMES and not plugin.smtp_host:
        return f"no mail server can be told behind user and password{_ENCODE}"
    if plugin.port and not 0 < int(plugin.port) < 65536:
        return "a port is a number from 1 to 65535"
    return None


def mail_account(url: str) -> MailAccount:
    """A mailto(s) address as Apprise reads it, defaults of known providers included. The sender has
    a name only where the address gives one. Raises ValueError, without the address in it."""
    plugin = _plugin(url, app="")  # by whose name Apprise would call the sender
    if plugin is None or _scheme(url) not in MAIL_SCHEMES or not plugin.targets:
        raise ValueError(check_address(url) or "no mail address")
    named: Mapping[str, str] = {address: name or "" for address, name in plugin.names.items()}
    return MailAccount(
        host=plugin.smtp_host,
        port=int(plugin.port),
        mode=str(plugin.secure_mode),
        sender=(plugin.from_addr[0] or "", plugin.from_addr[1]),
        to=tuple((name or "", address) for name, address in plugin.targets),
        cc=tuple((named.get(address, ""), address) for address in sorted(plugin.cc)),
        bcc=tuple(sorted(plugin.bcc)),
        reply_to=tuple((named.get(address, ""), address) for address in sorted(plugin.reply_to)),
        headers=tuple((str(key), str(value)) for key, value in plugin.headers.items()),
        user=plugin.user or None,
        password=plugin.password or None,
        verify=bool(plugin.verify_certificate),
    )


def _scheme(url: str) -> str | None:
    found = _SCHEME.match(url)
    return found[1].lower() if found else None


_ENCODE = " (in user and password write %40 for @, %3A for :, %2F for /, %3F for ? and %23 for #)"
_HABITS = {  # what others call our schemes
    "http": "webhook+http",
    "https": "webhook+https",
    "webhook": "webhook+https",
    "smtp": "mailto",
    "smtps": "mailtos",
    "email": "mailtos",
    "mail": "mailto",
    "telegram": "tgram",
    "teams": "msteams",
    "stdout": "console",
}


def _complaint(scheme: str) -> str:
    if scheme in _PLUGINS:
        help_at = getattr(_PLUGINS[scheme], "setup_url", None)
        more = _ENCODE if scheme in MAIL_SCHEMES else ""
        more += f"; see {help_at}" if help_at else ""
        return f"the address after {scheme}:// is incomplete or wrong{more}"
    close = difflib.get_close_matches(scheme, [*_PLUGINS.schemas(), "console"], 1)
    likely = _HABITS.get(scheme) or (close[0] if close else None)
    hint = f" (did you mean {likely}://?)" if likely else ""
    return f"unknown scheme {one_line(scheme)}://{hint}"


def _plugin(url: str, app: str = "Rasid") -> Any:
    """Apprise's plugin for an address, tamed; None where it is refused."""
    with _hearing():
        plugin = Apprise.instantiate(url, asset=_asset(app))
    if plugin is None:
        return None
    plugin.request_rate_per_sec = 0
    plugin.redirects = False
    if plugin.notify_format == NotifyFormat.MARKDOWN:
        # Ours is plain text. Escaped for Markdown, `news\.example` and `a\_b` are no link any more
        # (measured: Google Chat, Rocket.Chat, Webex, Teams).
        plugin.notify_format = NotifyFormat.TEXT
    if "socket_connect_timeout" not in vars(plugin):
        plugin.socket_connect_timeout = CONNECT_TIMEOUT
    if "socket_read_timeout" not in vars(plugin):
        plugin.socket_read_timeout = READ_TIMEOUT
    return plugin


def _asset(app: str) -> AppriseAsset:
    """Who we say we are; no pictures from elsewhere, no keys made, nothing kept on disk."""
    return AppriseAsset(
        app_id=app,
        app_desc="Rasid news alerts",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        http_redirects=False,
        pgp_autogen=False,
        pem_autogen=False,
        allow_templates=False,
    )
