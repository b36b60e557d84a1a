# ruff: noqa: E501 - a row of harmless values is easier to read on one line
"""Generated fields with and without secrets, for measuring secret detection: fictitious, the same for a seed.

    python bench/secret_cases.py [--errors]

Secrets come from the shape of every rule and of our own kinds, in the places where MCP messages hold them; harmless
values are what looks like secrets to a careless detector.
"""

import base64
import json
import random
import re
import string
import sys
import tomllib
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from re import ASCII, _constants, _parser  # type: ignore[attr-defined]
from typing import Any

from douane.audit.context import Context
from douane.audit.fields import fields
from douane.audit.jsontext import Node, parse
from douane.audit.message import Direction, Kind, Message
from douane.audit.taxonomy import is_within
from douane.detectors.issuers import rules
from douane.detectors.registry import detect
from douane.detectors.secret import DETECTOR

ALNUM = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
HEX = "0123456789abcdef"
EACH_RULE = 4


@dataclass(frozen=True, slots=True)
class Case:
    """A tool's arguments; with a secret, the key that holds it and where; without, an empty category.

    `kind` names the shape or the reason, never the value.
    """

    given: dict[str, Any]
    kind: str
    key: str = ""
    start: int = 0
    end: int = 0
    category: str = ""


class Maker:
    """Makes values from one source of chance."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def text(self, alphabet: str, size: int) -> str:
        """`size` characters, the first and last ones letters or figures."""
        made = "".join(self.chance.choices(alphabet, k=size))
        return made if made[-1:].isalnum() else made[:-1] + self.chance.choice(LOWER)

    def pick(self, *options: str) -> str:
        return self.chance.choice(options)

    def mixed(self, size: int) -> str:
        """A key with letters of both cases and figures."""
        return self.text(string.ascii_letters, size - 4) + self.text(string.digits, 2) + self.text(ALNUM, 2)

    def of(self, pattern: str) -> str:
        """A text that the pattern matches, its repeats short."""
        compiled = re.compile(pattern, ASCII)
        parsed = _parser.parse(pattern, ASCII)
        for _ in range(200):
            made = self._of(parsed)
            if compiled.fullmatch(made):
                return made
        raise ValueError(f"no text for {pattern[:60]}")

    def _of(self, parsed: Any) -> str:
        return "".join(self._one(code, argument) for code, argument in parsed)

    def _one(self, code: Any, argument: Any) -> str:
        c = _constants
        if code is c.LITERAL:
            return chr(argument)
        if code is c.IN:
            return self.chance.choice(self._members(argument))
        if code is c.SUBPATTERN:
            return self._of(argument[3])
        if code is c.BRANCH:
            return self._of(self.chance.choice(argument[1]))
        if code in {c.MAX_REPEAT, c.MIN_REPEAT}:
            low, high, inner = argument
            high = min(int(high), low + 6)
            # `[ \t\w.-]{0,30}` between a name and its sign.
            count = 0 if low == 0 and high > 3 else self.chance.randint(low, high)
            return "".join(self._of(inner) for _ in range(count))
        if code is c.ANY:
            return "."
        if code in {c.AT, c.ASSERT, c.ASSERT_NOT}:
            return ""
        raise ValueError(f"no way to make {code}")

    @staticmethod
    def _members(members: Any) -> list[str]:
        found: list[str] = []
        for code, argument in members:
            if code is _constants.LITERAL:
                found.append(chr(argument))
            elif code is _constants.RANGE:
                found.extend(map(chr, range(argument[0], argument[1] + 1)))
            elif argument is _constants.CATEGORY_DIGIT:
                found.extend(string.digits)
            elif argument is _constants.CATEGORY_WORD:
                found.extend(ALNUM)
            elif argument is _constants.CATEGORY_SPACE:
                found.append(" ")
            else:  # "not this": any letter
                found.extend(string.ascii_lowercase)
        return [char for char in found if char.isalnum()] if len(found) > 12 else found


SAMPLES = tomllib.loads(Path(__file__).with_name("secret_samples.toml").read_text(encoding="utf-8"))

type Made = tuple[str, str, str]
"""A text with `\\0` on both sides of the secret, the category, the kind; the key stands before a tab, if any."""


def _mark(secret: str) -> str:
    return f"\0{secret}\0"


def _of_rules(make: Maker) -> Iterator[Made]:
    for rule in rules():
        for at in range(EACH_RULE):
            made = make.of(rule.pattern)
            if rule.named:
                value = _value_of(rule.pattern, rule.group, make)
                word = rule.keywords[-1] if "atatt3" not in rule.keywords else "atlassian"
                name = word + make.pick("_api_key", "_token", "_client_secret", "_access_token", "ApiKey")
                key, place = SAMPLES["named"][at % len(SAMPLES["named"])].split("\t") if at else (name, "{}")
                text = place.format(_mark(value), name=name, NAME=name.upper().replace("-", "_"))
            else:
                key, place = make.chance.choice(SAMPLES["bare"]).split("\t")
                value = _cut(rule.pattern, rule.group, made)
                text = place.format(made.replace(value, _mark(value)))
            yield f"{key}\t{text}", rule.category, f"rule {rule.id}"


def _value_of(pattern: str, group: int, make: Maker) -> str:
    """The part of a text made from `pattern` that is the secret."""
    return _cut(pattern, group, make.of(pattern))


def _cut(pattern: str, group: int, made: str) -> str:
    found = re.compile(pattern, ASCII).search(made)
    if found is None:
        raise ValueError(f"made no text for {pattern[:40]}")
    if group < 0:
        return next((part for part in found.groups() if part), found.group())
    return found.group(group)


WORDS = ("Soleil", "Bluebird", "Tournesol", "Summer", "Nuage", "Marmotte", "Copper", "Granite", "Velours", "Harbor")
SIGNS = "!?#$%*-_+"


def _password(make: Maker) -> str:
    return make.pick(
        make.pick(*WORDS) + str(make.chance.randint(10, 9999)) + make.chance.choice("!?#$*"),
        make.pick(*WORDS) + make.chance.choice("-_#!") + str(make.chance.randint(100, 9999)),
        make.text(ALNUM, 9) + str(make.chance.randint(0, 9)) + "xK",
        make.text(string.ascii_lowercase, 5) + str(make.chance.randint(10, 99)) + make.chance.choice("!#$") + "Qz",
    )


def _otp(make: Maker) -> str:
    return make.text(string.digits, make.chance.choice((4, 5, 6, 6, 6, 8)))


def _jwt(make: Maker) -> str:
    parts = ({"alg": make.pick("HS256", "RS256"), "typ": "JWT"}, {"sub": make.text(LOWER, 8), "exp": 1893456000})
    head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return f"{head}.{body}.{make.text(ALNUM, 43)}"


def _pem(make: Maker) -> str:
    kind = make.pick("", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ")
    lines = "\n".join(make.text(ALNUM, 64) for _ in range(4))
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{lines}\n-----END {kind}PRIVATE KEY-----"


def _basic(make: Maker) -> str:
    return base64.b64encode(f"{make.text(LOWER, 6)}:{_password(make)}".encode()).decode()


VALUES: dict[str, Callable[[Maker], str]] = {
    "password": _password,
    "letters": lambda make: make.text(ALNUM, 14),
    "basic": _basic,
    "jwt": _jwt,
    "pem": _pem,
    "otp": _otp,
    "key": lambda make: make.pick(make.mixed(32), make.text(HEX, 40), make.mixed(24), make.text(LOWER, 36)),
    "long_key": lambda make: make.pick(make.mixed(40), make.mixed(28), make.text(HEX, 40)),
    "signature": lambda make: make.text(HEX, 64),
}


def _positives(make: Maker) -> Iterator[Case]:
    made = list(_of_rules(make))
    for own in SAMPLES["own"]:
        for place in own["places"] * 4:
            text = place.format(_mark(VALUES[own["value"]](make)))
            made.append((text, f"system.secret.{own['kind']}", f"own {own['kind']}: {place.partition('\t')[0]}"))
    for _ in range(4):
        name, secret = make.pick("API_KEY", "DB_PASSWORD", "AUTH_TOKEN"), make.mixed(30)
        yield Case({"env": [{"name": name, "value": secret}]}, "env pair", "value", 0, len(secret), "system.secret")
        encoded = base64.b64encode(secret.encode()).decode()
        text = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\ndata:\n  db: {_mark(encoded)}\n"
        made.append((f"manifest\t{text}", "system.secret", "kubernetes secret"))
        made.append((f"rows\tname,api_key\nprod,{_mark(secret)}\n", "system.secret", "csv"))
        made.append((f'payload\t{{"user": "ana", "api_key": "{_mark(secret)}"}}', "system.secret", "json in text"))
    for text, category, kind in made:
        key, _, marked = text.partition("\t")
        before, secret, after = marked.split("\0")
        yield Case({key: before + secret + after}, kind, key, len(before), len(before) + len(secret), category)


SENTENCES: tuple[str, ...] = tuple(SAMPLES["sentences"])


def _harmless(make: Maker) -> Iterator[tuple[str, dict[str, Any]]]:
    pick, text, digits = make.pick, make.text, string.digits
    for _ in range(24):
        some = str(uuid.UUID(int=make.chance.getrandbits(128), version=4))
        sha1, sha256, md5 = text(HEX, 40), text(HEX, 64), text(HEX, 32)
        yield "uuid", {pick("id", "trace_id", "session_ref", "data", "value1"): some}
        yield "uuid in text", {"note": f"see ticket {some} for details"}
        yield "hash", {pick("sha256", "checksum", "etag", "data", "hash"): sha256}
        yield "commit", {pick("message", "body"): pick(f"commit {sha1} breaks the build", f"revert {sha1[:12]} please")}
        yield "hash in text", {"text": pick(f"md5 {md5} matches", f"the key file has md5 {md5}", f"sha256:{sha256}")}
        yield "integrity", {"integrity": "sha512-" + base64.b64encode(make.chance.randbytes(64)).decode()}
        yield (
            "order",
            {pick("order", "reference", "sku", "data"): f"{pick('ORD', 'CMD', 'SKU', 'INV')}-{text(digits, 8)}"},
        )
        yield "order in text", {"message": f"Where is my order {text(string.ascii_uppercase, 3)}-{text(digits, 9)}?"}
        yield (
            "base64 of text",
            {"content": base64.b64encode((" ".join(make.chance.sample(SENTENCES, 3))).encode()).decode()},
        )
        yield "base64 image", {"image": "data:image/png;base64,iVBORw0KGgo" + text(ALNUM + "+/", 200)}
        yield (
            "cursor",
            {pick("cursor", "next_cursor", "nextPageToken", "page_token", "continuationToken"): text(ALNUM, 28)},
        )
        yield "cursor in address", {"url": f"https://example.org/list?page_token={text(ALNUM, 24)}&limit=20"}
        yield "trace", {"traceparent": f"00-{md5}-{text(HEX, 16)}-01"}
        yield (
            "version",
            {
                pick(
                    "version", "tag", "text"
                ): f"v{make.chance.randint(1, 20)}.{make.chance.randint(0, 30)}.{make.chance.randint(0, 9)}-rc.1"
            },
        )
        yield (
            "path",
            {
                pick(
                    "path", "file"
                ): f"/home/app/src/{text(string.ascii_lowercase, 8)}/secret_manager/token_store_{text(digits, 2)}.py"
            },
        )
        yield (
            "date",
            {
                pick(
                    "password_changed_at", "token_expires_at", "date", "api_key_created"
                ): f"2026-0{make.chance.randint(1, 9)}-1{make.chance.randint(0, 9)}T10:00:00Z"
            },
        )
        yield "colour", {pick("color", "accent"): "#" + text(HEX, 6)}
        yield (
            "long address",
            {
                "url": f"https://www.example.org/{pick('p', 'item', 'd')}/{text(ALNUM, 22)}/view?utm_source=mail&utm_campaign={text(LOWER, 12)}&id={text(digits, 9)}"
            },
        )
        yield "video", {"link": f"https://www.youtube.com/watch?v={text(ALNUM, 11)}"}
        yield "number", {pick("max_tokens", "token_count", "tokens_used", "amount"): text(digits, 6)}
        yield (
            "key name",
            {
                pick("primary_key", "partition_key", "cache_key", "sort_key", "idempotency_key", "key"): pick(
                    f"user:{text(digits, 6)}:cart", some, f"orders/{text(digits, 8)}"
                )
            },
        )
        yield (
            "slug",
            {
                "slug": pick(
                    "sk-flooring-and-carpet-cleaning-services",
                    "how-to-store-api-keys-safely-2026",
                    "token-bucket-rate-limiter-in-go",
                )
            },
        )
        yield (
            "secret's name",
            {
                pick("secret_name", "token_type", "password_policy", "auth_type", "api_key_id"): pick(
                    "bearer", "prod/db/main", "strong", "oauth2", "key-rotation"
                )
            },
        )
        yield (
            "place holder",
            {
                pick("api_key", "password", "token", "secret"): pick(
                    "YOUR_API_KEY",
                    "********",
                    "<redacted>",
                    "changeme",
                    "xxxxxxxxxxxxxxxx",
                    "${TOKEN}",
                    "n/a",
                    "sk-xxxxxxxxxxxxxxxxxxxxxxxx",
                )
            },
        )
        yield (
            "place holder in text",
            {
                "text": pick(
                    "API_KEY=your_api_key_here",
                    'token: "{{ token }}"',
                    "PASSWORD=********",
                    "Bearer <token>",
                    "AKIAIOSFODNN7EXAMPLE",
                    "postgres://user:${PASSWORD}@db/app",
                )
            },
        )
        yield "public key", {"key": f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{text(ALNUM, 43)} ana@laptop"}
        yield "phone", {"phone": f"+33 6 {text(digits, 2)} {text(digits, 2)} {text(digits, 2)} {text(digits, 2)}"}
        yield (
            "amount",
            {
                "message": f"facture {text(digits, 7)} de {make.chance.randint(10, 999)},50 € payée le 0{make.chance.randint(1, 9)}/02/2026"
            },
        )
        yield (
            "code",
            {
                "code": pick(
                    "function getToken(user) { return user.token.value; }",
                    "password = getpass.getpass()",
                    "const key = process.env.API_KEY;",
                    "api_key = os.environ['OPENAI_API_KEY']",
                    "if token == refreshToken: pass",
                    "secret = secrets.token_urlsafe(32)",
                )
            },
        )
        yield "wallet", {pick("token", "contract"): "0x" + text(HEX, 40)}
        yield (
            "year or code",
            {
                "message": pick(
                    f"error code {text(digits, 4)}",
                    f"code postal {text(digits, 5)}",
                    f"code barre {text(digits, 13)}",
                    f"zip code {text(digits, 5)}",
                    f"le code article {text(digits, 6)}",
                    f"tracking code {text(string.ascii_uppercase, 2)}{text(digits, 9)}FR",
                )
            },
        )
        yield "numbers named code", {pick("code", "status_code", "country_code", "pin_count", "zip"): text(digits, 5)}
        yield (
            "device",
            {"user_agent": f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/1{text(digits, 2)}.0.0.0"},
        )
        yield (
            "csv",
            {"rows": f"id,name,token_count\n1,{pick(*WORDS)},{text(digits, 4)}\n2,{pick(*WORDS)},{text(digits, 4)}\n"},
        )
        yield (
            "vendor's id",
            {
                pick(
                    "asana_task_gid",
                    "discord_channel_id",
                    "hubspot_contact_id",
                    "jira_issue",
                    "sentry_event_id",
                    "airtable_base",
                    "linear_issue_id",
                ): pick(text(digits, 16), text(digits, 18), some, "APP-1042", md5)
            },
        )
        yield (
            "vendor in text",
            {
                "message": pick(
                    f"Asana task {text(digits, 16)}",
                    f"Discord: {text(digits, 18)}",
                    f"Sentry event {md5}",
                    "Dropbox: internationalize the app",
                    f"linear = {sha1}",
                    f"See Jira {pick('APP', 'OPS')}-{text(digits, 4)}, confluence page {text(digits, 9)}",
                )
            },
        )
        yield (
            "geometry",
            {"wkt": f"POLYGON(({text(digits, 2)}.{text(digits, 4)} 4{text(digits, 1)}.{text(digits, 5)}, 2.3 48.8))"},
        )
        yield "isbn", {"message": f"ISBN 978-2-07-0{text(digits, 5)}-{text(digits, 1)}, key 12 on the shelf"}
        yield "timestamp", {pick("ts", "time"): f"1{text(digits, 9)}.{text(digits, 6)}"}
        yield (
            "licence plate",
            {
                "text": f"plaque {text(string.ascii_uppercase, 2)}-{text(digits, 3)}-{text(string.ascii_uppercase, 2)}, badge {text(digits, 5)}"
            },
        )
        yield "mime id", {"message_id": f"<{text(ALNUM, 22)}@mail.example.org>"}
        yield "arn", {"arn": f"arn:aws:secretsmanager:eu-west-3:{text(digits, 12)}:secret:prod/db-{text(ALNUM, 6)}"}
    for sentence in SENTENCES * 8:
        yield "sentence", {pick("message", "q", "text", "data", "body"): sentence}
        words = sentence.split()
        yield (
            "sentence, longer",
            {
                "note": f"{sentence} — {' '.join(make.chance.sample(words, min(3, len(words))))} {make.chance.randint(1, 99)}"
            },
        )


def cases(seed: int = 7) -> Iterator[Case]:
    """Fields with a secret, then harmless ones; the same for the same seed."""
    make = Maker(seed)
    yield from _positives(make)
    for kind, given in _harmless(make):
        yield Case(given, f"harmless {kind}")


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a case: whether the secret, and how many findings that are none."""

    case: Case
    hit: bool
    exact: bool
    others: int


