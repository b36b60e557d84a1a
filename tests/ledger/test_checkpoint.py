"""Checkpoints: the tree against the published vectors, notes against C2SP's own examples."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from douane.ledger.checkpoint import (
    NoNote,
    Note,
    Signature,
    Witness,
    consistency,
    key_id,
    leaf_hash,
    read_note,
    read_signatures,
    read_witness,
    root_of,
    sign,
    verifier_key,
)

# The vectors of the Certificate Transparency reference implementation (transparency-dev/merkle, testonly).
ENTRIES = [bytes.fromhex(one) for one in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
PROOFS = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}
LEAVES = [leaf_hash(one) for one in ENTRIES]
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
ORIGIN = "douane/00112233445566778899aabbccddeeff"


@pytest.mark.promise("checkpoint-standard")
@pytest.mark.parametrize(("size", "root"), list(enumerate(ROOTS)))
def test_the_root_is_the_published_one(size: int, root: str) -> None:
    assert root_of(LEAVES[:size]).hex() == root


@pytest.mark.promise("checkpoint-standard")
@pytest.mark.parametrize(("sizes", "proof"), list(PROOFS.items()))
def test_a_proof_of_consistency_is_the_published_one(sizes: tuple[int, int], proof: list[str]) -> None:
    old, new = sizes
    assert [one.hex() for one in consistency(LEAVES[:new], old)] == proof


def continues(old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> bool:
    """RFC 9162, section 2.1.4.2: what a witness does with a proof; written from that text, not from the code."""
    if old == new:
        return old_root == new_root and not proof
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path.pop(0)
    for one in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr = hashlib.sha256(b"\x01" + one + fr).digest()
            sr = hashlib.sha256(b"\x01" + one + sr).digest()
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = hashlib.sha256(b"\x01" + sr + one).digest()
        fn, sn = fn >> 1, sn >> 1
    return fr == old_root and sr == new_root and sn == 0


@given(new=st.integers(1, 200), data=st.data())
def test_a_witness_can_check_any_proof(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    leaves = [leaf_hash(b"%d" % number) for number in range(new)]
    proof = consistency(leaves, old)
    assert len(proof) <= 63
    assert continues(old, root_of(leaves[:old]), new, root_of(leaves), proof)
    other = [*leaves[: old - 1], leaf_hash(b"another"), *leaves[old:]]
    assert not continues(old, root_of(leaves[:old]), new, root_of(other), consistency(other, old))


def test_nothing_proves_a_tree_that_is_longer() -> None:
    assert consistency(LEAVES, 0) == []
    with pytest.raises(ValueError, match="8 entries"):
        consistency(LEAVES, 9)


@pytest.mark.promise("checkpoint-standard")
def test_the_example_of_the_specification_of_signed_notes_holds() -> None:
    vkey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    public = base64.b64decode(vkey.split("+", 2)[2])[1:]
    assert verifier_key("example.com/foo", public) == vkey
    line = (
        "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    )
    (signature,) = read_signatures(f"{line}\n")
    assert signature.line == line
    note = Note("example.com/foo", 0, b"", "This is an example message.\n", (signature,))
    assert note.is_signed(public)
    assert not Note("example.com/foo", 0, b"", "This is another message.\n", (signature,)).is_signed(public)


def test_a_checkpoint_is_read_as_it_was_written() -> None:
    note = sign(ORIGIN, LEAVES, KEY)
    assert str(note).split("\n")[:4] == [ORIGIN, "8", base64.b64encode(bytes.fromhex(ROOTS[8])).decode(), ""]
    assert read_note(str(note)) == note
    assert note.is_signed(PUBLIC)
    assert str(note) == str(sign(ORIGIN, LEAVES, KEY)), "Ed25519 has one signature for one text"


def test_a_signature_of_ours_that_does_not_hold_spoils_a_note_and_others_do_not() -> None:
    note = sign(ORIGIN, LEAVES, KEY)
    bad = Signature(ORIGIN, key_id(ORIGIN, PUBLIC) + bytes(64))
    stranger = Signature("witness.example/w1", b"abcd" + bytes(72))
    assert Note(ORIGIN, 8, note.root, note.text, (*note.signatures, stranger)).is_signed(PUBLIC)
    assert not Note(ORIGIN, 8, note.root, note.text, (*note.signatures, bad)).is_signed(PUBLIC)
    assert not Note(ORIGIN, 8, note.root, note.text, (stranger,)).is_signed(PUBLIC)


def test_a_witness_that_cosigned_is_found_with_its_moment() -> None:
    """c2sp.org/tlog-cosignature: the header line, the time line, then the whole text of the note."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = private.public_key().public_bytes_raw()
    name, at = "witness.example/w1", 1_679_315_147
    note = sign(ORIGIN, LEAVES, KEY)
    signed = private.sign(f"cosignature/v1\ntime {at}\n{note.text}".encode())
    content = hashlib.sha256(f"{name}\n\x04".encode() + public).digest()[:4] + at.to_bytes(8, "big") + signed
    cosigned = Note(ORIGIN, 8, note.root, note.text, (*note.signatures, Signature(name, content)))
    shown = key_id(name, public, b"\x04").hex()
    witness = read_witness(f"{name}+{shown}+{base64.b64encode(b'\x04' + public).decode()}")
    assert witness == Witness(name, public)
    assert witness.cosigned_at(read_note(str(cosigned))) == "2023-03-20T12:25:47Z"
    assert witness.cosigned_at(note) is None
    later = content[:4] + (at + 1).to_bytes(8, "big") + signed
    assert witness.cosigned_at(Note(ORIGIN, 8, note.root, note.text, (Signature(name, later),))) is None


@given(st.binary(min_size=32, max_size=32))
def test_a_verifier_key_is_read_whatever_its_base64_holds(public: bytes) -> None:
    text = f"w.example/1+{key_id('w.example/1', public, b'\x04').hex()}+{base64.b64encode(b'\x04' + public).decode()}"
    assert read_witness(text) == Witness("w.example/1", public)


GOOD = str(sign(ORIGIN, LEAVES, KEY))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "three\n3\n",
        GOOD.replace("\n8\n", "\n08\n"),
        GOOD.replace("\n8\n", "\n-8\n"),
        GOOD.replace("\n8\n", "\n٨\n"),
        GOOD.replace("\n8\n", f"\n{'9' * 5000}\n"),
        GOOD.replace("\n8\n", "\n8\nAAAA\n"),
        GOOD.replace("— ", "- "),
        GOOD.replace(ORIGIN, f"{ORIGIN}\x1b[31m", 1),
        GOOD.partition("\n\n")[0] + "\n\n",
        GOOD + "— witness.example/w1 ====\n",
        GOOD + GOOD.partition("\n\n")[2] * 100,
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoNote):
        read_note(text)


@pytest.mark.parametrize(
    "text",
    ["", "name", "name+00000000+AAAA", f"n+{'0' * 8}+{base64.b64encode(b'\x04' + bytes(32)).decode()}", "a+b+é"],
)
def test_what_is_no_witness_is_refused(text: str) -> None:
    with pytest.raises(NoNote):
        read_witness(text)
