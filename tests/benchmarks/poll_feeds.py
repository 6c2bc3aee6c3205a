"""Made-up Arabic feeds for the polling benchmark: the same plan gives the same documents anywhere.

A feed is a window of `items` over an endless row of articles of its own. At generation g, one feed
in 50 (another one each time) has one more article on top than at g-1, and its last one is gone.
One feed in 25 is ill-formed, as so many are: it has an entity that XML does not know. This module
must serve and measure nothing, and must use nothing of what is measured.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

ROTATION = 50  # one feed in so many changes between two generations: 2 %
ATOM_EVERY = 5
ILL_FORMED_EVERY = 25
BIG_TIMES = 107  # a big feed has so many times the items of another: 5 MB


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Words that rules look for, and the share of articles that hold one of them.
KEYWORDS = _listed("حريق فيضان زلزال تظاهرة اعتقال انفجار غارة هدنة تفجير نازحين وباء إضراب")
HOT_SHARE = 0.02
PLACES = _listed("الموصل كركوك البصرة حلب درنة عدن صنعاء الخرطوم بنغازي تعز")

_COMMON = _listed(
    "في من على إلى أن عن التي الذي هذا هذه ما لا بعد كما قبل مع كان كانت خلال بين أو قد لم حيث أنه"
    " كل ذلك عند حتى ثم منذ غير بعض هو هي هناك أمام نحو ضد قال أكد أعلن أضاف أشار أوضح"
)
_RADICALS = "بتجحخدذرزسشصطعغفقكلمنهوي"
_PATTERNS = _listed("123 12ا3 1ا23 م123ة 12ي3 ت12ي3 12و3 م12و3 ال123 ال12ا3 ا1ت2ا3 ال1ا23ة 123ات")
_CATEGORIES = _listed("سياسة اقتصاد محليات رياضة ثقافة أمن صحة تعليم")
_WORDS_A_TEXT = 116
_APART = timedelta(hours=4)  # between two articles of one feed
_RSS = (
    '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">\n'
    "<channel><title>{name}</title><link>https://n{number}.example/</link>"
    "<description>{name}: آخر الأخبار</description><language>ar</language>\n"
    "{items}</channel></rss>\n"
)
_ITEM = (
    "<item><title>{title}</title><link>https://n{number}.example/news/{serial}</link>"
    '<guid isPermaLink="false">n{number}-{serial}</guid><pubDate>{rfc822}</pubDate>'
    "<dc:creator>{author}</dc:creator><category>{category}</category><category>أخبار</category>"
    '<description><![CDATA[<p><img src="https://n{number}.example/i/{serial}.jpg" alt=""/>'
    "{first}</p><p>{second} <a href='https://n{number}.example/news/{serial}?utm_source=rss'>"
    "المزيد</a></p>]]></description></item>\n"
)
_ATOM = (
    '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
    'xml:lang="ar"><title>{name}</title><id>tag:n{number}.example,2020:feed</id>'
    '<link href="https://n{number}.example/"/><updated>{updated}</updated>\n{items}</feed>\n'
)
_ENTRY = (
    '<entry><title>{title}</title><link href="https://n{number}.example/news/{serial}"/>'
    "<id>tag:n{number}.example,2020:{serial}</id><published>{iso}</published>"
    "<updated>{iso}</updated><author><name>{author}</name></author>"
    '<category term="{category}"/><summary type="html">'
    "&lt;p&gt;{first}&lt;/p&gt;&lt;p&gt;{second}&lt;/p&gt;</summary></entry>\n"
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What feeds there are: `count` of `items` each, and `big` ones behind them. `start` is when
    the newest article of generation 0 came out; those of later ones follow a second apart."""

    count: int = 2_000
    items: int = 30
    big: int = 0
    start: float = 1_700_000_000.0
    seed: int = 1

    @property
    def all(self) -> int:
        """How many feeds there are, the big ones included."""
        return self.count + self.big

    def changed(self, generation: int) -> int:
        """How many feeds differ from the generation before."""
        return sum((number + 1 - generation) % ROTATION == 0 for number in range(self.all))


class FeedMaker:
    """Writes the documents of a plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        rng = random.Random(plan.seed)
        drawn = (_word(rng) for _ in range(24_000))
        self.vocabulary = tuple(dict.fromkeys(drawn))

    def revision(self, number: int, generation: int) -> int:
        """How often feed `number` has changed up to a generation."""
        return (generation - 1 - number % ROTATION) // ROTATION + 1

    def document(self, number: int, generation: int) -> bytes:
        """Feed `number` as it stands at a generation."""
        revision = self.revision(number, generation)
        size = self._plan.items * (BIG_TIMES if number >= self._plan.count else 1)
        whole, part = (_ATOM, _ENTRY) if number % ATOM_EVERY == 4 else (_RSS, _ITEM)
        serials = range(revision + size - 1, revision - 1, -1)
        items = "".join(part.format(**self._article(number, serial, size)) for serial in serials)
        newest = self._date(revision + size - 1, size).isoformat()
        name = f"وكالة {self.vocabulary[number % len(self.vocabulary)]} {number}"
        if number % ILL_FORMED_EVERY == ILL_FORMED_EVERY - 2:
            items = items.replace("<category>أخبار", "<category>أخبار&nbsp;اليوم")
        return whole.format(name=name, number=number, updated=newest, items=items).encode()

    def _article(self, number: int, serial: int, size: int) -> dict[str, object]:
        rng = random.Random(f"{self._plan.seed}/{number}/{serial}")
        words = rng.choices(self.vocabulary, k=_WORDS_A_TEXT)
        words[3::4] = rng.choices(_COMMON, k=len(words[3::4]))
        if rng.random() < HOT_SHARE:
            words[rng.randrange(len(words))] = rng.choice(KEYWORDS)
            words[5] = f"في {rng.choice(PLACES)}"
        date = self._date(serial, size)
        return {
            "number": number,
            "serial": serial,
            "title": " ".join(words[:9]),
            "author": " ".join(words[9:11]),
            "category": rng.choice(_CATEGORIES),
            "first": " ".join(words[11:46]) + ".",
            "second": " ".join(words[46:]) + ".",
            "rfc822": format_datetime(date),
            "iso": date.isoformat(),
        }

    def _date(self, serial: int, size: int) -> datetime:
        behind = serial - (size - 1)  # of the newest one at generation 0
        start = datetime.fromtimestamp(int(self._plan.start), UTC)
        return start + (timedelta(seconds=behind) if behind > 0 else behind * _APART)


def _word(rng: random.Random) -> str:
    root = rng.sample(_RADICALS, 3)
    pattern = rng.choice(_PATTERNS)
    return pattern.translate({ord("1"): root[0], ord("2"): root[1], ord("3"): root[2]})