def look(case: Case) -> Found:
    """Run the secret detector over one case, as the pipeline would."""
    payload = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "tool", "arguments": case.given}}
    text = json.dumps(payload, ensure_ascii=False)
    node = parse(text)
    if not isinstance(node, Node):
        raise TypeError("a case is no JSON")
    message = Message("app", Direction.TO_APP, Kind.REQUEST, "tools/call", "tool", 1, node, text)
    context = Context("app", Direction.TO_APP, Kind.REQUEST, "tools/call", "tool", None, "en")
    found, _gaps = detect(fields(message)[0], context, [DETECTOR])
    spans = [(*one.of.outer(one.start, one.end), one.of, one.category) for one in found]
    hits = [
        (start, end, category)
        for start, end, of, category in spans
        if case.category and case.key in of.keys and start < case.end and case.start < end
    ]
    good = [hit for hit in hits if is_within(hit[2], "system.secret")]
    exact = any(
        (start, end) == (case.start, case.end) and is_within(category, case.category) for start, end, category in good
    )
    return Found(case, bool(good), exact, len(spans) - len(good))


@dataclass(frozen=True, slots=True)
class Figures:
    """Recall and precision over cases: by secret, and with span and category exact."""

    positives: int
    negatives: int
    recall: float
    exact: float
    precision: float
    flagged: int
    missed: tuple[tuple[str, int], ...]
    false: tuple[tuple[str, int], ...]


