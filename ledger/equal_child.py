"""A process that counts spans of a ledger for a report in another process (`ledger.equal_beside`).

It reads lines of JSON: first path, scope and where the other one stands, answered with whether it sees the same; then
`[first, last]` from the ledger's end on, answered when that span is counted; then `"end"`, answered with what all spans
together say. It ends when its standard input does.
"""

import json
import sys
from contextlib import closing
from pathlib import Path

from douane.ledger.equal_beside import same
from douane.ledger.equal_groups import Groups
from douane.ledger.query import open_ledger
from douane.ledger.report_query import Scope, snapshot
from douane.ledger.spans import Span, read
from douane.ledger.verify_file import MAPPED


class Parts:
    """What was counted, in a few parts: spans come from the ledger's end, each before all that came so far.

    Two parts of as many spans become one, so there are as many as a count of the spans has binary digits: one part only
    would be gone through with each span, one of each span would grow with the ledger.
    """

    def __init__(self) -> None:
        """Nothing yet."""
        self.held: list[tuple[int, Groups]] = []

    def count(self, span: Span) -> None:
        """Count a span that lies before all others."""
        part, size = Groups(), 1
        part.count(span)
        while self.held and self.held[-1][0] <= size:
            more, later = self.held.pop()
            part.add(later.state())
            size += more
        self.held.append((size, part))

    def together(self) -> Groups:
        """Return everything counted, in the order of the ledger."""
        whole = Groups()
        for _, part in reversed(self.held):
            whole.add(part.state())
        return whole


def main() -> int:
    """Answer line by line."""
    path, apps, since, until, ledger, seq, leaf, last = json.loads(sys.stdin.readline())
    scope = Scope(None if apps is None else tuple(apps), since, until)
    parts = Parts()
    with closing(open_ledger(Path(path))) as db, snapshot(db):
        # through memory: a page that cannot be read ends this process, and the other one counts what it had
        db.execute(f"PRAGMA mmap_size = {MAPPED}").close()
        _answer(same(db, (ledger, seq, leaf, last)))
        for line in sys.stdin:
            asked = json.loads(line)
            if asked == "end":
                _answer(parts.together().state())
                continue
            first, until_id = asked
            parts.count(read(db, scope, first, until_id))
            _answer(True)
    return 0


def _answer(told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
