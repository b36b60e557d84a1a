"""Payment cards: numbers, and codes that go with them. Pure module: no I/O."""

from douane.audit.rules.base import Case, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, OUT, answer, call, datum, declares, history, tool
from douane.audit.rules.restricted import SAYS, WORDING, crossing, solicited
from douane.audit.rules.sources import GUIDE, GUIDE_URL, READ, WRITTEN


def _meant(_category: str, flags: tuple[str, ...]) -> bool:
    return "pci:chd" in flags or "pci:sad" in flags


RULE = Rule(
    id="openai/payment-card",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Payment card data", "Donnée de carte bancaire"),
    severity=Severity.ERROR,
    source=GUIDE,
    url=GUIDE_URL,
    read=READ,
    wording=WORDING + "Information subject to Payment Card Information Data Security Standards (PCI DSS).",
    says=SAYS,
    remedy=Text(
        "Let the person pay on a page of the payment service, and keep card data out of the tool’s fields and answers.",
        "Faites payer la personne sur une page du prestataire de paiement, et retirez les données de carte des champs "
        "et des réponses de l’outil.",
    ),
    forbids=True,
    check=crossing(_meant),
    check_app=solicited(_meant),
)

MATCHES = (
    Case(
        "a card number is sent to the app",
        history(call("pay", datum("user.financial.credit_card", f"{ARGS}/card"))),
    ),
    Case(
        "an answer holds a security code, declared or not",
        history(
            answer("pay", datum("user.financial.credit_card.security_code", f"{OUT}/card/cvv")),
            declared=declares(to_chatgpt=("user.financial.credit_card",)),
        ),
    ),
    Case("the schema asks for one that nobody has sent yet", history(tools=[tool("pay", "credit_card_number")])),
)
MISSES = (
    Case("a bank account is no card", history(call("pay", datum("user.financial.bank_account.iban", f"{ARGS}/iban")))),
    Case("a business card", history(tools=[tool("scan", "business_card_image")])),
    Case("a payment reference", history(call("pay", datum("user.payment", f"{ARGS}/reference")))),
)
