"""A bar is shown on a terminal's standard error for what takes longer than a second, and nowhere else."""

import io
import os
import pty
import select
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from douane.cli import progress as bars
from douane.cli.progress import progress


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """Standard error is a terminal; what is written to it is collected."""
    ours, theirs = pty.openpty()
    seen: list[bytes] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            if select.select([ours], [], [], 0.05)[0]:
                seen.append(os.read(ours, 65536))

    reader = threading.Thread(target=read)
    reader.start()
    monkeypatch.setenv("TERM", "xterm-256color")
    with os.fdopen(theirs, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        try:
            yield seen
        finally:
            monkeypatch.undo()
            over.set()
            reader.join()
            os.close(ours)


def wait_for(seen: list[bytes], text: bytes) -> None:
    end = time.monotonic() + 60
    while text not in b"".join(seen):
        assert time.monotonic() < end, b"".join(seen)
        time.sleep(0.02)


def test_on_a_terminal_a_bar_appears_tells_how_far_it_is_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bars, "AFTER_SECONDS", 0.05)
    with terminal(monkeypatch) as seen:
        with progress("Counting") as told:
            wait_for(seen, b"Counting")
            told(1, 4)
            wait_for(seen, b"25%")
            told(0, 0)
        wait_for(seen, b"\x1b[?25h")  # the cursor is back


def test_what_is_done_at_once_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as seen:
        with progress("Counting") as told:
            told(1, 1)
        assert b"Counting" not in b"".join(seen)


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_elsewhere_nothing_is_shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None) -> None:
    monkeypatch.setattr(bars, "AFTER_SECONDS", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        with progress("Counting") as told:
            told(1, 2)
    assert stream is None or stream.getvalue() == ""


def test_an_exception_takes_the_bar_away_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bars, "AFTER_SECONDS", 0.05)
    with terminal(monkeypatch) as seen:

        def fail() -> None:
            with progress("Counting"):
                wait_for(seen, b"Counting")
                raise ValueError("enough")

        with pytest.raises(ValueError, match="enough"):
            fail()
        wait_for(seen, b"\x1b[?25h")
