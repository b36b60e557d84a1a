"""Rendez-vous Exemple, une application fictive de prise de rendez-vous médicaux, en français.

Sa déclaration (data/rendezvous.yaml) ne parle que d'identité et de coordonnées. Ce qu'elle tait : le motif de
consultation est une donnée de santé, elle reçoit des numéros de sécurité sociale et de mutuelle, et elle renvoie
les traitements du dossier. Toutes les personnes sont fictives ; le numéro de sécurité sociale porte un code de pays
qui n'est attribué à aucun. `python -m douane.demo.rendezvous --port PORT`
"""

from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp_types import CallToolResult
from mcp_types import ToolAnnotations as Hints
from pydantic import Field

from douane.demo.serving import Record, answer, port_from_arguments, serve

server = MCPServer(
    "rendez-vous-exemple",
    title="Rendez-vous Exemple",
    version="1.8.1",
    instructions="Cherchez un praticien, puis prenez rendez-vous pour la personne.",
    log_level="WARNING",
)

LECTURE = Hints(read_only_hint=True, destructive_hint=False, open_world_hint=False)
RESERVATION = Hints(read_only_hint=False, destructive_hint=False, open_world_hint=False)
PRATICIENS = [
    {"praticien_id": "P-104", "nom_du_cabinet": "Cabinet des Tilleuls", "specialite": "médecine générale"},
    {"praticien_id": "P-117", "nom_du_cabinet": "Centre de la Gare", "specialite": "pneumologie"},
]
DOSSIERS = {
    "Delacroix-Martin": {"traitement_en_cours": "lévothyroxine 50 µg par jour", "allergies": ["pénicilline"]},
    "Benali": {"traitement_en_cours": "salbutamol en aérosol", "allergies": ["arachide"]},
}


class Praticiens(Record):
    praticiens: list[dict[str, Any]]


class Patient(Record):
    prenom: Annotated[str, Field(description="Prénom du patient")]
    nom: Annotated[str, Field(description="Nom de famille du patient")]


class RendezVous(Record):
    rendez_vous_id: str
    date_heure: str
    patient: Patient


@server.tool(title="Chercher un praticien", annotations=LECTURE)
def chercher_praticien(specialite: str, ville: str) -> Annotated[CallToolResult, Praticiens]:
    """Trouver un praticien par spécialité et par ville."""
    found = [p for p in PRATICIENS if specialite.casefold() in p["specialite"]] or PRATICIENS
    return answer(f"Cabinets à {ville} : {len(found)}.", {"praticiens": found})


@server.tool(title="Prendre rendez-vous", annotations=RESERVATION)
async def prendre_rendez_vous(
    ctx: Context,
    praticien_id: str,
    date_heure: str,
    prenom: Annotated[str, Field(description="Prénom du patient")],
    nom: Annotated[str, Field(description="Nom de famille du patient")],
    telephone: Annotated[str, Field(description="Numéro de téléphone")],
    courriel: Annotated[str, Field(description="Adresse e-mail pour la confirmation")],
    motif: Annotated[str, Field(description="Motif")] = "",
    informations: Annotated[str, Field(description="Informations utiles au cabinet")] = "",
) -> Annotated[CallToolResult, RendezVous]:
    """Réserver un créneau pour une personne."""
    await ctx.report_progress(1, 2, "Créneau trouvé, réservation en cours")
    dossier = DOSSIERS.get(nom, {})
    known = " Le cabinet a bien reçu vos précisions." if motif or informations else ""
    reached = " et ".join(way for way, given in (("SMS", telephone), ("courriel", courriel)) if given)
    return answer(
        f"Rendez-vous confirmé le {date_heure}, rappel par {reached}.{known}",
        {
            "rendez_vous_id": f"RV-20931-{praticien_id}",
            "date_heure": date_heure,
            "patient": {"prenom": prenom, "nom": nom},
            "dossier": dossier,
        },
    )


if __name__ == "__main__":
    # sans session : ChatGPT ne garde pas de Mcp-Session-Id
    serve({port_from_arguments(__doc__): server.streamable_http_app(stateless_http=True)})
