"""AES-256-GCM under a key derived from the master key: what an older master key sealed still opens."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from douane.ledger.keys import all_of, derive


class Seal:
    """Seals with the newest master key and opens with each; do not pickle or log it."""

    __slots__ = ("_ciphers",)

    def __init__(self, master: bytes, *labels: str) -> None:
        self._ciphers = [AESGCM(derive(one, *labels)) for one in all_of(master)]

    def encrypt(self, nonce: bytes, plain: bytes, bound: bytes) -> bytes:
        """Return what only a holder of the master key can open; `bound` must be the same then."""
        return self._ciphers[0].encrypt(nonce, plain, bound)

    def decrypt(self, nonce: bytes, sealed: bytes, bound: bytes) -> bytes:
        """Return what was sealed; raises `cryptography`'s `InvalidTag`, and `ValueError` for what cannot be a seal."""
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(nonce, sealed, bound)
            except InvalidTag:
                continue
        raise InvalidTag
