"""The second process for heavy messages: reads work from its parent's pipe, answers, ends with the pipe."""

import os
import sys

from douane.detectors import registry
from douane.inspector.heavy import Work, receive, send
from douane.inspector.pipeline import inspect


def main() -> None:
    """The child's loop: ends when its parent's pipe does."""
    os.nice(5)
    pipe_in, pipe_out = sys.stdin.buffer, sys.stdout.buffer
    detectors = registry.load_all(presidio=sys.argv[1:] != ["0"])
    while isinstance(work := receive(pipe_in), Work):
        send(
            pipe_out,
            inspect(
                work.message,
                lambda fields, context: registry.detect(fields, context, detectors),
                schema=work.schema,
                declaration=work.declaration,
                limits=work.limits,
            ),
        )


if __name__ == "__main__":
    main()
