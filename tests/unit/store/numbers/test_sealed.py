"""The vault by number gives back what was put there, block by block, and only with its key and at its place."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.ciphers import aead
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.core.errors import WhosawError
from whosaw.store import vault as vault_module
from whosaw.store.numbers import sealed as module
from whosaw.store.numbers.sealed import BLOCK_NUMBERS, SealedRows
from whosaw.store.vault import Vault

RAW = pa.schema([("raw", pa.string())])
VAULT = Vault(b"k" * 32)


def rows(numbers: list[int], word: str = "id") -> pa.Table:
    return pa.table({"number": pa.array(numbers, pa.int32()), "raw": [f"{word} {each}" for each in numbers]})


def raws(found: pa.Table) -> dict[int, str]:
    return dict(zip(found["number"].to_pylist(), found["raw"].to_pylist(), strict=True))


def files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


@settings(deadline=None, max_examples=examples(30))  # writes files
@given(st.lists(st.integers(0, 9), max_size=8), st.data())
def test_rows_come_back_by_number(
    tmp_path_factory: pytest.TempPathFactory, commits: list[int], data: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "BLOCK_NUMBERS", 4)
        held, given_so_far = SealedRows(tmp_path_factory.mktemp("vault"), VAULT, "person", RAW), 0
        for new in commits:
            held.put(rows(list(range(given_so_far, given_so_far + new))), given=given_so_far)
            given_so_far += new
        wanted = sorted(data.draw(st.sets(st.integers(0, given_so_far + 3))))
        expected = {each: f"id {each}" for each in wanted if each < given_so_far}
        assert raws(held.get(np.array(wanted, np.int64))) == expected
        assert [raws(each) for each in held.every(given_so_far)] == [
            {each: f"id {each}" for each in range(start, min(start + 4, given_so_far))}
            for start in range(0, given_so_far, 4)
        ]


def test_a_new_number_opens_and_writes_its_own_block_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = SealedRows(tmp_path, VAULT, "address", RAW)
    held.put(rows(list(range(BLOCK_NUMBERS * 3 + 5))), given=0)
    before = {path: path.read_bytes() for path in files(tmp_path)}
    opened: list[bytes] = []
    whole = Vault.open_at
    monkeypatch.setattr(
        Vault, "open_at", lambda self, place, block: opened.append(place) or whole(self, place, block)
    )
    held.put(rows([BLOCK_NUMBERS * 3 + 5]), given=BLOCK_NUMBERS * 3 + 5)
    assert set(opened) == {b"address 3"}
    assert [path.name for path in files(tmp_path) if path.read_bytes() != before[path]] == ["00000003.sealed"]


def test_what_a_killed_run_left_is_no_number_yet(tmp_path: Path) -> None:
    held = SealedRows(tmp_path, VAULT, "person", RAW)
    held.put(rows([0, 1]), given=0)
    held.put(rows([2, 3, 4], "killed"), given=2)  # and then no transaction
    assert [raws(each) for each in held.every(2)] == [{0: "id 0", 1: "id 1"}]
    held.put(rows([2, 3], "other"), given=2)
    assert raws(held.get(np.arange(9))) == {0: "id 0", 1: "id 1", 2: "other 2", 3: "other 3"}


def test_what_was_committed_is_never_written_over(tmp_path: Path) -> None:
    held = SealedRows(tmp_path, VAULT, "person", RAW)
    held.put(rows([0, 1]), given=0)
    with pytest.raises(ValueError, match="keeps what it stands for"):
        held.put(rows([1], "other"), given=2)


def test_no_key_meets_two_messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    met: dict[tuple[bytes, bytes], bytes] = {}

    class Watched:
        def __init__(self, key: bytes) -> None:
            self._kept = key

        def encrypt(self, nonce: bytes, data: bytes, associated: bytes | None) -> bytes:
            whole = aead.AESGCM(self._kept).encrypt(nonce, data, associated)
            assert met.setdefault((self._kept, nonce), whole) == whole
            return whole

        def decrypt(self, nonce: bytes, data: bytes, associated: bytes | None) -> bytes:
            return aead.AESGCM(self._kept).decrypt(nonce, data, associated)

    monkeypatch.setattr(vault_module, "AESGCM", Watched)
    for kind in ("person", "address"):
        held = SealedRows(tmp_path, VAULT, kind, RAW)
        for start in range(0, 40, 8):
            held.put(rows(list(range(start, start + 8))), given=start)
        held.put(rows(list(range(40, 48))), given=40)
        held.put(rows(list(range(40, 48))), given=40)  # the same again, after a kill
    # the same rows at another place, and packed by another release of the library
    monkeypatch.setattr(vault_module.zstd, "compress", lambda data, level: data + b"", raising=True)
    VAULT.seal_at(b"person 0", rows(list(range(48))))
    assert len(met) == 13


def test_blocks_hold_no_readable_identifier(tmp_path: Path) -> None:
    SealedRows(tmp_path, VAULT, "person", RAW).put(rows([7], "secret name"), given=0)
    (path,) = files(tmp_path)
    assert b"secret" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", ["other key", "other kind", "other block", "changed", "another sort"])
def test_a_block_opens_with_its_key_and_at_its_place_alone(tmp_path: Path, damage: str) -> None:
    held = SealedRows(tmp_path, VAULT, "person", RAW)
    held.put(rows([0, BLOCK_NUMBERS]), given=0)
    if damage == "other key":
        held = SealedRows(tmp_path, Vault(b"x" * 32), "person", RAW)
    elif damage == "other kind":
        held = SealedRows(tmp_path, VAULT, "address", RAW)
        shutil.copytree(tmp_path / "vault" / "person", tmp_path / "vault" / "address")
    elif damage == "other block":
        shutil.copy(held.path(1), held.path(0))
    elif damage == "changed":
        held.path(0).write_bytes(held.path(0).read_bytes()[:-1] + b"\0")
    else:
        held.path(0).write_bytes(VAULT.seal(rows([0])))
    with pytest.raises(WhosawError) as told:
        held.get(np.array([0]))
    assert told.value.code == ("vault.not-a-block" if damage == "another sort" else "vault.sealed")


class KilledError(Exception):
    pass


def test_a_kill_at_each_step_leaves_whole_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK_NUMBERS", 4)
    calls = {name: getattr(os, name) for name in ("open", "replace", "fsync")}
    monkeypatch.setattr("whosaw.store.files._flush_of_file_system", lambda: None)
    for at in range(100):
        root = tmp_path / str(at)
        held, left = SealedRows(root, VAULT, "person", RAW), [at]
        held.put(rows(list(range(6))), given=0)

        def killing(name: str, left: list[int] = left) -> object:
            def call(*arguments: object, **more: object) -> object:
                if left[0] == 0:
                    raise KilledError
                left[0] -= 1
                return calls[name](*arguments, **more)

            return call

        with monkeypatch.context() as patched:
            for name in calls:
                patched.setattr(os, name, killing(name))
            try:
                held.put(rows(list(range(6, 14))), given=6)
                break
            except KilledError:
                pass
        assert raws(held.get(np.arange(6))) == {each: f"id {each}" for each in range(6)}
        held.put(rows(list(range(6, 14))), given=6)
        assert raws(held.get(np.arange(20))) == {each: f"id {each}" for each in range(14)}
    assert at > 8


def test_what_does_not_read_back_is_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = SealedRows(tmp_path, VAULT, "person", RAW)
    whole = Vault.seal_at
    monkeypatch.setattr(Vault, "seal_at", lambda self, place, table: whole(self, place, table.slice(1)))
    with pytest.raises(WhosawError, match="does not hold what was written"):
        held.put(rows([0, 1]), given=0)
