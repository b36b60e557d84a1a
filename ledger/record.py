"""What the proxy hands to the spool, and the inspector takes from it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class RecordKind(StrEnum):
    """The kinds of spool record, in the order in which a flow produces them."""

    REQUEST = "request"  # a whole request; body = its bytes as they crossed (content-encoding not undone)
    ANSWER = "answer"  # a whole answer; body likewise
    STREAM = "stream"  # the head of an SSE answer; no body
    PIECE = "piece"  # one raw piece of that answer, `seq` counts from 0
    END = "end"  # the end of a stream; meta: reason = complete | client | upstream
    FAULT = "fault"  # the flow failed; meta: side = client | upstream, code
    OUTCOME = "outcome"  # meta: delivered = [flow, …], answers handed to a live client connection
    PASSAGE = "passage"  # not MCP; meta: host, path_class, status, bytes_up, bytes_down. See below
    GAP = "gap"  # the proxy's own word on what was not recorded; meta: code, place, detail, size, direction


@dataclass(frozen=True, slots=True)
class Record:
    """One unsealed spool record.

    `id` is the spool's own increasing number, `uid` is unique across spools (`<spool>-<id>`). `flow` names the HTTP
    exchange, `at` is Unix time in seconds, `attempts` how often an inspector died on it. `meta` by kind:

    - request: `method`, `target` (path and query, credentials blanked), `headers` [[name, value], …] without
      Authorization, cookies and their like, `session` (pseudonym of Mcp-Session-Id or of the legacy sessionId, or ""),
      `credential` (pseudonym of the credential, or ""), `route` (reverse | forward | egress), `own` (true for
      Douane's own traffic), `host` (the upstream's), `truncated` (true when the body is not whole)
    - answer, stream: `status`, `headers`, `session` (as above, when the answer sets one), `truncated`
    - answer, stream, piece, end and gap on an egress listener: also `route` and `host`
    - passage on an egress listener: `route`, `target`, `content_type`, `content_encoding`, `truncated`; body = that of
      the request. Any other passage has no body
    """

    id: int
    uid: str
    app: str
    flow: str
    kind: RecordKind
    seq: int
    at: float
    meta: dict[str, Any] = field(repr=False)
    body: bytes = field(repr=False)
    attempts: int = 0
