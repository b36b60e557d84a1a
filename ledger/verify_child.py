"""A process that holds ranges of events to their rows, for a verifier in another process.

It reads a path, then lines of JSON: `"begin"` is answered with where its snapshot of the ledger stands, `"astray"` with
what stands beside the rows, `[first, last]` with what that range told. It ends when its standard input does.
"""

import gc
import json
import sys
from dataclasses import asdict
from pathlib import Path

from douane.ledger.verify_file import begin, opened
from douane.ledger.verify_leaves import Leaves


def main() -> int:
    """Answer line by line."""
    gc.disable()  # nothing here makes cycles, and a collection after each few rows would be a tenth of the time
    path = Path(json.loads(sys.stdin.readline()))
    db = opened(path, mapped=True)
    leaves = Leaves(db)
    for line in sys.stdin:
        asked = json.loads(line)
        answer: object
        match asked:
            case "begin":
                answer = begin(db)
            case "astray":
                from douane.ledger.astray import astray  # what it needs of the schema would keep the others waiting

                answer = astray(path, mapped=True)
            case _:
                answer = asdict(leaves.check(*asked))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
