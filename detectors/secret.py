"""Secrets: keys, tokens, passwords, connection strings, signed URLs; by issuer's shape, else by word and entropy."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache, partial

from douane.audit.finding import Finding
from douane.detectors import secret_codes, secret_names, secret_words
from douane.detectors.base import Match, Miss
from douane.detectors.chance import entropy, is_drawn, is_placeholder, is_uuid, is_wordy
from douane.detectors.findings import part, whole
from douane.detectors.hints import of_key
from douane.detectors.issuers import KEY, OTP, PASSWORD, PRIVATE, TOKEN, Hit, issued, rules
from douane.detectors.scene import Scene, Seen
from douane.detectors.screen import Screen
from douane.detectors.secret_names import STATUS
from douane.detectors.secret_words import NOT_SECRET, userinfo
from douane.detectors.words import key_words, word_set

_ANY = "system.secret"
_SHORTEST = 8
"""No shorter value holds both a secret and what shows that it is one."""
_HEXISH = re.compile(r"^[A-Za-z0-9+/=_.~-]+$")
_WORDLIKE = re.compile(r"^[A-Za-zÀ-ÿ'’-]+[.!?]?$")
_CODE = re.compile(
    r"^(?:[A-Za-z]{1,2}-)?\d[\d -]{2,10}\d[#*]?$|^(?=.*\d.*\d)[A-Z0-9]{4,12}$|"
    r"^(?=.*\d)[A-Za-z0-9]{4,6}-[A-Za-z0-9]{4,6}$"
)
_SENTENCE = word_set(
    """
    must should please was is are has your you the have not will can enter choose forgot le la les votre vous doit est
    veuillez pas une saisir choisir
    """
)
_OF_SENTENCES = _SENTENCE | word_set("required incorrect invalid expired changed reset obligatoire requis incorrecte")
_EXPRESSION = re.compile(
    r"^(?:(?:/[\w.-]+){2,}|[\w.]+\(.*\);?|[A-Za-z_]\w*\.[\w.]+[\[(].*|(?:process\.env|os\.environ|env|config|settings)[.[].*)$",
    re.DOTALL,
)
_BESIDE = 40
"""How many members of an object are looked at, so that long lists stay linear."""
_QUOTED = re.compile(r"^([\"'])([^\"']{4,256})\1[),;]{0,4}$")
_NONE: list[Hit] = []
_VALUES = frozenset({("value",), ("val",), ("valeur",)})
_NAMES = frozenset({("name",), ("key",), ("variable",), ("header",), ("nom",), ("env",)})
_OF_NETWORK = frozenset({("cle",), ("key",), ("code",), ("pass",), ("pw",), ("clef",), ("secret",)})
_WIFI = re.compile(r"(?i)wi-?_?fi|wlan|hotspot|(?:guest_?)?network|reseau|box$")
_OFFERS = word_set("offer cart quote search hold slot fare booking sync cursor delta page paging continuation tracking")
_TOKENS = frozenset({"token", "jeton"})
_COOKIES = frozenset({"cookie", "cookies", "-cookie", "_cookie"})
_CODES = frozenset({("mfa",), ("2", "fa"), ("mfa", "token")})
_KEYS = frozenset({("credentials",), ("credential",), ("creds",), ("cred",)})
_OUTER = frozenset({"params", "arguments", "result", "structuredContent"})
_PLACES = word_set("city town state street address postcode ville rue adresse country region area district locality")


class Secret:
    """Without an issuer's shape, a value must be named a secret and be random enough to be one."""

    name = "secret"
    title = "Keys, tokens, passwords and other secrets"
    MATCHES = (
        Match(
            {"message": "use this key: ghp_X08S0r6JGJK7KjgcDwjiqx4LpoqZtfKzK6nU"},
            TOKEN,
            "ghp_X08S0r6JGJK7KjgcDwjiqx4LpoqZtfKzK6nU",
        ),
        Match(
            {"text": "SECRET_KEY=oay9S0XEhKI7wvRtzdO9PfxI29vf1DWX\nHOST=localhost"},
            "system.secret",
            "oay9S0XEhKI7wvRtzdO9PfxI29vf1DWX",
        ),
        Match({"m": "password for staging is Summer7456!"}, PASSWORD, text="Summer7456!"),
        Match({"m": "login ana@example.org password Bluebird282?"}, PASSWORD, text="Bluebird282?"),
        Match({"m": "le mot de passe : Soleil-2031"}, PASSWORD, text="Soleil-2031"),
        Match({"dsn": "mysql://root:31M63JkeHjCs0q@db.local:3306/app"}, PASSWORD, text="31M63JkeHjCs0q"),
        Match(
            {"url": "https://b.example.org/o?X-Amz-Signature=048e4875032cc26d5d89c9d23b486c905f032dd9"},
            TOKEN,
            "048e4875032cc26d5d89c9d23b486c905f032dd9",
        ),
        Match({"password": "hunter2hunter2"}, PASSWORD),
        Match({"access_token": "f3Zk09sQv71LmXo2Rt8yBn4C"}, TOKEN),
        Match(
            {"download_url": "https://files.example/f?sig=Zt8Qm3vW1xK9Lr5Yp7Ns2Hd4Jc6Bf0Ga1Te3Uo5Iq7E%3D"},
            TOKEN,
            "Zt8Qm3vW1xK9Lr5Yp7Ns2Hd4Jc6Bf0Ga1Te3Uo5Iq7E%3D",
        ),
        Match({"code_alarme": "739152"}, OTP),
        Match({"door_code": "4471#"}, OTP),
        Match({"wifi": {"ssid": "Maison", "cle": "poire-7731"}}, PASSWORD, at="wifi/cle"),
        Match({"m": "Le code de la boîte à clés : 4471B"}, PASSWORD, text="4471B"),
        Match({"m": "key safe 4471, by the back door"}, PASSWORD, text="4471"),
        Match({"m": "padlock code is 4471"}, PASSWORD, text="4471"),
        Match({"m": "your verification code is 493021"}, OTP, text="493021"),
        Match({"vars": [{"key": "IMAP_PASS", "value": "r2!Kd-Pw8x"}]}, PASSWORD, at="vars/value", results=True),
        Match({"login": "ana@example.org", "secret": "Tulipe-2291!"}, PASSWORD, at="secret", results=True),
        Match({"safe_combo": "12-44-09"}, OTP),
        Match({"root_pw": "r2!Kd-Pw8x"}, PASSWORD),
        Match(
            {"pem": "-----BEGIN PRIVATE KEY-----\nMIIBVQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----"},
            PRIVATE,
        ),
    )
    MISSES = (
        Miss({"checksum_md5": "7fc29fe01a1a1c36e47214f0f1740519"}, "a checksum"),
        Miss({"body": "commit afc50bbb97818c0874ac42c7d74d9ae4646494d4 breaks"}, "a commit"),
        Miss({"next_page_token": "CAUQAA9sQv71LmXo2Rt8yBn4C"}, "a place in a list"),
        Miss({"max_tokens": "100000"}, "a limit"),
        Miss({"api_key": "YOUR_API_KEY"}, "a place holder"),
        Miss({"password": "********"}, "masked"),
        Miss({"text": "I forgot my password again, please help"}, "the word alone"),
        Miss({"text": "password must have eight characters"}, "a rule"),
        Miss({"id": "ad4a2b3c-386a-49dd-be83-c32ac9e55c47"}, "an identifier"),
        Miss({"url": "https://example.org/list?page=2&sort=asc"}, "nothing secret in it"),
        Miss({"token_type": "bearer"}, "a type"),
        Miss({"password_reset": True}, "a switch"),
        Miss({"secret": "n/a"}, "none"),
        Miss({"PWD": "/srv/app-2/data"}, "a folder"),
        Miss(
            {
                "photo": {
                    "file_id": "file_7hQm",
                    "download_url": "https://files.example/f?sig=Zt8Qm3vW1xK9Lr5Yp7Ns2Hd4Jc6Bf0Ga1Te3Uo5Iq7E%3D",
                }
            },
            "the address that ChatGPT made for the app",
        ),
        Miss({"offerToken": "7c11c05d-ff7b-4c8f-aa4c-bd787f6c813e"}, "an offer's handle"),
        Miss({"m": "building code 2021 applies in the hall"}, "a rule", "system.secret.one_time_code"),
        Miss({"test_pass": "12 of 14"}, "a result"),
        Miss({"api_pass": "99.2%"}, "a rate"),
        Miss({"m": "Room 1204 at the door, 1200 in the garage"}, "rooms and things"),
        Miss({"m": "gate A1204 closes at 18:10"}, "a gate"),
        Miss({"m": "le code postal est 35200"}, "a postcode"),
        Miss({"integrity": "sha512-9Bz7oZ0y8dQ1w2e3r4t5y6u7i8o9p0=="}, "a checksum"),
    )

    def prepare(self) -> None:
        """Read the rules and build the scan."""
        _ = self._scan

    @cached_property
    def _scan(self) -> "_Scan":
        return _Scan()

    def find(self, scene: Scene) -> Iterable[Finding]:
        scan = self._scan
        files = _files(scene)
        for one in scene.texts:
            if files and one.field.pointer in files:
                continue
            text = one.text
            mask = scan.screen.scan(text) if len(text) >= _SHORTEST else 0
            found = _apart(scan.tried(text, mask)) if mask else _NONE
            if not one.field.is_key:
                key = _name_beside(one) if one.words in _VALUES else one.field.key
                if scene.to_app and len(text) <= 12 and _is_asked_code(one, scene):
                    yield whole(one, OTP, 0.8, self.name, "tool or schema", minor=False)
                    continue
                if one.words in _OF_NETWORK and _WIFI.match(one.field.keys[-2] if len(one.field.keys) > 1 else ""):
                    key = "password"
                if len(text) >= 14 and not found:
                    found = self._named(one, key, scan)
                if scene.described and not _MAY_ASK.isdisjoint(one.hints) and not _is_telling(key):
                    key = next((said for category, said in _ASKED if category in one.hints), key)
                if _is_telling(key) and not any(hit.score > 0.93 for hit in found):
                    keyed = self._keyed(one, key)
                    if keyed is not None:
                        yield keyed
                        continue
            for hit in found:
                yield part(one, hit.start, hit.end, hit.category, hit.score, self.name, hit.evidence, minor=False)
        for one in scene.with_digits:
            if one.is_text or OTP not in one.hints or not 4 <= len(one.text) <= 8:
                continue
            if one.text.isdigit() and not NOT_SECRET.intersection(one.words) and not _in_address(one):
                yield whole(one, OTP, 0.85, self.name, "key")

    def _named(self, one: Seen, key: str, scan: "_Scan") -> list[Hit]:
        """What is found once the key, or the key above it too, stands before its value."""
        if mask := scan.in_key(key):
            return _apart(scan.named(key, one.text, mask))
        keys = one.field.keys
        if len(keys) > 1 and keys[-2] not in _OUTER and (mask := scan.in_key(keys[-2])):
            return _apart(scan.named(f"{keys[-2]}_{key}", one.text, mask))
        if key[-7:].lower() in _COOKIES:
            return list(secret_words.cookie(one.text))
        return _NONE

    def _keyed(self, one: Seen, key: str) -> Finding | None:
        text = one.text.strip()
        words = key_words(key)
        if NOT_SECRET.intersection(words) or one.empty or is_placeholder(text):
            return None
        if one.field.place not in {"", "result.meta"} and "_meta" in one.field.keys:
            return None  # the protocol's; an app's own names stand in `result.meta`
        category = _category(key)
        if words == ("secret",) and any(not _LOGINS.isdisjoint(other.words) for other in one.siblings[:_BESIDE]):
            category = PASSWORD
        if category == PASSWORD:
            if words[-1:] == ("pass",) and (" " in text or "%" in text):
                return None
            if 4 <= len(text) <= 256 and text.count(" ") <= 6 and not _is_said_of_one(text):
                if quoted := _QUOTED.match(text):
                    start = one.text.index(text) + quoted.start(2)
                    return part(one, start, start + len(quoted[2]), PASSWORD, 0.95, self.name, "key", minor=False)
                return whole(one, PASSWORD, 0.95, self.name, "key", minor=False)
            return None
        if category == PRIVATE:
            return whole(one, PRIVATE, 0.95, self.name, "key", minor=False) if len(text) >= 16 else None
        if category == OTP:
            if _CODE.match(text) and not _in_address(one):
                return whole(one, OTP, 0.85, self.name, "key", minor=False)
            return None
        value = text.split(" ", 1)[1] if text.lower().startswith(("bearer ", "basic ", "token ")) else text
        if words[-1:] == ("auth",) and userinfo(value):
            return whole(one, PASSWORD, 0.95, self.name, "key", minor=False)
        if not _is_key(value):
            return None
        start = one.text.index(value)
        return part(one, start, start + len(value), category, 0.93, self.name, "key and entropy", minor=False)


