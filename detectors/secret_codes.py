"""Codes that words introduce: one-time codes, and those of doors."""

import re
from collections.abc import Callable, Iterator

from douane.detectors.issuers import OTP, PASSWORD, Hit

_OF_CODE = (
    r"(?:otp|one[- ]time (?:code|password|passcode|pin)|(?:verification|confirmation|authentication|security|"
    r"sign[- ]?in|login|log[- ]in|access|auth|2fa|mfa|sms|passcode|reset) (?:code|pin)|passcode|2fa|mfa|totp|"
    r"code (?:de |d['’])?(?:v[ée]rification|validation|confirmation|s[ée]curit[ée]|connexion|authentification|acc[èe]s|"
    r"sms|otp|pin|secret|re[çc]u(?: par (?:sms|mail|e-?mail))?|temporaire|(?:à )?usage unique|double authentification)|"
    r"code sms|pin)"
)
_WHOSE = (
    r"(?:your|my|the|votre|mon|ton|le) (?:(?!order|booking|reservation|client|customer|promo|discount|postal|zip|"
    r"product|tracking|member|voucher|gift|referral|country|area|dress|source|error|status|store|house|bar|"
    r"qr)[\w.]{2,20} )?code"
)
_IS = r"(?:is|est|:|=|c['’]est)"
_FILLER = (
    r"(?:[ \t]{0,3}(?:code\b|is\b|est\b|c['’]est\b|was\b|:|=|->|→|#|n°|-|\(|\"|'|«|,|number\b|"
    r"(?:for|pour) [\w'’-]{1,20}|(?:re[çc]u )?par (?:sms|mail|e-?mail)|by sms)){0,4}"
    r"(?:(?: [\w'’.-]{1,20}){0,3} (?:is|est)(?: le)?\b:?)?[ \t«\"'(]{0,3}"
)
_FIGURES = r"(?P<s>\d{3}[ -]\d{3}|\d\d \d\d \d\d|\d{4,8}|[A-Z]-\d{6})"
_DIGITS = _FIGURES + r"(?![\d%€$]|[-/:.,]\d| ?(?:characters|digits|chiffres|caract|euros?|€))"
_CODE = re.compile(
    rf"(?i)(?<![\w-])(?:{_OF_CODE}\b{_FILLER}|{_WHOSE} ?{_IS}[ \t«\"'(]{{0,3}}(?:le )?)(?<![\d.,/-]){_DIGITS}"
)
_FIGURED = re.compile(r"\d[\dA-Za-z ]{0,3}\d")
_YEAR = re.compile(r"(?:19|20)\d\d")
_SIGN = re.compile(r"(?i)(?:[:=→#]|->|\b(?:is|est|le)|c['’]est)[ \t«\"'(]{0,3}\Z")
_CODE_AFTER = re.compile(
    rf"(?i)(?<![\w.,/:-]){_FIGURES}[ \t]{{1,3}}(?:is|est|as|comme|:|=)[ \t]{{1,3}}"
    rf"(?:the |your |my |an? |votre |mon |le |ton )?"
    rf"(?:(?:[\w.]{{1,20}} ){{0,2}}{_OF_CODE}\b|code\b(?! (?:postal|promo|client)))"
)
_ENTER = re.compile(
    rf"(?i)\b(?:enter|use|type|saisis(?:sez)?|entre[zr]?|utilise[zr]?|tape[zr]?)(?: the| le)?(?: code)? {_FIGURES} "
    r"(?:to |as |pour |afin |on (?:the |our )?|sur (?:la |notre )?(?:page |écran )?(?:de )?)"
    r"(?:sign|log|verif|confirm|authenticate|complete|v[ée]rifi|connexion|vous connecter|valider|te connecter)"
)
_BARE = re.compile(rf"(?i)(?<![\w-])code\b(?P<b>(?:[ ,][\w'’]{{1,16}}){{0,5}})(?: ?:)? {{1,2}}{_DIGITS}")
_OF_ONCE = re.compile(
    r"(?i)\b(?:valid (?:for|until)|expires? (?:in|at)|valable|minutes|(?:do not|don['’]t|never) share|"
    r"ne (?:le |la )?(?:communiquez|partagez)|(?:by|via|per) (?:sms|text)|par (?:sms|texto|mail)|sms|texto|"
    r"sign[- ]?in|log[- ]?in|v[ée]rif\w+)\b"
)
_OF_SHOP = re.compile(
    r"(?i)checkout|discount|promo|réduction|panier|coupon|voucher|postal|\bzip\b|\berror|erreur|\bstatus|barre|booking|"
    r"r[ée]servation|\border\b|commande|client|customer|article|%|\boff\b|€|\$"
)


