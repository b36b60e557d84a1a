"""Values to keyed pseudonyms, previews and length buckets: all that the ledger keeps of them. Pure module: no I/O."""

import ipaddress
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from douane.audit import taxonomy
from douane.audit.exchange import Pseudonym
from douane.ledger.keys import all_of, derive

SALT_BYTES = 16
"""How long the salt of an exchange is. The caller draws it at random and hands it to `Ledger.append` too."""

_ENOUGH = 6
_PREVIEW_FROM = 8
_NO_DIGEST = frozenset({"secret", "pci:sad"})
_NO_PREVIEW = frozenset({"art9", "art10", "minor", "secret", "pci:sad"})
_LARGEST_BUCKET = 4096


@dataclass(frozen=True, slots=True)
class _Rule:
    """How a category's values are normalised, and whether they point to one person or thing (`identifier`)."""

    form: str
    identifier: bool = False
    preview: bool = False


@dataclass(frozen=True, slots=True)
class LookedUp:
    """The digest that a value has under one app's key of one epoch."""

    app: str
    epoch: int
    digest: str


class Pseudonymiser:
    """Makes the pseudonyms of one epoch (1 or more). Deterministic; holds the master key, so do not pickle or log it.

    digest = HMAC-SHA-256(HKDF(master, "pseudonym", app, epoch), form ‖ salt ‖ normalised value), the form and the salt
    each behind a four-byte big-endian length. The form names the normalisation (`email`, `phone`, …), so that a value
    has one pseudonym in an app whichever detector named it. No key spans apps.
    """

    def __init__(self, master: bytes, epoch: int = 1) -> None:
        if epoch < 1:
            raise ValueError("an epoch is 1 or more")
        self.epoch = epoch
        self._masters = all_of(master)
        self._keys: dict[tuple[str, int, int], tuple[HMAC, str]] = {}

    def of(
        self, app: str, category: str, value_text: str, *, salt: bytes = b"", flags: Collection[str] = ()
    ) -> Pseudonym | None:
        """Return the pseudonym of a value's printed text, or None.

        None for secrets, card codes and passwords, for a value with nothing in it, and for a low-entropy value without
        a salt. Identifiers of at least six characters, and names of more than one word, are never salted; every other
        value always is, so that equal ones in two exchanges cannot be told.
        """
        if _NO_DIGEST & _all_flags(category, flags):
            return None
        rule = _rule(category)
        normalised = _NORMALISERS[rule.form](value_text)
        if not normalised:
            return None
        if _low_entropy(rule, normalised):
            if not salt:
                return None
        else:
            salt = b""
        key, key_id = self._key(app, self.epoch)
        return Pseudonym(_digest(key, rule.form, salt, normalised), key_id)

    def key_id(self, app: str) -> str:
        """Return the id of the app's key of this epoch: the epoch, a hyphen and 12 hex digits that give no key away."""
        return self._key(app, self.epoch)[1]

    def made(self, app: str, key_id: str) -> bool:
        """Tell whether one of the master keys, a replaced one too, made the app's key with this id."""
        return any(self._key(app, epoch_of(key_id), rank)[1] == key_id for rank in range(len(self._masters)))

    def look_up(self, value: str, category: str, keys: Iterable[tuple[str, int]]) -> list[LookedUp]:
        """Return what an identifier's digest is under each of these (app, epoch) keys, of every master key there is.

        Empty for a value that has no digest, or only salted ones: those are found exchange by exchange with
        `salted_digests`.
        """
        rule = _rule(category)
        normalised = _NORMALISERS[rule.form](value)
        if not normalised or _NO_DIGEST & _all_flags(category, ()) or _low_entropy(rule, normalised):
            return []
        return [
            LookedUp(app, epoch, _digest(self._key(app, epoch, rank)[0], rule.form, b"", normalised))
            for app, epoch in keys
            for rank in range(len(self._masters))
        ]

    def salted_digests(self, app: str, epoch: int, category: str, value: str, salt: bytes) -> list[str]:
        """Return a low-entropy value's digest in an exchange with this salt, under every master key there is.

        Empty for an identifier or secret.
        """
        rule = _rule(category)
        normalised = _NORMALISERS[rule.form](value)
        if not normalised or _NO_DIGEST & _all_flags(category, ()) or not _low_entropy(rule, normalised):
            return []
        ranks = range(len(self._masters))
        return [_digest(self._key(app, epoch, rank)[0], rule.form, salt, normalised) for rank in ranks]

    def _key(self, app: str, epoch: int, rank: int = 0) -> tuple[HMAC, str]:
        known = self._keys.get((app, epoch, rank))
        if known is None:
            labels, master = (app, str(epoch)), self._masters[rank]
            name = derive(master, "pseudonym key id", *labels, length=6).hex()
            known = self._keys[(app, epoch, rank)] = (
                HMAC(derive(master, "pseudonym", *labels), SHA256()),
                f"{epoch}-{name}",
            )
        return known


def epoch_of(key_id: str) -> int:
    """Return the epoch in a key id; raises `ValueError` for what is not one."""
    epoch, hyphen, name = key_id.partition("-")
    if not hyphen or not name or not epoch.isdecimal() or int(epoch) < 1:
        raise ValueError("not the id of a pseudonym key")
    return int(epoch)


