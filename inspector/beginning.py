"""How the inspector begins on its ledger: under which seal, rules, profile and epoch."""

from collections.abc import Callable

from douane.audit import taxonomy
from douane.audit.rules.registry import load_all
from douane.inspector.settings import InspectorSettings
from douane.ledger.canonical import rules_digest
from douane.ledger.epochs import Pseudonyms
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger


def begun(settings: InspectorSettings, master: bytes, clock: Callable[[], float]) -> tuple[Ledger, int, Pseudonyms]:
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
    )
    run = ledger.add_run(
        at=clock(),
        version=settings.version,
        config_sha256=settings.config_sha256,
        rules_sha256=rules_digest((rule.id, rule.version) for rule in load_all()),
        profile=settings.profile,
        reason=settings.reason,
    )
    return ledger, run, Pseudonyms(settings.ledger, master, sealer, clock=clock)
