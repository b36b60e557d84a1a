"""A restore that is told with a moment which had not come when its segment was signed is pointed out."""

from pathlib import Path

import pytest
from chained import MASTER

from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.times import iso
from douane.ledger.verify import verify
from douane.ledger.verify_words import Word
from douane.ledger.writing import writing

NOW = 1_790_000_000.0
SEALER = Sealer(MASTER)


@pytest.mark.parametrize(("later", "told"), [(3600.0, True), (0.0, False)])
def test_a_restore_of_after_its_segment_was_closed_is_a_note_and_no_fault(
    tmp_path: Path, later: float, told: bool
) -> None:
    path = tmp_path / "douane.db"
    with Ledger(path, taxonomy="t-1", sealer=SEALER, clock=lambda: NOW) as ledger:
        ledger.add_app("crm", at=NOW)
    body = {"at": iso(NOW + later), "who": "ada", "reason": "the disk broke", "copy": 1, "seq": 9, "head": "00" * 32}
    with writing(path, SEALER, clock=lambda: NOW) as (_, chain):
        chain.tell("restored", body)
    with Ledger(path, taxonomy="t-1", sealer=SEALER, clock=lambda: NOW) as ledger:
        ledger.seal()
    said = verify(path, sealer=SEALER)
    assert said.word is Word.INTACT
    assert (
        any(f"a restored copy at {iso(NOW + later)}, and was signed at {iso(NOW)}" in one for one in said.notes) is told
    )
