"""Messages in the operator's own words: the Jinja2 template of a channel.

A template holds the blocks subject, text and html, any of them, or is the text as a whole. It sees
core.alerts.facts alone, plain values in which nothing of a feed acts, and runs in Jinja2's sandbox
within limits: of steps, of letters, and of what one operation may make. They are there for slips:
templates are the operator's own. Where one fails over an alert, the standard message goes out
instead. The only file that knows Jinja2; it must never take the text of a feed for a template, nor
read a file.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, tzinfo
from types import FrameType
from typing import Any, Final, TypeVar

from jinja2 import StrictUndefined, Template, TemplateSyntaxError
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from monitor.channels.template_words import UnknownNameError, of_failure, of_syntax
from monitor.core.alerts.facts import facts
from monitor.core.alerts.fit import fitted
from monitor.core.alerts.inert import one_line, safe_link, tidy
from monitor.core.alerts.labels import POSSIBLE_REPEAT
from monitor.core.alerts.marked import shorten
from monitor.core.alerts.markup import Kind, Line, document, page
from monitor.core.alerts.render import LONGEST_SUBJECT, LONGEST_TEXT
from monitor.core.alerts.samples import samples
from monitor.model import Marked, Message

log = logging.getLogger("rasid.outbox")
T = TypeVar("T")

MOST_STEPS: Final = 1_000_000  # lines of Python that a template may run: 0.1 to 0.5 s (measured)
MOST_LETTERS: Final = 100_000  # of what a block writes, and of what one operation makes
_LONGEST_RANGE: Final = 1000
_MOST_BITS: Final = 256  # of a number
_LONGEST_REASON: Final = 200

_BLOCKS: Final = ("subject", "text", "html")
_GROWING: Final = frozenset(  # methods of texts that fill up to any width that is asked for
    {"center", "expandtabs", "format", "format_map", "ljust", "rjust", "zfill"}
)
_GROWING_FILTERS: Final = ("attr", "center", "format", "indent", "random", "wordwrap", "xmlattr")
_NOT_NEEDED: Final = ("lipsum", "namespace")  # the latter would let a loop double a text
_BODY_TAG: Final = re.compile(r"<body\b[^>]*>", re.IGNORECASE)


class TemplateFaultError(Exception):
    """What is wrong with a template. `line` counts from 1; 0 where no line can be told."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line

    def told(self, name: str) -> str:
        """The fault in a sentence; `name` is the template's file."""
        return f"{name}:{self.line}: {self.reason}" if self.line else f"{name}: {self.reason}"


class Wording:
    """Rewords messages by a template; those of several articles may have `longest` letters. Raises
    TemplateFaultError where `text` is none."""

    def __init__(
        self, text: str, *, timezone: tzinfo, channel: str = "", longest: int = LONGEST_TEXT
    ) -> None:
        self._plain = _compiled(text, escaping=False)
        self._escaping = _compiled(text, escaping=True)
        self._timezone = timezone
        self._channel = channel
        self._longest = longest

    def __call__(self, message: Message) -> Message:
        """The message in the template's words, or as it is where the template fails over it."""
        try:
            return self.reword(message)
        except TemplateFaultError as fault:
            log.warning("%s: %s; standard words are used", self._channel, fault.told("template"))
            return message

    def reword(self, message: Message) -> Message:
        """The same, raising TemplateFaultError where the template fails over the message."""
        if not message.deliveries:
            return message
        written = self._written(message)
        if "subject" in written:
            message = replace(message, subject=_subject(written["subject"], message.subject))
        if "text" in written:
            limit = LONGEST_TEXT if len(message.deliveries) == 1 else self._longest
            message = _with_text(message, written["text"], limit)
        if "html" in written and message.html:
            message = replace(message, html=_html(message, written["html"]))
        return message

    def _written(self, message: Message) -> dict[str, str]:
        """What each block says; a template without blocks is the block text."""
        names = facts(message, self._timezone)
        plain = _run(self._plain, names)
        if not plain:
            return {"text": _run_whole(self._plain, names)}
        if "html" in plain:
            plain["html"] = _run(self._escaping, names)["html"]
        return plain


