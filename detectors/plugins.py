"""Detectors in a folder of the user: each a Python file that sets `DETECTOR`, with the protocol of `detectors.base`.

The code runs with Douane's rights, so that it is loaded only from files that the user alone can change.
"""

import errno
import inspect
import os
import re
import stat
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from douane.audit import taxonomy
from douane.audit.finding import Finding
from douane.detectors.base import Detector, DetectorFailed, Match, Miss, Prepared
from douane.detectors.extensions import NotAssembledError
from douane.detectors.scene import Scene

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_MOST_BYTES = 1_000_000
_MOST_EVIDENCE = 60
_SAID_OF_CODE = (SyntaxError, ImportError, NameError, AttributeError, TypeError)
"""Errors whose text speaks of the code; other texts are not repeated."""


class PluginRefusedError(NotAssembledError):
    """A folder or file that is not loaded: where, why, and what to do. `line` is 0 where there is none."""

    def __init__(self, file: Path, line: int, problem: str, remedy: str) -> None:
        super().__init__(f"{file}{f':{line}' if line else ''}: {problem}. {remedy}")
        self.file, self.line, self.problem, self.remedy = file, line, problem, remedy


class NotAFindingError(ValueError):
    """A plugin gave something else than a finding in a field that it was shown. Its text may be told."""


def sources(folder: Path) -> tuple[tuple[Path, bytes], ...]:
    """The Python files of a folder, by name, and what is in them; those that begin with `_` are left to the others.

    Raises PluginRefusedError for what is missing, or can be changed by somebody else, or does not parse.
    """
    try:
        root = folder.resolve(strict=True)
        _trusted_folder(root)
        files = sorted(one for one in root.glob("*.py") if not one.name.startswith("_"))
        read = tuple((file, _read(file)) for file in files)
    except OSError as error:
        raise PluginRefusedError(folder, 0, f"cannot be read ({error.strerror})", "Name a folder of yours.") from None
    if not read:
        raise PluginRefusedError(folder, 0, "holds no detector", "Put a Python file that sets DETECTOR in it.")
    for file, source in read:
        _compiled(file, source)
    return read


def load(folder: Path) -> tuple[Detector, ...]:
    """The detector of each file of the folder. Raises PluginRefusedError for the first that cannot be used."""
    return tuple(_detector(file, source) for file, source in sources(folder))


def _trusted_folder(root: Path) -> None:
    """Refuse a folder that is somebody else's, or that others may change or put another in the place of."""
    if not root.is_dir():
        raise PluginRefusedError(root, 0, "is not a folder", "Name the folder that holds your Python files.")
    if os.name == "nt":
        return
    _trusted(root, root.stat())
    for above in root.parents:
        mode = above.stat().st_mode
        if mode & 0o022 and not mode & stat.S_ISVTX:
            raise PluginRefusedError(above, 0, "can be changed by others", f"Run: chmod go-w '{above}'")


def _trusted(path: Path, status: os.stat_result) -> None:
    if os.name == "nt":
        return
    if status.st_uid != os.geteuid():
        raise PluginRefusedError(path, 0, "belongs to somebody else", "Its code would run as you: make it yours first.")
    if status.st_mode & 0o022:
        raise PluginRefusedError(path, 0, "can be changed by others", f"Run: chmod go-w '{path}'")


def _read(file: Path) -> bytes:
    """What is in the file; the file that is judged is the one that is read."""
    try:
        handle = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise PluginRefusedError(file, 0, "is a link", "Put the file itself in the folder.") from None
    with os.fdopen(handle, "rb") as opened:
        status = os.fstat(opened.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
            raise PluginRefusedError(file, 0, "is no Python file of at most 1 MB", "Remove it from the folder.")
        _trusted(file, status)
        return opened.read(_MOST_BYTES + 1)


def _compiled(file: Path, source: bytes) -> CodeType:
    try:
        return compile(source, str(file), "exec")
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0) or 0
        problem = f"is not Python ({getattr(error, 'msg', 'odd characters')})"
        raise PluginRefusedError(file, line, problem, "Mend the line.") from None


def _detector(file: Path, source: bytes) -> Detector:
    module = ModuleType(f"douane_plugin_{file.stem}")
    module.__file__ = str(file)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    try:
        exec(_compiled(file, source), module.__dict__)  # noqa: S102 - the user's own code, from files that only they can change
    except (Exception, SystemExit) as error:  # noqa: BLE001 - any code may raise anything; what and where is told
        said = f": {error}" if isinstance(error, _SAID_OF_CODE) else ""
        problem = f"fails when it is loaded ({type(error).__name__}{said})"
        raise PluginRefusedError(file, _line(error, file), problem, "Mend it, or take it out of the folder.") from None
    found: Any = getattr(module, "DETECTOR", None)
    wrong = next(_wrong(found), None)
    if wrong is not None:
        raise PluginRefusedError(file, _line_of(source), *wrong)
    return Guarded(found, file, _line_of(source))


