"""Official identifiers of a person: by key, and in text by shape and check digits (`python-stdnum`)."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from stdnum.be import nn as be_nn
from stdnum.ca import sin as ca_sin
from stdnum.ch import ssn as ch_ssn
from stdnum.de import idnr as de_idnr
from stdnum.es import dni as es_dni
from stdnum.es import nie as es_nie
from stdnum.fr import nif as fr_nif
from stdnum.fr import nir as fr_nir
from stdnum.gb import nhs as gb_nhs
from stdnum.it import codicefiscale as it_cf
from stdnum.nl import bsn as nl_bsn
from stdnum.pl import pesel as pl_pesel
from stdnum.pt import nif as pt_nif
from stdnum.se import personnummer as se_pnr
from stdnum.us import itin as us_itin
from stdnum.us import ssn as us_ssn

from douane.audit.finding import Finding
from douane.detectors import hints
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject
from douane.detectors.words import word_set

_NATIONAL = "user.government_id.national_identification_number"
_NIR = _NATIONAL + ".nir"
_TAX = "user.government_id.tax_id"
_HEALTH = "user.health_and_medical.insurance_beneficiary_id"


@dataclass(frozen=True, slots=True)
class _Shape:
    """An identifier as it is written. One of `words`, where there are any, must stand in the value or its key."""

    category: str
    pattern: re.Pattern[str]
    valid: Callable[[str], bool]
    score: float
    words: frozenset[str] = frozenset()


def _nino(text: str) -> bool:
    compact = text.replace(" ", "").upper()
    return (
        compact[0] not in "DFIQUV"
        and compact[1] not in "DFIQUVO"
        and compact[:2] not in {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}
    )


def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.+-]){pattern}(?![\w-]|[.,]\d)")


_SHAPES = (
    _Shape(
        _NIR,
        _shape(r"[12] ?\d{2} ?(?:0[1-9]|[1-9]\d) ?(?:\d{2}|2[ABab]) ?\d{3} ?\d{3} ?\d{2}"),
        lambda text: bool(fr_nir.is_valid(text.upper())),
        0.97,
    ),
    _Shape(_NATIONAL, _shape(r"\d{3}-\d{2}-\d{4}"), lambda text: bool(us_ssn.is_valid(text)), 0.85),
    _Shape(
        _NATIONAL,
        _shape(r"\d{9}"),
        lambda text: bool(us_ssn.is_valid(text)),
        0.8,
        word_set("ssn social"),
    ),
    _Shape(_TAX, _shape(r"9\d{2}-\d{2}-\d{4}"), lambda text: bool(us_itin.is_valid(text)), 0.85),
    _Shape(_NATIONAL, _shape(r"[A-Za-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-Da-d]"), _nino, 0.85),
    _Shape(_NATIONAL, _shape(r"\d{8}-?[A-Za-z]"), lambda text: bool(es_dni.is_valid(text)), 0.85),
    _Shape(_NATIONAL, _shape(r"[XYZxyz]-?\d{7}-?[A-Za-z]"), lambda text: bool(es_nie.is_valid(text)), 0.9),
    _Shape(
        _NATIONAL,
        _shape(r"[A-Za-z]{6}\d{2}[A-EHLMPR-Ta-ehlmpr-t]\d{2}[A-Za-z]\d{3}[A-Za-z]"),
        lambda text: bool(it_cf.is_valid(text)),
        0.97,
    ),
    _Shape(_NATIONAL, _shape(r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}"), lambda text: bool(be_nn.is_valid(text)), 0.95),
    _Shape(_NATIONAL, _shape(r"756\.?\d{4}\.?\d{4}\.?\d{2}"), lambda text: bool(ch_ssn.is_valid(text)), 0.95),
    _Shape(_NATIONAL, _shape(r"(?:\d{2})?\d{6}[-+]\d{4}"), lambda text: bool(se_pnr.is_valid(text)), 0.85),
    _Shape(_NATIONAL, _shape(r"\d{11}"), lambda text: bool(pl_pesel.is_valid(text)), 0.85, word_set("pesel")),
    _Shape(
        _NATIONAL, _shape(r"\d{9}"), lambda text: bool(nl_bsn.is_valid(text)), 0.8, word_set("bsn burgerservicenummer")
    ),
    _Shape(
        _NATIONAL,
        _shape(r"\d{3}[ -]?\d{3}[ -]?\d{3}"),
        lambda text: bool(ca_sin.is_valid(text)),
        0.8,
        word_set("sin insurance nas"),
    ),
    _Shape(
        _TAX,
        _shape(r"\d{2} ?\d{3} ?\d{3} ?\d{3}"),
        lambda text: bool(de_idnr.is_valid(text)),
        0.85,
        word_set("steuer steuerid steueridentifikationsnummer idnr tax tin"),
    ),
    _Shape(_TAX, _shape(r"\d{9}"), lambda text: bool(pt_nif.is_valid(text)), 0.8, word_set("nif contribuinte")),
    _Shape(
        _TAX,
        _shape(r"[0-3]\d ?\d{2} ?\d{3} ?\d{3} ?\d{3}"),
        lambda text: bool(fr_nif.is_valid(text)),
        0.9,
        word_set("fiscal fiscale spi impot impots tax"),
    ),
    _Shape(
        _HEALTH, _shape(r"\d{3}[ -]?\d{3}[ -]?\d{4}"), lambda text: bool(gb_nhs.is_valid(text)), 0.85, word_set("nhs")
    ),
)

_BY_KEY = (
    "user.government_id.passport_number",
    "user.government_id.drivers_license_number",
    "user.government_id.vehicle_registration",
    "user.government_id.immigration",
    _TAX,
    _HEALTH,
    "user.health_and_medical.record_id",
    _NATIONAL,
)
_CODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 ./_-]{3,29}$")
_SPOKEN = (
    (
        "user.government_id.vehicle_registration",
        word_set("plaque immatriculation immatricule immatriculee plate registration voiture vehicule car"),
        re.compile(
            r"(?i:\b(?:plaque|immatricul\w{1,8}|plate|registration|voiture|v[ée]hicule|car)\b)[^\n]{0,24}?"
            r"\b([A-Z]{2}[- ]?\d{3}[- ]?[A-Z]{2}|\d{1,4} ?[A-Z]{2,3} ?\d{2}|[A-Z]{2}\d{2} ?[A-Z]{3})\b"
        ),
    ),
    (
        "user.government_id.passport_number",
        word_set("passport passeport"),
        re.compile(r"(?i:\bpass(?:e?port))\b[^\d\n]{0,20}?\b([A-Z]{0,2}\d{2}[A-Z0-9]{5,7})\b"),
    ),
    (
        "user.government_id.drivers_license_number",
        word_set("permis license licence"),
        re.compile(
            r"(?i:\b(?:permis|driv(?:er'?s?|ing) licen[cs]e))\b[^\d\n]{0,20}?\b([A-Z0-9]{0,4}\d[A-Z0-9]{6,14})\b"
        ),
    ),
    (
        _NATIONAL,
        word_set("cni carte id identity secu securite"),
        re.compile(
            r"(?i:\b(?:cni|carte d.identit[ée]|id card|identity card|s[ée]cu(?:rit[ée] sociale)?))\b"
            r"[^\d\n]{0,20}?\b([A-Z0-9]{0,3}\d[A-Z0-9 ]{6,20}\d)\b"
        ),
    ),
    (
        _TAX,
        word_set("fiscal spi tax tin"),
        re.compile(r"(?i:\b(?:num[ée]ro fiscal|num[ée]ro spi|tax id|tin))\b[^\d\n]{0,16}?\b(\d[\d ]{7,17}\d)\b"),
    ),
)
_RUN = re.compile(r"\d(?:[ .+-]?[A-Za-z0-9]){6}")
"""What every shape has: a figure with six more letters or figures behind it."""


class NationalId:
    """Under its own key any code will do: the app that asks for a passport number got one, well formed or not.

    SIREN, SIRET and VAT numbers name companies; they are left alone.
    """

    name = "national-id"
    title = "Passports, social security, tax, licence and plate numbers"
    MATCHES = (
        Match({"numero_secu": "281053339599526"}, _NIR),
        Match({"text": "NIR 2 69 05 49 588 157 80"}, _NIR, text="2 69 05 49 588 157 80"),
        Match({"social_security_number": "809-85-3342"}, _NATIONAL),
        Match({"note": "my ssn is 536-90-4399"}, _NATIONAL, text="536-90-4399"),
        Match({"nino": "AB 12 34 56 C"}, _NATIONAL),
        Match({"id": {"dni": "54362315K"}}, _NATIONAL),
        Match({"remark": "CF RCCMNL83S18D969H"}, _NATIONAL, text="RCCMNL83S18D969H"),
        Match({"passport": "276483503"}, "user.government_id.passport_number"),
        Match({"numero_permis": "032664214764"}, "user.government_id.drivers_license_number"),
        Match({"plaque": "AC-236-XY"}, "user.government_id.vehicle_registration"),
        Match({"q": "ma plaque AB-341-CD, contravention"}, "user.government_id.vehicle_registration", text="AB-341-CD"),
        Match({"numero_fiscal": "0027206345911"}, _TAX),
    )
    MISSES = (
        Miss({"siret": "73282932000074"}, "a company"),
        Miss({"siren": "732829320"}, "a company"),
        Miss({"vat_number": "FR40303265045"}, "a company"),
        Miss({"order_number": "281053339599526"}, "an order", category=_TAX),
        Miss({"text": "281053339599527"}, "the check digits are wrong"),
        Miss({"sku": "AB-341-CD"}, "a product"),
        Miss({"passport_required": True}, "a question, not a number"),
        Miss({"passport_country": "France"}, "no number"),
        Miss({"license": "Apache-2.0"}, "a software licence"),
        Miss({"note": "item 000-12-3456"}, "no such social security number"),
        Miss({"timestamp": "20250101-1234"}, "a time"),
        Miss({"phone": "536904399"}, "a phone"),
        Miss({"note": "my car needs 4 new 18 inch wheels"}, "a size"),
        Miss({"ssn": "n/a"}, "no number"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.with_digits:
            if isinstance(one.field.value, float | bool) or one.about is Subject.PROFESSIONAL:
                continue
            category = next((known for known in _BY_KEY if known in one.hints), None)
            text = one.text.strip()
            keyed = category is not None and _CODE.match(text) is not None and sum(char.isdigit() for char in text) >= 3
            if category == "user.government_id.drivers_license_number" and sum(char.isdigit() for char in text) < 5:
                keyed = False
            if keyed and category is not None:
                found, normalised = _refine(category, text)
                yield whole(one, found, 0.95, self.name, "key", normalised=normalised)
                continue
            if len(text) < 8 or (not one.prose and (hints.THING in one.hints or len(text) > 24)):
                continue
            words = {token.word for token in one.tokens}.union(one.words)
            if _RUN.search(text):
                yield from self._shapes(one, words)
            if one.prose:
                for spoken, triggers, pattern in _SPOKEN:
                    if words.isdisjoint(triggers):
                        continue
                    for hit in pattern.finditer(one.text):
                        yield part(one, hit.start(1), hit.end(1), spoken, 0.8, self.name, "word before it")

    def _shapes(self, one: Seen, words: set[str]) -> Iterable[Finding]:
        for shape in _SHAPES:
            if shape.words and words.isdisjoint(shape.words):
                continue
            for hit in shape.pattern.finditer(one.text):
                if shape.valid(hit.group()):
                    yield part(
                        one,
                        hit.start(),
                        hit.end(),
                        shape.category,
                        shape.score,
                        self.name,
                        "check digits",
                        normalised=re.sub(r"[ .-]", "", hit.group()).upper(),
                    )


def _refine(category: str, text: str) -> tuple[str, str]:
    """The category of a keyed value, narrowed to the French NIR where the check digits say so, and its normal form."""
    compact = re.sub(r"[ ./-]", "", text).upper()
    if category == _NATIONAL and len(compact) in {13, 15} and compact[0] in "12378" and _NIR_SHAPE.match(compact):
        return _NIR, compact
    return category, compact


_NIR_SHAPE = re.compile(r"^[12378]\d{4}(?:\d{2}|2[AB])\d{6}(?:\d{2})?$")

DETECTOR = NationalId()
