"""An impact assessment prefilled (GDPR Art. 35), under the headings and numbers of the CNIL's PIA tool."""

import html
import json
from typing import Final

from douane.reports import few, safe
from douane.reports.document import Document, Facts, Section, Text
from douane.reports.kinds import perimeter as opening
from douane.reports.kinds.activities import activities, declared_of, strays
from douane.reports.kinds.base import Kind, Material
from douane.reports.kinds.dpia_answers import IN_TOOL, QUESTIONS, Known
from douane.reports.kinds.said import Said

_KIND: Final = "dpia"


def build(material: Material) -> Document:
    """The prefill of an impact assessment for the apps of a summary; what a person must judge is left open."""
    said = Said(material.lang, _KIND)
    answers = _answers(material)
    sections = tuple(
        Section(
            f"pia-{number}",
            said.phrase(number),
            below=tuple(
                Section(
                    f"pia-part-{part}",
                    said.phrase(part),
                    below=tuple(_question(said, key, name, answers[key]) for key, name, _ in questions),
                )
                for part, questions in parts
            ),
        )
        for number, parts in QUESTIONS
    )
    about = Section("about", said.phrase("about"), (Text(tuple(said.phrase(f"about.{n}") for n in (1, 2, 3))),))
    told: dict[str, object] = few.told({"answers": {str(key): list(lines) for key, lines in answers.items()}})
    told["open"] = [key for key, lines in answers.items() if not lines]
    return Document(
        _KIND,
        said.phrase("title"),
        said.phrase("subtitle"),
        material.lang,
        material.made_at,
        opening.perimeter(material),
        (about, *sections),
        opening.opening(material),
        opening.data(material) | told,
    )


def pack(material: Material, form: str) -> bytes:
    """The answers in the structure that the CNIL's PIA tool exports and imports (`--format pia`).

    Source: `exportData` and `importData` of github.com/LINCnil/pia, read in November 2026. Answers are HTML there.
    """
    if form != "pia":
        raise KeyError(form)
    at = material.made_at.isoformat()
    answers = [
        {
            "reference_to": key,
            "data": {"text": "".join(f"<p>{html.escape(line)}</p>" for line in lines), "gauge": None, "list": []},
            "created_at": at,
            "updated_at": at,
        }
        for key, lines in _answers(material).items()
        if lines and key in IN_TOOL
    ]
    told = {
        "pia": {
            "name": Said(material.lang, _KIND).phrase("pia.name"),
            "author_name": "",
            "evaluator_name": "",
            "validator_name": "",
            "dbVersion": 1,
            "status": 0,
            "created_at": at,
            "updated_at": at,
        },
        "answers": answers,
        "measures": [],
        "evaluations": [],
        "comments": [],
        "attachments": [],
    }
    return (safe.json_text(json.dumps(told, ensure_ascii=True, indent=2)) + "\n").encode()


def _answers(material: Material) -> dict[int, tuple[str, ...]]:
    """The lines that can be given for each question, none for one that is open."""
    declarations = declared_of(material)
    known = Known(
        Said(material.lang, _KIND),
        material.summary,
        declarations,
        activities(material.summary, declarations),
        strays(material.summary, declarations),
    )
    return {
        key: tuple(dict.fromkeys(answer(known)))
        for _, parts in QUESTIONS
        for _, questions in parts
        for key, _, answer in questions
    }


def _question(said: Said, key: int, name: str, lines: tuple[str, ...]) -> Section:
    heading = said.say("question", id=str(key), name=said.phrase(name))
    fill = Facts(((said.phrase("rest" if lines else "open"), said.blank("fill")),))
    return Section(f"pia-{key}", heading, (*((Text(lines, bullets=True),) if lines else ()), fill))


KIND: Final = Kind(_KIND, ("pdf", "html", "md", "json", "pia"), build, pack)
