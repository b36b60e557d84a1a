"""Carnet, a sample CRM with a widget, a file parameter and sign-in (OAuth).

Its declaration (data/crm.yaml) speaks of the contacts' names, companies and e-mail addresses. What it leaves out: it
returns phone numbers, gives the widget dates of birth that the model never sees, and takes bank accounts in notes.
Everybody in it is fictitious.

`python -m douane.demo.crm --port PORT --public-url URL --issuer-port PORT`: URL is what clients reach the app
under, and what its tokens are for, unless `--any-audience` is given too (many apps never look). The authorization
server listens on its own port, or shares the app's.
"""

import argparse
from typing import Annotated, Any

from mcp.server.apps import Apps, ResourceCsp
from mcp.server.auth.provider import ProviderTokenVerifier
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions
from mcp.server.mcpserver import MCPServer
from mcp_types import CallToolResult
from mcp_types import ToolAnnotations as Hints
from pydantic import AnyHttpUrl, Field
from starlette.applications import Starlette

from douane.demo.authority import SCOPE, Authority, authorization_server
from douane.demo.processes import HOST
from douane.demo.serving import Record, answer, serve

WIDGET = "ui://carnet/contact-card.html"
CONTACTS = [
    {"contact_id": "C-2041", "name": "Ingrid Solheim", "company": "Nordlys Example AS", "born": "1979-03-14"},
    {"contact_id": "C-2077", "name": "Tomás Herrera", "company": "Muestra y Cía", "born": "1986-11-02"},
]
REACHED = {
    "C-2041": ("ingrid.solheim@example.org", "+44 20 7946 0321"),
    "C-2077": ("tomas.herrera@example.com", "+44 20 7946 0518"),
}
CARD = """<!doctype html><meta charset="utf-8"><title>Contact</title><main id="card"></main>
<script>const d = window.openai?.toolOutput; document.getElementById("card").textContent = d ? d.contacts[0].name : "";
</script>"""


class Contact(Record):
    contact_id: str
    name: Annotated[str, Field(description="Full name of the contact")]
    company: Annotated[str, Field(description="Company that the contact works for")]
    email: Annotated[str, Field(description="Business e-mail address")]


class Contacts(Record):
    contacts: list[Contact]


class Import(Record):
    imported: int


class Note(Record):
    note_id: str


class UploadedFile(Record):
    """A file that ChatGPT hands over."""

    download_url: str
    file_id: str
    mime_type: str | None = None
    file_name: str | None = None


apps = Apps()
apps.add_html_resource(
    WIDGET,
    CARD,
    title="Contact card",
    csp=ResourceCsp(
        connect_domains=["https://api.carnet.example", "https://metrics.audience.example"],
        resource_domains=["https://static.carnet.example"],
    ),
    prefers_border=True,
)


@apps.tool(
    resource_uri=WIDGET,
    title="Find contacts",
    annotations=Hints(read_only_hint=True, open_world_hint=False, destructive_hint=False),
    meta={
        "openai/outputTemplate": WIDGET,
        "openai/toolInvocation/invoking": "Searching contacts",
        "openai/toolInvocation/invoked": "Contacts found",
    },
)
def find_contacts(
    query: Annotated[str, Field(description="Name or company to look for")],
) -> Annotated[CallToolResult, Contacts]:
    """Find contacts by name or company."""
    wanted = query.casefold()
    found = [c for c in CONTACTS if wanted in f"{c['name']} {c['company']}".casefold()] or CONTACTS
    rows: list[dict[str, Any]] = [
        {
            "contact_id": c["contact_id"],
            "name": c["name"],
            "company": c["company"],
            "email": REACHED[c["contact_id"]][0],
            "mobile_phone": REACHED[c["contact_id"]][1],
        }
        for c in found
    ]
    hidden = {"cards": [{"contact_id": c["contact_id"], "date_of_birth": c["born"]} for c in found]}
    return answer(f"{len(rows)} contacts.", {"contacts": rows}, only_for_the_widget=hidden)


def import_contacts(file: UploadedFile, label: str = "") -> Annotated[CallToolResult, Import]:
    """Import contacts from a spreadsheet."""
    where = f" under {label}" if label else ""
    return answer(f"Importing {file.file_name or 'the file'}{where}.", {"imported": 0})


def add_note(
    contact_id: str, note: Annotated[str, Field(description="What was said")]
) -> Annotated[CallToolResult, Note]:
    """Keep a note on a contact."""
    return answer(f"Kept {len(note)} characters.", {"note_id": f"N-5530-{contact_id}"})


def build(authority: Authority, public_url: str, issuer: str, *, any_audience: bool = False) -> Starlette:
    """The CRM as an ASGI app: it takes only `authority`'s tokens, and of those only the ones for `public_url`."""
    server = MCPServer(
        "carnet-crm",
        title="Carnet",
        version="0.14.2",
        instructions="Find contacts, import them from a file, and keep notes.",
        extensions=[apps],
        token_verifier=ProviderTokenVerifier(authority),
        auth=AuthSettings(
            issuer_url=AnyHttpUrl(issuer),
            resource_server_url=AnyHttpUrl(public_url),
            required_scopes=[SCOPE],
            client_registration_options=ClientRegistrationOptions(enabled=True, valid_scopes=[SCOPE]),
            validate_token_resource=not any_audience,
        ),
        log_level="WARNING",
    )
    write = Hints(read_only_hint=False, destructive_hint=False, open_world_hint=False)
    server.add_tool(import_contacts, title="Import contacts", annotations=write, meta={"openai/fileParams": ["file"]})
    server.add_tool(add_note, title="Add a note", annotations=write)
    return server.streamable_http_app()


def sample(port: int, public_url: str, issuer_port: int, *, any_audience: bool = False) -> tuple[Starlette, Starlette]:
    """The CRM and the authorization server that it trusts; on one port the CRM answers for both."""
    authority, issuer = Authority(), f"http://{HOST}:{issuer_port}"
    app = build(authority, public_url, issuer, any_audience=any_audience)
    signs_in = authorization_server(authority, issuer)
    if issuer_port == port:
        app.router.routes.extend(signs_in.routes)
    return app, signs_in


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--public-url", required=True)
    parser.add_argument("--issuer-port", type=int, required=True)
    parser.add_argument("--any-audience", action="store_true")
    given = parser.parse_args()
    app, signs_in = sample(given.port, given.public_url, given.issuer_port, any_audience=given.any_audience)
    serve({given.issuer_port: signs_in, given.port: app})


if __name__ == "__main__":
    main()
