"""What days meet of a context that is too large to keep what is worked out of it: the same as of a small one."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.chain.test_by_days import by_day
from tests.runners.test_steps import files, root_of, scanned, told

from whosaw.actors.explaining import met_rows


@pytest.mark.parametrize("several", [0, 16])
def test_a_large_context_is_met_as_a_small_one_at_first_and_a_day_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, several: int
) -> None:
    days = by_day(tmp_path / "days")
    small = [scanned(root_of(tmp_path, "small"), *days[:-1]), scanned(tmp_path / "small", *days)]
    gone: list[str] = []
    real = met_rows.MetRows._go_through

    def go_through(self: met_rows.MetRows, name: str, *asked: object) -> None:
        gone.append(name)
        real(self, name, *asked)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(met_rows.MetRows, "_go_through", go_through)
    for name, value in (("_ONCE", 0), ("_PAIRS", 4), ("_FEW", 0), ("_SEVERAL", several)):
        monkeypatch.setattr(met_rows, name, value)
    large = [scanned(root_of(tmp_path, "large"), *days[:-1]), scanned(tmp_path / "large", *days)]
    assert files(tmp_path / "large") == files(tmp_path / "small")
    assert [told(each) for each in large] == [told(each) for each in small]
    assert bool(gone) == (several == 0), "a few days are not worth all of them"
