"""A context folder is read again only where it is not, byte for byte, what was checked last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.chain.shop_log import NOW, shop_lines

from whosaw.actors.explaining import digested
from whosaw.app.findings import given
from whosaw.app.scan import scan
from whosaw.core.errors import FaultsError

STAFF = "id,role,joined,left\nanna,support,2020-01-01,\n"


def test_a_context_that_did_not_change_is_not_read_again(
    tmp_path: Path, new_root: Callable[[str], Path], map_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, root, log = tmp_path / "context", new_root("ledger"), tmp_path / "web.log"
    context.mkdir()
    (context / "staff.csv").write_text(STAFF)
    log.write_text("".join(f"{line}\n" for line in shop_lines(50)))
    scan([str(log)], root, now=NOW, map_path=map_file, context=context)
    load, loads = given.load_context, list[Path]()

    def counted(path: Path, *more: object, **named: object) -> object:
        loads.append(path)
        return load(path, *more, **named)  # type: ignore[arg-type]  # handed on as they came

    for reads in (given, digested):  # whoever reads it, the detectors or the steps of days
        monkeypatch.setattr(reads, "load_context", counted)
    first = scan([str(log)], root, now=NOW)
    again = scan([str(log)], root, now=NOW)
    assert not loads  # it was checked when it was named
    assert (again.notes, again.findings) == (first.notes, first.findings)
    (context / "staff.csv").write_text(STAFF + "bert,support,2021-01-01,\n")
    scan([str(log)], root, now=NOW)
    assert len(loads) == 2  # checked, and read by the detectors
    (context / "staff.csv").write_text("no,such,columns\n1,2,3\n")
    with pytest.raises(FaultsError):
        scan([str(log)], root, now=NOW)


def test_a_context_that_is_named_again_is_not_read_again(
    tmp_path: Path, new_root: Callable[[str], Path], map_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, root, log = tmp_path / "context", new_root("ledger"), tmp_path / "web.log"
    context.mkdir()
    (context / "staff.csv").write_text(STAFF)
    (context / "readme.md").write_text("what these are")
    log.write_text("".join(f"{line}\n" for line in shop_lines(50)))
    load, loads = given.load_context, list[Path]()

    def counted(path: Path, *more: object, **named: object) -> object:
        loads.append(path)
        return load(path, *more, **named)  # type: ignore[arg-type]  # handed on as they came

    for reads in (given, digested):  # whoever reads it, the detectors or the steps of days
        monkeypatch.setattr(reads, "load_context", counted)
    first = scan([str(log)], root, now=NOW, map_path=map_file, context=context)
    assert len(loads) == 2  # checked, and read by the detectors
    again = scan([str(log)], root, now=NOW, map_path=map_file, context=context)
    assert len(loads) == 2
    assert again.notes == first.notes
    assert again.findings == first.findings
    with log.open("a") as more:
        more.writelines(f"{line}\n" for line in shop_lines(60)[50:])
    scan([str(log)], root, now=NOW, map_path=map_file, context=context)
    assert len(loads) == 3  # read by the detectors alone
    (context / "staff.csv").write_text("no,such,columns\n1,2,3\n")
    before = (root / "journal.sqlite").read_bytes()
    with pytest.raises(FaultsError):
        scan([str(log)], root, now=NOW, map_path=map_file, context=context)
    assert (root / "journal.sqlite").read_bytes() == before
