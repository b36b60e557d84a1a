"""The page as a Starlette application: the views behind one door."""

import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, nullcontext, suppress
from functools import partial
from hmac import compare_digest
from typing import Final

from anyio import to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from douane.ledger.access import Scope
from douane.ledger.following import number_and_file
from douane.ledger.query import open_ledger
from douane.ledger.refused import LedgerRefused
from douane.ledger.report_query import snapshot
from douane.ledger.tallies import Tallies
from douane.reports.i18n import LANGS, Lang
from douane.reports.kinds.said import Said
from douane.reports.page import safety
from douane.reports.page.asking import LONGEST, Asking, NotCountedError, NotFoundError
from douane.reports.page.door import Door, Session
from douane.reports.page.rendering import bare, statics
from douane.reports.page.settings import NotToldError, PageSettings
from douane.reports.page.views import View, Way, views
from douane.reports.page.work import Work

LANG_COOKIE: Final = "douane-lang"
_A_YEAR: Final = 365 * 86_400
_PATIENCE: Final = 1.5
"""Seconds for which an answer waits for the first count."""

type Answer = Callable[[Request], Awaitable[Response]]


def page(settings: PageSettings, door: Door | None = None) -> Starlette:
    """The application. `door` lets people in; one of its own without."""
    opened = door or Door(password=settings.password)
    house = _House(settings, opened)
    routes = [
        Route("/open", house.open, methods=["GET"]),
        Route("/sign-in", house.sign_in, methods=["POST"]),
        Route("/leave", house.leave, methods=["POST"]),
        Route("/address", house.another, methods=["POST"]),
        *(Route(one.path, partial(_static, file), methods=["GET"]) for file, one in statics().items()),
        Route("/favicon.ico", partial(_static, "mark.svg"), methods=["GET"]),
    ]
    for view in views():
        for way in view.ways:
            path = f"{view.prefix}{way.path}" or "/"
            routes.append(Route(path, house.endpoint(view, way), methods=[way.method], name=f"{view.name}{way.path}"))
    return Starlette(
        lifespan=house.open_and_closed,
        routes=routes,
        middleware=[Middleware(safety.Safety, settings=settings, door=opened)],
        exception_handlers={404: house.nothing_here, 405: house.nothing_here, Exception: house.failed},
    )


async def _static(file: str, _request: Request) -> Response:
    one = statics()[file]
    return Response(one.content, headers={"content-type": one.kind, "cache-control": f"public, max-age={_A_YEAR}"})


