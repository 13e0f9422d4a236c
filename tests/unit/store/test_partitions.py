"""Rows are spread by the first bits of a key, in memory or in files, and come back in order of the key."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from whosaw.store import partitions
from whosaw.store.partitions import Partitions, scratch


def test_parts_come_in_order_of_the_key_and_leave_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "PART_ROWS", 2)
    rows = Partitions(tmp_path, "x", np.int64, 8)
    keys = np.array([3 << 62, 0, 1 << 62, 0, 2 << 62], np.uint64)
    rows.add(keys, np.arange(5))
    assert [part.tolist() for part in rows.parts()] == [[1, 3], [2], [4], [0]]
    rows.close()
    assert list(tmp_path.iterdir()) == []


def test_scratch_in_a_file_is_like_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whosaw.store.partitions.PART_ROWS", 4)
    numbers = scratch(tmp_path / "n.rows", 9, fill=-1)
    numbers[[2, 8]] = [5, 6]
    assert numbers.tolist() == [-1, -1, 5, -1, -1, -1, -1, -1, 6]
    assert list(tmp_path.iterdir()) == []
