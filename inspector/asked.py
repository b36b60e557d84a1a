"""Requests that an earlier inspector saw, found again by a keyed name."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from douane.ledger.keys import derive
from douane.ledger.store import Ledger
from douane.wire.session import PendingRequest


class Asked:
    """The ledger's unanswered requests. JSON-RPC ids and sessions are not ours to keep, so they are stored keyed."""

    def __init__(self, ledger: Ledger, master: bytes) -> None:
        self._ledger = ledger
        self._key = derive(master, "rpc")

    def key(self, app: str, asked_under: str) -> str:
        """The name under which an answer finds its request in the ledger; empty for an empty one."""
        if not asked_under:
            return ""
        text = f"{app}\0{asked_under}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:24]

    def before(self, app: str, asked_under: str) -> Sequence[PendingRequest]:
        """The requests that were given out under this name and have no answer yet, newest first."""
        return [
            PendingRequest(
                found.record_id,
                found.part,
                found.method or "",
                found.tool,
                datetime.fromisoformat(found.at).timestamp(),
                found.flow,
                found.session,
                found.protocol,
            )
            for found in reversed(self._ledger.pending_requests(app, self.key(app, asked_under)))
        ]
