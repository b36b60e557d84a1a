"""Secrets that a name or a word introduces: assignments, and what people say."""

import re
from collections.abc import Callable, Iterable, Iterator

from douane.detectors.chance import entropy, is_drawn, is_hex, is_password, is_placeholder, is_uuid
from douane.detectors.issuers import KEY, PASSWORD, PRIVATE, TOKEN, Hit
from douane.detectors.screen import lower
from douane.detectors.secret_words import NOT_SECRET
from douane.detectors.words import key_words, word_set

_WORDS = (
    "secret", "key", "token", "jeton", "passw", "pwd", "pass", "mot de passe", "mot_de_passe", "mdp", "credential",
    "clé", "cle", "_auth",
)  # fmt: skip
_TO_VALUE = re.compile(
    r"(?i)(?P<r>(?:[ _](?:api|secr[èe]te|priv[ée]e|(?:d['’])?acc[èe]s))?[\w.-]{0,40})\\?[\"']?\]?\s{0,3}"
    r"(?P<sign>=>|:=|==?|:)\s{0,3}(?:(?:bearer|basic|token) )?\\?[\"'«]?\s?(?P<s>[^\s\"',;`<>{}\[\]()«»\\]{6,4096})"
)
_NAME_BEFORE = re.compile(r"[\w.-]{0,60}\Z")
_KIND_OF_KEY = re.compile(
    r"(?i)(?:api|access|private|auth|encryption|signing|master|account|storage|license|secret|webhook|"
    r"admin|service)[ _.-]?\Z"
)
_ENV = re.compile(r"[A-Z][A-Z0-9_]*")
_CONNECTION = re.compile(r"(?i)(?:server|host|data source|user id|uid|database|dbname|username|user)\s?=[^;=]{1,120};")
_IS_PASSWORD = re.compile(r"(?i)pass|pwd|mdp")
STATUS = word_set(
    """
    required string password secret number integer boolean optional hidden masked invalid incorrect correct expired
    changed updated missing unset blank wrong weak strong reset forgot forgotten protected encrypted hashed plaintext
    default obligatoire requis incorrect expire oublie manquant vide faible modifie invalide getenv process
    """
)
"""What a form or a message says of a password, instead of one."""


def _places(text: str, words: Iterable[str]) -> list[tuple[int, str]]:
    """Where the words stand in a text, whatever the case of ASCII letters."""
    lowered = lower(text)
    found: list[tuple[int, str]] = []
    for word in words:
        at = lowered.find(word)
        while at >= 0:
            found.append((at, word))
            at = lowered.find(word, at + len(word))
    found.sort()
    return found


def assigned(text: str) -> Iterator[Hit]:
    """Values that a name and a sign introduce (`API_KEY=…`, `"token": "…"`, `mot de passe : …`)."""
    connection: bool | None = None
    done = end = -1
    looks = 0
    for at, word in _places(text, _WORDS):
        # In `a=b=c=…` each value holds the next: a few looks into one are enough.
        looks = looks + 1 if at < end else 0
        found = _TO_VALUE.match(text, at + len(word)) if at >= done and looks <= 3 else None
        if found is None:
            continue
        start = found.start("s")
        end = found.end("s")
        value = found["s"]
        before = _NAME_BEFORE.search(text[max(0, at - 60) : at])
        prefix = before.group() if before else ""
        if word == "key" and not (_KIND_OF_KEY.search(text[max(0, at - 16) : at]) or "secret" in found["r"].lower()):
            continue
        if word in {"clé", "cle"} and not found["r"].startswith((" ", "_")):
            continue
        name = prefix + word + found["r"]
        first = at - len(prefix)
        if first and text[first - 1] == ":" and found["sign"] == ":":  # `arn:aws:secretsmanager:…:secret:name`
            continue
        if first and text[first - 1] in "?&":
            value = value.partition("&")[0]
        is_password_name = _IS_PASSWORD.search(name) is not None
        value = value.rstrip(".,;:" if is_password_name else ".,;:!?")
        if len(value) < 6 or NOT_SECRET.intersection(key_words(text[first : found.end("r")])) or is_placeholder(value):
            continue
        if value.startswith(("$", "//", "%(", "self.", "process.", "os.")):
            continue
        done = found.start("s")
        if is_password_name:
            if not is_password(value):
                # A word alone is a password where nothing else can stand: in a line of settings, in a connection.
                bare = value.isalnum() and value.lower() not in STATUS and text[found.end("r")] == "="
                if bare and connection is None:
                    connection = _CONNECTION.search(text) is not None
                line = _ENV.fullmatch(text[first : found.end("r")]) is not None and _begins_line(text, first)
                if not bare or not (connection or line):
                    continue
            yield Hit(start, start + len(value), PASSWORD, 0.93, "name and entropy")
        elif is_drawn(value, least=12) or is_uuid(value):
            lowered = name.lower()
            category = TOKEN if "token" in lowered or "jeton" in lowered else PRIVATE if "private" in lowered else KEY
            yield Hit(start, start + len(value), category, 0.93, "name and entropy")


