"""The review pack: reports, the accounting of disclosures and the record that they rest on, in one zip file."""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from douane.ledger.accounting import loaded
from douane.ledger.failed import LedgerFailed
from douane.ledger.refused import LedgerRefused
from douane.ledger.report_query import snapshot
from douane.reports import few, safe
from douane.reports.document import Document
from douane.reports.i18n import lang_of
from douane.reports.kinds import audit, evidence_tables, register
from douane.reports.kinds import perimeter as opening
from douane.reports.kinds.base import CannotBuild, Kind, Material
from douane.reports.kinds.evidence_plan import MANIFEST, NAME, PAGES, SUMS, Plan, as_markdown, first_page, plan_of
from douane.reports.kinds.holdings import Holdings
from douane.reports.kinds.packing import zipped
from douane.reports.kinds.said import Said
from douane.reports.render import render
from douane.reports.render.words import utc

FORMAT: Final = "douane.evidence/1"


def build(material: Material) -> Document:
    """The first page of the pack."""
    return first_page(material, plan_of(material))


def stream(material: Material, form: str, target: Path) -> tuple[str, ...]:
    """Write the pack into a file, over a folder beside it; returns what to tell whoever made it.

    Raises `CannotBuild` where the ledger does not verify, and `OSError`. Nothing but `target` is left behind.
    """
    if form != "zip":
        raise KeyError(form)
    plan = plan_of(material)
    with tempfile.TemporaryDirectory(prefix=".douane-", dir=target.parent) as name, snapshot(material.db):
        folder = Path(name)
        if not plan.absent and material.holdings is not None:
            _take_ledger(material, material.holdings, folder)
        _documents(material, plan, folder)
        _manifest(material, plan, _tables(material, folder), folder)
        digest = _sums(folder)
        parts = ((path.relative_to(folder).as_posix(), path) for path in _files(folder))
        zipped(target, parts, material.made_at)
    return (Said(material.lang, NAME).say("told", sha256=digest),)


def _take_ledger(material: Material, held: Holdings, folder: Path) -> None:
    from douane.ledger import portable  # a tenth of a second, which no other document needs

    at = f"{utc(material.made_at).isoformat(timespec='milliseconds').replace('+00:00', 'Z')}"
    try:
        portable.export(
            held.ledger, folder / "ledger", anchors=held.anchors, sealer=held.sealer, at=at, version=held.version
        )
    except (LedgerRefused, LedgerFailed) as error:
        raise CannotBuild(str(error)) from None


def _documents(material: Material, plan: Plan, folder: Path) -> None:
    for kind, forms in ((audit.KIND, ("pdf", "html")), (register.KIND, ("pdf", "csv", "xlsx"))):
        document = kind.build(material)
        for form in forms:
            (folder / f"{kind.name}.{form}").write_bytes(render(document, form))
    for name, lang in PAGES.items():
        (folder / name).write_bytes(as_markdown(replace(material, lang=lang_of(lang)), plan))


def _tables(material: Material, folder: Path) -> dict[str, int]:
    """Write the tables; return how many rows each has below its heading."""
    said = Said(material.lang, NAME)
    of = evidence_tables.accounting(said, material)
    kept = _declarations(of, folder)
    return {
        "disclosures.csv": evidence_tables.disclosures(folder / "disclosures.csv", of),
        "passed-on.csv": evidence_tables.passed_on(folder / "passed-on.csv", of),
        "declarations.csv": evidence_tables.declarations(folder / "declarations.csv", of, kept),
        "rules.csv": evidence_tables.rules(folder / "rules.csv", said),
        "waivers.csv": evidence_tables.waivers(folder / "waivers.csv", of),
        "reviews.csv": evidence_tables.reviews(folder / "reviews.csv", of),
    }


def _declarations(of: evidence_tables.Accounting, folder: Path) -> dict[int, str]:
    """Put in what each declaration said, and the file itself where it is still the one that was loaded.

    Files are named by the ledger's number: an app's name may be anything.
    """
    held = of.material.holdings
    kept: dict[int, str] = {}
    place = folder / "declarations"
    for one in loaded(of.material.db, of.scope):
        names: list[str] = []
        place.mkdir(mode=0o700, exist_ok=True)
        if one.document:
            name = f"declarations/{one.id:04}.json"
            text = json.dumps(json.loads(one.document), ensure_ascii=True, indent=1, sort_keys=True)
            (folder / name).write_text(f"{text}\n", encoding="ascii")
            names.append(name)
        source = held.declarations.get(one.app) if held is not None else None
        if source is not None and (content := _still(source, one.sha256)) is not None:
            name = f"declarations/{one.id:04}.yaml"
            (folder / name).write_bytes(content)
            names.append(name)
        kept[one.id] = ", ".join(names)
    return kept


def _still(source: Path, sha256: str) -> bytes | None:
    """A file's bytes where they are still those of this digest."""
    try:
        content = source.read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def _manifest(material: Material, plan: Plan, rows: dict[str, int], folder: Path) -> None:
    told: dict[str, Any] = {
        "format": FORMAT,
        "made_at": utc(material.made_at).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "lang": material.lang,
        **few.told(opening.data(material)),
        "disclosures_row_by_row": plan.rows,
        "ledger_left_out_because": plan.absent or None,
        "rows": rows,
        "files": {
            path.relative_to(folder).as_posix(): {"sha256": _digest(path), "bytes": path.stat().st_size}
            for path in _files(folder)
        },
    }
    text = safe.json_text(json.dumps(told, ensure_ascii=True, indent=1))
    (folder / MANIFEST).write_text(f"{text}\n", encoding="ascii")


def _sums(folder: Path) -> str:
    """Write the list of digests, in the form that `sha256sum` reads; return its own."""
    lines = [f"{_digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in _files(folder)]
    (folder / SUMS).write_text("".join(lines), encoding="ascii")
    return _digest(folder / SUMS)


def _files(folder: Path) -> Iterator[Path]:
    return iter(sorted(path for path in folder.rglob("*") if path.is_file()))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


KIND: Final = Kind(NAME, ("zip",), build, stream=stream)
