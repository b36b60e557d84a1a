"""The registry runs every detector of the folder, and says so when one fails."""

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from douane.audit.finding import Finding
from douane.audit.message import Gap
from douane.detectors import registry
from douane.detectors.confidence import confidence
from douane.detectors.registry import NoDetectorsError, confident, detect, load_all, prepare, settled
from douane.detectors.scene import Scene

FOLDER = Path(registry.__file__).parent


def test_every_file_of_the_folder_is_a_detector_or_known_support() -> None:
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert len(load_all()) == len(files - registry.SUPPORT)
    assert files >= registry.SUPPORT


def test_the_statistical_detector_can_be_left_out() -> None:
    assert {one.name for one in load_all()} - {one.name for one in load_all(presidio=False)} == {
        "free-text",
        "presidio",
    }


def test_it_refuses_to_start_with_no_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry.pkgutil, "iter_modules", lambda path: [])
    load_all.cache_clear()
    with pytest.raises(NoDetectorsError):
        load_all()
    load_all.cache_clear()


def test_it_refuses_to_start_with_a_file_that_forgot_to_register(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [SimpleNamespace(name="email"), SimpleNamespace(name="forgetful")]
    monkeypatch.setattr(registry.pkgutil, "iter_modules", lambda path: found)
    monkeypatch.setitem(sys.modules, "douane.detectors.forgetful", SimpleNamespace())  # type: ignore[arg-type]
    load_all.cache_clear()
    with pytest.raises(NoDetectorsError, match="forgetful"):
        load_all()
    load_all.cache_clear()


def test_it_refuses_to_run_an_empty_list(opened: Any) -> None:
    seen, context = opened({"a": "b"})
    with pytest.raises(NoDetectorsError):
        detect(seen, context, ())


@dataclass
class Broken:
    name: str = "broken"
    title: str = "Broken"
    MATCHES: tuple[Any, ...] = ()
    MISSES: tuple[Any, ...] = ()

    def find(self, scene: Any) -> Iterable[Finding]:
        raise ValueError(scene[0].text)
        yield


def test_a_failing_detector_is_a_gap_that_names_it_and_nothing_else(opened: Any, capfd: Any) -> None:
    seen, context = opened({"note": "ana@example.org"})
    found, gaps = detect(seen, context, (Broken(), *load_all(presidio=False)))
    assert gaps == [Gap("detector-failed", "detectors", "broken")]
    assert [one.category for one in found] == ["user.contact.email"]
    assert capfd.readouterr() == ("", "")


def test_importing_the_detectors_loads_neither_presidio_nor_a_model() -> None:
    code = (
        "import sys; from douane.detectors.registry import load_all; load_all(); "
        "heavy = ('presidio_analyzer', 'spacy', 'tldextract', 'onnxruntime', 'numpy'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_only_one_file_imports_presidio() -> None:
    importers = [
        path.name
        for path in FOLDER.glob("*.py")
        if "import presidio_analyzer" in (text := path.read_text()) or "from presidio_analyzer" in text
    ]
    assert importers == ["presidio.py"]


def test_no_detector_logs(opened: Any, caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    with caplog.at_level(0):
        for detector in load_all():
            for match in detector.MATCHES:
                detect(*opened(match.given, results=match.results, locale=match.locale), [detector])
    assert [
        record.name
        for record in caplog.records
        if record.name.startswith(("presidio", "douane", "stdnum", "phonenumbers"))
    ] == []
    assert capfd.readouterr() == ("", "")


def test_what_takes_time_to_load_can_be_loaded_before_it_is_needed() -> None:
    prepare(load_all())
    (model,) = [one for one in load_all() if one.name == "free-text"]
    assert "_tagger" in vars(model)


class Watching:
    name = "watching"
    title = "Keeps an eye on the message"
    MATCHES = ()
    MISSES = ()

    def __init__(self) -> None:
        self.seen: list[weakref.ref[Scene]] = []

    def find(self, scene: Scene) -> Iterable[Finding]:
        self.seen.append(weakref.ref(scene))
        return ()


def test_nothing_of_a_message_outlives_its_inspection(opened: Any) -> None:
    watching = Watching()
    given = {"guest": {"name": "Anna Martin", "note": "my son is 4, we need halal food", "phone": "+33639980000"}}
    gc.disable()
    try:
        for results in (False, True):
            detect(*opened(given, results=results), (*load_all(presidio=False), watching))
        assert [one() for one in watching.seen] == [None, None]
    finally:
        gc.enable()


def test_a_finding_says_how_often_such_findings_are_right_and_a_users_own_what_it_says(opened: Any) -> None:
    seen, context = opened({"email": "lea@example.org"})
    raw, _ = settled(seen, context)
    found, _ = detect(seen, context)
    assert [(one.category, one.score) for one in found] == [(one.category, confidence(one.score)) for one in raw]
    assert found[0].score != raw[0].score
    own = [replace(one, detector="of-the-user") for one in raw]
    assert confident(own) == own
