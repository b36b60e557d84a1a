"""A category as a person writes it in a file. Pure module: no I/O."""

from typing import Annotated

from pydantic import AfterValidator

from douane.audit import taxonomy
from douane.audit.yamltext import refusal


def is_category(key: str) -> str:
    """The key of a category; raises `PydanticCustomError`, with the nearest good key, for any other text."""
    if taxonomy.category(key) is None:
        close = taxonomy.nearest(key)
        remedy = f"Did you mean {close}?" if close else "docs/declaration.md lists the categories."
        raise refusal("not a category of the taxonomy", remedy)
    return key


type CategoryKey = Annotated[str, AfterValidator(is_category)]
