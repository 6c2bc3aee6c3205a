"""`rasid match`: articles in bulk, one JSON object a line in, one a span out.

It works as a filter in a pipe: what one line brings is out before the next is waited for.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from monitor.cli.answers import field_name, field_text, json_line
from monitor.cli.options import config_option, directory
from monitor.cli.terminal import Counter
from monitor.errors import EX_DATA, DataError
from monitor.model import Article

if TYPE_CHECKING:
    from monitor.core.rules.matcher import RuleSet


@dataclass(frozen=True, slots=True)
class Line:
    """An article of the input and its id as given, which may be a number."""

    id: str | int
    article: Article


@click.command(short_help="Match articles in bulk: JSON lines in, spans out.")
@config_option
def match() -> int:
    """Match articles from standard input, one JSON object a line: id, title, text, and where known
    feed, category, language, link, published.

    Prints one line per span of every rule that fires: id, rule, field, start, end, text; offsets
    count code points of that field, the end is exclusive. Needs rules.yaml only. Goes on after a
    line that cannot be read (its number on stderr) and exits with 65 at the end then.
    """
    from monitor.core.rules.matcher import compile_rules
    from monitor.settings.load import load_rules

    config = load_rules(directory())
    rules = compile_rules(config.rules, config.gazetteer, config.lexicon)
    counter = Counter("articles", every=500)
    piped = not sys.stdout.isatty()
    bad = 0
    for number, raw in enumerate(sys.stdin.buffer, 1):
        if piped:
            counter.show(number)
        try:
            line = read_line(raw)
        except DataError as error:
            click.echo(f"line {number}: {error}", err=True)
            bad += 1
            continue
        if line is not None and (found := "".join(_spans(rules, line))):
            sys.stdout.write(found)
            sys.stdout.flush()
    if piped:
        counter.close()
    return EX_DATA if bad else 0


def read_line(raw: bytes) -> Line | None:
    """One line of the input, None where it is blank; DataError says why it cannot be read."""
    from monitor.sources.article import article_from_json

    try:
        text = raw.decode("utf-8-sig").strip()
        value = json.loads(text) if text else None
    except UnicodeDecodeError as error:
        raise DataError(f"not UTF-8 at byte {error.start}") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"not JSON: {error}") from error
    if not text:
        return None
    if not isinstance(value, dict):
        raise DataError("not a JSON object")
    known = value.get("id")
    if not isinstance(known, str | int) or isinstance(known, bool):
        raise DataError("id: a text or a number is needed")
    return Line(known, article_from_json(value))


def _spans(rules: RuleSet, line: Line) -> Iterator[str]:
    for found in rules.match(line.article):
        for span in found.spans:
            field = field_text(line.article, span.field)
            answer = {
                "id": line.id,
                "rule": found.rule.name,
                "field": field_name(span.field),
                "start": span.start,
                "end": span.end,
                "text": field[span.start : span.end],
            }
            yield json_line(answer) + "\n"
