"""The keys that sign checkpoints: a master key that was replaced signs none of what came after it."""

import base64
import random
from contextlib import closing
from pathlib import Path

import pytest
from attacking import said
from chained import DAY, START, Chained, Kept, history

from douane.cli.anchor import checkpoint_of
from douane.ledger.checkpoint import ORIGIN, sign
from douane.ledger.collapse import purged
from douane.ledger.epochs import begin
from douane.ledger.keys import Master, renewed
from douane.ledger.purge import Purge
from douane.ledger.query import open_ledger
from douane.ledger.retention import Policy
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.verify_anchors import segments_of

LATER = START + 20 * DAY


class Rotated:
    """A ledger whose master key was renewed twice: `size` segments before, two with each rotation."""

    def __init__(self, folder: Path) -> None:
        made = history(folder, random.Random(3), steps=1)
        self.first = Master(made.master)
        self.second = renewed(self.first)
        self.third = renewed(self.second)
        self.now = LATER
        self.size = len(segments_of(made.path)[1])
        for master in (self.second, self.third):
            begin(made.path, Sealer(master), master=master, clock=self.clock)
            self.close(made.path, master)
        lines = "".join(f"{base64.b64encode(one).decode()}\n" for one in (self.third, self.second, made.master))
        made.key_file.write_text(lines)
        self.ledger = Chained(made.path, self.third, made.key_file, Kept())
        self.note = folder / "note"

    def clock(self) -> float:
        """A minute later at each look."""
        self.now += 60
        return self.now

    def close(self, path: Path, master: bytes) -> None:
        """Close a segment with something in it."""
        with Ledger(path, sealer=Sealer(master), clock=self.clock) as ledger:
            ledger.add_run(at=self.now, version="2", config_sha256="")
            ledger.seal()

    def word(self, size: int, master: bytes) -> str:
        """What both verifiers say of a checkpoint of so many segments that was signed with this key alone."""
        end, leaves, _ = segments_of(self.ledger.path)
        key = Sealer(bytes(master)).note_key(end.name)
        self.note.write_text(str(sign(f"{ORIGIN}{end.name}", leaves[:size], key)))
        return said(self.ledger.path, self.ledger, [self.note]).word


@pytest.fixture
def rotated(tmp_path: Path) -> Rotated:
    return Rotated(tmp_path)


@pytest.mark.promise("retired-key-refused")
def test_each_master_key_signs_the_checkpoints_of_its_time_alone(rotated: Rotated) -> None:
    masters = (rotated.first, rotated.second, rotated.third)
    sizes = range(rotated.size + 5)
    told = {size: [rotated.word(size, master) for master in masters] for size in sizes}
    holds = {size: 0 if size <= rotated.size else 1 if size <= rotated.size + 2 else 2 for size in sizes}
    assert told == {size: ["INTACT" if at == whose else "FORKED" for at in range(3)] for size, whose in holds.items()}


def test_a_checkpoint_is_signed_with_the_newest_key_and_refused_without_it(rotated: Rotated) -> None:
    note, leaves, public, keys = checkpoint_of(rotated.ledger.path, Sealer(rotated.third))
    assert note.size == len(leaves) == rotated.size + 4
    assert note.is_signed(public)
    assert public == keys.of(note.size) != keys.of(rotated.size)
    rotated.note.write_text(str(note))
    assert said(rotated.ledger.path, rotated.ledger, [rotated.note]).word == "INTACT"


@pytest.mark.promise("retired-key-refused")
def test_a_purge_does_not_bring_an_old_key_back(rotated: Rotated) -> None:
    path = rotated.ledger.path
    rotated.now += 90 * DAY
    with Purge(path, Sealer(rotated.third), Policy(keep="P30D"), who="a test", clock=rotated.clock) as work:
        while work.step():
            pass
    with closing(open_ledger(path)) as db:
        assert purged(db)[-1][1] == rotated.size + 4, "the events that told the keys have gone, and were told again"
        assert db.execute("SELECT count(*) FROM events WHERE kind = 'note-key'").fetchone() == (2,)
    assert said(path, rotated.ledger, []).word == "PURGED-BY-POLICY"
    size = len(segments_of(path)[1])
    assert [rotated.word(size, one) for one in (rotated.first, rotated.second)] == ["FORKED", "FORKED"]
    assert rotated.word(size, rotated.third) == "PURGED-BY-POLICY"
