"""Bank accounts: IBAN (ISO 13616, modulus 97), French RIB, account and routing numbers by key."""

import re
from collections.abc import Iterable

from stdnum import iban

from douane.audit.finding import Finding
from douane.detectors import hints
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.gates import by_words
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject
from douane.detectors.words import key_words, word_set

_ACCOUNT_CATEGORY = "user.financial.bank_account"
_DENSE = re.compile(r"\d(?:[ .-]{0,3}\d){7}")
"""What every account's number has: eight figures with little between them."""
_HEAD = re.compile(r"[A-Za-z]{2}\d{2}")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ .\u00a0\u202f-]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
_JOINTS = re.compile(r"[ .\u00a0\u202f-]")
_LENGTHS = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "CH": 21, "CY": 28, "CZ": 24, "DE": 22,
    "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27,
    "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24,
    "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "TN": 24, "TR": 26, "UA": 29, "VA": 22, "XK": 20,
}  # fmt: skip
_RIB = re.compile(r"(?<![A-Za-z0-9])\d{5}[ -]?\d{5}[ -]?[A-Z0-9]{11}[ -]?\d{2}(?![A-Za-z0-9])")
_PAIR = re.compile(r"(?<![\w.+-])\d{2}-\d{2}-\d{2}[ /,]{1,3}\d{8}(?![\w-]|[.,]\d)")
"""A British sort code and the account behind it."""
_ACCOUNT = re.compile(r"^[A-Z]{0,4}[\d][\dA-Z ./-]{3,33}$")
_MASKED = re.compile(r"[*•]|[xX]{3}")
_RIB_LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")
_BANKISH = word_set(
    """
    bank banque bancaire iban rib payout payouts sepa bic swift sort sortcode routing aba bsb payin payinto virement
    prelevement debtor creditor directdebit deposit
    """
)
"""Words of a key, beside or above, that say that a number is an account's."""
_NUMBERED = word_set("account acct accts accounts acc compte comptes number numero num no n value konto cuenta")
_PARTS = word_set(
    "banque guichet agence compte cle code key branch bank sort account number routing transit sc institution"
)
"""What the parts of an account's number are called within an object that stands for an account."""
_SORT = re.compile(r"^\d{2}[- ]?\d{2}[- ]?\d{2}$")
_SORT_KEYS = word_set("sc sort sortcode")
_NOT = word_set(
    """
    type kind name label holder titulaire currency status id balance solde amount limit count bic swift date opened
    country pays email url code_bic nickname alias period
    """
)


