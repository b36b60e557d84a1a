import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.ledger.keys import KeyRefused, decode, derive, encode, key_path, load, load_or_create, new_master

MASTER = bytes(range(32))


def test_a_key_is_made_once_for_its_owner_alone(tmp_path):
    path = tmp_path / "config" / "master.key"
    first = load_or_create(path)
    assert (len(first), path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (32, 0o600, 0o700)
    assert load_or_create(path) == load(path) == first
    assert list(path.parent.iterdir()) == [path]


def test_two_that_make_it_at_once_get_the_same_key(tmp_path):
    path = tmp_path / "master.key"
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(load_or_create(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {load(path)}


@pytest.mark.promise("key-outside")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_key_that_others_can_touch_is_refused(tmp_path, mode):
    path = tmp_path / "master.key"
    key = load_or_create(path)
    path.chmod(mode)
    with pytest.raises(KeyRefused, match="chmod 600") as caught:
        load(path)
    assert encode(key) not in str(caught.value)


@pytest.mark.promise("key-outside")
@pytest.mark.parametrize("text", ["", "not a key", "AAAA", encode(MASTER) + "AAAA", encode(MASTER)[:-4], "=" * 44])
def test_what_is_no_key_is_refused_without_being_printed(tmp_path, text):
    path = tmp_path / "master.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(KeyRefused, match="32 bytes in base64") as caught:
        load(path)
    assert not text or text not in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(KeyRefused, match=r"no key file here; put back .* DOUANE_KEY_FILE .* another folder .--data"):
        load(tmp_path / "none")
    with pytest.raises(KeyRefused):
        load(tmp_path)


@pytest.mark.promise("key-outside")
def test_a_key_inside_the_data_folder_is_refused_unless_allowed(tmp_path):
    path = tmp_path / "data" / "keys" / "master.key"
    with pytest.raises(KeyRefused, match="inside the data folder"):
        load_or_create(path, data_folder=tmp_path / "data")
    assert not path.exists()
    key = load_or_create(path, data_folder=tmp_path / "data", allow_inside=True)
    with pytest.raises(KeyRefused, match="inside the data folder"):
        load(path, data_folder=tmp_path / "data")
    assert load(path, data_folder=tmp_path / "elsewhere") == key


def test_the_environment_says_where_the_key_lies(tmp_path):
    assert key_path({"DOUANE_KEY_FILE": str(tmp_path / "k")}) == tmp_path / "k"
    assert key_path({}).parts[-2:] == ("douane", "master.key")


def test_a_master_key_survives_its_text():
    master = new_master()
    assert decode(encode(master) + "\n") == decode(encode(master).encode()) == master


def test_derived_keys_are_those_of_rfc_5869():
    # HKDF-SHA-256 by hand: PRK = HMAC(zeros, master), OKM = HMAC(PRK, info ‖ 1)
    import hmac

    info = b"douane/1" + b"\0\0\0\5spool" + b"\0\0\0\3abc"
    prk = hmac.digest(bytes(32), MASTER, "sha256")
    assert derive(MASTER, "spool", "abc") == hmac.digest(prk, info + b"\1", "sha256")


@given(st.lists(st.text(max_size=6), max_size=4), st.lists(st.text(max_size=6), max_size=4))
def test_two_label_lists_share_a_key_only_if_they_are_equal(left, right):
    assert (derive(MASTER, *left) == derive(MASTER, *right)) == (left == right)


@pytest.mark.parametrize("length", [1, 16, 32, 100])
def test_a_derived_key_has_the_length_asked_for(length):
    assert len(derive(MASTER, "x", length=length)) == length


def test_the_key_file_belongs_to_its_owner(tmp_path):
    path = tmp_path / "master.key"
    load_or_create(path)
    assert path.stat().st_uid == os.geteuid()


@pytest.mark.promise("handed-key")
@pytest.mark.parametrize(("mode", "taken"), [(0o440, True), (0o400, True), (0o640, False), (0o444, False)])
def test_a_key_that_systemd_hands_over_may_have_an_access_list_and_nothing_more(tmp_path, monkeypatch, mode, taken):
    path = tmp_path / "credentials" / "master.key"
    master = load_or_create(path)
    path.chmod(mode)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(path.parent))
    if taken:
        assert load(path) == master
    else:
        with pytest.raises(KeyRefused, match="others can"):
            load(path)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "elsewhere"))
    if mode == 0o440:
        with pytest.raises(KeyRefused, match="others can"):
            load(path)
