"""The migrations that bring a ledger's file to this version, one after the other; each is told in the file."""

import sqlite3

from sqlite_utils import Database, Migrations

from douane.ledger import fourth, second, third
from douane.ledger.schema import INDICES, TABLES, VIEWS

migrations = Migrations("douane-ledger")


@migrations(name="0001_first_ledger")
def _first_ledger(db: Database) -> None:
    for statement in (*TABLES, *INDICES):
        db.execute(statement)


@migrations(name="0002_declared_versus_observed")
def _second_ledger(db: Database) -> None:
    for view in VIEWS:
        db.execute(f"DROP VIEW IF EXISTS {view}")
    for statement in second.STATEMENTS:
        db.execute(statement)


@migrations(name="0003_what_apps_pass_on")
def _third_ledger(db: Database) -> None:
    for view in VIEWS:
        db.execute(f"DROP VIEW IF EXISTS {view}")
    for statement in third.STATEMENTS:
        db.execute(statement)
    for name, select in VIEWS.items():
        db.create_view(name, select)


@migrations(name="0004_a_chain_over_everything")
def _fourth_ledger(db: Database) -> None:
    for statement in fourth.STATEMENTS:
        db.execute(statement)
    fourth.adopt(db.conn)


def apply(db: sqlite3.Connection) -> None:
    """Do what was not done yet; raises `sqlite3.Error`."""
    migrations.apply(Database(db, execute_plugins=False))
