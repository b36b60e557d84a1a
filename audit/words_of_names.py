"""The words that names of fields are made of, and people's given names. Pure module: reads the package's data."""

from functools import cache
from importlib.resources import files


@cache
def vocabulary() -> tuple[frozenset[str], frozenset[str]]:
    """The words that field names are made of, lower case and without accents: all, and those that need another word."""
    text = files("douane.audit").joinpath("data/field_words.txt").read_text(encoding="utf-8")
    words = [word for line in text.splitlines() if not line.startswith("#") for word in line.split()]
    return (
        frozenset(word for word in words if not word.startswith("+")),
        frozenset(word[1:] for word in words if word.startswith("+")),
    )


@cache
def given_names() -> tuple[frozenset[str], frozenset[str]]:
    """All given names, folded, and those of them that are rarely anything else."""
    text = files("douane.audit").joinpath("data/given_names.txt").read_text(encoding="utf-8")
    telling, _, also = text.partition("# also words")
    sure = frozenset(word for line in telling.splitlines() if not line.startswith("#") for word in line.split())
    return sure | frozenset(also.split()), sure