def measure(seed: int = 7) -> Figures:
    """The figures over `cases(seed)`, and the kinds that were missed or flagged."""
    results = [look(case) for case in cases(seed)]
    with_secret = [one for one in results if one.case.category]
    without = [one for one in results if not one.case.category]
    hits = sum(one.hit for one in with_secret)
    false = sum(one.others for one in results)
    return Figures(
        len(with_secret),
        len(without),
        hits / len(with_secret),
        sum(one.exact for one in with_secret) / len(with_secret),
        hits / max(1, hits + false),
        sum(one.others > 0 for one in without),
        tuple(Counter(one.case.kind for one in with_secret if not one.hit).most_common()),
        tuple(Counter(one.case.kind for one in results if one.others).most_common()),
    )


def main() -> None:
    """Print the figures; with `--errors` the fields, which are fictitious."""
    figures = measure()
    print(
        f"{figures.positives} secrets: recall {figures.recall:.4f}, exact span and category {figures.exact:.4f}; "
        f"precision {figures.precision:.4f}; {figures.flagged} of {figures.negatives} harmless fields flagged"
    )
    print("missed:", dict(figures.missed))
    print("false:", dict(figures.false))
    if "--errors" in sys.argv:
        shown: defaultdict[str, int] = defaultdict(int)
        for one in map(look, cases()):
            wrong = (
                "MISSED"
                if one.case.category and not one.hit
                else "FALSE"
                if one.others
                else "INEXACT"
                if one.case.category and not one.exact
                else ""
            )
            if wrong and shown[wrong + one.case.kind] < 2:
                shown[wrong + one.case.kind] += 1
                print(wrong, one.case.kind, one.case.category, one.case.given, (one.case.start, one.case.end))


if __name__ == "__main__":
    main()
