"""What the review pack will hold, and its first page: what is in it, how to check it, which questions it answers."""

from dataclasses import dataclass
from typing import Final

from douane.ledger.accounting import leads_to_persons
from douane.reports import few
from douane.reports.document import Cell, Column, Document, Section, Table, Text
from douane.reports.kinds import perimeter as opening
from douane.reports.kinds.base import Material
from douane.reports.kinds.said import Said
from douane.reports.render import render
from douane.reports.render.markdown_ import escaped

NAME: Final = "evidence"
SUMS: Final = "SHA256SUMS"
MANIFEST: Final = "manifest.json"
PAGES: Final = {"README.md": "en", "LISEZMOI.md": "fr"}
_REFERENCES: Final = (
    ("ref.p62", "ref.p62.asks"),
    ("ref.p67", "ref.p67.asks"),
    ("ref.iso1", "ref.iso.asks"),
    ("ref.iso2", "ref.iso.asks"),
    ("ref.gdpr", "ref.gdpr.asks"),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes in: whether disclosures stand row by row, and why the record itself is not there (empty: it is).

    `absent` is `apps`, `sensitive` or `nowhere`; `anchors` are the names of the anchors that come along.
    """

    rows: bool
    absent: str = ""
    anchors: tuple[str, ...] = ()


def plan_of(material: Material) -> Plan:
    """What the pack of this material holds."""
    rows = not material.summary.under.small_hidden
    held = material.holdings
    if held is None:
        return Plan(rows, "nowhere")
    if not held.whole:
        return Plan(rows, "apps")
    if not rows and leads_to_persons(material.db):
        return Plan(rows, "sensitive")
    return Plan(rows, "", tuple(sorted(one.name for one in held.anchors)))


def first_page(material: Material, plan: Plan) -> Document:
    """The page that opens the pack, in the material's language."""
    said, without = Said(material.lang, NAME), ".without" if plan.absent else ""
    return Document(
        NAME,
        said.phrase("title"),
        said.phrase(f"subtitle{without}"),
        material.lang,
        material.made_at,
        opening.perimeter(material),
        (
            Section("holds", said.phrase("holds"), (Text((said.phrase(f"holds.lead{without}"),)), _files(said, plan))),
            Section("check", said.phrase("check"), _check(said, plan)),
            Section("answers", said.phrase("answers"), (Text((said.phrase("answers.lead"),)), _references(said))),
        ),
        opening.opening(material),
        opening.data(material)
        | few.told({"disclosures_row_by_row": plan.rows, "ledger_left_out_because": plan.absent or None}),
    )


def as_markdown(material: Material, plan: Plan) -> bytes:
    """The first page as Markdown, its commands as code: somebody who reads the file as it is copies them from there."""
    said = Said(material.lang, NAME)
    text = render(first_page(material, plan), "md").decode()
    for command in _commands(said, plan):
        text = text.replace(f"\n{escaped(command)}\n", f"\n    {command}\n")
    return text.encode()


def _commands(said: Said, plan: Plan) -> tuple[str, str]:
    anchors = "".join(f" --anchor ledger/anchors/{name}" for name in plan.anchors)
    return said.phrase("check.1.command"), said.say("check.2.command", anchors=anchors)


def _files(said: Said, plan: Plan) -> Table:
    files = [
        ("audit.pdf, audit.html", "file.audit"),
        ("register.pdf, register.csv, register.xlsx", "file.register"),
        ("disclosures.csv", "file.rows" if plan.rows else "file.sums"),
        ("passed-on.csv", "file.passed"),
        ("declarations.csv, declarations/", "file.declarations"),
        ("rules.csv", "file.rules"),
        ("waivers.csv", "file.waivers"),
        ("reviews.csv", "file.reviews"),
    ]
    if not plan.absent:
        files.append(("ledger/", "file.ledger"))
    files += [(MANIFEST, "file.manifest"), (SUMS, "file.sumsfile")]
    rows: tuple[tuple[Cell, ...], ...] = tuple((name, said.phrase(key)) for name, key in files)
    columns = (Column(said.phrase("col.file"), 1.4, mono=True), Column(said.phrase("col.what"), 3))
    return Table(said.phrase("holds"), columns, rows)


def _check(said: Said, plan: Plan) -> tuple[Text, ...]:
    first, second = _commands(said, plan)
    lines = [said.phrase("check.1"), first, said.phrase("check.1.mac")]
    if plan.absent:
        return (Text(tuple(lines)), Text((said.phrase("absent"), said.phrase(f"absent.{plan.absent}")), "notice"))
    lines += [said.phrase("check.2"), second, said.phrase("check.2.means"), said.phrase("check.3")]
    return (Text(tuple(lines)), Text((said.phrase("whole"),), "notice"))


def _references(said: Said) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple((said.phrase(name), said.phrase(asks)) for name, asks in _REFERENCES)
    columns = (Column(said.phrase("col.reference"), 1.6), Column(said.phrase("col.asks"), 2.6))
    return Table(said.phrase("answers"), columns, rows)
