"""A bar on standard error for whatever takes longer than a second, and nothing of it where there is no terminal."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

AFTER_SECONDS: Final = 1.0
"""What is done sooner shows no bar: it would only flash."""

type Told = Callable[[int, int], None]
"""Is told how much is done, and of how much; 0 of it where that is not known."""


@contextmanager
def progress(text: str) -> Iterator[Told]:
    """Show `text` with a bar once the block has taken a second; it runs to and fro until the block tells how far it is.

    The bar is taken away at the end. The block must ask nothing and write nothing to the terminal meanwhile.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield _nobody
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    if console.is_dumb_terminal:
        yield _nobody
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
    )
    shown = Progress(*columns, console=console, transient=True, expand=True)
    task = shown.add_task(text, total=None)
    over = threading.Event()
    lock = threading.Lock()

    def appear() -> None:
        with lock:
            if not over.is_set():
                shown.start()

    def told(done: int, total: int) -> None:
        shown.update(task, completed=min(done, total), total=total or None)

    timer = threading.Timer(AFTER_SECONDS, appear)
    timer.daemon = True
    timer.start()
    try:
        yield told
    finally:
        timer.cancel()
        with lock:
            over.set()
            shown.stop()


def _nobody(done: int, total: int) -> None:
    del done, total
