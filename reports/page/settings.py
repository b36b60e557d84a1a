"""What the page is told when it starts: the ledger, who looks, in which role, and what it may write with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, Protocol

from douane.audit.declaration import Declaration
from douane.ledger.access import Scope
from douane.ledger.keys import Master
from douane.ledger.retention import Policy
from douane.ledger.sealing import Anchors, Sealer
from douane.reports.i18n import Lang
from douane.reports.kinds.in_force import InForce
from douane.reports.people import Under

type Role = Literal["admin", "dpo", "developer"]

EVERYONE: Final = frozenset[Role](("admin", "dpo", "developer"))
OFFICERS: Final = frozenset[Role](("admin", "dpo"))
"""Those who may look for persons, review findings and make documents of every app."""


class NotToldError(Exception):
    """A reading cannot be told in the ledger's chain, so nothing is shown; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks through the page, in which role; `apps` are those that a developer may look at (None: all)."""

    who: str = ""
    role: Role = "admin"
    why: str = ""
    apps: tuple[str, ...] | None = None

    def may_see(self, app: str) -> bool:
        """Whether this app is one of theirs."""
        return self.apps is None or app in self.apps


@dataclass(frozen=True, slots=True)
class Hands:
    """What writes to the ledger, and the key that makes pseudonyms."""

    master: Master = field(repr=False)
    sealer: Sealer
    anchors: Anchors | None = None


class Tell(Protocol):
    """Tells a reading in the chain and returns when; without a `why` it is told with the page's own."""

    def __call__(self, what: str, scope: Scope, who: str, why: str = "", /) -> str:
        """Tell it. Raises `NotToldError`."""
        ...


def _unrecorded(_what: str, _scope: Scope, _who: str, _why: str = "", /) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class PageSettings:
    """The page's world.

    `names` are the host names that it answers to, `port` where it listens, `shown` the name in the address it gives.
    `tell` tells a reading in the chain (what, of what, by whom where that is not the viewer, and why) and returns
    when (ISO 8601; empty where this ledger's readings are not recorded, as `recorded` says); it raises
    `NotToldError`. `hands` is None where nothing may be written. `say` gives a line to whoever started the page.
    `password` is what a session is opened with beside the one-time address, empty for none. `waivers` is the file
    of waivers, `anchors` the folder of the anchors. `egress` says of each configured app whether it has an egress
    listener, `in_force` what the configuration says, for the documents that speak of it. `sources` are the files of the
    declarations, for a review pack.
    """

    ledger: Path
    names: frozenset[str]
    port: int
    shown: str = "127.0.0.1"
    viewer: Viewer = Viewer()
    lang: Lang | None = None
    under: Under = field(default_factory=Under)
    tell: Tell = _unrecorded
    recorded: bool = False
    say: Callable[[str], None] = field(default=lambda _line: None, repr=False)
    hands: Hands | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)
    secure: bool = False
    spool: Path | None = None
    waivers: Path | None = None
    in_force: InForce | None = None
    anchors: Path | None = None
    retention: Policy | None = None
    declarations: Mapping[str, Declaration] = field(default_factory=dict[str, Declaration])
    sources: Mapping[str, Path] = field(default_factory=dict[str, Path])
    egress: Mapping[str, bool] = field(default_factory=dict[str, bool])

    @property
    def origin(self) -> str:
        """The scheme of the page's addresses."""
        return "https" if self.secure else "http"
