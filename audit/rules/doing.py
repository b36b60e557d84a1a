"""What a tool's name and answers say that it does. Pure module: no I/O."""

from typing import Final

from douane.audit.history import History, ToolFacts
from douane.audit.message import Direction
from douane.audit.rules.reading import name_words


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CHANGES: Final = _words(
    "create add update upsert delete remove send publish write edit save cancel submit upload invite reserve pay buy"
    " insert modify rename archive purge drop reset revoke enqueue overwrite erase wipe destroy register"
    " unregister subscribe unsubscribe approve reject assign creer ajouter modifier supprimer envoyer publier reserver"
    " annuler payer inscrire enregistrer effacer acheter commander"
)
_EITHER: Final = _words("book order post schedule share run start stop set clear trigger")
"""Verbs that are nouns as well, or say little: they count when the name goes on with what is booked or triggered."""
_ALSO_NOUNS: Final = _words("archive edit register update submit purchase reserve cancel upload reset drop")
"""Verbs that are nouns as well: they count unless the name ends in what only a noun has behind it."""
_NOUNS_AFTER: Final = _words(
    "search list history info details detail status catalog catalogue price prices lookup by id count stats summary"
    " recommendations operation request query simulation demo example tracking reviews review distance views list"
    " rating ratings report reports overview finder browser viewer recherche liste historique"
)
_THINGS: Final = _words("search lookup history distance tracking stats statistics info recherche historique")
_DESTROYS: Final = _words(
    "delete remove purge drop cancel overwrite revoke reset erase wipe destroy clear supprimer effacer annuler"
)
_PUBLISHES: Final = _words("publish post tweet publier")
_DONE: Final = _words("created deleted updated inserted removed sent modified upserted")
_OF_WHAT: Final = _words("id ids count rows records items")


def changes(tool: ToolFacts, history: History) -> str:
    """Why a tool seems to change something: `names`, `answers`, or empty when nothing says so."""
    if (_verb(tool.name) in _CHANGES and not _is_noun(tool.name)) or _is_done(tool.name):
        return "names"
    return "answers" if _reports(tool, history, _DONE) else ""


def destroys(tool: ToolFacts, history: History) -> str:
    """Why a tool seems to destroy something: `destroys`, `answers`, or empty."""
    if _verb(tool.name) in _DESTROYS and (_verb(tool.name) not in _EITHER or _is_done(tool.name)):
        return "destroys"
    return "answers" if _reports(tool, history, frozenset({"deleted", "removed"})) else ""


def publishes(tool: ToolFacts) -> bool:
    """Whether a tool's name says that it makes something public."""
    verb = _verb(tool.name)
    return verb in _PUBLISHES and (verb not in _EITHER or _is_done(tool.name))


def _verb(name: str) -> str:
    words = name_words(name.rpartition(".")[2].rpartition("/")[2])
    return words[0] if words else ""


def _is_done(name: str) -> bool:
    words = name_words(name.rpartition(".")[2].rpartition("/")[2])
    return len(words) > 1 and words[0] in _EITHER and _NOUNS_AFTER.isdisjoint(words[1:])


def _is_noun(name: str) -> bool:
    """Whether the first word is a thing (`archive_search`, `update_history`), not something done to what follows."""
    words = name_words(name.rpartition(".")[2].rpartition("/")[2])
    return len(words) > 1 and words[0] in _ALSO_NOUNS and words[-1] in _THINGS


def _reports(tool: ToolFacts, history: History, done: frozenset[str]) -> bool:
    """Whether answers count or number what was changed: `deletedCount`, `created_id`."""
    for use in history.uses:
        if use.tool == tool.name and use.direction is Direction.TO_CHATGPT:
            words = name_words(use.pointer.rpartition("/")[2])
            if len(words) == 2 and words[0] in done and words[1] in _OF_WHAT:
                return True
    return False
