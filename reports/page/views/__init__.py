"""The views of the page: a module of this package with a `VIEW` is one."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from douane.reports.page.views.base import View, Way

__all__ = ["View", "Way", "views"]


@cache
def views() -> tuple[View, ...]:
    """Every view, in the order of the navigation. Raises ValueError where two have the same name or prefix."""
    found = [import_module(f"{__name__}.{one.name}") for one in iter_modules(__path__)]
    made: list[View] = [module.VIEW for module in found if hasattr(module, "VIEW")]
    for marks in ([one.name for one in made], [one.prefix for one in made]):
        if len(set(marks)) < len(marks):
            raise ValueError("two views of the page have the same name or prefix")
    return tuple(sorted(made, key=lambda one: (one.position, one.name)))
