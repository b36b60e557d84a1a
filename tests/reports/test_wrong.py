"""What is wrong with what was asked of a report is said in the report's language."""

import errno
import os

import pytest

from douane.reports.summary import ScopeError, bound
from douane.reports.wrong import scope, system

OCCUR = ("ENOENT", "EACCES", "EPERM", "ENOSPC", "EDQUOT", "EISDIR", "ENOTDIR", "EROFS", "ENAMETOOLONG")


@pytest.mark.parametrize("name", OCCUR)
def test_what_the_system_refuses_is_said_in_our_words(name: str) -> None:
    number = getattr(errno, name)
    english, french = (system(OSError(number, os.strerror(number)), lang) for lang in ("en", "fr"))
    assert english == os.strerror(number)
    assert french not in (english, "")
    assert name not in french


def test_what_seldom_occurs_has_the_systems_words_in_english_and_its_symbol_in_french() -> None:
    assert system(OSError(errno.ENXIO, "No such device or address"), "fr") == "refusé par le système, erreur ENXIO"
    assert system(OSError(errno.ELOOP, os.strerror(errno.ELOOP)), "en") == os.strerror(errno.ELOOP)
    assert system(OSError("nothing"), "en") == "refused by the system, error ?"
    assert system(OSError("nothing"), "fr-FR") == "refusé par le système, erreur ?"


def test_a_time_that_cannot_be_read_is_complained_of_in_french() -> None:
    with pytest.raises(ScopeError) as told:
        bound("hier", end=False)
    assert scope(told.value, "fr").startswith("une date ou une heure illisible")
    assert scope(told.value, "en") == str(told.value)
