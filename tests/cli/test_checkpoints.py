"""`douane anchor` signs only what continues all that is known of a ledger; `douane verify` says what a purge took."""

import base64
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from aged import DAY, MASTER, Years, fill
from typer.testing import CliRunner, Result

from douane.cli.main import app
from douane.ledger.anchors import FileAnchors
from douane.ledger.purge import Purge
from douane.ledger.retention import Keep, Policy
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger

HEALTH = Policy(rules=(Keep("P1M", category="user.health_and_medical"),))
ALL = Policy(keep="P1M")


@dataclass(frozen=True, slots=True)
class Place:
    """A ledger of some closed segments, with its configuration and its anchors."""

    config: Path
    ledger: Path
    anchors: Path
    clock: Years

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--config", str(self.config)])

    def close(self) -> None:
        """Close another segment, its anchors with it."""
        anchors = FileAnchors(self.anchors)
        with Ledger(self.ledger, clock=self.clock, sealer=Sealer(MASTER), anchors=anchors) as ledger:
            ledger.seal()
        anchors.close()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    clock = Years()
    clock.now -= 40 * DAY
    folder, key = tmp_path / "data", tmp_path / "keys" / "master.key"
    fill(folder / "douane.db", clock, hours=2, calls=3)
    key.parent.mkdir(mode=0o700)
    key.touch(0o600)
    key.write_bytes(base64.b64encode(MASTER))
    config = tmp_path / "config.yaml"
    config.write_text(f"storage: {{folder: {folder}, key_file: {key}}}\n")
    return Place(config, folder / "douane.db", key.parent / "anchors", clock)


def test_no_checkpoint_is_made_of_an_older_copy_nor_over_a_further_one(place: Place, tmp_path: Path) -> None:
    place.close()
    copy = tmp_path / "copy.db"
    shutil.copyfile(place.ledger, copy)
    place.close()
    assert place("anchor").exit_code == 0
    (printed,) = place.anchors.glob("*.checkpoint")
    further = printed.read_bytes()
    shutil.copyfile(copy, place.ledger)
    ran = place("anchor")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "is TRUNCATED, and no checkpoint is made of it" in ran.stderr
    for one in (*place.anchors.glob("*.jsonl"), *place.anchors.glob("*.head")):
        one.unlink()
    ran = place("anchor")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "is a checkpoint of 5 segments that this ledger, with 4, does not continue" in ran.stderr
    assert printed.read_bytes() == further
    printed.write_text("no checkpoint")
    ran = place("anchor")
    assert (ran.exit_code, "move it away" in ran.stderr) == (2, True)


@pytest.mark.parametrize(("policy", "purged"), [(HEALTH, 0), (ALL, 3)])
def test_a_segment_is_said_to_have_no_events_only_where_a_purge_took_them(
    place: Place, policy: Policy, purged: int
) -> None:
    place.clock.now += 35 * DAY
    with Purge(place.ledger, Sealer(MASTER), policy, who="a test", clock=place.clock) as work:
        while work.step():
            pass
    said = place("verify").stdout
    assert said.startswith("PURGED-BY-POLICY")
    assert ("no events any more, by the retention rules" in said) == bool(purged)
    assert ("have lost their detail by the retention rules" in said) != bool(purged)
    assert json.loads(place("verify", "--format", "json").stdout)["segments"]["purged"] == purged
