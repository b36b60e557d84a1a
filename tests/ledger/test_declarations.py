"""The ledger keeps what an app declared, whole: a file that changes later changes no old verdict's ground."""

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import replace

import pytest
from declarations import declarations
from hypothesis import HealthCheck, given, settings

from douane.audit.declaration import Declaration
from douane.audit.declaration_document import document_of
from douane.ledger.catalogue import read_declaration, write_declaration
from douane.ledger.schema import prepare

DECLARATION = Declaration("crm", ("user.name",), (), sha256="ab" * 32, source="/etc/douane/crm.yaml", taxonomy="t")


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    prepare(made, "the ledger")
    made.execute("INSERT INTO apps (id, name, first_seen, last_seen) VALUES (1, 'crm', 'then', 'then')")
    yield made
    made.close()


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(declaration=declarations())
def test_a_declaration_comes_back_as_it_was_written(db: sqlite3.Connection, declaration: Declaration) -> None:
    digest = hashlib.sha256(document_of(declaration).encode()).hexdigest()
    declaration = replace(declaration, sha256=digest)
    written = write_declaration(db, 1, declaration, "t", "now")
    assert read_declaration(db, written) == declaration


def test_of_the_source_only_the_files_name_is_kept(db: sqlite3.Connection) -> None:
    written = write_declaration(db, 1, DECLARATION, "t", "now")
    assert read_declaration(db, written) == replace(DECLARATION, source="crm.yaml")


def test_a_ledger_that_kept_only_the_name_is_told_the_rest_once(db: sqlite3.Connection) -> None:
    insert = (
        "INSERT INTO declarations (app_id, file, sha256, taxonomy, loaded_at) VALUES (1, 'crm.yaml', ?, 't', 'now')"
    )
    old = db.execute(insert, (DECLARATION.sha256,)).lastrowid
    assert old is not None
    assert read_declaration(db, old) is None
    written = write_declaration(db, 1, DECLARATION, "t", "now")
    assert written == old + 1
    assert write_declaration(db, 1, DECLARATION, "t", "later") == written


def test_there_is_nothing_to_read_under_a_number_that_was_never_given(db: sqlite3.Connection) -> None:
    assert read_declaration(db, 999_999) is None
