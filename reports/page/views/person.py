"""A look-up of a person: which apps received their data. The value is posted, never in an address, and kept nowhere."""

from typing import Final

from starlette.responses import Response

from douane.audit import taxonomy
from douane.audit.identifiers import parsed
from douane.ledger.access import Scope
from douane.ledger.person import Person, find
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.waiting import waiting
from douane.reports import person as told
from douane.reports.kinds.said import Said
from douane.reports.page.asking import Asking
from douane.reports.page.settings import OFFICERS
from douane.reports.page.views.base import View, Way
from douane.reports.summary import ScopeError, bound

MOST: Final = 50
"""Identifiers of one look-up on the page; `douane person` takes more."""
SHOWN: Final = 200
"""Data that are listed one by one."""
REASON_LONGEST: Final = 300
"""Characters of the reason that the chain keeps."""
WHAT: Final = "person"
"""What the ledger's chain says that was asked; never of whom."""


def form(asking: Asking) -> Response:
    """The form."""
    return _shown(asking)


def look_up(asking: Asking) -> Response:
    """What was found. The look-up is told in the chain before the ledger is searched."""
    words, settings = asking.words, asking.settings
    category = asking.posted("category")
    wanted = parsed(asking.posted("identifiers").splitlines())[: MOST + 1]
    if category and taxonomy.category(category) is None:
        return _shown(asking, wrong=words.phrase("person.what"), status=400)
    if category:
        wanted = [(category, value) for _, value in wanted]
    try:
        since, until = bound(asking.posted("since"), end=False), bound(asking.posted("until"), end=True)
    except ScopeError:
        return _shown(asking, wrong=words.phrase("person.time"), status=400)
    if since and until and since >= until:
        return _shown(asking, wrong=words.phrase("documents.reversed"), status=400)
    if not wanted:
        return _shown(asking, wrong=words.phrase("person.none"), status=400)
    if len(wanted) > MOST:
        return _shown(asking, wrong=words.say("person.many", MOST), status=400)
    if settings.hands is None:
        return _shown(asking, wrong=words.phrase("person.key"), status=409)
    asking.tell(WHAT, Scope(asking.viewer.apps or (), since, until), asking.posted("reason").strip()[:REASON_LONGEST])
    found = find(
        asking.db,
        Pseudonymiser(settings.hands.master),
        wanted,
        exact=bool(category),
        apps=asking.viewer.apps or (),
        since=since,
        until=until,
    )
    left = waiting(settings.spool) if settings.spool is not None else None
    return _shown(asking, found, left.records if left is not None else 0)


def _shown(
    asking: Asking, found: Person | None = None, waits: int = 0, *, wrong: str = "", status: int = 200
) -> Response:
    said = Said(asking.words.lang, told.KIND)
    newest = list(reversed(found.disclosed))[:SHOWN] if found is not None else []
    return asking.page(
        "person.html",
        status,
        found=found,
        said=said,
        wrong=wrong,
        asked=told.asked(said, found) if found is not None else None,
        summed=told.summed(said, found) if found is not None else None,
        received=told.received(said, found) if found is not None else [],
        newest=[
            (
                one,
                told.recipient(said, one),
                told.way_of(said, one),
                told.purpose_names(said, one),
                told.doubt(said, one),
            )
            for one in newest
        ],
        more=len(found.disclosed) - len(newest) if found is not None else 0,
        left_out=list(told.left_out(said, found, waits)) if found is not None else [],
        categories=[(one.key, said.category(one.key)) for one in taxonomy.categories() if one.key.startswith("user.")],
        most=MOST,
    )


VIEW = View("person", "/person", 4, (Way("", form), Way("", look_up, "POST")), OFFICERS)
