"""The kit says of Douane itself what the configuration and the ledger say, and leaves the rest to fill in."""

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from douane.ledger.query import open_ledger
from douane.reports import few
from douane.reports.document import Blank, Cell, Document, Facts, Section, Table, Text
from douane.reports.i18n import LANGS, Lang
from douane.reports.kinds import kinds
from douane.reports.kinds.base import Material
from douane.reports.kinds.in_force import InForce
from douane.reports.page.checking import Checking
from douane.reports.page.making import Wanted, write
from douane.reports.people import Under
from douane.reports.summary import summarise

MADE = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
KIT = kinds()["kit"]
PAPERS = ["register", "notice", "charter", "cse", "interests", "dpia", "ciso"]
FORCE = InForce(
    apps=2,
    egress=1,
    keep="P6M",
    rules=(("", "user.health_and_medical", "P1M"), ("crm", "", "P18M")),
    keep_reason="accounts of the year",
    roles=(("developer", 3), ("dpo", 1)),
    sha256="c0" * 32,
)
SETTLED = InForce(
    apps=1, profile_written=True, certificates=1, egress=1, anchors_apart=True, roles=(("dpo", 1),), durability="power"
)


@pytest.fixture
def material(ledgers: dict[str, Path]) -> Iterator[Material]:
    """The demo's ledger, under the profile audit, with a configuration."""
    with closing(open_ledger(ledgers["demo"])) as db:
        summary = replace(summarise(db, made_at=MADE), under=Under(profile="audit"))
        yield Material(db, few.shown(summary), "fr", MADE, in_force=FORCE)


def cells(sections: tuple[Section, ...]) -> Iterator[tuple[str, Cell]]:
    """Every labelled cell of the facts."""
    for section in sections:
        for block in section.blocks:
            if isinstance(block, Facts):
                yield from block.rows
        yield from cells(section.below)


def paper(document: Document, key: str) -> Section:
    return next(section for section in document.sections if section.anchor == key)


def read(material: Material, form: str = "md") -> str:
    return KIT.make(material, form).decode().replace("\\", "").replace("\u00a0", " ").replace("\u202f", " ")


def test_it_holds_every_paper_in_the_order_of_need(material: Material) -> None:
    document = KIT.build(material)
    assert [section.anchor for section in document.sections] == ["about", *PAPERS]
    assert document.sections[1].heading == "Fiche de registre de Douane"
    assert all(section.new_page and section.below for section in document.sections[1:])


def test_the_first_pages_list_what_each_paper_leaves_to_fill_in(material: Material) -> None:
    document = KIT.build(material)
    (table,) = [block for block in document.sections[0].blocks if isinstance(block, Table)]
    made = document.sections[1:]
    assert [row[0] for row in table.rows] == [section.heading for section in made]
    for section, (_, left) in zip(made, table.rows, strict=True):
        blank = [label for label, cell in cells((section,)) if isinstance(cell, Blank)]
        assert isinstance(left, tuple)
        assert set(blank) <= set(left)
        assert len(set(left)) == len(left) > 0


def test_what_the_configuration_says_is_filled_in(material: Material) -> None:
    facts = dict(cells(paper(KIT.build(material), "register").below))
    keep = facts["Durées de conservation"]
    assert isinstance(keep, tuple)
    assert [line.replace("\u00a0", " ") for line in keep[:4]] == [
        "– 6 mois à compter de l’inscription au journal, sauf règle particulière.",
        "– Santé : 1 mois",
        "– crm : 18 mois",
        "– Motif d’une conservation de plus de douze mois : accounts of the year",
    ]
    assert facts["Rôles"] == ("– developer\u00a0: 3 comptes", "– dpo\u00a0: 1 compte")
    assert "Profil audit" in str(facts["Profil"])


def test_what_nobody_said_is_left_to_fill_in(material: Material) -> None:
    facts = dict(cells(paper(KIT.build(material), "register").below))
    for label in ("Référence", "Responsable du traitement", "Délégué à la protection des données", "Sous-traitants"):
        assert isinstance(facts[label], Blank), label
    bare = KIT.build(replace(material, in_force=None))
    unread = dict(cells(paper(bare, "register").below))
    assert isinstance(unread["Durées de conservation"], Blank)
    assert isinstance(unread["Rôles"], Blank)
    assert "Aucune configuration n’a été lue" in read(replace(material, in_force=None))


def test_severity_likelihood_and_every_opinion_are_left_open(material: Material) -> None:
    document = KIT.build(material)
    open_ = [label for label, cell in cells(paper(document, "dpia").below) if isinstance(cell, Blank)]
    assert [one for one in open_ if one.split(".")[0] in {"325", "326", "335", "336", "345", "346", "411", "413"}] == [
        "325. Gravité", "326. Vraisemblance", "335. Gravité", "336. Vraisemblance", "345. Gravité",
        "346. Vraisemblance", "411. Cartographie des risques", "413. Avis du DPO et des personnes concernées",
    ]  # fmt: skip
    ends = dict(cells(paper(document, "interests").below[-1:]))
    assert all(isinstance(cell, Blank) for cell in ends.values())


