"""The values of a declaration file that are more than text: checked, never repeated. Pure module: no I/O.

Empty text always means "not said", and passes.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final

from pydantic import AfterValidator, Field, Strict, WithJsonSchema

from douane.audit import countries, fides, suffixes, taxonomy
from douane.audit.category_key import is_category
from douane.audit.fides import Kind
from douane.audit.yamltext import refusal

HOST_NAME = r"^(\*\.)?[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$"

DURATION: Final = re.compile(
    r"P(?=\d|T\d)(?:\d{1,6}Y)?(?:\d{1,6}M)?(?:\d{1,6}W)?(?:\d{1,6}D)?(?:T(?=\d)(?:\d{1,6}H)?(?:\d{1,6}M)?(?:\d{1,6}S)?)?",
    re.ASCII,
)
"""An ISO 8601 duration of whole numbers: `P12M`, `P30D`, `PT0S` for what is not kept."""
POINTER: Final = re.compile(r"(?:/(?:[^~/]|~[01])*)+")
"""A pointer of RFC 6901 that is not empty."""
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})?)?")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def _fides(kind: Kind, what: str) -> Callable[[str], str]:
    def check(key: str) -> str:
        if key and fides.word(kind, key) is None:
            close = fides.nearest(kind, key)
            raise refusal(f"not {what}", f"Did you mean {close}?" if close else "docs/declaration.md lists them.")
        return key

    return check


def _country(code: str) -> str:
    if code.strip().upper() in ("EU", "UE", "EEA", "EEE"):
        raise refusal("the Union is not a country", "Write the country itself, such as FR (ISO 3166-1).")
    if code and not countries.is_country(code):
        close = countries.nearest(code)
        remedy = f"Did you mean {close}?" if close else "Write two capital letters, such as FR (ISO 3166-1)."
        raise refusal("not a country code", remedy)
    return code


def _duration(text: str) -> str:
    if text and not DURATION.fullmatch(text):
        remedy = "Write an ISO 8601 duration: P30D is 30 days, P12M 12 months, PT0S not kept at all."
        raise refusal("not a duration", remedy)
    return text


def _date(text: str) -> str:
    remedy = "Write an ISO 8601 date, such as 2026-11-02, with a time after it if need be: 2026-11-02T09:30:00Z."
    if text and not _DATE.fullmatch(text):
        raise refusal("not a date", remedy)
    try:
        datetime.fromisoformat(text or "2000-01-01")
    except ValueError:
        raise refusal("no day of the calendar", remedy) from None
    return text


def _sha256(text: str) -> str:
    if text and not _SHA256.fullmatch(text.lower()):
        raise refusal("not a SHA-256 digest", "Write its 64 hexadecimal digits: `sha256sum FILE` prints them.")
    return text.lower()


def _pointer(text: str) -> str:
    if not POINTER.fullmatch(text):
        remedy = "Write the way to the field from the arguments or the structured content: /results/*/email."
        raise refusal("not a JSON pointer", remedy)
    return text


def _host(name: str) -> str:
    if name.startswith("*.") and suffixes.shared(name.removeprefix("*.")):
        remedy = "Write the name that they registered, such as *.example.org, or each host."
        raise refusal("takes in hosts of others", remedy)
    return name


def _listed(kind: Kind) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": ["", *(one.key for one in fides.words(kind))]})


def _shaped(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^({pattern})?$"})


_KEYS = [one.key for one in taxonomy.categories()]

type Short = Annotated[str, Field(max_length=200)]
type Text = Annotated[str, Field(max_length=4000)]
type Category = Annotated[str, AfterValidator(is_category), WithJsonSchema({"type": "string", "enum": _KEYS})]
type Categories = Annotated[tuple[Category, ...], Field(max_length=500)]
type SomeCategories = Annotated[tuple[Category, ...], Field(min_length=1, max_length=500)]
type Country = Annotated[str, AfterValidator(_country), _shaped("[A-Z]{2}")]
type Duration = Annotated[str, AfterValidator(_duration), _shaped(DURATION.pattern)]
type Day = Annotated[str, AfterValidator(_date), _shaped(_DATE.pattern)]
type Digest = Annotated[str, AfterValidator(_sha256), _shaped("[0-9a-fA-F]{64}")]
type Flag = Annotated[bool, Strict()]
type Pointer = Annotated[
    str,
    AfterValidator(_pointer),
    Field(max_length=500),
    WithJsonSchema({"type": "string", "pattern": f"^{POINTER.pattern}$", "maxLength": 500}),
]
type Host = Annotated[str, Field(pattern=HOST_NAME, max_length=253), AfterValidator(_host)]
type Hosts = Annotated[tuple[Host, ...], Field(max_length=200)]
type Url = Annotated[str, Field(pattern=r"^(https?://[^\s<>\"@]+)?$", max_length=2000)]
type Lang = Annotated[str, Field(pattern=r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$", max_length=35)]
type Use = Annotated[str, AfterValidator(_fides(Kind.USE, "a data use of fides")), _listed(Kind.USE)]
type Subject = Annotated[
    str,
    AfterValidator(_fides(Kind.SUBJECT, "a data subject of fides")),
    Field(min_length=1),
    WithJsonSchema({"type": "string", "enum": [one.key for one in fides.words(Kind.SUBJECT)]}),
]
type Basis = Annotated[str, AfterValidator(_fides(Kind.BASIS, "a legal basis (GDPR Art. 6)")), _listed(Kind.BASIS)]
type SpecialBasis = Annotated[
    str, AfterValidator(_fides(Kind.SPECIAL, "an exception of GDPR Art. 9(2)")), _listed(Kind.SPECIAL)
]
type Mechanism = Annotated[
    str, AfterValidator(_fides(Kind.MECHANISM, "a mechanism of transfer")), _listed(Kind.MECHANISM)
]
