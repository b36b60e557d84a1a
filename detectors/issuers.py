"""Secrets by the shape that their issuer gives them: the rules of gitleaks (`data/secrets.toml`) and our own."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from douane.detectors.chance import entropy, is_hex, is_password, is_placeholder, is_slug, is_uuid, is_wordy

KEY = "system.secret.api_key"
TOKEN = "system.secret.token"  # noqa: S105 - a category
PASSWORD = "system.secret.password"  # noqa: S105 - a category
PRIVATE = "system.secret.private_key"
OTP = "system.secret.one_time_code"


class Hit(NamedTuple):
    """Where in a text a secret stands, what it is, how sure that is and why."""

    start: int
    end: int
    category: str
    score: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One issuer's shape.

    `keywords` say when to try it (`exact`: with their case), `least` the shortest text that can match. `group` is the
    part that is the secret: 0 all of it, -1 the first that took part. `named` rules want the issuer's name before the
    value. A value of less than `entropy` bits a character, or that one of `allowed` matches, is none.
    """

    id: str
    category: str
    keywords: tuple[str, ...]
    pattern: str
    group: int = 0
    named: bool = False
    entropy: float = 0.0
    least: int = 14
    allowed: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()


_L = "(?<![A-Za-z0-9])"
_R = "(?![A-Za-z0-9])"

