"""Secrets: keys, tokens, passwords, connection strings, signed URLs; by issuer's shape, else by word and entropy."""

import math
import re
from collections import Counter
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.scene import Scene, Seen
from douane.detectors.words import word_set

_KEY = "system.secret.api_key"
_TOKEN = "system.secret.token"  # noqa: S105 - a category
_PASSWORD = "system.secret.password"  # noqa: S105 - a category
_PRIVATE = "system.secret.private_key"
_OTP = "system.secret.one_time_code"

# (what the text must hold for the pattern to be tried, the pattern, the category)
_ISSUED: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("A", re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])"), _KEY),
    ("gh", re.compile(r"(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{36,255}(?![A-Za-z0-9])"), _TOKEN),
    ("github_pat_", re.compile(r"github_pat_[A-Za-z0-9_]{60,255}"), _TOKEN),
    ("glpat-", re.compile(r"glpat-[A-Za-z0-9_-]{20,64}"), _TOKEN),
    ("sk-", re.compile(r"(?<![A-Za-z0-9])sk-(?:proj-|svcacct-|ant-[a-z0-9]{2,8}-|or-v1-)?[A-Za-z0-9_-]{20,200}"), _KEY),
    ("k_", re.compile(r"(?<![A-Za-z0-9])(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,128}"), _KEY),
    ("whsec_", re.compile(r"whsec_[A-Za-z0-9+/=]{24,64}"), _KEY),
    ("xox", re.compile(r"xox[abeoprs]-[A-Za-z0-9-]{10,250}"), _TOKEN),
    ("hooks.slack.com", re.compile(r"hooks\.slack\.com/services/[A-Za-z0-9/]{20,90}"), _KEY),
    ("AIza", re.compile(r"(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}"), _KEY),
    ("ya29.", re.compile(r"ya29\.[A-Za-z0-9_-]{20,200}"), _TOKEN),
    ("SG.", re.compile(r"(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}"), _KEY),
    ("hf_", re.compile(r"(?<![A-Za-z0-9])hf_[A-Za-z0-9]{30,64}"), _TOKEN),
    ("npm_", re.compile(r"(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}"), _TOKEN),
    ("pypi-", re.compile(r"pypi-[A-Za-z0-9_-]{50,250}"), _TOKEN),
    ("dop_v1_", re.compile(r"dop_v1_[a-f0-9]{64}"), _TOKEN),
    ("shp", re.compile(r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}"), _TOKEN),
    ("SK", re.compile(r"(?<![A-Za-z0-9])SK[0-9a-f]{32}(?![A-Za-z0-9])"), _KEY),
    ("key-", re.compile(r"(?<![A-Za-z0-9])key-[0-9a-f]{32}(?![A-Za-z0-9])"), _KEY),
    ("NRAK-", re.compile(r"NRAK-[A-Z0-9]{27}"), _KEY),
    (":AA", re.compile(r"(?<!\d)\d{8,10}:AA[A-Za-z0-9_-]{33}"), _TOKEN),
    (
        "eyJ",
        re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{6,4000}\.eyJ[A-Za-z0-9_-]{6,8000}\.[A-Za-z0-9_-]{6,2000}"),
        _TOKEN,
    ),
    (
        "-----BEGIN",
        re.compile(
            r"-----BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----[^-]{0,20000}"
            r"(?:-----END [A-Z0-9 ]{0,40}-----)?"
        ),
        _PRIVATE,
    ),
    (
        "://",
        re.compile(
            r"(?i)(?<![a-z0-9])[a-z][a-z0-9+.-]{1,24}://[^\s:/@?#\"']{0,128}:(?P<s>[^\s/@?#\"']{3,128})@[^\s\"']{1,256}"
        ),
        _PASSWORD,
    ),
    ("AccountKey=", re.compile(r"AccountKey=(?P<s>[A-Za-z0-9+/=]{40,100})"), _KEY),
    ("ignature=", re.compile(
        r"(?i)(?:X-Amz-Signature|X-Goog-Signature|[?&]sig|[?&]Signature)=(?P<s>[A-Za-z0-9%+/=_-]{16,512})"), _TOKEN),
    ("sig=", re.compile(r"[?&]sig=(?P<s>[A-Za-z0-9%+/=_-]{16,512})"), _TOKEN),
    ("earer", re.compile(r"(?i)\bbearer\s{1,3}(?P<s>[A-Za-z0-9._~+/=-]{16,4096})"), _TOKEN),
)  # fmt: skip

