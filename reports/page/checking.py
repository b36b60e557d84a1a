"""Verifying the chain from the page: in a process of its own, with what it takes handed over through a pipe."""

from dataclasses import dataclass, field
from pathlib import Path

from douane.ledger import keys
from douane.ledger.anchors import files_of, text_in
from douane.ledger.checkpoint import Note
from douane.ledger.sealing import Sealer
from douane.ledger.verify import verify
from douane.ledger.verify_anchors import Anchor, read_anchors
from douane.ledger.verify_file import number_of
from douane.ledger.verify_words import Verified
from douane.reports.page.jobs import Tell
from douane.reports.page.settings import PageSettings

SORT = "verify"


@dataclass(frozen=True, slots=True)
class Checking:
    """What verifying takes: the ledger's file, the folder of its anchors (empty: none), and the master key as text."""

    ledger: str
    anchors: str = ""
    master: str = field(default="", repr=False)


def checking_of(settings: PageSettings) -> Checking:
    """What verifying this page's ledger takes."""
    hands = settings.hands
    return Checking(
        str(settings.ledger),
        "" if settings.anchors is None else str(settings.anchors),
        "" if hands is None else keys.encode(hands.master),
    )


def anchors_of(checking: Checking) -> list[Anchor | Note]:
    """The anchors of this ledger; raises `Unreadable`. They are read before the ledger, which may go on meanwhile."""
    if not checking.anchors:
        return []
    found: list[Anchor | Note] = []
    for one in files_of(Path(checking.anchors), number_of(Path(checking.ledger))):
        found += read_anchors(text_in(one), str(one))
    return found


def sealer_of(checking: Checking) -> Sealer | None:
    """What opens the open segment's seal; None where there is no key."""
    return Sealer(keys.decode(checking.master)) if checking.master else None


def check(tell: Tell, checking: Checking) -> Verified:
    """Verify the ledger. Raises `Unreadable`."""
    return verify(Path(checking.ledger), sealer=sealer_of(checking), anchors=anchors_of(checking), progress=tell)
