"""What the gate says of verdicts, in both languages. Pure module: no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from douane.audit.exchange import Label, Source
from douane.audit.rules.base import Severity, Text

_POLICHECK: Final = "Andow et al., Actions Speak Louder than Words (PoliCheck), USENIX Security 2020"
_POLICHECK_URL: Final = "https://www.usenix.org/conference/usenixsecurity20/presentation/andow"
_GUIDE: Final = "OpenAI, Plugin guidelines"
_GUIDE_URL: Final = "https://developers.openai.com/plugins/app-guidelines"
_VERSION: Final = "2026-11-22"


@dataclass(frozen=True, slots=True)
class LabelWords:
    """One label as a finding. `says` takes `tool`, `way`, `category`, `place` and `sources`."""

    severity: Severity
    title: Text
    says: Text
    remedy: Text
    source: str = _POLICHECK
    url: str = _POLICHECK_URL
    version: str = _VERSION


SOURCES: Final[Mapping[Source, Text]] = {
    Source.SCHEMA: Text("the tool's schema", "le schéma de l’outil"),
    Source.DECLARATION: Text("the declaration", "la déclaration"),
    Source.POLICY: Text("the privacy policy", "la politique de confidentialité"),
    Source.CONNECTION: Text("the information shown at connection", "l’information affichée à la connexion"),
    Source.PLATFORM: Text("OpenAI's guidelines", "les règles d’OpenAI"),
}

SUMMARIES: Final[Mapping[Label, LabelWords]] = {
    Label.PROHIBITED: LabelWords(
        Severity.ERROR,
        Text("Data that the platform forbids", "Donnée que la plateforme interdit"),
        Text(
            "{tool} {way} “{category}” at {place}: {sources} rule it out, whatever was declared.",
            "{tool} {way} « {category} » à {place} : {sources} l’excluent, quoi qu’on ait déclaré.",
        ),
        Text("Leave the data out: declaring it does not help.", "Retirez cette donnée : la déclarer ne suffit pas."),
        _GUIDE,
        _GUIDE_URL,
    ),
    Label.INCORRECT: LabelWords(
        Severity.ERROR,
        Text("Data that the app says it does not collect", "Donnée que l’application dit ne pas collecter"),
        Text(
            "{tool} {way} “{category}” at {place}, which is denied by {sources}.",
            "{tool} {way} « {category} » à {place}, alors que le contraire est affirmé par {sources}.",
        ),
        Text(
            "Stop exchanging the data, or correct the statement.",
            "Cessez d’échanger cette donnée, ou corrigez la mention.",
        ),
    ),
    Label.OMITTED: LabelWords(
        Severity.ERROR,
        Text("Data that was not declared", "Donnée non déclarée"),
        Text(
            "{tool} {way} “{category}” at {place}: nothing about it was found in {sources}.",
            "{tool} {way} « {category} » à {place} : rien à ce sujet n’a été trouvé dans {sources}.",
        ),
        Text(
            "Declare the category where it is missing, or leave the data out.",
            "Déclarez la catégorie là où elle manque, ou retirez la donnée.",
        ),
    ),
    Label.AMBIGUOUS: LabelWords(
        Severity.WARNING,
        Text("Statements that contradict each other", "Mentions contradictoires"),
        Text(
            "{tool} {way} “{category}” at {place}: statements in {sources} contradict each other on it.",
            "{tool} {way} « {category} » à {place} : les mentions se contredisent à ce sujet dans {sources}.",
        ),
        Text("Make the statements agree.", "Mettez les mentions en accord."),
    ),
    Label.VAGUE: LabelWords(
        Severity.NOTE,
        Text("Data that is declared only vaguely", "Donnée déclarée seulement de façon vague"),
        Text(
            "{tool} {way} “{category}” at {place}, which is named only vaguely in {sources}.",
            "{tool} {way} « {category} » à {place}, nommée seulement de façon vague dans {sources}.",
        ),
        Text(
            "Name the category itself, or describe the field.", "Nommez la catégorie elle-même, ou décrivez le champ."
        ),
    ),
}
