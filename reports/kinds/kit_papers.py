"""The papers of the kit: each with its lead and its sections, filled with what is known."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from douane.reports.document import Block, Cell, Column, Facts, Section, Table, Text
from douane.reports.kinds.kit_assessment import assessment
from douane.reports.kinds.kit_ciso import ciso
from douane.reports.kinds.kit_cse import cse
from douane.reports.kinds.kit_facts import Known, facts


@dataclass(frozen=True, slots=True)
class Paper:
    """One document of the kit. `whole`: on its own it opens with the whole perimeter, not with two sentences."""

    key: str
    heading: str
    lead: tuple[str, ...]
    below: tuple[Section, ...]
    whole: bool

    @property
    def section(self) -> Section:
        """The paper as a chapter of the whole kit."""
        return Section(self.key, self.heading, (Text(self.lead, "quiet"),), self.below, new_page=True)


def papers(known: Known) -> tuple[Paper, ...]:
    """Every paper, in the order in which an organisation needs them."""
    return tuple(
        Paper(key, known.said.phrase(f"doc.{key}"), known.lines(lead), tuple(made(known)), whole)
        for key, lead, made, whole in _PAPERS
    )


def _register(known: Known) -> tuple[Section, ...]:
    said = known.said
    rows: list[tuple[str, Cell]] = [
        (said.phrase("reg.name"), said.phrase("reg.name.is")),
        (said.phrase("reg.ref"), said.blank("fill")),
        (said.phrase("reg.controller"), known.party("controller")),
        (said.phrase("reg.representative"), known.party("representative")),
        (said.phrase("reg.dpo"), known.party("dpo")),
        (said.phrase("reg.purposes"), known.lines("purposes")),
        (said.phrase("reg.basis"), known.basis("reg.basis.is")),
        (said.phrase("basis.confirm"), said.blank("fill")),
        (said.phrase("reg.exception"), said.blank("reg.exception.fill")),
        (said.phrase("reg.subjects"), known.lines("subjects")),
        (said.phrase("reg.data"), known.lines("kept")),
        (said.phrase("reg.observed"), known.observed()),
        (said.phrase("reg.source"), said.phrase("reg.source.is")),
        (said.phrase("reg.internal"), said.blank("fill")),
        (said.phrase("ciso.roles"), known.roles()),
        (said.phrase("reg.external"), said.phrase("reg.external.is")),
        (said.phrase("reg.processors"), said.blank("reg.processors.fill")),
        (said.phrase("transfers.label"), said.phrase("transfers.is")),
        (said.phrase("transfers.place"), said.blank("fill")),
        (said.phrase("reg.keep"), known.keep()),
        (said.phrase("reg.measures"), known.lines("measures")),
        (said.phrase("ciso.profile"), known.profile()),
        (said.phrase("reg.dpia"), said.phrase("reg.dpia.is")),
        (said.phrase("reg.dpia.date"), said.blank("fill.date")),
        (said.phrase("reg.dates"), said.blank("fill.date")),
    ]
    return (Section("register-sheet", said.phrase("reg.name.is"), (facts(rows),)),)


def _notice(known: Known) -> tuple[Section, ...]:
    said = known.said
    watched = known.material.summary.under.profile == "monitor"
    warned: tuple[Block, ...] = (Text((said.phrase("notice.not.monitor"),), "warning"),) if watched else ()
    contact = facts(
        (
            (said.phrase("reg.controller"), known.party("controller")),
            (said.phrase("reg.dpo"), known.party("dpo")),
            (said.phrase("notice.where"), said.blank("fill.contact")),
        )
    )
    to = (_bullets(known, "notice.to.lines"), _fact(said.phrase("notice.to.label"), said.blank("fill")))
    abroad = (Text((said.phrase("transfers.notice"),)), _fact(said.phrase("transfers.place"), said.blank("fill")))
    confirm = _fact(said.phrase("notice.not.confirm"), said.blank("fill.sign"))
    basis = facts(
        (
            (said.phrase("notice.basis"), known.basis("notice.basis.is")),
            (said.phrase("basis.confirm"), said.blank("fill")),
        )
    )
    why = (_bullets(known, "purposes"), basis)
    parts: tuple[tuple[str, str, tuple[Block, ...]], ...] = (
        ("what", "notice.what", (Text(known.lines("notice.what.lines")),)),
        ("who", "notice.who", (contact,)),
        ("why", "notice.why", why),
        ("kept", "notice.kept", (_bullets(known, "kept"), Text((said.phrase("pseudonymised"),)))),
        ("notkept", "notice.notkept", (_bullets(known, "notkept"),)),
        ("long", "notice.long", (_cells(known.keep(), said.phrase("reg.keep")),)),
        ("to", "notice.to", to),
        ("abroad", "transfers.label", abroad),
        ("not", "notice.not", (*warned, Text(known.lines("notice.not.lines")), confirm)),
        ("duty", "notice.duty", (Text((said.phrase("notice.duty.lines"),)),)),
        ("rights", "notice.rights", (_bullets(known, "notice.rights.lines"),)),
        ("handed", "notice.spread", (_fact(said.phrase("notice.handed"), said.blank("fill.date")),)),
    )
    return tuple(Section(f"notice-{anchor}", said.phrase(key), blocks) for anchor, key, blocks in parts)


def _charter(known: Known) -> tuple[Section, ...]:
    said = known.said
    keep = known.kept_for() or said.say("render.blank.hint", hint=said.phrase("fill.config"))
    blocks = (
        Text((said.phrase("charter.1"),)),
        _fact(said.phrase("charter.apps"), said.blank("charter.fill.apps")),
        Text((said.phrase("charter.2"), said.say("charter.3", keep=keep))),
        Text((said.phrase("charter.4"), said.phrase("charter.5"), said.phrase("charter.6"))),
        _fact(said.phrase("notice.where"), said.blank("charter.fill.tell")),
        facts(
            (
                (said.phrase("charter.force"), said.blank("fill.date")),
                (said.phrase("charter.signed"), said.blank("fill.sign")),
            )
        ),
    )
    return (Section("charter-article", said.phrase("charter.article"), blocks),)


def _interests(known: Known) -> tuple[Section, ...]:
    said = known.said
    ways = tuple(
        (said.phrase(f"lia.alt.{way}"), said.phrase(f"lia.alt.{way}.misses"), said.blank("fill"))
        for way in ("paper", "test", "short", "platform")
    )
    columns = (
        Column(said.phrase("lia.alt"), 1.4),
        Column(said.phrase("lia.misses"), 2),
        Column(said.phrase("lia.enough"), 1.2),
    )
    first = (
        Text(known.basis("reg.basis.is")),
        _fact(said.phrase("basis.confirm"), said.blank("fill")),
        Text(known.lines("lia.1.lines")),
        _bullets(known, "purposes"),
        Text(known.observed(), bullets=True),
        _fact(said.phrase("lia.1.fill"), said.blank("fill")),
    )
    second = (
        Text((said.phrase("lia.2.lead"),)),
        Table(said.phrase("lia.alt"), columns, ways),
        _fact(said.phrase("lia.less"), (*known.lines("notkept"), *known.lines("own.213"))),
    )
    third = facts(
        (
            (said.phrase("lia.data"), (*known.categories(), said.phrase("pseudonymised"))),
            (said.phrase("lia.expect"), said.phrase("lia.expect.is")),
            (said.phrase("lia.effect"), said.phrase("lia.effect.is")),
            (said.phrase("lia.guard"), (*known.profile(), *known.lines("measures"))),
            (said.phrase("ciso.roles"), known.roles()),
            (said.phrase("reg.keep"), known.keep()),
            (said.phrase("lia.open"), known.open_points()),
            (said.phrase("lia.object"), said.phrase("lia.object.is")),
            (said.phrase("lia.object.rest"), said.blank("fill")),
            (said.phrase("fill.rest"), said.blank("fill")),
        )
    )
    end = facts(
        (
            (said.phrase("lia.end.dpo"), said.blank("fill.sign")),
            (said.phrase("lia.end.controller"), said.blank("fill.sign")),
        )
    )
    return (
        Section("interests-1", said.phrase("lia.1"), first),
        Section("interests-2", said.phrase("lia.2"), second),
        Section("interests-3", said.phrase("lia.3"), (third,)),
        Section("interests-end", said.phrase("lia.end"), (end,)),
    )


def _fact(label: str, cell: Cell) -> Facts:
    return facts(((label, cell),))


def _cells(cell: Cell, label: str) -> Block:
    """Lines as bullets; a blank under its label."""
    return Text(cell, bullets=True) if isinstance(cell, tuple) else _fact(label, cell)


def _bullets(known: Known, key: str) -> Text:
    return Text(known.lines(key), bullets=True)


_PAPERS: Final[tuple[tuple[str, str, Callable[[Known], tuple[Section, ...]], bool], ...]] = (
    ("register", "reg.note", _register, True),
    ("notice", "notice.lead", _notice, False),
    ("charter", "charter.lead", _charter, False),
    ("cse", "cse.lead", cse, False),
    ("interests", "lia.lead", _interests, True),
    ("dpia", "own.lead", assessment, True),
    ("ciso", "ciso.lead", ciso, True),
)
"""Each paper's name, lead, sections, and whether it opens with the whole perimeter."""
