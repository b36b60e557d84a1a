"""Identifiers that ChatGPT sends along and that an app may send back unasked: where, and of which kind. Pure module."""

from functools import cache
from typing import Final

from douane.audit import taxonomy

IDENTIFIERS: Final = ("user.unique_id", "user.account.username")
"""Categories that identify a user, with all below them."""
GIVEN: Final = ("/params/_meta/", "/@http/")
"""Where ChatGPT puts what no tool asked for, as the beginnings of pointers."""


@cache
def identifies(category: str) -> bool:
    """Whether a category is one of `IDENTIFIERS` or lies below it."""
    return any(taxonomy.is_within(category, root) for root in IDENTIFIERS)
