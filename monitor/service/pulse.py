"""Whether what works beside the event loop gets on: the writer's thread, and each channel's sender.

Each is given nothing to do, and is alive once that is done; the loop itself is, as long as somebody
asks here. A sender that waits for its channel is excused: a mail server that never answers is no
fault that a restart would cure. This module must not tell anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor

from monitor.channels.queue import Queue
from monitor.service.senders import Senders


class Pulse:
    """For one caller at a time, not on the event loop: asking may wait for a thread."""

    def __init__(self, writer: Executor, senders: Senders) -> None:
        self._writer = writer
        self._senders = senders
        self._unanswered: list[Callable[[], bool]] = []

    def beats(self) -> bool:
        """Whether all that was asked at the last beat has answered; if so, asks anew. What does not
        answer is not asked again, so that a thread which comes back finds no crowd."""
        self._unanswered = [answered for answered in self._unanswered if not answered()]
        if self._unanswered:
            return False
        self._unanswered = [
            self._writer.submit(_nothing).done,
            *self._senders.probe(lambda: _leave_alone),
        ]
        return True


def _nothing() -> None:
    """It is enough that this comes to be called."""


def _leave_alone(queue: Queue) -> None:
    """The same."""
