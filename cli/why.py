"""`douane why`: what one verdict rests on."""

from typing import TYPE_CHECKING, Annotated

import typer

from douane.cli.exits import Exit, complain, standard_output
from douane.cli.looking import As, Looker, ReadConfig, ReadLedger, Reason, Unrecorded

if TYPE_CHECKING:
    import sqlite3

    from douane.audit.exchange import Verdict
    from douane.audit.rules.base import Hit, Rule
    from douane.ledger.onward import PassedOn
    from douane.ledger.traced import Rested, Traced

FORMATS = ("text", "json")


def why(
    disclosure: Annotated[
        str, typer.Argument(metavar="DISCLOSURE", help="The disclosure's number, as reports and the ledger give it.")
    ],
    output_format: Annotated[
        str, typer.Option("--format", "-f", metavar="text|json", help="How to print it.")
    ] = "text",
    lang: Annotated[str, typer.Option(metavar="en|fr", help="The language of the text.")] = "en",
    config: ReadConfig = None,
    ledger: ReadLedger = None,
    who: As = None,
    reason: Reason = "",
    unrecorded: Unrecorded = False,
) -> None:
    """Say why a disclosure has its verdict: the flow, the statements with their words, the rules, who judged."""
    from douane.cli.looking import admitted
    from douane.cli.report import ledger_of, opened
    from douane.cli.show import number_of
    from douane.ledger.traced import traced
    from douane.reports import why as pages
    from douane.reports.i18n import LangError
    from douane.reports.wrong import wrong

    if output_format not in FORMATS:
        complain(wrong("format.why", lang, formats=f" {wrong('or', lang)} ".join(FORMATS)))
        raise typer.Exit(Exit.USAGE)
    number = number_of(disclosure)
    if number < 1:
        complain(wrong("number.disclosure", lang))
        raise typer.Exit(Exit.USAGE)
    path = ledger or ledger_of(config)
    db = opened(path, lang)
    try:
        found = traced(db, number)
        if found is None:
            complain(wrong("disclosure.none", lang, file=path, number=str(number)))
            raise typer.Exit(Exit.USAGE)
        looker = Looker(who, reason, unrecorded)
        admitted(looker, f"why disclosure {number}", config=config, ledger=ledger, apps=[found.app], lang=lang)
        hits, passed = findings(db, found), passed_on(db, found)
        if output_format == "json":
            page = pages.dumped(found, hits, passed)
        else:
            page = pages.text(found, hits, passed, lang=lang)
    except LangError as error:
        complain(f"{error}")
        raise typer.Exit(Exit.USAGE) from None
    finally:
        db.close()
    with standard_output() as out:
        out.write(page.encode())


def findings(db: "sqlite3.Connection", found: "Traced") -> "list[tuple[Rule, Hit]]":
    """The rules that find something in this disclosure, looking at its message alone."""
    from douane.audit.rules.registry import load_all
    from douane.ledger.history import history

    seen = history(db, found.app, exchange=found.exchange_id)
    out: list[tuple[Rule, Hit]] = []
    for one in seen.exchanges:
        at = one.disclosure_ids.index(found.id)
        for rule in load_all():
            hit = next((hit for hit in rule.check(one.exchange, seen) if hit.disclosure == at), None)
            if hit is not None:
                out.append((rule, hit))
    return out


def passed_on(db: "sqlite3.Connection", found: "Traced") -> "list[tuple[PassedOn, list[tuple[Verdict, list[Rested]]]]]":
    """Where the app sent this very datum, as its egress listener shows, with the verdicts and what these rest on."""
    from douane.audit.onward import judge_onward
    from douane.audit.verdicts import read_at
    from douane.ledger.onward import read_onward
    from douane.ledger.promised import last_declaration
    from douane.ledger.traced import rested

    last = last_declaration(db, found.app)
    declared = last[1] if last else None

    def also(category: str) -> tuple[str, ...]:
        place = (found.pointer, found.direction, declared)
        return read_at(category, *place, method=found.method, tool=found.tool, reached=found.reached)

    return [
        (
            one,
            [
                (verdict, [rested(declared, each) for each in verdict.statements])
                for verdict in judge_onward(one.category, one.host, declared, also(one.category))
            ],
        )
        for one in read_onward(db, found.app)[1]
        if one.disclosure_id == found.id
    ]