def _files(scene: Scene) -> frozenset[str]:
    """Where ChatGPT put the address of a file that it hands to the app: made for the app, no secret to it."""
    if not scene.to_app:
        return _NOWHERE
    held = {one.field.pointer for one in scene.texts if one.field.key == "file_id" and not one.field.reached}
    if not held:
        return _NOWHERE
    return frozenset(
        pointer.removesuffix("file_id") + "download_url" for pointer in held if pointer.startswith("/params/arguments/")
    )


def _is_asked_code(one: Seen, scene: Scene) -> bool:
    """Whether a short code is what the schema, or the tool that checks such codes, asks for."""
    if not one.has_digit or not _SHORT_CODE.match(one.text.strip()) or _in_address(one):
        return False
    if OTP in one.hints or PASSWORD in one.hints:
        return not _is_telling(one.field.key) and NOT_SECRET.isdisjoint(one.words)
    if not one.words or not _CODE_KEYS.issuperset(one.words) or len(one.field.keys) > 4:
        return False
    if one.field.keys[:2] == ("result", "content") and one.words == ("code",):  # what the user answers when asked
        return True
    tool = key_words(scene.context.tool or "")
    if not _OF_GOODS.isdisjoint(tool) or sum(map(str.isdigit, one.text)) < (4 if _STRICT.intersection(tool) else 6):
        return False
    return not _CHECKS.isdisjoint(tool)


