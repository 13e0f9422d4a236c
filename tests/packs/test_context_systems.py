"""Every system whose logs fill tables of the context: each of its cases gives exactly the rows that it states."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from whosaw.actors.context_from import From, read_from
from whosaw.actors.context_schema import table_schemas
from whosaw.actors.context_systems import System, SystemCase, load_systems
from whosaw.actors.context_times import read_times
from whosaw.core.instants import parse_zone
from whosaw.store.sql import Session

SYSTEMS = load_systems()
SESSION = Session()
CASES = [(system, case) for system in SYSTEMS.values() for case in system.cases]


def rows(system: System, case: SystemCase, folder: Path) -> tuple[dict[str, list[dict[str, str]]], str]:
    (folder / "log").write_text("\n".join(case.lines) + "\n", encoding="utf-8")
    for number, text in enumerate(case.people):
        (folder / f"people{number}").write_text(text, encoding="utf-8")
    source = From(files=("log",), system=system.id, people=("people*",) if case.people else ())
    read = read_from(folder, [source], parse_zone("UTC"))
    assert [each.code for each in read.faults if case.expect] == []
    found = {
        name: [{key: value for key, value in row.items() if value is not None} for row in table.to_pylist()]
        for name, table in read.tables.items()
        if table.num_rows
    }
    return found, read.told[0].partial


def in_micros(table: str, row: dict[str, str], system: System) -> dict[str, str]:
    kinds = {each.name: each for each in table_schemas()[table].columns}
    told = dict(row)
    for name, text in row.items():
        if kinds[name].kind == "time":
            times = read_times(SESSION, pa.array([text]), parse_zone("UTC"), end=kinds[name].end)
            told[name] = str(times.micros[0].as_py())
    return told


@pytest.mark.parametrize(
    ("system", "case"), CASES, ids=lambda each: getattr(each, "id", getattr(each, "title", ""))
)
def test_a_case_gives_the_rows_that_it_states(system: System, case: SystemCase, tmp_path: Path) -> None:
    found, partial = rows(system, case, tmp_path)
    key = lambda row: sorted(row.items())  # noqa: E731
    wanted = {
        name: sorted((in_micros(name, dict(row), system) for row in each), key=key)
        for name, each in case.expect.items()
    }
    assert {name: sorted(each, key=key) for name, each in found.items()} == wanted
    assert (partial == "") is case.whole
