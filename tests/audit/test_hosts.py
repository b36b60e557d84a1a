"""Whose a host is: this machine's, or that of a declared name."""

import pytest

from douane.audit.hosts import local
from douane.audit.rules.examples import declares
from douane.audit.rules.reading import strange

LOCAL = (
    "localhost", "LOCALHOST.", "app.localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]", "10.1.2.3", "172.31.0.1",
    "192.168.1.20", "169.254.1.1", "fd00::1", "fe80::1",
)  # fmt: skip
ELSEWHERE = (
    "localhost.tracker.example.net", "127.tracker.net", "127.0.0.1.nip.io", "localhostile.net", "notlocalhost",
    "172.32.0.1", "203.0.113.9", "8.8.8.8", "2001:4860::1", "::1.example.net", "(address)", "",
)  # fmt: skip


@pytest.mark.parametrize("host", LOCAL)
def test_this_machine_and_its_private_network_are_nobody_s(host: str) -> None:
    assert local(host)
    assert not strange(host, declares())


@pytest.mark.parametrize("host", ELSEWHERE)
def test_a_host_that_only_looks_like_this_machine_s_is_a_strange_one(host: str) -> None:
    assert not local(host)
    assert strange(host, declares())
