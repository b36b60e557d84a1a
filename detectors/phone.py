"""Phone numbers: whole values under a phone's key, and numbers in the shapes in which people write them."""

import re
from collections.abc import Iterable

import phonenumbers

from douane.audit.context import Context
from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject
from douane.detectors.words import word_set

_EXT = r"(?:\s?(?:x|ext\.?|poste)\s?\d{1,6})?"
_SHAPES = re.compile(
    r"(?<![\w.,/#:=+-])(?:"
    r"(?P<nanp>(?:(?:00|\+)?1[ .-])?(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[.-]\d{4})"
    r"|(?P<intl>(?:\+|00)[1-9](?:[ .()-]{0,3}\d){6,16})"
    r"|(?P<fr>0[1-9](?:[ .-]\d{2}){4})"
    r"|(?P<uk>\(0\d{2,4}\) ?\d{3,4} ?\d{3,4}|0\d{2,4} \d{3,4} ?\d{3,4})"
    rf"){_EXT}(?![\w/-]|[.,:]\d)"
)
_BARE = re.compile(r"(?<![\w.,/#:=+-])0[1-9]\d{8}(?![\w/-]|[.,:]\d)")
_CUE = re.compile(
    r"(?i)\b(?:t[ée]l(?:[ée]phone|ephone)?|phone|mobile|portable|cell|joindre|joignable|appele[rz]?|"
    r"rappele[rz]?|call|ring|reach|text|sms|whatsapp|num[ée]ro|number|fax|gsm|contact)\b"
)
_NOT = re.compile(
    r"(?i)(?:r[ée]f(?:[ée]rence|erence|\.)?|order|commande|ticket|invoice|facture|dossier|colis|tracking|"
    r"suivi|sku|isbn|n° de s[ée]rie|serial|siret|siren|version|build)\W{0,4}\w{0,3}\W{0,3}$"
)
_NOT_A_NUMBER = word_set("color colour couleur model modele type brand marque verified country prefix os plan carrier")
_PUBLIC = frozenset({Subject.PLACE, Subject.THING, Subject.PROFESSIONAL})
_LETTERS = re.compile(r"[^\W\d_]{2,}")


