"""How well and how fast names are told from places.

    python tests/benchmarks/sense.py [HITS.jsonl…] [--articles N] [--rounds N]

Files of labelled hits (see monitor/data/learn_sense.py for their form) are judged with weights
learnt without the hit's own name. Speed is that of all places of Iraq as rules over one core,
compared in turns with the same names as plain words, and with reading the article's words alone;
the articles are those of the files, or made up where there are none.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.places.mentions import NameFinder
from monitor.core.rules.hearing import passages_of
from monitor.core.rules.matcher import compile_rules
from monitor.data.learn_sense import prepared, report
from monitor.model import Article, PlaceName, Rule
from monitor.settings.packaged import (
    shipped_gazetteer,
    shipped_lexicon,
    shipped_lore,
    shipped_places,
)

_LETTERS = 2_900  # of an article of news
_SENTENCES = (
    "اندلع حريق في {} صباح اليوم.", "قال قائممقام {} إن الطريق مقطوع.", "وصلت قافلة إلى {} من {}.",
    "أعلنت مديرية الدفاع المدني في {} السيطرة على النيران.", "سقط مطر غزير على {} و{} وأطرافهما.",
    "ناقش المجلس مشاريع حديثة لمدارس البلد.", "أوقفت دورية سائق مخمور قرب {}.", "كان له دور كبير.",
    "نشرت الوكالة صورا من الحي القديم.", "الوضع القائم يحتاج إلى حل من هذا الباب.",
)  # fmt: skip


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--articles", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    loading()
    articles = of_files(asked.files) if asked.files else made_up(asked.articles)
    speed(articles[: asked.articles], asked.rounds)
    if asked.files:
        for line in report(prepared(asked.files, shipped_gazetteer(), shipped_lexicon())):
            print(line)


def loading() -> None:
    """How long the gazetteer takes to load, and its names to be ready."""
    start = time.perf_counter()
    places = shipped_places()
    read = time.perf_counter()
    gazetteer = Gazetteer(places, shipped_lore())
    NameFinder(gazetteer, shipped_lexicon())
    ready = time.perf_counter()
    print(
        f"{len(places):,} places read in {read - start:.2f} s, their names ready"
        f" {ready - read:.2f} s later"
    )


def of_files(paths: Sequence[Path]) -> list[Article]:
    """The articles of labelled hits, each once."""
    lines = (line for path in paths for line in path.read_text("utf-8").splitlines())
    texts = dict.fromkeys(json.loads(line)["article"] for line in lines)
    cut = (text.partition("\n") for text in texts)
    return [Article(title=title, text=text) for title, _, text in cut]


def made_up(number: int) -> list[Article]:
    """Articles of random sentences about places of Iraq."""
    chosen = random.Random(7)
    names = [place.name for place in shipped_places() if place.country == "iq"]
    articles = []
    for _ in range(number):
        text = ""
        while len(text) < _LETTERS:
            sentence = chosen.choice(_SENTENCES)
            text += sentence.format(*chosen.choices(names, k=sentence.count("{}"))) + " "
        articles.append(Article(title=text.partition(".")[0], text=text))
    return articles


def speed(articles: Sequence[Article], rounds: int) -> None:
    """Articles a second, the best round of each, all measured in turns."""
    gazetteer, lexicon = shipped_gazetteer(), shipped_lexicon()
    iraqi = [place for place in gazetteer.places.values() if place.country == "iq"]
    places = [Rule(place.id, places=(PlaceName(place.id),)) for place in iraqi]
    words = [Rule(place.id, any=(f'"{place.name}"',)) for place in iraqi if '"' not in place.name]
    runners: dict[str, Callable[[Article], object]] = {
        f"{len(places):,} places of Iraq": compile_rules(places, gazetteer, lexicon).match,
        "the same names as words": compile_rules(words, Gazetteer(()), lexicon).match,
        "words of the article alone": passages_of,
    }
    best = dict.fromkeys(runners, float("inf"))
    first: dict[str, float] = {}
    for _ in range(rounds):
        for name, run in runners.items():
            start = time.process_time()
            for article in articles:
                run(article)
            taken = time.process_time() - start
            first.setdefault(name, taken)
            best[name] = min(best[name], taken)
    letters = sum(len(article.text) for article in articles) / len(articles)
    print(f"{len(articles):,} articles of {letters:,.0f} letters, CPU time of one core")
    floor = best["words of the article alone"]
    for name, taken in best.items():
        rate, cold = len(articles) / taken, len(articles) / first[name]
        print(f"  {name:28}{rate:8,.0f}/s (first {cold:,.0f}/s), {taken / floor:.1f}x words alone")


if __name__ == "__main__":
    main()
