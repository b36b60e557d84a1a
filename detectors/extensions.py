"""What a user adds to detection in config.yaml, section `detectors:`. Its texts are data: none is shown in `repr`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from douane.audit.category_key import CategoryKey
from douane.audit.yamltext import refusal
from douane.detectors import regexes
from douane.detectors.words import key_words


class NotAssembledError(ValueError):
    """Detectors that cannot be put together; the text says why and what to do."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _is_file_name(value: Any) -> Any:
    if isinstance(value, str) and (not value or "\0" in value):
        raise refusal("is not a file name", "Write a path; a relative one counts from the folder of this file.")
    return value


def _is_key(text: str) -> str:
    if not any(key_words(part) for part in text.split("*")):
        raise refusal("holds no word", "Write a key as the app does (`badge_no`); * stands for any words.")
    return text


def _is_pointer(text: str) -> str:
    if not text.startswith(("/", "*")):
        raise refusal(
            "is not a pointer", "Begin with / as in /params/arguments/email; * stands for one key, ** for any."
        )
    return text


def _some(keys: tuple[str, ...]) -> tuple[str, ...]:
    if not keys:
        raise refusal("is empty", "Add a key.")
    return keys


def _has_letter_or_figure(text: str) -> str:
    if not any(map(str.isalnum, text)):
        raise refusal("holds no word", "Write a word or a phrase.")
    return text


type Score = Annotated[float, Field(ge=0, le=1)]
type Positive = Annotated[float, Field(gt=0, le=1)]
type Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")]
type KeyText = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_is_key)]
type Phrase = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_has_letter_or_figure)]
type Text = Annotated[str, Field(min_length=1, max_length=2000)]
type FileName = Annotated[Path, BeforeValidator(_is_file_name)]

_NAME = "a name of small letters, figures and dashes, such as staff-badge."
_CATEGORY = "a category of the taxonomy, such as user.unique_id."
_SCORE = "the confidence from 0 to 1."
_KEYS = "a list of keys, such as badge_no or *badge*."
_CONTEXT = "a list of words one of which must stand near."


class Pattern(_Part):
    """A regular expression. It counts under one of `keys` or near one of `context`; anywhere where both are empty."""

    name: Name = Field(description=_NAME)
    category: CategoryKey = Field(description=_CATEGORY)
    pattern: Annotated[str, Field(min_length=1, max_length=1000)] = Field(
        repr=False, description="a regular expression in single quotes, such as '\\bSTF-\\d{6}\\b'."
    )
    ignore_case: bool = Field(default=False, description="true or false: whether capitals are like small letters.")
    score: Positive = Field(default=0.8, description=_SCORE)
    keys: tuple[KeyText, ...] = Field(default=(), max_length=200, description=_KEYS)
    context: tuple[Phrase, ...] = Field(default=(), max_length=200, description=_CONTEXT)
    matches: tuple[Text, ...] = Field(
        default=(),
        max_length=50,
        repr=False,
        description="a list of invented texts in which the pattern must be found.",
    )
    misses: tuple[Text, ...] = Field(
        default=(), max_length=50, repr=False, description="a list of invented texts in which it must not be found."
    )

    @model_validator(mode="after")
    def _is_good(self) -> Self:
        why = regexes.why_not(self.pattern, self.ignore_case)
        if why:
            raise refusal(f"`pattern` {why}", "Try it in Python's `re`; single quotes keep backslashes as they are.")
        return self


class WordList(_Part):
    """Words and phrases, inline or one a line in a file; accents, capitals and punctuation make no difference."""

    name: Name = Field(description=_NAME)
    category: CategoryKey = Field(description=_CATEGORY)
    words: tuple[Phrase, ...] = Field(
        default=(), max_length=200_000, repr=False, description="a list of words and phrases."
    )
    file: FileName | None = Field(default=None, description="a text file with one word or phrase a line.")
    whole: bool = Field(default=False, description="true or false: whether the value must be the phrase and no more.")
    score: Positive = Field(default=0.8, description=_SCORE)
    keys: tuple[KeyText, ...] = Field(default=(), max_length=200, description=_KEYS)
    context: tuple[Phrase, ...] = Field(default=(), max_length=200, description=_CONTEXT)


