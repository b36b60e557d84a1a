"""A finding in words, in English and in French. Pure module: no I/O."""

from collections.abc import Callable
from typing import Final, Protocol

from douane.audit import taxonomy
from douane.audit.exchange import Label, Source
from douane.audit.rules.base import Hit, Rule, Text
from douane.audit.verdict_words import SOURCES

DAYS: Final = ("as_of",)
"""The facts that are a day: French writes it its own way."""
CATEGORIES: Final = ("category",)
"""The facts that name a category: they are told by its name in the language."""
WORDS: Final[dict[str, Text]] = {
    "policy": Text("any point: no policy is named", "quelque point que ce soit : aucune politique n’est mentionnée"),
    "categories": Text("the categories of personal data collected", "les catégories de données collectées"),
    "purposes": Text("the purposes of use", "les finalités"),
    "recipients": Text("the categories of recipients", "les catégories de destinataires"),
    "retention": Text("data retention timelines", "les durées de conservation"),
    "controls": Text("the controls offered to users", "les moyens d’action offerts aux personnes"),
    "camera": Text("the camera", "la caméra"),
    "microphone": Text("the microphone", "le microphone"),
    "geolocation": Text("the precise location", "la position précise"),
    "names": Text("its name says that it changes something", "son nom indique qu’il modifie quelque chose"),
    "destroys": Text("its name says that it deletes or cancels", "son nom indique qu’il supprime ou annule"),
    "answers": Text("its answers report a change", "ses réponses rendent compte d’une modification"),
    "hints": Text("it is also marked destructive", "il est aussi déclaré destructif"),
    "unlisted": Text("its input schema does not list there", "son schéma d’entrée n’y décrit pas"),
    "no-list": Text("its value must be a list of names", "sa valeur doit être une liste de noms"),
    "csp": Text("its widget may connect there", "son widget peut s’y connecter"),
    "frame": Text("its widget may frame it", "son widget peut l’afficher dans un cadre"),
    "url": Text("its answers link there", "ses réponses y renvoient"),
    "egress": Text("the app called it", "l’application l’a appelé"),
    "asks": Text("people are sent there to answer", "les personnes y sont envoyées pour répondre"),
    "if-certified": Text(
        "adequacy only if the recipient is certified, and no other mechanism was declared",
        "adéquation seulement si le destinataire est certifié, et aucune autre garantie n’est déclarée",
    ),
    "in-part": Text(
        "the adequacy decision covers some recipients only, and no other mechanism was declared",
        "la décision d’adéquation ne couvre que certains destinataires, et aucune autre garantie n’est déclarée",
    ),
    "at-odds": Text(
        "an adequacy decision was declared, and none is listed",
        "une décision d’adéquation est déclarée, et aucune n’est répertoriée",
    ),
    "missing": Text(
        "no mechanism was declared, and no adequacy decision is listed",
        "aucune garantie n’est déclarée, et aucune décision d’adéquation n’est répertoriée",
    ),
    Label.INCORRECT.value: Text("the contrary is stated by", "le contraire est affirmé par"),
    Label.OMITTED.value: Text("nothing about it was found in", "rien à ce sujet n’a été trouvé dans"),
    Label.AMBIGUOUS.value: Text("statements contradict each other in", "les mentions se contredisent dans"),
    "session": Text("session identifier", "identifiant de session"),
    "other": Text("value named like a credential", "valeur nommée comme un identifiant d’accès"),
    "query": Text("the query", "la requête"),
    "path": Text("the path", "le chemin"),
    "fragment": Text("the fragment", "le fragment"),
    "userinfo": Text("the user part", "la partie utilisateur"),
    "to_app": Text("received", "reçue"),
    "to_chatgpt": Text("returned", "renvoyée"),
}
"""The words for the facts `what` and `part` of a hit (`Hit.facts`)."""


_FRENCH_SOURCES: Final = (
    ("Regulation (EU) 2016/679 (GDPR)", "Règlement (UE) 2016/679 (RGPD)"),
    ("Recital", "considérant"),
    ("Art.", "art."),
    (" to ", " à "),
    ("MCP specification", "Spécification MCP"),
    ("MCP server review requirements", "exigences de revue des serveurs MCP"),
    ("Plugin guidelines", "règles pour les plugins"),
    ("Plugins reference", "référence des plugins"),
    ("Security & Privacy", "sécurité et vie privée"),
)


def said(rule: Rule, hit: Hit, lang: str) -> str:
    """What was found, in a sentence."""
    return sentence(rule.says, hit, lang)


def mended(rule: Rule, hit: Hit, lang: str) -> str:
    """How to mend it, in a sentence."""
    return sentence(remedy_of(rule, hit), hit, lang)


def remedy_of(rule: Rule, hit: Hit) -> Text:
    """How to mend what was found: a datum that the platform forbids whatever was declared is not to be declared."""
    if rule.remedy_restricted is not None and taxonomy.restricted(taxonomy.flags(hit.category)):
        return rule.remedy_restricted
    return rule.remedy


class Sourced(Protocol):
    """What names the text that it stands for."""

    @property
    def source(self) -> str:
        """The text's name, in English."""
        ...


def cited(rule: Sourced, lang: str) -> str:
    """The text that the rule stands for, by its name; what it says itself (`Rule.wording`) is in English."""
    name = rule.source
    if lang.lower().startswith("fr"):
        for english, french in _FRENCH_SOURCES:
            name = name.replace(english, french)
    return name


def sentence(text: Text, hit: Hit, lang: str) -> str:
    """A text with its places filled by the facts of a hit. Raises KeyError for a fact that the hit lacks."""
    return text.of(lang).format_map(facts(hit, lang))


def facts(hit: Hit, lang: str, shown: Callable[[str], str] = str) -> dict[str, str]:
    """The facts of a hit as a text in a language tells them; what comes from outside goes through `shown`."""
    return {"count": str(hit.count), **{key: _told(key, value, lang, shown) for key, value in hit.facts}}


def _told(key: str, value: str, lang: str, shown: Callable[[str], str]) -> str:
    if key in CATEGORIES:
        known = taxonomy.category(value)
        return known.name(lang) if known is not None else shown(value)
    if key in DAYS and lang.lower().startswith("fr"):
        return shown("/".join(reversed(value.split("-"))))
    if key == "sources":
        said = [SOURCES[Source(one)].of(lang) for one in value.split()]
        both = " et " if lang.lower().startswith("fr") else " and "
        return both.join([", ".join(said[:-1]), said[-1]]) if len(said) > 1 else "".join(said)
    if key in ("what", "part") and value in WORDS:
        return WORDS[value].of(lang)
    if key == "what" and (category := taxonomy.category(value)) is not None:
        return category.name(lang)
    return shown(value)
