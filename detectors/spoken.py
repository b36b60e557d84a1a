"""Numbers that people call by their name before they say them: "my NI number is …", "permis n° …", "rego …"."""

import re
import tomllib
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.document_shapes import (
    is_account,
    is_card_code,
    is_document,
    is_known_plate,
    is_licence,
    is_passport,
    is_plate,
    is_vin,
)
from douane.detectors.findings import part
from douane.detectors.scene import Scene
from douane.detectors.subject import Subject
from douane.detectors.words import Token, fold, tokens, word_set

_GOVERNMENT = "user.government_id"
_PSEUDO = "user.unique_id.pseudonymous"


class _Kind(NamedTuple):
    """What a number of a kind is, how far behind its name it may stand (in words), and how sure the name makes it."""

    category: str
    fits: Callable[[str], bool]
    reach: int
    score: float


class _Cue(NamedTuple):
    words: tuple[str, ...]
    kind: str
    weak: bool


def _digits(text: str) -> int:
    return sum(char.isdigit() for char in text)


def _is_national(code: str) -> bool:
    return is_card_code(code) or (is_document(code) and 6 <= len(code) <= 18 and _digits(code) >= 5)


def _is_tax(code: str) -> bool:
    return is_document(code) and 8 <= len(code) <= 16 and _digits(code) >= 7


def _is_permit(code: str) -> bool:
    return 7 <= len(code) <= 13 and _digits(code) >= 3


def _is_health(code: str) -> bool:
    return 8 <= len(code) <= 15 and _digits(code) >= 4


def _is_card(code: str) -> bool:
    return code.isdigit() and 13 <= len(code) <= 19


def _is_code(code: str) -> bool:
    return code.isdigit() and 3 <= len(code) <= 4


def _is_device(code: str) -> bool:
    return 11 <= len(code) <= 64 and _digits(code) >= 4


def _is_reference(code: str) -> bool:
    return 4 <= len(code) <= 22 and _digits(code) >= 3


_KINDS = {
    "passport": _Kind(f"{_GOVERNMENT}.passport_number", is_passport, 5, 0.85),
    "licence": _Kind(f"{_GOVERNMENT}.drivers_license_number", is_licence, 5, 0.85),
    "plate": _Kind(f"{_GOVERNMENT}.vehicle_registration", is_plate, 5, 0.85),
    "vehicle": _Kind(f"{_GOVERNMENT}.vehicle_registration", is_known_plate, 6, 0.8),
    "vin": _Kind(f"{_GOVERNMENT}.vehicle_registration", is_vin, 4, 0.85),
    "national": _Kind(f"{_GOVERNMENT}.national_identification_number", _is_national, 5, 0.85),
    "tax": _Kind(f"{_GOVERNMENT}.tax_id", _is_tax, 5, 0.85),
    "immigration": _Kind(f"{_GOVERNMENT}.immigration", _is_permit, 4, 0.85),
    "health": _Kind("user.health_and_medical.insurance_beneficiary_id", _is_health, 4, 0.85),
    "bank": _Kind("user.financial.bank_account", is_account, 4, 0.8),
    "card": _Kind("user.financial.credit_card", _is_card, 4, 0.85),
    "code": _Kind("user.financial.credit_card.security_code", _is_code, 3, 0.85),
    "device": _Kind("user.device.device_id", _is_device, 4, 0.85),
    "person": _Kind(_PSEUDO, _is_reference, 3, 0.8),
}
_NAMING = word_set("n no nr num numero number ref id is est it c cest nummer")
"""Words between a name and its number that say that a number follows."""
_STOP = word_set(
    """
    expires expiry expiring expire valid valide until jusqu since depuis for pour order commande invoice facture and
    et ticket flight vol room chambre euros eur usd gbp ans years jours days mois months amount montant date issued
    delivre renewed ne born before avant after apres at a starting from points balance solde rendu worth cost coute at
    """
)
_UNITS = word_set(
    """
    euros euro eur usd gbp pounds dollars km miles points pts ans years year jours days day mois months month semaines
    weeks week h hours heures min minutes kg g ml l cl mb gb go mo ko people personnes pages places seats doors portes
    th st nd rd eme er times fois am pm percent pourcent inch inches cm mm m
    """
)
_SEPARATOR = frozenset({" ", "-", ".", "/", "\u00a0", "\u202f", ""})
_SENTENCE = re.compile(r"[!?;|]|\.\s+[A-ZÀ-Ý]|\n\s*\n")
_COLON = re.compile(r"^\s?(?:\([^()\n]{1,24}\)\s?)?[:=#'\"]|^\s?(?:n\s?[°º]|#)")
_DATE = re.compile(r"^(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2}.*)$")
_SORT_CODE = re.compile(r"^\d{2}-\d{2}-\d{2}$")
_MOST_GROUPS = 8


