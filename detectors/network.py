"""IP addresses (RFC 791, RFC 4291) and MAC addresses."""

import ipaddress
import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part
from douane.detectors.scene import Scene, Seen
from douane.detectors.words import word_set

_V4 = re.compile(r"(?<![\w.:/-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
_V6 = re.compile(r"(?<![\w.:])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])")
_MAC = re.compile(r"(?<![\w:.-])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![\w:-])")
_CUE = re.compile(
    r"(?i)\b(?:ip|ipv[46]|from|depuis|client|request|requ[êe]te|adresse|address|host|visitor|login|public|wan|affich[ée]e|"
    r"connexion|connect\w{0,4})\b\W{0,4}(?:ip\W{0,3})?$"
)
_VERSION = re.compile(r"(?i)(?:\bv|version|release|build|firmware|update|\bapi|jour|rev)[\s:.=v-]{0,3}$")
_MASK = re.compile(r"/\d")
_VERSION_KEY = frozenset({"version", "build", "release", "firmware", "rev", "revision", "v", "ver", "tag"})


_SERVERS = frozenset(
    {"server", "serveur", "dns", "gateway", "node", "cluster", "endpoint", "upstream", "passerelle", "router"}
)
_RESOLVERS = frozenset({"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "208.67.222.222", "208.67.220.220"})
_LOCAL = tuple(
    ipaddress.IPv4Network(net)
    for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10")
)


class Network:
    """Four small numbers are more often a version than an address: they need a key or a word that says address."""

    name = "network"
    title = "IP and MAC addresses"
    MATCHES = (
        Match({"ip": "41.59.71.19"}, "user.device.ip_address"),
        Match({"body": "Request from 183.56.182.19 failed"}, "user.device.ip_address", text="183.56.182.19"),
        Match({"client_ip": "10.0.0.7"}, "user.device.ip_address"),
        Match(
            {"log": "login from 2001:db8::8a2e:370:7334 ok"}, "user.device.ip_address", text="2001:db8::8a2e:370:7334"
        ),
        Match({"log": "connexion depuis 192.0.2.146 (app 5.31)"}, "user.device.ip_address", text="192.0.2.146"),
        Match({"diag": "dns 8.8.8.8 ok; public 198.51.100.77"}, "user.device.ip_address", text="198.51.100.77"),
        Match({"src": "203.0.113.94"}, "user.device.ip_address"),
        Match({"device_mac": "0a:dc:c0:a5:ec:43"}, "user.device.device_id"),
    )
    MISSES = (
        Miss({"ip_netmask": "255.255.255.0", "ip_broadcast": "10.1.255.255"}, "no machine's"),
        Miss({"build_no": "1.16.0.3"}, "a build number"),
        Miss({"message": "the release is v1.2.3.4, ship it"}, "a version"),
        Miss({"api_version": "192.168.0.127"}, "a version, by its key"),
        Miss({"text": "a Bialetti 4.1.0.2 is louder"}, "a model, small numbers"),
        Miss({"ip": "127.0.0.1"}, "the machine itself"),
        Miss({"ip": "0.0.0.0"}, "no address"),  # noqa: S104 - a value, nothing is bound
        Miss({"text": "from 300.1.2.3"}, "no address"),
        Miss({"time": "10:15:30"}, "a time"),
        Miss({"ratio": "16:9"}, "a ratio"),
        Miss({"dns_server": "203.0.113.53"}, "a server"),
        Miss({"text": "use resolver 8.8.8.8"}, "a public resolver"),
        Miss({"text": "block 203.0.113.0/24"}, "a network"),
        Miss({"oid": "1.3.6.1.4.1.311"}, "an object identifier"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.texts:
            text = one.text
            if text.count(".") >= 3:
                yield from self._v4(one)
            if text.count(":") >= 2 or text.count("-") >= 5:
                for found in _MAC.finditer(text):
                    yield part(one, found.start(), found.end(), "user.device.device_id", 0.93, self.name, "MAC address")
                for found in _V6.finditer(text):
                    if _is_v6(found.group()) and (one.hinted("user.device.ip_address") or len(found.group()) >= 9):
                        yield part(one, found.start(), found.end(), "user.device.ip_address", 0.9, self.name, "IPv6")

    def _v4(self, one: Seen) -> Iterable[Finding]:
        if _VERSION_KEY.intersection(one.words) or _SERVERS.intersection(one.words):
            return
        keyed = one.hinted("user.device.ip_address")
        for found in _V4.finditer(one.text):
            try:
                address = ipaddress.IPv4Address(found.group())
            except ipaddress.AddressValueError:
                continue
            if address.is_reserved or (one.text.strip() == found.group() and _is_networks(one, address)):
                continue  # a mask, or where a network calls all its machines
            if address.is_loopback or address.is_unspecified or address.is_multicast or str(address) in _RESOLVERS:
                continue
            before = one.text[max(0, found.start() - 24) : found.start()]
            if keyed:
                yield part(one, found.start(), found.end(), "user.device.ip_address", 0.95, self.name, "key")
                continue
            if any(address in net for net in _LOCAL) or _VERSION.search(before) or _MASK.match(one.text, found.end()):
                continue
            octets = [int(octet) for octet in found.group().split(".")]
            big = sum(octet > 20 for octet in octets)
            if _CUE.search(before) or big >= 2:
                yield part(
                    one,
                    found.start(),
                    found.end(),
                    "user.device.ip_address",
                    0.8,
                    self.name,
                    "numbers and words around",
                )


_MASKS = word_set("mask netmask masque subnetmask broadcast")
_NETWORKS = word_set(
    "ip ipv4 inet subnet net network lan wan eth interface if nic addr address adresse reseau diffusion masque netmask "
    "subnetmask"
)


def _is_networks(one: Seen, address: ipaddress.IPv4Address) -> bool:
    """Whether a whole value is a mask, or a network's own address by the words of its key."""
    if _MASKS.isdisjoint(one.words):
        return False
    if one.words in {("mask",), ("broadcast",)} or not _NETWORKS.isdisjoint(one.words):
        return True
    bits = int(address)
    return bits | (bits - 1) == 0xFFFFFFFF if bits else True


def _is_v6(text: str) -> bool:
    try:
        address = ipaddress.IPv6Address(text)
    except ipaddress.AddressValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


DETECTOR = Network()
