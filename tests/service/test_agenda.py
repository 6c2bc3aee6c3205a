"""Which feeds are due."""

from __future__ import annotations

from monitor.service.agenda import Agenda


def test_takes_what_is_due_the_longest_due_first() -> None:
    agenda = Agenda()
    for name, due in (("a", 3.0), ("b", 1.0), ("c", 2.0), ("d", 9.0)):
        agenda.put(name, due)
    assert agenda.take(5.0, 9) == ["b", "c", "a"]
    assert agenda.take(5.0, 9) == []
    assert len(agenda) == 1


def test_a_feed_stands_in_it_once_and_the_later_call_decides() -> None:
    agenda = Agenda()
    agenda.put("a", 1.0)
    agenda.put("a", 8.0)
    assert agenda.take(5.0, 9) == []
    assert agenda.take(8.0, 9) == ["a"]
    assert agenda.take(99.0, 9) == []


def test_no_more_are_taken_than_asked_for() -> None:
    agenda = Agenda()
    for number in range(5):
        agenda.put(f"f{number}", float(number))
    assert agenda.take(9.0, 2) == ["f0", "f1"]
    assert agenda.take(9.0, 9) == ["f2", "f3", "f4"]
