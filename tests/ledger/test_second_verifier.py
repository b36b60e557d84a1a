"""The second verifier: what it says, what it needs, and what a hostile file cannot make it do."""

import ast
import base64
import json
import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path

import pytest
from attacking import Attacked, image
from chained import READING, START, Chained, chained, history
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from douane.ledger.data import verify_ledger
from douane.ledger.data.verify_ledger import Unreadable, verify
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.times import iso
from douane.ledger.writing import writing

PROGRAM = Path(verify_ledger.__file__)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Chained:
    return chained(tmp_path_factory.mktemp("made"))


@pytest.fixture
def attacked(made: Chained, tmp_path: Path) -> Attacked:
    return Attacked(made, tmp_path)


@pytest.mark.promise("second-verifier")
def test_it_needs_only_the_standard_library_and_cryptography() -> None:
    tree = ast.parse(PROGRAM.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    roots = {name.split(".")[0] for name in names}
    assert roots - sys.stdlib_module_names == {"cryptography"}
    assert "importlib" not in roots
    assert "__import__" not in PROGRAM.read_text()


def run(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a copy of the program by itself, in a folder where nothing of Douane is."""
    program = folder / "verify_ledger.py"
    program.write_bytes(PROGRAM.read_bytes())
    return subprocess.run(
        [sys.executable, "-W", "error", program, *map(str, arguments)],
        cwd=folder, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.mark.promise("second-verifier")
def test_the_program_says_word_counts_and_what_it_did_not_check(made: Chained, tmp_path: Path) -> None:
    path = tmp_path / "copy.db"
    path.write_bytes(image(made.path))
    anchors = made.anchors.write(tmp_path)
    with closing(sqlite3.connect(path)) as db:
        ledger, events, closed = db.execute("SELECT ledger, seq, segment - 1 FROM chain").fetchone()
        (first,) = db.execute("SELECT first_seq FROM open_segment").fetchone()
    whole = run(tmp_path, path, "--key-file", made.key_file, *(one for name in anchors for one in ("--anchor", name)))
    assert (whole.returncode, whole.stderr) == (0, "")
    assert whole.stdout == f"INTACT\nledger {ledger}: {closed}/{closed} segments, {events}/{events} events\n"
    without = run(tmp_path, path, "--json")
    assert without.returncode == 0
    assert json.loads(without.stdout) == {
        "word": "INTACT", "ledger": ledger, "segments": {"hold": closed, "of": closed},
        "events": {"hold": events, "of": events}, "words": {}, "findings": [], "remarks": [],
        "unchecked": [f"the MAC of the open segment, for want of the master key: {events - first + 1} events"],
    }  # fmt: skip


def test_the_program_says_where_and_exits_by_the_word(attacked: Attacked, tmp_path: Path) -> None:
    path = attacked.changed(lambda db: db.execute("UPDATE gaps SET count = 9 WHERE id = 1"))
    with closing(sqlite3.connect(path)) as db:
        (seq,) = db.execute("SELECT seq FROM events WHERE kind = 'gap' AND row = 1").fetchone()
    said = run(tmp_path, path)
    assert said.returncode == 1
    assert said.stdout.splitlines()[0] == "ALTERED"
    assert f"  ALTERED: segment 1, gaps 1, event {seq} (gap): row and leaf do not agree" in said.stdout
    assert run(tmp_path, attacked.changed(lambda db: db.execute("DROP TABLE chain"))).returncode == 2
    assert (
        run(tmp_path, tmp_path / "nothing").stderr
        == f"verify_ledger.py: {tmp_path / 'nothing'}: there is no such file\n"
    )


def test_it_makes_no_file_beside_the_ledger_and_reads_a_running_one(tmp_path: Path) -> None:
    lone = history(tmp_path / "lone", random.Random(2), steps=1)
    before = sorted(one.name for one in lone.path.parent.iterdir())
    assert verify(lone.path, lone.key_file).word == "INTACT"
    assert sorted(one.name for one in lone.path.parent.iterdir()) == before
    with Ledger(lone.path, sealer=Sealer(lone.master), anchors=lone.anchors) as ledger:
        ledger.add_run(at=4_100_000_000.0, version="1.1", config_sha256="f" * 64)
        check = verify(lone.path, lone.key_file, lone.anchors.write(tmp_path))
    assert (check.word, check.held) == ("INTACT", lone.anchors.standing["seq"])


def test_a_ledger_that_was_never_sealed_is_altered_unless_it_is_empty(tmp_path: Path) -> None:
    with Ledger(tmp_path / "a.db") as ledger:
        assert verify(tmp_path / "a.db").word == "INTACT"
        ledger.add_run(at=4_000_000_000.0, version="1", config_sha256="")
    check = verify(tmp_path / "a.db")
    assert [(one.word, one.what) for one in check.findings] == [("ALTERED", "never sealed")]


def test_a_wrong_key_is_told(made: Chained, tmp_path: Path) -> None:
    key = tmp_path / "other.key"
    key.write_text("//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=\n")
    assert [one.what for one in verify(made.path, key).findings] == ["does not open with this master key"]
    key.write_text(key.read_text() + made.key_file.read_text())
    assert verify(made.path, key).word == "INTACT", "one of the keys that were replaced"


@pytest.mark.parametrize("text", ["", "no key", "AAAA\n", '{"format":"douane-locked-key/1"}\n'])
def test_what_is_no_key_cannot_be_read(made: Chained, tmp_path: Path, text: str) -> None:
    key = tmp_path / "bad.key"
    key.write_text(text)
    with pytest.raises(Unreadable, match="key"):
        verify(made.path, key)


@pytest.mark.parametrize(
    "text",
    [
        "no anchor", "{}", "[1]", '{"seq":"1"}', '{"at":"x","head":"zz","ledger":"y","seq":1}', "douane/x\n",
        "douane/x\n-1\nAA==\n\n",
    ],
)  # fmt: skip
def test_what_is_no_anchor_cannot_be_read(made: Chained, tmp_path: Path, text: str) -> None:
    anchor = tmp_path / "anchor"
    anchor.write_text(text)
    with pytest.raises(Unreadable):
        verify(made.path, None, [anchor])


def test_a_restored_copy_tells_its_anchors_of_the_history_that_was_left(tmp_path: Path) -> None:
    made = history(tmp_path, random.Random(4), steps=1)
    old, sealer, later = tmp_path / "old.db", Sealer(made.master), START + 4000
    old.write_bytes(image(made.path))
    copy = made.anchors.standing["seq"]
    for number in range(3):
        with writing(made.path, sealer, anchors=made.anchors, clock=lambda: later) as (_, chain):
            chain.tell("access", {**READING, "at": iso(later), "what": str(number)})
    anchors, left = made.anchors.write(tmp_path), made.anchors.standing
    assert verify(old, made.key_file, anchors).word == "TRUNCATED"
    with writing(old, sealer, clock=lambda: later) as (_, chain):
        body = {"at": iso(later + 60), "who": "x", "reason": "a test", "copy": copy, "seq": left["seq"]}
        chain.tell("restored", {**body, "head": left["head"]})
    with Ledger(old, sealer=sealer, clock=lambda: later + 60) as ledger:
        ledger.seal()  # as late as it says, however long that is after today
    check = verify(old, made.key_file, anchors)
    told = f"{anchors[1]}, line 1: event {left['seq']} of the history that was left for a restored copy"
    assert (check.word, check.remarks) == ("INTACT", [told])
    assert verify(made.path, made.key_file, anchors).word == "INTACT"


# RFC 6962's test vectors, as certificate-transparency/merkletree/merkle_tree_test.cc has them
VECTORS = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def test_the_root_is_rfc_6962s() -> None:
    entries = [bytes.fromhex(one) for one in VECTORS]
    assert [verify_ledger._root(entries[:size]).hex() for size in range(9)] == list(ROOTS)


def checkpoint(made: Chained, size: int, *, private: Ed25519PrivateKey | None = None, root: bytes = b"") -> str:
    """A note made here from the page: the root over that many segments, signed by the note key or another."""

    with closing(sqlite3.connect(made.path)) as db:
        (ledger,) = db.execute("SELECT ledger FROM chain").fetchone()
        rows = db.execute(
            f"SELECT {verify_ledger.SIGNED}, signature FROM segments ORDER BY number LIMIT ?", (size,)
        ).fetchall()
    entries = [b"douane-segment/1\0" + verify_ledger.enc(ledger, *row[:-1]) + row[-1] for row in rows]
    key = private or Ed25519PrivateKey.from_private_bytes(verify_ledger.derive(made.master, "ledger note", ledger))
    name = f"douane/{ledger}"
    text = f"{name}\n{size}\n{base64.b64encode(root or verify_ledger._root(entries)).decode()}\n"
    number = sha256(name.encode() + b"\n\x01" + key.public_key().public_bytes_raw()).digest()[:4]
    return f"{text}\n— {name} {base64.b64encode(number + key.sign(text.encode())).decode()}\n"


def test_checkpoints(made: Chained, tmp_path: Path) -> None:
    note = tmp_path / "note"

    def said(text: str, size_after: str = "") -> str:
        note.write_text(text + size_after)
        return verify(made.path, made.key_file, [note]).word

    assert said(checkpoint(made, 3)) == said(checkpoint(made, 1)) == "INTACT"
    assert said(checkpoint(made, 3), "— witness.example AAAAAAAA\n") == "INTACT"
    assert said(checkpoint(made, 3, private=Ed25519PrivateKey.generate())) == "FORKED"
    assert said(checkpoint(made, 3, root=bytes(32))) == "FORKED"
    assert said(checkpoint(made, 99)) == "TRUNCATED"


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000, '{"at":' + "9" * 10_000 + "}", '{"verdicts":[1e999]}', "\\ud800", "", "null",
        '{"verdicts":{"a":1}}', '{"at":NaN}',
    ],
    ids=range(8),
)  # fmt: skip
@pytest.mark.parametrize(
    "kind", ["replaced", "purge", "tally", "outcome", "sealing", "restored", "erased", "unheard-of"]
)
def test_no_body_that_fits_its_leaf_makes_it_fail(attacked: Attacked, kind: str, body: str) -> None:
    def change(db: sqlite3.Connection) -> None:
        (seq,) = db.execute("SELECT seq FROM chain").fetchone()
        leaf = verify_ledger.sha(b"\0", verify_ledger.enc(seq + 1, kind, body))
        db.execute("INSERT INTO events VALUES (?, ?, NULL, ?, ?)", (seq + 1, kind, body, leaf))
        db.execute("UPDATE chain SET seq = seq + 1, head = ?", (bytes(32),))

    assert verify(attacked.changed(change)).word == "ALTERED"


def test_numbers_out_of_all_bounds_do_not_keep_it_busy(attacked: Attacked) -> None:
    def change(db: sqlite3.Connection) -> None:
        db.execute(
            "UPDATE chain SET seq = 9223372036854775807, appends = 9223372036854775807, segment = 9223372036854775807"
        )
        db.execute("UPDATE open_segment SET number = 9223372036854775807, first_seq = -9223372036854775807")
        db.execute("UPDATE segments SET first_seq = -9223372036854775807 WHERE number = 1")

    # Who counts up to such a number does not come to an end before the test's own deadline.
    assert verify(attacked.changed(change), attacked.ledger.key_file, attacked.anchors).word == "TRUNCATED"


@pytest.mark.parametrize("raw", [b"", b"SQLite format 3\0", b"no ledger", bytes(8192), os.urandom(4096)], ids=range(5))
def test_what_is_no_ledger_cannot_be_read(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "odd.db"
    path.write_bytes(raw)
    with pytest.raises(Unreadable):
        verify(path)
    with pytest.raises(Unreadable):
        verify(tmp_path)


@given(st.lists(st.tuples(st.integers(0), st.binary(min_size=1, max_size=64)), min_size=1, max_size=20))
def test_no_bytes_anywhere_make_it_fail(made: Chained, pieces: list[tuple[int, bytes]]) -> None:
    raw = bytearray(image(made.path))
    for at, piece in pieces:
        at %= len(raw) - len(piece)
        raw[at : at + len(piece)] = piece
    path = made.path.with_name("spoilt.db")
    path.write_bytes(raw)
    with suppress(Unreadable):
        assert verify(path, made.key_file).word in verify_ledger.WORDS


def test_a_ledger_from_before_the_chain_is_told_as_one_and_what_to_do(attacked: Attacked, tmp_path: Path) -> None:
    def change(db: sqlite3.Connection) -> None:
        for table in ("events", "chain", "segments", "open_segment"):
            db.execute(f"DROP TABLE {table}")
        db.execute("PRAGMA user_version = 3")

    done = run(tmp_path, attacked.changed(change))
    assert done.returncode == 2
    assert "was written before ledgers had a chain" in done.stderr
    assert "`douane run`" in done.stderr
