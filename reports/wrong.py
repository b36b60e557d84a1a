"""What is wrong with what was asked of a report, in the report's language."""

from typing import Final

from douane.reports.i18n import Lang
from douane.reports.kinds.said import Said

_SCOPES: Final = ("reversed", "app")


def wrong(key: str, lang: str, **values: object) -> str:
    """The sentence called `key` (`data/wrong.json`), in English where there is no such language."""
    known: Lang = "fr" if lang.lower().startswith("fr") else "en"
    return Said(known, "wrong").say(key, None, **values)


def scope(error: Exception, lang: str) -> str:
    """What a `ScopeError` says, in a language; any other error as it speaks for itself."""
    told = str(error)
    return next((wrong(key, lang) for key in _SCOPES if wrong(key, "en") == told), told)
