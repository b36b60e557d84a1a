"""Keys that were replaced, locked or put into the system's keyring still open what they made, and are never printed."""

import json
import os
import sys
from contextlib import closing
from pathlib import Path

import pytest

from douane.ledger import keyring_
from douane.ledger.keys import (
    KeyRefused,
    Master,
    all_of,
    decode,
    encode,
    fingerprint,
    load,
    load_or_create,
    locked,
    renewed,
    save,
)
from douane.ledger.passphrase import LockRefused, lock, unlock
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.record import RecordKind
from douane.ledger.sealing import SealBroken, Sealer, new_secrets
from douane.ledger.spool import Record, Spool, Unreadable

OLD = bytes(range(32))
NEW = Master(bytes(range(1, 33)), [OLD])
EMAIL = "lea.martin@example.org"


def test_a_renewed_key_keeps_the_old_ones_behind_it() -> None:
    once = renewed(OLD)
    twice = renewed(once)
    assert all_of(twice) == (bytes(twice), bytes(once), OLD)
    assert decode(encode(twice)) == twice
    assert all_of(decode(encode(twice) + "\n")) == all_of(twice)
    assert all_of(OLD) == (OLD,)


@pytest.mark.promise("key-unprinted")
def test_neither_repr_nor_str_shows_a_key() -> None:
    assert f"{NEW} {NEW!r} {[NEW]}" == "<master key, 1 older> <master key, 1 older> [<master key, 1 older>]"


def test_the_fingerprint_is_of_the_newest_key_and_is_not_the_key() -> None:
    assert fingerprint(NEW) == fingerprint(bytes(NEW)) != fingerprint(OLD)
    assert bytes.fromhex(fingerprint(OLD)) not in OLD


def test_a_file_holds_a_key_a_line_the_newest_first(tmp_path: Path) -> None:
    path = tmp_path / "k" / "master.key"
    save(path, NEW)
    assert path.read_text().split("\n") == [*encode(NEW).split(" "), ""]
    assert (all_of(load(path)), path.stat().st_mode & 0o777) == (all_of(NEW), 0o600)
    assert list(path.parent.iterdir()) == [path]


def test_a_link_to_the_key_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.key", tmp_path / "link.key"
    load_or_create(real)
    link.symlink_to(real)
    save(link, NEW)
    assert link.is_symlink()
    assert load(real) == NEW


@pytest.mark.promise("old-key-opens")
def test_a_spool_opens_what_the_old_key_sealed_and_seals_with_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    with Spool(path, OLD) as spool:
        spool.put(next(iter(RecordKind)), "crm", "f", 0, 1.0, {}, b"before")
    with Spool(path, NEW) as spool:
        spool.put(next(iter(RecordKind)), "crm", "f", 1, 2.0, {}, b"after")
        assert [one.body for one in spool.take() if isinstance(one, Record)] == [b"before", b"after"]
    with Spool(path, OLD) as spool:
        assert [type(one) for one in spool.take()] == [Record, Unreadable]


@pytest.mark.promise("old-key-opens")
def test_the_open_segment_opens_with_the_key_that_sealed_it() -> None:
    made = new_secrets()
    sealed = Sealer(OLD).seal("0" * 32, 3, "", made)
    assert Sealer(NEW).unseal("0" * 32, 3, "", sealed) == made
    with pytest.raises(SealBroken):
        Sealer(bytes(NEW)).unseal("0" * 32, 3, "", sealed)


def test_a_value_is_looked_up_under_every_key(tmp_path: Path) -> None:
    before = Pseudonymiser(OLD).of("crm", "user.contact.email", EMAIL)
    after = Pseudonymiser(NEW, 2).of("crm", "user.contact.email", EMAIL)
    assert before is not None
    assert after is not None
    digests = [one.digest for one in Pseudonymiser(NEW).look_up(EMAIL, "user.contact.email", [("crm", 1), ("crm", 2)])]
    assert {before.digest, after.digest} <= set(digests)
    assert (Pseudonymiser(NEW).made("crm", before.key_id), Pseudonymiser(NEW).made("crm", after.key_id)) == (True, True)
    assert not Pseudonymiser(OLD).made("crm", after.key_id)
    salt = b"s" * 16
    salted = Pseudonymiser(OLD).of("crm", "user.demographic.gender", "F", salt=salt)
    assert salted is not None
    assert salted.digest in Pseudonymiser(NEW).salted_digests("crm", 1, "user.demographic.gender", "F", salt)