_ASSIGNED = re.compile(
    r"(?i)(?<![a-z0-9_.-])(?P<k>[a-z0-9_.-]{0,40}(?:secret|api[_-]?key|apikey|access[_-]?key|"
    r"private[_-]?key|token|passw(?:or)?d|pwd|auth[_-]?key|encryption[_-]?key|client[_-]?secret|"
    r"passphrase|credential)[a-z0-9_.-]{0,20})[\"']?\s{0,3}(?:=|:|=>|"
    r":=)\s{0,3}[\"']?(?P<s>[^\s\"',;`<>{}\[\]()]{6,512})"
)
_SPOKEN_OTP = re.compile(
    r"(?i)\b(?:otp|one[- ]time (?:code|password)|verification code|code de (?:v[ée]rification|"
    r"confirmation|s[ée]curit[ée])|sms code|code sms|login code|(?:your|votre) code (?:is|est)|"
    r"2fa(?: code)?|code pin|pin(?: code)?)\b[^\d\n]{0,20}(?P<s>\d{4,8})(?!\d)"
)
_PLACEHOLDER = re.compile(
    r"(?i)^(?:<.*|\$\{?.*|x{3,}|\*{3,}|•{3,}|changeme|example.*|your[_-].*|redacted|null|none|true|false|"
    r"undefined|test|password|placeholder|\[.*)$"
)
_NOT_SECRET = word_set(
    """
    next page cursor continuation progress prev previous count counts limit max min usage used total type types name
    label status expires expiry length sync delta csrfprotection public id
    """
)
_WORDLIKE = re.compile(r"^[A-Za-zÀ-ÿ'’-]+[.!?]?$")
_HEXISH = re.compile(r"^[A-Za-z0-9+/=_.~-]+$")


