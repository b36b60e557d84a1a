"""The tables of the review pack as CSV files, written row by row: a ledger of any length takes no more memory.

As a French or English Excel opens them: `;`, UTF-8 with a mark, CRLF; a text that would start a formula gets an
apostrophe before it.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from douane.audit.declaration import FIRST_PARTY
from douane.audit.fides import Kind as Word
from douane.audit.message import Direction
from douane.audit.rules import registry
from douane.ledger.accounting import given, loaded, waived
from douane.ledger.report_query import Scope, apps, ids
from douane.ledger.reviews import reviews as told
from douane.reports import safe
from douane.reports.headline import verdicts
from douane.reports.hidden import Few
from douane.reports.kinds.activities import activities, declared_of
from douane.reports.kinds.base import Material
from douane.reports.kinds.said import LONG, Said

_LONGEST: Final = 4_000
_MARK: Final = "\ufeff"
_ROWS: Final = (
    *("no", "message", "at", "app", "way", "from", "to", "host", "category", "key", "marks", "tool", "place"),
    *("purpose", "basis", "verdict", "pseudonym", "keyid"),
)
_SUMS: Final = (
    *("app", "way", "from", "to", "host", "category", "key", "marks", "purpose", "basis", "verdict"),
    *("count", "first", "last"),
)

type _Lines = tuple[str, ...]
type _Cell = str | int | _Lines
type _Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Accounting:
    """What the tables are made of: the material, its voice, and who declared what, looked up once."""

    said: Said
    material: Material
    publishers: Mapping[str, str]
    purposes: Mapping[_Key, tuple[_Lines, _Lines]] = field(default_factory=dict[_Key, tuple[_Lines, _Lines]])
    onward: Mapping[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    @property
    def scope(self) -> Scope:
        """The rows that the material is about."""
        rows = apps(self.material.db)
        wanted = ids(rows, [app.name for app in self.material.summary.apps])
        return Scope(wanted, self.material.since or None, self.material.until or None)

    @property
    def names(self) -> frozenset[str] | None:
        """The apps that the material is about; None for all of them, also those that were never seen."""
        summary = self.material.summary
        return frozenset(app.name for app in summary.apps) if summary.filtered else None

    @property
    def sums_only(self) -> bool:
        """Whether the profile asks for sums instead of rows."""
        return self.material.summary.under.small_hidden


def accounting(said: Said, material: Material) -> Accounting:
    """What the tables of a material are made of."""
    declarations = declared_of(material)
    named: dict[str, str] = {}
    for app, declared in declarations.items():
        publisher = declared.publisher
        named[app] = safe.plain(publisher.name or publisher.legal_name)
    found: dict[_Key, tuple[list[str], list[str]]] = {}
    for sheet in activities(material.summary, declarations):
        for part in sheet.parts:
            basis = said.fides(Word.BASIS, part.purpose.legal_basis)
            for flow in part.flows:
                names, bases = found.setdefault((part.app.name, flow.direction.value, flow.category), ([], []))
                names.append(safe.plain(part.purpose.name, LONG) or safe.plain(part.purpose.register_ref))
                bases.append(basis)
    purposes = {
        key: (tuple(dict.fromkeys(filter(None, names))), tuple(dict.fromkeys(bases)))
        for key, (names, bases) in found.items()
    }
    onward = {
        (app.name, one.host): _whose(said, one.recipient, named.get(app.name, "") or app.name)
        for app in material.summary.apps
        for one in app.onward
    }
    return Accounting(said, material, named, purposes, onward)


def disclosures(path: Path, of: Accounting) -> int:
    """Write what ChatGPT and the apps gave each other; return how many rows."""
    if of.sums_only:
        return written(path, of.said, _SUMS, _sums(of))
    return written(path, of.said, _ROWS, _rows(of, egress=False))


def passed_on(path: Path, of: Accounting) -> int:
    """Write what apps sent on themselves; return how many rows."""
    if of.sums_only:
        return written(path, of.said, _SUMS, _sums_on(of))
    return written(path, of.said, _ROWS, _rows(of, egress=True))


def declarations(path: Path, of: Accounting, kept: Mapping[int, str]) -> int:
    """Write the list of declarations; `kept` names the files of the pack that hold them, by the ledger's number."""
    rows = (
        (one.app, one.file, one.sha256, one.taxonomy, _at(one.loaded_at), kept.get(one.id, ""))
        for one in loaded(of.material.db, of.scope)
    )
    return written(path, of.said, ("app", "file", "sha256", "taxonomy", "loaded", "document"), rows)


