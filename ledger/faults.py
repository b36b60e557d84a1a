"""Points at which a test may end this process as a crash would. Nothing happens unless `DOUANE_FAULT` names one.

`append` and `close-segment` are before the commit of an append to the chain and of the closing of a segment; `expire`,
`collapse` and `erase` after rows were changed and before that is told, `expired`, `collapsed` and `erased` after the
commit; `vacuum` and `checkpoint` while bytes leave the files; `restore` and `restored` before and after a copy gets the
ledger's name.
"""

import os
import signal
from typing import Final

VARIABLE: Final = "DOUANE_FAULT"
_reached = 0


def point(name: str) -> None:
    """End this process at once (SIGKILL) if the environment asks for a crash here: `name`, or `name:n` for the nth."""
    wanted = os.environ.get(VARIABLE)
    if wanted:
        _reach(name, wanted)


def _reach(name: str, wanted: str) -> None:
    global _reached
    named, _, nth = wanted.partition(":")
    if named == name:
        _reached += 1
        if _reached >= int(nth or 1):
            os.kill(os.getpid(), signal.SIGKILL)