def preview(category: str, flags: Collection[str], text: str) -> str | None:
    """Return at most the first two and last two characters of an identifier with `…` between, or None.

    None for what is no identifier (a name, an address, free text), has fewer than eight letters and digits, or is
    flagged art9, art10, minor, secret or pci:sad. Less than half of the letters and digits is ever shown. Unprintable
    characters read `·`.
    """
    if not _rule(category).preview or _NO_PREVIEW & _all_flags(category, flags):
        return None
    text = text.strip()
    telling = sum(map(str.isalnum, text))
    if telling < _PREVIEW_FROM:
        return None
    shown = 2 if telling > _PREVIEW_FROM else 1
    ends = (text[:2], text[-shown:])
    first, last = ("".join(one if one.isprintable() else "·" for one in end) for end in ends)
    return f"{first}…{last}"


def length_bucket(n: int) -> str:
    """Return the bucket of a length in characters: `0`, `1-3`, `4-7`, `8-15`, doubling, up to `4096+`."""
    if n <= 0:
        return "0"
    if n >= _LARGEST_BUCKET:
        return f"{_LARGEST_BUCKET}+"
    low = max(1, 1 << (n.bit_length() - 1))
    return "1-3" if low < 4 else f"{low}-{2 * low - 1}"


def needs_salt(category: str, value: str) -> bool:
    """Tell whether this value's pseudonyms are salted per exchange."""
    rule = _rule(category)
    return _low_entropy(rule, _NORMALISERS[rule.form](value))


def points_to_one(category: str) -> bool:
    """Tell whether this category's values name one person, account or document of one, and no device."""
    return _rule(category).identifier and not taxonomy.is_within(category, "user.device")


def _digest(key: HMAC, form: str, salt: bytes, normalised: str) -> str:
    made = key.copy()  # on every datum's way: to begin with the key anew takes three times as long
    made.update(
        b"".join((_named(form), len(salt).to_bytes(4, "big"), salt, normalised.encode("utf-8", "surrogatepass")))
    )
    return made.finalize().hex()


@cache
def _named(form: str) -> bytes:
    named = form.encode("ascii")
    return len(named).to_bytes(4, "big") + named


def _low_entropy(rule: _Rule, normalised: str) -> bool:
    if not rule.identifier or len(normalised) < _ENOUGH:
        return True
    return rule.form == "words" and " " not in normalised  # a first name alone, a town


@cache
def _category_flags(category: str) -> frozenset[str]:
    return frozenset(taxonomy.flags(category))


def _all_flags(category: str, flags: Collection[str]) -> frozenset[str]:
    known = _category_flags(category)
    return known.union(flags) if flags else known


@cache
def _rule(category: str) -> _Rule:
    key = category
    while key:
        if (rule := _RULES.get(key)) is not None:
            return rule
        key = key.rpartition(".")[0]
    return _Rule("text")


def _text(value: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def _exact(value: str) -> str:
    return unicodedata.normalize("NFC", value).strip()


def _email(value: str) -> str:
    return _text(value).removeprefix("mailto:").replace(" ", "")


def _digits(value: str) -> str:
    return "".join(str(unicodedata.digit(one)) for one in unicodedata.normalize("NFKC", value) if one.isdigit())


def _phone(value: str) -> str:
    digits = _digits(value)
    return digits.removeprefix("00") if not value.lstrip().startswith("+") else digits


def _compact(value: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", value).upper()))


def _words(value: str) -> str:
    folded = unicodedata.normalize("NFKC", value).casefold()
    return " ".join("".join(one if one.isalnum() else " " for one in folded).split())


def _ip(value: str) -> str:
    try:
        return ipaddress.ip_address(value.strip().strip("[]")).compressed
    except ValueError:
        return _text(value)


_NORMALISERS: dict[str, Callable[[str], str]] = {
    "text": _text,
    "exact": _exact,
    "email": _email,
    "phone": _phone,
    "digits": _digits,
    "compact": _compact,
    "words": _words,
    "ip": _ip,
}

_RULES: dict[str, _Rule] = {
    "user.account.username": _Rule("text", identifier=True, preview=True),
    "user.contact.email": _Rule("email", identifier=True, preview=True),
    "user.contact.phone_number": _Rule("phone", identifier=True, preview=True),
    "user.contact.fax_number": _Rule("phone", identifier=True, preview=True),
    "user.contact.url": _Rule("exact", identifier=True),
    "user.contact.address": _Rule("words", identifier=True),
    "user.contact.address.city": _Rule("words"),
    "user.contact.address.country": _Rule("words"),
    "user.contact.address.postal_code": _Rule("words"),
    "user.contact.address.state": _Rule("words"),
    "user.device.cookie": _Rule("exact", identifier=True),
    "user.device.cookie_id": _Rule("exact", identifier=True, preview=True),
    "user.device.device_id": _Rule("compact", identifier=True, preview=True),
    "user.device.ip_address": _Rule("ip", identifier=True, preview=True),
    "user.financial.bank_account": _Rule("compact", identifier=True, preview=True),
    "user.financial.credit_card": _Rule("digits", identifier=True, preview=True),
    "user.financial.crypto_wallet": _Rule("exact", identifier=True, preview=True),
    "user.government_id": _Rule("compact", identifier=True, preview=True),
    "user.government_id.birth_certificate": _Rule("compact"),
    "user.government_id.immigration": _Rule("compact"),
    "user.health_and_medical.insurance_beneficiary_id": _Rule("compact", identifier=True),
    "user.health_and_medical.record_id": _Rule("compact", identifier=True),
    "user.name": _Rule("words", identifier=True),
    "user.unique_id": _Rule("exact", identifier=True, preview=True),
}
"""Only what points to one person or thing is named here; every other category is text, salted and never shown."""