# Newer or longer than gitleaks knows them, or shapes that need no issuer's name beside them.
OURS = (
    Rule("aws-key-id", KEY, ("akia", "asia", "abia", "acca"), _L + r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}" + _R),
    Rule("github", TOKEN, ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), _L + r"gh[pousr]_[A-Za-z0-9]{36,255}" + _R),
    Rule("github-fine", TOKEN, ("github_pat_",), r"github_pat_[A-Za-z0-9_]{60,255}"),
    Rule("gitlab", TOKEN, ("glpat-",), r"glpat-[A-Za-z0-9_-]{20,64}"),
    Rule("sk", KEY, ("sk-",), _L + r"sk-(?:proj-|svcacct-|admin-|ant-[a-z0-9]{2,8}-|or-v1-)?[A-Za-z0-9_-]{20,220}"),
    Rule("stripe", KEY, ("sk_", "rk_", "pk_"), _L + r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,128}"),
    Rule("signing", KEY, ("whsec_",), r"whsec_[A-Za-z0-9+/=]{24,64}"),
    Rule("slack", TOKEN, ("xox",), r"xox[abceoprs]-[A-Za-z0-9-]{10,250}"),
    Rule("slack-hook", KEY, ("hooks.slack.com",), r"hooks\.slack\.com/services/[A-Za-z0-9/]{20,90}"),
    Rule("discord-hook", KEY, ("/api/webhooks/",), r"discord(?:app)?\.com/api/webhooks/\d{17,20}/[\w-]{60,70}"),
    Rule("google", KEY, ("aiza",), _L + r"AIza[A-Za-z0-9_-]{35}"),
    Rule("google-access", TOKEN, ("ya29.",), r"ya29\.[A-Za-z0-9_-]{20,400}"),
    Rule("google-client", KEY, ("gocspx-",), r"GOCSPX-[A-Za-z0-9_-]{28}"),
    Rule("google-refresh", TOKEN, ("1//0",), _L + r"1//0[A-Za-z0-9_-]{40,200}"),
    Rule("sendgrid", KEY, ("sg.",), _L + r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}", exact=("SG.",)),
    Rule("hugging-face", TOKEN, ("hf_",), _L + r"hf_[A-Za-z0-9]{30,64}"),
    Rule("npm", TOKEN, ("npm_",), _L + r"npm_[A-Za-z0-9]{36}"),
    Rule("pypi", TOKEN, ("pypi-",), r"pypi-[A-Za-z0-9_-]{50,250}"),
    Rule("mailgun", KEY, ("key-",), _L + r"key-[0-9a-f]{32}" + _R),
    Rule("new-relic", KEY, ("nrak-", "nrjs-", "nrii-"), r"NR(?:AK-[A-Z0-9]{27}|JS-[a-f0-9]{19}|II-[A-Za-z0-9_-]{32})"),
    Rule("telegram", TOKEN, (":aa",), r"(?<!\d)\d{8,10}:AA[A-Za-z0-9_-]{33}"),
    Rule("groq", KEY, ("gsk_",), _L + r"gsk_[A-Za-z0-9]{48,56}" + _R),
    Rule("xai", KEY, ("xai-",), _L + r"xai-[A-Za-z0-9]{70,90}" + _R),
    Rule("replicate", TOKEN, ("r8_",), _L + r"r8_[A-Za-z0-9]{37}" + _R),
    Rule("figma", TOKEN, ("figd_",), r"figd_[A-Za-z0-9_-]{36,50}"),
    Rule("notion", TOKEN, ("secret_",), _L + r"secret_[A-Za-z0-9]{43}" + _R),
    Rule("supabase", TOKEN, ("sbp_", "sb_secret_"), _L + r"(?:sbp_[a-f0-9]{40}|sb_secret_[A-Za-z0-9_-]{24,50})"),
    Rule("docker", TOKEN, ("dckr_",), r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{27,32}"),
    Rule("tailscale", KEY, ("tskey-",), r"tskey-[a-z]{3,8}-[A-Za-z0-9]{6,24}-[A-Za-z0-9]{20,40}"),
    Rule("langsmith", KEY, ("lsv2_",), r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
    Rule("hubspot", TOKEN, ("pat-",), _L + r"pat-(?:na|eu)\d-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    Rule("typeform", TOKEN, ("tfp_",), _L + r"tfp_[A-Za-z0-9_.-]{44,70}"),
    Rule("square", TOKEN, ("sq0csp-",), r"sq0csp-[A-Za-z0-9_-]{40,44}"),
    Rule("meta", TOKEN, ("eaa",), _L + r"EAA[A-Za-z0-9]{80,300}" + _R, exact=("EAA",)),
    Rule("azure-account", KEY, ("accountkey=",), r"(?i)AccountKey=([A-Za-z0-9+/=]{40,100})", 1),
    Rule("azure-shared", KEY, ("sharedaccesskey=",), r"(?i)SharedAccessKey=([A-Za-z0-9+/=]{40,100})", 1),
)  # fmt: skip

_SAYS_SECRET = re.compile(
    r"(?i)key|token|secret|api|auth|pass|pwd|cred|sdk|client|oauth|bearer|pat\b|login|licen|webhook|access|sign|cl[eé]|"
    r"jeton|mdp|encrypt|contribsys|private"
)
_FOR_NAMES = 60


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, our own first; read once, compiled when first tried."""
    return (*OURS, *_load()[0])


@cache
def _load() -> tuple[tuple[Rule, ...], tuple[re.Pattern[str], ...], tuple[str, ...]]:
    """The rules of gitleaks, its place holders and its stop words."""
    data = tomllib.loads((files("douane.detectors") / "data" / "secrets.toml").read_text(encoding="utf-8"))
    found = tuple(
        Rule(
            row["id"],
            row["category"],
            tuple(row["keywords"]),
            row["pattern"],
            row["group"],
            row["named"],
            row["entropy"],
            row["least"],
            tuple(row.get("allowed", ())),
            tuple(row.get("exact", ())),
        )
        for row in data["rules"]
    )
    return found, tuple(compiled(pattern) for pattern in data["allowed"]), tuple(data["stopwords"])


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern as Go reads it: `\\w`, `\\b`, `\\s` and letter case are those of ASCII."""
    return re.compile(pattern, re.ASCII)


def issued(rule: Rule, text: str) -> Iterator[Hit]:
    """What `rule` finds in `text`."""
    if len(text) < rule.least:
        return
    for found in compiled(rule.pattern).finditer(text):
        group = rule.group
        if group < 0:
            group = next((at for at, part in enumerate(found.groups(), 1) if part), 0)
        start, end = found.span(group)
        value = text[start:end]
        if end - start < 8 or not _counts(rule, value):
            continue
        if rule.named and group and not _is_named(text, found.start(), start, value):
            continue
        yield Hit(start, end, rule.category, 0.95 if rule.named else 0.98, "issuer's shape")


def _counts(rule: Rule, value: str) -> bool:
    _, placeholders, stopwords = _load()
    if is_placeholder(value) or entropy(value) < max(rule.entropy, 2.0):
        return False
    if any(compiled(pattern).search(value) for pattern in rule.allowed):
        return False
    # A slug can begin like a key: "sk-flooring-and-carpet-cleaning".
    if is_wordy(value) and (is_slug(value) or (value.count("-") > 2 and value.islower())):
        return False
    if any(word in value for word in stopwords):
        return False
    return not any(pattern.search(value) for pattern in placeholders)


def _is_named(text: str, begin: int, start: int, value: str) -> bool:
    """Whether the issuer's name stands in the name of a secret, or the value can be nothing else."""
    before = text[max(0, begin - _FOR_NAMES) : begin]
    name = re.split(r"[^\w.-]", before)[-1] + text[begin:start]
    if _SAYS_SECRET.search(name):
        return True
    # The issuer alone names its ids and hashes too.
    return not (is_hex(value) or is_uuid(value) or value.isalpha()) and is_password(value) and entropy(value) >= 3.2