_ASKED = ((PASSWORD, "password"), (PRIVATE, "private_key"), (KEY, "api_key"), (TOKEN, "access_token"))
"""The key that stands for what a schema's description asks for."""
_MAY_ASK = frozenset(category for category, _ in _ASKED)
_SHORT_CODE = re.compile(r"^(?:\d{4,8}|\d{3}[ -]\d{3}|\d\d \d\d \d\d|[A-Z]-?\d{4,6}|[A-Z0-9]{3,4}-[A-Z0-9]{3,4})$")
_CODE_KEYS = word_set("code v c digits chiffres saisie entered recu received")
_STRICT = word_set("otp totp mfa 2fa unlock deverrouiller disarm desarmer passcode")
_CHECKS = word_set(
    """
    otp totp mfa 2fa verify verifier verification login signin connexion authenticate authentifier authentification
    authentication unlock deverrouiller disarm desarmer passcode signer
    """
)
"""Words of tools that take a code which somebody was sent or keeps."""
_OF_GOODS = word_set(
    """
    coupon voucher promo discount remise bon barcode product produit order commande booking reservation address adresse
    ticket billet gift cadeau vat tva zip postal postcode icd iata currency devise business company entreprise siret
    availability stock delivery livraison
    """
)
_LOGINS = word_set("login username user identifiant utilisateur email account")
"""Siblings of a password that is called a secret."""
_NOWHERE: frozenset[str] = frozenset()
_AROUND = {**secret_words.RECOGNIZERS, **secret_names.RECOGNIZERS, **secret_codes.RECOGNIZERS}


