"""The second process for heavy messages: reads work from its parent's pipe, answers, ends with the pipe."""

import os
import sys

from douane.inspector.bugs import tell_bugs_without_values
from douane.inspector.heavy import READY, Setup, Work, receive, send, worked
from douane.inspector.warm import warm_detect


def main() -> None:
    """The child's loop: ends when its parent's pipe does."""
    tell_bugs_without_values()
    os.nice(5)
    pipe_in, pipe_out = sys.stdin.buffer, sys.stdout.buffer
    setup = receive(pipe_in)
    if not isinstance(setup, Setup):
        return
    detect, _ = warm_detect(presidio=setup.presidio, everything=setup.everything, given=setup.given)
    send(pipe_out, READY)
    while isinstance(work := receive(pipe_in), Work):
        send(pipe_out, worked(work, detect))


if __name__ == "__main__":
    main()