@pytest.mark.parametrize(
    ("force", "profile", "codes"),
    [
        (SETTLED, "audit", []),
        (SETTLED, "dev", ["profile"]),
        (SETTLED, "monitor", ["monitor"]),
        (replace(SETTLED, roles=()), "audit", ["roles"]),
        (replace(SETTLED, here_only=False), "audit", ["tls"]),
        (replace(SETTLED, here_only=False, tls=True), "audit", []),
        (replace(SETTLED, certificates=0), "audit", ["certificate"]),
        (replace(SETTLED, anchors_apart=False), "audit", ["anchors"]),
        (replace(SETTLED, anchors_apart=False, syslog=True), "audit", []),
        (replace(SETTLED, key_in_folder=True), "audit", ["key"]),
        (replace(SETTLED, passing=1), "audit", ["pass"]),
        (replace(SETTLED, automatic=False), "audit", ["purge"]),
        (replace(SETTLED, egress=0), "audit", ["egress"]),
        (replace(SETTLED, durability="process"), "audit", ["power"]),
    ],
)
def test_what_is_open_in_the_configuration_is_named(
    material: Material, force: InForce, profile: str, codes: list[str]
) -> None:
    summary = replace(material.summary, under=Under(profile=profile))
    told = json.loads(KIT.make(replace(material, summary=summary, in_force=force), "json"))
    assert told["open_points"] == codes


def test_the_notice_warns_where_persons_are_watched(material: Material) -> None:
    watched = replace(material, summary=replace(material.summary, under=Under(profile="monitor", reason="fraud")))
    for one, warned in ((material, False), (watched, True)):
        section = next(below for below in paper(KIT.build(one), "notice").below if below.anchor == "notice-not")
        assert any(isinstance(block, Text) and block.tone == "warning" for block in section.blocks) is warned


@pytest.mark.parametrize("lang", LANGS)
def test_each_text_of_law_says_where_it_stands_and_how_it_was_read(material: Material, lang: Lang) -> None:
    section = paper(KIT.build(replace(material, lang=lang)), "cse").below[-1]
    (table,) = [block for block in section.blocks if isinstance(block, Table)]
    assert len(table.rows) == 12
    for name, says, source, how in table.rows:
        assert all((name, says))
        assert str(source).startswith("https://")
        assert "22/11/2026" in str(how) or "22 November 2026" in str(how)
    again = "source" if lang == "en" else "à sa source"
    first_hand = [str(name) for name, _, _, how in table.rows if again not in str(how)]
    assert [one.replace("\u00a0", " ") for one in first_hand] == ["Code du travail, art. R. 2312-5, R. 2312-6"]


def test_small_counts_obey_the_profile(material: Material, ledgers: dict[str, Path]) -> None:
    assert "≥" in read(material)
    with closing(open_ledger(ledgers["demo"])) as db:
        exact = Material(db, summarise(db, made_at=MADE), "fr", MADE, in_force=FORCE)
        assert "≥" not in read(exact)


@pytest.mark.parametrize("lang", LANGS)
def test_the_zip_has_one_page_for_each_paper_and_is_the_same_each_time(material: Material, lang: Lang) -> None:
    content = KIT.make(replace(material, lang=lang), "zip")
    assert lang == "en" or content == KIT.make(material, "zip")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == [f"{number}-{key}.html" for number, key in enumerate(["about", *PAPERS])]
        first = archive.read("0-about.html").decode().replace("\u202f", " ").replace("\u00a0", " ")
        assert {"en": "Balancing", "fr": "Mise en balance"}[lang] in first
        assert {one.date_time for one in archive.infolist()} == {(2026, 11, 22, 18, 30, 0)}
        for name in archive.namelist():
            page = archive.read(name).decode()
            assert f'<html lang="{lang}"' in page
            assert "{" not in page.partition("</style>")[2], name


def test_the_page_hands_the_configuration_on(ledgers: dict[str, Path], tmp_path: Path) -> None:
    wanted = Wanted("kit", "json", "en", verified=False)
    write(lambda _done, _of: None, wanted, Checking(str(ledgers["demo"])), Under(), {}, str(tmp_path / "1"), FORCE)
    assert json.loads((tmp_path / "1").read_text())["in_force"]["keep"] == "P6M"


@pytest.mark.parametrize(("name", "lang"), [("hostile", "fr"), ("empty", "en")])
def test_odd_ledgers_make_one_too(ledgers: dict[str, Path], name: str, lang: Lang) -> None:
    with closing(open_ledger(ledgers[name])) as db:
        material = Material(db, summarise(db, made_at=MADE), lang, MADE, in_force=FORCE)
        assert KIT.make(material, "pdf").startswith(b"%PDF-")
        with zipfile.ZipFile(io.BytesIO(KIT.make(material, "zip"))) as archive:
            assert all(b"<script" not in archive.read(one) for one in archive.namelist())
