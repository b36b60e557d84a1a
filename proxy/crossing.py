"""What the proxy knows of one HTTP exchange while it lasts."""

from dataclasses import dataclass, field
from enum import Enum

from douane.proxy.routes import App

METADATA_KEY = "douane"
HOST_KEY = "douane-host"
"""Where a flow keeps its crossing, and the host under which the client asked."""
EGRESS = "egress"
"""The route of what an app sends out itself."""


class Concern(Enum):
    """Whether an exchange is MCP."""

    MCP = 1
    UNKNOWN = 2  # decided by the answer
    NONE = 3  # OAuth, forms, discovery: never recorded


@dataclass(slots=True)
class Crossing:
    """One HTTP exchange between a client and an app, from its request head to the end of its answer."""

    app: App
    flow: str
    route: str
    host: str
    target: str = field(repr=False)
    path: str = field(repr=False)
    path_class: str
    elsewhere: bool = False
    own: bool = False
    takes_messages: bool = False
    called_a_form: bool = False
    concern: Concern = Concern.UNKNOWN
    recorded: bool = False
    refused: bool = False
    request_streamed: bool = False
    stream_recorded: bool = False
    answer_truncated: bool = False
    answered: bool = False
    cut: bool = False
    finished: bool = False
    failed_side: str = ""
    seq: int = 0
    bytes_up: int = 0
    bytes_down: int = 0

    @property
    def no_mcp(self) -> bool:
        """Whether no answer can show it to be MCP; what an app sends out is known by its request alone."""
        return self.concern is Concern.NONE or (self.route == EGRESS and self.concern is Concern.UNKNOWN)

    @property
    def where(self) -> dict[str, str]:
        """Route and host of what an app sends out itself, for records that may outlive that of the request."""
        return {"route": self.route, "host": self.host} if self.route == EGRESS else {}