def _line(error: BaseException, file: Path) -> int:
    """The line of the file at which it failed, 0 where it did not fail there."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 0 for frame in reversed(frames) if frame.filename == str(file)), 0)


def _line_of(source: bytes) -> int:
    """The line that sets DETECTOR, 0 where none does."""
    return next((at for at, line in enumerate(source.splitlines(), 1) if line.startswith(b"DETECTOR")), 0)


def _wrong(found: Any) -> Iterator[tuple[str, str]]:
    """Everything about the object that is not as `detectors.base.Detector` has it."""
    if found is None:
        yield "sets no DETECTOR", "Set it to an instance with name, title, MATCHES, MISSES and find."
        return
    if isinstance(found, type):
        yield "DETECTOR is a class", f"Set it to an instance: DETECTOR = {found.__name__}()"
        return
    name = getattr(found, "name", None)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        yield "DETECTOR.name is not a name", "Use small letters, figures and dashes: staff-badge."
    if not isinstance(getattr(found, "title", None), str) or not found.title:
        yield "DETECTOR.title is no text", "Say what it finds, for people."
    if not callable(getattr(found, "find", None)):
        yield "DETECTOR has no find(scene)", "Add `def find(self, scene)` that yields findings."
    elif not _takes_a_scene(found.find):
        yield "DETECTOR.find does not take one scene", "Write it as `def find(self, scene)`."
    for attribute, kind in (("MATCHES", Match), ("MISSES", Miss)):
        examples = getattr(found, attribute, None)
        if not isinstance(examples, tuple) or not all(isinstance(one, kind) for one in examples):
            remedy = f"Give a tuple of {kind.__name__}(…) from douane.detectors.base."
            yield f"DETECTOR.{attribute} is no tuple of {kind.__name__}", remedy
            return
    if not found.MATCHES:
        yield "DETECTOR.MATCHES is empty", "Add an invented example of what it finds."
    for number, match in enumerate(found.MATCHES):
        if taxonomy.category(match.category) is None:
            close = taxonomy.nearest(match.category)
            remedy = f"Did you mean {close}?" if close else "docs/declaration.md lists the categories."
            yield f"the category of DETECTOR.MATCHES[{number}] is not in the taxonomy", remedy


def _takes_a_scene(find: Callable[..., Any]) -> bool:
    try:
        inspect.signature(find).bind(None)
    except TypeError:
        return False
    except ValueError:  # what is not written in Python says nothing of itself
        return True
    return True


class Guarded:
    """A plugin whose findings are checked: a wrong one makes it fail, which a gap tells, instead of the inspection.

    `line` is where the file sets DETECTOR.
    """

    def __init__(self, inner: Detector, file: Path, line: int = 0) -> None:
        self.inner, self.file, self.line = inner, file, line
        self.name, self.title = inner.name, inner.title
        self.MATCHES, self.MISSES = inner.MATCHES, inner.MISSES

    def find(self, scene: Scene) -> Iterable[Finding]:
        shown = {id(one.field) for one in scene} | {id(one.field) for one in scene.fixed}
        try:
            return [self._checked(one, shown) for one in self.inner.find(scene)]
        except (Exception, SystemExit) as error:  # noqa: BLE001 - any code may raise anything; what and where is told
            line = _line(error, self.file)
            what = str(error) if isinstance(error, NotAFindingError) else type(error).__name__
            raise DetectorFailed(f"{self.name} ({self.file.name}{f':{line}' if line else ''}: {what})") from None

    def prepare(self) -> None:
        """Let the plugin load what it has to."""
        if isinstance(self.inner, Prepared):
            try:
                self.inner.prepare()
            except (Exception, SystemExit) as error:  # noqa: BLE001 - any code may raise anything; what and where is told
                problem = f"prepare() fails ({type(error).__name__})"
                raise PluginRefusedError(self.file, _line(error, self.file), problem, "Mend it.") from None

    def _checked(self, found: Any, shown: set[int]) -> Finding:
        if not isinstance(found, Finding):
            raise NotAFindingError("gives what is no finding")
        if id(found.of) not in shown:
            raise NotAFindingError("gives a finding in a field that it was not shown")
        if taxonomy.category(found.category) is None:
            raise NotAFindingError("gives a category that is not in the taxonomy")
        if not 0 <= found.start < found.end <= len(found.of.text):
            raise NotAFindingError("gives a place outside its field")
        if not 0 < found.score <= 1:
            raise NotAFindingError("gives a score that is not above 0 and at most 1")
        if found.detector != self.name:
            raise NotAFindingError("gives a finding under another name than its own")
        text = found.of.text[found.start : found.end].casefold()
        if len(found.evidence) > _MOST_EVIDENCE or text in found.evidence.casefold():
            # The evidence is stored: it must not carry the value.
            return Finding(
                found.of, found.start, found.end, found.category, found.score, found.detector,
                "said by the plugin", found.minor, found.normalised,
            )  # fmt: skip
        return found