@pytest.mark.promise("key-locked")
def test_a_locked_file_opens_with_its_passphrase_alone(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    save(path, NEW, passphrase="correct horse")
    text = path.read_bytes()
    assert locked(path)
    assert encode(NEW).split()[0].encode() not in text
    assert all_of(load(path, ask=lambda _: "correct horse")) == all_of(NEW)
    for wrong in ("correct hors", ""):
        with pytest.raises(
            KeyRefused, match=r"master.key: the passphrase does not open it; give its passphrase"
        ) as told:
            load(path, ask=lambda _, wrong=wrong: wrong)
        assert not wrong or wrong not in str(told.value)
    with pytest.raises(KeyRefused, match="is locked with a passphrase; give it with DOUANE_PASSPHRASE_FILE"):
        load(path)


@pytest.mark.parametrize("change", [{"n": 2**30}, {"r": 10**6}, {"p": 0}, {"n": "x"}, {"salt": ""}, {"kdf": "md5"}])
def test_a_changed_lock_is_refused_before_it_costs_memory(change: dict[str, object]) -> None:
    whole = json.loads(lock(b"text", "correct horse"))
    with pytest.raises(LockRefused, match="not a key locked by this version"):
        unlock(json.dumps({**whole, **change}).encode(), "correct horse")


def test_every_part_of_a_lock_is_bound() -> None:
    whole = json.loads(lock(b"text", "correct horse"))
    with pytest.raises(LockRefused, match="does not open"):
        unlock(json.dumps({**whole, "more": 1}).encode(), "correct horse")
    assert unlock(json.dumps(whole).encode(), "correct horse") == b"text"


class _Kept:
    """A keyring in memory, in the place of one of the system's."""

    def __init__(self, *, keeps: bool = True) -> None:
        self.held: dict[tuple[str, str], str] = {}
        self.keeps = keeps

    def get_password(self, service: str, name: str) -> str | None:
        return self.held.get((service, name))

    def set_password(self, service: str, name: str, text: str) -> None:
        if self.keeps:
            self.held[service, name] = text


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> _Kept:
    module = pytest.importorskip("keyring")
    kept = _Kept()
    monkeypatch.setattr(_Kept, "__module__", "keyring.backends.SecretService")
    monkeypatch.setattr(module, "get_keyring", lambda: kept)
    return kept


def test_the_keyring_of_the_system_keeps_a_key(keyring: _Kept) -> None:
    assert keyring_.read() is None
    keyring_.write(encode(NEW))
    assert (keyring_.read(), keyring_.name()) == (encode(NEW), "SecretService")


def test_a_keyring_that_forgets_is_told(keyring: _Kept) -> None:
    keyring.keeps = False
    with pytest.raises(keyring_.NoKeyring, match=r"did not keep the key; set storage\.key_store to file") as told:
        keyring_.write(encode(NEW))
    assert encode(NEW) not in str(told.value)


@pytest.mark.promise("lasting-keyring")
@pytest.mark.parametrize("module", ["keyring.backends.null", "keyring.backends.fail", "keyrings.alt.file", "elsewhere"])
def test_a_keyring_that_keeps_nothing_over_a_restart_is_refused(
    keyring: _Kept, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setattr(_Kept, "__module__", module)
    for use in (keyring_.read, lambda: keyring_.write("x")):
        with pytest.raises(keyring_.NoKeyring, match=r"no keyring that keeps a key over a restart; .*DOUANE_KEY_FILE"):
            use()
    assert keyring.held == {}


def test_a_missing_package_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(keyring_.NoKeyring, match=r"pip install 'douane\[keyring\]'"):
        keyring_.read()


def test_the_passphrase_comes_from_a_file_or_a_descriptor(tmp_path: Path) -> None:
    from douane.cli.custody import passphrase

    file = tmp_path / "secret"
    file.write_text("correct horse\nmore\n")
    file.chmod(0o644)
    with pytest.raises(KeyRefused, match="others can read or write it; run: chmod 600"):
        passphrase(Path("k"), {"DOUANE_PASSPHRASE_FILE": str(file)})
    file.chmod(0o600)
    assert passphrase(Path("k"), {"DOUANE_PASSPHRASE_FILE": str(file)}) == "correct horse"
    read, write = os.pipe()
    with closing(os.fdopen(write, "w")) as pipe:
        pipe.write("battery staple\n")
    assert passphrase(Path("k"), {"DOUANE_PASSPHRASE_FD": str(read)}) == "battery staple"
    os.close(read)
    with file.open() as opened:
        environ = {"DOUANE_PASSPHRASE_FD": str(opened.fileno())}
        assert passphrase(Path("k"), environ) == "correct horse"
        opened.seek(0)
        file.chmod(0o640)
        with pytest.raises(KeyRefused, match="others can read or write the file behind DOUANE_PASSPHRASE_FD"):
            passphrase(Path("k"), environ)
    for environ in ({"DOUANE_PASSPHRASE_FILE": str(tmp_path / "none")}, {"DOUANE_PASSPHRASE_FD": "x"}):
        with pytest.raises(KeyRefused, match="DOUANE_PASSPHRASE"):
            passphrase(Path("k"), environ)


def test_a_command_takes_the_key_from_the_keyring_only_where_that_is_configured(
    keyring: _Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from douane.cli.config_keys import Storage
    from douane.cli.custody import kept, master_of, where

    monkeypatch.setenv("DOUANE_KEY_FILE", str(tmp_path / "master.key"))
    asked = Storage(folder=tmp_path / "data", key_store="keyring")
    with pytest.raises(KeyRefused, match="the keyring holds no key of Douane; unlock the one"):
        master_of(asked)
    made = master_of(asked, create=True)
    assert master_of(asked) == made
    kept(asked, renewed(made))
    assert all_of(master_of(asked))[1] == made
    assert where(asked) == "the system's keyring"
    assert not (tmp_path / "master.key").exists()
    assert master_of(Storage(folder=tmp_path / "data"), create=True) != made
    monkeypatch.setattr(_Kept, "__module__", "keyring.backends.fail")
    with pytest.raises(KeyRefused, match="no keyring that keeps a key over a restart"):
        master_of(asked, create=True)
