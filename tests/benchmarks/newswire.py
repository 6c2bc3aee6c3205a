"""Made-up Arabic news for benchmarks: articles and the keywords to find in them.

Words are built from random roots and patterns, so that they look and repeat like Arabic without
any sentence of anyone; only the particles are real. The same shape gives the same news anywhere.
This module must measure nothing, and must use nothing of what is measured but `fold` and `words`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from monitor.core.text.normalise import fold
from monitor.core.text.tokens import words
from monitor.model import Article


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# About as often as in news.
_RADICALS = "بببتتثجججحححخخددددذررررررزسسسسششصصضططظعععععغففففقققققككككلللللمممممممننننننههوووييي"
# 1, 2 and 3 stand for the radicals of a root. Commonest first: a root rarely has all of them.
_PATTERNS = _listed(
    "123 12ا3 1ا23 م123 123ة 12ي3 ت12ي3 123ي 12و3 م12و3 أ12ا3 م1ا23ة م123ة 12ا3ة 123ية 123وا 123ت"
    " ي123 ت123 123ات م12ا3 ا1ت2ا3 ان12ا3 ت1ا23 ت123ي است12ا3 123ان 1و2ا3 1وا23 م1ا2ي3 مت123 مست123"
    " 12ي3ة 12ا3ي 12ا3ات 1ا23ون 1ا23ين م123ين 12ي3ات ت12ي3ات 1ا23ية م123ات إ12ا3 12اء3 123اء"
)
_PARTICLES = _listed(
    "في من على إلى أن عن التي الذي هذا هذه ما لا بعد كما قبل مع كان كانت خلال بين أو قد لم حيث أنه"
    " إن أي كل ذلك عند حتى ثم منذ غير بعض هو هي هناك أمام لن نحو ضد"
)
_LATIN = ("UN", "AFP", "Reuters", "COVID-19", "iPhone", "F-16", "Twitter", "G20", "www.example.org")

# What news attaches to its words, with weights: a bit over a third of all words bear something.
_CLITICS = {
    "": 54, "ال": 24, "و": 6, "ب": 4, "ل": 4, "وال": 3, "لل": 2.5, "بال": 2.5, "ف": 0.6, "ك": 0.3,
    "وب": 0.3, "ول": 0.3, "فال": 0.2, "كال": 0.2, "ولل": 0.1,
}  # fmt: skip
_GAPS = {" ": 160, "، ": 12, ". ": 6, ".\n": 4, ": ": 2, " - ": 1, "؛ ": 0.5, "؟ ": 0.2, "! ": 0.1}
_QUOTES = ('"{}"', "«{}»", "“{}”", "({})")
_HARAKAT = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652"
_JOINED = re.compile("(?<=[بتسكمنيهحعفق])(?=[ابتسكمنيوهرد])")

_CONJUNCTIONS = ("", "و", "ف")
BARE = tuple(c + p for c in _CONJUNCTIONS for p in ("", "ب", "ك", "ل"))
DEFINITE = tuple(c + p + "ال" for c in _CONJUNCTIONS for p in ("", "ب", "ك"))
TO_THE = tuple(c + "لل" for c in _CONJUNCTIONS)


@dataclass(frozen=True, slots=True)
class Shape:
    """How much news. `share` of the articles hold keywords, those `hits` of them on average, taken
    from `hot` of the `keywords`; the other keywords stand in no article."""

    articles: int = 1_000
    words: int = 480
    vocabulary: int = 60_000
    keywords: int = 100_000
    hot: int = 100
    share: float = 0.6
    hits: float = 3.0
    seed: int = 1


@dataclass(frozen=True, slots=True)
class News:
    """Articles, and keywords whose first `hot` ones they hold."""

    articles: tuple[Article, ...]
    keywords: tuple[str, ...]


def make_news(shape: Shape) -> News:
    """The news of a shape. Raises ValueError where there are not enough roots for its words."""
    rng = random.Random(shape.seed)
    stems = _stems(rng, shape.vocabulary + 2 * shape.keywords)
    hot = list(islice(_apart(rng, stems), shape.hot))
    in_hot = {form for keyword in hot for form in forms(fold(keyword))}
    in_hot |= {"ا" + form for form in in_hot}
    vocabulary = list(
        islice((stem for stem in stems if fold(stem) not in in_hot), shape.vocabulary)
    )
    writer = _Writer(rng, vocabulary, hot, shape)
    articles = tuple(writer.article(number) for number in range(shape.articles))
    cold = islice(_absent(rng, stems, articles, hot), shape.keywords - shape.hot)
    keywords = (*hot, *cold)
    if len(keywords) < shape.keywords:
        raise ValueError(f"only {len(keywords)} of {shape.keywords} keywords could be made")
    return News(articles, keywords)


def forms(word: str) -> tuple[str, ...]:
    """The forms that a keyword, folded, is found in, as the README promises them."""
    if not has_article(word):
        return tuple(clitic + word for clitic in (*BARE, *DEFINITE, *TO_THE))
    stem = word[2:]
    contracted = [clitic + stem for clitic in TO_THE]
    if stem.startswith("ل"):
        contracted += [clitic[:-1] + stem for clitic in TO_THE]
    return (*(clitic + word for clitic in BARE), *contracted)


def has_article(word: str) -> bool:
    """Whether a folded word begins with ال before at least two letters."""
    return word.startswith("ال") and len(word) >= 4


def _stems(rng: random.Random, wanted: int) -> Iterator[str]:
    """Made-up words, each once however it is spelled, in random order; at least `wanted`."""
    drawn = ("".join(rng.sample(_RADICALS, 3)) for _ in range(3 * wanted // len(_PATTERNS) + 50))
    shapes = [(root, form) for root in drawn if len(set(root)) == 3 for form in _PATTERNS]
    rng.shuffle(shapes)
    seen: set[str] = set(map(fold, _PARTICLES))
    for root, pattern in shapes:
        stem = pattern.translate({ord("1"): root[0], ord("2"): root[1], ord("3"): root[2]})
        if fold(stem) not in seen:
            seen.add(fold(stem))
            yield stem


def _apart(rng: random.Random, stems: Iterable[str]) -> Iterator[str]:
    """Keywords no two of which have a form in common, so that engines that tell one keyword a
    place find as much as the others. A fifth of them bear the article."""
    taken: set[str] = set()
    for stem in stems:
        if len(stem) < 4 or stem[0] in "اأإوفبكل":
            continue
        keyword = "ال" + stem if rng.random() < 0.2 else stem
        found = set(forms(fold(keyword)))
        if not found & taken:
            taken |= found
            yield keyword


def _absent(
    rng: random.Random, stems: Iterable[str], articles: Iterable[Article], hot: Iterable[str]
) -> Iterator[str]:
    """Keywords that stand in no article in any form, nor behind the interrogative أ."""
    there = {word for article in articles for word in words(f"{article.title}\n{article.text}")}
    there |= {word[1:] for word in there if word.startswith("ا")}
    taken = set(map(fold, hot))
    for stem in stems:
        keyword = "ال" + stem if rng.random() < 0.1 and stem[0] not in "لا" else stem
        folded = fold(keyword)
        if folded not in taken and there.isdisjoint(forms(folded)):
            taken.add(folded)
            yield keyword


class _Writer:
    """Writes articles from a vocabulary whose ranks follow Zipf's law."""

    def __init__(
        self, rng: random.Random, vocabulary: Sequence[str], hot: Sequence[str], shape: Shape
    ) -> None:
        self._rng, self._hot, self._shape = rng, hot, shape
        # Frequent words are short ones, by and large.
        ranked = sorted(vocabulary, key=lambda stem: len(stem) + rng.gauss(0, 2.5))
        self._ranked = (*_PARTICLES, *ranked)
        self._weights = list(accumulate(1 / (rank + 5) for rank in range(len(self._ranked))))

    def article(self, number: int) -> Article:
        """One article: a title of some ten words, and a text."""
        rng, shape = self._rng, self._shape
        length = max(12, round(rng.gauss(shape.words, shape.words / 4)))
        chosen = rng.choices(self._ranked, cum_weights=self._weights, k=length)
        if rng.random() < shape.share:
            hits = 1 + round(rng.expovariate(1 / max(shape.hits - 1, 0.01)))
            hits = min(hits, length, len(self._hot))
            places = rng.sample(range(length), hits)
            for place, keyword in zip(places, rng.sample(self._hot, hits), strict=True):
                chosen[place] = keyword
        title, text = self._running(chosen[:10]), self._running(chosen[10:])
        for share, change in ((0.1, self._vowelled), (0.1, self._stretched), (0.03, self._odd)):
            if rng.random() < share:
                text = change(text)
        return Article(id=str(number), title=title.strip(), text=text.strip())

    def _running(self, chosen: Sequence[str]) -> str:
        """Words in a row, with what is attached to them and what stands between them."""
        clitics = self._drawn(_CLITICS, len(chosen))
        gaps = self._drawn(_GAPS, len(chosen))
        dressed = (self._dressed(*pair) for pair in zip(chosen, clitics, strict=True))
        return "".join(word + gap for word, gap in zip(dressed, gaps, strict=True))

    def _drawn(self, weighted: dict[str, float], count: int) -> list[str]:
        return self._rng.choices(tuple(weighted), tuple(weighted.values()), k=count)

    def _dressed(self, word: str, clitic: str) -> str:
        chance = self._rng.random()
        if word in _PARTICLES:
            return "و" + word if clitic == "و" else word
        written = _attached(clitic, word)
        if chance < 0.02:
            return self._rng.choice(_QUOTES).format(written)
        if chance < 0.023:
            return f'{clitic[:1].replace("ا", "")}"{word}"'
        if chance < 0.043:
            return f"{written} {self._number()}"
        return f"{written} {self._rng.choice(_LATIN)}" if chance < 0.047 else written

    def _number(self) -> str:
        number = f"{int(10 ** self._rng.uniform(0, 6)):,}"
        arabic = str.maketrans("0123456789,", "٠١٢٣٤٥٦٧٨٩٬")
        return number.translate(arabic) if self._rng.random() < 0.3 else number

    def _vowelled(self, text: str) -> str:
        places = [match.end() for match in re.finditer("[ب-غف-ي]", text)]
        return self._inserted(text, places, lambda: self._rng.choice(_HARAKAT), 6)

    def _stretched(self, text: str) -> str:
        places = [match.start() for match in _JOINED.finditer(text)]
        return self._inserted(text, places, lambda: "ـ" * self._rng.randint(1, 6), 3)

    def _odd(self, text: str) -> str:
        """Bidi marks, ZWNJ, embeddings or presentation forms, as some newsrooms' systems leave."""
        kind = self._rng.randrange(4)
        if kind == 0:
            return text.replace(".", ".\u200f")
        if kind == 1:
            places = [match.start() for match in _JOINED.finditer(text)]
            return self._inserted(text, places, lambda: "\u200c", 8)
        if kind == 2:
            return re.sub("«(.*?)»", "\u202b«\\1»\u202c", f"\u202b{text}\u202c")
        return text.replace("لا", "ﻻ").replace("لأ", "ﻷ").replace("لإ", "ﻹ")

    def _inserted(
        self, text: str, places: Sequence[int], what: Callable[[], str], count: int
    ) -> str:
        chosen = self._rng.sample(places, min(count, len(places)))
        for place in sorted(chosen, reverse=True):
            text = text[:place] + what() + text[place:]
        return text


def _attached(clitic: str, word: str) -> str:
    """A word as written with a clitic; one that has the article has it once, and ل contracts it."""
    if not has_article(fold(word)) or not clitic:
        return clitic + word
    if clitic.endswith("ل") and not clitic.endswith("ال"):
        return clitic.removesuffix("لل").removesuffix("ل") + "لل" + word[2:]
    return clitic.removesuffix("ال") + word
