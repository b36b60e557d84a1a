"""Templates to HTML: the words, the navigation and what every template may use."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final, Protocol
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from douane.audit.exchange import Label
from douane.ledger.counted import FieldFigures
from douane.reports import people, safe
from douane.reports.figure import icon
from douane.reports.headline import shown_labels, verdicts
from douane.reports.html import label_mark, name
from douane.reports.i18n import LANGS, Words
from douane.reports.kinds.said import Said
from douane.reports.model import LABELS, Labels
from douane.reports.page.door import Session
from douane.reports.page.settings import PageSettings, Viewer

TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
"""What the static folder holds."""


class Question(Protocol):
    """What the frame of a page needs of an `Asking`."""

    @property
    def settings(self) -> PageSettings:
        """The page's world."""
        ...

    @property
    def session(self) -> Session:
        """The browser's session."""
        ...

    @property
    def viewer(self) -> Viewer:
        """Who asks."""
        ...

    @property
    def words(self) -> Said:
        """The viewer's language."""
        ...

    @property
    def path(self) -> str:
        """What was asked for."""
        ...

    @property
    def query(self) -> Mapping[str, str]:
        """What stands after the `?`."""
        ...


@dataclass(frozen=True, slots=True)
class Static:
    """A file of the page that is no secret: its address changes with its content, so browsers may keep it."""

    path: str
    content: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the navigation."""

    name: str
    path: str
    current: bool


@cache
def statics() -> dict[str, Static]:
    """Every static file by its name."""
    found = {}
    for file in files("douane.reports.page").joinpath("static").iterdir():
        ending = f".{file.name.rpartition('.')[2]}"
        if ending in TYPES:
            content = file.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:16]
            found[file.name] = Static(f"/static/{digest}/{file.name}", content, TYPES[ending])
    return found


def render(template: str, asking: Question, **values: Any) -> str:
    """The page for one question."""
    words = asking.words
    return bare(
        template,
        words,
        a=asking,
        nav=_navigation(asking),
        csrf=asking.session.csrf,
        people=people.lines(asking.settings.under, Words(words.lang), _isolated),
        languages=[(lang, f"{asking.path}?{urlencode({**asking.query, 'lang': lang})}") for lang in LANGS],
        **values,
    )


def bare(template: str, words: Said, **values: Any) -> str:
    """A page without a session: the door, and what went wrong."""
    return _environment().get_template(template).render(w=words, lang=words.lang, **values)


def moment(at: str, words: Words, form: str = "minute") -> Markup:
    """A time of the ledger, in UTC until the browser's own zone is known: its `day`, `minute`, `second` or `clock`."""
    try:
        when = datetime.fromisoformat(at).astimezone(UTC)
    except ValueError:
        return Markup("—")
    whole = f"{words.day(at)} {when:%H:%M:%S}"
    shown = {"day": words.day(at), "clock": f"{when:%H:%M:%S}", "second": whole}.get(form) or words.minute(at)
    return Markup('<time datetime="{}" title="{}" data-form="{}">{}</time>').format(
        when.isoformat(timespec="milliseconds").replace("+00:00", "Z"), f"{whole} UTC", form, shown
    )


def marks(flags: Iterable[str], words: Words, category: str = "") -> Markup:
    """The words for flags that a reader must see, each in a box."""
    special = {words.phrase("flag.art9")} if words.has("flag.art9") else set[str]()
    return Markup(" ").join(
        Markup('<span class="mark{}">{}</span>').format(" special" if one in special else "", one)
        for one in words.marks(flags, category)
    )


def worst(one: FieldFigures) -> str:
    """The most pressing headline of what crossed at a place."""
    return Labels(**one.labels).worst.value


def address(path: str, **query: object) -> str:
    """A path with a query, for a link; what is None or empty is left out."""
    kept = {key: str(value) for key, value in query.items() if value not in (None, "")}
    return f"{quote(path, safe='/')}?{urlencode(kept)}" if kept else quote(path, safe="/")


def pieces(pointer: str, limit: int = 120) -> Markup:
    """A pointer that may break after a slash."""
    parts = safe.middle(pointer, limit).split("/")
    return Markup("<code><bdi>{}</bdi></code>").format(Markup("/<wbr>").join(parts))


def _isolated(text: str, limit: int = safe.LONGEST) -> str:
    return name(text, limit)


def _navigation(asking: Question) -> list[Link]:
    from douane.reports.page.views import views

    shown = [one for one in views() if one.position and asking.viewer.role in one.roles]
    path = asking.path.rstrip("/")
    return [Link(one.name, one.prefix or "/", _stands(path, one.prefix)) for one in shown]


def _stands(path: str, prefix: str) -> bool:
    return path == prefix or (bool(prefix) and path.startswith(f"{prefix}/"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("douane.reports.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        name=name,
        named=people.named,
        role=people.role_in,
        plain=safe.plain,
        pointer=pieces,
        moment=moment,
        marks=marks,
        label=label_mark,
        worst=worst,
        shown=shown_labels,
        verdicts=verdicts,
    )
    environment.globals.update(
        static=lambda file: statics()[file].path,
        address=address,
        icon=lambda label: icon(Label(label)),
        labels=LABELS,
        today=lambda: f"{datetime.now(UTC):%Y-%m-%d}",
    )
    return environment
