"""Data from ChatGPT that an app passes on although it denies that, or says nothing of it. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.declaration import Notice, Recipient, Says, Statement
from douane.audit.exchange import Label
from douane.audit.history import History, Seen
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import declares, history, saw
from douane.audit.rules.passing import hits
from douane.audit.rules.restricted import LEAVE_OUT
from douane.audit.rules.sources import GDPR, GDPR_URL, READ, WRITTEN


def check_app(history: History) -> Iterator[Hit]:
    """What left through the egress listener and is denied, or not named, by the declaration or a text for users."""
    return hits(history, (Label.INCORRECT, Label.OMITTED))


RULE = Rule(
    id="gdpr/onward",
    pack=Pack.GDPR,
    version=WRITTEN,
    title=Text("Data passed on undeclared", "Donnée communiquée sans être déclarée"),
    severity=Severity.ERROR,
    source=f"{GDPR}, Art. 13(1)(e), 30(1)(d)",
    url=GDPR_URL,
    read=READ,
    wording="the recipients or categories of recipients of the personal data, if any",
    says=Text(
        "“{category}”, received from ChatGPT, left the app for {host}, {count} time(s): {what} {sources}.",
        "« {category} », reçue de ChatGPT, est partie de l’application vers {host}, {count} fois : {what} {sources}.",
    ),
    remedy=Text(
        "Stop sending it to {host}, or declare whose {host} is and what it receives, and have the policy say so.",
        "Cessez de l’envoyer à {host}, ou déclarez à qui appartient {host} et ce qu’il reçoit, et que la politique le "
        "dise.",
    ),
    remedy_restricted=LEAVE_OUT,
    check_app=check_app,
)

_EMAIL, _HOST = "user.contact.email", "mail-vendor.example"
_SENT = saw(Seen.EGRESS, _HOST, f"{_EMAIL} #7")
_NEVER = Statement("policy/1", Says.DOES_NOT_COLLECT, "third party", ("user",), "We never share personal data.")
_MAILER = Statement("policy/1", Says.COLLECTS, "Mailer", (_EMAIL,), "Mailer receives your e-mail address.")


def _mailer(*categories: str, role: str = "") -> tuple[Recipient, ...]:
    return (Recipient("Mailer", role=role, hosts=(_HOST,), categories=categories),)


MATCHES = (
    Case("a policy denies that anything is passed on", history(
        seen=[_SENT], declared=declares(policy=Notice(statements=(_NEVER,))))),
    Case("the recipient is declared for another category", history(
        seen=[_SENT], declared=declares(recipients=_mailer("user.name")))),
    Case("nobody who was declared has the host", history(seen=[_SENT], declared=declares())),
    Case("the recipient is declared and the policy denies it", history(
        seen=[_SENT], declared=declares(recipients=_mailer(_EMAIL), policy=Notice(statements=(_NEVER,))))),
)  # fmt: skip
MISSES = (
    Case("the recipient is declared with the category, and the policy names it", history(
        seen=[_SENT], declared=declares(recipients=_mailer(_EMAIL), policy=Notice(statements=(_MAILER,))))),
    Case("a processor that the policy names, which says that nothing goes to third parties", history(
        seen=[_SENT], declared=declares(
            recipients=_mailer(_EMAIL, role="processor"), policy=Notice(statements=(_NEVER, _MAILER))))),
    Case("it went to the publisher’s own host", history(
        seen=[saw(Seen.EGRESS, "api.example.org", f"{_EMAIL} #7")], declared=declares())),
    Case("it went to another process of the app’s own machine", history(
        seen=[saw(Seen.EGRESS, "ads.localhost", f"{_EMAIL} #7")], declared=declares())),
    Case("it went to a machine of the app’s private network", history(
        seen=[saw(Seen.EGRESS, "(private address)", f"{_EMAIL} #7")], declared=declares())),
    Case("ChatGPT had not given it", history(seen=[saw(Seen.EGRESS, _HOST, _EMAIL)], declared=declares())),
    Case("the host was called, and nothing was found in the call", history(
        seen=[saw(Seen.EGRESS, _HOST)], declared=declares())),
    Case("nothing was declared", history(seen=[_SENT])),
)  # fmt: skip
