"""Whose a host is: this machine's, or that of a declared name."""

import pytest

from douane.audit.declaration import Organisation, Party, Recipient
from douane.audit.exchange import Label
from douane.audit.hosts import host_of, local
from douane.audit.onward import judge_onward, owner
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


@pytest.mark.parametrize("host", LOCAL)
def test_what_stays_on_this_machine_or_network_is_passed_on_to_nobody(host: str) -> None:
    assert local(host_of(f"http://[{host}]/" if host.count(":") > 1 and "[" not in host else f"http://{host}:8080/x"))
    assert judge_onward("user.contact.email", host, declares()) == ()
    vendor = declares(recipients=(Recipient("Vendor", hosts=(host,), categories=("user.name",)),))
    assert [one.label for one in judge_onward("user.contact.email", host, vendor)] == [Label.OMITTED]


@pytest.mark.parametrize("host", ELSEWHERE)
def test_a_host_that_only_looks_like_this_machine_s_is_a_strange_one(host: str) -> None:
    assert not local(host)
    assert strange(host, declares())


@pytest.mark.parametrize(
    ("host", "declared", "expected"),
    [
        ("carnet.example", "carnet.example", True),
        ("Carnet.Example", "*.CARNET.example", True),
        ("ads.carnet.example", "carnet.example", False),
        ("ads.carnet.example", "*.carnet.example", True),
        ("*.carnet.example", "carnet.example", False),
        ("*.carnet.example", "*.carnet.example", True),
        ("*.eu.carnet.example", "*.carnet.example", True),
        ("*", "*.carnet.example", False),
        ("notcarnet.example", "*.carnet.example", False),
    ],
)
def test_rules_and_verdicts_agree_on_whose_a_host_is(host: str, declared: str, *, expected: bool) -> None:
    publisher = declares(publisher=Party("Carnet", hosts=(declared,)))
    recipient = declares(publisher=Party("Carnet"), recipients=(Recipient("Vendor", hosts=(declared,)),))
    organisation = declares(organisation=Organisation(Party("Mairie", hosts=(declared,))))
    assert owner(host, publisher) == ("we" if expected else None)
    assert owner(host, recipient) == ("Vendor" if expected else None)
    for one in (publisher, recipient, organisation):
        assert strange(host, one) is not expected
    for one in (publisher, organisation):
        assert (judge_onward("user.name", host, one) == ()) is expected


@pytest.mark.parametrize("host", ["openai.com", "files.oaiusercontent.com"])
def test_chatgpt_s_own_hosts_are_nobody_s(host: str) -> None:
    assert not strange(host, declares())
