"""A ledger that is begun knowingly, as the command says it."""

from pathlib import Path

import pytest
from aged import MASTER, Years, call, fill

from douane.cli.run import begins
from douane.ledger.anchors import FileAnchors
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger


def test_where_nothing_was_displaced_it_is_said_that_nothing_was_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, folder = tmp_path / "data" / "douane.db", tmp_path / "anchors"
    fill(path, Years(), hours=1, calls=1)
    anchors = FileAnchors(folder)
    with Ledger(path, taxonomy="t-1", sealer=Sealer(MASTER), anchors=anchors) as ledger:
        ledger.append(call(200, "crm", "s", at=1_900_000_000.0))
    anchors.close()
    assert begins(path, folder, MASTER, "a new year")
    assert "nothing was displaced, and --new-ledger is told nowhere" in capsys.readouterr().err
    for side in ("", "-wal", "-shm"):
        Path(f"{path}{side}").unlink(missing_ok=True)
    assert begins(path, folder, MASTER, "a new year")
    said = capsys.readouterr().err
    assert "takes the place of the ledger" in said
    assert "told nowhere" not in said


def test_the_reason_names_one_remedy_and_when_the_other_is_right(tmp_path: Path) -> None:
    path, folder = tmp_path / "douane.db", tmp_path / "anchors"
    anchors = FileAnchors(folder)
    with Ledger(path, taxonomy="t-1", sealer=Sealer(MASTER), anchors=anchors) as ledger:
        ledger.append(call(1, "crm", "s", at=1_900_000_000.0))
    anchors.close()
    path.unlink()
    why = FileAnchors(folder).missed(str(path))
    assert why is not None
    assert "Put the right file back (from a copy with `douane restore`). Only if another ledger" in why
    assert why.count("right file") == 1
