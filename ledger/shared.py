"""How many of an app's subjects another app saw as well: joined for one question, kept nowhere.

Pseudonyms have a key for each app, so that the ledger by itself does not say that two apps saw the same person. With
the master key and the values, it can be asked; neither the values nor what is found is written anywhere.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from douane.ledger.pseudonyms import Pseudonymiser, needs_salt
from douane.ledger.query import key_epochs

_MARKS = 500  # under SQLite's limit of values in one statement


def shared_subjects(
    db: sqlite3.Connection, pseudonymiser: Pseudonymiser, identifiers: Iterable[tuple[str, str]]
) -> Callable[[str], Mapping[str, int]]:
    """Return a function for `history`: for an app, by category, how many of `identifiers` it and another app saw.

    `identifiers` are (category, value). Only identifiers are joined: a value whose pseudonyms are salted in each
    exchange (a first name, a town) is passed over.
    """
    epochs = key_epochs(db)
    apps_of: dict[tuple[str, int], set[str]] = {}
    digests: dict[str, tuple[tuple[str, int], str]] = {}
    for number, (category, value) in enumerate(sorted(set(identifiers))):
        if needs_salt(category, value):
            continue
        for one in pseudonymiser.look_up(value, category, epochs):
            # a second spelling of one value has the same digests, and is no second subject
            digests.setdefault(one.digest, ((category, number), one.app))
    names = list(digests)
    for start in range(0, len(names), _MARKS):
        chunk = names[start : start + _MARKS]
        rows = db.execute(
            "SELECT DISTINCT d.pseudonym FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id"  # noqa: S608 - marks only
            f" WHERE e.route <> 'egress' AND d.pseudonym IN ({', '.join('?' * len(chunk))})",
            chunk,
        )
        for (digest,) in rows:
            subject, app = digests[digest]
            apps_of.setdefault(subject, set()).add(app)

    def of(app: str) -> Mapping[str, int]:
        return Counter(subject[0] for subject, apps in apps_of.items() if app in apps and len(apps) > 1)

    return of
