"""Host names out of URLs, fit to be kept. Pure module: no I/O.

An observed destination is a host, never a path: a path, a query and a user name can each be a datum.
"""

import ipaddress
import re
from collections.abc import Iterable
from typing import Final

from douane.audit.keys import is_name

ADDRESS: Final = "(address)"
"""Stands for an IP address of a person or machine that is not on this one: it may be a datum."""
PRIVATE: Final = "(private address)"
"""Stands for an IP address of a private network (RFC 1918, RFC 4193, link-local)."""
HIDDEN_LABEL: Final = "*"
"""Stands for the first labels of a host name when they look like a token or a number."""

_URL: Final = re.compile(
    r"(?i)\b(?:https?|wss?|ftps?)://([^\s/?#\"'<>\\`{}|^)(,;\]]{1,300}|\[[0-9a-fA-F:.]{2,45}\](?::\d+)?)"
)
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_MAX_HOST: Final = 253
_PRIVATE: Final = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"),
    )
)


def hosts_in(text: str) -> tuple[str, ...]:
    """The hosts of the URLs in a text, in order, each once; without user names, ports and paths."""
    found = (host(match.group(1)) for match in _URL.finditer(text))
    return tuple(dict.fromkeys(one for one in found if one))


def host_of(url: str) -> str:
    """The host of a URL or origin, or of a bare host name; a leading `*.` stays. Empty for what has none."""
    _, mark, rest = url.strip().partition("://")
    authority = re.split(r"[/?#\\]", rest if mark else url.strip(), maxsplit=1)[0]
    if not mark and (":" in authority.partition("]")[0].strip("[") and not authority.rpartition(":")[2].isdigit()):
        return ""  # `data:`, `mailto:`, `'self'` and the like name no host
    return host(authority)


def host(authority: str) -> str:
    """The host of `user:password@host:port` as it may be kept; empty for what is no host name or address."""
    written = authority.rpartition("@")[2]
    name = written.lower()
    if name.startswith("["):
        return _address(name[1:].partition("]")[0])
    name = name.partition(":")[0].strip(".")
    if not name or len(name) > _MAX_HOST:
        return ""
    if name.replace(".", "").isdigit():
        return _address(name)
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    labels = name.split(".")
    wild = labels[0] == "*" and len(labels) > 1
    checked = labels[1:] if wild else labels
    if not all(_LABEL.fullmatch(label) for label in checked):
        return ""
    # The last two labels were registered with an authority; what stands before them can be made for one person.
    own, registered = checked[:-2], checked[-2:]
    cased = written.partition(":")[0].strip(".").split(".")[1 if wild else 0 :]
    said = cased if len(cased) == len(checked) else checked
    kept = [label if is_name(_named(one)) else HIDDEN_LABEL for label, one in zip(own, said, strict=False)]
    return ".".join(([HIDDEN_LABEL] if wild else []) + kept + registered)


def within(name: str, pattern: str) -> bool:
    """Whether a host is the one named, or below it where the pattern begins with `*.`."""
    if pattern.startswith("*."):
        return name.endswith(pattern[1:]) or name == pattern[2:]
    return name == pattern


def belongs(name: str, declared: Iterable[str]) -> bool:
    """Whether a host (or an observed pattern such as `*.example.org`) is one of those declared: exactly, or by `*.`."""
    return any(within(name.lower(), pattern.lower()) for pattern in declared)


def local(name: str) -> bool:
    """Whether a host is this machine or one of its private network: `localhost`, `*.localhost`, or an address of these.

    A name that only begins like one (`localhost.example.net`, `127.0.0.1.example.net`) is not.
    """
    plain = name.lower().rstrip(".").removeprefix("[").removesuffix("]")
    if plain in ("localhost", PRIVATE) or plain.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(plain)
    except ValueError:
        return False
    return address.is_loopback or _is_private(address)


def _is_private(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return any(address in network for network in _PRIVATE if address.version == network.version)


def _named(label: str) -> str:
    return label if label[0].isalpha() or label[0] == "_" else f"n{label}"


def _address(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if address.is_loopback:
        return str(address)
    return PRIVATE if _is_private(address) else ADDRESS
