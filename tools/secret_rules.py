"""Build `detectors/data/secrets.toml` from the rules of gitleaks.

    python tools/secret_rules.py GITLEAKS.toml [OUT.toml]

Go's RE2 syntax becomes Python's; what only makes sense for files of a repository is left out, each with its reason.
"""

import json
import re
import sys
import tomllib
import warnings
from pathlib import Path
from re import _parser  # type: ignore[attr-defined]
from typing import Any

OUT = Path(__file__).parents[1] / "detectors" / "data" / "secrets.toml"

# The three pieces from which gitleaks builds most of its rules.
_BEFORE = r"[\w.-]{0,50}?"
_NAMED = r"""(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)[\x60'"\s=]{0,5}"""
_AFTER = (r"""(?:[\x60'"\s;]|\\[nr]|$)""", r"""(?:[\x60'"\s;]|\\[nr]|$|\b)""")

# What stands before a match is no part of it and costs fifty steps a character. In prose a name is followed by "is" or
# "est", in text within text by `\"`; and a value is followed by the signs of a sentence.
_OUR_NAMED = r"""(?:[ \t\w.-]{0,30})[\s'"\\]{0,4}(?:=|>|:{1,3}=|\|\||:|=>|\?=|,|\b(?:is|est)\b)[\x60'"\s=\\]{0,5}"""
_OUR_AFTER = r"""(?=[\x60'"\s;,.:!?()\[\]{}<>&|\\]|\Z)"""

DROPPED = {
    "pkcs12-file": "a file name, no text",
    "freemius-secret-key": "PHP source only, and its value is matched by stripe-access-token or by name",
    "hashicorp-tf-password": "Terraform files only; passwords that are named are found without it",
    "nuget-config-password": "NuGet files only; passwords that are named are found without it",
    "kubernetes-secret-yaml": "not linear in Python; manifests are read by secret_words",
    "curl-auth-header": "not linear in Python; headers are read by secret_words",
    "curl-auth-user": "not linear in Python; `-u name:password` is read by secret_words",
    "private-key": "not linear without an end line; PEM blocks are read by secret_words",
    "jwt": "JSON web tokens are read by secret_words, unsigned ones and encrypted ones too",
    "generic-api-key": "any name and any value: replaced by the names and gates of secret_words",
}
CHANGED: dict[str, dict[str, Any]] = {
    # 40 hex digits near the word are a commit more often than a token.
    "sourcegraph-access-token": {
        "regex": r"(?i)\b(sgp_(?:[a-fA-F0-9]{16}|local)_[a-fA-F0-9]{40}|sgp_[a-fA-F0-9]{40})\b",
        "keywords": ["sgp_"],
    },
    # These shapes speak for themselves; the issuer's name need not stand beside them.
    "airtable-personnal-access-token": {"keywords": ["pat"]},
    "facebook-access-token": {
        "regex": r"\b(\d{15,16}(?:\||%)[0-9a-zA-Z\-_]{27,40})" + _AFTER[0],
        "keywords": ["|", "%"],
    },
    "twilio-api-key": {"regex": r"\bSK[0-9a-fA-F]{32}\b", "exact": ["SK"]},
    "harness-api-key": {"regex": r"\b(?:pat|sat)\.[a-zA-Z0-9_-]{22}\.[a-zA-Z0-9]{24}\.[a-zA-Z0-9]{20}\b"},
    "vault-service-token": {"regex": r"\b((?:hvs\.[\w-]{90,120}|s\.[a-zA-Z0-9]{24}))" + _AFTER[0]},
    # `(a{4}-){3}` is a group for counting, not the secret.
    "microsoft-teams-webhook": {"group": 0},
    "gocardless-api-token": {"keywords": ["gocardless"]},
    "intra42-client-secret": {"keywords": ["s-s4t2ud-", "s-s4t2af-"]},
    "lob-api-key": {"keywords": ["lob"]},
    "lob-pub-api-key": {"keywords": ["lob"]},
}
PRIVATE = {"age-secret-key"}
# Called tokens, and keys all the same.
KEYS = {
    "aws-access-token",
    "mailgun-private-api-token",
    "new-relic-browser-api-token",
    "sendgrid-api-token",
    "stripe-access-token",
}
TOKEN_WORDS = {"token", "pat", "oauth", "ptt", "rrt", "jwt", "cookie"}


def category(rule: str) -> str:
    """The category of a rule's secret, by the words of its name."""
    words = set(rule.split("-"))
    if rule in PRIVATE:
        return "system.secret.private_key"
    if "password" in words or rule == "sidekiq-sensitive-url":
        return "system.secret.password"
    return "system.secret.token" if words & TOKEN_WORDS and rule not in KEYS else "system.secret.api_key"


