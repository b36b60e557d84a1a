"""How every document opens: what was seen by which route, what was not, and where the ledger's chain ends."""

from datetime import datetime
from typing import Final

from douane.reports import people, safe
from douane.reports.document import Cell, Column, Facts, Section, Table, Text
from douane.reports.kinds.base import Material
from douane.reports.kinds.texts import Texts
from douane.reports.phrases import Phrases

APPS_NAMED: Final = 8
"""Apps named under the title; the rest is a number."""


def opening(material: Material) -> Facts:
    """What stands under the title: period, apps, versions, the ledger's head and what verifying said, who made it."""
    summary, words = material.summary, material.words
    said, phrases = Texts("perimeter", material.lang), Phrases(material.words)
    names = [safe.plain(app.name, 40) for app in summary.apps]
    more = len(names) - APPS_NAMED
    named = names[:APPS_NAMED] + ([said.count("apps.more", more)] if more > 0 else [])
    rows: list[tuple[str, Cell]] = [
        (said.say("period"), [line for line in (phrases.period(summary), phrases.asked(summary)) if line]),
        (said.say("apps"), words.listed(named) or said.say("apps.none")),
    ]
    if summary.filtered:
        rows.append((said.say("filtered"), words.phrase("filtered")))
    rows += [
        (said.say("made"), said.say("made.at", at=words.minute(f"{material.made_at.isoformat()}"))),
        (
            said.say("versions"),
            [
                phrases.douane(summary),
                f"{words.phrase('version.taxonomy')}{words.phrase('colon')}"
                f"{phrases.versions(summary.versions.taxonomy)}",
            ],
        ),
        (said.say("ledger"), list(sealed(material))),
        (said.say("circumstances"), people.lines(summary.under, words)),
    ]
    return Facts(tuple(rows))


def sealed(material: Material) -> tuple[str, ...]:
    """Where the ledger's chain ends and what verifying it said, in sentences."""
    seal, said = material.seal, Texts("perimeter", material.lang)
    if not seal.head:
        return (said.say("head.none"),)
    lines = [said.say("head", seq=seal.seq, head=seal.head)]
    if not seal.word:
        return (*lines, said.say("verified.not"))
    lines.append(said.say(f"word.{seal.word}"))
    if seal.unchecked:
        lines.append(said.count("unchecked", len(seal.unchecked)))
    return tuple(lines)


def perimeter(material: Material) -> Section:
    """The section that opens a document. What was not observed is never said not to be shared."""
    summary, words = material.summary, material.words
    said, phrases = Texts("perimeter", material.lang), Phrases(material.words)
    rows = tuple(
        (
            safe.plain(app.name, 60),
            safe.plain(app.host, 60) or "—",
            phrases.routes(app),
            app.outcomes.messages,
            moment(app.first_seen) or "—",
            moment(app.last_seen) or "—",
            app.not_inspected,
        )
        for app in summary.apps
    )
    columns = (
        Column(words.phrase("col.app"), 1.4),
        Column(words.phrase("col.host"), 1.6),
        Column(said.say("col.route"), 1.7),
        Column(words.phrase("col.messages"), 0.9, "end"),
        Column(said.say("col.first"), 1.1),
        Column(said.say("col.last"), 1.1),
        Column(said.say("col.unread"), 1, "end"),
    )
    return Section(
        "perimeter",
        words.phrase("perimeter"),
        (Text((words.phrase("perimeter.lead"),)), Text((words.phrase("unobserved"),), "notice")),
        (
            Section(
                "perimeter-seen",
                words.phrase("perimeter.seen"),
                (
                    Table(said.say("sheet.seen"), columns, rows, empty=words.phrase("perimeter.empty")),
                    Text((words.phrase("utc"),), "quiet"),
                ),
            ),
            Section(
                "perimeter-unseen",
                words.phrase("perimeter.unseen"),
                (Text(tuple(words.phrase(f"unseen.{code}") for code in summary.unseen), bullets=True),),
            ),
        ),
    )


def data(material: Material) -> dict[str, object]:
    """The same for programs: the keys `period`, `apps_seen`, `not_seen`, `versions`, `ledger` and `under`."""
    summary, seal = material.summary, material.seal
    period = summary.period
    return {
        "period": {
            "since": period.since or None,
            "until": period.until or None,
            "first": period.first or None,
            "last": period.last or None,
        },
        "apps_seen": [
            {"name": app.name, "host": app.host or None, "routes": list(app.routes), "messages": app.outcomes.messages}
            for app in summary.apps
        ],
        "apps_left_out_on_request": summary.filtered,
        "not_seen": list(summary.unseen),
        "versions": {"douane": list(summary.versions.douane), "taxonomy": list(summary.versions.taxonomy)},
        "ledger": {
            "id": seal.ledger or None,
            "events": seal.seq,
            "head": seal.head or None,
            "verified": seal.word or None,
            "unchecked": list(seal.unchecked),
        },
        "under": people.document(summary.under),
    }


def moment(at: str) -> datetime | None:
    """A time as the ledger writes it; None for none."""
    return datetime.fromisoformat(at) if at else None
