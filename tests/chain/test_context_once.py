"""A context folder is read again only where it is not, byte for byte, what was checked last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.chain.shop_log import NOW, shop_lines

from whosaw.actors.explaining import digested
from whosaw.actors.explaining.keeping import ContentShelf, rows_kept
from whosaw.app.building.context import kept_last
from whosaw.app.findings import given
from whosaw.app.scan import scan
from whosaw.core.errors import FaultsError
from whosaw.store.workspace import Workspace

LOGINS = [f"2025-04-13T23:{at:02}:00Z,{at},t{at},192.0.2.{at}" for at in range(40)]
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
    assert len(loads) == 2  # its rows are kept
    (context / "staff.csv").write_text("no,such,columns\n1,2,3\n")
    before = (root / "journal.sqlite").read_bytes()
    with pytest.raises(FaultsError):
        scan([str(log)], root, now=NOW, map_path=map_file, context=context)
    assert (root / "journal.sqlite").read_bytes() == before


def files_of_context(root: Path) -> tuple[set[str], frozenset[str]]:
    """Those that are there, and those that the context needs that was kept last."""
    workspace = Workspace.open(root)
    try:
        there = {each for each in workspace.files.names() if each.endswith(".context")}
        return there, kept_last(workspace).files
    finally:
        workspace.close()


def kept_logins(root: Path) -> tuple[object, list[dict[str, object]]]:
    """What is kept of the context of a workspace, whichever way it came there, and its logins."""
    workspace = Workspace.open(root)
    try:
        kept = kept_last(workspace)
        rows = rows_kept(ContentShelf(workspace.files), "logins", kept.tables["logins"])
        return ({name: each.held for name, each in kept.tables.items()}, kept.stated), rows.to_pylist()
    finally:
        workspace.close()


def test_what_the_ledger_meets_later_of_a_context_is_as_if_it_was_read_again(
    tmp_path: Path, new_root: Callable[[str], Path], map_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, log, lines = tmp_path / "context", tmp_path / "web.log", shop_lines(300)
    context.mkdir()
    (context / "staff.csv").write_text(STAFF)
    (context / "logins.csv").write_text("\n".join(["time,subject,jti,ip", *LOGINS, ""]))
    whole, parts = new_root("whole"), new_root("parts")

    def scan_first(many: int, root: Path) -> None:
        log.write_text("".join(f"{line}\n" for line in lines[:many]))
        scan([str(log)], root, now=NOW, map_path=map_file, context=context)

    scan_first(300, whole)
    scan_first(10, parts)
    _, few = kept_logins(parts)
    loads = list[Path]()
    load = digested.load_context
    monkeypatch.setattr(
        digested,
        "load_context",
        lambda path, *more, **named: (loads.append(path), load(path, *more, **named))[1],
    )
    scan_first(150, parts)
    scan_first(300, parts)
    assert not loads
    assert kept_logins(parts) == kept_logins(whole)
    known, now = (sum(row["network"] is not None for row in rows) for rows in (few, kept_logins(parts)[1]))
    assert 0 < known < now
    (context / "logins.csv").write_text("\n".join(["time,subject,jti,ip", *LOGINS[1:], ""]))
    scan_first(300, parts)
    assert len(loads) == 1
    assert len(kept_logins(parts)[1]) == len(LOGINS) - 1
    scan([str(log)], parts, now=NOW, map_path=map_file, context=context, zone="Europe/Berlin")
    assert len(loads) == 2  # times without an offset are others
    there, needed = files_of_context(parts)
    assert there == needed  # what came in its place went with it