class _Scan:
    """The rules, and the one scan that says which to try."""

    def __init__(self) -> None:
        groups: dict[str, Sequence[str]] = {}
        tried: dict[str, Callable[[str], Iterator[Hit]]] = {}
        for rule in rules():
            groups[rule.id] = rule.exact or rule.keywords
            tried[rule.id] = partial(issued, rule)
        for name, (words, recognize) in _AROUND.items():
            groups[f"around:{name}"] = words
            tried[f"around:{name}"] = recognize
        screen = Screen(groups, exact=[rule.id for rule in rules() if rule.exact])
        self.screen = screen
        self._tried = tuple(tried[name] for name in screen.bits)
        self._by_name = screen.mask(rule.id for rule in rules() if rule.named)
        self.in_key = lru_cache(maxsize=8192)(self._names_in)

    def named(self, key: str, text: str, mask: int) -> list[Hit]:
        """What is found once the key stands before its value, as in a line of settings."""
        if len(text) > 600:
            return []
        before = f"{key}="
        size = len(before)
        return [
            hit._replace(start=hit.start - size, end=hit.end - size)
            for hit in self.tried(before + text, mask)
            if hit.start >= size
        ]

    def _names_in(self, key: str) -> int:
        return self.screen.scan(key[:200]) & self._by_name

    def tried(self, text: str, mask: int) -> list[Hit]:
        """All that the recognizers of `mask` find in a text, overlapping."""
        found: list[Hit] = []
        while mask:
            low = mask & -mask
            found.extend(self._tried[low.bit_length() - 1](text))
            mask ^= low
        return found


