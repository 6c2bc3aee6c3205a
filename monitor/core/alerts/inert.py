"""Nothing that a feed wrote acts: no mention, link, markup, control or change of direction.

Measured against Telegram, Slack, Discord, Matrix and mail as Apprise writes for them. What could
act is parted by a zero width space, which no reader sees, so the text reads as it was written.
This module must not escape for one format (HTML, mail headers); who writes it does that as well.
"""

from __future__ import annotations

import re
from typing import Final

from monitor.core.alerts.marked import rewrite
from monitor.model import Marked

PARTING: Final = "\u200b"
LONGEST_LINK: Final = 1800  # so that a message with its link stays within Telegram's 4096

_LINE_ENDS: Final = "\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029"
# Controls, soft hyphen, zero width (a ZWNJ inside a word is spelling), embeddings and isolates,
# fillers, interlinear annotation, surrogates, noncharacters, tags.
_UNSEEN: Final = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200d-\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0"
    "\ufff0-\ufffc\ufffe\uffff\U000e0000-\U000e0fff"
)
_LETTER: Final = r"[\w\u064b-\u0652]"
_HIDDEN: Final = re.compile(
    rf"(?P<end>[{_LINE_ENDS}])|[{_UNSEEN}]|(?<!{_LETTER})\u200c|\u200c(?!{_LETTER})"
)
_ACTING: Final = re.compile(
    r"@"  # @everyone, user@host
    r"|<(?=\S)"  # <!here>, <@id>, <users/all>, tags
    r"|\](?=[(\[:])"  # [text](address)
    r"|:(?=//)"  # scheme://
    # host.example: readers make links of bare names too; our files end in what no host ends in
    r"|(?<=\w)\.(?!(?:ya?ml|json|url)(?![\w-]|\.\w))(?=[^\W\d])"
    r"|(?<!\S)/(?=\w)"  # /command
    r"|&(?=#?\w{1,31};)"  # &#64; which Telegram would decode: Apprise leaves references as they are
)
_STYLING: Final = str.maketrans({"*": "∗", "`": "ˋ", "~": "∼", "|": "∣", "_": "ˍ"})
_LEADING_STYLE: Final = re.compile(r"^(?=[#>+-])")

_LINK: Final = re.compile(r"https?://(?P<host>[^/?#\\]+)(?:[/?#]\S*)?", re.IGNORECASE)
_NOT_IN_LINKS: Final = re.compile(rf"[\s{_LINE_ENDS}{_UNSEEN}\u200c]")
_ODD_IN_LINKS: Final = re.compile(r"[\"<>\\^`{|}]|@(?=everyone|here)")


def inert(text: Marked) -> Marked:
    """The text made harmless, marks at the same words. Idempotent; one line stays one line."""
    shown = rewrite(text, _HIDDEN, lambda found: " " if found["end"] else "")
    return rewrite(shown, _ACTING, lambda found: found[0] + PARTING)


def clean(text: str) -> str:
    """The same for a text without marks."""
    return inert(Marked(text)).text


def one_line(text: str) -> str:
    """The text without controls and tricks of direction, nothing else changed."""
    return _HIDDEN.sub(lambda found: " " if found["end"] else "", text)


def tidy(text: str) -> str:
    """`one_line` for a text that holds what `clean` gave: what could act stays parted."""
    return PARTING.join(map(one_line, text.split(PARTING)))


def unstyled(line: str) -> str:
    """A line whose letters no chat takes for markup (bold, code, spoilers, headings); those that
    would be are replaced by ones that look the same, letter for letter."""
    return _LEADING_STYLE.sub(PARTING, line.translate(_STYLING))


def safe_link(link: str | None) -> str | None:
    """The link as it was given, if it may be shown: http or https, no user name in it, nothing
    unseen, not endless. Letters that RFC 3986 has no place for are percent-encoded."""
    if link is None or len(link) > LONGEST_LINK or _NOT_IN_LINKS.search(link):
        return None
    found = _LINK.fullmatch(link)
    if found is None or "@" in found["host"]:
        return None
    return _ODD_IN_LINKS.sub(lambda odd: f"%{ord(odd[0]):02X}", link)
