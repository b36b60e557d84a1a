"""`douane anchor`: the ledger's checkpoint, for others to keep and for witnesses to cosign."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from douane.cli.exits import Exit, complain, standard_output, tell

if TYPE_CHECKING:
    from douane.ledger.checkpoint import Note
    from douane.ledger.sealing import Sealer
    from douane.ledger.verify_anchors import Anchor, NoteKeys


def anchor(
    since: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="N",
            help="Print what a witness is sent (C2SP add-checkpoint) that cosigned the checkpoint of N segments last.",
        ),
    ] = None,
    add_cosignature: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep a witness's answer, or a cosigned checkpoint, among the anchors."),
    ] = None,
    key: Annotated[
        bool, typer.Option("--key", help="Print the verifier key by which witnesses know this ledger.")
    ] = False,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", metavar="FILE", help="The configuration: its ledger, key, anchors.")
    ] = None,
    ledger: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The ledger itself, instead of the configured one.")
    ] = None,
) -> None:
    """Print the signed checkpoint of the closed segments (a C2SP signed note), which others can keep or cosign.

    Whoever has one can show later with `douane verify --anchor` whether the ledger still has the same history.
    """
    from douane.cli.custody import anchor_folder, custody_or_exit
    from douane.cli.detection import configured
    from douane.cli.report import ledger_of
    from douane.cli.verify import gathered
    from douane.ledger.checkpoint import verifier_key
    from douane.ledger.refused import LedgerRefused
    from douane.ledger.verify_words import Unreadable

    settings = configured(config)
    path = ledger or ledger_of(config)
    sealer = custody_or_exit(settings).sealer
    folder = anchor_folder(settings)
    try:
        note, leaves, public, keys = checkpoint_of(path, sealer, gathered(path, settings, ())[0])
        if add_cosignature is not None:
            kept = cosigned(add_cosignature, folder, note, leaves, keys)
            tell(f"Kept: {kept}")
            return
        if since is not None and since > note.size:
            complain(f"--since: the ledger has {note.size} closed segments. Give the number of one of them.")
            raise typer.Exit(Exit.USAGE)
        text = verifier_key(note.origin, public) + "\n" if key else request(note, leaves, since)
        printed = folder / f"{note.origin.rpartition('/')[2]}.checkpoint"
        continues(printed, note, leaves)
        write_private(printed, str(note))
    except (Unreadable, LedgerRefused) as error:
        complain(f"{error}.")
        raise typer.Exit(Exit.USAGE) from None
    except OSError as error:
        complain(f"{folder}: {error.strerror}. Name a folder of yours with trust.anchor_folder.")
        raise typer.Exit(Exit.CANNOT_START) from None
    with standard_output() as out:
        out.write(text.encode())
        out.flush()


def checkpoint_of(
    path: Path, sealer: "Sealer", anchors: "Sequence[Anchor | Note]" = ()
) -> "tuple[Note, list[bytes], bytes, NoteKeys]":
    """The signed checkpoint, the hashes of its tree's entries, the key that checks it, and those of older ones.

    Only a chain that hangs together and goes through all its anchors is signed: what is signed here cannot be taken
    back. Raises `Unreadable`.
    """
    from dataclasses import replace

    from douane.ledger.checkpoint import ORIGIN, sign
    from douane.ledger.verify import verify
    from douane.ledger.verify_anchors import segments_of
    from douane.ledger.verify_words import Unreadable

    said = verify(path, sealer=sealer, anchors=anchors)
    if not said.word.holds:
        raise Unreadable(f"{path}: is {said.word}, and no checkpoint is made of it; see `douane verify`")
    end, leaves, keys = segments_of(path)
    public = keys.of(len(leaves))
    private = sealer.note_key(end.name, public)
    mine = private.public_key().public_bytes_raw()
    if public is not None and mine != public:
        raise Unreadable(f"{path}: its checkpoints are signed with another master key; name that one")
    return sign(f"{ORIGIN}{end.name}", leaves, private), leaves, mine, replace(keys, first=keys.first or mine)


def continues(printed: Path, now: "Note", leaves: Sequence[bytes]) -> None:
    """Hold a checkpoint to the one that was printed last; raises `Unreadable` where it does not continue that one."""
    from douane.ledger.anchors import text_in
    from douane.ledger.checkpoint import NoNote, read_note, root_of
    from douane.ledger.verify_words import Unreadable

    if not printed.exists():
        return
    try:
        before = read_note(text_in(printed))
    except NoNote as why:
        raise Unreadable(f"{printed}: {why}; move it away, or put it back from a copy") from None
    if before.origin != now.origin or before.size > now.size or root_of(leaves[: before.size]) != before.root:
        raise Unreadable(
            f"{printed}: is a checkpoint of {before.size} segments that this ledger, with {now.size}, does not "
            "continue. Put the right file back; if a copy was restored knowingly, move that checkpoint away"
        )


def request(note: "Note", leaves: Sequence[bytes], since: int | None) -> str:
    """What is printed: the note; where it is asked for, the old size and the proof that it continues that one first."""
    import base64

    from douane.ledger.checkpoint import consistency

    if since is None:
        return str(note)
    proof = "".join(f"{base64.b64encode(one).decode()}\n" for one in consistency(leaves, since))
    return f"old {since}\n{proof}\n{note}"


def cosigned(file: Path, folder: Path, now: "Note", leaves: Sequence[bytes], keys: "NoteKeys") -> Path:
    """Keep a cosigned checkpoint, after checking that it is this ledger's; return its file.

    A file with signature lines alone is an answer to the checkpoint that was printed last. Raises `Unreadable`.
    """
    from dataclasses import replace

    from douane.ledger.anchors import text_in
    from douane.ledger.checkpoint import NoNote, is_cosignature, read_note, read_signatures, root_of
    from douane.ledger.verify_words import Unreadable

    text = text_in(file)
    number = now.origin.rpartition("/")[2]
    try:
        if "\n\n" in text:
            note = read_note(text)
        else:
            last = folder / f"{number}.checkpoint"
            if not last.exists():
                raise Unreadable(f"{file}: answers no checkpoint of this ledger; print one with `douane anchor` first")
            printed = read_note(text_in(last))
            note = replace(printed, signatures=(*printed.signatures, *read_signatures(text)))
    except NoNote as why:
        raise Unreadable(f"{file}: {why}") from None
    public = keys.of(note.size)
    if note.origin != now.origin or public is None or not note.is_signed(public):
        raise Unreadable(f"{file}: is no checkpoint that this ledger signed")
    if note.size > now.size or root_of(leaves[: note.size]) != note.root:
        raise Unreadable(f"{file}: is a checkpoint of another history; run `douane verify --anchor {file}`")
    others = [one for one in note.signatures if one.name != note.origin]
    if not others or not all(map(is_cosignature, others)):
        raise Unreadable(f"{file}: holds no cosignature of a witness")
    kept = folder / f"{number}-{note.size}.checkpoint"
    if kept.exists():
        before = read_note(text_in(kept))
        note = replace(note, signatures=tuple(dict.fromkeys((*before.signatures, *note.signatures))))
    write_private(kept, str(note))
    return kept


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600, whole or not at all; raises `OSError`."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
