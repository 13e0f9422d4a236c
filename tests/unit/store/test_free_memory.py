"""That Python's search for circles of objects is as it was after days were brought up to date, and that free memory goes back."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from whosaw.store.free_memory import looking_seldom

# pieces that are freed between others that stay: the heap of the C library cannot shrink for them
_PIECES = """
import sys
from pathlib import Path
import numpy as np
from whosaw.store.free_memory import keep_little
if sys.argv[1:]:
    keep_little()
np.ones(1 << 21)  # 16 MB: what is as large as this comes from the heap from now on
pieces = [np.ones(1 << 18) for _ in range(100)]
del pieces[::2]
status = dict(each.split(":", 1) for each in Path("/proc/self/status").read_text().splitlines())
print(int(status["RssAnon"].split()[0]) >> 10)
"""


def test_python_looks_seldom_only_while_it_lasts() -> None:
    before = gc.get_threshold()
    with looking_seldom():
        assert gc.get_threshold()[0] > before[0]
    assert gc.get_threshold() == before


def test_python_looks_as_before_after_a_fault() -> None:
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="stopped"), looking_seldom():
        raise ValueError("stopped")
    assert gc.get_threshold() == before


@pytest.mark.skipif(sys.platform != "linux", reason="of the C library of Linux")
def test_who_keeps_little_holds_no_large_piece_that_is_free() -> None:
    held = [
        int(subprocess.run([sys.executable, "-c", _PIECES, *more], check=True, capture_output=True).stdout)
        for more in ([], ["little"])
    ]
    assert held[1] < held[0] - 50  # MB, of 100 that were freed
