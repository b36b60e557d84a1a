"""Elmbrook Libraries, a sample app that does everything right: it takes little, returns less, and says so.

Its declaration (data/library.yaml) names every category that crosses, with purpose, legal basis and retention; its
tools' schemas are closed and say what each field holds. The demo shows that Douane finds nothing in it.
Everybody in it is fictitious. `python -m douane.demo.library --port PORT`
"""

from typing import Annotated

from mcp.server.mcpserver import MCPServer
from mcp_types import CallToolResult
from mcp_types import ToolAnnotations as Hints
from pydantic import ConfigDict, Field

from douane.demo.serving import Record, answer, port_from_arguments, serve

server = MCPServer(
    "elmbrook-libraries",
    title="Elmbrook Libraries",
    version="2.4.0",
    instructions="Search the catalogue, then reserve a copy. A reservation needs the reader's e-mail address only.",
    log_level="WARNING",
)

SHELVES = {
    "EL-40021": ("A Field Guide to Hedgerows", "Elmbrook Central"),
    "EL-40187": ("Bread for Beginners", "Riverside Branch"),
    "EL-41954": ("The Night Sky Month by Month", "Elmbrook Central"),
}
HELD_FOR_DAYS = 7


class Closed(Record):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Copy(Closed):
    copy_number: Annotated[str, Field(description="Number of the copy on the shelf")]
    title: Annotated[str, Field(description="Title of the book")]
    branch: Annotated[str, Field(description="Library branch that holds the copy")]


class Copies(Closed):
    copies: list[Copy]


class Reservation(Closed):
    title: Annotated[str, Field(description="Title of the book")]
    branch: Annotated[str, Field(description="Library branch where the copy waits")]
    held_for_days: Annotated[int, Field(description="For how many days the copy is kept aside")]


def closed(read_only: bool) -> Hints:
    """Annotations of a tool that works on the library's own shelves and destroys nothing."""
    return Hints(read_only_hint=read_only, destructive_hint=False, open_world_hint=False)


@server.tool(title="Search the catalogue", annotations=closed(read_only=True))
def search_catalogue(
    subject: Annotated[str, Field(description="Subject of the books, such as gardening")],
) -> Annotated[CallToolResult, Copies]:
    """Find books on a subject that stand on a shelf."""
    copies = [{"copy_number": key, "title": title, "branch": branch} for key, (title, branch) in SHELVES.items()]
    return answer(f"{len(copies)} copies on {subject}.", {"copies": copies})


@server.tool(title="Reserve a copy", annotations=closed(read_only=False))
def reserve_copy(
    copy_number: Annotated[str, Field(description="Number of the copy on the shelf")],
    email: Annotated[str, Field(description="E-mail address that is told when the copy is ready")],
) -> Annotated[CallToolResult, Reservation]:
    """Keep a copy aside, and send an e-mail when it is ready."""
    title, branch = SHELVES.get(copy_number, next(iter(SHELVES.values())))
    told = " A message follows." if email else ""
    return answer(
        f"A copy is kept for {HELD_FOR_DAYS} days.{told}",
        {"title": title, "branch": branch, "held_for_days": HELD_FOR_DAYS},
    )


if __name__ == "__main__":
    # stateless: ChatGPT keeps no Mcp-Session-Id
    serve({port_from_arguments(__doc__): server.streamable_http_app(stateless_http=True)})
