"""A key file's text locked with a passphrase: scrypt makes the key, AES-256-GCM seals. Pure but for the randomness."""

import base64
import binascii
import json
import os
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

FORMAT: Final = "douane-locked-key/1"
LEAST: Final = 8
"""Characters that a new passphrase has at least."""

# OWASP's recommendation for scrypt (Password Storage Cheat Sheet, read 2026-11): N = 2^17, r = 8, p = 1, 128 MiB.
_COST: Final = {"n": 2**17, "r": 8, "p": 1}
_MOST: Final = {"n": 2**20, "r": 16, "p": 4}
_SALT: Final = 16
_NONCE: Final = 12


class LockRefused(ValueError):  # noqa: N818 - it says what happened
    """The passphrase is wrong, or the locked text is none of ours or was changed. Never holds any of it."""


def is_locked(text: bytes) -> bool:
    """Tell whether this is a key file's text locked with a passphrase."""
    return text.lstrip().startswith(b"{")


def lock(plain: bytes, passphrase: str) -> bytes:
    """Return the text as one line of JSON that only the passphrase opens."""
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    head: dict[str, Any] = {"format": FORMAT, "kdf": "scrypt", **_COST, "salt": _text(salt), "nonce": _text(nonce)}
    sealed = AESGCM(_key(passphrase, salt, _COST)).encrypt(nonce, plain, _bound(head))
    return json.dumps({**head, "sealed": _text(sealed)}).encode("ascii") + b"\n"


def unlock(text: bytes, passphrase: str) -> bytes:
    """Return what `lock` locked; raises `LockRefused`."""
    try:
        head = json.loads(text)
        sealed, salt, nonce = (base64.b64decode(head[name], validate=True) for name in ("sealed", "salt", "nonce"))
        cost = {name: head[name] for name in _COST}
        known = head["format"] == FORMAT and head["kdf"] == "scrypt" and len(salt) >= 8 and len(nonce) == _NONCE
        # a changed file must not ask for more memory than the machine has
        bounded = all(isinstance(value, int) and 1 <= value <= _MOST[name] for name, value in cost.items())
        if not (known and bounded):
            raise ValueError
        cipher = AESGCM(_key(passphrase, salt, cost))
    except (KeyError, RecursionError, TypeError, ValueError, binascii.Error):
        raise LockRefused("this is not a key locked by this version of Douane") from None
    del head["sealed"]
    try:
        return cipher.decrypt(nonce, sealed, _bound(head))
    except InvalidTag:
        raise LockRefused("the passphrase does not open it") from None


def _key(passphrase: str, salt: bytes, cost: dict[str, int]) -> bytes:
    return Scrypt(salt=salt, length=32, **cost).derive(passphrase.encode("utf-8", "surrogateescape"))


def _bound(head: dict[str, Any]) -> bytes:
    return json.dumps(head, sort_keys=True, separators=(",", ":")).encode("ascii")


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
