"""An index that does not fit its memory is begun again with more, and gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.chain.shop_log import NOW, ledger_bytes, shop_lines

from whosaw.app.findings import by_days
from whosaw.app.scan import scan
from whosaw.core.errors import WhosawError
from whosaw.store import sql
from whosaw.store.index import update as index
from whosaw.store.sql import Session


def test_want_of_memory_is_met_with_more(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "access.log"
    log.write_text("".join(f"{line}\n" for line in shop_lines(400)))
    calm, tight = new_root("calm"), new_root("tight")
    scan([str(log)], calm, now=NOW, map_path=map_file)
    asked: list[int] = []
    whole = Session.__init__

    def counted(self: Session, *, memory_bytes: int = 1 << 30, **more: object) -> None:
        if more.get("spill") is not None:  # the others hold nothing of a ledger
            asked.append(memory_bytes)
        whole(self, memory_bytes=memory_bytes, **more)  # type: ignore[arg-type]  # passed on as it came

    def compact(self: index._Build) -> None:
        if asked[-1] < 4 << 30:
            raise WhosawError("store.no-memory", "did not fit")
        whole_compact(self)

    whole_compact = index._Build._compact_groups
    monkeypatch.setattr(sql, "_memory_of_machine", lambda: 64 << 30)
    monkeypatch.setattr(Session, "__init__", counted)
    monkeypatch.setattr(index._Build, "_compact_groups", compact)
    scan([str(log)], tight, now=NOW, map_path=map_file, memory_bytes=1 << 30)
    assert [size >> 30 for size in asked if size >= 1 << 30][:3] == [1, 2, 4]
    assert ledger_bytes(tight) == ledger_bytes(calm)


def test_want_of_memory_beyond_the_machine_is_said(
    tmp_path: Path, map_file: Path, new_root: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "access.log"
    log.write_text("".join(f"{line}\n" for line in shop_lines(50)))

    def never(_self: index._Build) -> None:
        raise WhosawError("store.no-memory", "did not fit")

    monkeypatch.setattr(index._Build, "_compact_groups", never)
    with pytest.raises(WhosawError, match="did not fit"):
        scan([str(log)], new_root("w"), now=NOW, map_path=map_file)


def test_detection_that_does_not_fit_is_begun_again_with_twice_the_memory(
    tmp_path: Path,
    map_file: Path,
    new_root: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = tmp_path / "access.log"
    log.write_text("".join(f"{line}\n" for line in shop_lines(400)))
    calm, tight = new_root("calm"), new_root("tight")
    found = scan([str(log)], calm, now=NOW, map_path=map_file).findings
    whole, failed = by_days.find_by_days, []

    def once_too_large(*arguments: Any, **named: Any) -> Any:
        if not failed:
            failed.append(1)
            raise WhosawError("store.no-memory", "did not fit")
        return whole(*arguments, **named)

    monkeypatch.setattr(sql, "_memory_of_machine", lambda: 64 << 30)
    monkeypatch.setattr(by_days, "find_by_days", once_too_large)
    assert scan([str(log)], tight, now=NOW, map_path=map_file, memory_bytes=1 << 30).findings == found
    assert failed