def _begins_line(text: str, at: int) -> bool:
    line = text.rfind("\n", max(0, at - 12), at)
    return text[line + 1 if line >= 0 else max(0, at - 12) : at].strip() in {"", "export", "-", "set", "ENV", "-e"}


_SAID = ("key", "token", "clé", "cle", "jeton", "secret", "credential", "identifiant")
_END_OF_WORD = re.compile(r"(?:s|\u0301s?|f)?(?![\w-])")
_OTHER_KEYS = word_set(
    """
    primary foreign cache partition sort object issue public idempotency dedup tracking registry map json dictionary
    primaire publique etrangere page cursor next previous sync continuation pagination commit session storage s3
    reference lookup index hash row record entity composite natural surrogate routing message shard
    """
)
_LONG = re.compile(r"[^\s\"'`,;«»<>()\[\]{}]{16}")
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\s\"'`,;«»<>()\[\]{}]{12,4096}")
_HASHES = re.compile(
    r"(?i)\b(?:commit|sha-?\d*|md5|hash|checksum|digest|etag|uuid|guid|fingerprint|empreinte|somme|révision)\b"
)


def said_keys(text: str) -> Iterator[Hit]:
    """Keys and tokens in a sentence ("voici la clé : …", "the token for staging is …")."""
    if not _LONG.search(text):
        return
    for at, said in _places(text, _SAID):
        ending = _END_OF_WORD.match(text, at + len(said))
        if ending is None or (at and (text[at - 1].isalnum() or text[at - 1] in "_-")):
            continue
        before = text[max(0, at - 32) : at].lower().split()[-1:]
        if before and before[0] in _OTHER_KEYS:
            continue
        after = ending.end()
        rest = text[after : after + 60]
        word = next((one for one in _WORD.finditer(rest) if _DIGIT.search(one.group())), None)
        if word is None:
            continue
        between = rest[: word.start()]
        if between.count(" ") > 8 or "\n\n" in between or _HASHES.search(between):
            continue
        if NOT_SECRET.intersection(between.lower().split()):
            continue
        start = after + word.start()
        whole = _WORD.match(text, start)
        value = (whole or word).group().rstrip(".,:;!?")
        # After a bare word more must speak for it: hashes and ids follow words too.
        surely = said in {"token", "jeton", "secret", "credential"} or "api" in between.lower()
        surely = surely or (bool(before) and _KIND_OF_KEY.search(before[0]) is not None)
        if "=" in value[:-2] or "/" in value or is_uuid(value) or not is_drawn(value, bits=3.0):
            continue
        if is_hex(value) and not (surely and len(value) >= 32):
            continue
        if value.isupper() and "-" in value and len(value) < 24:  # an order's or article's number
            continue
        yield Hit(start, start + len(value), TOKEN if said in {"token", "jeton"} else KEY, 0.88, "word before it")


_FOR_PASSWORD = (
    "passw", "passcode", "pwd", "pw", "passphrase", "mot de passe", "mots de passe", "mdp", "wifi key", "wifi code",
    "clé wifi", "clé du wifi", "code wifi", "code du wifi",
)  # fmt: skip
_NO_PASSWORD = NOT_SECRET | STATUS | word_set("oublié oubliée forgotten protection")
_SAYS = re.compile(r"(?i)[:=]|\b(?:is|est|to)\b|c['’]est")
_END_OF_PASSWORD = re.compile(r"(?:ords?|d|s)?(?![\w-])")
_CODE = re.compile(r"[(\[]|^[a-z_]{3,}[=:]")
_CANDIDATE = re.compile(r"[^\s\"',;»«]{6,64}")


