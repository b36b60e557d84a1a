"""Reports: any kind of document in any of its formats, made in a process of its own, listed and downloaded."""

from typing import Final

from starlette.responses import FileResponse, Response

from douane.ledger.access import Scope
from douane.reports.i18n import LANGS, Lang
from douane.reports.kinds import kinds
from douane.reports.page.asking import Asking, NotFoundError
from douane.reports.page.checking import checking_of
from douane.reports.page.making import KEPT, Made, Wanted
from douane.reports.page.views.base import View, Way
from douane.reports.summary import ScopeError, bound

TYPES: Final = {
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "pia": "application/json",
    "md": "text/markdown; charset=utf-8",
    "zip": "application/zip",
}


def documents(asking: Asking) -> Response:
    """The form and the list."""
    return _shown(asking)


def make(asking: Asking) -> Response:
    """Begin a document; its making is told in the chain first, as `douane report` tells it."""
    words = asking.words
    kind = kinds().get(asking.posted("kind"))
    form = asking.posted("format")
    if kind is None:
        return _shown(asking, words.phrase("documents.which"), 400)
    if form and form not in kind.formats:
        return _shown(asking, words.phrase("documents.form").format(formats=", ".join(kind.formats)), 400)
    form = form or kind.formats[0]
    langs: dict[str, Lang] = {one: one for one in LANGS}
    lang = langs.get(asking.posted("language"), words.lang)
    apps = [row.name for row in asking.apps()]
    chosen = tuple(one for one in asking.form.get("app", ()) if one in apps)
    if asking.viewer.apps is not None and not chosen:
        chosen = tuple(apps)
    since, until = asking.posted("since"), asking.posted("until")
    try:
        scope = Scope(chosen, bound(since, end=False), bound(until, end=True))
    except ScopeError:
        return _shown(asking, words.phrase("documents.time"), 400)
    if scope.since and scope.until and scope.since >= scope.until:
        return _shown(asking, words.phrase("documents.reversed"), 400)
    if asking.viewer.apps is not None and not chosen:
        return _shown(asking, words.phrase("documents.noapp"), 409)
    if asking.work.documents.busy:
        return _shown(asking, words.phrase("documents.busy"), 409)
    settings = asking.settings
    told = asking.tell(f"report {kind.name}", scope)
    made = asking.work.documents.make(
        Wanted(kind.name, form, lang, chosen, since, until, verified=bool(asking.posted("verified"))),
        checking_of(settings),
        asking.under(told),
        dict(settings.declarations),
        asking.viewer.who,
        settings.in_force,
        dict(settings.sources),
    )
    if made is None:
        return _shown(asking, words.phrase("documents.busy"), 409)
    return asking.go("/documents")


def download(asking: Asking) -> Response:
    """The file, as it was made."""
    found = asking.work.documents.of(int(asking.params["number"]))
    if found is None or not found.size or not _may_see(asking, found):
        raise NotFoundError
    return FileResponse(
        found.path,
        media_type=TYPES.get(found.wanted.form, "application/octet-stream"),
        filename=found.name,
        content_disposition_type="attachment",
    )


def _may_see(asking: Asking, made: Made) -> bool:
    return asking.viewer.apps is None or (bool(made.wanted.apps) and all(map(asking.viewer.may_see, made.wanted.apps)))


def _shown(asking: Asking, wrong: str = "", status: int = 200) -> Response:
    made = [one for one in asking.work.documents.all() if _may_see(asking, one)]
    return asking.page(
        "documents.html",
        status,
        wrong=wrong,
        kinds=list(kinds().values()),
        formats=sorted({form for kind in kinds().values() for form in kind.formats}),
        apps=[row.name for row in asking.apps()],
        made=made,
        runs=any(one.job is not None for one in made),
        kept=KEPT,
        languages_of=LANGS,
    )


VIEW = View(
    "documents",
    "/documents",
    6,
    (Way("", documents), Way("", make, "POST"), Way("/{number:int}", download)),
)
