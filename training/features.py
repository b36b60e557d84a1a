"""The tagger's own reading of text (detectors/wordpiece.py) and its lists of names, for the trainer."""

import importlib.util
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from zlib import crc32

import names
import numpy as np
from fillers import EN, FR

ROOT = Path(__file__).resolve().parent.parent
_PARTICLES = frozenset(
    (
        "de",
        "la",
        "le",
        "du",
        "des",
        "van",
        "von",
        "der",
        "den",
        "del",
        "los",
        "las",
        "el",
        "al",
        "bin",
        "ben",
        "ibn",
        "da",
        "dos",
        "di",
        "of",
        "the",
        "and",
        "st",
        "san",
    )
)


def _load() -> ModuleType:
    """wordpiece.py alone: the package around it needs a newer Python than torch's build."""
    spec = importlib.util.spec_from_file_location("wordpiece", ROOT / "detectors" / "wordpiece.py")
    if spec is None or spec.loader is None:
        raise ImportError("detectors/wordpiece.py is missing")
    module = importlib.util.module_from_spec(spec)
    sys.modules["wordpiece"] = module
    spec.loader.exec_module(module)
    return module


wordpiece = _load()


def listed_words(common: Iterable[str]) -> dict[str, int]:
    """Folded words of the names, places and makes, with the lists that hold each; none that text uses in lower case."""
    skipped = set(common) | _PARTICLES
    found: Counter[str] = Counter()
    towns, countries = names.places()
    sources = [(names_of.given, wordpiece.GIVEN) for names_of in names.locales().values()]
    sources += [(names_of.family, wordpiece.FAMILY) for names_of in names.locales().values()]
    known = {one for fillers in (EN, FR) for slot in ("city", "country") for one in fillers.patterns[slot]}
    sources += [(set(towns) | set(countries) | {one for one in known if "{" not in one}, wordpiece.PLACE)]
    brands = (Path(__file__).parent / "brands.txt").read_text(encoding="utf-8")
    sources += [({word for line in brands.splitlines() if line[0] != "#" for word in line.split()}, wordpiece.BRAND)]
    for values, bit in sources:
        for value in values:
            if not names.is_latin(value) or len(value.split()) > 2:
                continue
            for word in value.replace("-", " ").replace("'", " ").replace("’", " ").split():
                plain = wordpiece.folded(word.strip("."))
                if len(plain) >= 3 and plain not in skipped:
                    found[plain] |= bit
    return dict(found)


def hashed(words: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """The words as sorted hashes, and the bits of each."""
    table: dict[int, int] = {}
    for word, bits in words.items():
        key = crc32(word.encode())
        table[key] = table.get(key, 0) | bits
    keys = np.array(sorted(table), dtype="<u4")
    return keys, np.array([table[int(key)] for key in keys], dtype=np.uint8)
