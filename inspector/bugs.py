"""What a bug may say: its kind and place. Its text could hold a value that crossed, so it is never printed."""

import os
import sys
import traceback
from types import TracebackType


def tell_bugs_without_values() -> None:
    """Print uncaught exceptions as type and places in the code from now on; `DOUANE_TRACEBACK=1` prints everything."""
    if os.environ.get("DOUANE_TRACEBACK") != "1":
        sys.excepthook = tell


def tell(kind: type[BaseException], _error: BaseException, at: TracebackType | None) -> None:
    """One line for the exception, one for each place in the code."""
    if issubclass(kind, KeyboardInterrupt):
        return
    places = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(at)]
    sys.stderr.write(
        f"douane: a bug, {kind.__name__}. Its text is withheld, since it may hold what crossed; "
        "DOUANE_TRACEBACK=1 shows it.\n" + "\n".join(places) + "\n"
    )
