"""The impact assessment of Douane itself, under the headings and numbers of the CNIL's PIA tool."""

from douane.reports.document import Cell, Section, Text
from douane.reports.kinds.dpia_answers import QUESTIONS
from douane.reports.kinds.kit_facts import Known, facts
from douane.reports.kinds.said import Said


def assessment(known: Known) -> tuple[Section, ...]:
    """Every question of the tool: what is known of Douane, else a blank; each part ends with one for the rest."""
    said, tool = known.said, Said(known.said.lang, "dpia")
    answers = _answers(known)
    fill = tool.blank("fill")
    found = [Section("own-why", said.phrase("reg.dpia"), (Text((said.phrase("own.why"),)),))]
    for number, parts in QUESTIONS:
        for part, questions in parts:
            rows: list[tuple[str, Cell]] = [
                (tool.say("question", id=str(key), name=tool.phrase(name)), answers.get(key) or fill)
                for key, name, _ in questions
            ]
            rows.append((said.phrase("fill.rest"), fill))
            heading = f"{number}. {tool.phrase(number)} — {tool.phrase(part)}"
            found.append(Section(f"own-{part}", heading, (facts(rows),)))
    limits = (Text(known.lines("limits"), bullets=True),)
    return (*found, Section("own-limits", said.phrase("ciso.limits"), limits))


def _answers(known: Known) -> dict[int, Cell]:
    """The lines that Douane itself can give, by the number of the question."""
    said = known.said
    own = (111, 112, 113, 122, 213, 214, 221, 222, 223, 224, 225, 226)
    risks = (321, 322, 323, 331, 332, 333, 334, 341, 342, 343, 344)
    given: dict[int, Cell] = {key: known.lines(f"own.{key}") for key in (*own, *risks)}
    roles = known.roles()
    guards = (*known.profile(), known.spool(), *(roles if isinstance(roles, tuple) else ()))
    return given | {
        111: (*known.lines("own.111"), known.observed()[0]),
        121: (*known.lines("kept"), *known.lines("notkept"), said.phrase("pseudonymised"), *known.observed()[1:]),
        123: known.lines("own.123", store=known.key()),
        211: known.lines("purposes"),
        212: known.basis("reg.basis.is"),
        213: (*known.lines("own.213"), *known.profile()),
        215: known.keep(),
        227: said.phrase("transfers.227"),
        310: known.lines("measures"),
        324: guards,
        412: known.open_points(),
    }
