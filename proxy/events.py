"""What the proxy process says on its standard output: one JSON object a line."""

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_WARNING_INTERVAL_S = 1.0


class Events:
    """Writes event lines to a file descriptor and never blocks or raises: a line that cannot be written is dropped.

    Equal warnings (same code, app and detail) are written at most once a second; `count` says how many a line stands
    for.
    """

    def __init__(self, fd: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fd = fd
        self._clock = clock
        self._last: dict[tuple[str, str, str], float] = {}
        self._held: dict[tuple[str, str, str], int] = {}

    def emit(self, event: str, **values: Any) -> None:
        """Write one event line."""
        line = json.dumps({"event": event, **values}, separators=(",", ":")) + "\n"
        with suppress(OSError):
            os.write(self._fd, line.encode("utf-8"))

    def warn(self, code: str, app: str = "", detail: str = "") -> None:
        """Write a warning; `detail` holds words and figures of ours only, never something that crossed."""
        key = (code, app, detail)
        now = self._clock()
        if now - self._last.get(key, -_WARNING_INTERVAL_S) < _WARNING_INTERVAL_S:
            self._held[key] = self._held.get(key, 0) + 1
            return
        self._last[key] = now
        self.emit("warning", code=code, app=app, detail=detail, count=1 + self._held.pop(key, 0))
