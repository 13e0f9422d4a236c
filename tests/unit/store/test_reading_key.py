"""Who reads logs digests and seals as the vault does, and opens nothing."""

from __future__ import annotations

import base64
import hmac
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from backports import zstd
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from whosaw.core.errors import WhosawError
from whosaw.store.keyed_digest import Cover
from whosaw.store.reading_key import READ, fingerprint, reading_key_here, write_reading_key
from whosaw.store.vault import ReadingVault, Vault, _key_of

VAULT = Vault(b"k" * 32, cover=Cover(b"c" * 32))
ROWS = pa.table({"kind": pa.array([0, 1], pa.int8()), "raw": pa.array(["customer\x1f42", "192.0.2.7"])})


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReadingVault:
    write_reading_key(tmp_path / "reading.key", VAULT, "mark")
    monkeypatch.setenv("WHOSAW_READING_KEY", str(tmp_path / "reading.key"))
    key = reading_key_here("mark")
    assert key is not None
    assert fingerprint(key) == fingerprint(VAULT)
    return ReadingVault(key)


def test_it_digests_and_seals_the_same_bytes(read: ReadingVault) -> None:
    texts = pa.array(["4711", "", "\u00e9"])
    for kind in READ:
        assert np.array_equal(read.digest_all(kind, texts), VAULT.digest_all(kind, texts))
    assert read.seal(ROWS) == VAULT.seal(ROWS)
    assert VAULT.open(read.seal(ROWS)).equals(ROWS)
    assert VAULT.handed(read.hand_on("state")) == read.handed(VAULT.hand_on("state")) == "state"
    firsts = VAULT.digest_all("person", texts)
    assert np.array_equal(read.first(firsts), VAULT.first(firsts))


def test_it_opens_nothing_and_holds_nothing_that_would(read: ReadingVault, tmp_path: Path) -> None:
    block = VAULT.seal(ROWS)
    asked = (
        lambda: read.open(block), lambda: read.open_text(VAULT.seal_text("x")), lambda: read.secret("any"), read.sealed_last,
        lambda: read.seal_at(b"p", ROWS), lambda: read.open_at(b"p", VAULT.seal_at(b"p", ROWS)), lambda: read.reading_key(READ),
    )  # fmt: skip
    for each in asked:
        with pytest.raises(WhosawError, match="it opens nothing"):
            each()
    with pytest.raises(WhosawError, match="no digests of the kind lookup person"):
        read.digest("lookup person", "4711")
    kept = json.dumps(json.loads((tmp_path / "reading.key").read_text()))
    mine = {id(each) for each in vars(read).values()}
    assert not {id(each) for each in (VAULT._master, VAULT._seals, VAULT._pairs)} & mine
    for secret in (VAULT._master, *VAULT._seals, *VAULT._pairs, *VAULT._block_keys, *VAULT._place_keys):
        assert secret.hex() not in kept
        assert base64.b64encode(secret).decode() not in kept


def test_after_a_rotation_old_blocks_open_and_the_old_reading_key_is_another(read: ReadingVault) -> None:
    rotated = Vault(b"k" * 32, (b"n" * 32, b"k" * 32), cover=Cover(b"c" * 32))
    assert rotated.open(VAULT.seal(ROWS)).equals(ROWS) == rotated.open(rotated.seal(ROWS)).equals(ROWS)
    assert rotated.rotating
    assert fingerprint(rotated) != fingerprint(read)
    with pytest.raises(WhosawError, match="does not open with this key"):
        rotated.sealed_last().open(VAULT.seal(ROWS))


def test_a_block_of_an_earlier_release_opens() -> None:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, ROWS.schema) as writer:
        writer.write_table(ROWS)
    plain = sink.getvalue().to_pybytes()
    key = VAULT._block_keys[0]
    tag = hmac.digest(key, plain, "sha256")
    sealed = AESGCM(_key_of(key, tag)).encrypt(bytes(12), zstd.compress(plain), b"WSV1" + tag)
    assert VAULT.open(b"WSV1" + tag + sealed).equals(ROWS)


def test_a_process_without_one_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WHOSAW_READING_KEY", raising=False)
    monkeypatch.delenv("WHOSAW_READING_KEY_COMMAND", raising=False)
    assert reading_key_here(None) is None
    monkeypatch.setenv("WHOSAW_READING_KEY", "/nowhere/reading.key")
    with pytest.raises(WhosawError, match="cannot be read"):
        reading_key_here(None)