class Bank:
    """An IBAN in text must have its country's length and pass the modulus; under its own key its shape is enough."""

    name = "bank"
    title = "Bank accounts"
    MATCHES = (
        Match({"iban": "FR76 3000 6000 0112 3456 7890 189"}, "user.financial.bank_account.iban"),
        Match(
            {"text": "mon iban c'est DE89370400440532013000 merci"},
            "user.financial.bank_account.iban",
            "DE89370400440532013000",
        ),
        Match({"rib": "20041 01005 0500013M026 06"}, "user.financial.bank_account"),
        Match({"bank": {"account": "12345678"}}, "user.financial.bank_account"),
        Match({"sort_code": "20-00-00"}, "user.financial.bank_account"),
        Match({"note": "sends from 08-92-99 66374958"}, "user.financial.bank_account", text="08-92-99 66374958"),
        Match(
            {"note": "virer sur FR76-3000-6000-0112-3456-7890-189 svp"},
            _ACCOUNT_CATEGORY + ".iban",
            "FR76-3000-6000-0112-3456-7890-189",
        ),
        Match({"note": "IBAN NL13TEST0123456788, thanks"}, _ACCOUNT_CATEGORY, "NL13TEST0123456788"),
        Match({"rib": {"banque": "30003", "cle": "85"}}, "user.financial.bank_account", at="rib/banque"),
        Match({"rib": {"codeGuichet": "01290", "cle": "85"}}, "user.financial.bank_account", at="rib/cle"),
        Match(
            {"payout": {"number": "73195520", "sort": "20-45-53"}}, "user.financial.bank_account", at="payout/number"
        ),
        Match({"accts": [{"sc": "23-05-80", "no": "60418827"}]}, "user.financial.bank_account", at="accts/no"),
        Match({"routingNumber": "021000021"}, "user.financial.bank_account"),
        Match({"acctNo": 4471982210}, "user.financial.bank_account"),
        Match({"compteADebiter": "00050671284"}, "user.financial.bank_account"),
    )
    MISSES = (
        Miss({"text": "DE89370400440532013001"}, "the modulus is wrong"),
        Miss({"text": "FR7630006000011234567890"}, "too short for France"),
        Miss({"account": "premium"}, "a plan"),
        Miss({"commit": "ab12cd34ef56ab78cd90ef12ab34cd56"}, "a hash"),
        Miss({"bic": "AGRIFRPP"}, "a bank's own code"),
        Miss({"vat": "FR40303265045"}, "a company's VAT number"),
        Miss({"account_type": "checking"}, "no number"),
        Miss({"iban": "none"}, "no account"),
        Miss({"account": "****7731"}, "masked"),
        Miss({"account_balance": "120450"}, "a balance"),
        Miss({"account": {"id": "882100"}}, "no account's number"),
        Miss({"order": {"no": "60418827"}}, "an order"),
        Miss({"sort": "2024-10-12"}, "a date"),
        Miss({"sort": "price_asc_100"}, "an order of results"),
        Miss({"cle": "85"}, "a key of who knows what"),
        Miss({"acct": "770 3316 2048", "reading": 5120}, "a customer's number at a supplier"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.with_digits:
            if isinstance(one.field.value, float | bool):
                continue
            if len(one.text) >= 14 and one.has_run and _DENSE.search(one.text):
                found = list(self._written(one))
                yield from found
                if found:
                    continue
            asked = _ACCOUNT_CATEGORY in one.hints or _may_number(one.words)
            if asked and not one.field.is_key and _is_account(one):
                yield whole(one, _ACCOUNT_CATEGORY, 0.85, self.name, "key")

    def _written(self, one: Seen) -> Iterable[Finding]:
        """What is an account's number by its own form."""
        done = False
        if _HEAD.search(one.text):
            keyed = one.hinted(_ACCOUNT_CATEGORY) or "iban" in one.text.lower()
            for found in _IBAN.finditer(one.text):
                made = self._iban(one, found, keyed)
                if made is not None:
                    done = True
                    yield made
        if done or (not one.is_text and len(one.text) < 20):
            return
        for found in _RIB.finditer(one.text):
            if _rib_is_valid(found.group()) or (one.hinted(_ACCOUNT_CATEGORY) and not one.prose):
                yield part(one, found.start(), found.end(), _ACCOUNT_CATEGORY, 0.95, self.name, "RIB key")
        if "-" in one.text:
            for found in _PAIR.finditer(one.text):
                yield part(one, found.start(), found.end(), _ACCOUNT_CATEGORY, 0.9, self.name, "sort code and account")

    def _iban(self, one: Seen, found: re.Match[str], keyed: bool) -> Finding | None:
        raw = found.group()
        compact = _JOINTS.sub("", raw).upper()
        length = _LENGTHS.get(compact[:2])
        if length is None or len(compact) < length:
            return None
        compact = compact[:length]
        valid = iban.is_valid(compact, check_country=False)
        if not valid and not keyed:
            return None
        taken = seen = 0
        for char in raw:
            taken += 1
            seen += char.isalnum()
            if seen == length:
                break
        return part(
            one,
            found.start(),
            found.start() + taken,
            "user.financial.bank_account.iban",
            0.99 if valid else 0.8,
            self.name,
            "modulus 97" if valid else "key",
            normalised=compact,
        )


_may_number = by_words(_NUMBERED | _SORT_KEYS, within=[_PARTS], empty=True)


def _is_account(one: Seen) -> bool:
    """Whether the value is an account's number, a sort code or a part of one, by its key and the keys around it."""
    text = one.text.strip()
    if len(text) > 36:
        return False
    digits = sum(char.isdigit() for char in text)
    if digits < 2 or _MASKED.search(text) or one.about is Subject.THING:
        return False
    words = set(one.words)
    if words & _NOT:
        return False
    above = one.field.keys[-2] if len(one.field.keys) > 1 else ""
    if words <= _PARTS and _ACCOUNT_CATEGORY in hints.of_key(above) and text.replace(" ", "").isalnum():
        return True
    if one.hinted(_ACCOUNT_CATEGORY):
        if "sort" in words:
            return _SORT.match(text) is not None
        if one.words == ("acct",) and digits > 8 and not text.isalnum() and not _beside_bank(one):
            return False
        return digits >= 5 and _ACCOUNT.match(text) is not None
    if not (words & _NUMBERED or words & _SORT_KEYS) or digits < 6 or not _ACCOUNT.match(text):
        return False
    if words & _SORT_KEYS:
        return _SORT.match(text) is not None
    if not _BANKISH.isdisjoint(key_words(above)):
        return True
    return _beside_bank(one) or (bool(words & {"account", "compte"}) and digits >= 8 and text.isdigit())


def _beside_bank(one: Seen) -> bool:
    """Whether a sibling is a sort code, a routing number or a bank's own code."""
    for other in one.siblings:
        if other is one:
            continue
        if not _BANKISH.isdisjoint(other.words):
            return True
        if not _SORT_KEYS.isdisjoint(other.words) and _SORT.match(other.text.strip()):
            return True
    return False


def _rib_is_valid(text: str) -> bool:
    compact = re.sub(r"[ -]", "", text).upper().translate(_RIB_LETTERS)
    return len(compact) == 23 and compact.isdigit() and int(compact) % 97 == 0 and int(compact) > 0


DETECTOR = Bank()
