"""`douane verify`: whether a ledger is as it was written, and where it is not."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from douane.cli.exits import Exit, complain, standard_output
from douane.cli.keeping import many

if TYPE_CHECKING:
    from douane.cli.config import Config
    from douane.ledger.checkpoint import Note, Witness
    from douane.ledger.sealing import Sealer
    from douane.ledger.verify import Progress
    from douane.ledger.verify_anchors import Anchor
    from douane.ledger.verify_words import Place, Verified

SHOWN: Final = 20
"""How many places are shown on a terminal; `--format json` has up to a thousand."""
PROGRESS_SECONDS: Final = 1.0

SENTENCES: Final = {
    "anchor-beyond": "an anchor has events or a segment that the ledger has not",
    "anchor-head": "an anchor has another head for this event",
    "anchor-ledger": "an anchor is of another ledger",
    "anchor-signature": "an anchor has another signature for this segment",
    "appends": "more was appended than there are events",
    "body": "the event's text has not the shape of its kind",
    "bytes": "bytes stand in the file that are of no page of it, or in its header where SQLite and Douane have none",
    "chain": "the row that says where the chain ends is not there once, or not as it was written",
    "commitment": "the detail (such as pseudonym or session) is not the one that was recorded",
    "count": "the segment's number of events is not that of its range",
    "expired-early": "the detail went by a rule that does not allow it yet",
    "expired-other": "the detail went by a rule that is for another app or category",
    "purged-early": "the purge took a segment that its rule does not allow it yet",
    "detail-gone": "the detail has gone, and no event says that it was erased or has expired",
    "detail-left": "a part of a detail that has gone is still there",
    "detail-there": "an event says that this detail has gone, and it is there",
    "digest": "the row is not as its last event has it",
    "end": "the chain does not end with the head that the ledger says",
    "end-gone": "the last events are not there",
    "event-gone": "events are not there",
    "export": "this file of the export is not what the ledger or the manifest says",
    "export-gone": "this file of the export is not there",
    "export-more": "this file is not of the export",
    "head": "the chain does not lead to the head that the segment says",
    "headline": "the headline does not follow from the verdicts",
    "index-astray": "an index does not say what its table holds: it leads whoever uses it to other rows",
    "kept": "what nothing of Douane's puts there stands in it",
    "leaf": "what the event vouches for was changed",
    "mac": "the open segment was changed by somebody without the master key",
    "never-sealed": "the ledger was never sealed: anybody could have written it",
    "note-beyond": "a checkpoint has more segments than the ledger",
    "note-ledger": "a checkpoint is of another ledger",
    "note-root": "a checkpoint has another root for these segments",
    "note-signature": "a checkpoint is not signed with this ledger's key",
    "open-segment": "the open segment is not the one that follows the last closed one",
    "outcome": "the outcome is not the one that was recorded",
    "pages": "the file has pages that no table uses, or that are damaged",
    "planted": "this is not as Douane made it: it may run unseen, leave out what is written, or keep what was erased",
    "previous": "the segment does not follow the one before it",
    "replaced": "when the verdict was replaced is not what was recorded",
    "row-gone": "the row that the event vouches for is not there",
    "row-twice": "two events vouch for the row",
    "row-unknown": "no event vouches for the row",
    "seal": "the open segment's seal does not open with this master key",
    "segment-gone": "segments are not there",
    "seq": "an event stands where none can be",
    "shape": "the event has not the shape of its kind",
    "signature": "the segment's signature does not hold",
    "sum": "the sum is not that of what was recorded",
}
"""What each kind of place means, in a sentence."""


def verify(
    anchor: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Something that says how far the ledger was: a checkpoint, anchor lines, a log with them. Repeatable.",
        ),
    ] = None,
    witness: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="The verifier key of a witness whose cosignature is looked for. Repeatable."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", metavar="FILE", help="The configuration: its ledger, key, anchors.")
    ] = None,
    ledger: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The ledger itself or a copy, instead of the configured one.")
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The master key, instead of the configured one.")
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        Literal["text", "json"], typer.Option(help="For people, or for programs.")
    ] = "text",
) -> None:
    """Say whether the ledger is as Douane wrote it, and if not, where.

    Words, the gravest last: INTACT, ERASED, PURGED-BY-POLICY (exit code 0), MISSING, ALTERED, TRUNCATED, FORKED (1).

    Exit code 2: the file cannot be read. Douane may go on running. docs/verify.md says what each word means.
    """
    from douane.cli.detection import configured
    from douane.cli.report import ledger_of
    from douane.ledger.verify import verify as verified
    from douane.ledger.verify_words import Unreadable

    settings = configured(config)
    path = ledger or ledger_of(config)
    try:
        witnesses = read_witnesses(witness or ())
        anchors, kept = gathered(path, settings, anchor or ())
        sealer, why = sealer_of(settings, key_file)
        with shown() as progress:
            said = verified(path, sealer=sealer, anchors=anchors, progress=progress)
    except Unreadable as error:
        complain(f"{error}.")
        raise typer.Exit(Exit.UNREADABLE) from None
    more = [*kept, *([why] if why else []), *cosigned(anchors, witnesses)]
    with standard_output() as out:
        out.write((as_json(path, said, more) if format == "json" else as_text(path, said, more)).encode())
        out.flush()
    raise typer.Exit(Exit.OK if said.word.holds else Exit.ALTERED)


def gathered(path: Path, settings: "Config", named: Sequence[Path]) -> "tuple[list[Anchor | Note], list[str]]":
    """The anchors that were named, and those of this ledger in the configured folder; and where these come from.

    They are read before the ledger, which may go on meanwhile. Raises `Unreadable`.
    """
    from douane.cli.custody import anchor_folder
    from douane.ledger.anchors import files_of, text_in
    from douane.ledger.instead import displaced, others
    from douane.ledger.verify_anchors import Anchor, read_anchors
    from douane.ledger.verify_file import number_of

    folder, number = anchor_folder(settings), number_of(path)
    own = files_of(folder, number)
    found: list[Anchor | Note] = []
    for one in (*own, *named):
        found += read_anchors(text_in(one), str(one))
    for other in others(folder, path, number):  # nobody said that it lies there no more
        found.append(Anchor(other.ledger, other.seq, other.head, other.at, file=other.file))
    said = (
        f"anchors in {folder}: {', '.join(one.name for one in own)}"
        if own
        else f"no anchors of this ledger in {folder}"
    )
    return found, [said, *([] if (why := displaced(folder, path, number)) is None else [why])]


def sealer_of(settings: "Config", key_file: Path | None) -> "tuple[Sealer | None, str]":
    """What opens the ledger's seal; None, and why, where no key is configured and none was named.

    Raises `Unreadable` for a key that is there and cannot be used: what it would show was not looked at.
    """
    from douane.cli.custody import key_file as key_of
    from douane.cli.custody import master_of, passphrase
    from douane.ledger import keys
    from douane.ledger.sealing import Sealer
    from douane.ledger.verify_words import Unreadable

    try:
        if key_file is not None:
            return Sealer(keys.load(key_file, ask=passphrase)), ""
        if settings.storage.key_store == "file" and not key_of(settings.storage).exists():
            return None, f"no master key at {key_of(settings.storage)}"
        return Sealer(master_of(settings.storage)), ""
    except keys.KeyRefused as error:
        raise Unreadable(f"the master key cannot be used, so the ledger was not checked: {error}") from None


def read_witnesses(texts: Sequence[str]) -> "list[Witness]":
    """The witnesses of these verifier keys; complains of what is none and exits with 2."""
    from douane.ledger.checkpoint import NoNote, read_witness

    try:
        return [read_witness(text) for text in texts]
    except NoNote as why:
        complain(f"--witness: this {why}.")
        raise typer.Exit(Exit.USAGE) from None


def cosigned(anchors: "Sequence[Anchor | Note]", witnesses: "Sequence[Witness]") -> list[str]:
    """What each witness says of the checkpoints, in a sentence."""
    from douane.ledger.checkpoint import Note

    notes = sorted((one for one in anchors if isinstance(one, Note)), key=lambda one: one.size)
    out: list[str] = []
    for witness in witnesses:
        times = [(note.size, at) for note in notes if (at := witness.cosigned_at(note)) is not None]
        if times:
            out.append(f"{witness.name} cosigned the checkpoint of {times[-1][0]:,} segments at {times[-1][1]}")
        else:
            out.append(f"{witness.name} cosigned none of the checkpoints")
    return out


@contextmanager
def shown() -> "Iterator[Progress | None]":
    """A progress bar on a terminal's standard error, once it takes longer than a second."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Verifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("", total=None)
    since = time.monotonic()

    def progress(done: int, total: int) -> None:
        if not bar.live.is_started and time.monotonic() - since > PROGRESS_SECONDS:
            bar.start()
        bar.update(task, completed=done // 3, total=total // 3)

    try:
        yield progress
    finally:
        bar.stop()


def as_text(path: Path, said: "Verified", more: Sequence[str]) -> str:
    """What was found, for people."""
    total = len(said.segments)
    lines = [
        f"{said.word}  {path}",
        f"{said.segments_held:,}/{total:,} segments, {said.events_held:,}/{said.events:,} events",
    ]
    if said.ledger:
        lines.append(f"Ledger {said.ledger}, event {said.seq:,}, head {said.head}")
    if said.sealed:
        lines.append(f"Segment {said.open_segment:,} is open, with {many(said.open_events, 'event')}")
    for count, subject, words in (
        (said.purged, "closed segment has|closed segments have", "no events any more, by the retention rules"),
        (said.expired, "row has lost its|rows have lost their", "detail by the retention rules"),
        (said.erased, "row has lost its|rows have lost their", "detail because a person asked"),
    ):
        if count:
            lines.append(f"{many(count, *subject.split('|'))} {words}")
    if said.anchors:
        lines.append(f"{said.anchors_held:,}/{said.anchors:,} anchors hold")
    lines += [
        f"At event {one.event:,} ({one.at}) an older copy was put in place by {one.who or 'somebody'}: events "
        f"{one.copy + 1:,} to {one.seq:,} were given up ({one.reason or 'no reason given'})"
        for one in said.restored
    ]
    lines += [*said.notes, *(one[:1].upper() + one[1:] for one in more)]
    lines += [f"Not checked: {one}" for one in said.unchecked]
    lines += [f"{one.word}  {where(one)}: {SENTENCES.get(one.what, one.what)}" for one in said.found[:SHOWN]]
    if said.found_count > SHOWN:
        lines.append(f"… and {said.found_count - min(SHOWN, len(said.found)):,} more places (--format json)")
    return "".join(f"{plain(line)}\n" for line in lines)


def where(one: "Place") -> str:
    """A place in words: segment, event, row and moment, as far as they are known."""
    parts: list[str] = []
    if one.segment:
        parts.append(f"segment {one.segment:,}")
    if one.seq:
        parts.append(f"events {one.seq:,} to {one.last:,}" if one.last > one.seq else f"event {one.seq:,}")
    if one.table:
        parts.append(one.table if one.row is None else f"{one.table} row {one.row}")
    if one.at:
        parts.append(one.at)
    return ", ".join(parts) or "the ledger"


def as_json(path: Path, said: "Verified", more: Sequence[str]) -> str:
    """What was found, for programs."""
    document: dict[str, Any] = {
        "word": said.word.value,
        "file": str(path),
        "ledger": said.ledger,
        "seq": said.seq,
        "head": said.head,
        "segments": {"held": said.segments_held, "of": len(said.segments), "purged": said.purged},
        "events": {"held": said.events_held, "of": said.events},
        "open_segment": {"number": said.open_segment, "events": said.open_events} if said.sealed else None,
        "anchors": {"held": said.anchors_held, "of": said.anchors},
        "details": {"erased": said.erased, "expired": said.expired},
        "closed": [
            {"number": one.number, "word": one.word.value, "first_seq": one.first_seq, "last_seq": one.last_seq}
            | {"closed_at": one.closed_at}
            for one in said.segments
        ],
        "found": [
            {"word": one.word.value, "what": one.what, "segment": one.segment or None, "seq": one.seq or None}
            | {"last": one.last or None, "table": one.table or None, "row": one.row, "at": one.at or None}
            | {"says": SENTENCES.get(one.what, one.what)}
            for one in said.found
        ],
        "found_count": said.found_count,
        "restored": [
            {"event": one.event, "at": one.at, "who": one.who, "reason": one.reason, "copy": one.copy, "seq": one.seq}
            for one in said.restored
        ],
        "unchecked": list(said.unchecked),
        "notes": [*said.notes, *more],
    }
    return json.dumps(document, indent=2) + "\n"


def plain(line: str) -> str:
    """A line that a terminal obeys nothing of: names in a ledger are others'."""
    from douane.reports import safe

    return safe.plain(line, 4000)
