"""The shape of a person's name, and a list of given names."""

import re
from functools import cache
from importlib.resources import files

from douane.detectors.words import fold, word_set

_UPPER = "".join(chr(code) for code in range(0x41, 0x250) if chr(code).isupper())
_LOWER = "".join(chr(code) for code in range(0x61, 0x250) if chr(code).islower())
UPPER = f"[{_UPPER}]"
_PART = (
    rf"{UPPER}(?:[{_LOWER}]{{1,24}}|['’.](?=[\s{_UPPER}]))"
    rf"(?:['’-]{UPPER}?[{_LOWER}]{{1,24}}|{UPPER}[{_LOWER}]{{1,24}}){{0,3}}"
)
_SHOUTED = rf"{UPPER}{{2,24}}(?:[-'’]{UPPER}{{2,24}})?"
_PARTICLE = (
    r"(?:de|du|des|de la|de los|del|della|di|da|dos|van|von|van der|van den|der|den|la|le|el|al|bin|ben|"
    r"ibn|ter|ten|zu|st\.?)"
)
WORD = rf"(?:{_PART}|{_SHOUTED})"
NAME = rf"{_PART}(?:[  ](?:{_PARTICLE}[  ])?(?:{WORD}|{UPPER}\.)){{0,3}}"
"""A capitalised name of one to four parts, as a pattern; particles may stand between the parts."""

NAME_IN_FULL = rf"{_PART}(?:[  ](?:{_PARTICLE}[  ])?(?:{WORD}|{UPPER}\.)){{1,3}}"

_WHOLE = re.compile(
    r"^(?:(?:mr|mrs|ms|miss|mme|mlle|m|dr|prof|monsieur|madame|sir)\.?\s+)?[^\W\d_](?:[^\W\d_]|[ '’.,-]){0,59}$",
    re.IGNORECASE,
)
_COMMON = word_set(
    """
    room suite deluxe junior standard premium basic the and or with for hotel inn restaurant pizza burger menu
    chambre lit double single salle table ticket plan pro free trial test company inc ltd llc sarl sas gmbh group
    club shop store bar cafe garage school college university hospital clinic center centre airport station street
    road avenue rue boulevard north south east west new best top great super mega order invoice report project
    meeting call note list file draft untitled default main home work other user admin guest customer client monday
    tuesday wednesday thursday friday saturday sunday lundi mardi mercredi jeudi vendredi samedi dimanche january
    february march april may june july august september october november december janvier fevrier mars avril mai
    juin juillet aout septembre octobre novembre decembre shampoo polo belt boots guitar guitars car toy theme
    elementary house tower building bridge dam park plaza general info support team service office department agent
    system unknown anonymous none sandwich biography book album song concert tour film movie cover code chapter
    priority update crash request error warning success failed message hello bank finance team thanks
    important news subject urgent bonjour merci salut cher chere dear hi hey
    """
)


@cache
def given_names() -> frozenset[str]:
    """Folded given names."""
    text = (files("douane.detectors") / "data" / "given_names.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


def is_given(word: str) -> bool:
    """Whether a word, or the first half of a double one, is a known given name."""
    folded = fold(word.strip(" .,'’"))
    return folded in given_names() or ("-" in folded and folded.split("-")[0] in given_names())


def has_given(text: str) -> bool:
    """Whether one of the words is a known given name."""
    return any(is_given(word) for word in text.split())


def looks_like_name(text: str, *, strict: bool = False) -> bool:
    """Whether a whole value has the shape of a person's name; `strict` asks for a given name and no common word."""
    stripped = text.strip()
    if not _WHOLE.match(stripped):
        return False
    parts = stripped.split()
    if len(parts) > 6:
        return False
    return not strict or (len(parts) >= 2 and has_given(stripped) and not any(map(is_common, parts)))


def is_common(word: str) -> bool:
    """Whether a capitalised word is no name (a weekday, a kind of room)."""
    return fold(word.strip(" .,'’")) in _COMMON