def rules(path: Path, said: Said) -> int:
    """Write the rules that judge, each with its version and source."""
    rows = (
        (one.id, one.version, one.severity.value, one.title.of(said.lang), one.source, one.url, one.read)
        for one in registry.load_all()
    )
    return written(path, said, ("rule", "version", "severity", "title", "source", "url", "read"), rows)


def waivers(path: Path, of: Accounting) -> int:
    """Write what became of waivers."""
    heads = ("at", "event", "fingerprint", "rule", "app", "reason", "by", "expires")
    rows = ((_at(at), *rest) for at, *rest in waived(of.material.db, of.names))
    return written(path, of.said, heads, rows)


def reviews(path: Path, of: Accounting) -> int:
    """Write what people said of findings."""
    heads = ("at", "state", "fingerprint", "rule", "app", "note", "by", "role")
    rows = (
        (_at(one.at), one.state.value, one.fingerprint, one.rule, one.app, one.note, one.who, one.role)
        for one in told(of.material.db)
        if of.names is None or one.app in of.names
    )
    return written(path, of.said, heads, rows)


def written(path: Path, said: Said, heads: Iterable[str], rows: Iterable[Iterable[_Cell]]) -> int:
    """Write a table as it comes; return how many rows it has. Raises `OSError`."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(_MARK)
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow([said.phrase(f"head.{head}") for head in heads])
        for count, row in enumerate(rows, 1):  # noqa: B007 - counted
            writer.writerow([_cell(one) for one in row])
    return count


def _cell(value: _Cell) -> str | int:
    if isinstance(value, int) and not isinstance(value, Few):
        return value
    return _harmless(value if isinstance(value, tuple) else (str(value),))


@lru_cache(maxsize=4_096)
def _harmless(lines: tuple[str, ...]) -> str:
    """As `safe.lines`; the words of a column come again in row after row."""
    return safe.lines(lines, _LONGEST)


def _at(time: str) -> str:
    """A time of the ledger as a spreadsheet reads it."""
    return f"{time[:10]} {time[11:19]}"


def _rows(of: Accounting, *, egress: bool) -> Iterator[tuple[_Cell, ...]]:
    said = of.said

    @cache
    def what(category: str, flags: tuple[str, ...]) -> tuple[str, str, str]:
        return said.category(category), category, ", ".join(said.marks(flags, category))

    for one in given(of.material.db, of.scope, egress=egress):
        way = said.phrase("way.on") if egress else said.way(Direction(one.direction))
        yield (
            *(one.id, one.exchange, _at(one.at), one.app, way),
            *_parties(of, one.app, one.direction, one.host if egress else ""),
            *(one.host, *what(one.category, one.flags), one.tool or one.method, one.pointer),
            *(("", "") if egress else of.purposes.get((one.app, one.direction, one.category), ("", ""))),
            *(said.phrase(f"label.{one.headline}"), one.pseudonym, one.key_id),
        )


def _sums(of: Accounting) -> Iterator[tuple[_Cell, ...]]:
    said = of.said
    for app in of.material.summary.apps:
        for flow in app.flows:
            way = flow.direction.value
            yield (
                *(app.name, said.way(flow.direction), *_parties(of, app.name, way), app.host),
                *(said.category(flow.category), flow.category, ", ".join(said.marks(flow.flags, flow.category))),
                *of.purposes.get((app.name, way, flow.category), ("", "")),
                *(said.phrase("semicolon").join(verdicts(flow, said)), flow.count, flow.first[:10], flow.last[:10]),
            )


def _sums_on(of: Accounting) -> Iterator[tuple[_Cell, ...]]:
    said = of.said
    for app in of.material.summary.apps:
        for one in app.onward:
            yield (
                *(app.name, said.phrase("way.on"), *_parties(of, app.name, "", one.host), one.host),
                *(said.category(one.category), one.category, ", ".join(said.marks(one.flags, one.category)), "", ""),
                *(said.phrase(f"label.{one.headline.value}"), one.count, one.first[:10], one.last[:10]),
            )


def _parties(of: Accounting, app: str, direction: str, sent_to: str = "") -> tuple[str, str]:
    """Who gave it, and who got it: the publisher as declared, else the app by its name; `sent_to` is a host."""
    mine = of.publishers.get(app, "") or app
    if sent_to:
        return mine, of.onward.get((app, sent_to), of.said.phrase("nobody"))
    chatgpt = of.said.phrase("platform")
    return (chatgpt, mine) if direction == Direction.TO_APP.value else (mine, chatgpt)


def _whose(said: Said, recipient: str, publisher: str) -> str:
    """Whose a host is, as declared."""
    return publisher if recipient == FIRST_PARTY else safe.plain(recipient) or said.phrase("nobody")
