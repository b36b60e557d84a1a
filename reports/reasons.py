"""Why a verdict is what it is, in French: the reasons are kept in English, as sentences of ours.

A reason that is none of ours (written by an older Douane, say) has no translation.
"""

import re
from collections.abc import Callable
from typing import Final

from douane.reports.i18n import Words, french_spaces

_KEY: Final = r"[^\s,;()]+"
_WHOSE: Final = r"the privacy policy|the information shown at connection|the source"
_SCHEMA: Final = r"the tool's (?P<kind>input|output) schema"
_WAY: Final = r"sent to the app|returned to ChatGPT"
_FRENCH: Final = {
    "input": "d’entrée",
    "output": "de sortie",
    "sent to the app": "ce qui est envoyé à l’application",
    "returned to ChatGPT": "ce qui est renvoyé à ChatGPT",
    "the privacy policy": "la politique de confidentialité",
    "the information shown at connection": "l’information affichée à la connexion",
    "the source": "la source",
    "the app": "l’application",
    "third party": "un tiers",
    "anyone": "quiconque",
    "unknown entity": "un destinataire inconnu",
    "payment card data": "de données de carte de paiement",
    "access credentials and secrets": "d’identifiants d’accès ni de secrets",
    "protected health information": "d’informations de santé protégées",
    "government identifiers": "d’identifiants officiels",
    "whole conversations": "de conversations entières",
    "restricted data": "de données restreintes",
    "and": "et",
    "but": "mais",
    "contradiction": "contradiction",
    "narrowing": "restriction",
}
_OF: Final = {
    "la politique de confidentialité": "de la politique de confidentialité",
    "l’information affichée à la connexion": "de l’information affichée à la connexion",
    "la source": "de la source",
}

type _Facts = dict[str, str]

_SENTENCES: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern, re.DOTALL), french)
    for pattern, french in (
        (r"no (?P<kind>input|output) schema known for the tool", "aucun schéma {kind} n’est connu pour l’outil"),
        (r"no schema seen for the tool", "aucun schéma de l’outil n’a été vu"),
        (r"no declaration found for the app", "aucune déclaration trouvée pour l’application"),
        (r"the kind of personal data was not determined", "la nature de la donnée n’a pas été déterminée"),
        (
            r"OpenAI's app guidelines: apps do not collect, solicit or process (?P<group>[a-z ]+), "
            r"whatever they declared",
            "règles d’OpenAI pour les applications : une application ne collecte, ne demande ni ne traite {group}, "
            "quoi qu’elle déclare",
        ),
        (rf"{_SCHEMA} does not list this place", "le schéma {kind} de l’outil ne liste pas cet emplacement"),
        (
            rf"{_SCHEMA} lists this place and says (?P<key>{_KEY})",
            "le schéma {kind} de l’outil liste cet emplacement et dit : {key}",
        ),
        (
            rf"{_SCHEMA} says only (?P<key>{_KEY}) of this place",
            "le schéma {kind} de l’outil n’en dit que : {key}",
        ),
        (
            rf"{_SCHEMA} does not list this place itself, only one above it that takes anything",
            "le schéma {kind} de l’outil ne liste pas cet emplacement même, seulement un emplacement au-dessus qui "
            "accepte tout",
        ),
        (
            rf"{_SCHEMA} lists this place but says (?P<keys>.+) of it",
            "le schéma {kind} de l’outil liste cet emplacement, mais en dit : {keys}",
        ),
        (
            rf"{_SCHEMA} lists this place without saying what personal data it holds",
            "le schéma {kind} de l’outil liste cet emplacement sans dire quelles données personnelles il contient",
        ),
        (
            rf"the declaration does not name (?P<key>{_KEY}) as (?P<way>{_WAY})"
            rf"(?:; it names a part of it, (?P<part>{_KEY}))?",
            "la déclaration ne mentionne pas {key} parmi {way}{partly}",
        ),
        (
            rf"the declaration names (?P<key>{_KEY}) as (?P<way>{_WAY}), but not as a child's data",
            "la déclaration mentionne {key} parmi {way}, mais pas comme une donnée d’enfant",
        ),
        (
            r"the declaration says (?P<keys>.+) of this field, but not that it is a child's",
            "la déclaration dit de ce champ : {keys}, mais pas qu’il s’agit d’une donnée d’enfant",
        ),
        (
            rf"the declaration names (?P<only>only )?(?P<key>{_KEY}) as (?P<way>{_WAY})",
            "la déclaration {names} {key} parmi {way}",
        ),
        (
            rf"the declaration says (?P<keys>.+) of this field, not (?P<key>{_KEY})",
            "la déclaration dit de ce champ : {keys}, et non {key}",
        ),
        (
            rf"the declaration says (?P<only>only )?(?P<key>{_KEY}) of this field",
            "la déclaration {says} de ce champ {that}{key}",
        ),
        (rf"no statement of (?P<whose>{_WHOSE}) was given", "aucune mention {of_whose} n’a été fournie"),
        (
            rf"no statement about (?P<key>{_KEY}) was found in (?P<whose>{_WHOSE})(?: as (?P<way>{_WAY}))?",
            "aucune mention de {key} n’a été trouvée dans {whose}{as_way}",
        ),
        (
            rf"(?P<whose>{_WHOSE}) says that (?P<who>.+) does not collect (?P<key>{_KEY})",
            "{whose} dit {that_who} ne collecte pas {key}",
        ),
        (
            rf"(?P<whose>{_WHOSE}) says that (?P<who>.+) collects (?P<key>{_KEY}) (?P<so>and|but) that (?P<other>.+) "
            rf"does not collect (?P<denied>{_KEY}) \((?P<pair>contradiction|narrowing) (?P<name>[CN]\d+)\)",
            "{whose} dit {that_who} collecte {key} {so} {that_other} ne collecte pas {denied} ({pair} {name})",
        ),
        (
            rf"(?P<whose>{_WHOSE}) says that (?P<who>.+) collects (?P<key>{_KEY}), "
            rf"not (?P<wanted>{_KEY}|who receives it)(?: itself)? "
            rf"\(vague by (?P<data>[\d.]+) for the data, (?P<entity>[\d.]+) for the entity\)",
            "{whose} dit {that_who} collecte {key}, {but_not} (imprécision : {data} pour la donnée, {entity} pour "
            "l’entité)",
        ),
        (
            rf"(?P<whose>{_WHOSE}) says that (?P<who>.+) collects (?P<key>{_KEY})",
            "{whose} dit {that_who} collecte {key}",
        ),
        (
            r"the declaration names no recipient for this destination",
            "la déclaration ne mentionne aucun destinataire pour cette destination",
        ),
        (
            r"the declaration names (?P<who>.+) as a recipient without saying of what",
            "la déclaration mentionne {who} comme destinataire, sans dire de quoi",
        ),
        (
            rf"the declaration does not name (?P<key>{_KEY}) as received by (?P<who>.+)",
            "la déclaration ne mentionne pas {key} parmi ce que reçoit {who}",
        ),
        (
            rf"the declaration names (?P<only>only )?(?P<key>{_KEY}) as received by (?P<who>.+)",
            "la déclaration {names} {key} parmi ce que reçoit {who}",
        ),
    )
)


