"""Learns weights.yaml, how much each piece of evidence for or against a place weighs.

    python -m monitor.data.learn_sense HITS.jsonl… [--write]

A line of HITS is one hit of a name: {"rule": "NAME-place", "country": "IQ", "label": "match" |
"no-match" | "other-place", "article": TEXT, "start": N, "end": N}; or, where the hit is the first
of the name in a sentence, {"text": SENTENCE} for start and end. The first line of an article is its
title. Each hit is learnt a second time in its sentence alone, as many feeds give no more. Prints
precision, recall and F1 with whole names left out, and writes the weights learnt from all hits
where asked to.

The method is logistic regression with a Gaussian prior around weights set by hand (MAP), fitted by
Newton's method (Hastie, Tibshirani, Friedman: The Elements of Statistical Learning, 4.4.1): what
the hits hardly show keeps the weight that a reader would give it. A development tool: the package
reads the file it makes.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp, log1p
from pathlib import Path
from typing import Final

from monitor.core.places.gazetteer import Gazetteer, name_key
from monitor.core.places.mentions import Mention, NameFinder
from monitor.core.places.sense import ACCEPTED, Scene, SenseModel
from monitor.core.text.lexicon import Lexicon
from monitor.core.text.tokens import Passage
from monitor.model import Place

WEIGHTS: Final = Path(__file__).with_name("weights.yaml")
Features = dict[str, float]

# What a reader would give them, in log-odds; all others begin at nothing.
BY_HAND: Final[Mapping[str, float]] = {
    "head_before": 3.0, "heads_before": 3.0, "head_of_list": 2.0, "direction_before": 2.5,
    "site_before": 1.0, "belonging": 2.0, "verb_before": 1.5, "preposition_before": 0.5,
    "beside_place": 1.5, "dateline": 1.5, "hashtag": 1.0, "direction_after": 2.0,
    "country_after": 2.0, "apposition_after": 1.5, "telling_elsewhere": 1.5,
    "container_named": 1.0, "place_near": 0.5, "tanwin": -5.0, "commoner_form": -3.0,
    "other_hamza": -3.0, "number_before": -1.5, "ordinal_after": -2.0, "name_part_before": -3.0,
    "first_name_before": -1.5, "title_before": -1.5, "club_before": -1.5, "particle_before": -0.5,
    "other_country_after": -1.5, "person_before": -8.0,
    "predicate_before": -6.0, "person_alone": -2.0, "he_after": -1.5, "she_after": 1.0,
    "sport_alone": -1.5, "other_letters": 4.0,
    "other_topic": -2.0, "town_spoken_of": 0.7, "disagreeing_before": 1.0, "thing_before": 0.3,
}  # fmt: skip
_RIDGE: Final = 2.0  # of a weight around the one set by hand
_LOOSE: Final = 0.01  # of the bias
_ELSEWHERE: Final = 0.5  # what a place of the name in another country counts as a hit
_ALONE: Final = 0.3  # what a sentence without its article counts
_ROUNDS: Final = 3  # the names around a hit are weighed by what was learnt in the round before
_STEPS: Final = 100
_SMALL: Final = 1e-6  # by which a step must better the loss
_LEAST_SHARE: Final = 1e-9
_NAME: Final = (
    "common_word", "judged", "rare_word", "several_words", "also_", "other_letters",
)  # fmt: skip
_HEADER: Final = """\
# How much each piece of evidence for (above 0) or against (below 0) a place weighs, in log-odds: at
# +1.1 the odds are three times as good. `alone.*` judge a name by itself, for those that it stands
# beside. Learnt from labelled hits by learn_sense.py; sense.yaml has the words behind most of them,
# and places.yaml of a configuration may set other weights under `sense: {weights: …}`.
weights:
"""


@dataclass(slots=True)
class Hit:
    """A labelled hit of a name with the article around it. `ids`: of the places meant, and of what
    lies in them."""

    name: str
    ids: frozenset[str]
    place: bool
    elsewhere: bool
    passages: tuple[Passage, ...]
    mentions: tuple[Mention, ...]
    mention: Mention | None  # None: the name is not heard there
    alone: bool  # its sentence without the article
    source: str  # the file
    candidates: list[tuple[Place, Features]] = field(default_factory=list)

    @property
    def own(self) -> Features:
        """The features as the place that is meant."""
        meant = [each for each in self.candidates if each[0].id in self.ids]
        return (meant or self.candidates)[0][1]


def read_hits(paths: Iterable[Path], gazetteer: Gazetteer, finder: NameFinder) -> list[Hit]:
    """The hits of files."""
    reader = _Reader(gazetteer, finder)
    return [
        reader.hit(kept, path.name, alone=kept is not row)
        for path in paths
        for row in map(json.loads, path.read_text("utf-8").splitlines())
        for kept in (row, _alone(row))
    ]


def _alone(row: Mapping[str, object]) -> dict[str, object]:
    """The same hit as a sentence without its article, as a feed's summary may give it."""
    article = str(row["article"])
    sentence = str(row.get("text", ""))
    begin = article.find(sentence)
    start, end = int(str(row.get("start", begin))), int(str(row.get("end", begin + len(sentence))))
    if not sentence or not begin <= start < end <= begin + len(sentence):
        begin = article.rfind("\n", 0, start) + 1
        sentence = article[begin : (article.find("\n", end) + 1 or len(article) + 1) - 1]
    return {**row, "article": "\n" + sentence, "start": start - begin + 1, "end": end - begin + 1}