def said_passwords(text: str) -> Iterator[Hit]:
    """Words that look chosen as a password, soon after the word for it."""
    for at, said in _places(text, _FOR_PASSWORD):
        ending = _END_OF_PASSWORD.match(text, at + len(said))
        if ending is None or (at and (text[at - 1].isalnum() or text[at - 1] in "_-")):
            continue
        rest = text[ending.end() : ending.end() + 80]
        after = rest.split(maxsplit=1)[:1]
        if after and after[0].lower().strip(".,:") in _NO_PASSWORD and not _SAYS.search(rest):
            continue
        for word in _CANDIDATE.finditer(rest):
            value = word.group().rstrip(".,:)").lstrip("=:>(")
            if rest[: word.start()].count(" ") > 7:
                break
            if is_password(value) and "@" not in value.strip("@") and not _CODE.search(value) and _is_chosen(value):
                start = ending.end() + rest.index(value, word.start())
                yield Hit(start, start + len(value), PASSWORD, 0.9, "word before it")
                break


_WRITTEN = re.compile(
    r"(?i)^(?:\d{1,4}[-/.:]\d{1,2}[-/.:]\d{1,4}.*|\d+(?:[.,]\d+)?(?:px|ms|kb|mb|gb|ghz|mbps|characters?|chars?|days?|jours?|h|min|"
    r"€|eur|usd|th|st|nd|rd|e|ème|er)|v?\d+(?:\.\d+)+[a-z]?\d*|802\.11\w+|wpa[23]?(?:-\w+)*|[a-z'’]+-?\d{1,2}|.*\.(?:com|fr|org|net|io|example)(?:/.*)?|"
    r"(?-i:[A-Z]{2,5})[- ]?\d{3,}|[\w-]+\.\w{2,4}|[\w.-]*/[\w./-]+|\d+[-–]\d+\w*|[a-zà-ÿ'’-]+[.!?…:)]*)$"
)


def _is_chosen(value: str) -> bool:
    """Whether a word with figures or signs is no date, measure, version, file or plain word."""
    if is_uuid(value) or (is_hex(value) and len(value) >= 32):
        return False
    written = _WRITTEN.match(value)
    if written is None:
        return True
    # "Soleil-2031" is chosen, "windows-11" and "page-2" are not.
    return (
        any(map(str.isupper, value[1:])) and any(map(str.isdigit, value)) and entropy(value) > 2.8 and "." not in value
    )


_PAIR = re.compile(
    r"(?i)(?:(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,60}(?:\.[\w-]{1,30}){1,3}|(?<![\w/.@-])(?:root|admin|administrator|postgres|ubuntu)|"
    r"(?:logins?|identifiants?|credentials|creds|wi-?fi)\b[ :=]{1,3}[\w.+-]{2,40})"
    r"\s{0,2}[/:|]\s{0,2}(?:(?:code|pass|clé|key)[ :=]{1,3})?(?P<s>[^\s\"'/,;»«]{8,64})"
)
_WIFI_CODE = re.compile(
    r"(?i)\bwi-?fi\b[^\n.]{0,40}?\b(?:code|key|cl[ée]f?|pass)\b ?(?:is|est|:|=|c['’]est)? ?(?P<s>[^\s\"',;»«]{8,64})"
)


def pairs(text: str) -> Iterator[Hit]:
    """Passwords beside the name that they belong to (`root / …`), and those of a wireless network."""
    parted = "/" in text or ":" in text or "|" in text
    wireless = "fi" in text.lower() or (parted and not text.isascii())
    for pattern in (*((_PAIR,) if parted else ()), *((_WIFI_CODE,) if wireless else ())):
        for found in pattern.finditer(text):
            value = found["s"].rstrip(".,:)")
            if not is_password(value) or not _is_chosen(value) or _CODE.search(value) or "@" in value[-1:]:
                continue
            mixed = any(map(str.isupper, value)) and any(map(str.isdigit, value))
            if mixed and (pattern is _WIFI_CODE or not value.isupper()):
                start = found.start("s")
                yield Hit(start, start + len(value), PASSWORD, 0.85, "word before it")


RECOGNIZERS: dict[str, tuple[tuple[str, ...], Callable[[str], Iterator[Hit]]]] = {
    "assigned": (_WORDS, assigned),
    "said-keys": (_SAID, said_keys),
    "said-passwords": (_FOR_PASSWORD, said_passwords),
    "pairs": (
        ("@", "root", "admin", "postgres", "ubuntu", "login", "identifiant", "credentials", "creds", "wifi", "wi-fi"),
        pairs,
    ),
}
"""What a text must hold for a recognizer to be tried, and the recognizer."""
