"""Draws docs/alert.svg: an alert as it goes out, from an article of the demo and the starter rules.

    python docs/picture.py

The words come from the same rules, story and rendering as any alert's. The drawing leaves shaping
and direction to whoever shows the picture: each line is one right-to-left text, its marked words
are spans within it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from monitor.core.alerts.ids import alert_id, delivery_id
from monitor.core.alerts.render import render
from monitor.core.alerts.story import raise_alert, tell
from monitor.core.rules.matcher import compile_rules
from monitor.demo.articles import FIRST_EDITION, HOUR, STRIKE
from monitor.model import Article, Delivery, Marked, Message
from monitor.settings.load import load_rules

ROOT = Path(__file__).parents[1]
NOW = 1_772_431_200.0  # a fixed day, so that drawing again changes nothing
WIDTH, MARGIN, LINE, SIZE = 860, 36, 34, 19
LETTERS = 92  # about what fits a line


def main() -> None:
    """Writes the picture."""
    (ROOT / "docs" / "alert.svg").write_text(draw(message()), "utf-8")


def message() -> Message:
    """The alert on the demo's air strike."""
    config = load_rules(ROOT / "config")
    paper = FIRST_EDITION[0]
    article = Article(
        id=STRIKE.slug,
        title=STRIKE.title,
        text=STRIKE.text,
        link=paper.link(STRIKE),
        published=paper.date(STRIKE, NOW),
    )
    rules = compile_rules(config.rules, config.gazetteer, config.lexicon)
    matches = rules.match(article)
    alerts = tuple(raise_alert(match, article, article.id, 0) for match in matches)
    places = rules.locations(article, matches)
    story = tell(article, matches, article_id=article.id, source=paper.name, locations=places)
    ids = [alert_id(match.rule.name, article.id) for match in matches]
    delivery = Delivery(delivery_id(article.id, "mail", ids), "mail", NOW + HOUR, story, alerts)
    zone = ZoneInfo("Asia/Baghdad")
    return render(delivery, language="ar", timezone=zone)


def draw(shown: Message) -> str:
    """The message as an SVG document."""
    lines = [part for line in _isolated(shown) for part in wrap(line)]
    height = 2 * MARGIN + LINE * len(lines)
    texts = "\n".join(_text(line, number) for number, line in enumerate(lines))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="{escape(shown.subject)}">\n'
        f'<rect x="1" y="1" width="{WIDTH - 2}" height="{height - 2}" rx="12" fill="#fffdf7" '
        f'stroke="#d9d2c0"/>\n'
        f'<g font-family="Noto Naskh Arabic, Geeza Pro, Segoe UI, DejaVu Sans, sans-serif" '
        f'font-size="{SIZE}" fill="#222222" direction="rtl">\n{texts}\n</g>\n</svg>\n'
    )


def _isolated(shown: Message) -> Iterator[Marked]:
    """The lines, those without a mark as the text of a mail has them: dates kept in order."""
    for line, text in zip(shown.lines, shown.text.splitlines(), strict=True):
        yield line if line.marks else Marked(text)


def wrap(line: Marked) -> Iterator[Marked]:
    """The line in pieces that fit, broken at blanks, each with its share of the marks."""
    start = 0
    while len(line.text) - start > LETTERS:
        blank = line.text.rfind(" ", start, start + LETTERS)
        end = blank if blank > start else start + LETTERS
        yield _piece(line, start, end)
        start = end + (line.text[end : end + 1] == " ")
    yield _piece(line, start, len(line.text))


def _piece(line: Marked, start: int, end: int) -> Marked:
    marks = ((max(a, start) - start, min(b, end) - start) for a, b in line.marks)
    return Marked(line.text[start:end], tuple((a, b) for a, b in marks if a < b))


def _text(line: Marked, number: int) -> str:
    spans, done = [], 0
    for start, end in line.marks:
        spans.append(escape(line.text[done:start]))
        marked = escape(line.text[start:end])
        spans.append(f'<tspan fill="#b3261e" font-weight="bold">{marked}</tspan>')
        done = end
    spans.append(escape(line.text[done:]))
    y = MARGIN + LINE * number + SIZE
    weight = ' font-weight="bold"' if number == 0 else ""
    return f'<text x="{WIDTH - MARGIN}" y="{y}"{weight}>{"".join(spans)}</text>'


if __name__ == "__main__":
    main()