class Secret:
    """Without an issuer's shape, a value must be named a secret and be random enough to be one."""

    name = "secret"
    title = "Keys, tokens, passwords and other secrets"
    MATCHES = (
        Match(
            {"message": "use this key: ghp_X08S0r6JGJK7KjgcDwjiqx4LpoqZtfKzK6nU"},
            _TOKEN,
            "ghp_X08S0r6JGJK7KjgcDwjiqx4LpoqZtfKzK6nU",
        ),
        Match(
            {"text": "SECRET_KEY=oay9S0XEhKI7wvRtzdO9PfxI29vf1DWX\nHOST=localhost"},
            "system.secret",
            "oay9S0XEhKI7wvRtzdO9PfxI29vf1DWX",
        ),
        Match({"m": "password for staging is Summer7456!"}, _PASSWORD, text="Summer7456!"),
        Match({"m": "login ana@example.org password Bluebird282?"}, _PASSWORD, text="Bluebird282?"),
        Match({"m": "le mot de passe : Soleil-2031"}, _PASSWORD, text="Soleil-2031"),
        Match({"dsn": "mysql://root:31M63JkeHjCs0q@db.local:3306/app"}, _PASSWORD, text="31M63JkeHjCs0q"),
        Match(
            {"url": "https://b.example.org/o?X-Amz-Signature=048e4875032cc26d5d89c9d23b486c905f032dd9"},
            _TOKEN,
            "048e4875032cc26d5d89c9d23b486c905f032dd9",
        ),
        Match({"password": "hunter2hunter2"}, _PASSWORD),
        Match({"access_token": "f3Zk09sQv71LmXo2Rt8yBn4C"}, _TOKEN),
        Match({"m": "your verification code is 493021"}, _OTP, text="493021"),
        Match(
            {"pem": "-----BEGIN PRIVATE KEY-----\nMIIBVQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----"},
            _PRIVATE,
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
        Miss({"integrity": "sha512-9Bz7oZ0y8dQ1w2e3r4t5y6u7i8o9p0=="}, "a checksum"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.texts:
            text = one.text
            if len(text) < 4:
                continue
            issued = list(self._issued(one))
            yield from issued
            keyed = self._keyed(one) if not issued else None
            if keyed is not None:
                yield keyed
                continue
            if len(text) >= 12:
                yield from self._said(one)
        for one in scene:
            if one.is_text or _OTP not in one.hints or not 4 <= len(one.text) <= 8:
                continue
            if one.text.isdigit() and not _NOT_SECRET.intersection(one.words):
                yield whole(one, _OTP, 0.85, self.name, "key")

    def _issued(self, one: Seen) -> Iterable[Finding]:
        text = one.text
        for needle, pattern, category in _ISSUED:
            if needle not in text:
                continue
            for found in pattern.finditer(text):
                start, end = found.span("s") if "s" in pattern.groupindex else found.span()
                if _PLACEHOLDER.match(text[start:end]):
                    continue
                yield part(one, start, end, category, 0.98, self.name, "issuer's shape", minor=False)

    def _keyed(self, one: Seen) -> Finding | None:
        hints = [hint for hint in one.hints if hint.startswith("system.secret")]
        text = one.text.strip()
        if not hints or _NOT_SECRET.intersection(one.words) or one.empty or _PLACEHOLDER.match(text):
            return None
        if one.field.place and "_meta" in one.field.keys:
            return None
        category = max(hints, key=len)
        if _PASSWORD in hints:
            if 4 <= len(text) <= 256 and text.count(" ") <= 6:
                return whole(one, _PASSWORD, 0.95, self.name, "key", minor=False)
            return None
        if _PRIVATE in hints and len(text) >= 16:
            return whole(one, _PRIVATE, 0.95, self.name, "key", minor=False)
        if _OTP in hints:
            if (
                text.replace("-", "").replace(" ", "").isalnum()
                and any(map(str.isdigit, text))
                and 4 <= len(text) <= 12
            ):
                return whole(one, _OTP, 0.85, self.name, "key", minor=False)
            return None
        value = text.split(" ", 1)[1] if text.lower().startswith(("bearer ", "basic ", "token ")) else text
        if " " in value or len(value) < 12 or not _HEXISH.match(value) or _entropy(value) < 2.8:
            return None
        if _WORDLIKE.match(value) and _entropy(value) < 3.6:
            return None
        start = one.text.index(value)
        return part(one, start, start + len(value), category, 0.93, self.name, "key and entropy", minor=False)

    def _said(self, one: Seen) -> Iterable[Finding]:
        text = one.text
        lowered = text.lower()
        if any(word in lowered for word in ("secret", "key", "token", "passw", "pwd", "credential", "passphrase")):
            for found in _ASSIGNED.finditer(text):
                value = found.group("s").rstrip(".,;:!?") if found.group("s")[-1:] in ".,;:" else found.group("s")
                words = set(re.split(r"[_.-]", found.group("k").lower()))
                is_password = "pass" in found.group("k").lower() or "pwd" in words
                if _NOT_SECRET & words or _PLACEHOLDER.match(value):
                    continue
                if is_password and not _random_word(value):
                    continue
                if not is_password and (len(value) < 12 or _entropy(value) < 3.0 or _WORDLIKE.match(value)):
                    continue
                category = _PASSWORD if is_password else _TOKEN if "token" in found.group("k").lower() else _KEY
                start = found.start("s")
                yield part(one, start, start + len(value), category, 0.93, self.name, "name and entropy", minor=False)
        if any(word in lowered for word in ("passw", "passcode", "pwd", "passphrase", "mot de passe", "mdp", "wifi")):
            yield from self._spoken_passwords(one)
        if one.has_digit:
            for found in _SPOKEN_OTP.finditer(text):
                yield part(one, found.start("s"), found.end("s"), _OTP, 0.8, self.name, "words before it", minor=False)

    def _spoken_passwords(self, one: Seen) -> Iterable[Finding]:
        for found in re.finditer(
            r"(?i)\b(?:password|passcode|passwd|pwd|passphrase|mot de passe|mdp|wifi)\b", one.text
        ):
            rest = one.text[found.end() : found.end() + 80]
            for word in re.finditer(r"[^\s\"',;»«]{6,64}", rest):
                value = word.group().rstrip(".,:")
                if _random_word(value) and "@" not in value.strip("@"):
                    start = found.end() + word.start()
                    yield part(one, start, start + len(value), _PASSWORD, 0.9, self.name, "word before it", minor=False)
                    break
                if rest[: word.start()].count(" ") > 6:
                    break


def _random_word(value: str) -> bool:
    """Whether a word looks chosen as a password: letters and figures or signs mixed."""
    letters = sum(char.isalpha() for char in value)
    digits = sum(char.isdigit() for char in value)
    signs = len(value) - letters - digits
    if len(value) < 6 or "://" in value or _PLACEHOLDER.match(value):
        return False
    return letters >= 2 and ((digits >= 1 and (letters >= 3 or signs >= 1)) or (signs >= 2 and _entropy(value) > 2.8))


def _entropy(value: str) -> float:
    """Shannon entropy in bits a character."""
    size = len(value)
    return -sum(count / size * math.log2(count / size) for count in Counter(value).values())


DETECTOR = Secret()
