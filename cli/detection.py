"""The configuration and the detectors for commands that look at messages without a ledger."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from douane.cli.exits import Exit, complain

if TYPE_CHECKING:
    from douane.cli.config import Config
    from douane.detectors.assembly import Assembly

DEFAULT_CONFIG = Path("config.yaml")


def configured(file: Path | None) -> "Config":
    """The configuration in `file`, else ./config.yaml, else the default; complains of its faults and exits with 2."""
    from douane.cli.config import Config, Errors, load_config

    if file is None and not DEFAULT_CONFIG.is_file():
        return Config()
    read = load_config(file or DEFAULT_CONFIG)
    if isinstance(read, Errors):
        complain(str(read))
        raise typer.Exit(Exit.USAGE)
    return read


def assembled(config: "Config", *, presidio: bool = True, loaded: bool = False) -> "Assembly":
    """The detectors that the configuration asks for, the user's own loaded where asked.

    Complains and exits with 2 where they cannot be put together.
    """
    from douane.detectors import registry
    from douane.detectors.assembly import Thresholds, assemble
    from douane.detectors.extensions import NotAssembledError

    detection = config.detection
    thresholds = Thresholds(detection.minimum_score, {**detection.thresholds, **config.detectors.thresholds})
    try:
        assembly = assemble(
            config.detectors,
            presidio=presidio and detection.presidio,
            everything=detection.free_text == "everything",
            thresholds=thresholds,
        )
        if loaded:
            registry.prepare([one.detector for one in assembly.sources if one.origin in ("plugin", "engine")])
    except NotAssembledError as error:
        complain(str(error))
        raise typer.Exit(Exit.USAGE) from None
    return assembly
