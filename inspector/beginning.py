"""How the inspector begins on its ledger: under which seal, rules, profile and epoch."""

from collections.abc import Callable

from douane.audit import taxonomy
from douane.audit.rules.registry import load_all
from douane.inspector.settings import InspectorSettings
from douane.ledger.canonical import rules_digest
from douane.ledger.chain import About
from douane.ledger.epochs import Pseudonyms
from douane.ledger.sealing import Anchors, Sealer
from douane.ledger.store import Ledger
from douane.wire.assembler import Limits


def begun(
    settings: InspectorSettings, master: bytes, clock: Callable[[], float], anchors: Anchors | None = None
) -> tuple[Ledger, int, Pseudonyms]:
    """Return the opened ledger, the number of the run that it was told, and what makes pseudonyms.

    Raises `LedgerRefused` and `LedgerFailed`.
    """
    sealer = Sealer(master)
    ledger = Ledger(
        settings.ledger,
        taxonomy=taxonomy.VERSION,
        durability=settings.durability,
        clock=clock,
        sealer=sealer,
        anchors=anchors,
    )
    rules = rules_digest((rule.id, rule.version) for rule in load_all())
    run = ledger.add_run(
        at=clock(),
        version=settings.version,
        config_sha256=settings.config_sha256,
        rules_sha256=rules,
        profile=settings.profile,
        reason=settings.reason,
    )
    about = About(taxonomy.VERSION, settings.config_sha256, rules, settings.version)
    pseudonyms = Pseudonyms(settings.ledger, master, sealer, about=about, anchors=anchors, clock=clock)
    return ledger, run, pseudonyms


def wire_limits(settings: InspectorSettings) -> Limits:
    """Return how much of a message is decoded."""
    return Limits(
        depth=settings.max_depth,
        skim=settings.heavy_bytes,
        body=settings.max_body_bytes,
        event=settings.max_event_bytes,
    )
