"""Which feeds are due."""

from __future__ import annotations

from monitor.service.agenda import Agenda


def test_takes_what_is_due_the_longest_due_first() -> None:
    agenda = Agenda()
    for name, due in (("a", 3.0), ("b", 1.0), ("c", 2.0), ("d", 9.0)):
        agenda.put(name, due)
    assert agenda.take(5.0) == ["b", "c", "a"]
    assert agenda.take(5.0) == []
    assert len(agenda) == 1


def test_a_feed_stands_in_it_once_and_the_later_call_decides() -> None:
    agenda = Agenda()
    agenda.put("a", 1.0)
    agenda.put("a", 8.0)
    assert agenda.take(5.0) == []
    assert agenda.take(8.0) == ["a"]
    assert agenda.take(99.0) == []
