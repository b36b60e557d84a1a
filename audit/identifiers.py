"""Identifiers as people write them, one a line: what each is by its looks. Pure module: no I/O."""

import ipaddress
import re
from collections.abc import Iterable
from typing import Final

from douane.audit import taxonomy

MOST: Final = 100_000
"""Lines that are read at most."""
_LONGEST: Final = 500
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+")
_PHONE: Final = re.compile(r"\+?[\d\s().-]{6,24}")
_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")

type Identifier = tuple[str, str]
"""A category and a value."""


def category_of(value: str) -> str:
    """What an identifier is by its looks: e-mail address, IBAN, IP address, phone number, else a pseudonym."""
    if _EMAIL.fullmatch(value):
        return "user.contact.email"
    if _IBAN.fullmatch(value):
        return "user.financial.bank_account.iban"
    try:
        ipaddress.ip_address(value)
    except ValueError:
        pass
    else:
        return "user.device.ip_address"
    return "user.contact.phone_number" if _PHONE.fullmatch(value) else "user.unique_id.pseudonymous"


def parsed(lines: Iterable[str]) -> list[Identifier]:
    """One identifier a line; a category of the taxonomy and a colon may stand before it, `#` begins a comment."""
    out: dict[Identifier, None] = {}
    for line in lines:
        text = line.strip()
        if not text or text.startswith("#") or len(text) > _LONGEST:
            continue
        named, colon, rest = text.partition(":")
        if colon and rest.strip() and taxonomy.category(named.strip()) is not None:
            out[(named.strip(), rest.strip())] = None
        else:
            out[(category_of(text), text)] = None
        if len(out) >= MOST:
            break
    return list(out)
