"""The inspector keeps its ledger's anchors, says so when it cannot, and shows the last line when it ends."""

import json
from pathlib import Path
from typing import Any

import pytest

from douane.audit import taxonomy
from douane.inspector.anchoring import Anchoring
from douane.inspector.settings import InspectorSettings
from douane.ledger.anchors import latest
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.verify import verify
from douane.ledger.verify_anchors import read_anchors
from douane.ledger.verify_words import Word

MASTER = bytes(range(32))
AT = 1_790_000_000.0


class Post:
    """A ledger with its anchors, and what was told of them."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.path = folder / "douane.db"
        self.told: list[dict[str, Any]] = []
        given = InspectorSettings(ledger=self.path, spool=folder / "spool.db", **settings)
        self.anchoring = Anchoring(given, self.told.append)
        self.ledger = Ledger(
            self.path, taxonomy=taxonomy.VERSION, sealer=Sealer(MASTER), anchors=self.anchoring.anchors
        )

    def close(self) -> None:
        """End as the inspector does."""
        self.ledger.seal()
        self.anchoring.close()
        self.ledger.close()


def test_the_last_line_is_shown_at_the_end_and_every_anchor_holds(tmp_path: Path) -> None:
    folder = tmp_path / "keys" / "anchors"
    post = Post(tmp_path, anchor_folder=folder)
    post.ledger.add_app("crm", at=AT)
    post.anchoring.tend(post.ledger)
    post.close()
    (event,) = post.told
    said = verify(post.path, sealer=Sealer(MASTER))
    assert event["event"] == "anchor"
    assert json.loads(event["line"]) == {
        **json.loads(event["line"]),
        "head": said.head, "ledger": said.ledger, "seq": said.seq, "file": str(post.path),
    }  # fmt: skip
    lines = [one for file in folder.iterdir() for one in read_anchors(file.read_text(), "")]
    held = verify(post.path, sealer=Sealer(MASTER), anchors=[*lines, *read_anchors(event["line"], "")])
    assert (held.word, held.anchors, held.anchors_held) == (Word.INTACT, 3, 3)
    assert getattr(latest(folder, said.ledger), "seq", 0) == said.seq


@pytest.mark.promise("anchors-never-stop")
def test_an_anchor_that_cannot_be_written_is_warned_of_and_chained_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "anchors").write_text("a file in the way")
    post = Post(tmp_path, anchor_folder=tmp_path / "anchors")
    post.ledger.add_app("crm", at=AT)
    post.anchoring.tend(post.ledger)
    post.anchoring.tend(post.ledger)
    post.ledger.add_app("travel", at=AT)
    (warning,) = post.told
    assert (warning["event"], warning["code"]) == ("warning", "unanchored")
    assert str(tmp_path / "anchors") in warning["detail"]
    rows = post.ledger._db.execute("SELECT body FROM events WHERE kind = 'unanchored'").fetchall()
    assert [(json.loads(body)["what"], json.loads(body)["error"]) for (body,) in rows] == [("head", "File exists")]
    post.close()
    assert verify(post.path, sealer=Sealer(MASTER)).word is Word.INTACT


@pytest.mark.parametrize("syslog", [True, False])
def test_without_a_folder_there_are_no_anchors(tmp_path: Path, syslog: bool) -> None:
    post = Post(tmp_path, syslog=syslog)
    post.ledger.add_app("crm", at=AT)
    post.anchoring.tend(post.ledger)
    post.close()
    assert post.told == []
    assert post.anchoring.anchors is None
