"""What one key of config.yaml's `detectors:` cannot know: files, names in use, what a pattern costs and finds."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from douane.audit.yamltext import Document, Fault, nearest
from douane.audit.yamltext import Path as Place
from douane.detectors.extensions import Extensions, WordList

if TYPE_CHECKING:
    from douane.cli.config_keys import Settings

MOST_BYTES = 16_000_000
"""The largest file of words."""
_SECTION: Place = ("detectors",)


def with_files(given: Extensions, settled: Callable[[Path], Path]) -> Extensions:
    """The section with its paths settled and the words of its files beside those written inline."""
    words = []
    for one in given.words:
        if one.file is not None:
            file = settled(one.file)
            read = words_in(file)
            more = () if isinstance(read, str) else read
            one = one.model_copy(update={"file": file, "words": tuple(dict.fromkeys((*one.words, *more)))})
        words.append(one)
    models = [one if one.path is None else one.model_copy(update={"path": settled(one.path)}) for one in given.models]
    folder = None if given.folder is None else settled(given.folder)
    return given.model_copy(update={"words": tuple(words), "models": tuple(models), "folder": folder})


def words_in(file: Path) -> tuple[str, ...] | str:
    """The phrases of a file, one a line, without empty lines and lines that begin with #; else why there are none."""
    try:
        if file.stat().st_size > MOST_BYTES:
            return f"is larger than {MOST_BYTES // 1_000_000} MB"
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return "is not UTF-8 text"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    phrases = (line.strip()[:200] for line in text.splitlines() if not line.lstrip().startswith("#"))
    return tuple(phrase for phrase in phrases if any(map(str.isalnum, phrase))) or "holds no words"


def detector_faults(config: "Settings", document: Document) -> Iterator[Fault]:
    """Everything wrong in the section that no single key shows."""
    given, detection = config.detectors, config.detection
    if detection.free_text == "everything" and not detection.presidio:
        remedy = "Set `presidio: true`, or leave `free_text` out."
        yield document.fault(("detection", "free_text"), "reads with a model, and `presidio` is false", remedy)
    if given == Extensions():
        return
    yield from _names(given, document)
    yield from _word_files(given.words, document)
    for category in given.thresholds:
        if category in config.detection.thresholds:
            remedy = "Keep one of the two."
            place: Place = (*_SECTION, "thresholds", category)
            yield document.fault(place, "stands under `detection.thresholds` as well", remedy, at_key=True)
    yield from _patterns(given, document)
    yield from _models(given, document)
    if given.folder is not None:
        yield from _folder(given.folder, document)


def _names(given: Extensions, document: Document) -> Iterator[Fault]:
    from douane.detectors.custom import KEY_HINTS
    from douane.detectors.everything import EVERYTHING
    from douane.detectors.registry import load_all

    ours = {one.name for one in load_all()}
    taken = ours | {KEY_HINTS, EVERYTHING.name}
    named: list[tuple[Place, str]] = [(("patterns", at), one.name) for at, one in enumerate(given.patterns)]
    named.extend((("words", at), one.name) for at, one in enumerate(given.words))
    for place, name in named:
        if name in taken:
            where: Place = (*_SECTION, *place, "name")
            yield document.fault(where, "another detector has this name", "Give it a name of its own.")
        taken.add(name)
    for index, name in enumerate(given.off):
        if name not in ours:
            place = (*_SECTION, "off", index)
            if name == EVERYTHING.name:
                yield document.fault(place, "is no detector to switch off here", "Set `detection.free_text: persons`.")
                continue
            close = nearest(name, ours)
            remedy = f"Did you mean {close}?" if close else "`douane detectors` lists them."
            yield document.fault(place, "there is no built-in detector of this name", remedy)


def _word_files(lists: tuple[WordList, ...], document: Document) -> Iterator[Fault]:
    for index, one in enumerate(lists):
        place: Place = (*_SECTION, "words", index)
        if one.file is not None:
            read = words_in(one.file)
            if isinstance(read, str):
                remedy = "Name a text file with one word or phrase a line; a relative path counts from this file."
                yield document.fault((*place, "file"), read, remedy)
        elif not one.words:
            yield document.fault(place, "has no words", "Add `words:` or `file:`.")


def _models(given: Extensions, document: Document) -> Iterator[Fault]:
    from douane.detectors.engines import missing

    for index, model in enumerate(given.models):
        lack = missing(model)
        if lack is not None:
            yield document.fault((*_SECTION, "models", index), *lack)


def _folder(folder: Path, document: Document) -> Iterator[Fault]:
    from douane.detectors.plugins import PluginRefusedError, sources

    try:
        sources(folder)
    except PluginRefusedError as error:
        if error.line:
            yield Fault(str(error.file), error.line, 1, "", error.problem, error.remedy)
        else:
            problem = error.problem if error.file == folder.resolve() else f"{error.file} {error.problem}"
            yield document.fault((*_SECTION, "folder"), problem, error.remedy)


def _patterns(given: Extensions, document: Document) -> Iterator[Fault]:
    from douane.detectors.custom import FromPattern
    from douane.detectors.regexes import slow

    if not given.patterns:
        return
    costs = slow(tuple((one.pattern, one.ignore_case) for one in given.patterns))
    for index, (one, too_slow) in enumerate(zip(given.patterns, costs, strict=True)):
        place: Place = (*_SECTION, "patterns", index)
        if too_slow:
            remedy = r"Bound each repetition ({1,64} instead of + or *), and begin with \b or a fixed character."
            yield document.fault((*place, "pattern"), "takes too long on some texts", remedy)
            continue
        pattern = FromPattern(one)
        for number, text in enumerate(one.matches):
            if not any(True for _ in pattern.spans(text)):
                yield document.fault((*place, "matches", number), "`pattern` does not find it", "Mend one of the two.")
        for number, text in enumerate(one.misses):
            if any(True for _ in pattern.spans(text)):
                yield document.fault((*place, "misses", number), "`pattern` finds it", "Mend one of the two.")
