"""Anchors in a folder and in syslog: what they hold, when they are written, and what happens when they cannot be."""

import json
import re
import socket
from pathlib import Path

import pytest

from douane.ledger.anchors import FileAnchors, files_of, latest, standing_of, syslog_message
from douane.ledger.sealing import Closed, Header, Standing
from douane.ledger.verify_anchors import Anchor, read_anchors
from douane.ledger.verify_words import Unreadable

NUMBER = "00112233445566778899aabbccddeeff"
AT = "2026-03-01T10:00:00.000Z"


def closed(number: int) -> Closed:
    head = bytes([number]) * 32
    header = Header(number, 10 * number - 9, 10 * number, 10, AT, AT, bytes(32), head, None, "", "", "", "", b"", b"")
    return Closed(NUMBER, header, bytes([number]) * 64)


def standing(seq: int) -> Standing:
    return Standing(NUMBER, seq, seq.to_bytes(32), AT, "/data/douane.db")


class Watch:
    """A clock that moves when it is told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def segments(text: str) -> list[int | None]:
    """The segments of anchor lines, in their order."""
    return [one.segment for one in read_anchors(text, "") if isinstance(one, Anchor)]


def head(folder: Path) -> int:
    return json.loads((folder / f"{NUMBER}.head").read_text())["seq"]


def test_a_closed_segment_is_a_line_and_the_standing_a_file_that_nobody_else_can_read(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "anchors"
    anchors = FileAnchors(folder)
    anchors.closed(closed(1))
    anchors.closed(closed(2))
    anchors.stands(standing(21))
    text = (folder / f"{NUMBER}.jsonl").read_text()
    assert read_anchors(text, "") == [Anchor(NUMBER, 10 * n, bytes([n]) * 32, AT, n, bytes([n]) * 64) for n in (1, 2)]
    kept = standing_of(folder, NUMBER)
    assert kept == Anchor(NUMBER, 21, (21).to_bytes(32), AT, file="/data/douane.db")
    assert latest(folder, NUMBER) == kept
    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())}
    assert modes == {"anchors": 0o700, f"{NUMBER}.jsonl": 0o600, f"{NUMBER}.head": 0o600}
    assert files_of(folder, NUMBER) == [folder / f"{NUMBER}.jsonl", folder / f"{NUMBER}.head"]
    assert files_of(folder, "../x") == []


def test_the_standing_is_written_once_a_second_at_most_and_what_is_left_when_nothing_happens(tmp_path: Path) -> None:
    watch = Watch()
    anchors = FileAnchors(tmp_path, monotonic=watch)
    anchors.stands(standing(1))
    assert head(tmp_path) == 1
    anchors.stands(standing(2))
    anchors.stands(standing(3))
    assert head(tmp_path) == 1
    watch.now = 0.9
    anchors.tend()
    assert head(tmp_path) == 1
    watch.now = 1.0
    anchors.tend()
    assert head(tmp_path) == 3
    anchors.stands(standing(4))
    anchors.closed(closed(1))
    anchors.stands(standing(4))
    assert head(tmp_path) == 4, "a closed segment does not wait"
    anchors.stands(standing(5))
    anchors.close()
    assert head(tmp_path) == 5
    assert json.loads(anchors.last)["seq"] == 5


def test_what_could_not_be_written_is_told_once_and_written_later(tmp_path: Path) -> None:
    (tmp_path / "anchors").write_text("a file where the folder should be")
    watch = Watch()
    anchors = FileAnchors(tmp_path / "anchors", monotonic=watch)
    anchors.closed(closed(1))
    anchors.stands(standing(10))
    assert sorted((one.what, one.error) for one in anchors.failures()) == [
        ("file", "File exists"),
        ("head", "File exists"),
    ]
    watch.now = 2.0
    anchors.tend()
    assert anchors.failures() == []
    (tmp_path / "anchors").unlink()
    watch.now = 4.0
    anchors.tend()
    anchors.closed(closed(2))
    assert anchors.failures() == []
    assert segments((tmp_path / "anchors" / f"{NUMBER}.jsonl").read_text()) == [1, 2]
    assert head(tmp_path / "anchors") == 10
    (tmp_path / "anchors" / f"{NUMBER}.head").unlink()
    (tmp_path / "anchors" / f"{NUMBER}.head").mkdir()
    anchors.stands(standing(11))
    watch.now = 6.0
    anchors.tend()
    assert [one.what for one in anchors.failures()] == ["head"], "a new trouble is told anew"
    assert not list((tmp_path / "anchors").glob(".*")), "no draft is left"


def test_a_line_that_was_not_written_whole_gives_way_to_the_next(tmp_path: Path) -> None:
    anchors = FileAnchors(tmp_path)
    anchors.closed(closed(1))
    file = tmp_path / f"{NUMBER}.jsonl"
    whole = file.read_text()
    file.write_text(whole + whole[:50])
    assert segments(file.read_text()) == [1]
    anchors.closed(closed(2))
    assert file.read_text().startswith(whole + '{"at"')
    assert segments(file.read_text()) == [1, 2]


def test_syslog_gets_the_line_as_rfc_5424_has_it(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(str(path))
        log.settimeout(10)
        anchors = FileAnchors(tmp_path, syslog=True, socket_path=path)
        anchors.closed(closed(1))
        got = log.recv(4096).decode()
    line = (tmp_path / f"{NUMBER}.jsonl").read_text().strip()
    found = re.fullmatch(rf"<109>1 {AT} \S+ douane \d+ anchor - (.*)", got)
    assert found is not None
    assert found.group(1) == line
    assert got.encode() == syslog_message(line)
    assert read_anchors(f"{got}\n", "")[0] == read_anchors(line, "")[0], "a log can serve as an anchor"
    assert anchors.failures() == []
    anchors.closed(closed(2))
    (lost,) = anchors.failures()
    assert (lost.what, lost.place) == ("syslog", str(path))


@pytest.mark.parametrize(
    "text",
    [
        "nothing",
        "{}",
        '{"seq": 1}\n{"seq": 2}\n',
        json.dumps({"at": AT, "head": "00" * 32, "ledger": NUMBER, "seq": -1}) + "\n",
        json.dumps({"at": AT, "head": "00" * 31, "ledger": NUMBER, "seq": 1}) + "\n",
        json.dumps({"at": AT, "head": "00" * 32, "ledger": NUMBER, "seq": True}) + "\n",
        json.dumps({"at": AT, "head": "00" * 32, "ledger": NUMBER, "seq": 1, "segment": 1}) + "\n",
    ],
)
def test_what_is_no_anchor_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read_anchors(text, "file")
