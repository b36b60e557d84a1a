"""Bank accounts: IBAN (ISO 13616, modulus 97), French RIB, account and routing numbers by key."""

import re
from collections.abc import Iterable

from stdnum import iban

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.scene import Scene, Seen

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
_LENGTHS = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "CH": 21, "CY": 28, "CZ": 24, "DE": 22,
    "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27,
    "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24,
    "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "TN": 24, "TR": 26, "UA": 29, "VA": 22, "XK": 20,
}  # fmt: skip
_RIB = re.compile(r"(?<![A-Za-z0-9])\d{5}[ -]?\d{5}[ -]?[A-Z0-9]{11}[ -]?\d{2}(?![A-Za-z0-9])")
_ACCOUNT = re.compile(r"^[A-Z]{0,4}[\d][\dA-Z -]{4,33}$")
_RIB_LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")
_SPOKEN = re.compile(
    r"(?i)\b(?:account (?:number|no\.?)|compte(?: bancaire)?(?: n[o°]\.?)?|sort code|"
    r"routing(?: number)?)\b[^\d\n]{0,12}(\d[\d -]{4,18}\d)"
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
        Match({"note": "account number 12345678"}, "user.financial.bank_account", text="12345678"),
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
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.with_digits:
            if isinstance(one.field.value, float | bool):
                continue
            keyed = one.hinted("user.financial.bank_account") or _under_bank(one)
            done = False
            if len(one.text) >= 15:
                for found in _IBAN.finditer(one.text):
                    made = self._iban(one, found, keyed)
                    if made is not None:
                        done = True
                        yield made
                if not done:
                    for found in _RIB.finditer(one.text):
                        if _rib_is_valid(found.group()):
                            done = True
                            yield part(
                                one,
                                found.start(),
                                found.end(),
                                "user.financial.bank_account",
                                0.95,
                                self.name,
                                "RIB key",
                            )
            if done:
                continue
            text = one.text.strip()
            if keyed and _ACCOUNT.match(text) and sum(char.isdigit() for char in text) >= 5:
                yield whole(one, "user.financial.bank_account", 0.85, self.name, "key")
            elif one.prose:
                for found in _SPOKEN.finditer(one.text):
                    yield part(
                        one,
                        found.start(1),
                        found.end(1),
                        "user.financial.bank_account",
                        0.75,
                        self.name,
                        "words before it",
                    )

    def _iban(self, one: Seen, found: re.Match[str], keyed: bool) -> Finding | None:
        raw = found.group()
        compact = raw.replace(" ", "").upper()
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
            seen += char != " "
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


def _under_bank(one: Seen) -> bool:
    """Whether the key is `account` or `number` under a key that says bank."""
    above = one.field.keys[-2].lower() if len(one.field.keys) > 1 else ""
    return bool({"account", "compte", "number", "numero"}.intersection(one.words)) and any(
        word in above for word in ("bank", "banque", "bancaire", "iban", "payout")
    )


def _rib_is_valid(text: str) -> bool:
    compact = re.sub(r"[ -]", "", text).upper().translate(_RIB_LETTERS)
    return len(compact) == 23 and compact.isdigit() and int(compact) % 97 == 0 and int(compact) > 0


DETECTOR = Bank()
