"""A zip file of a document's parts: the same parts at the same moment give the same bytes."""

import shutil
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from douane.reports.render.words import utc

_PIECE: Final = 1 << 20
_UNIX: Final = 3
_PRIVATE: Final = 0o100600 << 16
_LARGE: Final = 1 << 30
_FIRST_YEAR: Final = 1980


def zipped(out: "IO[bytes] | Path", parts: Iterable[tuple[str, bytes | Path]], made_at: datetime) -> None:
    """Write a zip file of these parts, in their order; a part that is a file is copied piece by piece.

    Every entry is readable by its owner only and has the time `made_at` (UTC, two seconds exact). Raises `OSError`.
    """
    at = utc(made_at)
    moment = (max(at.year, _FIRST_YEAR), at.month, at.day, at.hour, at.minute, at.second)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            entry = zipfile.ZipInfo(name, moment)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, _UNIX, _PRIVATE
            if isinstance(content, bytes):
                archive.writestr(entry, content)
                continue
            large = content.stat().st_size > _LARGE
            with content.open("rb") as source, archive.open(entry, "w", force_zip64=large) as into:
                shutil.copyfileobj(source, into, _PIECE)
