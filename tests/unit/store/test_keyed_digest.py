"""Many messages at once get the CMAC that the standard gives each, and a digest that is one step behind it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given
from hypothesis import strategies as st

from whosaw.store.keyed_digest import KeyedDigest, cmac_all

MESSAGE = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
FIRST, SECOND = b"a" * 32, b"b" * 32


def _cmac(key: bytes, *messages: bytes) -> list[bytes]:
    starts = np.cumsum([0, *map(len, messages)])
    found = cmac_all(key, starts, np.frombuffer(b"".join(messages), np.uint8))
    return [row.tobytes() for row in found]


@pytest.mark.parametrize(
    ("length", "tag"),
    [
        (0, "bb1d6929e95937287fa37d129b756746"),
        (16, "070a16b46b4d4144f79bdd9dd04a287c"),
        (40, "dfa66747de9ae63030ca32611497c827"),
        (64, "51f0bebf7e3b9d92fc49741779363cfe"),
    ],
)
def test_vectors_of_rfc_4493(length: int, tag: str) -> None:
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    assert _cmac(key, MESSAGE[:length])[0].hex() == tag


@given(st.lists(st.binary(max_size=70), max_size=40))
def test_many_at_once_are_what_the_library_gives_one_by_one(messages: list[bytes]) -> None:
    expected = []
    for message in messages:
        one = CMAC(AES(FIRST))
        one.update(message)
        expected.append(one.finalize())
    assert _cmac(FIRST, *messages) == expected


def test_more_messages_than_are_laid_out_at_once() -> None:
    messages = [str(number).encode() * 3 for number in range(70_000)]
    found = _cmac(FIRST, *messages)
    for at in (0, 1, 9, 65_535, 65_536, 69_999):
        one = CMAC(AES(FIRST))
        one.update(messages[at])
        assert found[at] == one.finalize()


def test_the_digest_is_one_step_behind_the_cmac() -> None:
    (tag,) = _cmac(FIRST, b"t1")
    behind = Cipher(AES(SECOND), ECB()).encryptor().update(tag)
    assert KeyedDigest(FIRST, SECOND).of_bytes(b"t1") == bytes(
        a ^ b for a, b in zip(behind, tag, strict=True)
    )


def test_texts_rows_and_bytes_agree() -> None:
    digest = KeyedDigest(FIRST, SECOND)
    texts = pa.array(["left out", "abcd", "ß", "", "abcd"]).slice(1)
    found = [row.tobytes() for row in digest.of_texts(texts)]
    assert found == [digest.of_bytes(each.encode()) for each in ("abcd", "ß", "", "abcd")]
    rows = np.frombuffer(b"abcdefgh", np.uint8).reshape(2, 4)
    assert [row.tobytes() for row in digest.of_rows(rows)] == [
        digest.of_bytes(b"abcd"),
        digest.of_bytes(b"efgh"),
    ]


def test_nothing_gives_nothing() -> None:
    assert KeyedDigest(FIRST, SECOND).of_texts(pa.array([], pa.string())).shape == (0, 16)
