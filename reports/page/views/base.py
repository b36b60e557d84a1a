"""What a view of the page is: where it stands, who may see it, and what answers each of its addresses."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from starlette.responses import Response

from douane.reports.page.asking import Asking
from douane.reports.page.settings import EVERYONE, Role


@dataclass(frozen=True, slots=True)
class Way:
    """An address under the view's prefix ("" for the prefix itself, `/{id:int}`, …) and what answers it.

    `answer` runs in a thread of its own with a read-only connection that is closed when it returns. `roles` are those
    who may use it where they are fewer than the view's.
    """

    path: str
    answer: Callable[[Asking], Response]
    method: Literal["GET", "POST"] = "GET"
    roles: frozenset[Role] = EVERYONE


@dataclass(frozen=True, slots=True)
class View:
    """A view: its name (its words are `nav.NAME` and `title.NAME`), the path that its addresses begin with ("" for the
    first view), its place in the navigation (0: not in it), who may see it, and its addresses.
    """

    name: str
    prefix: str
    position: int
    ways: tuple[Way, ...]
    roles: frozenset[Role] = EVERYONE