class Spoken:
    """A number counts by the name said right before it and its likely form, checked or not. Dates and sums do not."""

    name = "spoken-number"
    title = "Numbers called by name in text"
    MATCHES = (
        Match({"note": "passport no. 533401372, exp 2031"}, "user.government_id.passport_number", text="533401372"),
        Match({"message": "mon passeport c'est le 19AB34567 stp"}, "user.government_id.passport_number", "19AB34567"),
        Match(
            {"text": "my driving licence is MORGA753116SM9IJ"},
            "user.government_id.drivers_license_number",
            "MORGA753116SM9IJ",
        ),
        Match(
            {"note": "Permis de conduire n° 130675401998"}, "user.government_id.drivers_license_number", "130675401998"
        ),
        Match({"q": "parking fine, rego 1AB 2CD"}, "user.government_id.vehicle_registration", text="1AB 2CD"),
        Match({"q": "my van AB12 CDE was towed"}, "user.government_id.vehicle_registration", text="AB12 CDE"),
        Match(
            {"note": "Véhicule : Peugeot 208, FX-482-QT, diesel"},
            "user.government_id.vehicle_registration",
            "FX-482-QT",
        ),
        Match({"text": "my NI number is QQ 12 34 56 C thanks"}, _KINDS["national"].category, text="QQ 12 34 56 C"),
        Match({"text": "numéro de sécu 2 84 05 88 423 157 99"}, _KINDS["national"].category, "2 84 05 88 423 157 99"),
        Match({"text": "mon numéro fiscal : 30 12 345 678 901"}, "user.government_id.tax_id", "30 12 345 678 901"),
        Match({"text": "green card number LIN2190054321"}, "user.government_id.immigration", text="LIN2190054321"),
        Match({"text": "pay into sort code 20-11-43 account 73195520"}, "user.financial.bank_account", text="73195520"),
        Match({"text": "ring them, policy number HX-2231-887"}, _PSEUDO, text="HX-2231-887"),
        Match({"text": "Sincerely,\nA. Bello\nStaff number HH-0412"}, _PSEUDO, text="HH-0412"),
        Match({"text": "ma carte de fidélité n°2097 3344 118"}, _PSEUDO, text="2097 3344 118"),
        Match({"text": "numéro d'adhérent 0087412 merci"}, _PSEUDO, text="0087412"),
        Match(
            {"text": "IDFA 6D92078A-8246-4BA4-AE5B-76104861E7DC"},
            "user.device.device_id",
            "6D92078A-8246-4BA4-AE5B-76104861E7DC",
        ),
    )
    MISSES = (
        Miss({"text": "passport expires 2031-06-02"}, "a date"),
        Miss({"text": "passport renewal costs £88.50"}, "a price"),
        Miss({"text": "the policy pays up to 25000 euros"}, "a sum"),
        Miss({"text": "le contrat dure 12 mois"}, "a duration"),
        Miss({"text": "contrat signé le 12/03/2024"}, "a date"),
        Miss({"text": "loyalty balance 1200 points"}, "points"),
        Miss({"text": "permis en 20 heures, forfait 1190 euros"}, "a driving school"),
        Miss({"text": "my car needs 4 new 18 inch wheels"}, "a size"),
        Miss({"text": "membership costs 25 a month"}, "a price"),
        Miss({"text": "rent a car for 3 days from 12 May"}, "days"),
        Miss({"text": "order number 55120-22"}, "an order"),
        Miss({"text": "SSN: XXX-XX-4417"}, "masked"),
        Miss({"text": "compte rendu du 17/11/2026"}, "a report"),
        Miss({"text": "employee of the month 2024"}, "a year"),
        Miss({"text": "la voiture fait 120 ch, Clio 4"}, "a model"),
        Miss({"text": "police 17, pompiers 18"}, "emergency services"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        index, firsts = _index(), _first_words()
        for one in scene.with_digits:
            if not one.prose or one.field.is_key:
                continue
            if firsts.isdisjoint(one.vocabulary) or (not scene.to_app and one.about is Subject.PROFESSIONAL):
                continue
            words = one.tokens
            starts = [at for at, token in enumerate(words) if token[0] in index]
            done = -1
            for at in starts:
                if at <= done:
                    continue
                for cue in index[words[at].word]:
                    size = len(cue.words)
                    if size > 1 and tuple(token.word for token in words[at : at + size]) != cue.words:
                        continue
                    found = _number(one.text, words, at + size, cue)
                    if found is not None:
                        start, end, done = found
                        done = max(done, at + size - 1)
                        kind = _KINDS[cue.kind]
                        yield part(one, start, end, kind.category, kind.score, self.name, "the name before it")
                        break


@cache
def _first_words() -> frozenset[str]:
    return frozenset(_index())


@cache
def _index() -> dict[str, tuple[_Cue, ...]]:
    """The names by their first word, longest first."""
    data = tomllib.loads((files("douane.detectors") / "data" / "spoken.toml").read_text(encoding="utf-8"))
    found: dict[str, set[_Cue]] = {}
    for kind, text in data.items():
        for phrase in text.replace("\n", " ").split(","):
            words = tuple(token.word for token in tokens(fold(phrase)))
            if words:
                found.setdefault(words[0], set()).add(_Cue(words, kind, phrase.strip().startswith("~")))
    return {first: tuple(sorted(cues, key=lambda cue: (-len(cue.words), cue))) for first, cues in found.items()}


def _number(text: str, words: tuple[Token, ...], at: int, cue: _Cue) -> tuple[int, int, int] | None:
    """Where the number behind a name stands, and its last word; `at` is the word behind the name."""
    kind = _KINDS[cue.kind]
    name_end = words[at - 1].end
    named = not cue.weak
    for first in range(at, min(at + kind.reach + 1, len(words))):
        token = words[first]
        if _SENTENCE.search(text, name_end, token.start):
            return None
        if not named and (token.word in _NAMING or _COLON.match(text, name_end, min(len(text), name_end + 30))):
            named = True
        if _begins(text, words, first):
            found = _run(text, words, first, cue.kind) if named else None
            if found is not None or cue.kind != "vehicle":
                return found
        if token.word in _STOP and not (token.word == "a" and cue.kind in {"vehicle", "immigration"}):
            return None
    return None


def _begins(text: str, words: tuple[Token, ...], at: int) -> bool:
    """Whether a number begins with a word: one with a figure, or capitals joined to one."""
    token = words[at]
    raw = text[token.start : token.end]
    if any(char.isdigit() for char in raw):
        return True
    if len(raw) > 4 or at + 1 >= len(words):
        return False
    after = words[at + 1]
    gap = text[token.end : after.start]
    joined = gap in {"-", "."} or (gap == " " and raw.isupper())
    return joined and any(char.isdigit() for char in after.word)


def _run(text: str, words: tuple[Token, ...], first: int, kind: str) -> tuple[int, int, int] | None:
    """The longest run of groups from a word on that fits the kind."""
    fits = _KINDS[kind].fits
    last = first
    while last + 1 < len(words) and last - first < _MOST_GROUPS:
        gap = text[words[last].end : words[last + 1].start]
        if gap not in _SEPARATOR:
            break
        raw = text[words[last + 1].start : words[last + 1].end]
        if _continues(raw, gap):
            last += 1
        else:
            break
    start = words[first].start
    if start and text[start - 1] in "$€£*•.,":
        return None
    while last >= first:
        end = words[last].end
        raw = text[start:end]
        code = re.sub(r"[\W_]", "", raw).upper()
        dated = _DATE.match(raw) and not (kind == "bank" and _SORT_CODE.match(raw))
        if not dated and "XXX" not in code and fits(code) and not _is_sum(text, end, words, last):
            return start, end, last
        last -= 1
    if text[start : words[first].end].isalpha() and first + 1 < len(words):
        return _run(text, words, first + 1, kind)  # a country or a series before the number proper
    return None


def _continues(raw: str, gap: str) -> bool:
    """Whether a word goes on with the number before it."""
    if raw.isdigit() or (gap == "-" and len(raw) <= 12) or (gap == " " and raw.isupper() and len(raw) <= 4):
        return True
    return any(char.isdigit() for char in raw) and (gap != " " or not raw.islower() or len(raw) < 4)


def _is_sum(text: str, end: int, words: tuple[Token, ...], last: int) -> bool:
    """Whether what ends there is a sum or a measure."""
    after = text[end : end + 2]
    if after[:1] in {"€", "$", "£", "%", "*", "•", "@"} or after in {" €", " $", " £", " %"}:
        return True
    if after[:1] in {".", ","} and after[1:].isdigit():
        return True
    return last + 1 < len(words) and words[last + 1].word in _UNITS and words[last + 1].start - end <= 1


DETECTOR = Spoken()
