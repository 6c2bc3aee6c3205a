"""What a message tells of an article: its title, the sentences that matched, and why.

A story stands on its own, so that it can be sent after the feed has dropped the entry. This module
must not know languages of labels, channels or formats.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Final

from monitor.core.alerts.headline import headline
from monitor.core.alerts.ids import alert_id
from monitor.core.alerts.marked import collapse, letter_start, merge, part, shorten
from monitor.model import Alert, Article, Evidence, Location, Marked, Match, Span, Story

LONGEST_TITLE: Final = 300
LONGEST_EXCERPTS: Final = 600  # together
MOST_EXCERPTS: Final = 3
LONGEST_LEAD: Final = 200
_LEAST_EXCERPT: Final = 60
_BEFORE: Final = 80  # letters shown before the first match of a sentence that is too long

MOST_WORDS: Final = 12
LONGEST_WORD: Final = 80
MOST_EVIDENCE: Final = 8
MOST_LOCATIONS: Final = 6

_SENTENCE_END: Final = re.compile(r"[.!?؟؛…]+[\"'»”’)\]]*(?=\s)|[\n\r\u2028\u2029]+")
_FIELDS: Final = ("title", "text")


def tell(
    article: Article,
    matches: Sequence[Match],
    *,
    article_id: str,
    source: str,
    locations: Sequence[Location] = (),
) -> Story:
    """The story of an article for the rules that fired on it. Only spans of title and text are
    shown; where the text holds none, its beginning stands in as context, and where there is no
    title its beginning is that. `locations`: the places that it speaks of, the most specific
    first."""
    published = article.published
    title = collapse(Marked(article.title, _marks(matches, "title")))
    text = Marked(article.text, _marks(matches, "text"))
    made = Marked("") if title.text else headline(text)
    return Story(
        id=article_id,
        title=shorten(title, LONGEST_TITLE) if title.text else made,
        excerpts=tuple(_excerpts(text, said=made.text)),
        link=article.link,
        source=source,
        published=published.timestamp() if published is not None else None,
        locations=tuple(locations[:MOST_LOCATIONS]),
    )


def raise_alert(match: Match, article: Article, article_id: str, revision: int) -> Alert:
    """One rule on one article, with the words it rests on as they stand there, each once, title
    first, and what speaks for the places among them, strongest first."""
    words = (_word(article, span) for span in sorted(match.spans, key=_title_first))
    whole = dict.fromkeys(word for word in words if word)
    return Alert(
        id=alert_id(match.rule.name, article_id, revision),
        rule=match.rule.name,
        severity=match.rule.severity,
        words=tuple(whole)[:MOST_WORDS],
        evidence=_evidence(match, article),
    )


def _evidence(match: Match, article: Article) -> tuple[Evidence, ...]:
    """What speaks for the places of a match, each reason with the word that the place was first
    named by. No place goes without its strongest reason for the sake of another's weaker ones."""
    named: dict[str, str] = {}
    told: dict[str, dict[Evidence, None]] = {}
    for reading in sorted(match.places, key=lambda reading: _title_first(reading.span)):
        word = named.setdefault(reading.id, _word(article, reading.span))
        reasons = told.setdefault(word, {})
        for each in reading.evidence:
            if each.weight > 0:
                reasons.setdefault(replace(each, place=word))
    ranked = (sorted(reasons, key=_by_weight) for reasons in told.values())
    fairly = [each for row in zip_longest(*ranked) for each in row if each is not None]
    return tuple(sorted(fairly[:MOST_EVIDENCE], key=_by_weight))


def _by_weight(evidence: Evidence) -> float:
    return -evidence.weight


def _title_first(span: Span) -> tuple[bool, bool]:
    return span.field not in _FIELDS, span.field != "title"


def _word(article: Article, span: Span) -> str:
    """What the article writes there, in one line."""
    return shorten(collapse(Marked(_surface(article, span))), LONGEST_WORD).text


def _surface(article: Article, span: Span) -> str:
    fields = {
        "title": article.title,
        "text": article.text,
        "author": article.author or "",
        "category": "\n".join(article.categories),
    }
    return fields.get(span.field, "")[span.start : span.end]


def _marks(matches: Sequence[Match], field: str) -> tuple[tuple[int, int], ...]:
    return merge(
        (span.start, span.end) for match in matches for span in match.spans if span.field == field
    )


def _excerpts(text: Marked, said: str) -> Iterator[Marked]:
    """`said` is what stands over them: a text of no more than that is not told twice."""
    if said and said == " ".join(text.text.split()):
        return
    sentences = list(_marked_sentences(text))
    if not sentences:
        lead = shorten(collapse(_beginning(text)), LONGEST_LEAD)
        if lead.text:
            yield lead
        return
    left = LONGEST_EXCERPTS
    for sentence in _most_telling(sentences):
        if left < _LEAST_EXCERPT:
            return
        excerpt = _around_marks(sentence, left)
        left -= len(excerpt.text)
        yield excerpt


def _beginning(text: Marked) -> Marked:
    """Enough of the text for a lead: a text may have a million letters."""
    return part(text, 0, 4 * LONGEST_LEAD)


def _marked_sentences(text: Marked) -> Iterator[Marked]:
    """The sentences with a match, blanks collapsed; one over an end keeps both sides together."""
    marks = iter(text.marks)
    mark = next(marks, None)
    start = 0
    held: list[tuple[int, int]] = []
    for end in _ends(text.text):
        while mark is not None and mark[0] < end:
            held.append(mark)
            mark = next(marks, None)
        if held and held[-1][1] > end and end < len(text.text):
            continue
        if held:
            yield collapse(part(Marked(text.text, tuple(held)), start, end))
        start, held = end, []


def _ends(text: str) -> Iterator[int]:
    yield from (found.end() for found in _SENTENCE_END.finditer(text))
    yield len(text)


def _most_telling(sentences: Sequence[Marked]) -> list[Marked]:
    """At most MOST_EXCERPTS sentences in their order, first those that show words of their own."""
    left = list(range(len(sentences)))
    chosen: list[int] = []
    shown: set[str] = set()
    while left and len(chosen) < MOST_EXCERPTS:
        best = max(left, key=lambda i: (len(_words(sentences[i]) - shown), -i))
        left.remove(best)
        chosen.append(best)
        shown |= _words(sentences[best])
    return [sentences[i] for i in sorted(chosen)]


def _words(sentence: Marked) -> frozenset[str]:
    return frozenset(sentence.text[start:end] for start, end in sentence.marks)


def _around_marks(sentence: Marked, limit: int) -> Marked:
    """The sentence, or of a longer one at most `limit` letters from a little before its first
    match on."""
    if len(sentence.text) <= limit:
        return sentence
    before = max(0, sentence.marks[0][0] - _BEFORE)
    if before == 0 or sentence.marks[0][1] < limit:
        return shorten(sentence, limit)
    blank = sentence.text.find(" ", before, sentence.marks[0][0])
    start = blank + 1 if blank >= 0 else letter_start(sentence.text, before)
    rest = shorten(part(sentence, start, len(sentence.text)), limit - 1)
    return Marked("…" + rest.text, tuple((a + 1, b + 1) for a, b in rest.marks))
