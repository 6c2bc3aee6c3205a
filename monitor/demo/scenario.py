"""The demo: the watcher at work on invented papers, on this machine alone.

It takes the configuration that `rasid init` writes, with its rules and places as they are, and
makes two passes of `rasid once` over one state: the same pipeline, memory and channels as ever.
Only the addresses are the demo's own. It must not say that all went well when it did not.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from monitor.cli.explain import show_rule
from monitor.cli.terminal import Screen
from monitor.cli.watch import COUNTED, summary
from monitor.core.rules.explain import explain
from monitor.core.rules.matcher import compile_rules
from monitor.demo.articles import (
    CELL,
    DRUNK,
    FIRST_EDITION,
    PATROL,
    SECOND_EDITION,
    STRIKE,
    STRIKE_TAKEN_OVER,
    WELLS,
    Item,
    Paper,
)
from monitor.demo.origin import Origin
from monitor.demo.sink import MailSink
from monitor.errors import EX_OK, EX_SOFTWARE
from monitor.model import Article, Decision, PlaceName, Verdict
from monitor.service.once import OnceReport, once
from monitor.settings.load import Config, load
from monitor.settings.packaged import write_starter

LATER = 900.0  # seconds between the passes, by the clock that the second one is given
UNCHANGED_PAPERS = 2
MAKHMUR = PlaceName("مخمور")

_ISOLATES = dict.fromkeys((0x2068, 0x2069))  # ours, around dates; unseen in a mail program
_STORIES = (PATROL, STRIKE, CELL, WELLS)
_PROMISED = (Counter({PATROL.slug: 1}), Counter({STRIKE.slug: 1, CELL.slug: 1, WELLS.slug: 1}))


@dataclass(frozen=True, slots=True)
class Stage:
    """All that the demo plays with."""

    screen: Screen
    config: Config
    origin: Origin
    sink: MailSink
    began: float


def play(out: TextIO) -> int:
    """Plays the demo to `out`; 0, or 70 where it did not come out as it must."""
    screen = Screen(out)
    screen.line("rasid demo: five invented papers, the rules that `rasid init` writes,", "bold")
    screen.line("two passes over one memory. Nothing leaves this machine.", "bold")
    with TemporaryDirectory(prefix="rasid-demo-") as name, Origin() as origin, MailSink() as sink:
        config = _configure(Path(name), origin, sink)
        stage = Stage(screen, config, origin, sink, time.time())
        _show_rules(stage)
        screen.heading("First pass: the papers as they are today")
        first = _pass(stage, FIRST_EDITION, stage.began)
        screen.heading("Second pass, a quarter of an hour later: news, a correction, a copy")
        second = _pass(stage, SECOND_EDITION, stage.began + LATER)
        _show_silence(stage, [*first.decided, *second.decided])
        _show_reason(stage)
        _show_mail(stage, sink.messages)
        faults = _faults(first, second, sink.messages)
    _show_next(screen)
    for fault in faults:
        sys.stderr.write(f"rasid demo: {fault}\n")
    return EX_SOFTWARE if faults else EX_OK


def _configure(folder: Path, origin: Origin, sink: MailSink) -> Config:
    """The starter configuration with the demo's own papers and addresses (JSON is YAML)."""
    write_starter(folder)
    feeds = [
        {"url": origin.url(_path(paper)), "name": paper.name, "category": paper.category}
        for paper in FIRST_EDITION
    ]
    mail = f"mailto://127.0.0.1:{sink.port}/?from=rasid@demo.example&to=desk@demo.example"
    settings = {
        "timezone": "Asia/Baghdad",
        "language": "ar",
        "allow_private": ["127.0.0.0/8"],
        "channels": {"screen": {"url": "console://"}, "desk-mail": {"url": mail}},
    }
    _write(folder / "feeds.yaml", {"feeds": feeds})
    _write(folder / "monitor.yaml", settings)
    return load(folder, environ={})


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2), "utf-8")