def check_template(text: str, name: str) -> str | None:
    """None for a template that works over alerts of all kinds, else the reason, with the line;
    `name` is its file."""
    try:
        wording = Wording(text, timezone=UTC)
        for message in samples():
            wording.reword(message)
    except TemplateFaultError as fault:
        return fault.told(name)
    return None


# --- what a template's output becomes -------------------------------------------------------------


def _subject(written: str, standard: str) -> str:
    line = " ".join(tidy(written).split())
    return shorten(Marked(line), LONGEST_SUBJECT).text or standard


def _with_text(message: Message, written: str, limit: int) -> Message:
    """The message with these lines, cut as any message is, and HTML made of them. Where that would
    cut articles off, TemplateFaultError: the standard message knows how to tell of many."""
    lines = _lines(written)
    if not lines:
        raise TemplateFaultError("the template makes an empty text")
    if message.possible_repeat and POSSIBLE_REPEAT not in lines:
        lines.insert(0, POSSIBLE_REPEAT)
    kept = fitted(lines, limit - len(message.subject) - 2 * len(lines))
    if len(message.deliveries) > 1 and list(kept) != lines:
        raise TemplateFaultError(f"several articles make more than {limit} letters")
    html = document(message.subject, list(map(_paragraph, kept)), message.language)
    return replace(
        message,
        lines=tuple(map(Marked, kept)),
        text="\n".join(kept),
        html=html if message.html else "",
        titled=False,
    )


def _lines(written: str) -> list[str]:
    """Lines without what turns the direction or moves a cursor; never two empty ones in a row,
    none at the ends."""
    lines: list[str] = []
    for line in written.splitlines():
        shown = tidy(line).rstrip()
        if shown or (lines and lines[-1]):
            lines.append(shown)
    return lines if not lines or lines[-1] else lines[:-1]


def _paragraph(line: str) -> Line:
    if line == POSSIBLE_REPEAT:
        return Line(Kind.REPEAT, Marked(line))
    return Line(Kind.LINK if safe_link(line) == line else Kind.TEXT, Marked(line))


def _html(message: Message, written: str) -> str:
    """A whole document; the mark of a repeat stands first where the template left it out."""
    html = "\n".join(map(tidy, written.splitlines())).strip()
    if html and "<html" not in html.lower():
        html = page(message.subject, html, message.language)
    if not message.possible_repeat or POSSIBLE_REPEAT in html:
        return html
    body = _BODY_TAG.search(html)
    at = body.end() if body else 0
    return f"{html[:at]}\n<p>{POSSIBLE_REPEAT}</p>\n{html[at:]}"


# --- the sandbox ----------------------------------------------------------------------------------


class _OutOfStepsError(BaseException):
    """No Exception, so that nothing that a template can call takes it for one."""


class _Undefined(StrictUndefined):
    """What a template gets for a name that there is not: any use of it raises UnknownNameError."""

    @property
    def _undefined_message(self) -> str:
        owner = self._undefined_obj
        raise UnknownNameError(self._undefined_name, owner, alone=owner is missing)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox, with no way to files or other templates, and none to grow a value without
    running many steps."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, *, escaping: bool) -> None:
        super().__init__(
            autoescape=escaping,
            undefined=_Undefined,
            trim_blocks=True,
            lstrip_blocks=True,
            optimized=False,  # it would try constant parts without any limit
            cache_size=0,
        )
        self.globals["range"] = _range
        for name in _NOT_NEEDED:
            self.globals.pop(name, None)
        for name in _GROWING_FILTERS:
            self.filters.pop(name, None)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Raises SecurityError where the result may be too large."""
        if operator == "%" and isinstance(left, str):
            raise SecurityError("texts are joined by ~, not formatted by %")
        if operator == "**" and _bits(left) * abs(right) > _MOST_BITS:
            raise SecurityError("a number grows too large")
        if operator == "*" and not _small_product(left, right):
            raise SecurityError("a value grows too large")
        return super().call_binop(context, operator, left, right)

    def getattr(self, obj: Any, attribute: str) -> Any:
        _check_growing(obj, attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        _check_growing(obj, argument)
        return super().getitem(obj, argument)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Raises SecurityError where a text handed over is too long: a macro that hands itself
        twice what it got would double it."""
        for given in (*args, *kwargs.values()):
            if isinstance(given, str) and len(given) > MOST_LETTERS:
                raise SecurityError("a text grows too long")
        return super().call(context, obj, *args, **kwargs)


