"""What the inspector process is told on its standard input."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from douane.audit import taxonomy
from douane.detectors.extensions import Extensions
from douane.ledger.retention import Policy


class AppSettings(BaseModel):
    """One app: its name, the files that say what it declared, and whether it has an egress listener."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)

    name: str
    declaration: Path | None = None
    tools: Path | None = None
    approved: Path | None = None
    upstream_host: str = ""
    route: str = "reverse"
    egress: bool = False


class InspectorSettings(BaseModel):
    """Where to read and write, and how much one message may cost.

    `budget_seconds` is wall-clock time for one message; `heavy_bytes` is the size from which a message is inspected in
    the second process, so that it delays nobody; `keep_seconds` is how long an uninspected record may stay; `retention`
    is how long the ledger keeps what, and `purge` whether what is over goes by itself; `stand_by` asks for a warm
    process of which the one that inspects is a fork.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)

    ledger: Path
    spool: Path
    apps: tuple[AppSettings, ...] = ()
    presidio: bool = True
    everything: bool = False
    languages: tuple[str, ...] = ("fr", "en")
    minimum_score: float = Field(default=0.4, ge=0, le=1)
    thresholds: Mapping[str, float] = {}
    detectors: Extensions = Extensions()
    durability: Literal["process", "power"] = "process"
    budget_seconds: float = Field(default=30.0, gt=0)
    heavy_bytes: int = Field(default=32_768, gt=0)
    keep_seconds: float = Field(default=900.0, gt=0, le=900.0)
    max_body_bytes: int = Field(default=16 * 1024 * 1024, gt=0)
    max_event_bytes: int = Field(default=16 * 1024 * 1024, gt=0)
    max_fields: int = Field(default=20_000, gt=0)
    max_depth: int = Field(default=128, gt=0)
    retention: Policy = Policy()
    purge: bool = True
    stand_by: bool = False
    anchor_folder: Path | None = None
    syslog: bool = False
    profile: Literal["dev", "audit", "monitor"] = "dev"
    reason: str = ""
    config_sha256: str = ""
    version: str = ""

    def least(self, category: str) -> float:
        """Return the score from which a finding counts: its category's threshold, or the nearest one's above it."""
        if not self.thresholds:
            return self.minimum_score
        covering = [key for key in self.thresholds if taxonomy.is_within(category, key)]
        return self.thresholds[max(covering, key=len)] if covering else self.minimum_score
