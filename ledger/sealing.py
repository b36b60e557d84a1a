"""What only the master key's holder can do to a ledger: the MAC of the open segment, signatures of the closed ones.

`docs/ledger-format.md` is the specification. Pure but for the random keys of a new segment.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from douane.ledger.canonical import Value, enc
from douane.ledger.keys import all_of, derive

SEED_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_SIGNED: Final = b"douane-segment/1\x00"


class SealBroken(Exception):  # noqa: N818 - it says what happened
    """The open segment's secrets were made with another master key, or altered."""


@dataclass(frozen=True, slots=True)
class Header:
    """A closed segment without its signature: the columns that the signature covers, in their order."""

    number: int
    first_seq: int
    last_seq: int
    count: int
    opened_at: str
    closed_at: str
    previous_head: bytes
    head: bytes
    previous_signature: bytes | None
    taxonomy: str
    config_sha256: str
    rules_sha256: str
    version: str
    public_key: bytes
    next_public_key: bytes


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed and signed segment of a ledger."""

    ledger: str
    header: Header
    signature: bytes


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a ledger's chain stood after a commit. `at` is ISO 8601, `file` the database's path, None in memory."""

    ledger: str
    seq: int
    head: bytes
    at: str
    file: str | None


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The history that a restored copy ended: events above `copy`, up to `seq`, as anchors before `at` know them.

    `after` and `after_head` are where the copy's chain stood once it told so: only a file that goes through there is
    that copy.
    """

    ledger: str
    at: str
    copy: int
    copy_head: bytes
    seq: int
    head: bytes
    after: int
    after_head: bytes


class Anchors(Protocol):
    """Where it is kept, outside the database, how far the chain was. Told after each commit.

    Nothing but `gave_up` and `gave_way` raises.
    """

    def doubt(self, file: str, sealer: "Sealer | None", ledger: str, *, again: bool = False) -> str | None:
        """Say, before anything is appended, why this file is not the ledger that is known; None if it may well be.

        `ledger` is the number that the file says; `again` says that it was asked before and the file went on since.
        """

    def moved(self, ledger: str) -> bool:
        """Whether what is kept of this ledger was changed by others since `doubt` was asked."""
        ...

    def saw(self, standing: Standing) -> None:
        """Remember where a chain was found to stand, for the next time that `doubt` is asked of this file."""

    def missed(self, file: str) -> str | None:
        """Say why no ledger may begin in this file, which has no chain yet: another one is known there."""

    def others(self, file: str, ledger: str) -> Sequence["Standing"]:
        """Return where other ledgers stood last that are known in this file."""
        ...

    def gave_way(self, other: "Standing") -> None:
        """Take that another ledger lies in its file no more; raises `OSError`."""

    def gave_up(self, given: GivenUp, sealer: "Sealer") -> None:
        """Take what a restore gives up, before the copy gets the ledger's name; raises `OSError`."""

    def stands(self, standing: Standing) -> None:
        """Take the chain's end after a commit."""

    def closed(self, closed: Closed) -> None:
        """Take a segment that was just closed."""


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """What makes the MACs of one segment and its signature."""

    seed: bytes
    private: bytes

    @property
    def public(self) -> bytes:
        """The 32 bytes of the key that checks the signature."""
        return Ed25519PrivateKey.from_private_bytes(self.private).public_key().public_bytes_raw()


def new_secrets() -> Secrets:
    """Return a random seed and a random key pair."""
    return Secrets(secrets.token_bytes(SEED_BYTES), Ed25519PrivateKey.generate().private_bytes_raw())


class Sealer:
    """Holds the master key, and older ones that were replaced; do not pickle or log it."""

    __slots__ = ("_masters",)

    def __init__(self, master: bytes, older: Sequence[bytes] = ()) -> None:
        self._masters = (*all_of(master), *older)

    def seal(self, ledger: str, number: int, opened_at: str, made: Secrets) -> bytes:
        """Return a segment's secrets, sealed with the newest master key and bound to when it was opened."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        key = derive(self._masters[0], "ledger seal", ledger)
        return nonce + AESGCM(key).encrypt(nonce, made.seed + made.private, enc((ledger, number, opened_at)))

    def unseal(self, ledger: str, number: int, opened_at: Value, sealed: bytes) -> Secrets:
        """Return the secrets that `seal` sealed; raises `SealBroken`, also where `opened_at` is not what it was."""
        if len(sealed) <= _NONCE_BYTES:
            raise SealBroken
        # a segment that was opened by a Douane of before its moment was bound has the shorter data
        for bound in (enc((ledger, number, opened_at)), enc((ledger, number))):
            for master in self._masters:
                cipher = AESGCM(derive(master, "ledger seal", ledger))
                try:
                    clear = cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)
                except InvalidTag:
                    continue
                if len(clear) == SEED_BYTES * 2:
                    return Secrets(clear[:SEED_BYTES], clear[SEED_BYTES:])
        raise SealBroken

    def given_up_macs(self, one: GivenUp) -> tuple[bytes, ...]:
        """Return the MAC of what a restore gave up under each master key, the newest first."""
        said = enc(astuple(one))
        return tuple(hmac.digest(derive(key, "ledger restored", one.ledger), said, "sha256") for key in self._masters)

    def gave_up(self, one: GivenUp, found: bytes) -> bool:
        """Whether this is the MAC that one of the master keys makes."""
        return any(hmac.compare_digest(made, found) for made in self.given_up_macs(one))

    def note_key(self, ledger: str, public: bytes | None = None) -> Ed25519PrivateKey:
        """Return the key that signs this ledger's checkpoints: the one with this public half if a master has it."""
        keys = [Ed25519PrivateKey.from_private_bytes(derive(one, "ledger note", ledger)) for one in self._masters]
        return next((key for key in keys if key.public_key().public_bytes_raw() == public), keys[0])


def step(key: bytes, times: int = 1) -> bytes:
    """Return the MAC key that comes so many appends later; there is no way back."""
    for _ in range(times):
        key = hashlib.sha256(b"\x04" + key).digest()
    return key


def mac(key: bytes, ledger: str, segment: int, appends: int, seq: int, head: bytes) -> bytes:
    """Return the MAC of a chain's end under the key of that append."""
    return hmac.digest(key, enc((ledger, segment, appends, seq, head)), "sha256")


def signed_bytes(ledger: str, header: Header) -> bytes:
    """Return what a segment's signature covers."""
    return _SIGNED + enc((ledger, *astuple(header)))


def sign(private: bytes, ledger: str, header: Header) -> bytes:
    """Return the signature of a segment."""
    return Ed25519PrivateKey.from_private_bytes(private).sign(signed_bytes(ledger, header))


def is_signed(ledger: str, header: Header, signature: bytes) -> bool:
    """Whether the signature is that of the segment's own public key."""
    try:
        Ed25519PublicKey.from_public_bytes(header.public_key).verify(signature, signed_bytes(ledger, header))
    except (InvalidSignature, ValueError):
        return False
    return True
