"""Histories that no one thought of: a publisher with true articles, and a feed that shows them with
every fault that feeds have. Each article that matches alerts once: no more, and no less.

What an article goes by may change at every check: ids (new ones each time, its place in the list,
one for all, none, later another kind) and links (sessions, slugs that follow the title, one for
all, none). It is edited, repeated, moved in the list, gone for a while, or shown as an old copy.

Left out is what nobody could tell, since nothing of the article stays that is its own:
- its title and its text are edited at once, where its id and its link have changed as well, or
  mean nothing in this feed, or where an id stays that its link has left (then it is a re-used one);
- any edit of a text of a few words that has neither an id nor a link of its own;
- a feed whose ids and links change at each check, and that shows less than two other articles by
  which that can be told: some stand in each document here.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from newsroom import RAID, Newsroom, rss

LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
IDS = ("none", "own", "churned", "place", "one")
LINKS = ("none", "own", "spelled", "session", "slug", "section", "site")
ANCHORS = 3


def word(dice: random.Random, length: int = 6) -> str:
    return "".join(dice.choices(LETTERS, k=length))


@dataclass
class Story:
    """A true article. `code` is a word that alerts on it show."""

    number: int
    short: bool = False
    matches: bool = True
    edits: int = 0
    title: str = field(init=False)
    text: str = field(init=False)
    code: str = field(init=False)

    def __post_init__(self) -> None:
        dice = random.Random(self.number)
        self.code = word(dice, 9)
        topic = "غارة" if self.matches else "معرض"
        told = [topic, self.code]
        self.title = "عاجل"
        if not self.short:
            self.title = " ".join(word(dice) for _ in range(6))
            told += [word(dice) for _ in range(24)]
        self.text = " ".join(told)

    def edit(self, what: str) -> None:
        """Changes the title, the text, or both."""
        self.edits += 1
        dice = random.Random(f"{self.number} {self.edits}")
        if what in ("title", "both"):
            self.title = " ".join([*self.title.split()[:2], *(word(dice) for _ in range(4))])
        if what in ("text", "both"):
            self.text = f"{self.text} {word(dice)} {word(dice)}"


@dataclass
class Publisher:
    """A feed, and how it names what it shows."""

    ids: str
    links: str
    polls: int = 0

    def item(self, story: Story, place: int) -> dict[str, Any]:
        n, poll = story.number, self.polls
        slug = "-".join(story.title.split()[:4])
        ids = {
            "none": None,
            "own": f"id-{n}",
            "churned": f"{n}.{poll}",
            "place": f"{place}",
            "one": "0",
        }
        links = {
            "none": None,
            "own": f"https://a.example/news/{48000 + n}",
            "spelled": (
                f"http{'s' * (poll % 2)}://{'www.' * (poll % 3 > 0)}a.example/news/{48000 + n}"
                f"{'/' * (poll % 2)}?utm_source={poll}#!{poll}"
            ),
            "session": f"https://a.example/news/{48000 + n}?session={poll}",
            "slug": f"https://a.example/{48000 + n}/{slug}",
            "section": "https://a.example/section",
            "site": "https://a.example/",
        }
        named = {"guid": ids[self.ids], "link": links[self.links]}
        return {**named, "title": story.title, "description": story.text}

    def may_edit(self, story: Story) -> list[str]:
        """The edits after which it can still be told what a story is."""
        steady_link = self.links in ("own", "spelled")
        if self.ids == "own":
            return ["title", "text", "both"] if self.links != "session" else ["title", "text"]
        if self.ids == "none" and (steady_link or (self.links == "slug" and not story.short)):
            return ["title", "text", "both"]
        if story.short:
            return []
        return ["title", "text"]

    def may_repeat(self, story: Story) -> bool:
        """Whether two items with its words are one story: two texts of a few words may be two."""
        own_link = self.links in ("own", "spelled", "session", "slug")
        return not story.short or own_link or self.ids in ("own", "one", "none")


ACTIONS = st.sampled_from(
    ("publish", "flash", "title", "text", "both", "shuffle", "drop", "back", "repeat", "old")
)
POLLS = st.lists(st.lists(ACTIONS, max_size=3), min_size=2, max_size=7)


def live(ids: str, links: str, polls: list[list[str]], dice: random.Random, **how: Any) -> None:
    """Lives through a history and compares the alerts with the articles that were shown."""
    room, publisher = Newsroom(RAID, **how), Publisher(ids, links)
    anchors = [Story(n, matches=False) for n in range(ANCHORS)]
    shown: list[Story] = list(anchors)
    away: list[Story] = []
    documents: list[tuple[bytes, set[str]]] = []
    ever: set[str] = set()
    alerted: Counter[str] = Counter()
    numbers = iter(range(ANCHORS, 1000))
    for actions in [[], *polls]:
        publisher.polls += 1
        repeated: list[Story] = []
        edited: set[int] = set()
        old = False
        for action in actions:
            free = [story for story in shown if story not in anchors]
            if action in ("publish", "flash"):
                shown.insert(0, Story(next(numbers), short=action == "flash"))
            elif action in ("title", "text", "both"):
                able = [
                    s for s in free if action in publisher.may_edit(s) and s.number not in edited
                ]
                if able:
                    story = dice.choice(able)
                    edited.add(story.number)
                    story.edit(action)
            elif action == "shuffle":
                dice.shuffle(shown)
            elif action == "drop" and free:
                story = dice.choice(free)
                shown.remove(story)
                away.append(story)
            elif action == "back" and away:
                shown.append(away.pop(0))
            elif action == "repeat" and (able := list(filter(publisher.may_repeat, free))):
                repeated.append(dice.choice(able))
            elif action == "old":
                old = True
        stories = [*shown, *repeated]
        body = rss([publisher.item(story, place) for place, story in enumerate(stories)])
        codes = {story.code for story in stories if story.matches}
        if old and documents:
            body, codes = dice.choice(documents)
        documents.append((body, codes))
        ever |= codes
        for delivery in room.shows(body):
            told = " ".join(part.text for part in (delivery.story.title, *delivery.story.excerpts))
            alerted.update(code for code in ever if code in told)
    assert alerted == Counter(ever)


@pytest.mark.parametrize("links", LINKS)
@pytest.mark.parametrize("ids", IDS)
@settings(max_examples=25, deadline=None)
@given(polls=POLLS, seed=st.integers(0, 999), way=st.sampled_from(("marks", "whole", "restarts")))
def test_each_article_alerts_once(
    ids: str, links: str, polls: list[list[str]], seed: int, way: str
) -> None:
    how = {"marks": {}, "whole": {"marks": False}, "restarts": {"restarts": True}}[way]
    live(ids, links, polls, random.Random(seed), **how)
