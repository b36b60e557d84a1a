"""Presidio's recognizers that do better than ours, and why the others are off.

The only importer of presidio_analyzer, which is imported when the first text needs it: importing this file is free.
"""

import logging
import re
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part
from douane.detectors.scene import Scene

if TYPE_CHECKING:
    from presidio_analyzer.predefined_recognizers import CryptoRecognizer

_CRYPTO = "user.financial.crypto_wallet"
_CRYPTO_HINT = re.compile(r"\b(?:bc1|[13])[a-zA-HJ-NP-Z0-9]{25,59}\b")
_LONGEST = 20_000
"""Characters that a recognizer is given at once."""


class Presidio:
    """Presidio's `CryptoRecognizer`.

    Switched off, with the reason: SpacyRecognizer (no registry carries an English model; the French one finds fewer
    names than our tagger and takes ten times as long, see docs/accuracy.md; its `NRP` would raise a belief on a guess);
    PhoneRecognizer (eight passes of the whole text, a Unix time is a phone to it); UsLicenseRecognizer and
    UsBankRecognizer (any run of figures); UrlRecognizer (a file name is a host; it may also fetch a list of suffixes
    from the network); DateRecognizer (a date is nobody's by itself); IbanRecognizer (logs values); e-mail, card, IP
    and identity recognizers (ours see keys and settle conflicts).
    """

    name = "presidio"
    title = "Cryptocurrency addresses, by Presidio"
    MATCHES = (
        Match(
            {"note": "pay 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa today"}, _CRYPTO, text="1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
        ),
    )
    MISSES = (
        Miss({"note": "pay 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb today"}, "the checksum is wrong"),
        Miss({"sku": "1HGCM82633A004352XK99QZ7T"}, "an article number"),
        Miss({"etag": "3f2c9d1a7b6e4f508c1d2e3f4a5b6c7d"}, "a hash"),
        Miss({"note": "see 3cBqkR9vTnWzYpLmXsHdJfGa2e for details"}, "a short link"),
        Miss({"ref": "bc1pilot-delivery-0000000000000000000000"}, "a reference"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.texts:
            if len(one.text) >= 26 and one.has_digit and _CRYPTO_HINT.search(one.text):
                for at, piece in _pieces(one.text):
                    for result in self._crypto.analyze(piece, ["CRYPTO"], None):
                        start, end = at + result.start, at + result.end
                        yield part(one, start, end, _CRYPTO, 0.95, self.name, "address checksum")

    @cached_property
    def _crypto(self) -> "CryptoRecognizer":
        _quiet()
        from presidio_analyzer.predefined_recognizers import CryptoRecognizer

        return CryptoRecognizer()


def _pieces(text: str) -> list[tuple[int, str]]:
    """The text in parts of at most `_LONGEST` characters, cut at white space where there is some, and their offsets."""
    found: list[tuple[int, str]] = []
    start = 0
    while len(text) - start > _LONGEST:
        cut = max(text.rfind(" ", start + 1, start + _LONGEST), text.rfind("\n", start + 1, start + _LONGEST))
        end = cut if cut > start else start + _LONGEST
        found.append((start, text[start:end]))
        start = end
    found.append((start, text[start:]))
    return found


def _quiet() -> None:
    """Presidio logs what its recognizers see, and sets its own level when imported; no value may reach a log.

    A filter, since `disabled` is undone by anyone who configures logging with a dictionary (uvicorn does).
    """
    logger = logging.getLogger("presidio-analyzer")
    if _nothing not in logger.filters:
        logger.addFilter(_nothing)


def _nothing(_record: logging.LogRecord) -> bool:
    return False


DETECTOR = Presidio()