def one_time_code(text: str) -> Iterator[Hit]:
    """Four to eight figures that words call a code."""
    if not _FIGURED.search(text):
        return
    for pattern in (_CODE, _CODE_AFTER, _ENTER):
        for found in pattern.finditer(text):
            near = text[max(0, found.start() - 40) : found.end() + 40]
            # Shops and hotels confirm orders and stays with a code as well.
            if "onfirm" in found.group() and _OF_SHOP.search(near):
                continue
            if not _is_year(text, found):
                yield Hit(*found.span("s"), OTP, 0.85, "words before it")
    around: bool | None = None
    for found in _BARE.finditer(text):
        if around is None:
            around = _OF_ONCE.search(text) is not None
        if not around:
            return
        near = text[max(0, found.start() - 40) : found.end() + 40]
        if not _OF_SHOP.search(near) and not _is_year(text, found):
            yield Hit(*found.span("s"), OTP, 0.8, "words around it")


def _is_year(text: str, found: re.Match[str]) -> bool:
    """Whether four figures that no sign introduces may be a year."""
    start = found.start("s")
    return _YEAR.fullmatch(found["s"]) is not None and not _SIGN.search(text[max(0, start - 10) : start])


_CLOSED = (
    r"portes?|entr[ée]e|immeuble|portail|alarme|coffre(?:-fort)?|garage|cave|hall|b[âa]timent|local|parking|r[ée]sidence|"
    r"bo[îi]te [àa] cl[ée]f?s|cadenas|casier|consigne|grille|sas|parties communes"
)
_DOOR = re.compile(
    r"(?i)(?<![\w-])(?:digicode|interphone|keypad|lock ?box|key ?safe|key ?box|bo[îi]te [àa] cl[ée]f?s|puk|"
    rf"codes? (?:(?:d['’]acc[èe]s )?(?:de la |de l['’]|du |de |d['’]|la )?(?:{_CLOSED}))|(?:{_CLOSED}),? code|"
    r"(?:front |back |side |main )?(?:door|gate|alarm|lockbox|lock box|entry|key ?safe|key ?box|keypad|building|garage|"
    r"padlock|(?:bike )?lock|safe|locker|unlock|shed|barrier|lobby|panic) (?:code|pin|combination|combo)s?"
    r"|codes? (?:for|to|of) (?:the |our |my )?(?:front |back |side |main )?(?:door|gate|building|garage|lobby|"
    r"lock ?box|shed|safe|alarm|get in|open)|codes? pour (?:entrer|ouvrir))"
    r"(?:(?: ?(?:is|are|est|:|=|c['’]est|,|code\b|n°|le\b)){0,3}|(?: [\w'’]{2,15}){1,2},? (?:code|is|est) ?:?)[ (]{0,2}"
    r"(?P<s>(?=[A-Z*#]{0,3}\d)[A-Z0-9*#]{4,9})(?![\w-])"
)


