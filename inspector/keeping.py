"""The scheduled purge: what the retention rules say is over goes while there is nothing to inspect."""

import time
from collections.abc import Callable
from typing import Any, Final

from douane.audit import taxonomy
from douane.audit.rules.registry import load_all
from douane.inspector.settings import InspectorSettings
from douane.ledger.canonical import rules_digest
from douane.ledger.chain import About
from douane.ledger.failed import LedgerFailed
from douane.ledger.jumped import jumped_in
from douane.ledger.purge import Purge
from douane.ledger.refused import LedgerRefused
from douane.ledger.sealing import Anchors, Sealer

FIRST_SECONDS: Final = 60.0
"""After the start: somebody who starts Douane for a quarter of an hour a day has the rules kept too."""
EVERY_SECONDS: Final = 6 * 3600.0
_OVERDUE_SECONDS: Final = 3600.0
_WAIT_SECONDS: Final = 0.2
_PACE_SECONDS: Final = 0.005
_SLOW_SECONDS: Final = 0.25
_READER_SECONDS: Final = 1.0
_SWEEPS: Final = 2_000
WHO: Final = "douane run"


class Keeping:
    """Does one small piece of a purge at a time, between the inspector's turns.

    `clock` gives Unix time and `pace` seconds that only grow; `emit` takes events for a console.
    """

    def __init__(
        self,
        settings: InspectorSettings,
        master: bytes,
        *,
        anchors: Anchors | None,
        emit: Callable[[dict[str, Any]], None],
        clock: Callable[[], float] = time.time,
        pace: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._sealer = Sealer(master)
        self._anchors = anchors
        self._emit = emit
        self._clock = clock
        self._pace = pace
        self._due = pace() + FIRST_SECONDS
        self._next = 0.0
        self._sweeps = 0
        self._purge: Purge | None = None

    def step(self, *, idle: bool) -> bool:
        """Do the next piece if one is due; false if there was nothing to do.

        Where there is always something to inspect, a purge that is an hour late is done all the same, more slowly. What
        goes wrong is told and tried again with the next purge; so is a clock that may have jumped, since what a purge
        takes cannot be had back.
        """
        now = self._pace()
        if not self._settings.purge or now < self._due or now < self._next:
            return False
        if not idle and now < self._due + _OVERDUE_SECONDS:
            return False
        try:
            if self._purge is None:
                jump = jumped_in(self._settings.ledger, self._settings.retention, self._clock())
                if jump is not None:
                    self._emit({"event": "warning", "code": "clock-ahead", "app": "", "detail": str(jump)})
                    self.close()
                    return True
                self._purge = self._begun()
            purge = self._purge
            more = purge.step()
        except (LedgerFailed, LedgerRefused) as error:
            self._emit({"event": "warning", "code": "purge-failed", "app": "", "detail": str(error)})
            self.close()
            return True
        self._sweeps += purge.sweeping
        pause = _READER_SECONDS if self._sweeps > _SWEEPS else _PACE_SECONDS if idle else _SLOW_SECONDS
        self._next = now + pause
        if not more:
            if purge.done:
                done = purge.done
                rows = done.exchanges + done.disclosures
                self._emit({"event": "purged", "segments": done.segments, "events": done.events, "details": rows})
            self.close()
        return True

    def close(self) -> None:
        """Break off what is going on, at the end of a piece; what is left goes with the next purge."""
        if self._purge is not None:
            self._purge.close()
        self._purge, self._sweeps, self._due = None, 0, self._pace() + EVERY_SECONDS

    def _begun(self) -> Purge:
        rules = rules_digest((rule.id, rule.version) for rule in load_all())
        return Purge(
            self._settings.ledger,
            self._sealer,
            self._settings.retention,
            who=WHO,
            about=About(taxonomy.VERSION, self._settings.config_sha256, rules, self._settings.version),
            anchors=self._anchors,
            clock=self._clock,
            wait=_WAIT_SECONDS,
            over_jump=False,
        )
