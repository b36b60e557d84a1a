"""A small app over HTTP whose notes can be read by anybody who knows their number: `python tenants.py PORT`."""

import sys
from typing import Any

import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations
from pydantic import BaseModel

server = MCPServer("tenants")
NOTES: dict[str, tuple[str, str]] = {}


class Note(BaseModel):
    note_id: str
    text: str


@server.tool(annotations=ToolAnnotations(read_only_hint=False))
def add_note(text: str, full_name: str) -> Note:
    """Keeps a note."""
    note_id = f"N-{len(NOTES) + 1:04}"
    NOTES[note_id] = (text, full_name)
    return Note(note_id=note_id, text=text)


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def read_note(note_id: str) -> dict[str, Any]:
    """Reads a note, whoever asks."""
    text, name = NOTES[note_id]
    return {"note_id": note_id, "text": text, "written_by": name}


@server.tool(annotations=ToolAnnotations(destructive_hint=True))
def clear() -> str:
    """Forgets every note."""
    NOTES.clear()
    return "gone"


if __name__ == "__main__":
    uvicorn.run(server.streamable_http_app(), host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
