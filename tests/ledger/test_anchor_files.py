"""What an anchor's file may hold: both verifiers read the same files, and say the same of each."""

import base64
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from chained import Chained, history

from douane.ledger.anchors import lines_of, standing_of
from douane.ledger.checkpoint import Signature, read_note, sign
from douane.ledger.data import verify_ledger
from douane.ledger.sealing import Sealer
from douane.ledger.verify import verify
from douane.ledger.verify_anchors import read_anchors, segments_of
from douane.ledger.verify_words import Unreadable

LOG = "<109>1 2096-10-02T15:00:00Z host douane 5 anchor - "


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Chained:
    return history(tmp_path_factory.mktemp("made"), random.Random(5), steps=1)


def word(made: Chained, folder: Path, content: str | bytes) -> str:
    """The word of both verifiers with this file as the anchor. Fails when they differ."""
    file = folder / "an anchor"
    file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    try:
        anchors = read_anchors(file.read_bytes().decode(), file.name)
        first = verify(made.path, anchors=anchors, children=0).word.value
    except (Unreadable, UnicodeDecodeError):
        first = "exit code 2"
    try:
        second = verify_ledger.verify(made.path, None, [file]).word
    except verify_ledger.Unreadable:
        second = "exit code 2"
    assert first == second, content
    return first


@pytest.mark.promise("second-verifier")
def test_what_stands_around_a_line_is_nobodys_business(made: Chained, tmp_path: Path) -> None:
    line, other = json.dumps(made.anchors.lines[0]), json.dumps(made.anchors.standing)
    for text in (
        line,
        f"{line}\n",
        f"{line}\r\n{other}\r\n",
        f"\ufeff{line}\n",
        f"{LOG}{line}\n\n \t\n{LOG}{other}\n",
        f"{line}\n{line[:40]}",
        f"{line}\n{LOG}",
        json.dumps({**made.anchors.standing, "file": 7, "more": [], "signature": "zz", "segment": None}),
    ):
        assert word(made, tmp_path, text) == "INTACT", text


@pytest.mark.promise("second-verifier")
def test_a_file_that_holds_no_anchor_is_read_by_neither(made: Chained, tmp_path: Path) -> None:
    line = json.dumps(made.anchors.lines[0])
    for text in (
        "", "\n\n", "hello\n", line[:40], f"{line[:40]}\n{line}\n", f"{line}\n{line[:40]}\n", f"{line} x\n",
        f"[{line}]",
        f"{line}\u2028{line}\n", '{"a":' * 100_000, '{"seq":' + "9" * 5_000 + "}", line.encode() + b"\n\xff\n",
        line.encode("utf-16"), random.Random(3).randbytes(200),
    ):  # fmt: skip
        assert word(made, tmp_path, text) == "exit code 2", text[:60]


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("seq", [-1, 2**63, True, "1", 1.0, None]),
        ("head", ["", "00", "A" * 64, "0" * 65, " " + "0" * 63, 5, None]),
        ("ledger", [5, None, []]),
        ("at", [5, None, {}]),
        ("segment", [0, -1, True, "1", 1.0, 2**63]),
        ("signature", ["", "zz", "0" * 127, "0" * 130, "A" * 128, 5, None]),
    ],
)
def test_a_line_of_another_shape_is_read_by_neither(
    made: Chained, tmp_path: Path, key: str, values: list[object]
) -> None:
    known = made.anchors.lines[0]
    for value in values:
        assert word(made, tmp_path, json.dumps({**known, key: value})) == "exit code 2", value
    assert word(made, tmp_path, json.dumps({one: known[one] for one in known if one != key})) == (
        "INTACT" if key == "segment" else "exit code 2"
    )


def test_a_line_that_contradicts_the_ledger_has_the_same_word_in_both(made: Chained, tmp_path: Path) -> None:
    known = made.anchors.lines[0]
    for change, expected in {
        ("seq", 0): "FORKED",
        ("seq", 2**63 - 1): "TRUNCATED",
        ("head", "0" * 64): "FORKED",
        ("segment", 99): "TRUNCATED",
        ("segment", 2): "FORKED",
        ("signature", "0" * 128): "FORKED",
        ("ledger", ""): "FORKED",
        ("ledger", "\ud800"): "FORKED",
    }.items():
        assert word(made, tmp_path, json.dumps(known | dict([change]))) == expected, change


def noted(made: Chained) -> str:
    end, hashes, _ = segments_of(made.path)
    return str(sign(f"douane/{end.name}", hashes, Sealer(made.master).note_key(end.name)))


@pytest.mark.promise("second-verifier")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda text: text, "INTACT"),
        (lambda text: f"\ufeff{text}".replace("\n", "\r\n"), "INTACT"),
        (lambda text: f"{text}\u2014 witness.example {base64.b64encode(bytes(76)).decode()}\n", "INTACT"),
        (lambda text: text.replace("\n\n", "\nmore\n\n", 1), "FORKED"),
        (lambda text: text.replace("douane/", "other/", 1), "FORKED"),
        (lambda text: text.replace("douane/", "", 1), "FORKED"),
        (lambda text: text + another_signature(text), "FORKED"),
        (lambda text: text.replace("\n\n", "\n", 1), "exit code 2"),
        (lambda text: text.replace("\n\n", "\n\n\n", 1), "exit code 2"),
        (lambda text: text.replace("\n", "\n0", 1), "exit code 2"),
        (lambda text: line_of(text, 1, "\u0662"), "exit code 2"),
        (lambda text: line_of(text, 1, "9" * 21), "exit code 2"),
        (lambda text: line_of(text, 2, "AA=="), "exit code 2"),
        (lambda text: line_of(text, 1, "99999999999999999999"), "FORKED"),
        (lambda text: text.replace("\u2014", "-"), "exit code 2"),
        (lambda text: text.partition("\u2014")[0], "exit code 2"),
        (lambda text: f"{text}\u2014 a+b AAAAAAA=\n", "exit code 2"),
        (lambda text: f"{text}\u2014 a AAAA\n", "exit code 2"),
        (lambda text: f"{text}\u2014 a \n", "exit code 2"),
        (lambda text: text + "\u2014 a AAAAAAA=\n" * 100, "exit code 2"),
        (lambda text: text.replace("douane/", "douane/\t"), "exit code 2"),
    ],
)
def test_a_checkpoint_is_read_alike(made: Chained, tmp_path: Path, change: Callable[[str], str], expected: str) -> None:
    assert word(made, tmp_path, change(noted(made))) == expected


def line_of(text: str, number: int, other: str) -> str:
    """The text with another line in a line's place."""
    lines = text.split("\n")
    return "\n".join([*lines[:number], other, *lines[number + 1 :]])


def another_signature(text: str) -> str:
    """A line that names the key of the first signature and does not hold."""
    first = read_note(text).signatures[0]
    return f"{Signature(first.name, first.content[:4] + bytes(64)).line}\n"


def test_what_nests_without_end_is_a_damaged_line_and_no_crash(made: Chained, tmp_path: Path) -> None:
    name = str(made.anchors.standing["ledger"])
    deep = '{"a":' * 100_000
    (tmp_path / f"{name}.jsonl").write_text(f"{deep}\n{json.dumps(made.anchors.lines[0])}\n")
    (tmp_path / f"{name}.head").write_text(deep)
    found, damaged = lines_of(tmp_path, name)
    assert ([one.segment for one in found], damaged) == ([1], [f"line 1 of {name}.jsonl"])
    assert standing_of(tmp_path, name) is None
