"""What is known of one HTTP exchange while it lasts. Pure module: no I/O."""

from collections import deque
from dataclasses import dataclass, field

from douane.wire.session import scope_of
from douane.wire.stream import Stream


@dataclass(slots=True)
class Flow:
    """One HTTP exchange of an app.

    `known` is true when its request was seen; `listens` when that was a GET for an event stream; `legacy` when it
    belongs to the 2024-11-05 transport; `root` is the flow whose stream it resumes, if any; `resumable` is true once
    its stream gave event ids. `context` are records that are needed as long as the flow lasts; `passed` the messages of
    its stream that are not yet known to have been delivered: the number of the piece that completed them, and their
    record. `route` and `host` are what the proxy says of it.
    """

    app: str
    name: str
    known: bool = False
    verb: str = ""
    listens: bool = False
    session: str = ""
    credential: str = ""
    own: bool = False
    legacy: bool = False
    revision: str = ""
    root: str = ""
    status: int | None = None
    stream: Stream | None = None
    resumable: bool = False
    route: str = "reverse"
    host: str = field(default="", repr=False)
    context: list[str] = field(default_factory=list)
    passed: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=10_000))

    @property
    def scope(self) -> str:
        """The scope of JSON-RPC ids beyond this flow, "" when there is none."""
        scope = scope_of(self.session, self.credential)
        return f"egress {scope}" if scope and self.route == "egress" else scope

    @property
    def transport(self) -> str:
        """`json`, `sse`, `get-sse` or `legacy-sse`."""
        if self.legacy:
            return "legacy-sse"
        if self.stream is None:
            return "get-sse" if self.listens and self.status is None else "json"
        return "get-sse" if self.verb == "GET" else "sse"