class _Reader:
    """Finds labelled hits in their articles; an article of several hits is heard once."""

    def __init__(self, gazetteer: Gazetteer, finder: NameFinder) -> None:
        self._gazetteer = gazetteer
        self._finder = finder
        self._heard: dict[str, tuple[tuple[Passage, ...], tuple[Mention, ...]]] = {}

    def hit(self, row: Mapping[str, object], source: str, *, alone: bool) -> Hit:
        """The hit of one line."""
        article, label = str(row["article"]), str(row["label"])
        name = str(row["rule"]).removesuffix("-place")
        ids = self._meant(name, str(row.get("country", "")).lower())
        passages, mentions = self._hear(article)
        sentence = str(row.get("text", ""))
        start = int(str(row.get("start", article.find(sentence))))
        end = int(str(row.get("end", start + len(sentence))))
        offsets = (0, article.find("\n") + 1)
        heard = []
        for mention in mentions:
            first, last = passages[mention.passage].span(mention.first, mention.end)
            offset = offsets[mention.passage]
            if first + offset < end and last + offset > start and not mention.loose:
                other_place = not any(place.id in ids for place in mention.places)
                heard.append((mention.key != name_key(name), other_place, mention))
        heard = [each for each in heard if not (each[0] and each[1])]
        best = min(heard, key=lambda each: each[:2])[2] if heard else None
        place, elsewhere = label == "match", label == "other-place"
        return Hit(name, ids, place, elsewhere, passages, mentions, best, alone, source)

    def _meant(self, name: str, country: str) -> frozenset[str]:
        """The ids of the places that a name means, in a country if one is told, and of what lies in
        them."""
        gazetteer = self._gazetteer
        land = gazetteer.lore.land
        meant = [
            place
            for place in gazetteer.bearers(name_key(name))
            if not country or land(place.country) == land(country)
        ]
        return frozenset().union(*(gazetteer.inside(place.id) for place in meant))

    def _hear(self, article: str) -> tuple[tuple[Passage, ...], tuple[Mention, ...]]:
        if article not in self._heard:
            cut = article.find("\n") + 1
            passages = (Passage("title", article[:cut]), Passage("text", article[cut:]))
            self._heard[article] = passages, self._finder.find(passages)
        return self._heard[article]


def featured(hits: Sequence[Hit], model: SenseModel) -> None:
    """Works out the features of hits by a model's judgement of the names around them."""
    for hit in hits:
        if hit.mention is not None:
            scene = Scene(hit.passages, hit.mentions, model)
            hit.candidates = [
                (place, _summed(scene.clues(hit.mention, place))) for place in hit.mention.places
            ]


def _summed(clues: Iterable[tuple[str, float, str]]) -> Features:
    found: Features = {"bias": 1.0}
    for what, value, _ in clues:
        found[what] = found.get(what, 0.0) + value
    return found