class Phone:
    """`phonenumbers` judges each candidate; one that is merely possible counts when its shape or key says phone."""

    name = "phone"
    title = "Phone numbers"
    MATCHES = (
        Match({"guest_phone": "5592679554"}, "user.contact.phone_number"),
        Match({"telephone": "0155286406"}, "user.contact.phone_number"),
        Match({"value1": "+33 1 99 00 12 34"}, "user.contact.phone_number"),
        Match(
            {"note": "ring back on 001-676-555-3445x792 please"}, "user.contact.phone_number", "001-676-555-3445x792"
        ),
        Match({"message": "joignable au 01 99 00 12 34"}, "user.contact.phone_number", text="01 99 00 12 34"),
        Match({"message": "mon tel 0199001234"}, "user.contact.phone_number", text="0199001234"),
        Match({"comment": "(0118) 496 0420"}, "user.contact.phone_number"),
        Match({"num": 603553380}, "user.contact.phone_number"),
    )
    MISSES = (
        Miss({"message_ts": "1694601367.303718"}, "a Unix time with a fraction"),
        Miss({"created": 1694601367}, "a Unix time"),
        Miss({"deal": "0683411080"}, "ten digits that no key or word calls a phone"),
        Miss({"order": "555-0100-22"}, "an order number"),
        Miss({"note": "référence 06 12 0099 8811"}, "a reference, too many digits"),
        Miss({"date": "2025-10-09"}, "a date"),
        Miss({"range": "2024-2025-2026-2027"}, "years"),
        Miss({"telephone_hotel": "+33 1 99 00 12 34"}, "a hotel's"),
        Miss({"store_phone": "+1 800 555 0100"}, "a shop's"),
        Miss({"upc": "801387592712"}, "a product code"),
        Miss({"build": "1.10.0.3"}, "a version"),
        Miss({"ip": "41.59.71.19"}, "an IP address"),
        Miss({"uuid": "0800-5555-0199-0000-ad4a2b3c386a"}, "a part of an identifier"),
        Miss({"results": [{"name": "Chez Ada", "price": 12, "phone": "+33 1 99 00 12 34"}]}, "a restaurant's"),
        Miss({"phone": "none"}, "no number"),
        Miss({"amount": "1 234 567 890"}, "an amount"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.with_digits:
            if isinstance(one.field.value, bool) or len(one.text) < 6:
                continue
            if one.hinted("user.contact.phone_number"):
                yield from self._keyed(one, scene.context)
            elif one.is_text or one.field.is_key:
                if one.about in _PUBLIC and not one.prose:
                    continue
                yield from self._written(one, scene.context)
            elif one.words == ("num",) or one.words == ("number",):
                yield from self._bare_number(one, scene.context)

    def _keyed(self, one: Seen, context: Context) -> Iterable[Finding]:
        if one.about in _PUBLIC or not _NOT_A_NUMBER.isdisjoint(one.words):
            return
        text = one.text.strip()
        digits = sum(char.isdigit() for char in text)
        if len(text) > 40 or _LETTERS.search(text.replace("ext", "").replace("poste", "")):
            yield from self._written(one, context)
            return
        if not 6 <= digits <= 20 or "@" in text:
            return
        e164 = _e164(text, context)
        score = 0.97 if e164 else 0.85
        yield whole(one, "user.contact.phone_number", score, self.name, "key", normalised=e164)

    def _written(self, one: Seen, context: Context) -> Iterable[Finding]:
        text = one.text
        for found in _SHAPES.finditer(text):
            shape = found.lastgroup
            if _NOT.search(text[max(0, found.start() - 24) : found.start()]):
                continue
            digits = sum(char.isdigit() for char in found.group())
            if not 8 <= digits <= 20:
                continue
            number = found.group()
            e164 = _e164(number, context)
            whole_value = len(text.strip()) == len(number.strip())
            if not e164 and shape == "uk" and not (whole_value or _CUE.search(text)):
                continue
            if (
                not e164
                and shape == "intl"
                and not number.startswith("+")
                and not _CUE.search(text)
                and not whole_value
            ):
                continue
            yield part(
                one,
                found.start(),
                found.end(),
                "user.contact.phone_number",
                0.95 if e164 else 0.75,
                self.name,
                "shape",
                normalised=e164,
            )
        if one.prose and _CUE.search(text):
            for found in _BARE.finditer(text):
                before = text[max(0, found.start() - 40) : found.start()]
                if _CUE.search(before) and not _NOT.search(before[-24:]):
                    e164 = _e164(found.group(), context)
                    yield part(
                        one,
                        found.start(),
                        found.end(),
                        "user.contact.phone_number",
                        0.85,
                        self.name,
                        "word before it",
                        normalised=e164,
                    )

    def _bare_number(self, one: Seen, context: Context) -> Iterable[Finding]:
        text = one.text
        if not (text.isdigit() and 9 <= len(text) <= 12):
            return
        for region in _regions(context):
            e164 = _parse("0" + text if region in {"FR", "GB"} else text, region)
            if e164 and not 1_000_000_000 <= int(text) < 2_100_000_000:
                yield whole(one, "user.contact.phone_number", 0.55, self.name, "a number's key", normalised=e164)
                return


def _regions(context: Context) -> tuple[str, ...]:
    _, _, region = context.locale.replace("_", "-").partition("-")
    region = region.upper() if len(region) == 2 else ""
    first = region or ("FR" if context.locale.lower().startswith("fr") else "US")
    return tuple(dict.fromkeys((first, "FR", "US", "GB")))


def _e164(text: str, context: Context) -> str:
    """The number in E.164 form where some likely region makes it valid, else empty."""
    number = re.sub(r"(?i)\s?(?:x|ext\.?|poste)\s?\d{1,6}$", "", text.strip())
    if number.startswith(("+", "00")):
        return _parse("+" + number.lstrip("+0") if number.startswith("00") else number, None)
    for region in _regions(context):
        found = _parse(number, region)
        if found:
            return found
    return ""


def _parse(number: str, region: str | None) -> str:
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(parsed):
        return ""
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


DETECTOR = Phone()
