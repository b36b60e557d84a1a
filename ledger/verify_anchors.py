"""What is kept outside the database, held to the ledger: lines of where its chain stood, and checkpoints."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from douane.ledger.checkpoint import ORIGIN, NoNote, Note, leaf_hash, read_note, root_of
from douane.ledger.sealing import Sealer
from douane.ledger.verify_end import End
from douane.ledger.verify_file import begin, opened, read_end
from douane.ledger.verify_heads import Course, Open, Segment, head_at, read_segments
from douane.ledger.verify_left import Left
from douane.ledger.verify_words import Place, Places, Restored, Unreadable, Word

_MOST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a ledger's chain stood, as it was written elsewhere; `segment` and `signature` of a closed one."""

    ledger: str
    seq: int
    head: bytes
    at: str
    segment: int | None = None
    signature: bytes | None = None
    file: str | None = None


def read_anchors(text: str, name: str) -> list[Anchor | Note]:
    """Return what an anchor's file holds: a checkpoint, or lines of JSON, what stands before them in a log left out.

    A last line without its end that was not written whole is left out too. Raises `Unreadable` for anything else, and
    for a file without an anchor.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "{" not in text:
        try:
            return [read_note(text)]
        except NoNote as why:
            raise Unreadable(f"{name}: is no anchor: it {why}") from None
    out: list[Anchor | Note] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            out.append(read_line(line[line.index("{") :]))
        except (ValueError, KeyError, TypeError):
            if number == len(lines) and number > 1:
                continue
            raise Unreadable(f"{name}: line {number} is no anchor of a ledger") from None
    if not out:
        raise Unreadable(f"{name}: holds no anchor of a ledger")
    return out


def read_line(line: str) -> Anchor:
    """Return the anchor of one line; raises `ValueError`, `KeyError` or `TypeError` for another."""
    try:
        found: Any = json.loads(line)
    except RecursionError:
        raise ValueError from None
    seq, segment, signature = found["seq"], found.get("segment"), None
    if type(seq) is not int or not 0 <= seq <= _MOST or not isinstance(found["ledger"], str):
        raise ValueError
    if segment is not None:
        signature = _hex(found["signature"], 64)
        if type(segment) is not int or not 0 < segment <= _MOST:
            raise ValueError
    if not isinstance(found["at"], str):
        raise TypeError
    return Anchor(found["ledger"], seq, _hex(found["head"], 32), found["at"], segment, signature, found.get("file"))


def _hex(text: str, size: int) -> bytes:
    found = bytes.fromhex(text)
    if len(found) != size or found.hex() != text:
        raise ValueError
    return found


@dataclass(frozen=True, slots=True)
class Held:
    """How many anchors there were, how many hold, and what was told of those that need none."""

    count: int
    held: int
    notes: tuple[str, ...]
    unchecked: tuple[str, ...]


def check_anchors(
    db: sqlite3.Connection,
    end: End,
    segments: Sequence[Segment],
    opened: Open | None,
    course: Course,
    anchors: Sequence[Anchor | Note],
    left: Left,
    note_keys: "NoteKeys",
    places: Places,
) -> Held:
    """Hold each anchor to the chain's ends, heads, signatures and root."""
    checker = _Checker(db, end, segments, opened, course, left, note_keys, places)
    checker.signed = [
        (one.segment, one.seq, one.signature)
        for one in anchors
        if isinstance(one, Anchor) and one.segment is not None and one.ledger == end.name
    ]
    held = sum(checker.note(one) if isinstance(one, Note) else checker.line(one) for one in anchors)
    notes: tuple[str, ...] = ()
    if count := checker.given_up:
        are = "anchors are" if count > 1 else "anchor is"
        notes = (f"{count} {are} of the history that a restored copy gave up, and hold nothing of this one",)
    notes += tuple(_of_the_future(left.restored, segments))
    return Held(len(anchors), held, notes, tuple(checker.unchecked))


