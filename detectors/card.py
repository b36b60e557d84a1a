"""Payment cards: numbers by length, issuer range and the Luhn digit (ISO/IEC 7812), security codes by key."""

import re
from collections.abc import Iterable

from stdnum import luhn

from douane.audit.finding import Finding
from douane.detectors import hints
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.scene import Scene, Seen

_DENSE = re.compile(r"\d(?:[ -]{0,3}\d){11}")
"""What every card's number has: twelve figures with little between them."""
_NUMBER = re.compile(r"(?<![\w.+-])\d(?:[ -]?\d){12,18}(?![\w-]|[.,]\d)")
_SECURITY_CODE = "user.financial.credit_card.security_code"
_CODE = re.compile(r"^\d{3,4}$")
_SPOKEN_CODE = re.compile(
    r"(?i)\b(?:cvv2?|cvc2?|cryptogramme|security code|code de s[ée]curit[ée])\b[^\d\n]{0,12}(\d{3,4})(?!\d)"
)
_CARD_WORD = re.compile(r"(?i)\b(?:card|carte|cb|visa|mastercard|amex|american express|maestro|d[ée]bit)\b")
_NAMED = frozenset(
    {"card", "cardnumber", "carte", "cb", "pan", "cc", "ccnumber", "creditcard", "debitcard", "numcarte"}
)
_ISSUERS = re.compile(
    r"^(?:4\d{12}(?:\d{3}(?:\d{3})?)?|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12,15}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}|"
    r"(?:5018|5020|5038|6304|6759|676[1-3])\d{8,15})$"
)


class Card:
    """A number that no word or key calls a card must pass issuer and Luhn, and stand under no key of an order."""

    name = "card"
    title = "Payment cards and their codes"
    MATCHES = (
        Match({"card_number": "4111 1111 1111 1111"}, "user.financial.credit_card"),
        Match({"text": "my card 5555555555554444 got declined"}, "user.financial.credit_card", text="5555555555554444"),
        Match({"payment": {"number": 378282246310005}}, "user.financial.credit_card"),
        Match({"numeroCarte": "4970 1012 3456 7890"}, "user.financial.credit_card"),
        Match({"crypto": "417"}, _SECURITY_CODE),
        Match({"cvv": "123"}, _SECURITY_CODE),
        Match({"note": "cvc: 987"}, _SECURITY_CODE, text="987"),
    )
    MISSES = (
        Miss({"order_number": "4111111111111111"}, "an order's number that happens to fit"),
        Miss({"transaction_ref": "4706324241541521"}, "a transaction's reference"),
        Miss(
            {"card_number": "4111 1111 1111 1112"},
            "the check digit is wrong",
            category="user.financial.credit_card.pan",
        ),
        Miss({"text": "1234567890123456"}, "no issuer begins so"),
        Miss({"timestamp_us": 1694601367303718}, "microseconds"),
        Miss({"ean": "4006381333931"}, "a product code that passes Luhn or not"),
        Miss({"card_brand": "visa"}, "a brand"),
        Miss({"card_color": "123"}, "no code"),
        Miss({"expiry": "12/27"}, "an expiry date alone names nobody"),
        Miss({"imei_hash": "4111111111111111aaaa"}, "a part of a longer word"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.with_digits:
            if isinstance(one.field.value, float | bool):
                continue
            if _SECURITY_CODE in one.hints and _CODE.match(one.text.strip()):
                yield whole(one, _SECURITY_CODE, 0.95, self.name, "key")
                continue
            if len(one.text) >= 13 and one.has_run and _DENSE.search(one.text):
                yield from self._numbers(one)
            if one.prose and _may_say_code(one.text):
                for found in _SPOKEN_CODE.finditer(one.text):
                    yield part(
                        one,
                        found.start(1),
                        found.end(1),
                        _SECURITY_CODE,
                        0.85,
                        self.name,
                        "word before it",
                    )

    def _numbers(self, one: Seen) -> Iterable[Finding]:
        keyed = "user.financial.credit_card" in one.hints
        if hints.THING in one.hints and not keyed:
            return
        for found in _NUMBER.finditer(one.text):
            digits = found.group().replace(" ", "").replace("-", "")
            if keyed and len(one.text) <= 26 and not luhn.is_valid(digits) and _NAMED.intersection(one.words):
                yield whole(one, "user.financial.credit_card", 0.8, self.name, "key")
                return
            known = _ISSUERS.match(digits) is not None
            if not luhn.is_valid(digits) or not (known or keyed):
                continue
            said = keyed or _CARD_WORD.search(one.text) is not None
            score = 0.99 if said else 0.9
            yield part(
                one,
                found.start(),
                found.end(),
                "user.financial.credit_card",
                score,
                self.name,
                "issuer and Luhn digit",
                normalised=digits,
            )


def _may_say_code(text: str) -> bool:
    """A quick look: false where no word for a card's code stands in the text."""
    lowered = text.lower()
    return "cv" in lowered or "cryptog" in lowered or "security code" in lowered or "code de s" in lowered


DETECTOR = Card()