class _House:
    """What answers: each request with its session, its words and its own connection."""

    def __init__(self, settings: PageSettings, door: Door) -> None:
        self._settings, self._door = settings, door
        self._tallies = Tallies()
        self._work = Work(settings)
        self._counting = threading.Lock()

    def endpoint(self, view: View, way: Way) -> Answer:
        """What answers an address of a view."""
        allowed = view.roles & way.roles

        async def answer(request: Request) -> Response:
            session = safety.session_of(request)
            words = self._words(request)
            if session is None:
                return self._shut(request, words)
            form: dict[str, tuple[str, ...]] = {}
            try:
                if way.method == "POST":
                    form = await self._checked(request, session.csrf)
            except safety.RefusedError as refused:
                return self._wrong(request, words, refused.status, "form")
            if self._settings.viewer.role not in allowed:
                return await to_thread.run_sync(self._not_yours, request, words, view)
            return await to_thread.run_sync(self._answered, request, session, words, form, way)

        return answer

    @asynccontextmanager
    async def open_and_closed(self, _app: Starlette) -> AsyncIterator[None]:
        """What goes on between two answers ends with the server."""
        try:
            yield
        finally:
            self._work.close()

    async def open(self, request: Request) -> Response:
        """Take a one-time address: the reading is told before the cookie is given."""
        words = self._words(request)
        token = request.query_params.get("token", "")
        ahead = request.method == "HEAD" or "prefetch" in request.headers.get("sec-purpose", "")
        if ahead:  # a program that looks where a link leads, or a browser before anybody asked for it, uses nothing up
            return self._shut(request, words, status=503)
        if not self._door.redeem(token):
            return self._shut(request, words, "used")
        made = await to_thread.run_sync(self._enter, request, words, "")
        if made.status_code != 200:
            self._door.restore(token)  # nobody came in: the ledger could not tell it
        return made

    async def sign_in(self, request: Request) -> Response:
        """Take the password, where there is one."""
        words = self._words(request)
        try:
            form = await safety.form_of(request)
        except safety.RefusedError as refused:
            return self._wrong(request, words, refused.status, "form")
        fits = self._door.asks_for_password and self._door.fits(_one(form, "password"))
        if not fits:
            return self._shut(request, words, "later" if fits is None else "password")
        return await to_thread.run_sync(self._enter, request, words, _one(form, "who").strip()[:80])

    async def leave(self, request: Request) -> Response:
        """Close this browser's session."""
        words = self._words(request)
        if (session := safety.session_of(request)) is not None:
            try:
                await self._checked(request, session.csrf)
            except safety.RefusedError as refused:
                return self._wrong(request, words, refused.status, "form")
            self._door.close(safety.cookie_of(request, safety.cookie_name(self._settings)))
        return safety.let_out(self._shut(request, words, "left", status=200), self._settings)

    async def another(self, request: Request) -> Response:
        """Show a further one-time address, for another browser."""
        words, session = self._words(request), safety.session_of(request)
        if session is None:
            return self._shut(request, words)
        try:
            await self._checked(request, session.csrf)
        except safety.RefusedError as refused:
            return self._wrong(request, words, refused.status, "form")
        return HTMLResponse(bare("address.html", words, address=self.address(self._door.token())))

    def address(self, token: str) -> str:
        """A one-time address."""
        return address_of(self._settings, token)

    async def nothing_here(self, request: Request, _error: Exception) -> Response:
        """Answer for an address that no view has; to whoever is not in, all addresses look alike."""
        words = self._words(request)
        if safety.session_of(request) is None:
            return self._shut(request, words)
        return self._wrong(request, words, 404, "nothing")

    async def failed(self, request: Request, error: Exception) -> Response:
        """Answer for a view that failed. Only its kind is told, and not to the reader: its text could hold a value."""
        self._settings.say(f"The page failed at {request.url.path.split('/')[1][:20]!r} ({type(error).__name__}).")
        made = self._wrong(request, self._words(request), 500, "failed")
        made.headers.update(safety.HEADERS)  # this handler answers outside of every middleware
        return made

    async def _checked(self, request: Request, csrf: str) -> dict[str, tuple[str, ...]]:
        form = await safety.form_of(request)
        given = request.headers.get("x-douane-csrf", "") or _one(form, "csrf")
        if not compare_digest(given.encode("utf-8", "replace"), csrf.encode()):
            raise safety.RefusedError(403, "This form is not of this session.")
        return form

    def _enter(self, request: Request, words: Said, who: str) -> Response:
        told_in = ""
        try:
            with suppress(LedgerRefused), closing(open_ledger(self._settings.ledger)) as db:
                told_in = number_and_file(db, self._settings.ledger)
            self._settings.tell("page", Scope(self._settings.viewer.apps or ()), who)
        except NotToldError as error:
            return self._wrong(request, words, 503, "untold", why=str(error))
        made = HTMLResponse(bare("entered.html", words))
        return safety.let_in(made, self._settings, self._door.open(who, told_in))

    def _answered(
        self, request: Request, session: Session, words: Said, form: dict[str, tuple[str, ...]], way: Way
    ) -> Response:
        try:
            with closing(open_ledger(self._settings.ledger)) as db:
                if not self._is_told_in(db, session):
                    self._door.close_all(replaced=True)
                    self._settings.say("Another ledger is in this one's place: every session was closed.")
                    return safety.let_out(self._shut(request, words, "replaced"), self._settings)
                asking = Asking(
                    db,
                    self._settings,
                    session,
                    words,
                    self._tallies,
                    self._work,
                    request.url.path,
                    request.headers.get("hx-target", "")[:80] if request.headers.get("hx-request") else "",
                    dict(request.path_params),
                    _query(request),
                    form,
                )
                self._count()
                with snapshot(db) if way.method == "GET" else nullcontext():
                    made = way.answer(asking)
        except NotCountedError as error:
            return self._wrong(request, words, 503, "counting", share=error.share)
        except NotFoundError:
            return self._wrong(request, words, 404, "nothing")
        except NotToldError as error:
            return self._wrong(request, words, 503, "untold", why=str(error))
        except LedgerRefused as error:
            return self._wrong(request, words, 503, "ledger", why=str(error))
        except sqlite3.OperationalError:
            return self._wrong(request, words, 503, "busy")
        asked = request.query_params.get("lang", "")
        if asked in LANGS:
            made.set_cookie(LANG_COOKIE, asked, max_age=_A_YEAR, samesite="strict", secure=self._settings.secure)
        made.headers.setdefault("vary", "HX-Request, Accept-Language, Cookie")
        return made

    def _is_told_in(self, db: sqlite3.Connection, session: Session) -> bool:
        """Whether this is the ledger in whose chain the session is told; one opened before there was any takes it."""
        session.ledger = session.ledger or number_and_file(db, self._settings.ledger)
        return session.ledger == number_and_file(db, self._settings.ledger)

    def _count(self) -> None:
        """Count the ledger for the first time in a thread of its own, and wait for it as long as a reader would."""
        if self._tallies.counted is None and self._counting.acquire(blocking=False):
            threading.Thread(target=self._count_first, daemon=True, name="counting").start()
        deadline = time.monotonic() + _PATIENCE
        while self._tallies.counted is None and time.monotonic() < deadline:
            time.sleep(0.01)

    def _count_first(self) -> None:
        try:
            with closing(open_ledger(self._settings.ledger)) as db:
                self._tallies.follow(db)
        except (LedgerRefused, sqlite3.Error) as error:
            self._settings.say(f"The ledger could not be counted ({type(error).__name__}); the page tries again.")
        finally:
            self._counting.release()

    def _not_yours(self, request: Request, words: Said, view: View) -> Response:
        try:
            self._settings.tell(f"refused: page {view.name}", Scope(self._settings.viewer.apps or ()), "")
        except NotToldError as error:
            return self._wrong(request, words, 503, "untold", why=str(error))
        return self._wrong(request, words, 403, "role")

    def _shut(self, request: Request, words: Said, why: str = "shut", *, status: int = 401) -> Response:
        if self._door.is_shut:  # the last session was closed or forgotten: whoever started the page gets a new address
            self._settings.say(self.address(self._door.token()))
        if why == "shut" and self._door.is_replaced:  # whichever request of the browser was answered first
            why = "replaced"
        made = HTMLResponse(bare("door.html", words, why=why, password=self._door.asks_for_password), status)
        if request.headers.get("hx-request"):
            made.headers["hx-refresh"] = "true"
        return made

    def _wrong(
        self, _request: Request, words: Said, status: int, what: str, *, why: str = "", share: float | None = None
    ) -> Response:
        made = bare("wrong.html", words, what=what, why=why, share=share, again=status == 503)
        return HTMLResponse(made, status)

    def _words(self, request: Request) -> Said:
        return Said(self._lang(request), "page")

    def _lang(self, request: Request) -> Lang:
        chosen = (request.query_params.get("lang", ""), safety.cookie_of(request, LANG_COOKIE))
        for lang in LANGS:
            if lang == next((one for one in chosen if one in LANGS), self._settings.lang):
                return lang
        spoken = request.headers.get("accept-language", "").lower()
        return "fr" if spoken.startswith("fr") else "en"


def address_of(settings: PageSettings, token: str) -> str:
    """The address that opens one session, once."""
    shown = f"[{settings.shown}]" if ":" in settings.shown else settings.shown
    return f"{settings.origin}://{shown}:{settings.port}/open?token={token}"


def _query(request: Request) -> dict[str, str]:
    found = {key: value[:LONGEST] for key, value in request.query_params.items() if key != "lang"}
    last = request.headers.get("last-event-id", "")  # a stream that broke off says so where it had come to
    return {**found, "after": last[:20]} if last else found


def _one(form: dict[str, tuple[str, ...]], name: str) -> str:
    found = form.get(name, ())
    return found[0] if found else ""
