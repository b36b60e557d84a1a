"""Constraints that let only certain words into a column."""

from collections.abc import Iterable


def one_of(column: str, values: Iterable[str]) -> str:
    """Return a CHECK constraint that lets only these words into the column.

    A chain of comparisons: for a list of more than two words, `IN` builds a table anew for each row.
    """
    return f"CHECK ({' OR '.join(f"{column} = '{value}'" for value in values)})"
