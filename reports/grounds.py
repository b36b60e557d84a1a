"""The review's grounds for rejection, each with the rules that look for it and what must have been seen to say more.

From OpenAI's plugin guidelines and MCP server review requirements as read in November 2026; the wording is the rules'.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from douane.audit.rules.base import Text


class Needs(StrEnum):
    """What must have been seen before the lack of a finding says something."""

    CALLS = "calls"
    ANSWERS = "answers"
    TOOLS = "tools"
    DECLARATION = "declaration"
    WIDGETS = "widgets"
    SNAPSHOT = "snapshot"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground: `id` as in docs/gate.md."""

    id: str
    title: Text
    rules: tuple[str, ...]
    needs: tuple[Needs, ...]


_SEEN: Final = (Needs.CALLS, Needs.ANSWERS)

GROUNDS: Final[tuple[Ground, ...]] = (
    Ground(
        "undisclosed",
        Text(
            "Returns user-related data that the policy does not disclose",
            "Renvoie des données que la politique ne mentionne pas",
        ),
        ("openai/undisclosed",),
        (Needs.ANSWERS, Needs.DECLARATION),
    ),
    Ground(
        "response-minimisation",
        Text(
            "Returns internal identifiers, telemetry or logs",
            "Renvoie des identifiants internes, de la télémétrie ou des journaux",
        ),
        ("openai/internal-ids",),
        (Needs.ANSWERS,),
    ),
    Ground(
        "secrets-returned",
        Text("Returns tokens, keys or passwords", "Renvoie des jetons, des clés ou des mots de passe"),
        ("openai/secret-returned",),
        (Needs.ANSWERS,),
    ),
    Ground(
        "echoed-identifier",
        Text(
            "Looks a user identifier up and echoes it (looked for by name only, in fields called identifiers)",
            "Recherche un identifiant de l’utilisateur et le renvoie (cherché par nom seulement, dans les champs dits "
            "identifiants)",
        ),
        ("openai/echoed-id",),
        (Needs.ANSWERS,),
    ),
    Ground(
        "annotations",
        Text("Hints missing or not true or false", "Indications absentes, ou ni vraies ni fausses"),
        ("openai/annotations",),
        (Needs.TOOLS,),
    ),
    Ground(
        "read-only-hint",
        Text("readOnlyHint at odds with what the tool does", "readOnlyHint contredit par ce que fait l’outil"),
        ("openai/read-only",),
        (Needs.TOOLS, *_SEEN),
    ),
    Ground(
        "destructive-hint",
        Text("destructiveHint at odds with what the tool does", "destructiveHint contredit par ce que fait l’outil"),
        ("openai/destructive",),
        (Needs.TOOLS, *_SEEN),
    ),
    Ground(
        "open-world-hint",
        Text(
            "openWorldHint at odds with where the tool reaches",
            "openWorldHint contredit par les destinations de l’outil",
        ),
        ("openai/open-world", "openai/open-world-before"),
        (Needs.TOOLS, *_SEEN),
    ),
    Ground(
        "restricted-data",
        Text(
            "Payment cards, health information, government identifiers, credentials",
            "Cartes de paiement, données de santé, identifiants officiels, secrets d’accès",
        ),
        (
            "openai/payment-card",
            "openai/health-information",
            "openai/government-id",
            "openai/credentials",
            "verdict/prohibited",
        ),
        _SEEN,
    ),
    Ground(
        "special-categories",
        Text("Special categories without prominent disclosure", "Catégories particulières sans information claire"),
        ("openai/special-category",),
        _SEEN,
    ),
    Ground(
        "chat-transcripts",
        Text("Asks for the conversation, or rebuilds it", "Demande la conversation, ou la reconstitue"),
        ("openai/conversation",),
        (Needs.TOOLS, Needs.CALLS),
    ),
    Ground(
        "collection-minimisation",
        Text("Fields asked for just in case", "Champs demandés « au cas où »"),
        ("openai/just-in-case", "openai/open-schema"),
        (Needs.TOOLS,),
    ),
    Ground(
        "input-purpose",
        Text("Input fields without link to the tool's purpose", "Champs sans lien avec l’objet de l’outil"),
        ("openai/collection-purpose",),
        (Needs.TOOLS,),
    ),
    Ground(
        "location",
        Text("Precise or raw location asked for", "Position précise ou brute demandée"),
        ("openai/precise-location", "openai/raw-location"),
        (Needs.TOOLS, Needs.CALLS),
    ),
    Ground(
        "policy-content",
        Text(
            "Policy lacks categories, purposes, recipients, retention or controls",
            "Politique sans catégories, finalités, destinataires, durées ou moyens d’action",
        ),
        ("openai/policy-content",),
        (Needs.DECLARATION,),
    ),
    Ground(
        "profiling",
        Text("Tracking or behavioural profiling", "Suivi ou profilage comportemental"),
        ("openai/profiling",),
        _SEEN,
    ),
    Ground(
        "permissions",
        Text("Browser permissions beyond what is needed", "Autorisations du navigateur au-delà du nécessaire"),
        ("openai/permissions",),
        (Needs.WIDGETS,),
    ),
    Ground(
        "widget-hosts",
        Text("Widget may send data to undeclared hosts", "Le widget peut envoyer des données à des hôtes non déclarés"),
        ("openai/widget-hosts",),
        (Needs.WIDGETS, Needs.DECLARATION),
    ),
    Ground(
        "file-parameters",
        Text(
            "File parameters not declared as required",
            "Paramètres de fichiers dont la déclaration n’est pas celle qui est exigée",
        ),
        ("openai/file-params",),
        (Needs.TOOLS,),
    ),
    Ground(
        "tokens-in-urls",
        Text("Tokens in URLs", "Jetons dans des URL"),
        ("openai/token-in-url", "mcp/query-token"),
        _SEEN,
    ),
    Ground(
        "drift",
        Text("Live tools differ from the approved snapshot", "Outils différents de ceux qui ont été approuvés"),
        ("openai/drift",),
        (Needs.SNAPSHOT,),
    ),
    Ground(
        "fair-play",
        Text(
            "Texts that steer the model's choice of apps", "Textes qui orientent le choix d’applications par le modèle"
        ),
        (),
        (Needs.NEVER,),
    ),
    Ground(
        "hidden-side-effects",
        Text("Side effects that the tool's definition hides", "Effets de bord que la définition de l’outil ne dit pas"),
        (),
        (Needs.NEVER,),
    ),
)