def learnt(hits: Sequence[Hit]) -> dict[str, float]:
    """The weights for readings, and for names alone (`alone.…`)."""
    heard = [hit for hit in hits if hit.mention is not None]
    truth = [float(hit.place) for hit in heard]
    counts = [
        (_ELSEWHERE if hit.elsewhere else 1.0) * (_ALONE if hit.alone else 1.0) for hit in heard
    ]
    weights = fit([hit.own for hit in heard], truth, counts)
    alone = fit([_of_name(hit.own) for hit in heard], truth, counts)
    found = {**weights, **{f"alone.{what}": weight for what, weight in alone.items()}}
    return {**BY_HAND, "alone.other_letters": BY_HAND["other_letters"], **found}


def _of_name(features: Features) -> Features:
    return {
        what: value for what, value in features.items() if what == "bias" or what.startswith(_NAME)
    }


def fit(rows: Sequence[Features], truth: Sequence[float], counts: Sequence[float]) -> Features:
    """The most likely weights given the rows, each true or not, and the prior. Raises ValueError
    where the steps do not come to an end."""
    names = sorted({what for row in rows for what in row})
    index = {what: number for number, what in enumerate(names)}
    sparse = [[(index[what], value) for what, value in row.items()] for row in rows]
    data = list(zip(sparse, truth, counts, strict=True))
    means = [BY_HAND.get(what, 0.0) for what in names]
    ridge = [_LOOSE if what == "bias" else _RIDGE for what in names]
    weights = list(means)
    loss = _loss(weights, data, means, ridge)
    for _ in range(_STEPS):
        gradient, hessian = _derivatives(weights, data, means, ridge)
        step = _solved(hessian, gradient)
        share = 1.0  # of the step, halved as long as it leads away
        while share > _LEAST_SHARE:
            moved = [w - share * change for w, change in zip(weights, step, strict=True)]
            worse = _loss(moved, data, means, ridge)
            if worse <= loss:
                break
            share /= 2
        weights, gained, loss = moved, loss - worse, worse
        if gained < _SMALL:
            return dict(zip(names, weights, strict=True))
    raise ValueError("the weights do not settle")


_Data = list[tuple[list[tuple[int, float]], float, float]]


def _odds(weights: Sequence[float], row: Sequence[tuple[int, float]]) -> float:
    return sum(weights[number] * value for number, value in row)


def _loss(
    weights: Sequence[float], data: _Data, means: Sequence[float], ridge: Sequence[float]
) -> float:
    """The negative logarithm of the likelihood of the weights, but for a constant."""
    total = sum(r * (w - m) ** 2 / 2 for r, w, m in zip(ridge, weights, means, strict=True))
    for row, true, count in data:
        odds = _odds(weights, row)
        total += count * (max(odds, 0.0) - odds * true + log1p(exp(-abs(odds))))
    return total


def _derivatives(
    weights: Sequence[float], data: _Data, means: Sequence[float], ridge: Sequence[float]
) -> tuple[list[float], list[list[float]]]:
    """The gradient of the loss and its Hessian matrix."""
    gradient = [r * (w - m) for r, w, m in zip(ridge, weights, means, strict=True)]
    hessian = [[0.0] * len(ridge) for _ in ridge]
    for number, strength in enumerate(ridge):
        hessian[number][number] = strength
    for row, true, count in data:
        odds = _odds(weights, row)
        chance = 1 / (1 + exp(-odds)) if odds > 0 else exp(odds) / (1 + exp(odds))
        curve = count * chance * (1 - chance)
        for number, value in row:
            gradient[number] += count * (chance - true) * value
            line = hessian[number]
            for other, second in row:
                line[other] += curve * value * second
    return gradient, hessian


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """The solution of a system of equations whose matrix is positive definite (Gauss)."""
    rows = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    for number, line in enumerate(rows):
        for lower in rows[number + 1 :]:
            share = lower[number] / line[number]
            if share:
                for column in range(number, len(line)):
                    lower[column] -= share * line[column]
    found = [0.0] * len(rows)
    for number in reversed(range(len(rows))):
        line = rows[number]
        known = sum(line[column] * found[column] for column in range(number + 1, len(rows)))
        found[number] = (line[-1] - known) / line[number]
    return found