def _check_growing(obj: Any, attribute: Any) -> None:
    if isinstance(obj, str) and attribute in _GROWING:
        raise SecurityError(f"the method {attribute} of texts is not available")


def _range(*bounds: int) -> range:
    made = range(*bounds)
    if len(made) > _LONGEST_RANGE:
        raise OverflowError(f"a range of more than {_LONGEST_RANGE} numbers")
    return made


def _bits(number: Any) -> int:
    return number.bit_length() if isinstance(number, int) else 1


def _small_product(left: Any, right: Any) -> bool:
    if isinstance(left, Sized) or isinstance(right, Sized):
        times, parts = (left, right) if isinstance(right, Sized) else (right, left)
        return isinstance(times, int) and times * len(parts) <= MOST_LETTERS
    return _bits(left) + _bits(right) <= _MOST_BITS


def _compiled(text: str, *, escaping: bool) -> Template:
    sandbox = _Sandbox(escaping=escaping)
    try:
        template = sandbox.from_string(text)
    except TemplateSyntaxError as error:
        reason = of_syntax(error.message or "cannot be read", sandbox.filters, sandbox.tests)
        raise TemplateFaultError(_said(reason), error.lineno) from None
    except Exception as error:  # noqa: BLE001 - the compiler of Python has its own limits
        raise TemplateFaultError(f"cannot be read: {type(error).__name__}") from None
    for name in template.blocks:
        if name not in _BLOCKS:
            raise TemplateFaultError(f"a block is subject, text or html, not {_said(name)}")
    return template


def _run(template: Template, names: dict[str, Any]) -> dict[str, str]:
    """What the blocks write; what stands outside of them is run before, for what it sets."""
    if not template.blocks:
        return {}

    def work(context: Context) -> dict[str, str]:
        _joined(template.root_render_func(context))
        return {name: _joined(block(context)) for name, block in template.blocks.items()}

    return _limited(template, names, work)


def _run_whole(template: Template, names: dict[str, Any]) -> str:
    return _limited(template, names, lambda context: _joined(template.root_render_func(context)))


def _limited(template: Template, names: dict[str, Any], work: Callable[[Context], T]) -> T:
    """What `work` makes of the template, within the limits. Raises TemplateFaultError."""
    try:
        with _few_steps():
            return work(template.new_context(names))
    except _OutOfStepsError:
        raise TemplateFaultError(f"takes more than {MOST_STEPS} steps") from None
    except TemplateFaultError:
        raise
    except RecursionError:
        raise TemplateFaultError("calls itself too often") from None
    except Exception as error:  # noqa: BLE001 - what a template may do wrong has no common base
        reason = of_failure(error, names, plain=isinstance(error, SecurityError))
        raise TemplateFaultError(_said(reason), _line_of(error, template)) from None


def _joined(pieces: Iterable[str]) -> str:
    kept, length = [], 0
    for piece in pieces:
        length += len(piece)
        if length > MOST_LETTERS:
            raise TemplateFaultError(f"writes more than {MOST_LETTERS} letters")
        kept.append(piece)
    return "".join(kept)


@contextmanager
def _few_steps() -> Iterator[None]:
    """Counts the lines of Python that this thread runs inside, and ends it at MOST_STEPS: a loop
    over nothing but loops writes no letter by which it could be stopped."""
    left = MOST_STEPS

    def count(_frame: FrameType, _event: str, _arg: object) -> Callable[..., Any]:
        nonlocal left
        left -= 1
        if left < 0:
            raise _OutOfStepsError
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        yield
    finally:
        sys.settrace(before)


def _line_of(error: Exception, template: Template) -> int:
    """The template's line that failed; Jinja2 keeps a map from lines of its Python."""
    line, at = 0, error.__traceback__
    while at is not None:
        if at.tb_frame.f_globals.get("__jinja_template__") is template:
            line = template.get_corresponding_lineno(at.tb_lineno)
        at = at.tb_next
    return line


def _said(text: str) -> str:
    return shorten(Marked(one_line(text)), _LONGEST_REASON).text
