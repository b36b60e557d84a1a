"""The note for the consultation of the works council (France), with the texts that it rests on."""

from typing import Final

from douane.reports.document import Cell, Column, Section, Table, Text
from douane.reports.kinds.kit_facts import Known, facts

_CODE: Final = "https://code.travail.gouv.fr/code-du-travail/"
_LAWS: Final = "https://www.legifrance.gouv.fr/"
_TEXTS: Final = (
    ("L. 1121-1", "law.1121", f"{_CODE}l1121-1", "copy"),
    ("L. 1222-4", "law.1222", f"{_CODE}l1222-4", "quoted"),
    ("L. 2312-8", "law.2312-8", f"{_CODE}l2312-8", "quoted"),
    ("L. 2312-15", "law.2312-15", f"{_CODE}l2312-15", "not"),
    ("L. 2312-38", "law.2312-38", f"{_LAWS}codes/article_lc/LEGIARTI000035610275", "copy"),
    ("L. 2315-94", "law.2315-94", f"{_CODE}l2315-94", "copy"),
    ("R. 2312-5, R. 2312-6", "law.r2312-6", f"{_CODE}r2312-6", "official"),
    ("L. 1321-5", "law.1321", f"{_CODE}l1321-5", "quoted"),
    ("", "law.gdpr", "https://eur-lex.europa.eu/eli/reg/2016/679/oj", "not"),
    ("", "law.cnil.log", f"{_LAWS}jorf/id/JORFTEXT000044272396", "copy"),
    ("", "law.cnil.dpia", "https://www.cnil.fr", "copy"),
    ("", "law.soc", "https://www.courdecassation.fr", "quoted"),
)
"""Article of the Code du travail (empty: another text), what is kept of it, where it stands, how it was read."""


def cse(known: Known) -> tuple[Section, ...]:
    """The note's sections."""
    said = known.said
    data = (
        Text(known.lines("kept"), bullets=True),
        Text(known.lines("notkept"), bullets=True),
        Text((said.phrase("pseudonymised"),)),
        Text(known.observed(), bullets=True),
    )
    force = facts(
        (
            (said.phrase("ciso.profile"), known.profile()),
            (said.phrase("ciso.roles"), known.roles()),
            (said.phrase("notice.to.label"), said.blank("fill")),
            (said.phrase("reg.keep"), known.keep()),
            (said.phrase("lia.open"), known.open_points()),
        )
    )
    calendar = facts(
        (
            (said.phrase("cse.handed"), said.blank("fill.date")),
            (said.phrase("cse.expert"), said.blank("fill")),
            (said.phrase("cse.meeting"), said.blank("fill.date")),
            (said.phrase("cse.opinion"), said.blank("fill.sign")),
            (said.phrase("cse.service"), said.blank("fill.date")),
        )
    )
    why = facts(((said.phrase("fill.rest"), said.blank("cse.why.fill")),))
    people = facts(((said.phrase("fill.rest"), said.blank("cse.people.fill")),))
    return (
        Section("cse-object", said.phrase("cse.object"), (Text((said.phrase("cse.object.lines"),)),)),
        Section("cse-why", said.phrase("cse.why"), (Text(known.lines("purposes"), bullets=True), why)),
        Section("cse-how", said.phrase("cse.how"), (Text(known.lines("cse.how.lines"), bullets=True),)),
        Section("cse-people", said.phrase("cse.people"), (Text(known.lines("subjects"), bullets=True), people)),
        Section("cse-data", said.phrase("cse.data"), data),
        Section("cse-effects", said.phrase("cse.effects"), (Text(known.lines("cse.effects.lines"), bullets=True),)),
        Section("cse-force", said.phrase("cse.force"), (force,)),
        Section("cse-calendar", said.phrase("cse.calendar"), (calendar,)),
        Section("cse-texts", said.phrase("cse.texts"), (Text((said.phrase("cse.texts.lead"),)), _texts(known))),
    )


def _texts(known: Known) -> Table:
    said = known.said
    rows: list[tuple[Cell, ...]] = []
    for article, key, source, read in _TEXTS:
        words = said.phrase(key)
        name = said.say("law.code", article=article.replace(" ", "\u00a0"))
        if not article:
            name, _, words = words.partition("\u00a0: " if said.lang == "fr" else ": ")
        rows.append((name, words, source, said.phrase(f"read.{read}")))
    columns = (
        Column(said.phrase("col.text"), 1.3),
        Column(said.phrase("col.says"), 2.4),
        Column(said.phrase("col.source"), 1.5),
        Column(said.phrase("col.read"), 1.3),
    )
    return Table(said.phrase("cse.texts"), columns, tuple(rows))
