"""Observed destinations that belong to nobody who was declared. Pure module: no I/O."""

from collections.abc import Iterator, Sequence

from douane.audit.declaration import Party, Recipient
from douane.audit.history import History, Observation, Seen
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import declares, history, saw
from douane.audit.rules.reading import strange
from douane.audit.rules.sources import GDPR, GDPR_URL, READ, WRITTEN

_KINDS = {Seen.EGRESS: "egress", Seen.URL_ASKS: "asks"}


def check_app(history: History) -> Iterator[Hit]:
    """Hosts that the app called itself, or to which it sent people; a widget's rights have a rule of their own."""
    found: dict[tuple[Seen, str, str], list[Observation]] = {}
    for seen in history.observations:
        if seen.kind in _KINDS and seen.name and strange(seen.name, history.declaration):
            tool = (seen.tool or "") if seen.kind is Seen.URL_ASKS else ""
            found.setdefault((seen.kind, seen.name, tool), []).append(seen)
    for (kind, host, tool), rows in found.items():
        facts = (("host", host), ("what", _KINDS[kind]))
        yield Hit(tool, f"{kind.value} {host}", facts=facts, count=_calls(kind, rows))


def _calls(kind: Seen, rows: Sequence[Observation]) -> int:
    """How often the host was called: what was found in a call stands in rows of its own."""
    plain = sum(one.count for one in rows if not one.detail)
    held = max((one.count for one in rows if one.detail), default=0)
    return plain + held if kind is Seen.URL_ASKS else plain or held


RULE = Rule(
    id="gdpr/recipient",
    pack=Pack.GDPR,
    version=WRITTEN,
    title=Text("Undeclared destination", "Destination non déclarée"),
    severity=Severity.ERROR,
    source=f"{GDPR}, Art. 13(1)(e), 30(1)(d)",
    url=GDPR_URL,
    read=READ,
    wording="the recipients or categories of recipients of the personal data, if any",
    says=Text(
        "{host} was observed ({what}); no declared recipient or publisher was found to own it.",
        "{host} a été observé ({what}) ; aucun destinataire ni éditeur déclaré n’y correspond.",
    ),
    remedy=Text(
        "Declare whose {host} is: a recipient with its country and role, or the publisher’s own.",
        "Déclarez à qui appartient {host} : un destinataire, avec son pays et son rôle, ou l’éditeur lui-même.",
    ),
    check_app=check_app,
)

_CALLED = saw(Seen.EGRESS, "mail-vendor.example")
MATCHES = (
    Case("the app called a mail service", history(seen=[_CALLED], declared=declares())),
    Case("people are sent to a page of somebody else’s", history(
        seen=[saw(Seen.URL_ASKS, "forms.example.net", tool="book")], declared=declares())),
    Case("a host that only begins like this machine’s", history(
        seen=[saw(Seen.EGRESS, "127.0.0.1.example.net"), saw(Seen.EGRESS, "localhost.tracker.example.net")],
        declared=declares())),
    Case("the declaration names no host at all", history(
        seen=[_CALLED], declared=declares(publisher=Party("Example")))),
)  # fmt: skip
MISSES = (
    Case("a declared recipient’s", history(
        seen=[_CALLED], declared=declares(recipients=(Recipient("Mailer", hosts=("mail-vendor.example",)),)))),
    Case("the publisher’s", history(seen=[saw(Seen.EGRESS, "api.example.org")], declared=declares())),
    Case("ChatGPT’s own host", history(seen=[saw(Seen.EGRESS, "files.oaiusercontent.com")], declared=declares())),
    Case("this machine", history(seen=[saw(Seen.EGRESS, "127.0.0.1")], declared=declares())),
    Case("nothing was declared", history(seen=[_CALLED])),
)  # fmt: skip
