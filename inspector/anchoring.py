"""The anchors of the ledger that the inspector writes: kept up to date, and told of when they cannot be written."""

from collections.abc import Callable
from typing import Any

from douane.inspector.settings import InspectorSettings
from douane.ledger.anchors import FileAnchors
from douane.ledger.store import Ledger


class Anchoring:
    """Keeps the anchors that the settings ask for, none without a folder; `emit` takes events for a console."""

    def __init__(self, settings: InspectorSettings, emit: Callable[[dict[str, Any]], None]) -> None:
        self.anchors = None
        if settings.anchor_folder is not None:
            self.anchors = FileAnchors(settings.anchor_folder, syslog=settings.syslog)
        self._emit = emit

    def tend(self, ledger: Ledger) -> None:
        """Write what is due, and tell the console and the ledger of what could not be written."""
        if self.anchors is None:
            return
        self.anchors.tend()
        for one in self.anchors.failures():
            detail = f"{one.place}: {one.error}"
            self._emit({"event": "warning", "code": "unanchored", "app": "", "detail": detail})
            ledger.tell_unanchored(one.what, one.error)

    def close(self) -> None:
        """Write what is left, and show the last line, so that a person can keep it."""
        if self.anchors is None:
            return
        self.anchors.close()
        for one in self.anchors.failures():
            detail = f"{one.place}: {one.error}"
            self._emit({"event": "warning", "code": "unanchored", "app": "", "detail": detail})
        if self.anchors.last:
            self._emit({"event": "anchor", "line": self.anchors.last})
