"""A ledger's checkpoint, which witnesses can cosign: RFC 6962's tree over the closed segments, in a C2SP signed note.

Specifications: RFC 6962 section 2.1, and c2sp.org/signed-note, /tlog-checkpoint, /tlog-cosignature and /tlog-witness.
Pure module: no I/O.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ORIGIN: Final = "douane/"
MOST_SIGNATURES: Final = 100
_ED25519: Final = b"\x01"
_COSIGNATURE: Final = b"\x04"
_DASH: Final = "\N{EM DASH} "
_HASH: Final = 32
_SIGNATURES: Final = (4 + 8 + 64, 4 + 8 + 2420)
"""How long a cosignature is with its key id and time: Ed25519 and ML-DSA-44."""


class NoNote(Exception):  # noqa: N818 - it says what happened
    """The text is no checkpoint, or not one of this kind. The message says why."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature line: whose name, and the bytes after it (key id and signature)."""

    name: str
    content: bytes

    @property
    def line(self) -> str:
        """The line as it stands in a note, without its end."""
        return f"{_DASH}{self.name} {base64.b64encode(self.content).decode()}"


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint: who made it, over how many entries, their root, the text that is signed, and the signatures."""

    origin: str
    size: int
    root: bytes
    text: str
    signatures: tuple[Signature, ...] = ()

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(f'{one.line}\n' for one in self.signatures)}"

    def is_signed(self, public: bytes) -> bool:
        """Whether the log's own signature is there and holds; one of the same name and key that does not spoils it."""
        ours = [
            one for one in self.signatures if one.name == self.origin and one.content[:4] == key_id(self.origin, public)
        ]
        return bool(ours) and all(_holds(public, one.content[4:], self.text.encode()) for one in ours)


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness's name and Ed25519 key, as its verifier key says them."""

    name: str
    public: bytes

    def cosigned_at(self, note: Note) -> str | None:
        """Return when it cosigned the note (ISO 8601), None if it did not or its cosignature does not hold."""
        wanted = key_id(self.name, self.public, _COSIGNATURE)
        for one in note.signatures:
            if one.name != self.name or one.content[:4] != wanted or len(one.content) != _SIGNATURES[0]:
                continue
            at = int.from_bytes(one.content[4:12], "big")
            if _holds(self.public, one.content[12:], f"cosignature/v1\ntime {at}\n{note.text}".encode()):
                return datetime.fromtimestamp(min(at, 253_402_300_799), UTC).isoformat().replace("+00:00", "Z")
        return None


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash over leaves that are hashed already; of none, that of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = _half(len(leaves))
    return _node(root_of(leaves[:half]), root_of(leaves[half:]))


def consistency(leaves: Sequence[bytes], old: int) -> list[bytes]:
    """Return the proof that the tree over these leaves continues the one over the first `old` of them.

    RFC 6962, section 2.1.2; empty for 0 and for all of them. Raises `ValueError` for more than there are.
    """
    if not 0 <= old <= len(leaves):
        raise ValueError(f"the tree has {len(leaves)} entries, not {old}")
    return [] if old in (0, len(leaves)) else _proof(leaves, old, whole=True)


def sign(origin: str, leaves: Sequence[bytes], key: Ed25519PrivateKey) -> Note:
    """Return the signed checkpoint over these leaves."""
    root = root_of(leaves)
    text = f"{origin}\n{len(leaves)}\n{base64.b64encode(root).decode()}\n"
    public = key.public_key().public_bytes_raw()
    content = key_id(origin, public) + key.sign(text.encode())
    return Note(origin, len(leaves), root, text, (Signature(origin, content),))


def key_id(name: str, public: bytes, kind: bytes = _ED25519) -> bytes:
    """Return the four bytes by which a note names a key."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def verifier_key(name: str, public: bytes) -> str:
    """Return the line that a witness is given to know this log by."""
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(_ED25519 + public).decode()}"


def read_witness(text: str) -> Witness:
    """Return the witness of a verifier key; raises `NoNote` for anything but an Ed25519 cosigner's."""
    name, _, rest = text.strip().partition("+")
    shown, _, rest = rest.partition("+")  # the key itself may hold more of them
    try:
        content = base64.b64decode(rest, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    public = content[1:]
    if not name or content[:1] != _COSIGNATURE or len(public) != _HASH:
        raise NoNote("is no verifier key of an Ed25519 witness (name+key id+base64, type 04)")
    if shown != key_id(name, public, _COSIGNATURE).hex():
        raise NoNote("is a verifier key whose key id is not that of its key")
    return Witness(name, public)


def read_note(text: str) -> Note:
    """Return the checkpoint that a text holds; raises `NoNote`."""
    body, found, lines = text.rpartition("\n\n")
    if not found:
        raise NoNote("has no empty line before its signatures")
    body += "\n"
    said = body.split("\n")
    if any(char < " " and char != "\n" for char in text) or len(said) < 4 or not all(said[:-1]):
        raise NoNote("has not the three lines of a checkpoint")
    origin, size, root = said[:3]
    if not size.isascii() or not size.isdigit() or str(int(size[:20])) != size:
        raise NoNote("has no number of entries in its second line")
    try:
        content = base64.b64decode(root, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if len(content) != _HASH:
        raise NoNote("has no root hash in its third line")
    return Note(origin, int(size), content, body, read_signatures(lines))


def read_signatures(text: str) -> tuple[Signature, ...]:
    """Return signature lines as a witness answers them; raises `NoNote` when there is none or a line is none."""
    out: list[Signature] = []
    for line in text.rstrip("\n").split("\n"):
        name, _, content = line.removeprefix(_DASH).partition(" ")
        try:
            read = base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError):
            read = b""
        if not line.startswith(_DASH) or not name or "+" in name or len(read) < 5:
            raise NoNote("has a line that is no signature")
        out.append(Signature(name, read))
    if len(out) > MOST_SIGNATURES:
        raise NoNote(f"has more than {MOST_SIGNATURES} signatures")
    return tuple(out)


def is_cosignature(one: Signature) -> bool:
    """Whether a signature has the shape of a witness's: a time and an Ed25519 or ML-DSA-44 signature."""
    return len(one.content) in _SIGNATURES


def _proof(leaves: Sequence[bytes], old: int, *, whole: bool) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [root_of(leaves)]
    half = _half(len(leaves))
    if old <= half:
        return [*_proof(leaves[:half], old, whole=whole), root_of(leaves[half:])]
    return [*_proof(leaves[half:], old - half, whole=False), root_of(leaves[:half])]


def _half(size: int) -> int:
    """The largest power of two below the size."""
    return 1 << (size - 1).bit_length() - 1


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _holds(public: bytes, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True
