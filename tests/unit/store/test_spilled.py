"""Arrays that are asked for again come back as they were put, whether they fit into memory or not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from whosaw.store.spilled import Spilled


@pytest.mark.parametrize("most", [0, 40, 1 << 20])
def test_what_was_put_comes_back(tmp_path: Path, most: int) -> None:
    kept: Spilled[int] = Spilled(most, tmp_path / "spill")
    arrays = {each: np.arange(each, each * 3, dtype=np.int32) for each in range(30)}
    for each, numbers in arrays.items():
        kept.put(each, numbers)
        assert kept.get(each + 1) is None
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(kept.get, arrays))
    for told, numbers in zip(found, arrays.values(), strict=True):
        assert told is not None
        assert told.tolist() == numbers.tolist()
    assert list((tmp_path / "spill").iterdir()) == []  # the file has no name, so none is left behind


def test_what_is_there_stays(tmp_path: Path) -> None:
    kept: Spilled[str] = Spilled(0, tmp_path)
    kept.put("a", np.array([1, 2], np.int32))
    kept.put("a", np.array([3], np.int32))
    found = kept.get("a")
    assert found is not None
    assert found.tolist() == [1, 2]
