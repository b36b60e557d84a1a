"""What a privacy policy has to say and the declaration does not find in it. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.declaration import ANYONE, FIRST_PARTY, Declaration, Notice, Recipient, Says, Statement
from douane.audit.history import History
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import declares, history, purpose
from douane.audit.rules.sources import GUIDE, GUIDE_URL, READ, WRITTEN


def check_app(history: History) -> Iterator[Hit]:
    """The parts that are missing, one hit each; a declaration of categories alone speaks of no policy."""
    declaration = history.declaration
    if declaration is None or not _speaks(declaration):
        return
    for what in _missing(declaration):
        yield Hit(place=f"policy/{what}", facts=(("what", what),))


def _speaks(declaration: Declaration) -> bool:
    return declaration.policy is not None or bool(declaration.purposes)


def _missing(declaration: Declaration) -> Iterator[str]:
    policy = declaration.policy
    if policy is None:
        yield "policy"
        return
    said = policy.statements
    if not any(one.says is Says.COLLECTS and one.categories for one in said):
        yield "categories"
    if not any(one.data_use or one.name for one in declaration.purposes):
        yield "purposes"
    shares = any(one.shared or one.recipients for one in declaration.purposes)
    named = declaration.recipients or any(one.entity not in (FIRST_PARTY, ANYONE) for one in said)
    if shares and not named:
        yield "recipients"
    if declaration.purposes and not any(one.retention or one.ephemeral for one in declaration.purposes):
        yield "retention"
    if not policy.controls:
        yield "controls"


RULE = Rule(
    id="openai/policy-content",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Privacy policy lacks something", "Politique de confidentialité incomplète"),
    severity=Severity.WARNING,
    source=GUIDE,
    url=GUIDE_URL,
    read=READ,
    wording="a clear, published privacy policy explaining, at minimum, the categories of personal data collected, the "
    "purposes of use, the categories of recipients, data retention timelines, and any controls offered to your users.",
    says=Text(
        "The declaration quotes nothing of the privacy policy on {what}.",
        "La déclaration ne cite rien de la politique de confidentialité sur {what}.",
    ),
    remedy=Text(
        "Add the sentence to the policy, and quote it in the declaration.",
        "Ajoutez la phrase à la politique et citez-la dans la déclaration.",
    ),
    check_app=check_app,
)

_SAYS = Statement("policy/1", Says.COLLECTS, "we", ("user.name",), "We collect your name.")
_CONTROLS = ("You can have your data deleted in the settings.",)
_POLICY = Notice(url="https://example.org/privacy", statements=(_SAYS,), controls=_CONTROLS)
_SILENT = Notice(url="https://example.org/privacy", statements=(_SAYS,))
_WHOLE = declares(policy=_POLICY, purposes=(purpose("user.name"),), recipients=(Recipient("Mailer"),))
MATCHES = (
    Case("purposes and no policy", history(declared=declares(purposes=(purpose("user.name"),)))),
    Case(
        "a policy of which no sentence names data",
        history(declared=declares(policy=Notice(url="https://example.org"), purposes=(purpose("user.name"),))),
    ),
    Case("how long data are kept is nowhere", history(
        declared=declares(policy=_POLICY, purposes=(purpose("user.name", retention=""),)))),
    Case("no word on what people can do", history(
        declared=declares(policy=_SILENT, purposes=(purpose("user.name"),)))),
    Case("data are shared with nobody who is named", history(
        declared=declares(policy=_POLICY, purposes=(purpose("user.name", shared=True),)))),
)  # fmt: skip
MISSES = (
    Case("everything is there", history(declared=_WHOLE)),
    Case("a declaration of categories alone says nothing of a policy", history(declared=declares(("user.name",)))),
    Case("nothing was declared", history()),
    Case("nothing is kept", history(
        declared=declares(policy=_POLICY, purposes=(purpose("user.name", retention="", ephemeral=True),)))),
)  # fmt: skip