def _of_the_future(restored: Sequence[Restored], segments: Sequence[Segment]) -> Iterator[str]:
    """Say which restores are told with a moment after the closing of their segment, which its signature holds.

    It is no fault, since a clock may have gone back; but whoever has the key can so have later anchors given up.
    """
    for one in restored:
        around = next((some for some in segments if some.first_seq <= one.event <= some.last_seq), None)
        if around is not None and one.at > around.closed_at:
            yield (
                f"event {one.event:,} tells of a restored copy at {one.at}, and was signed at {around.closed_at}: the"
                " clock went back, or that moment is made up so that anchors of before it count no more"
            )


@dataclass(frozen=True, slots=True)
class NoteKeys:
    """The keys that sign a ledger's checkpoints: the first, None where it is not known, and those that replaced it.

    `later` has, for each, how many segments the smallest checkpoint has that it signs.
    """

    first: bytes | None
    later: tuple[tuple[int, bytes], ...] = ()

    def of(self, size: int) -> bytes | None:
        """Return the key that signs a checkpoint of so many segments; one that was replaced signs none any more."""
        since = [one for one in self.later if one[0] <= size]
        return max(since, key=lambda one: one[0])[1] if since else self.first


def note_keys_of(told: bytes | None, later: Sequence[tuple[int, bytes]], end: End, sealer: Sealer | None) -> NoteKeys:
    """Return the keys of the ledger's checkpoints: the first is the first `sealing` event's, else the master key's."""
    if told is None and sealer is not None:
        told = sealer.note_key(end.name).public_key().public_bytes_raw()
    return NoteKeys(told, tuple(later))


