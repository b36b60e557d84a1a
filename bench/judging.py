"""How long it takes to judge 10,000 exchanges: the verdicts alone, from the ledger and back into it, and the rules.

Calls and answers with five data each, fictitious and made from a seed, against a declaration with purposes, fields and
forty statements. Seconds of processor time in one process; making the ledger is not counted.
"""

import random
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from douane.audit import taxonomy
from douane.audit.context import ToolSchema
from douane.audit.declaration import (
    Declaration,
    DeclaredField,
    DeclaredTool,
    Notice,
    Purpose,
    Recipient,
    Says,
    Statement,
)
from douane.audit.exchange import Disclosure, Exchange, Outcome
from douane.audit.message import Direction, Kind
from douane.audit.rules.registry import check_all
from douane.audit.verdicts import headline, judge
from douane.ledger.history import history
from douane.ledger.query import open_ledger
from douane.ledger.rejudge import rejudge
from douane.ledger.store import Ledger

EXCHANGES = 10_000
AIM_SECONDS = 5.0
CATEGORIES = tuple(one.key for one in taxonomy.categories() if one.key.startswith("user.") and one.key.count(".") > 1)
PLACES = ("name", "email", "phone", "city", "note", "when", "items", "unlisted")
_TAKEN = {
    "type": "object",
    "properties": {
        **{name: {"type": "string", "title": f"The person's {name}"} for name in PLACES[:6]},
        "items": {"type": "array", "items": {"type": "object", "properties": {"email": {"type": "string"}}}},
    },
}
SCHEMA = ToolSchema("book", input_schema=_TAKEN, output_schema=_TAKEN)


def declared(seed: int) -> Declaration:
    """A declaration as long as a thorough author's."""
    chance = random.Random(seed)
    statements = tuple(
        Statement(
            f"policy/{number}",
            chance.choice((Says.COLLECTS, Says.COLLECTS, Says.DOES_NOT_COLLECT)),
            chance.choice(("we", "we", "anyone", "third party", "Example Mail SAS")),
            tuple(chance.sample(CATEGORIES, 3)),
            "",
        )
        for number in range(1, 41)
    )
    purposes = tuple(
        Purpose(f"purpose/{number}", "", to_app=tuple(chance.sample(CATEGORIES, 6)), to_chatgpt=(CATEGORIES[number],))
        for number in range(1, 9)
    )
    fields = tuple(
        DeclaredField(f"tool/book/fields/{name}", f"/{name}", (chance.choice(CATEGORIES),)) for name in PLACES[:4]
    )
    return Declaration(
        app="bench",
        to_app=tuple(sorted({key for one in purposes for key in one.to_app})),
        to_chatgpt=tuple(sorted({key for one in purposes for key in one.to_chatgpt})),
        recipients=(Recipient("Example Mail SAS", hosts=("mail.example",)),),
        sha256=f"{seed:064x}",
        source="bench.yaml",
        policy=Notice(statements=statements),
        connection=Notice(statements=statements[:10]),
        purposes=purposes,
        tools=(DeclaredTool("book", fields=fields),),
    )


def found(seed: int) -> list[tuple[Direction, list[tuple[str, str]]]]:
    """For each exchange its direction, and the categories and places of what it holds."""
    chance = random.Random(seed)
    out: list[tuple[Direction, list[tuple[str, str]]]] = []
    for number in range(EXCHANGES):
        way = Direction.TO_CHATGPT if number % 2 else Direction.TO_APP
        above = "/result/structuredContent" if number % 2 else "/params/arguments"
        places = [f"{above}/{chance.choice(PLACES)}" for _ in range(3)]
        places += [f"{above}/items/{chance.randrange(20)}/email", "/params/_meta/openai~1userLocation/city"]
        out.append((way, [(chance.choice(CATEGORIES), place) for place in places]))
    return out


def judged(
    rows: list[tuple[Direction, list[tuple[str, str]]]], declaration: Declaration
) -> list[tuple[Direction, tuple[Disclosure, ...]]]:
    """Every datum with its verdicts."""
    out: list[tuple[Direction, tuple[Disclosure, ...]]] = []
    for way, data in rows:
        disclosures: list[Disclosure] = []
        for category, place in data:
            flags = taxonomy.flags(category)
            verdicts = judge(category, flags, place, way, SCHEMA, declaration, method="tools/call", tool="book")
            disclosures.append(
                Disclosure(place, category, flags, "bench", 0.9, "", verdicts, headline(verdicts), length="8-15")
            )
        out.append((way, tuple(disclosures)))
    return out


def main(*, quick: bool = False) -> list[str]:
    """Measure and return the lines of the table. The size is the same with `quick`: it is the promise."""
    del quick
    rows, declaration = found(1), declared(1)
    judged(rows[:100], declared(9))  # warm: the data files are read once
    began = time.process_time()
    made = judged(rows, declaration)
    alone = time.process_time() - began
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "douane.db")
        with Ledger(path, taxonomy=taxonomy.VERSION) as ledger, ledger.batch():
            ledger.add_tool("bench", SCHEMA, at=1.0)
            ledger.add_declaration(declaration, at=1.0)
            for number, (way, disclosures) in enumerate(made):
                kind = Kind.RESULT if number % 2 else Kind.REQUEST
                exchange = Exchange(
                    *(f"r{number}", 0, 1_790_000_000.0 + number, "bench", way, kind, "tools/call", "book"),
                    *(Outcome.DELIVERED, 400),
                )
                ledger.append(replace(exchange, disclosures=disclosures))
        began = time.process_time()
        with closing(open_ledger(path)) as db:
            read = history(db, "bench")
        reading = time.process_time() - began
        if len(read.exchanges) != EXCHANGES:
            raise RuntimeError(f"{len(read.exchanges)} of {EXCHANGES} exchanges were read")
        began = time.process_time()
        rejudge(path, "bench", reason="bench", version="bench")
        unchanged = time.process_time() - began
        began = time.process_time()
        done = rejudge(path, "bench", reason="bench", version="bench", declaration=declared(2))
        changed = time.process_time() - began
        began = time.process_time()
        findings = check_all(read)
        rules = time.process_time() - began
    data = sum(len(disclosures) for _, disclosures in made)
    replaced = done.replaced if done is not None else 0
    return [
        f"| verdicts on {data:,} data of {EXCHANGES:,} exchanges (aim: {AIM_SECONDS:g} s) | {alone:.2f} s |",
        f"| the history of {EXCHANGES:,} exchanges read from the ledger | {reading:.2f} s |",
        f"| the rules on that history ({len(findings):,} findings) | {rules:.2f} s |",
        f"| `douane rejudge`, nothing changed | {unchanged:.2f} s |",
        f"| `douane rejudge`, another declaration ({replaced:,} verdicts replaced) | {changed:.2f} s |",
    ]


if __name__ == "__main__":
    print("\n".join(main(quick="--quick" in sys.argv)))
