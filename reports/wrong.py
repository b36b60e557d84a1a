"""What is wrong with what was asked of a report, in the report's language."""

import errno
from typing import Final

from douane.reports import safe
from douane.reports.i18n import Lang
from douane.reports.kinds.said import LONG, Said

_SCOPES: Final = ("reversed", "app", "time")


def wrong(key: str, lang: str, **values: object) -> str:
    """The sentence called `key` (`data/wrong.json`), in English where there is no such language."""
    return _said(lang).say(key, None, **values)


def scope(error: Exception, lang: str) -> str:
    """What a `ScopeError` says, in a language; any other error as it speaks for itself."""
    told = str(error)
    return next((wrong(key, lang) for key in _SCOPES if wrong(key, "en") == told), told)


def system(error: OSError, lang: str) -> str:
    """Why the system refused something: our words for what occurs; for the rest the system's in English, else a symbol.

    Where the system has neither, its number, or a question mark.
    """
    name, said = errno.errorcode.get(error.errno or 0, ""), _said(lang)
    if said.has(f"os.{name}"):
        return wrong(f"os.{name}", lang)
    if said.lang == "en" and error.strerror:
        return safe.plain(error.strerror, LONG)
    return wrong("os.other", lang, number=name or str(error.errno or "?"))


def _said(lang: str) -> Said:
    known: Lang = "fr" if lang.lower().startswith("fr") else "en"
    return Said(known, "wrong")