_OPENS = re.compile(
    r"(?i)(?<![\w.,/:#-])(?P<s>[A-Z*#]?\d{4,6}[A-Z*#]?) (?:(?:on|into|sur)(?: the| le| la| our| my)? "
    r"(?:key ?pad|lock ?box|key ?safe|key ?box|digicode|interphone|padlock|bo[îi]te [àa] cl[ée]s|clavier|cadenas)"
    r"|(?:to open|opens?|ouvre)(?: the| le| la| our| my)? "
    r"(?:(?:front |side |back )?(?:door|gate)|garage|portail|porte))\b"
)


_GETS_IN = re.compile(
    r"(?i)\bcodes? (?P<s>[A-Z*#]?\d{4,6}[A-Z*#]?|\d{2}[A-Z]\d{2}) (?:to (?:get in|open)|pour (?:entrer|ouvrir))\b"
    r"(?=[ \t]{0,3}(?:[.,;:!?)\n\r]|$| (?:and|then|et|puis|please|thanks|merci)\b)"
    rf"|(?: [\w'’]{{1,12}}){{0,3}}[ '’](?:{_CLOSED}|doors?|gates?|building|lobby|lock ?box|shed|padlock|locker|"
    r"barrier)\b)"
)
"""To open a door, or nothing said: accounts and programs are opened with a code as well."""
_OTHERS = re.compile(
    r"(?i)(?:promo\w*|discount|voucher|coupon|gift|referral|invit\w+|error|exit|return|status|qr|bar|postal|post|zip|"
    r"country|area|dress|source|product|client|customer|order|booking|tracking|highway|civil|penal|tax)[ -]\Z"
)
_OF_BUILDING = re.compile(r"(?i)codes? of\b")
_BUILDING_CODE = re.compile(r"(?i)building codes?\b")


def door_code(text: str) -> Iterator[Hit]:
    """What opens a door, a gate or a safe."""
    if not _FIGURED.search(text):
        return
    for found in _OPENS.finditer(text):
        yield Hit(*found.span("s"), PASSWORD, 0.8, "words behind it")
    for found in _GETS_IN.finditer(text):
        if not _is_others(text, found.start()):
            yield Hit(*found.span("s"), PASSWORD, 0.8, "words behind it")
    for found in _DOOR.finditer(text):
        if sum(map(str.isdigit, found["s"])) >= 3 and not _is_rule(text, found):
            yield Hit(*found.span("s"), PASSWORD, 0.85, "words before it")


def _is_others(text: str, start: int) -> bool:
    """Whether the word before "code" makes it a shop's, a program's or a place's."""
    return _OTHERS.search(text[max(0, start - 20) : start]) is not None


def _is_rule(text: str, found: re.Match[str]) -> bool:
    """Whether what looks like a door's code is another code, or a rule for buildings and its number."""
    if found.group()[:4].lower() == "code" and _is_others(text, found.start()):
        return True
    if _OF_BUILDING.match(text, found.start()):
        return found["s"].isdigit() and not _SIGN.search(text[max(0, found.start("s") - 10) : found.start("s")])
    return _BUILDING_CODE.match(text, found.start()) is not None and _is_year(text, found)


RECOGNIZERS: dict[str, tuple[tuple[str, ...], Callable[[str], Iterator[Hit]]]] = {
    "code": (
        ("code", "otp", "2fa", "mfa", "pin", "enter ", "use ", "type ", "saisi", "entre", "utilise", "tape"),
        one_time_code,
    ),
    "door": (
        ("digicode", "interphone", "porte", "portail", "entr", "immeuble", "alarm", "coffre", "door", "gate", "lock",
         "safe", "keypad", "building", "garage", "key box", "keybox", "boîte à cl", "boite à cl", "boite a cl", "puk",
         "cave", "hall", "timent", "code local", "parking", "résidence", "residence", "cadenas", "casier", "consigne",
         "grille", "shed", "barrier", "lobby", "communes", "get in", "to open", "ouvrir"),
        door_code,
    ),
}  # fmt: skip
"""What a text must hold for a recognizer to be tried, and the recognizer."""
