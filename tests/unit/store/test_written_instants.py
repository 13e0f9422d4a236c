"""Files of exposures hold instants as seconds and what is beside them; files of earlier releases hold them as they are."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from whosaw.store.files import ContentStore
from whosaw.store.schemas import EXPOSURES
from whosaw.store.sql import Session, quote_text
from whosaw.store.written_instants import EXPOSURES_APART, exposures_in, rows_in

_INSTANTS = ((1_753_000_000_000_000, 1_753_000_000_000_000), (1_753_000_000_000_001, 1_754_000_000_999_999), (-1, 0),
             (-1_500_000, -1_500_000), (0, 7))  # fmt: skip


def _rows(person: int) -> pa.Table:
    """One exposure for each pair of instants."""
    many = len(_INSTANTS)
    columns = {
        "person": [person] * many,
        "client": list(range(many)),
        "route": [1] * many,
        "first": [first for first, _ in _INSTANTS],
        "last": [last for _, last in _INSTANTS],
        "views": [3] * many,
        "extra": [None, 2, None, 0, 1],
        "unbounded": [0] * many,
        "possible": [0, 1, 0, 0, 2],
    }
    return pa.table(columns, schema=EXPOSURES)


@pytest.fixture
def apart(tmp_path: Path) -> Path:
    store = ContentStore(tmp_path / "files")
    name = store.put_batches("exposures", EXPOSURES, _rows(1).to_batches())
    assert name is not None
    return store.place(name)


def _read(source: str) -> list[dict[str, object]]:
    with Session() as session:
        return session.query(f"SELECT * FROM {source} ORDER BY person, client").to_pylist()


def test_what_is_written_is_read(apart: Path) -> None:
    names = set(pq.read_schema(apart).names)
    assert set(EXPOSURES_APART) <= names
    assert not names & {"first", "last"}
    listed = quote_text(str(apart))
    assert _read(exposures_in(listed, apart=True)) == _rows(1).to_pylist()
    assert _read(exposures_in(listed, apart=False)) == _rows(1).to_pylist()


@pytest.mark.parametrize("older_first", [True, False])
def test_files_of_before_are_read_beside_them(apart: Path, tmp_path: Path, older_first: bool) -> None:
    older = tmp_path / "older.parquet"
    pq.write_table(_rows(0).drop_columns(["possible"]), older)  # they did not have that, either
    paths = [older, apart] if older_first else [apart, older]
    told = _read(rows_in("exposures", ", ".join(quote_text(str(each)) for each in paths)))
    assert told == [*({**row, "possible": 0} for row in _rows(0).to_pylist()), *_rows(1).to_pylist()]


def test_they_are_put_together_in_one_file(apart: Path, tmp_path: Path) -> None:
    older = tmp_path / "older.parquet"
    pq.write_table(_rows(0), older)
    store, listed = ContentStore(tmp_path / "files"), ", ".join(map(quote_text, (str(older), str(apart))))
    with Session() as session:
        asked = f"SELECT * FROM {rows_in('exposures', listed)} ORDER BY person, client, route"
        name, many = store.put_query("exposures", EXPOSURES, session, asked)
    assert name is not None
    assert many == 2 * len(_INSTANTS)
    whole = _read(exposures_in(quote_text(str(store.place(name))), apart=True))
    assert whole == [*_rows(0).to_pylist(), *_rows(1).to_pylist()]
