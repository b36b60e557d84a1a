"""The kinds of document: a module of this package with a `KIND` is one."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from douane.reports.kinds.base import Kind, Material, Seal

__all__ = ["Kind", "Material", "Seal", "kinds"]


@cache
def kinds() -> dict[str, Kind]:
    """Every kind of document by its name, sorted."""
    found = [import_module(f"{__name__}.{one.name}") for one in iter_modules(__path__)]
    named = {module.KIND.name: module.KIND for module in found if hasattr(module, "KIND")}
    return dict(sorted(named.items()))
