"""A declaration as one JSON object, to keep beside the verdicts that rest on it. Pure module: no I/O.

It is read back as it was, whatever the taxonomy and the format of files have become since.
"""

import json

from pydantic import TypeAdapter, ValidationError

from douane.audit.declaration import Declaration

_READER: TypeAdapter[Declaration] = TypeAdapter(Declaration)


def document_of(declaration: Declaration) -> str:
    """The declaration as JSON: the fields of `Declaration` by name, sorted; those that say nothing are left out."""
    said = _READER.dump_python(declaration, mode="json", exclude_defaults=True)
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def declaration_of(document: str) -> Declaration:
    """The declaration that `document_of` wrote. Raises ValueError, which quotes nothing, for any other text."""
    try:
        return _READER.validate_json(document)
    except ValidationError:
        raise ValueError("this is no declaration as the ledger keeps it") from None
