"""How a message is inspected: within its time budget, here or by the process beside, and what it is held against."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from douane.audit.fields import Limits
from douane.audit.message import Gap
from douane.inspector import onward
from douane.inspector.ahead import Ahead, Asked
from douane.inspector.budget import Budget, Overran
from douane.inspector.heavy import Work, worked
from douane.inspector.knowledge import Knowledge
from douane.inspector.pipeline import Detect, Inspected
from douane.inspector.settings import InspectorSettings
from douane.wire.crossing import Crossed

TRIES = 2
"""A message whose inspection failed so often is a gap."""


class Judging:
    """Inspects messages of at most `heavy_bytes`.

    `mark` is told the record of each that is inspected here, `emit` takes events for a console.
    """

    def __init__(
        self,
        settings: InspectorSettings,
        detect: Detect,
        knowledge: Knowledge,
        budget: Budget,
        *,
        ahead: Ahead | None,
        mark: Callable[[str], None],
        emit: Callable[[dict[str, Any]], None],
    ) -> None:
        self._settings = settings
        self._detect = detect
        self._knowledge = knowledge
        self._budget = budget
        self._ahead = ahead
        self._mark = mark
        self._emit = emit
        self._limits = Limits(fields=settings.max_fields)

    def is_heavy(self, crossed: Crossed) -> bool:
        """Whether a message is for the second process."""
        message = crossed.message
        return message is not None and (message.unread or crossed.size >= self._settings.heavy_bytes)

    def work(self, crossed: Crossed) -> Work:
        """What the inspection of a message needs to know; raises ValueError for what is none."""
        message = crossed.message
        if message is None:
            raise ValueError("nothing to inspect")
        out = crossed.route == onward.EGRESS
        return Work(
            message=message,
            schema=None if out else self._knowledge.tool(message.app, message.tool),
            declaration=self._knowledge.declaration(message.app),
            limits=self._limits,
            depth=self._settings.max_depth,
            onward=crossed.host if out else None,
        )

    def look_ahead(self, crossed: Crossed) -> None:
        """Have a message inspected beside what is done here, until `inspected` is asked for it."""
        if self._ahead is None or crossed.message is None or crossed.route == onward.EGRESS or self.is_heavy(crossed):
            return
        seconds = self._settings.budget_seconds
        self._ahead.ask(Asked((crossed.record_uid, crossed.part), self.work(crossed), crossed.size, seconds))

    def inspected(self, crossed: Crossed, seconds: float | None = None) -> Inspected | Gap:
        """What the message held, or why that is not known: it overran, or failed twice."""
        if self._ahead is not None:
            name = crossed.record_uid, crossed.part
            # While that one is in hand beside, the last of those that wait is nobody's.
            while self._ahead.waits(name) and (spare := self._ahead.spare()) is not None:
                self._mark(spare.name[0])
                self._ahead.keep(spare.name, self._here(spare.work, spare.size, spare.seconds))
                self._mark(crossed.record_uid)
            came = self._ahead.answer(name)
            if came is not None:
                return came
        return self._here(self.work(crossed), crossed.size, seconds or self._settings.budget_seconds)

    def forget(self) -> None:
        """Forget what was looked at ahead and not asked for; tell once of a process beside that is gone for good."""
        if self._ahead is not None:
            self._ahead.forget()
            if self._ahead.has_left():
                self._emit({"event": "warning", "code": "beside-ended", "app": "", "detail": ""})

    def stop(self) -> None:
        """End the process beside."""
        if self._ahead is not None:
            self._ahead.stop()

    def _here(self, work: Work, size: int, seconds: float) -> Inspected | Gap:
        failed = ""
        for _ in range(TRIES):
            try:
                with self._budget.of(seconds):
                    return worked(work, self._detect)
            except Overran:
                return Gap("overran", size=size)
            except Exception as error:  # noqa: BLE001 - any bug becomes a gap; its text may hold a value, its type does not
                failed = type(error).__name__
        return Gap("crashed", detail=failed, size=size)

    def sure(self, inspected: Inspected) -> Inspected:
        """What was found, without what does not reach the threshold of its category."""
        least = self._settings.least
        kept = tuple([one for one in inspected.judged if one.finding.score >= least(one.finding.category)])
        return inspected if len(kept) == len(inspected.judged) else replace(inspected, judged=kept)
