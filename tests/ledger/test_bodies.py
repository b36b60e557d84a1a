import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from aged import Years, fill

from douane.ledger.access import accesses, last_profile
from douane.ledger.epochs import in_force
from douane.ledger.jumped import jumped
from douane.ledger.purge import due
from douane.ledger.refused import LedgerRefused
from douane.ledger.retention import Policy

NOW = 2_000_000_000.0
READERS: dict[str, tuple[Callable[[Any], object], ...]] = {
    "purge": (lambda db: due(db, Policy(), NOW), lambda db: jumped(db, Policy(), NOW)),
    "access": (accesses,),
    "start": (last_profile,),
    "epoch": (in_force,),
}


def test_a_body_that_is_none_is_refused_by_the_number_of_its_event_and_never_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "douane.db"
    fill(path, Years(), hours=1, calls=1)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for kind, readers in READERS.items():
            for body in ("{", "[]", "1", '{"segments":1}', '{"segments":[[1]]}', '{"epoch":[]}', "[" * 100_000):
                if (kind, body[:2]) == ("start", '{"'):
                    continue  # a start of before there were profiles says none
                db.execute("INSERT INTO events VALUES (999, ?, NULL, ?, zeroblob(32))", (kind, body))
                for reader in readers:
                    with pytest.raises(LedgerRefused, match=rf"event 999 \({kind}\) .*run `douane verify`"):
                        reader(db)
                db.execute("DELETE FROM events WHERE seq = 999")
