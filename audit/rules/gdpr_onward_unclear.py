"""Data from ChatGPT that an app passes on while its texts say both that it does and that it does not. Pure module."""

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
    """What left through the egress listener and on which the statements of one text contradict each other."""
    return hits(history, (Label.AMBIGUOUS,))


RULE = Rule(
    id="gdpr/onward-unclear",
    pack=Pack.GDPR,
    version=WRITTEN,
    title=Text("Data passed on, contradictory statements", "Donnée communiquée, mentions contradictoires"),
    severity=Severity.WARNING,
    source=f"{GDPR}, Art. 12(1)",
    url=GDPR_URL,
    read=READ,
    wording="in a concise, transparent, intelligible and easily accessible form, using clear and plain language",
    says=Text(
        "“{category}”, received from ChatGPT, left the app for {host}, {count} time(s): {what} {sources}.",
        "« {category} », reçue de ChatGPT, est partie de l’application vers {host}, {count} fois : {what} {sources}.",
    ),
    remedy=Text("Make the statements on {host} agree.", "Mettez en accord les mentions qui concernent {host}."),
    remedy_restricted=LEAVE_OUT,
    check_app=check_app,
)

_EMAIL = "user.contact.email"
_SENT = saw(Seen.EGRESS, "mail-vendor.example", f"{_EMAIL} #7")
_MAILER = (Recipient("Mailer", hosts=("mail-vendor.example",), categories=(_EMAIL,)),)
_NEVER = Statement("policy/1", Says.DOES_NOT_COLLECT, "third party", ("user",), "We never share personal data.")
_SHARED = Statement("policy/2", Says.COLLECTS, "Mailer", (_EMAIL,), "Mailer receives your e-mail address.")
MATCHES = (
    Case("a policy names the recipient, and says that nothing is shared", history(
        seen=[_SENT], declared=declares(recipients=_MAILER, policy=Notice(statements=(_NEVER, _SHARED))))),
)  # fmt: skip
MISSES = (
    Case("the policy only names it", history(
        seen=[_SENT], declared=declares(recipients=_MAILER, policy=Notice(statements=(_SHARED,))))),
    Case("a plain denial is another finding", history(
        seen=[_SENT], declared=declares(recipients=_MAILER, policy=Notice(statements=(_NEVER,))))),
    Case("nothing was declared", history(seen=[_SENT])),
)  # fmt: skip
