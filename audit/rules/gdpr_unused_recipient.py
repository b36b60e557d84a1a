"""Recipients that were declared and to whom nothing was seen to go. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.declaration import Recipient
from douane.audit.history import History, Seen
from douane.audit.rules.base import Case, Evidence, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, call, datum, declares, history, saw
from douane.audit.rules.gdpr_unused import MIN_MESSAGES
from douane.audit.rules.sources import GDPR, GDPR_URL, READ, WRITTEN
from douane.audit.unused import What, unused


def check_app(history: History) -> Iterator[Hit]:
    """Declared recipients of whom the egress listener saw no host, once enough messages were seen."""
    if history.declaration is None or history.messages() < MIN_MESSAGES:
        return
    numbers = {one.name: at for at, one in enumerate(history.declaration.recipients, 1)}
    for one in unused(history):
        if one.what is What.RECIPIENT and one.observable:
            facts = (("recipient", one.name), ("messages", str(history.messages())))
            evidence = Evidence(statements=(f"recipient/{numbers[one.name]}",))
            yield Hit(place=f"recipient {one.name}", facts=facts, evidence=evidence)


RULE = Rule(
    id="gdpr/unused-recipient",
    pack=Pack.GDPR,
    version=WRITTEN,
    title=Text("Recipient declared and not seen", "Destinataire déclaré et non observé"),
    severity=Severity.NOTE,
    source=f"{GDPR}, Art. 5(1)(c), 13(1)(e)",
    url=GDPR_URL,
    read=READ,
    wording="the recipients or categories of recipients of the personal data, if any",
    says=Text(
        "{recipient} is declared as a recipient; in {messages} messages, no observed destination was its own.",
        "{recipient} est déclaré comme destinataire ; sur {messages} messages, aucune destination observée n’était la "
        "sienne.",
    ),
    remedy=Text(
        "Take {recipient} out of the declaration if nothing goes there; leave it in if that is only rare.",
        "Retirez {recipient} de la déclaration si rien n’y va ; gardez-le si c’est seulement rare.",
    ),
    check_app=check_app,
)

_CALLS = [call("find", datum("user.name", f"{ARGS}/name")) for _ in range(MIN_MESSAGES)]
_MAILER = (Recipient("Mailer", hosts=("mail-vendor.example",)),)
MATCHES = (
    Case("the egress listener saw another host alone", history(
        *_CALLS, seen=[saw(Seen.EGRESS, "api.example.org")], declared=declares(recipients=_MAILER))),
)  # fmt: skip
MISSES = (
    Case("its host was called", history(
        *_CALLS, seen=[saw(Seen.EGRESS, "mail-vendor.example")], declared=declares(recipients=_MAILER))),
    Case("too few messages", history(
        *_CALLS[1:], seen=[saw(Seen.EGRESS, "api.example.org")], declared=declares(recipients=_MAILER))),
    Case("without an egress listener it is not observable", history(*_CALLS, declared=declares(recipients=_MAILER))),
    Case("nothing was declared", history(*_CALLS)),
)  # fmt: skip