def _path(paper: Paper) -> str:
    return f"/{paper.slug}.xml"


def _pass(stage: Stage, edition: Sequence[Paper], now: float) -> OnceReport:
    """Publishes an edition and makes one pass; the console channel prints the alerts."""
    for paper in edition:
        stage.origin.put(_path(paper), paper.document(stage.began))
    report = once(stage.config, clock=lambda: now, out=stage.screen.out, keep_decisions=True)
    stage.screen.line(summary(report), "dim")
    stage.screen.line(f"({COUNTED})", "dim")
    return report


def _show_rules(stage: Stage) -> None:
    rules = stage.config.rules
    stage.screen.heading(f"The rules, {len(rules)} of them")
    stage.screen.line("  " + " · ".join(rule.name for rule in rules))


def _show_silence(stage: Stage, decided: Sequence[tuple[str, Decision]]) -> None:
    stage.screen.heading("What did not alert, and why")
    told = {_entry(*each) for each in decided if each[1].verdict is Verdict.ALERTED}
    for paper, decision in decided:
        if _entry(paper, decision) not in told:  # before an edit, or after it
            stage.screen.line(f"  {decision.title}")
            stage.screen.line(f"      {paper}", "dim")
            stage.screen.line(f"      {decision.verdict.value}", "dim")


def _entry(paper: str, decision: Decision) -> tuple[str, str]:
    return paper, decision.link or decision.title


def _show_reason(stage: Stage) -> None:
    """Why the drunk driver is no news of the district, as `rasid explain` tells it."""
    stage.screen.heading("The drunk driver, as `rasid explain` tells it")
    about_place = [rule for rule in stage.config.rules if MAKHMUR in rule.places]
    rules = compile_rules(about_place[:1], stage.config.gazetteer, stage.config.lexicon)
    article = Article(title=DRUNK.title, text=DRUNK.text)
    for rule in explain(rules, article).rules:
        show_rule(stage.screen, article, rule)


def _show_mail(stage: Stage, messages: Sequence[EmailMessage]) -> None:
    stage.screen.heading(f"One of the {len(messages)} mails, as the mail server got it")
    if not messages:
        return
    mail = messages[-1]
    for name in ("Subject", "Message-ID"):
        stage.screen.line(f"  {name}: {mail[name]}")
    stage.screen.line()
    for line in _plain(mail).translate(_ISOLATES).splitlines():
        stage.screen.line(f"  {line}")


def _plain(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part else ""


def _show_next(screen: Screen) -> None:
    screen.heading("Your own")
    screen.line("  rasid init my-rasid          writes such a configuration, each line explained")
    screen.line("  rasid check -c my-rasid      tells whether it is right")
    screen.line("  rasid once -c my-rasid       makes one pass; `rasid run` goes on watching")


def _faults(first: OnceReport, second: OnceReport, mails: Sequence[EmailMessage]) -> list[str]:
    """What did not come out as promised, in sentences."""
    told = [_story(mail) for mail in mails]
    early = sum(_PROMISED[0].values())
    found = []
    for name, got, promised in (
        ("first", told[:early], _PROMISED[0]),
        ("second", told[early:], _PROMISED[1]),
    ):
        if Counter(got) != promised:
            found.append(f"the {name} pass mailed {sorted(got)}, not {sorted(promised)}")
    if second.not_modified != UNCHANGED_PAPERS:
        found.append(f"{second.not_modified} papers answered 304, not {UNCHANGED_PAPERS}")
    if first.failed or second.failed or second.pending:
        found.append("a feed failed, or a delivery is left over")
    return found


def _story(mail: EmailMessage) -> str:
    """Which story a mail tells; a copy in another paper is the same story."""
    text = _plain(mail)
    return next((item.slug for item in _STORIES if _tells(text, item)), "unknown")


def _tells(text: str, item: Item) -> bool:
    slugs = (item.slug, STRIKE_TAKEN_OVER.slug) if item is STRIKE else (item.slug,)
    return any(f".example/{slug}" in text for slug in slugs)
