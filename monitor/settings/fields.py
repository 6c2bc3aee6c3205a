"""The types of single values in the configuration, each with its check in plain words, and with the
same said as JSON Schema for editors.

A check raises `wrong(reason, …)`; what a value means beyond its own form (does that place exist?)
is no business of this module.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError, core_schema

from monitor.core.feeds.selector import SelectorError, to_xpath
from monitor.settings import meant
from monitor.settings.report import did_you_mean, shown
from monitor.settings.zones import zone_of, zone_of_hours

WRONG = "rasid"  # the type of our own errors among pydantic's


def wrong(reason: str, hint: str | None = None, offset: int = 0) -> PydanticCustomError:
    """An error with our own sentence; `offset` counts characters into the text at fault."""
    context = {"reason": reason, "hint": hint or "", "offset": offset}
    return PydanticCustomError(WRONG, "{reason}", context)


# --- what a schema says of them -------------------------------------------------------------------

JsonSchema = dict[str, Any]
Shape = Callable[[JsonSchema], JsonSchema]


class Step:
    """One step of a value's check: `check` before or after that of its type, and `shape`, which
    says the same in the type's JSON Schema."""

    def __init__(self, check: Callable[[Any], Any], shape: Shape, *, before: bool = False) -> None:
        self._check = check
        self._shape = shape
        self._before = before

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        wrap = (
            core_schema.no_info_before_validator_function
            if self._before
            else core_schema.no_info_after_validator_function
        )
        return wrap(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchema:
        return self._shape(handler(core))


def also(check: Callable[[Any], Any], *more: JsonSchema) -> Step:
    """Takes more than the type does, and turns it into what that takes."""
    return Step(check, lambda schema: {"anyOf": [schema, *more]}, before=True)


def text(check: Callable[[str], str], pattern: str, **more: object) -> Step:
    """A check of a text, of which the pattern says as much as a pattern can."""
    return Step(check, lambda schema: {**schema, "pattern": pattern, **more})


# --- durations, sizes, times of day ---------------------------------------------------------------

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_BYTES = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_LONGEST = 100 * 365 * 86400


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _duration(value: object) -> float:
    if value is None:
        raise wrong("has no value: must be a duration such as 30s, 15m, 2h or 7d")
    if _is_number(value) or (isinstance(value, str) and value.isdecimal()):
        number = meant.ascii_digits(str(value))
        units = f"write {number}s, {number}m, {number}h or {number}d"
        raise wrong(f"must be a duration with its unit, not {shown(value)}", units)
    found = re.fullmatch(r"([0-9]{1,12})\s?([smhd])", value) if isinstance(value, str) else None
    if found is None:
        hint = _write(meant.duration(value)) if isinstance(value, str) else None
        raise wrong(f"must be a duration such as 30s, 15m, 2h or 7d, not {shown(value)}", hint)
    seconds = float(int(found[1]) * _SECONDS[found[2]])
    if seconds > _LONGEST:
        raise wrong("must be at most 100 years")
    return seconds


def _not_zero(seconds: float) -> float:
    if seconds <= 0:
        raise wrong("must be longer than 0s")
    return seconds


def _write(correction: str | None) -> str | None:
    return f"write {correction}" if correction else None


def _size(value: object) -> int:
    if value is None:
        raise wrong("has no value: must be a size such as 500kB or 10MB")
    if isinstance(value, int | float) and not isinstance(value, bool):
        hint = _write(meant.bytes_of(value))
        raise wrong(f"must be a size with its unit, not {shown(value)}", hint)
    found = None
    if isinstance(value, str):
        found = re.fullmatch(r"([0-9]{1,12})\s?([kmg]i?b|b)", value, re.IGNORECASE)
    if found is None:
        hint = _write(meant.size(value)) if isinstance(value, str) else None
        raise wrong(f"must be a size such as 500kB or 10MB, not {shown(value)}", hint)
    if int(found[1]) == 0:
        raise wrong("must be more than 0")
    return int(found[1]) * _BYTES[found[2].lower()]


Guess = Callable[[str], str | None]


def scalar(check: Callable[[str, str], str], shape: Shape) -> Step:
    """A check of texts that refuses what YAML takes for a number, or for true and false, in the
    same words as any other wrong text: "needs quotes" would not help. It gets the text, and how to
    show it."""

    def step(value: object) -> object:
        return value if value is None else check(_as_text(value), shown(value))

    return Step(step, shape, before=True)


def _as_text(value: object) -> str:
    """A value much as it stands in the file: 23.3 was 23.30, a time of day."""
    if isinstance(value, bool):
        return shown(value)
    if isinstance(value, dict | list):
        return ""
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def form(pattern: str, example: str, guess: Guess) -> Step:
    """A text that must have one form, told by an example; `guess` says what was meant by others."""
    compiled = re.compile(pattern)

    def check(value: str, given: str) -> str:
        if compiled.fullmatch(value) is None:
            correct = guess(value)
            hint = _write(correct) if correct and compiled.fullmatch(correct) else None
            raise wrong(f"must be such as {example}, not {given}", hint)
        return value

    return scalar(check, lambda schema: {**schema, "pattern": f"^(?:{pattern})$"})


_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"


def _days(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,6}\s?d", value):
        raise wrong(f"must be a number of days, not {shown(value)}", f"write {value.strip('d ')}")
    return value


def _written(pattern: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": list(examples)})


_DURATION = r"^[0-9]{1,12}\s?[smhd]$"
_SIZE = r"^0*[1-9][0-9]*\s?([kKmMgG][iI]?)?[bB]$"

Duration = Annotated[float, BeforeValidator(_duration), _written(_DURATION, "30s", "15m", "2h")]
LongerThanZero = Annotated[
    float,
    BeforeValidator(_duration),
    AfterValidator(_not_zero),
    _written(_DURATION.replace("^", "^0*[1-9]").replace("{1,12}", "{0,11}"), "30s", "15m", "2h"),
]
Size = Annotated[int, BeforeValidator(_size), _written(_SIZE, "500kB", "10MB")]
Days = Annotated[int, BeforeValidator(_days)]
TimeOfDay = Annotated[str, form(_TIME, "07:30", meant.clock)]
Daily = Annotated[str, form(f"daily {_TIME}", meant.DAILY, meant.daily)]
Rate = Annotated[str, form("[1-9][0-9]{0,5}/[smhd]", "20/m", meant.rate)]
Language = Annotated[
    str, form("[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", "ar or ar-IQ", meant.language)
]


# --- texts ----------------------------------------------------------------------------------------


_JOINERS = dict.fromkeys((0x200C, 0x200D, 0x200E, 0x200F))  # Arabic and Kurdish text needs them


def _name(value: str) -> str:
    if not value.strip():
        raise wrong("must not be empty")
    if not value.isprintable() and not value.translate(_JOINERS).isprintable():
        raise wrong("must be one line of plain text")
    if len(value) > 200:
        raise wrong("must be at most 200 characters long")
    return value.strip()


def _item(value: str) -> str:
    """One item of a list of words, places or names."""
    if not value.strip():
        raise wrong("must not be empty")
    comma = value.find("،")
    if comma >= 0:
        reason = "an Arabic comma (،) stands inside one item"
        raise wrong(reason, "items are separated by the ASCII comma", comma)
    return value


def _sentence(value: str) -> str:
    if not value.strip():
        raise wrong("must not be empty")
    return value


def _selector(value: str) -> str:
    """A CSS selector, by the same translation that picks the links."""
    try:
        to_xpath(value)
    except SelectorError as error:
        raise wrong(error.reason, offset=error.offset) from None
    return value


_SOMETHING = r"\S"
_ONE_LINE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
_NO_ARABIC_COMMA = r"^[^،]*[^،\s][^،]*$"

Sentence = Annotated[str, text(_sentence, _SOMETHING)]
Selector = Annotated[Sentence, AfterValidator(_selector)]
Name = Annotated[str, text(_name, _ONE_LINE, maxLength=200)]
Item = Annotated[str, text(_item, _NO_ARABIC_COMMA)]
AnyAddress = Annotated[str, text(_sentence, r"^\s*[A-Za-z0-9+]+://")]
SecretFile = Annotated[str, text(_sentence, r"^(?!.*://)[\s\S]*\S")]  # a file's name, no address
ITEM_SCHEMA: JsonSchema = {"type": "string", "pattern": _NO_ARABIC_COMMA}


def _some(values: list[Any]) -> list[Any]:
    if not values:
        raise wrong("must not be an empty list: leave the key out instead")
    return values


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


# A list that says nothing when empty is a slip.
SOME = Step(_some, lambda schema: {**schema, "minItems": 1})
ONE_OR_MORE = Step(_as_list, lambda schema: {"anyOf": [schema["items"], schema]}, before=True)


# --- addresses ------------------------------------------------------------------------------------


def _web_address(value: str) -> str:
    """http(s) only, by the parsed scheme and never by a prefix; the value is never repeated."""
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise wrong("is no address that can be understood") from None
    if parts.scheme.lower() not in ("http", "https"):
        raise wrong("must begin with http:// or https://", _scheme_meant(value))
    if not host:
        raise wrong("names no host", "write https://, with two slashes, before the host")
    if value != value.strip():
        raise wrong("must not begin or end with a blank")
    if " " in value or not value.isprintable():
        raise wrong("must not hold blanks or control characters")
    return value


def _scheme_meant(value: str) -> str | None:
    """What to do about an address that begins otherwise; nothing of it but how it begins."""
    if value[:1] in "<[(\"'“«":
        return "write the address alone, without what stands around it"
    if value in ("none", "off", "no", "false", "nil", "null"):
        return "write null, or leave the key out"
    if re.match(r"(?:[\w-]+\.)+[\w-]{2,}(?=[:/]|$)|[\w.-]+:[0-9]+$", value):
        return "write https:// before it"
    scheme, colon, _ = value.partition(":")
    close = colon and did_you_mean(scheme, ("http", "https"))
    return "write https://" if close or scheme in ("feed", "rss") else None


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        pass
    try:
        correct = str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        correct = "127.0.0.0/8" if value.casefold() == "localhost" else ""
    raise wrong(f"must be a network such as 127.0.0.0/8, not {shown(value)}", _write(correct))


def _timezone(value: str, given: str) -> str:
    if not value:
        raise wrong(f"must be such as Asia/Baghdad, not {given}")
    try:
        ZoneInfo(value)
    except (OSError, ValueError, KeyError):  # "Asia" is a folder, "../x" no key, the rest unknown
        raise wrong(f"no time zone is named {given}", _zone_meant(value)) from None
    return value


def _zone_meant(value: str) -> str | None:
    example = zone_of_hours(value)  # near to names that mean something else: Etc/GMT+3 is west
    if example:
        return f"write a zone of the IANA, by a place in it, such as {example}"
    if value.casefold() in ("asia", "africa", "europe", "america"):
        return "write a city of it too, such as Asia/Baghdad"
    zone = zone_of(value)
    near = did_you_mean(value, available_timezones())
    return near if near and (zone is None or zone in near) else _write(zone)


# As other programs write a socket, and an address with what leads to a page.
_ODD_LISTEN = re.compile(
    r"unix:(?://)?(?P<path>/[^/].*)|(?:https?://)?(?P<at>[^/]+:[0-9]{1,5})(?:/.*)?"
)


def _listen(value: str, given: str) -> str:
    """Where only this machine's own processes can come in: a loopback address, or a socket."""
    reason = "must be such as 127.0.0.1:9464 or /run/rasid/metrics.sock"
    if "/" in value:
        found = _ODD_LISTEN.fullmatch(value)
        if found or "://" in value or not value.isprintable():
            correct = found and value.isprintable() and (found["path"] or found["at"])
            raise wrong(reason, f"write {correct}" if correct else None)
        return value
    host, _, port = value.rpartition(":")
    if not host or re.fullmatch("[0-9]{1,5}", port) is None or not 0 < int(port) < 65_536:
        raise wrong(f"{reason}, not {given}", _write(meant.listen(value)))
    if not _is_loopback(host):
        reason = "must be an address of this machine alone (127.0.0.1, [::1]), or a socket"
        raise wrong(f"{reason}, not {shown(host)}", f"write 127.0.0.1:{port}")
    return value


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


WebAddress = Annotated[str, text(_web_address, r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#]\S*$")]
_PORT = "0*(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
_LOOPBACK = r"localhost|127(?:\.[0-9]{1,3}){3}|\[?[0:]*:0*1\]?"
_LISTEN = rf"^(?:(?:{_LOOPBACK}):{_PORT}|(?!unix:/|[^/]+:[0-9]{{1,5}}/)(?!.*://).*/.*)$"
Listen = Annotated[
    str, scalar(_listen, lambda schema: {**schema, "pattern": _LISTEN, "maxLength": 89})
]
Network = Annotated[str, text(_network, r"^[0-9A-Fa-f:.]+(/[0-9.]+)?$")]
Timezone = Annotated[
    str, scalar(_timezone, lambda schema: {**schema, "enum": sorted(available_timezones())})
]


# --- one of a few ---------------------------------------------------------------------------------


def choice(*known: object) -> Step:
    """For a key that takes one of a few values, not all of them texts."""

    def check(value: object) -> object:
        if value not in known or (not isinstance(value, bool) and value in (0, 1)):
            raise _no_choice(value, known)
        return value

    return Step(check, lambda _: {"enum": list(known)}, before=True)


def _no_choice(value: object, known: Sequence[object]) -> PydanticCustomError:
    choices = ", ".join(str(c).lower() for c in known)
    hint = choice_meant(value, [str(c).lower() for c in known])
    return wrong(f"must be one of {choices}, not {shown(value)}", hint)


def choice_meant(value: object, known: Sequence[str]) -> str | None:
    """A hint at the one of a few words that another stands for, or is near to."""
    return _write(meant.choice(value, known)) or did_you_mean(value, known)