def _apart(hits: Sequence[Hit]) -> list[Hit]:
    """The surest and longest of hits that overlap."""
    if len(hits) < 2:
        return list(hits)
    kept: list[Hit] = []
    reach = -1
    run: list[Hit] = []
    for hit in sorted(hits):
        if run and hit.start >= reach:
            kept.append(max(run, key=_weight))
            run = []
        run.append(hit)
        reach = max(reach, hit.end) if len(run) > 1 else hit.end
    kept.append(max(run, key=_weight))
    return kept


def _weight(hit: Hit) -> tuple[float, int, int]:
    return hit.score, hit.end - hit.start, -hit.start


@lru_cache(maxsize=8192)
def _is_telling(key: str) -> bool:
    """Whether a key names a secret."""
    words = key_words(key)
    if _ANY in of_key(key) or words in _CODES or words in _KEYS or words[-1:] == ("auth",):
        return True
    return not _TOKENS.isdisjoint(words[-1:]) and _OFFERS.isdisjoint(words)


def _category(key: str) -> str:
    hints = of_key(key)
    words = key_words(key)
    if words in _CODES:
        return OTP
    if words in _KEYS:
        return KEY
    for category in (OTP, PASSWORD, PRIVATE):
        if category in hints:
            return category
    if KEY in hints:
        return KEY
    return TOKEN


def _is_key(value: str) -> bool:
    """Whether the value of a field that is named a key or token can be one."""
    if " " in value or len(value) < 12 or not _HEXISH.match(value) or entropy(value) < 2.8:
        return False
    if is_uuid(value):
        return True
    if _WORDLIKE.match(value) and (entropy(value) < 3.6 or is_wordy(value)):
        return False
    return is_drawn(value, least=12) or _WORDLIKE.match(value) is not None


def _is_said_of_one(text: str) -> bool:
    """Whether a password's value is a sentence, a status or code instead."""
    words = text.lower().split()
    if len(words) > 2:
        return not _OF_SENTENCES.isdisjoint(words)
    return words[0].rstrip(".!") in STATUS or _EXPRESSION.match(text) is not None


def _name_beside(one: Seen) -> str:
    """The name that stands beside a value (`{"name": "API_KEY", "value": …}`), else the value's own key."""
    for other in one.siblings[:_BESIDE]:
        if other.words in _NAMES and other.is_text and 2 <= len(other.text) <= 80:
            return other.text
    return one.field.key


def _in_address(one: Seen) -> bool:
    """Whether a code stands in an address, as India's postal PIN does."""
    return any(not _PLACES.isdisjoint(other.words) for other in one.siblings[:_BESIDE])


DETECTOR = Secret()
