"""Models for names that the user has: spaCy pipelines and GLiNER models, read beside Douane's own tagger.

The engines are extras of the package; nothing is downloaded. A model sees free text only, a guess counts as one of our
tagger's does: not where the words beside it make it a work's, a place's or a brand's.
"""

import importlib.util
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from douane.audit.finding import Finding
from douane.detectors.base import Detector, Match, Miss
from douane.detectors.extensions import Model, NotAssembledError
from douane.detectors.findings import part
from douane.detectors.free_text import is_private_name, may_name
from douane.detectors.scene import Scene, Seen
from douane.detectors.words import word_set

type Guess = tuple[int, int, str, float]
"""Start, end, label and how likely."""

_NAME = "user.name"
_DEFAULT_LABELS = {"spacy": {"PERSON": _NAME, "PER": _NAME}, "gliner": {"person": _NAME}}
_LONGEST = 10_000
"""Characters that an engine is given at once."""
_SHORT_WORDS = {
    "en": word_set(
        "the and is are was to of with my our at we you i it for on that this please have has not will her his"
    ),
    "fr": word_set(
        "le la les et est sont des du un une avec mon ma mes nous vous je il elle pour dans que ce pas sur au aux"
    ),
}


def missing(model: Model) -> tuple[str, str] | None:
    """What the machine lacks for the model, and what to do; None when nothing. Imports and loads nothing."""
    if importlib.util.find_spec(model.engine) is None:
        return f"{model.engine} is not installed", f"Run: pip install 'douane[{model.engine}]'"
    if model.path is not None and not Path(model.path).is_dir():
        return "there is no such folder", "Name the folder of the model."
    if model.path is not None:
        wanted = "config.cfg" if model.engine == "spacy" else "gliner_config.json"
        if not (Path(model.path) / wanted).is_file():
            return f"holds no {model.engine} model ({wanted} is missing)", "Name the folder of the model."
    if model.name is not None and importlib.util.find_spec(model.name) is None:
        return "this pipeline is not installed", f"Run: python -m spacy download {model.name}"
    return None


def engines(models: Sequence[Model]) -> tuple[Detector, ...]:
    """A detector for each model; loads none of them. Raises NotAssembledError for the first that cannot be used."""
    for model in models:
        lack = missing(model)
        if lack is not None:
            raise NotAssembledError(f"{model.title}: {lack[0]}. {lack[1]}")
    return tuple(Engine(model) for model in models)


class Engine:
    """Names in free text by a model of the user, in the languages that it is named for."""

    MISSES: tuple[Miss, ...] = (
        Miss({"q": "concerts de Jean-Jacques Goldman"}, "a public figure in a search"),
        Miss({"ref": "9f1c2d3e"}, "no free text"),
    )

    def __init__(self, model: Model) -> None:
        self.model = model
        self.name = model.title.replace(" ", "-").lower()
        self.title = f"Names in free text, by {model.title}"
        self.languages = model.languages
        self._labels = dict(model.labels) or _DEFAULT_LABELS[model.engine]
        self.categories = tuple(dict.fromkeys(self._labels.values()))
        french = "en" not in model.languages
        text = "Hier, Marie Lambert est venue avec nous à la mer." if french else (
            "Yesterday we went to the lake with our neighbour Sarah Johnson."
        )  # fmt: skip
        category = self._labels.get("PERSON") or self._labels.get("PER") or self._labels.get("person")
        self.MATCHES: tuple[Match, ...] = (
            (Match({"note": text}, category, "Marie Lambert" if french else "Sarah Johnson"),) if category else ()
        )

    def find(self, scene: Scene) -> Iterable[Finding]:
        asked = [one for one in scene.prose if may_name(one) and self._speaks(one)]
        for one in asked:
            for at, piece in _pieces(one.text):
                for start, end, label, likely in self._guess(piece):
                    category = self._labels.get(label)
                    if category is None or not 0 <= start < end <= len(piece):
                        continue
                    if category == _NAME and not is_private_name(one, at + start, at + end, likely):
                        continue
                    score = round(self.model.score * likely, 3)
                    yield part(one, at + start, at + end, category, score, self.name, "language model")

    def prepare(self) -> None:
        """Load the model now instead of with the first text."""
        _ = self._guess

    def _speaks(self, one: Seen) -> bool:
        """Whether the text is in a language of the model, as far as its short words tell."""
        if len(self.model.languages) == len(_SHORT_WORDS):
            return True
        words = {token.word for token in one.tokens}
        counts = {language: len(words & short) for language, short in _SHORT_WORDS.items()}
        return max(counts[language] for language in self.model.languages) >= max(counts.values())

    @cached_property
    def _guess(self) -> Callable[[str], Iterable[Guess]]:
        try:
            return (_spacy if self.model.engine == "spacy" else _gliner)(self.model, tuple(self._labels))
        except Exception as error:  # noqa: BLE001 - a model's loader may raise anything
            problem = f"{self.model.title}: the model cannot be loaded ({type(error).__name__})"
            raise NotAssembledError(f"{problem}. Check that it was made for the installed version.") from None


def _spacy(model: Model, _labels: tuple[str, ...]) -> Callable[[str], Iterable[Guess]]:
    _quiet("spacy")
    spacy: Any = import_module("spacy")
    pipeline: Any = spacy.load(model.path if model.path is not None else model.name)

    def guess(text: str) -> Iterator[Guess]:
        for one in pipeline(text).ents:
            yield int(one.start_char), int(one.end_char), str(one.label_), 1.0

    return guess


def _gliner(model: Model, labels: tuple[str, ...]) -> Callable[[str], Iterable[Guess]]:
    _quiet("gliner")
    _quiet("transformers")
    os.environ["HF_HUB_OFFLINE"] = "1"  # a folder is named: nothing is to be fetched
    loader: Any = import_module("gliner").GLiNER
    loaded: Any = loader.from_pretrained(str(model.path), local_files_only=True)

    def guess(text: str) -> Iterator[Guess]:
        for one in loaded.predict_entities(text, list(labels), threshold=0.5):
            yield int(one["start"]), int(one["end"]), str(one["label"]), min(1.0, max(0.01, float(one["score"])))

    return guess


def _quiet(name: str) -> None:
    """An engine may log what it reads; no value may reach a log."""
    logger = logging.getLogger(name)
    if _nothing not in logger.filters:
        logger.addFilter(_nothing)


def _nothing(_record: logging.LogRecord) -> bool:
    return False


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The text in parts of at most `_LONGEST` characters, cut at white space where there is some."""
    start = 0
    while len(text) - start > _LONGEST:
        cut = text.rfind(" ", start + 1, start + _LONGEST)
        end = cut if cut > start else start + _LONGEST
        yield start, text[start:end]
        start = end
    yield start, text[start:]
