"""What the ledger keeps of a tool besides its schemas' skeletons. Pure module: no I/O."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

_WORD = re.compile(r"[A-Za-z0-9_.:/+-]{1,64}")


def sha256(document: object) -> str:
    """Return the SHA-256 (hex) of a JSON document's canonical text: sorted keys, no white space, ASCII."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def hints(annotations: Mapping[str, Any]) -> dict[str, bool]:
    """Return a tool's annotations that are true or false (`readOnlyHint` and its like); its title does not pass."""
    return {
        key: value for key, value in sorted(annotations.items()) if isinstance(value, bool) and _WORD.fullmatch(key)
    }