def translated(pattern: str) -> tuple[str, bool]:
    """A Go pattern as Python has it, and whether it wants a name before the value."""
    named = _NAMED in pattern or r"""(?:[ \t\w.-]{0,20})[\s'"]{0,3})(?:=|>""" in pattern
    pattern = pattern.replace(_BEFORE, "")
    # Some rules close their group of letter case in the middle of the piece.
    pattern = pattern.replace(
        r"""(?:[ \t\w.-]{0,20})[\s'"]{0,3})(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)[\x60'"\s=]{0,5}""", ")" + _NAMED
    )
    pattern = pattern.replace(_NAMED, _OUR_NAMED)
    for after in reversed(_AFTER):
        pattern = pattern.replace(after, _OUR_AFTER)
    # The sign after a token is no part of it.
    pattern = pattern.replace(r"(?:[^\w-]|\z)", r"(?![\w-])").replace(r"(?:[^a-zA-Z0-9+/]|\z)", r"(?![a-zA-Z0-9+/])")
    pattern = pattern.replace("[[:alnum:]]", "[A-Za-z0-9]")
    return _flags_scoped(pattern), named


def _flags_scoped(pattern: str) -> str:
    """With `(?i)` in the middle as a scoped group, and Go's `$` and `\\z` as Python's `\\Z`."""
    out: list[str] = []
    open_flags = [0]  # scoped groups opened by us, in each group that is open
    at, in_class = 0, False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            out.append({r"\z": r"\Z"}.get(pattern[at : at + 2], pattern[at : at + 2]))
            at += 2
            continue
        if in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
            # A bracket that comes first is a member of the class.
            end = at + 2 if pattern[at + 1 : at + 2] == "^" else at + 1
            if pattern[end : end + 1] == "]":
                out.append(pattern[at : end + 1])
                at = end + 1
                continue
        elif pattern.startswith("(?i)", at):
            if at == 0:
                out.append("(?i)")
            else:
                out.append("(?i:")
                open_flags[-1] += 1
            at += 4
            continue
        elif char == "(":
            open_flags.append(0)
        elif char == ")":
            out.append(")" * open_flags.pop())
        elif char == "|":
            out.append(")" * open_flags[-1] + "|" + "(?i:" * open_flags[-1])
            at += 1
            continue
        elif char == "$":
            char = r"\Z"
        out.append(char)
        at += 1
    return "".join(out) + ")" * open_flags[0]


def converted(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule as the package has it."""
    rule = rule | CHANGED.get(rule["id"], {})
    pattern, named = translated(rule["regex"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compiled = re.compile(pattern, re.ASCII)
    group = rule.get("group", rule.get("secretGroup", min(compiled.groups, 1) if compiled.groups < 2 else -1))
    found: dict[str, Any] = {
        "id": rule["id"],
        "category": category(rule["id"]),
        "keywords": sorted({word.lower() for word in rule["keywords"]}),
        "pattern": pattern,
        "group": group,
        "named": named,
        "entropy": float(rule.get("entropy", 0)),
        "least": _parser.parse(pattern, re.ASCII).getwidth()[0],
    }
    if "exact" in rule:
        found["exact"] = rule["exact"]
    allowed = [
        translated(regex)[0]
        for allowlist in rule.get("allowlists", ())
        if allowlist.get("regexTarget", "secret") == "secret"
        for regex in allowlist.get("regexes", ())
    ]
    if allowed:
        found["allowed"] = allowed
    return found


def global_allowed(config: dict[str, Any]) -> list[str]:
    """gitleaks' own place holders, less those of file paths; `^true|false|null$` says what it means to say."""
    kept = [regex for regex in config["allowlist"]["regexes"] if not regex.startswith(("^/", "(?i)^true"))]
    return [r"(?i)^(?:true|false|null)\Z", *(translated(regex)[0] for regex in kept)]


def rendered(value: Any) -> str:
    """A value in TOML; JSON's strings, numbers and lists of strings are TOML's as well."""
    return json.dumps(value, ensure_ascii=True)


HEADER = """\
# Shapes of secrets, made by tools/secret_rules.py from the rules of gitleaks; do not edit by hand.
# gitleaks (https://github.com/gitleaks/gitleaks) is published under the MIT License:
#
# Copyright (c) 2019 Zachary Rice
#
# Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
# documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
# rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
# persons to whom the Software is furnished to do so, subject to the following conditions:
#
# The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
# Software.
#
# THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
# WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
# COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
# OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def main() -> None:
    """Read gitleaks' rules, write ours."""
    config = tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    lines = [HEADER, f"stopwords = {rendered(config['allowlist']['stopwords'])}", "allowed = ["]
    lines += [f"  {rendered(regex)}," for regex in global_allowed(config)]
    lines += ["]", "", "[dropped]"]
    lines += [f"{name} = {rendered(reason)}" for name, reason in sorted(DROPPED.items())]
    for rule in config["rules"]:
        if rule["id"] not in DROPPED:
            lines += ["", "[[rules]]"]
            lines += [f"{name} = {rendered(value)}" for name, value in converted(rule).items()]
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else OUT
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
