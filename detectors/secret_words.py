"""Secrets by what stands around them: headers, addresses, blocks, names and the words of a sentence."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator

from douane.detectors.chance import entropy, is_drawn, is_password, is_placeholder, is_uuid
from douane.detectors.issuers import KEY, PASSWORD, PRIVATE, TOKEN, Hit
from douane.detectors.words import key_words, word_set

NOT_SECRET = word_set(
    """
    next page cursor continuation progress prev previous count counts limit max min usage used total type types name
    label status expires expiry length sync delta csrfprotection public id ids pagination resume checkpoint offset
    position idempotency dedup etag policy reset changed updated created at rotated expired expiration required
    strength rules rule enabled valid invalid url uri endpoint file path pattern regex format field placeholder title
    help error version symbol ticker budget price cost per remaining push publique url strategy provider manager hint
    """
)
"""Words of a name that make it the name of something else than a secret."""

# --- PEM, JWT, addresses ---

_PEM = re.compile(r"-----BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = re.compile(r"-----END [A-Z0-9 ]{0,40}-----")
_PEM_BODY = re.compile(r"[A-Za-z0-9+/=]{16}")


def pem(text: str) -> Iterator[Hit]:
    """Private keys between their lines, to the end of the text where the last line is missing."""
    at = 0
    while found := _PEM.search(text, at):
        start = found.start()
        at = found.end()
        end = _PEM_END.search(text, at)
        following = _PEM.search(text, at)
        limit = following.start() if following else len(text)
        stop = end.end() if end and end.start() < limit else limit
        if _PEM_BODY.search(text, at, stop):
            yield Hit(start, start + len(text[start:stop].rstrip()), PRIVATE, 0.98, "issuer's shape")
        at = stop
        if end is None:  # no later one either: what is left holds no whole block
            return


_PEM_BASE64 = re.compile(r"(?<![A-Za-z0-9+/])LS0tLS1CRUdJTi[A-Za-z0-9+/]{40,20000}={0,2}")


def pem_in_base64(text: str) -> Iterator[Hit]:
    """Private keys as kubeconfig files hold them."""
    for found in _PEM_BASE64.finditer(text):
        head = found.group()[:80]
        if b"PRIVATE KEY" in base64.b64decode(head[: len(head) // 4 * 4]):
            yield Hit(*found.span(), PRIVATE, 0.98, "issuer's shape")


_JWT = re.compile(
    r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{6,4000}\.(?:eyJ[A-Za-z0-9_-]{6,8000}\.[A-Za-z0-9_-]{0,2000}"
    r"|[A-Za-z0-9_-]{0,1000}\.[A-Za-z0-9_-]{10,200}\.[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{16,200})(?![A-Za-z0-9_-])"
)


def jwt(text: str) -> Iterator[Hit]:
    """JSON web tokens: signed, unsigned, encrypted."""
    for found in _JWT.finditer(text):
        yield Hit(*found.span(), TOKEN, 0.98, "issuer's shape")


_USERINFO = re.compile(
    r"(?i)(?<![a-z0-9])[a-z][a-z0-9+.-]{1,24}://[^\s:/@?#\"'<>]{0,128}:(?P<s>[^\s/@?#\"'<>]{3,128})@[^\s\"']{1,256}"
)


def in_address(text: str) -> Iterator[Hit]:
    """The password in `scheme://name:password@host`."""
    for found in _USERINFO.finditer(text):
        if not is_placeholder(found["s"]):
            yield Hit(*found.span("s"), PASSWORD, 0.98, "issuer's shape")


_SIGNED = re.compile(
    r"(?i)(?:X-Amz-Signature|X-Goog-Signature|X-Amz-Security-Token|[?&;]sig|[?&;]Signature|[?&;]hmac)="
    r"(?P<s>[A-Za-z0-9%+/=_~-]{16,2048})"
)
_QUERY = re.compile(
    r"(?i)[?&#](?P<k>[a-z0-9_.-]{0,24}(?:token|api_?key|apikey|secret|passw(?:or)?d|pwd|auth|access_key|key|jwt|code))="
    r"(?P<s>[^\s&#\"'<>;]{6,2048})"
)


def signed(text: str) -> Iterator[Hit]:
    """The signature of an address that works for whoever has it."""
    for found in _SIGNED.finditer(text):
        if entropy(found["s"]) >= 2.5:
            yield Hit(*found.span("s"), TOKEN, 0.98, "issuer's shape")


def in_query(text: str) -> Iterator[Hit]:
    """Keys, tokens and passwords in the query of an address."""
    for found in _QUERY.finditer(text):
        words = key_words(found["k"])
        name = found["k"].lower()
        if NOT_SECRET.intersection(words):
            continue
        if "pass" in name or "pwd" in name:
            if is_password(found["s"]):
                yield Hit(*found.span("s"), PASSWORD, 0.93, "name and entropy")
        elif is_drawn(found["s"], least=20 if words[-1:] in {("code",), ("key",), ("auth",)} else 12):
            yield Hit(*found.span("s"), TOKEN if "token" in name else KEY, 0.93, "name and entropy")


# --- headers ---

_BEARER = re.compile(r"(?i)\bbearer[ \t]{1,3}(?P<s>[A-Za-z0-9._~+/=-]{16,4096})")
_BASIC = re.compile(r"(?i)\bbasic[ \t]{1,3}(?P<s>[A-Za-z0-9+/_-]{8,1000}={0,2})")
_DOCKER = re.compile(r"\"auth\\?\"\s{0,3}:\s{0,3}\\?\"(?P<s>[A-Za-z0-9+/]{12,400}={0,2})")
_USER = re.compile(r"(?<![\w-])(?:-u|--user)[ =]{1,3}[\"']?[\w.@+$-]{1,64}:(?P<s>[^\s\"':]{3,128})")
_COOKIE = re.compile(
    r"(?i)(?<![\w.-])(?:[\w.-]{0,20}sess(?:ion)?[\w.-]{0,12}|[\w.-]{0,12}sid|[\w.-]{0,20}auth[\w.-]{0,12}|remember_?me|jwt)="
    r"(?P<s>[A-Za-z0-9%._~+/=-]{16,1024})"
)


def userinfo(encoded: str) -> bool:
    """Whether base64 holds `name:password`."""
    try:
        plain = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_" if "-" in encoded else None)
    except (binascii.Error, ValueError):
        return False
    return re.fullmatch(rb"[!-9;-~]{1,100}:[!-~]{3,300}", plain) is not None


def bearer(text: str) -> Iterator[Hit]:
    """What follows `Bearer`."""
    for found in _BEARER.finditer(text):
        value = found["s"].rstrip(".")
        if not is_placeholder(value) and is_drawn(value, bits=2.6):
            yield Hit(found.start("s"), found.start("s") + len(value), TOKEN, 0.98, "issuer's shape")


def basic(text: str) -> Iterator[Hit]:
    """What follows `Basic`, where it holds a name and a password."""
    for found in _BASIC.finditer(text):
        if userinfo(found["s"]):
            yield Hit(*found.span("s"), PASSWORD, 0.98, "issuer's shape")


def docker(text: str) -> Iterator[Hit]:
    """The logins of a docker configuration."""
    for found in _DOCKER.finditer(text):
        if userinfo(found["s"]):
            yield Hit(*found.span("s"), PASSWORD, 0.98, "issuer's shape")


def curl_user(text: str) -> Iterator[Hit]:
    """The password of `curl -u name:password`."""
    for found in _USER.finditer(text):
        if not is_placeholder(found["s"]) and not found["s"].isdigit():
            yield Hit(*found.span("s"), PASSWORD, 0.95, "words before it")


def cookie(text: str) -> Iterator[Hit]:
    """The cookies of a signed-in session."""
    for found in _COOKIE.finditer(text):
        if is_drawn(found["s"]) or is_uuid(found["s"]):
            yield Hit(*found.span("s"), TOKEN, 0.93, "name and entropy")


# --- manifests and phrases ---

_KIND = re.compile(r"(?m)^\s{0,8}kind:[ \t]{0,4}[\"']?Secret\b")
_DATA = re.compile(r"(?m)^(?P<i>[ \t]{0,12})(?:data|stringData):[ \t]{0,8}$")
_ENTRY = re.compile(r"(?m)^(?P<i>[ \t]{1,16})[\w.-]{1,80}:[ \t]{0,8}[\"']?(?P<s>[^\s\"']{6,4000})[\"']?[ \t]{0,8}$")


def manifest(text: str) -> Iterator[Hit]:
    """The values of a Kubernetes Secret."""
    if not _KIND.search(text):
        return
    for block in _DATA.finditer(text):
        at = block.end() + 1
        while at < len(text) and (entry := _ENTRY.match(text, at)) and len(entry["i"]) > len(block["i"]):
            if not is_placeholder(entry["s"]):
                yield Hit(*entry.span("s"), PASSWORD, 0.93, "key")
            at = entry.end() + 1


_SEED = re.compile(
    r"(?:(?i:seed|recovery|backup) (?i:phrase|words)|(?i:mnemonic)|"
    r"(?i:phrase (?:de r[ée]cup[ée]ration|secr[èe]te)))"
    r"[^\n:=]{0,20}[:=]?\s{0,3}[\"']?(?P<s>(?:[a-z]{3,8} ){11,23}[a-z]{3,8})\b"
)


def seed(text: str) -> Iterator[Hit]:
    """The words that restore a wallet."""
    for found in _SEED.finditer(text):
        yield Hit(*found.span("s"), PRIVATE, 0.93, "words before it")


_ON_COMMAND_LINE = re.compile(
    r"\b(?:(?:mysql\w{0,8}|mariadb)\b[^\n]{0,100}? -p|(?:sshpass|docker login|podman login)\b[^\n]{0,60}? -p ?|"
    r"redis-cli\b[^\n]{0,60}? -a )[\"']?(?P<s>[^\s\"'-][^\s\"']{3,63})"
)


def command_line(text: str) -> Iterator[Hit]:
    """Passwords among the options of a command."""
    for found in _ON_COMMAND_LINE.finditer(text):
        if not is_placeholder(found["s"]) and (is_password(found["s"]) or is_drawn(found["s"])):
            yield Hit(*found.span("s"), PASSWORD, 0.93, "words before it")


RECOGNIZERS: dict[str, tuple[tuple[str, ...], Callable[[str], Iterator[Hit]]]] = {
    "pem": (("-----begin",), pem),
    "pem-in-base64": (("ls0tls1crudjti",), pem_in_base64),
    "jwt": (("eyj",), jwt),
    "address": (("://",), in_address),
    "signed": (("signature=", "sig=", "hmac=", "security-token="), signed),
    "query": (("token=", "key=", "secret=", "passw", "pwd=", "auth=", "jwt=", "code="), in_query),
    "bearer": (("bearer",), bearer),
    "basic": (("basic ",), basic),
    "docker": (('auth"', 'auth\\"'), docker),
    "curl": (("-u ", "-u=", "--user"), curl_user),
    "cookie": (("cookie",), cookie),
    "manifest": (("kind:",), manifest),
    "seed": (("seed", "recovery", "backup", "mnemonic", "phrase"), seed),
    "command": (("mysql", "mariadb", "sshpass", "docker login", "podman login", "redis-cli"), command_line),
}  # fmt: skip
"""What a text must hold for a recognizer to be tried, and the recognizer."""
