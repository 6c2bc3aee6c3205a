"""What was alerted lately, and by which article: by other feeds, and higher up in this document.

An article is known across feeds by its link and its words, as a story by its title and numbers, and
to rules that ask for it by nearly the same text. This module must not decide what alerts.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field

from monitor.core.feeds import near
from monitor.core.feeds.stories import keys_of, wanted
from monitor.model import Article, Feed, Match, Outlet

Keys = Sequence[str]


@dataclass(slots=True)
class Hearsay:
    """For one check of a feed. `alerted_lately` gives the rules that alerted on any of some
    cross-feed keys, `teller_lately` the id of an article that did; `alerted` and `tellers` are what
    this check adds, `outlets` what it brought of which another feed was first."""

    feed: Feed
    now: float
    alerted_lately: Callable[[Iterable[str]], frozenset[str]]
    teller_lately: Callable[[Iterable[str]], str]
    alerted: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tellers: dict[str, str] = field(default_factory=dict)
    outlets: list[Outlet] = field(default_factory=list)

    def rules(self, keys: Keys) -> frozenset[str]:
        """The rules that alerted under these keys."""
        here = (rule for key in keys for rule in self.alerted.get(key, ()))
        return self.alerted_lately(keys).union(here)

    def rules_alike(self, article: Article) -> frozenset[str]:
        """The rules that alerted within a day on the same story in another feed."""
        any_feed, own = wanted(article, self.feed.id, self.now)
        return self.rules(any_feed) - self.rules(own)

    def nearly(self, match: Match, article: Article) -> str:
        """The print of nearly this text, on which a rule that asks for it alerted within a day; ""
        where there is none."""
        if not match.rule.near_duplicates:
            return ""
        prints = self.rules(near.keys_of(match.rule.name, self.now))
        return next((known for known in prints if near.is_near(known, article, self.now)), "")

    def tell(self, keys: Iterable[str], rules: Sequence[str], article: str = "") -> None:
        """Has others know that these rules alerted, on the article of that id."""
        for key in keys:
            self.alerted[key] = tuple(dict.fromkeys((*self.alerted.get(key, ()), *rules)))
            if article:
                self.tellers.setdefault(key, article)

    def tell_story(self, story: str, rules: Sequence[str], article: str) -> None:
        """The same, of who tells the story."""
        self.tell(keys_of(story, self.feed.id), rules, article)

    def tell_nearly(self, due: Sequence[Match], article: Article) -> str:
        """Has later texts held against this one, by the rules that ask for it. Gives its print."""
        rules = [match.rule.name for match in due if match.rule.near_duplicates]
        known = near.print_of(article, self.now) if rules else ""
        for rule in rules if known else ():
            self.tell(near.keys_of(rule, self.now)[:1], [known])
        if known:
            self.tell([near.key_of(known)], (), article.id)
        return known

    def pass_on(self, keys: Keys, rules: Sequence[str]) -> None:
        """Has other feeds know what these rules were told of by all the keys of an article: the
        next one may bring it with the link of one feed, or the words of another."""
        teller = self._teller(keys) if rules else ""
        for key in keys if rules else ():
            known = self.rules((key,))
            if lacking := [rule for rule in rules if rule not in known]:
                self.tell((key,), lacking, teller)

    def in_place_of(
        self, article: Article, keys: Keys, prints: Iterable[str], own: Container[str]
    ) -> Outlet | None:
        """Notes that this feed, too, brings what alerted in another; nothing where that is one of
        the articles of its `own`."""
        stories, _ = wanted(article, self.feed.id, self.now)
        teller = self._teller((*keys, *map(near.key_of, prints), *stories))
        if not teller or teller in own:
            return None
        outlet = Outlet(teller, self.feed.name, article.link, self.now)
        self.outlets.append(outlet)
        return outlet

    def _teller(self, keys: Keys) -> str:
        here = (self.tellers[key] for key in keys if key in self.tellers)
        return self.teller_lately(keys) or next(here, "")
