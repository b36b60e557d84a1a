"""Bodies of told events, lawful and forged, made from the format page's own table of shapes."""

import json
import random
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from douane.ledger.canonical import canonical, next_head, told_leaf

PAGE = Path(__file__).parents[2] / "docs" / "ledger-format.md"
AT = "2096-10-02T15:00:00.000Z"
HALF = "\ud800"
BIG = 2**63
NUMBER: tuple[list[Any], list[Any]] = ([0, 7, BIG - 1], [-1, BIG, 10**400, True, 1.0, "1", None, [], {}])
TEXT: tuple[list[Any], list[Any]] = (["", "é", HALF, "x\ny"], [7, None, True, [], {}, ["x"]])
HEX: list[Any] = [7, None, "", "0" * 63, "0" * 65, "A" * 64, "g" * 64, " " + "0" * 63, "0" * 64 + "\n"]
SPANS = ["P12M", "PT0S", "P1Y2M3W4DT5H6M7S", "P999999Y", "P999999W", "PT999999H"]
NO_SPANS: list[Any] = [
    "", "P", "PT", "P1", "P1DT", "P1.5D", "P-1D", "P1M1Y", "P1D1D", "P1000000D", "P١D", "P1D\n", " P1D", "p1d", "T1H",
    "x:P1D", "x: ", f"P1D{HALF}", 7, None, ["P1D"],
]  # fmt: skip
MOMENTS = [AT, "1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "2096-02-29T23:59:59.999Z"]
NO_MOMENTS: list[Any] = [
    "", "then", "2096-10-02", "2096-W40-2", "2096-10-02T15:00:00Z", "2096-10-02T15:00:00.000+00:00", f"{AT}\n",
    "2096-10-02T15:00:00.000", "1969-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z", "2095-02-29T00:00:00.000Z",
    "2096-13-01T00:00:00.000Z", "2096-00-01T00:00:00.000Z", "2096-01-32T00:00:00.000Z", "2096-01-00T00:00:00.000Z",
    "2096-10-02T24:00:00.000Z", "2096-10-02T23:60:00.000Z", "2096-10-02T23:59:60.000Z", "2096-10-02 15:00:00.000Z",
    "2096-10-02T15:00:00,000Z", "2٠96-10-02T15:00:00.000Z", HALF, 7, None, [AT], True,
]  # fmt: skip
_SEEN = [1, "", "kind", "name", "detail", 1, AT, AT]
_USED = [1, "tool", "to_app", "/x", 1, AT]


def _swapped(row: list[Any], at: int, *values: Any) -> list[list[list[Any]]]:
    return [[[*row[:at], value, *row[at + 1 :]]] for value in values]


def _no_rows(row: list[Any], names: range) -> list[Any]:
    first, *_, last = range(len(row))
    wrong = [wrong for at in names for wrong in _swapped(row, at, HALF, 7, None, ["x"])]
    wrong += _swapped(row, first, 0, -1, True, 1.5, "1", BIG) + _swapped(row, names.stop, 0, 1.5, True, 10**400)
    wrong += _swapped(row, last, "then", 7, None)
    return [*wrong, [row[:-1]], [[*row, 1]], ["12345678"], row, {}, "", None, 7]


VALUES: dict[str, tuple[list[Any], list[Any]]] = {
    "number": NUMBER,
    "id": ([1, BIG - 1], [0, *NUMBER[1]]),
    "ids": (
        [[], [BIG - 1], [BIG - 1, BIG - 2]],
        [None, "", {}, 7, "1", [0], [-5], [BIG], [True], [1.0], ["1"], [[1]], [7, None]],
    ),
    "text": TEXT,
    "moment": (MOMENTS, NO_MOMENTS),
    "key": (["0" * 64, "0123456789abcdef" * 4], HEX),
    "fingerprint": (["0" * 32, "0123456789abcdef" * 2], ["0" * 64, *HEX]),
    "state": (["confirmed", "false-alarm", "unreviewed"], ["", "maybe", "confirmed\n", 7, None]),
    "rule": ([*SPANS, "crm: P1D", f"a: b{HALF}: P1D", ": P1D"], [*NO_SPANS, "P1D, P2D", "P1D: "]),
    "rules": ([*SPANS, "P1D, P2D"], [*NO_SPANS, "crm: P1D", "P1D,P2D", "P1D, ", "P1D, crm: P1D"]),
    "counts": ([{}, {"apps": 2, HALF: BIG - 1}], [[], None, "", 7, {"apps": -1}, {"apps": "1"}, {"apps": True}]),
    "scope": (
        [{"apps": [], "since": "", "until": ""}, {"apps": ["a", HALF], "since": "then", "until": AT}],
        [
            {}, [], None, "", {"apps": [], "since": ""}, {"apps": [], "since": "", "until": "", "more": ""},
            {"apps": [7], "since": "", "until": ""}, {"apps": "a", "since": "", "until": ""},
            {"apps": [], "since": 7, "until": ""}, {"apps": [], "since": "", "until": None},
        ],
    ),
    "ranges": (
        [[]],
        [
            None, "", {}, 7, [1], [[1]], [[1, 2, 3]], [["1", "1"]], [[1.0, 1.0]], [[0, 1]], [[-5, 1]], [[2, 1]],
            [[1, BIG]], [[True, 1]], ["11"],
        ],
    ),
    "observed": ([[]], _no_rows(_SEEN, range(1, 5)) + _swapped(_SEEN, 6, "then")),
    "used": ([[]], _no_rows(_USED, range(1, 4))),
}  # fmt: skip
"""For each type what it may hold, such that nothing of a ledger contradicts it, and what it may not."""


def shapes() -> dict[str, dict[str, str]]:
    """The kinds of the page's table, with the type of each key; a key that may lack stands in brackets."""
    table = PAGE.read_text().partition("| kind | keys and types |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \| ([^|`]+) \|$", table, re.MULTILINE)
    found = {kind: dict(part.split(" ") for part in text.split(", ")) for kind, text in rows}
    assert {"adopted", "outcome", "restored"} <= found.keys()
    return found


def lawful(kind: str, rng: random.Random) -> dict[str, Any]:
    """A body that has the shape of its kind."""
    keys = {key.strip("[]"): of for key, of in shapes()[kind].items() if key[0] != "[" or rng.random() < 0.5}
    return {key: rng.choice(VALUES[of][0]) for key, of in keys.items()}


def forged(kind: str, rng: random.Random) -> Iterator[str]:
    """Bodies that have not the shape of their kind: without each key, and with each value that its type has not."""
    for key, of in shapes()[kind].items():
        name = key.strip("[]")
        for value in VALUES[of][1]:
            yield canonical({**lawful(kind, rng), name: value})
        if key == name:
            yield canonical({one: value for one, value in lawful(kind, rng).items() if one != name})
    for value in (None, True, 1.5, [], {}, -1, BIG):
        yield canonical({**lawful(kind, rng), "more": value})
    text = canonical(lawful(kind, rng))
    yield from ("", "nope", "null", "[]", '"{}"', "7", "{", f" {text}", f"{text}\n", f"\ufeff{text}", text + text)
    yield text.replace("{", '{"~":NaN,', 1).replace(",}", "}")
    yield text.replace("{", '{"~":"1","~":"1",', 1).replace(",}", "}")
    yield text.replace("{", '{"~":"é",', 1).replace(",}", "}")
    yield json.dumps({"~": "x", **lawful(kind, rng)})
    yield from ("[" * 100_000, '{"a":' * 3_000 + "1" + "}" * 3_000, '{"more":' + "9" * 5_000 + "}")


def tell_all(db: sqlite3.Connection, events: list[tuple[str, str | None]]) -> int:
    """Append told events as somebody without the key can; return the number of the first."""
    seq, head = db.execute("SELECT seq, head FROM chain").fetchone()
    for number, (kind, body) in enumerate(events, seq + 1):
        leaf = told_leaf(number, kind, body)  # type: ignore[arg-type]
        db.execute("INSERT INTO events VALUES (?, ?, NULL, ?, ?)", (number, kind, body, leaf))
        head = next_head(head, leaf)
    db.execute("UPDATE chain SET seq = ?, head = ?, appends = appends + ?", (seq + len(events), head, len(events)))
    return int(seq) + 1
