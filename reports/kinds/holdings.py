"""Where the ledger and what belongs to it lie, for a kind of document that takes them along."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from douane.ledger.sealing import Sealer


@dataclass(frozen=True, slots=True)
class Holdings:
    """The ledger's file, its anchors, what opens its seal (None without the key), and the apps' declaration files.

    `whole` says that whoever asked may take the whole ledger along, and asked for all apps. `version` is Douane's.
    """

    ledger: Path
    anchors: tuple[Path, ...] = ()
    sealer: Sealer | None = field(default=None, repr=False)
    declarations: Mapping[str, Path] = field(default_factory=dict[str, Path])
    whole: bool = False
    version: str = ""
