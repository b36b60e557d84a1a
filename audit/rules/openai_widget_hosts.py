"""Hosts that a widget may send data to and that nobody declared. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.declaration import Party, Recipient
from douane.audit.history import History, Seen
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import declares, history, saw
from douane.audit.rules.reading import strange
from douane.audit.rules.sources import GUIDE, GUIDE_URL, READ, WRITTEN

_KINDS = {Seen.CSP_CONNECT: "csp", Seen.CSP_FRAME: "frame"}


def check_app(history: History) -> Iterator[Hit]:
    """Hosts in a widget's `connectDomains` or `frameDomains` that are neither the publisher's nor a recipient's."""
    for seen in history.observations:
        what = _KINDS.get(seen.kind)
        if what is not None and strange(seen.name, history.declaration):
            facts = (("host", seen.name), ("what", what), ("widget", seen.detail or "ui://"))
            yield Hit(seen.tool or "", f"widget {seen.kind.value} {seen.name}", facts=facts, count=seen.count)


RULE = Rule(
    id="openai/widget-hosts",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Undeclared host in a widget’s rights", "Hôte non déclaré dans les droits d’un widget"),
    severity=Severity.ERROR,
    source=GUIDE,
    url=GUIDE_URL,
    read=READ,
    wording="Side effects should never be hidden or implicit. If a tool sends data outside the current environment ... "
    "this must be clear from the tool definition.",
    says=Text(
        "The widget {widget} has rights on {host} ({what}); no declared recipient or publisher was found to own it.",
        "Le widget {widget} a des droits sur {host} ({what}) ; aucun destinataire ni éditeur déclaré n’y correspond.",
    ),
    remedy=Text(
        "Take {host} out of the widget’s CSP, or declare whose it is. What goes there does not pass Douane.",
        "Retirez {host} de la CSP du widget, ou déclarez à qui il appartient. Ce qui y va ne passe pas par Douane.",
    ),
    check_app=check_app,
)

_TRACKER = saw(Seen.CSP_CONNECT, "metrics.example.net", "ui://widget/cart")
MATCHES = (
    Case("an audience measure may be sent data", history(seen=[_TRACKER], declared=declares())),
    Case("any host at all may be", history(seen=[saw(Seen.CSP_CONNECT, "*", "ui://map")], declared=declares())),
    Case("a page of somebody else’s may be framed", history(
        seen=[saw(Seen.CSP_FRAME, "pay.example.net", "ui://pay")], declared=declares())),
    Case("the declaration names no host at all", history(
        seen=[_TRACKER], declared=declares(publisher=Party("Example")))),
)  # fmt: skip
MISSES = (
    Case("the publisher’s own", history(
        seen=[saw(Seen.CSP_CONNECT, "api.example.org", "ui://map")], declared=declares())),
    Case("a declared recipient’s", history(
        seen=[_TRACKER], declared=declares(recipients=(Recipient("Metrics", hosts=("*.example.net",)),)))),
    Case("a font is loaded, nothing is sent", history(
        seen=[saw(Seen.CSP_RESOURCE, "fonts.example.net")], declared=declares())),
    Case("nothing was declared", history(seen=[_TRACKER])),
)  # fmt: skip
