"""Identifiers are told apart by keyed digests and come back out of sealed blocks only with the key."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosaw.core.errors import WhosawError
from whosaw.store.key_file import load_key
from whosaw.store.vault import Vault

VAULT = Vault(b"k" * 32)
ROWS = pa.table({"kind": pa.array([0, 1], pa.int8()), "raw": pa.array(["customer\x1f42", "192.0.2.7"])})


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), max_size=300))
def test_many_digests_at_once_are_those_of_each(values: list[str]) -> None:
    many = [row.tobytes() for row in VAULT.digest_all("person", pa.array(values, pa.string()))]
    assert many == [VAULT.digest("person", value) for value in values]


def test_kinds_and_keys_keep_digests_apart() -> None:
    digests = {
        VAULT.digest("person", "1"),
        VAULT.digest("address", "1"),
        Vault(b"x" * 32).digest("person", "1"),
    }
    assert len(digests) == 3


def test_block_holds_no_readable_identifier_and_opens_again() -> None:
    block = VAULT.seal(ROWS)
    assert b"192.0.2.7" not in block
    assert b"customer" not in block
    assert VAULT.open(block).equals(ROWS)


def test_equal_rows_give_equal_bytes_and_other_rows_another_key() -> None:
    assert VAULT.seal(ROWS) == VAULT.seal(ROWS)
    assert VAULT.seal(ROWS)[4:36] != VAULT.seal(ROWS.slice(1))[4:36]


@pytest.mark.parametrize("at", [0, 5, 40, -1])
def test_changed_block_is_refused(at: int) -> None:
    block = bytearray(VAULT.seal(ROWS))
    block[at] ^= 1
    with pytest.raises(WhosawError) as caught:
        VAULT.open(bytes(block))
    assert caught.value.code in ("vault.sealed", "vault.not-a-block")


def test_block_of_another_key_is_refused() -> None:
    with pytest.raises(WhosawError, match="does not open with this key"):
        Vault(b"x" * 32).open(VAULT.seal(ROWS))


@given(st.lists(st.integers(0, 60_000), min_size=1, max_size=5), st.integers(1, 3))
def test_identifier_is_found_without_opening_every_block(wanted: list[int], step: int) -> None:
    codes = np.arange(0, 40_000 * step, step, dtype=np.int32)
    rows = pa.table({"code": codes, "raw": [f"c{code}" for code in codes.tolist()]})
    opened = VAULT.open_blocks(VAULT.seal_blocks(rows), wanted)
    held = dict(zip(opened["code"].to_pylist(), opened["raw"].to_pylist(), strict=True))
    assert opened.num_rows < rows.num_rows or len(wanted) >= 5
    for code in wanted:
        assert held.get(code) == (f"c{code}" if code % step == 0 and code < 40_000 * step else None)


def test_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    key = load_key(path, create=True)
    assert load_key(path, create=False) == key
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_missing_or_wrong_key_is_said(tmp_path: Path) -> None:
    with pytest.raises(WhosawError, match="is gone"):
        load_key(tmp_path / "none", create=False)
    (tmp_path / "short").write_bytes(b"abc")
    (tmp_path / "short").chmod(0o600)
    with pytest.raises(WhosawError, match="not 32 bytes"):
        load_key(tmp_path / "short", create=False)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o601])
def test_a_key_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "vault.key"
    key = load_key(path, create=True)
    path.chmod(mode)
    with pytest.raises(WhosawError, match=f"mode {mode:04o}") as told:
        load_key(path, create=False)
    assert told.value.code == "vault.open-key"
    assert f"chmod 600 {path}" in told.value.hint
    path.chmod(0o400)
    assert load_key(path, create=False) == key


class Stop(BaseException):
    """A kill."""


@pytest.mark.parametrize("at", ["urandom", "fsync", "link"])
def test_a_kill_while_the_key_is_made_leaves_none_and_the_next_one_is_whole(
    at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "vault.key"

    def stop(*_: object) -> None:
        raise Stop

    with monkeypatch.context() as patched:
        patched.setattr(f"whosaw.store.key_file.os.{at}", stop)
        with pytest.raises(Stop):
            load_key(path, create=True)
    assert not path.exists()
    assert len(load_key(path, create=True)) == 32


def test_an_empty_key_that_a_kill_left_behind_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    path.touch(mode=0o600)
    with pytest.raises(WhosawError, match="not 32 bytes"):
        load_key(path, create=False)
    assert load_key(path, create=True) == path.read_bytes() != b""


def test_a_key_is_made_where_no_file_has_two_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("whosaw.store.key_file.os.link", link)
    key = load_key(tmp_path / "vault.key", create=True)
    assert len(key) == 32
    assert load_key(tmp_path / "vault.key", create=True) == key


def test_of_two_keys_that_are_made_at_once_the_first_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "vault.key"
    real = os.link

    def link(one: Path, two: Path) -> None:
        Path(two).write_bytes(b"k" * 32)  # somebody else came first
        Path(two).chmod(0o600)
        real(one, two)

    monkeypatch.setattr("whosaw.store.key_file.os.link", link)
    assert load_key(path, create=True) == b"k" * 32
    assert [each.name for each in tmp_path.iterdir()] == ["vault.key"]