class _Checker:
    def __init__(
        self,
        db: sqlite3.Connection,
        end: End,
        segments: Sequence[Segment],
        opened: Open | None,
        course: Course,
        left: Left,
        note_keys: NoteKeys,
        places: Places,
    ) -> None:
        self._db, self._end, self._segments, self._opened = db, end, segments, opened
        self._course, self._left, self._note_keys, self._places = course, left, note_keys, places
        self.signed: list[tuple[int, int, bytes | None]] = []
        """The closed segments that anchors know: number, last event, signature."""
        self._counting: frozenset[int] | None = None
        self._known = {one.number: one for one in segments}
        self._ends = {one.last_seq: one for one in reversed(segments)}  # of several, the first
        self._last = segments[-1].number if segments else 0
        self._leaves: list[bytes] | None = None
        self.given_up = 0
        self.unchecked: list[str] = []

    def line(self, one: Anchor) -> bool:
        """Whether the ledger is as long as the anchor says, and had that head and signature there."""
        if one.ledger != self._end.name:
            return self._fault(Word.FORKED, "anchor-ledger", one)
        if one.seq > self._end.seq or (one.segment is not None and one.segment > self._last):
            return self._fault(Word.TRUNCATED, "anchor-beyond", one)
        own = None if one.segment is None else self._known.get(one.segment)
        if own is not None and own.signature != one.signature:
            return self._fault(Word.FORKED, "anchor-signature", one)
        head = self._head(one)
        if head is not None and head != one.head:
            return self._fault(Word.FORKED, "anchor-head", one)
        return True

    def note(self, note: Note) -> bool:
        """Whether a checkpoint is this ledger's, and its root that of the segments."""
        if note.origin != f"{ORIGIN}{self._end.name}":
            return self._note_fault(Word.FORKED, "note-ledger", note)
        key = self._note_keys.of(note.size)
        if key is None:
            self.unchecked.append("the signature of a checkpoint, since the ledger's note key is not known here")
        elif not note.is_signed(key):
            return self._note_fault(Word.FORKED, "note-signature", note)
        if note.size > self._last:
            return self._note_fault(Word.TRUNCATED, "note-beyond", note)
        if any(number not in self._known for number in range(1, note.size + 1)):
            self.unchecked.append("the root of a checkpoint, since a segment under it is missing")
            return True
        if self._leaves is None:
            self._leaves = entry_hashes(self._end.ledger, self._segments)
        if root_of(self._leaves[: note.size]) != note.root:
            return self._note_fault(Word.FORKED, "note-root", note)
        return True

    def _head(self, one: Anchor) -> bytes | None:
        """The head at the anchor's place, None where there is none to compare with."""
        if one.seq == 0:
            return self._end.genesis
        ends = self._ends.get(one.seq)
        if ends is not None:
            return ends.head if isinstance(ends.head, bytes) else None
        if one.seq == self._end.seq:
            return self._end.head
        for first, head, last, held in self._spans():
            whole = held and not any(low <= last and high >= first for low, high in self._course.holes)
            if first <= one.seq <= last:
                return head_at(self._db, head, first, one.seq) if whole else None
        return None

    def _spans(self) -> list[tuple[int, bytes, int, bool]]:
        """Where heads can be computed: first event, the head before it, last event, whether its own head holds."""
        spans = [
            (one.first_seq, one.previous_head, one.last_seq, one.number in self._course.held) for one in self._segments
        ]
        if self._opened is not None:
            spans.append((self._opened.first_seq, self._opened.previous_head, self._end.seq, self._course.end_held))
        elif not self._segments:
            spans.append((1, self._end.genesis, self._end.seq, self._course.end_held))
        return spans

    def _fault(self, word: Word, what: str, one: Anchor) -> bool:
        if self._counting is None:
            self._counting = self._left.counting(self.signed)
        for restored in self._left.restored if what != "anchor-ledger" else ():
            low = restored.copy + (one.segment is None)  # an empty segment of the history that was left ends at `copy`
            if not (low <= one.seq <= restored.seq and one.at < restored.at):
                continue
            if restored.event in self._counting:
                self.given_up += 1
                return False
            self.unchecked.append(
                f"whether the master key's holder wrote event {restored.event:,}, which tells of a restore, at the time"
                " that it says: until that is shown, anchors of what it gives up count"
            )
        self._places.add(Place(word, what, one.segment or 0, one.seq, one.seq, at=one.at))
        return False

    def _note_fault(self, word: Word, what: str, note: Note) -> bool:
        self._places.add(Place(word, what, min(note.size, self._last)))
        return False


def segments_of(path: Path) -> tuple[End, list[bytes], NoteKeys]:
    """Return a ledger's end, the hashes of its closed segments, and the keys of its checkpoints that events tell.

    Raises `Unreadable`, also while a segment is missing.
    """
    with closing(opened(path)) as db:
        begin(db)
        end = read_end(db, str(path))
        if end is None:
            raise Unreadable(f"{path}: does not say where its chain ends")
        segments = read_segments(db)
        if [one.number for one in segments] != list(range(1, len(segments) + 1)):
            raise Unreadable(f"{path}: lacks a segment")
        told = db.execute(
            "SELECT kind, body FROM events NOT INDEXED WHERE kind IN ('sealing', 'note-key') AND row IS NULL"
            " ORDER BY seq"
        ).fetchall()
    bodies = [(kind, json.loads(body)) for kind, body in told]
    first = next((bytes.fromhex(body["note_key"]) for kind, body in bodies if kind == b"sealing"), None)
    later = tuple((body["size"], bytes.fromhex(body["public_key"])) for kind, body in bodies if kind == b"note-key")
    return end, entry_hashes(end.ledger, segments), NoteKeys(first, later)


def entry_hashes(ledger: bytes, segments: Sequence[Segment]) -> list[bytes]:
    """Return the hashes of the tree's entries: what is signed of each closed segment, then its signature."""
    signatures = (one.signature if isinstance(one.signature, bytes) else b"" for one in segments)
    return [leaf_hash(one.signed(ledger) + mark) for one, mark in zip(segments, signatures, strict=True)]
