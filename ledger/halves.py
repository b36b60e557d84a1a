"""A full name that a ledger holds as a given and a family name: found where both stand in one message.

Read-only. A half by itself is many people's, so that its digest is salted in each message: the halves are looked for in
messages that hold two names or more, and in no others.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from douane.ledger.pseudonyms import Pseudonymiser, needs_salt
from douane.ledger.query import key_epochs
from douane.ledger.spellings import NAME, Halves, unaccented
from douane.ledger.unfound import Progress, silent

type _Use = tuple[int, int, bool]
"""Where a half comes from: the identifier's place, which division of its words, and whether it is the second half."""

_EACH: Final = 1_000
_NAMES: Final = """SELECT e.id, d.id, d.pseudonym, d.category, d.pointer, e.salt, a.name, k.epoch
    FROM disclosures d NOT INDEXED CROSS JOIN exchanges e NOT INDEXED ON e.id = d.exchange_id
    JOIN apps a NOT INDEXED ON a.id = e.app_id JOIN keys k NOT INDEXED ON k.key_id = d.key_id
    WHERE d.category = 'user.name' OR d.category GLOB 'user.name.*' ORDER BY e.id"""


@dataclass(frozen=True, slots=True)
class _Row:
    """A name in a message."""

    id: int
    digest: str
    category: str
    parent: str
    app: str
    epoch: int


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The halves of all identifiers, each text once: those with one digest in an app, and those salted anew."""

    known: dict[str, list[_Use]]
    salted: dict[str, list[_Use]]


def halved(
    db: sqlite3.Connection,
    pseudonymiser: Pseudonymiser,
    names: Sequence[tuple[int, Halves]],
    progress: Progress | None = None,
) -> Iterator[tuple[int, int]]:
    """Yield each disclosure that is a half of a name beside its other half, and the place of that name.

    `names` are places and how the words of each can be divided (`spellings.halves`). Where halves stand in one object
    (`given_name` beside `family_name`), those of the message that do not are somebody else's and left out.
    """
    told = progress or silent
    if not any(ways for _, ways in names):
        return
    wanted = _wanted(db, pseudonymiser, names)
    total = int(db.execute("SELECT coalesce(max(id), 0) FROM exchanges").fetchone()[0])
    for exchange, lines in groupby(db.execute(_NAMES), key=lambda line: int(line[0])):
        rows, salt = list[_Row](), b""
        for _, number, digest, category, pointer, drawn, app, epoch in lines:
            rows.append(_Row(number, digest, category, pointer.rpartition("/")[0], app, epoch))
            salt = drawn or b""
        if exchange % _EACH == 0:
            told("messages", exchange, total)
        if len(rows) > 1:
            yield from _beside(rows, _uses(pseudonymiser, wanted, rows, salt))


def _wanted(db: sqlite3.Connection, pseudonymiser: Pseudonymiser, names: Sequence[tuple[int, Halves]]) -> _Wanted:
    texts: dict[str, list[_Use]] = {}
    for place, ways in names:
        for way, both in enumerate(ways):
            for second, half in enumerate(both):
                for text in dict.fromkeys((half, unaccented(half))):
                    texts.setdefault(text, []).append((place, way, bool(second)))
    epochs, known, salted = key_epochs(db), dict[str, list[_Use]](), dict[str, list[_Use]]()
    for text, uses in texts.items():
        if needs_salt(NAME, text):
            salted[text] = uses
        for one in pseudonymiser.look_up(text, NAME, epochs):
            known.setdefault(one.digest, []).extend(uses)
    return _Wanted(known, salted)


def _uses(
    pseudonymiser: Pseudonymiser, wanted: _Wanted, rows: Sequence[_Row], salt: bytes
) -> dict[int, list[tuple[_Use, _Row]]]:
    """By the place of a name, which of its halves these rows are."""
    made: dict[int, dict[str, list[_Use]]] = {}
    found: dict[int, list[tuple[_Use, _Row]]] = {}
    for row in rows:
        uses = wanted.known.get(row.digest, ())
        if salt and row.epoch not in made:
            digests = made[row.epoch] = {}
            for text, those in wanted.salted.items():
                for digest in pseudonymiser.salted_digests(row.app, row.epoch, NAME, text, salt):
                    digests.setdefault(digest, []).extend(those)
        for use in (*uses, *made.get(row.epoch, {}).get(row.digest, ())):
            found.setdefault(use[0], []).append((use, row))
    return found


def _beside(rows: Sequence[_Row], found: dict[int, list[tuple[_Use, _Row]]]) -> Iterator[tuple[int, int]]:
    for place, halves in found.items():
        parents = {row.parent for row in rows}
        near = {
            number
            for parent in parents
            for number in _paired([(use, row) for use, row in halves if row.parent == parent])
        }
        yield from ((number, place) for number in sorted(near or _paired(halves)))


def _paired(halves: Sequence[tuple[_Use, _Row]]) -> set[int]:
    """The rows that have their other half among these: of one division of the words, and not both a given name."""
    sides: dict[tuple[int, bool], list[_Row]] = {}
    for (_, way, second), row in halves:
        sides.setdefault((way, second), []).append(row)
    return {
        one.id
        for (way, second), mine in sides.items()
        for one in mine
        if any(_differ(one, other) for other in sides.get((way, not second), ()))
    }


def _differ(one: _Row, other: _Row) -> bool:
    return one.id != other.id and (one.category != other.category or one.category == NAME)
