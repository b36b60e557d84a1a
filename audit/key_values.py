"""Keys that an app lists and that are somebody's all the same: addresses, numbers, people's names. Pure module: no I/O.

Some apps write a person's schema for each person: its properties are then data. A key is read in every encoding that it
may be in before it is written down anywhere.
"""

import html
import re
import unicodedata
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from douane.audit.encoded import BASE64, as_text, decoded
from douane.audit.escapes import ESCAPE, unescaped
from douane.audit.words_of_names import given_names, vocabulary

SECRET: Final = re.compile(
    r"(?i:\b(?:sk|pk|rk|pat|whsec)[-_]|gh[pousr]_|xox[abprs]-|github_pat_|glpat-)|\beyJ|\b(?:AKIA|ASIA|AIza)[A-Z0-9]"
    r"|(?i:[0-9a-f]{8}-[0-9a-f]{4}-)"
)
_NUMBER: Final = re.compile(r"[0-9]{6}|[0-9](?:[ .()/\u00a0-]{0,2}[0-9]){6}")  # an account's, a phone's
_SPELT: Final = re.compile(
    r"(?i)[a-z0-9.+-]+[\W_]+(?:at|arobase|chez)[\W_]+[a-z0-9-]+(?:[\W_]+(?:dot|point))?[\W_]+[a-z]{2,12}"
)
_QUOTED: Final = re.compile(r"=([0-9A-Fa-f]{2})")  # quoted-printable: RFC 2045, section 6.7
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+")
_PARTICLES: Final = frozenset(
    """
    de du des d la le les l los del della di da dos van von der den el al bin ben ibn mr mrs ms miss m mme mlle dr
    monsieur madame et and e y
    """.split()  # noqa: SIM905
)
_CALLED_SO: Final = frozenset(
    """
    ain ala alpha aref avi bert blas chad chai claude dag dan darwin ed elif ender georgia guru hugo ivar jeton julia
    kenya kitty nans odd pascal peri rehab roar rosetta rune sinh stale thi truc vit wolfram yo
    """.split()  # noqa: SIM905
)
"""Given names that properties are called by: words, places, programs, formats. Written small they are nobody."""
_MOST_WORDS: Final = 5
_LAYERS: Final = 3
_LONGEST: Final = 500


@lru_cache(maxsize=8192)
def is_value(key: str) -> bool:
    """Whether a key that an app lists is a person's value: an address, a number, a token or a name, encoded or not.

    Percent signs, HTML entities, quoted-printable, escapes, base64 and compatibility characters are undone. A name is
    known by its given name, beside which nothing stands that names of fields are made of (or one such word, where all
    are written with capitals).
    """
    if len(key) > _LONGEST:
        return True
    return any(
        "@" in one[1:-1]
        or _NUMBER.search(one) is not None
        or SECRET.search(one) is not None
        or _SPELT.fullmatch(one) is not None
        or names_a_person(one)
        for one in readings(key)
    )


def readings(key: str) -> frozenset[str]:
    """The key, and what it says when its encodings are undone, some layers deep."""
    known = {key}
    fresh = [key]
    for _ in range(_LAYERS):
        fresh = [two for one in fresh for two in _undone(one) if two not in known]
        known.update(fresh)
        if not fresh:
            break
    return frozenset(known)


def _undone(key: str) -> set[str]:
    out = {unicodedata.normalize("NFKC", key)}
    if "%" in key:
        out |= {unquote(key, errors="replace"), unquote(key.replace("+", " "), errors="replace")}
    if "&" in key:
        out.add(html.unescape(key))
    if "\\" in key:
        out.add(ESCAPE.sub(unescaped, key))
    if _QUOTED.search(key) is not None:
        octets = _QUOTED.sub(lambda found: chr(int(found[1], 16)), key)
        out |= {octets, octets.encode("latin-1", "replace").decode("utf-8", "replace")}
    if BASE64.fullmatch(key) is not None and (octets_of := decoded(key)) is not None:
        text = as_text(octets_of)
        out |= {text} if text is not None and text.isprintable() else set()
    return out


def names_a_person(key: str) -> bool:
    """Whether a key reads as somebody's name: a given name, and nothing that names of fields are made of.

    One that is a word too (Martin, Rose) counts beside another name and with a capital letter only. Alone and written
    small, a given name counts where nothing else is called by it: no word of field names, no program, no format.
    """
    words = _words_of(key)
    if not 0 < len(words) <= _MOST_WORDS:
        return False
    every, sure = given_names()
    known, accompanied = vocabulary()
    lower = [word.lower() for word in words]
    if len(words) == 1:
        written_small = words[0][0].islower()
        return lower[0] in sure and not (
            written_small and (lower[0] in known or lower[0] in accompanied or lower[0] in _CALLED_SO)
        )
    of_fields = [
        word
        for word in lower
        if word not in _PARTICLES and word not in every and (word in known or word in accompanied)
    ]
    titled = " " in key and all(word[0].isupper() for word in words if word.lower() not in _PARTICLES)
    if titled and lower[0] in sure:
        return len(of_fields) < 2
    if of_fields:
        return False
    # max_stops, iban_fr: what fields are called by is a name only beside another one
    names = [word for word in lower if word in every]
    if any(word in sure and (len(names) > 1 or word not in known | accompanied) for word in names):
        return not all(word in _PARTICLES or word in known for word in lower[1:])
    return titled and lower[0] in every


def people_among(keys: Collection[str]) -> frozenset[str]:
    """Which properties of one object are hidden because it is a map by people's names; each but the names of fields.

    It is one where two of them at least, and half of them, are given names or names in full.
    """
    sure = given_names()[1]
    known, accompanied = vocabulary()
    others = [key for key in keys if any(word.lower() not in known | accompanied for word in _words_of(key))]
    people = [key for key in others if key.strip().lower() in sure or is_value(key)]
    return frozenset(others) if len(people) > 1 and 2 * len(people) >= len(keys) else frozenset()


def people_in(schema: object) -> frozenset[str]:
    """The properties of a schema's objects, however deep, that are maps by people's names (`people_among`)."""
    found: set[str] = set()
    pending: list[object] = [schema]
    seen: set[int] = set()
    while pending:
        one = pending.pop()
        if id(one) in seen or not isinstance(one, Mapping | list | tuple):
            continue
        seen.add(id(one))
        if not isinstance(one, Mapping):
            pending.extend(one)
            continue
        properties = one.get("properties")
        if isinstance(properties, Mapping):
            found |= people_among([key for key in properties if isinstance(key, str)])
        pending.extend(one.values())
    return frozenset(found)


def _words_of(key: str) -> list[str]:
    plain = "".join(char for char in unicodedata.normalize("NFKD", key) if not unicodedata.combining(char))
    return _WORDS.findall(plain)