class KeyHint(_Part):
    """Keys whose whole value is of a category."""

    category: CategoryKey = Field(description=_CATEGORY)
    keys: Annotated[tuple[KeyText, ...], AfterValidator(_some)] = Field(max_length=1000, description=_KEYS)
    score: Positive = Field(default=0.9, description=_SCORE)


class Allow(_Part):
    """Findings that are left out, where everything that the rule names agrees."""

    app: str | None = Field(
        default=None, max_length=200, description="the name of an app; * stands for any characters."
    )
    tool: str | None = Field(
        default=None, max_length=200, description="the name of a tool; * stands for any characters."
    )
    pointer: Annotated[str, Field(max_length=1000), AfterValidator(_is_pointer)] | None = Field(
        default=None, description="a pointer such as /params/arguments/*/email; * stands for one key, ** for any."
    )
    category: CategoryKey | None = Field(default=None, description=_CATEGORY)
    text: tuple[Text, ...] = Field(
        default=(), max_length=10_000, repr=False, description="a list of exact texts that were found."
    )
    sha256: tuple[Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$"), AfterValidator(str.lower)], ...] = Field(
        default=(), max_length=100_000, repr=False, description="a list of SHA-256 sums (64 figures) of exact texts."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.app or self.tool or self.pointer or self.category or self.text or self.sha256):
            raise refusal("names nothing, so it would allow everything", "Name a category, pointer, tool, app or text.")
        return self


class Model(_Part):
    """A model for names in free text that the user has; it reads beside Douane's own."""

    engine: Literal["spacy", "gliner"] = Field(description="spacy or gliner.")
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] | None = Field(
        default=None, description="an installed spaCy pipeline, such as en_core_web_lg."
    )
    path: FileName | None = Field(default=None, description="the folder of a model.")
    languages: tuple[Literal["fr", "en"], ...] = Field(
        default=("fr", "en"), min_length=1, max_length=2, description="a list of the languages it reads: fr, en."
    )
    labels: Mapping[str, CategoryKey] = Field(
        default={}, max_length=50, description="the model's labels with their categories, such as `PERSON: user.name`."
    )
    score: Positive = Field(default=0.7, description=_SCORE)

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.name is None) == (self.path is None):
            raise refusal("needs `name` or `path`, and not both", "Name an installed pipeline, or a model's folder.")
        if self.engine == "gliner" and self.path is None:
            raise refusal("needs `path`", "Name the folder of the GLiNER model: Douane downloads nothing.")
        return self

    @property
    def title(self) -> str:
        """The engine and the name or the last part of the path, for tables and messages."""
        return f"{self.engine} {self.name or (self.path.name if self.path else '')}"


class Extensions(_Part):
    """What the user adds to detection, and takes away."""

    off: tuple[str, ...] = Field(
        default=(),
        max_length=100,
        description="a list of detectors that are switched off; `douane detectors` names them.",
    )
    patterns: tuple[Pattern, ...] = Field(
        default=(), max_length=500, description="a list of patterns, each with `name`, `category` and `pattern`."
    )
    words: tuple[WordList, ...] = Field(
        default=(),
        max_length=500,
        description="a list of word lists, each with `name`, `category` and `words` or `file`.",
    )
    keys: tuple[KeyHint, ...] = Field(
        default=(), max_length=500, description="a list of key hints, each with `category` and `keys`."
    )
    allow: tuple[Allow, ...] = Field(
        default=(),
        max_length=5000,
        description="a list of findings that are left out, by app, tool, pointer, category, text.",
    )
    thresholds: Mapping[CategoryKey, Score] = Field(
        default={}, description="a minimum score for each category that needs its own, such as `user.name: 0.6`."
    )
    folder: FileName | None = Field(default=None, description="a folder of detectors in Python files.")
    models: tuple[Model, ...] = Field(
        default=(), max_length=10, description="a list of models of yours, each with `engine` and `name` or `path`."
    )