@dataclass(slots=True)
class Score:
    """Right and wrong answers."""

    right: int = 0
    false: int = 0
    missed: int = 0

    def __str__(self) -> str:
        precision = self.right / max(1, self.right + self.false)
        recall = self.right / max(1, self.right + self.missed)
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        return f"P {precision:.3f}  R {recall:.3f}  F {f1:.3f}"


def scored(
    hits: Iterable[Hit], weights_of: Mapping[str, Features], *, strict: bool, alone: bool = False
) -> Score:
    """How many hits are judged right, each by the weights for its name: those in articles, or those
    in sentences `alone`. A place of the name elsewhere is an error where it is taken for the one
    that is meant, if `strict`, and else not counted."""
    score = Score()
    for hit in hits:
        if (hit.elsewhere and not strict) or hit.alone is not alone:
            continue
        taken = _taken(hit, weights_of[hit.name], strict=strict)
        if hit.place:
            score.right += taken
            score.missed += not taken
        else:
            score.false += taken
    return score


def _taken(hit: Hit, weights: Features, *, strict: bool) -> bool:
    if hit.mention is None:
        return False
    odds, place = max(
        (
            (sum(weights.get(what, 0.0) * value for what, value in features.items()), place)
            for place, features in hit.candidates
        ),
        key=lambda each: each[0],
    )
    likely = 1 / (1 + exp(-odds)) >= ACCEPTED
    return likely and (not strict or place.id in hit.ids)


def left_out(hits: Sequence[Hit], folds: int = 10, seed: int = 0) -> dict[str, Features]:
    """For each name weights learnt without any hit of it, names being left out in folds."""
    names = sorted({hit.name for hit in hits})
    random.Random(seed).shuffle(names)  # noqa: S311 # no secret
    found: dict[str, Features] = {}
    for fold in range(folds):
        out = set(names[fold::folds])
        weights = learnt([hit for hit in hits if hit.name not in out])
        found.update(dict.fromkeys(out, weights))
    return found


def report(hits: Sequence[Hit]) -> Iterator[str]:
    """Lines on how well hits are judged with their names left out, file by file."""
    weights = left_out(hits)
    for source in dict.fromkeys(hit.source for hit in hits):
        own = [hit for hit in hits if hit.source == source]
        whole = [hit for hit in own if not hit.alone]
        unheard = [hit for hit in whole if hit.mention is None]
        names = len({hit.name for hit in own})
        yield f"{source}: {len(whole)} hits of {names} names, each learnt without its name"
        yield from _scores(own, weights)
        missed = sum(hit.place for hit in unheard)
        yield f"  the name is not heard in {len(unheard)}, of which {missed} are the place"
    yield "all together"
    yield from _scores(hits, weights)


def _scores(hits: Sequence[Hit], weights: Mapping[str, Features]) -> Iterator[str]:
    for label, strict, alone in (
        ("places of the name elsewhere apart", False, False),
        ("places of the name elsewhere as errors", True, False),
        ("sentences without their articles", False, True),
    ):
        yield f"  {label:40}{scored(hits, weights, strict=strict, alone=alone)}"


def prepared(paths: Sequence[Path], gazetteer: Gazetteer, lexicon: Lexicon) -> list[Hit]:
    """The hits of files with their features, the names around them weighed by weights learnt from
    the same hits."""
    hits = read_hits(paths, gazetteer, NameFinder(gazetteer, lexicon))
    weights: Mapping[str, float] = gazetteer.lore.weights
    for _ in range(_ROUNDS):
        featured(hits, SenseModel(replace(gazetteer.lore, weights=weights), lexicon))
        weights = learnt(hits)
    return hits


def main(arguments: Sequence[str]) -> None:
    """Tells how well the weights do; with --write, writes them."""
    from monitor.settings.packaged import shipped_gazetteer, shipped_lexicon

    paths = [Path(each) for each in arguments if not each.startswith("-")]
    hits = prepared(paths, shipped_gazetteer(), shipped_lexicon())
    sys.stdout.writelines(f"{line}\n" for line in report(hits))
    if "--write" in arguments:
        seen = Counter(what for hit in hits if hit.candidates and not hit.alone for what in hit.own)
        weights = learnt(hits)
        lines = [
            f"  {what}: {weight:.2f}  # in {seen[what.removeprefix('alone.')]} hits\n"
            for what, weight in sorted(weights.items())
        ]
        WEIGHTS.write_text(_HEADER + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
