"""`douane review`: what a person says of a finding, told in the ledger's chain."""

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from douane.cli.custody import give_up
from douane.cli.exits import standard_output
from douane.cli.keeping import ConfigFile, LedgerFile, failing, kept
from douane.cli.looking import Unrecorded

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from douane.ledger.reviews import Review, Reviewed, State
    from douane.reports.i18n import Words


def review(
    fingerprints: Annotated[
        list[str] | None,
        typer.Argument(metavar="FINGERPRINT", help="The finding's, as `douane check` prints it; none lists reviews."),
    ] = None,
    state: Annotated[
        str | None,
        typer.Option("--state", metavar="confirmed|false-alarm|unreviewed", help="What to say of it; the last holds."),
    ] = None,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why; told in the ledger. Name no person in it.")] = "",
    who: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Who reviews, where the system user does not say it; told too."),
    ] = None,
    lang: Annotated[str, typer.Option(metavar="en|fr", help="The language of the list.")] = "en",
    config: ConfigFile = None,
    ledger: LedgerFile = None,
    unrecorded: Unrecorded = False,
) -> None:
    """Say that findings are confirmed or a false alarm, and why; without any, list what was said.

    Reports count the unreviewed, the confirmed and the false alarms apart. A review waives nothing:
    `douane check` fails on a false alarm until there is a waiver. Roles: dpo and admin.
    """
    from douane.cli.looking import Looker, admitted
    from douane.cli.report import opened
    from douane.cli.scan import spoken
    from douane.ledger.reviews import in_force
    from douane.ledger.reviews import review as tell

    words = spoken(lang)
    if not fingerprints:
        if state is not None or note:
            give_up("Name the finding by its fingerprint, as `douane check` prints it.")
        leave = admitted(Looker(who, note, unrecorded), "reviews", config=config, ledger=ledger)
        with closing(opened(leave.ledger)) as db:
            found = in_force(db)
        shown = (one for one in found.values() if not leave.apps or one.app in leave.apps)
        write(listed(shown, words))
        return
    chosen = state_of(state)
    wanted = list(dict.fromkeys(one.strip().lower() for one in fingerprints))
    work_on = kept(config, ledger, who, "review", verb="review findings of", reason=note)
    leave = admitted(Looker(who, note, unrecorded), "review", config=config, ledger=ledger)
    with closing(opened(leave.ledger)) as db:
        known = findings(db)
    if missing := [one for one in wanted if one not in known]:
        give_up(
            f"{missing[0][:64]}: no finding of this ledger has this fingerprint. `douane check` prints those that do; "
            "findings about waivers and about apps without traffic are not reviewed."
        )
    with failing():
        told = tell(
            work_on.ledger,
            work_on.custody.sealer,
            [known[one] for one in wanted],
            chosen,
            who=work_on.who,
            role=leave.under.role,
            note=note,
            anchors=work_on.custody.anchors,
        )
    write(listed(told, words))


def state_of(text: str | None) -> "State":
    """The state of that name; complains of none and of another, and exits with 2."""
    from douane.ledger.reviews import State

    try:
        return State(text or "")
    except ValueError:
        give_up("--state: say confirmed, false-alarm or unreviewed.")


def findings(db: "sqlite3.Connection") -> "dict[str, Reviewed]":
    """Every finding of the ledger's traffic by its fingerprint, and those that were reviewed and are no more."""
    from douane.ledger.report_query import apps
    from douane.ledger.reviews import Reviewed, in_force
    from douane.reports.findings import judged

    found = {one.fingerprint: Reviewed(one.fingerprint, one.rule, one.app) for one in in_force(db).values()}
    for result in judged(db, [row.name for row in apps(db)]).results:
        found[result.fingerprint] = Reviewed(result.fingerprint, result.rule.id, result.app)
    return found


def listed(found: "Iterable[Review]", words: "Words") -> list[str]:
    """A review in two lines each."""
    from douane.ledger.reviews import NOTE_LONGEST
    from douane.reports import safe

    lines: list[str] = []
    for one in found:
        said = words.phrase(f"review.state.{one.state.value}")
        lines.append(f"{said}  {safe.plain(one.rule)}  {safe.plain(one.app)}  {one.fingerprint}")
        role = f" ({safe.plain(one.role)})" if one.role else ""
        note = f"{words.phrase('colon')}{safe.plain(one.note, NOTE_LONGEST)}" if one.note else ""
        lines.append(f"    {safe.plain(one.who, 200)}{role}, {words.minute(one.at)} UTC{note}")
    return lines or [words.phrase("review.none")]


def write(lines: list[str]) -> None:
    """Print these lines."""
    with standard_output() as out:
        out.write("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace"))
        out.flush()
