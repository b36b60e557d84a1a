"""The version, from the installed package's own metadata."""

from importlib.metadata import PackageNotFoundError, version


def installed() -> str:
    """The version of the installed package, `0+unknown` when run from a tree that was never installed."""
    try:
        return version("douane")
    except PackageNotFoundError:
        return "0+unknown"


VERSION = installed()
