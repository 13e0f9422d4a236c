"""That Python's search for circles of objects is as it was after days were brought up to date."""

from __future__ import annotations

import gc

import pytest

from whosaw.store.free_memory import looking_seldom


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
