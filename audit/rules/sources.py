"""The texts that rules stand for, and when they were read. Pure module: no I/O.

OpenAI's pages and MCP's specification were read in October and November 2026; a rule carries the words it rests on.
"""

from typing import Final

READ: Final = "2026-11"
WRITTEN: Final = "2026-11-22"
"""The version of a rule that has not changed since it was written."""

GUIDE: Final = "OpenAI, Plugin guidelines"
GUIDE_URL: Final = "https://developers.openai.com/plugins/app-guidelines"
REVIEW: Final = "OpenAI, MCP server review requirements"
REFERENCE: Final = "OpenAI, Plugins reference"
SECURITY: Final = "OpenAI, Security & Privacy"

SPEC: Final = "MCP specification 2026-07-28"
SPEC_URL: Final = "https://modelcontextprotocol.io/specification/2026-07-28"

GDPR: Final = "Regulation (EU) 2016/679 (GDPR)"
GDPR_URL: Final = "https://eur-lex.europa.eu/eli/reg/2016/679/oj"
