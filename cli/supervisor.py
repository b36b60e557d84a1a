"""Keeps the proxy and the inspector alive, and ends both with itself.

Each child gets its settings as one JSON line and the master key as a second line on its standard input, which then
stays open: when this process dies, the pipe closes and the child ends. Children speak JSON lines on standard output.
"""

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from douane.ledger.keys import encode

RESTARTS = 40
"""How often a child may be started again within `WINDOW_SECONDS` before Douane gives up."""
WINDOW_SECONDS = 60.0
CANNOT_START = (2, 3, 4)


@dataclass(slots=True)
class Child:
    """One process of ours: how to start it, and what it said."""

    name: str
    module: str
    settings: str = field(repr=False)
    master: bytes = field(repr=False)
    optimise: bool = True
    process: subprocess.Popen[bytes] | None = None
    starts: list[float] = field(default_factory=list)

    def start(self, said: "queue.Queue[tuple[str, dict[str, Any]]]") -> None:
        """Start the process and forward what it says to `said`; its end is said as `{"event": "ended"}`."""
        flags = ["-O"] if self.optimise else []
        process = subprocess.Popen(
            [sys.executable, *flags, "-m", self.module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self.process = process
        self.starts.append(time.monotonic())
        if process.stdin is not None:
            try:
                process.stdin.write(self.settings.encode() + b"\n" + encode(self.master).encode("ascii") + b"\n")
                process.stdin.flush()
            except BrokenPipeError:
                pass  # it died at once; its end is said below
        threading.Thread(target=self._listen, args=(process, said), daemon=True, name=self.name).start()

    def tell(self, line: str) -> None:
        """Write one more line to the child; a child that is gone hears nothing."""
        if self.process is not None and self.process.stdin is not None:
            try:
                self.process.stdin.write(line.encode() + b"\n")
                self.process.stdin.flush()
            except OSError:
                return

    def close(self) -> None:
        """Close the child's standard input: it finishes what it has in hand and ends."""
        if self.process is not None and self.process.stdin is not None:
            try:
                self.process.stdin.close()
            except OSError:
                return

    def wait(self, seconds: float, hurry: threading.Event | None = None) -> bool:
        """Wait for the end; kill the child when it takes longer, or once `hurry` is set. False when it was killed."""
        if self.process is None:
            return True
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not (hurry is not None and hurry.is_set()):
            try:
                self.process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            return True
        self.process.kill()
        self.process.wait()
        return False

    def may_restart(self) -> bool:
        """Whether the child may be started once more."""
        recent = [moment for moment in self.starts if time.monotonic() - moment < WINDOW_SECONDS]
        return len(recent) <= RESTARTS

    def _listen(self, process: subprocess.Popen[bytes], said: "queue.Queue[tuple[str, dict[str, Any]]]") -> None:
        if process.stdout is not None:
            for line in process.stdout:
                try:
                    event = json.loads(line)
                except ValueError:
                    continue  # not ours: a library that prints
                if isinstance(event, dict):
                    said.put((self.name, event))
        said.put((self.name, {"event": "ended", "code": process.wait(), "pid": process.pid}))


class Supervisor:
    """Starts the children, restarts the one that dies, and stops them in order: the proxy first, then the inspector."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = {child.name: child for child in children}
        self.said: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
        self._stopping = False

    def start(self) -> None:
        """Start every child."""
        for child in self.children.values():
            child.start(self.said)

    def next(self, seconds: float) -> tuple[str, dict[str, Any]] | None:
        """What a child said next, or None after `seconds`.

        A child that ended is started again and its end is told as `restarted`, or as `gone` when it dies too often.
        """
        try:
            name, event = self.said.get(timeout=seconds)
        except queue.Empty:
            return None
        if event.get("event") != "ended" or self._stopping:
            return name, event
        child = self.children[name]
        # A child that could not start at all (settings, port, folder) said why: starting it again helps nobody.
        if event.get("code") in CANNOT_START or not child.may_restart():
            return name, {**event, "event": "gone"}
        child.start(self.said)
        return name, {**event, "event": "restarted"}

    def rest(self) -> list[dict[str, Any]]:
        """What the children said until their end and nobody has asked for yet."""
        events: list[dict[str, Any]] = []
        while not self.said.empty():
            events.append(self.said.get()[1])
        return events

    def stop(self, seconds: float = 40.0, hurry: threading.Event | None = None) -> bool:
        """Stop the proxy, let the inspector work off what is recorded, stop it too.

        False when one had to be killed, after `seconds` or once `hurry` is set.
        """
        self._stopping = True
        gentle = True
        for child in self.children.values():
            child.close()
            gentle = child.wait(seconds, hurry) and gentle
        return gentle
