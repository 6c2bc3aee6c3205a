"""What the operator is told: once, over which channel, and when it is over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from monitor.channels.queue import Tried
from monitor.errors import CannotWriteError, StateError
from monitor.model import (
    Amiss,
    ChannelConfig,
    Delivery,
    LedgerRecord,
    LedgerState,
    Outcome,
    SystemState,
)
from monitor.service.operator import Operator
from monitor.settings.load import Config, load
from monitor.stores.memory import MemorySystem

NOW = 1_700_000_000.0


def config(tmp_path: Path, operator: str | None, *names: str, language: str = "en") -> Config:
    (tmp_path / "rules.yaml").write_text("rules: [{name: a, any: [خبر]}]\n", "utf-8")
    (tmp_path / "monitor.yaml").write_text("channels: {x: {url: 'console://'}}\n", "utf-8")
    channels = tuple(ChannelConfig(name, "console://") for name in names)
    found = load(tmp_path, environ={})
    return replace(found, channels=channels, operator=operator, language=language)


class Desk:
    """An operator over a state in memory; `told` are the notices handed over."""

    def __init__(self, config: Config, system: MemorySystem | None = None) -> None:
        self.system = system or MemorySystem()
        self.told: list[Delivery] = []
        self.settled: set[str] = set()
        self.operator = Operator(
            config,
            self.system,
            lambda: NOW,
            hand_over=self.told.extend,
            settled=lambda each: each.id in self.settled,
        )

    @property
    def titles(self) -> list[tuple[str, str]]:
        return [(each.channel, each.story.title.text) for each in self.told]


def held(outcome: Outcome = Outcome.HELD) -> Tried:
    return Tried(LedgerRecord("d1", LedgerState.HELD, NOW, detail="535 no"), outcome)


SENT = Tried(LedgerRecord("d1", LedgerState.SENT, NOW), Outcome.SENT)
DEAD = Tried(
    LedgerRecord("d1", LedgerState.DEAD, NOW, detail="554 no", title="خبر", rules=("a",)),
    Outcome.REJECTED,
)


def test_a_held_channel_is_told_once_and_when_it_is_over(tmp_path: Path) -> None:
    desk = Desk(config(tmp_path, "desk", "broken", "desk"))
    for tried in (SENT, held(), held(), SENT, SENT):
        desk.operator.heard("broken", tried)
    assert desk.titles == [
        ("desk", "Rasid: channel broken refuses messages"),
        ("desk", "Rasid: channel broken works again"),
    ]
    assert "535 no" in desk.told[0].story.excerpts[0].text
    assert desk.system.load().troubles == {"held broken": Amiss(NOW, over=True)}


def test_what_was_told_before_a_restart_is_not_told_again(tmp_path: Path) -> None:
    both = config(tmp_path, "desk", "broken", "desk")
    before = Desk(both)
    before.operator.heard("broken", held())
    after = Desk(both, before.system)
    after.operator.heard("broken", held())
    assert after.told == []
    assert after.system.load().notices == tuple(before.told)
    before.settled = {before.told[0].id}
    after.settled = before.settled
    after.operator.heard("broken", SENT)
    assert [each.id for each in after.system.load().notices] == [after.told[0].id]


def test_trouble_of_the_operators_own_channel_goes_over_another(tmp_path: Path) -> None:
    desk = Desk(config(tmp_path, "desk", "desk", "other", language="ar"))
    desk.operator.heard("desk", held())
    assert desk.titles == [("other", "راصد: القناة desk ترفض الرسائل")]
    alone = Desk(config(tmp_path, "desk", "desk"))
    alone.operator.heard("desk", held())
    assert alone.told == []
    assert "held desk" in alone.system.load().troubles


def test_without_an_operator_nothing_is_sent(tmp_path: Path) -> None:
    desk = Desk(config(tmp_path, None, "broken", "desk"))
    desk.operator.heard("broken", held())
    desk.operator.failed(CannotWriteError("no space left"))
    assert desk.told == []


def test_each_dead_message_is_told_but_not_a_bundle_that_is_taken_apart(tmp_path: Path) -> None:
    desk = Desk(config(tmp_path, "desk", "picky", "desk"))
    desk.operator.heard("picky", DEAD)
    desk.operator.heard("picky", replace(DEAD, instead=((None, None),)))  # type: ignore[arg-type]
    assert desk.titles == [("desk", "Rasid: channel picky refused a message for good")]
    assert "خبر — 554 no" in desk.told[0].story.excerpts[0].text


def test_a_full_disk_is_told_though_the_notice_cannot_be_stored(tmp_path: Path) -> None:
    class Full(MemorySystem):
        full = True

        def update(self, change: object) -> SystemState:
            if self.full:
                raise CannotWriteError("cannot write system.json: No space left on device")
            return super().update(change)  # type: ignore[arg-type]

    system = Full()
    desk = Desk(config(tmp_path, "desk", "desk"), system)
    for _ in range(3):
        desk.operator.failed(CannotWriteError("cannot write x: No space left on device"))
    assert desk.titles == [("desk", "Rasid: the disk cannot be written to")]
    system.full = False
    desk.operator.written()
    desk.operator.written()
    assert desk.titles[1:] == [("desk", "Rasid: the disk can be written to again")]


def test_a_damaged_file_is_told_once(tmp_path: Path) -> None:
    desk = Desk(config(tmp_path, "desk", "desk"))
    for _ in range(2):
        desk.operator.failed(StateError("/state/feeds/ab/ab01.json: corrupt: no header"))
    assert desk.titles == [("desk", "Rasid: a damaged file in the state")]
    assert "ab01.json: corrupt" in desk.told[0].story.excerpts[0].text


def test_a_new_configuration_counts(tmp_path: Path) -> None:
    desk = Desk(config(tmp_path, None, "broken", "desk"))
    desk.operator.use(config(tmp_path, "desk", "broken", "desk"))
    desk.operator.heard("broken", held())
    assert len(desk.told) == 1


def test_what_waited_by_the_operators_own_wish_is_not_late(tmp_path: Path) -> None:
    desk = Desk(config(tmp_path, "b", "a", "b"))
    night = LedgerRecord(
        "d1", LedgerState.WAITING, NOW - 8 * 3600, detail="451", held_until=NOW - 60
    )
    desk.operator.heard("a", Tried(night, Outcome.RETRY))
    assert desk.told == []
    desk.operator.heard("a", Tried(replace(night, held_until=NOW - 3700), Outcome.RETRY))
    assert len(desk.told) == 1


def test_what_a_clock_that_was_ahead_noted_keeps_nothing_back(tmp_path: Path) -> None:
    later = {"disk": Amiss(NOW + 400 * 86_400, over=True)}
    desk = Desk(config(tmp_path, "desk", "desk"), MemorySystem(SystemState(troubles=later)))
    desk.operator.failed(CannotWriteError("no room"))
    assert len(desk.told) == 1


def test_a_refused_configuration_is_told_each_time_that_it_was_right_between(
    tmp_path: Path,
) -> None:
    desk = Desk(config(tmp_path, "desk", "desk"))
    desk.operator.reloaded(())
    assert desk.told == []
    for _ in range(2):
        desk.operator.reloaded(("rules.yaml:2:5: chanels: unknown key (did you mean 'channels'?)",))
        desk.operator.reloaded(("rules.yaml:3:1: no",))  # that one was repaired
        desk.operator.reloaded(("rules.yaml:2:5: chanels: unknown key (did you mean 'channels'?)",))
        desk.operator.reloaded(("rules.yaml:3:1: no",))
        desk.operator.reloaded(())
        desk.operator.reloaded(())
    refused, right = "the configuration has an error", "the configuration is right again"
    turns = [(refused in title, right in title) for _, title in desk.titles]
    assert turns == [(True, False), (True, False), (False, True)] * 2
    assert "rules.yaml:2:5: chanels: unknown key" in desk.told[0].story.excerpts[0].text


def test_of_many_errors_the_first_are_told(tmp_path: Path) -> None:
    desk = Desk(config(tmp_path, "desk", "desk"))
    desk.operator.reloaded(tuple(f"rules.yaml:{n}:1: no" for n in range(1, 9)))
    lines = [excerpt.text for excerpt in desk.told[0].story.excerpts]
    assert lines[-6:] == [*(f"rules.yaml:{n}:1: no" for n in range(1, 6)), "+3"]
