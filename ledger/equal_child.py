"""A process that counts spans of a ledger for a report in another process (`ledger.equal_beside`).

It reads lines of JSON: first path, scope and where the other one stands, answered with whether it sees the same; then
`[first, last]`, answered when that span is counted; then `"end"`, answered with what all spans together say. It ends
when its standard input does.
"""

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Final

from douane.ledger.equal_beside import same
from douane.ledger.equal_groups import Groups
from douane.ledger.query import open_ledger
from douane.ledger.report_query import Scope, snapshot
from douane.ledger.spans import read

_MAPPED: Final = "PRAGMA mmap_size = 17179869184"
"""Read through memory, which saves a copy of each page: a page that cannot be read ends this process, and the other one
counts what it had."""


def main() -> int:
    """Answer line by line."""
    path, apps, since, until, ledger, seq, leaf, last = json.loads(sys.stdin.readline())
    scope = Scope(None if apps is None else tuple(apps), since, until)
    parts: dict[int, Groups] = {}
    with closing(open_ledger(Path(path))) as db, snapshot(db):
        db.execute(_MAPPED).close()
        _answer(same(db, (ledger, seq, leaf, last)))
        for line in sys.stdin:
            asked = json.loads(line)
            if asked == "end":
                _answer(_together(parts).state())
                continue
            first, until_id = asked
            part = parts[first] = Groups()
            part.count(read(db, scope, first, until_id))
            _answer(True)
    return 0


def _together(parts: dict[int, Groups]) -> Groups:
    """Everything counted, in the order of the ledger: the spans came in another one."""
    whole = Groups()
    for first in sorted(parts):
        whole.add(parts[first].state())
    return whole


def _answer(told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