def in_french(reason: str, words: Words) -> str | None:
    """The reason of a verdict in French, categories by name and key; None where it is none of ours."""
    for pattern, french in _SENTENCES:
        found = pattern.fullmatch(reason)
        if found is not None:
            said = french.format(**_told({name: text or "" for name, text in found.groupdict().items()}, words))
            return french_spaces(f"{said[0].upper()}{said[1:]}.")
    return None


def _told(facts: _Facts, words: Words) -> _Facts:
    def key(name: str) -> str:
        said = words.category(name)
        return name if said == name else f"« {said} » ({name})"

    told = {name: _FRENCH.get(text, text) for name, text in facts.items()}
    named: dict[str, Callable[[str], str]] = {"key": key, "denied": key, "wanted": key, "part": key}
    told |= {name: change(facts[name]) for name, change in named.items() if facts.get(name)}
    for name in ("who", "other"):
        told[f"that_{name}"] = (
            f"qu’{told.get(name, '')}" if told.get(name, "").startswith("un ") else f"que {told.get(name, '')}"
        )
    told["keys"] = ", ".join(key(one) for one in facts.get("keys", "").split(", ") if one)
    only = bool(facts.get("only"))
    told["names"] = "ne mentionne que" if only else "mentionne"
    told["says"], told["that"] = ("ne dit", "que : ") if only else ("dit", ": ")
    told["partly"] = f" ; elle en mentionne une partie, {told['part']}" if facts.get("part") else ""
    told["as_way"] = f", parmi {told['way']}" if facts.get("way") else ""
    told["of_whose"] = _OF.get(told.get("whose", ""), "")
    who = facts.get("wanted") == "who receives it"
    told["but_not"] = "sans dire qui la reçoit" if who else f"et non {told.get('wanted', '')} même"
    for name in ("data", "entity"):
        told[name] = facts.get(name, "").replace(".", ",")
    return told
