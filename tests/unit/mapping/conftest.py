"""What the mapping tests share: a session, maps from text, events from short rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from whosaw.mapping.data_map import DataMap, load_map
from whosaw.store.sql import Session

TYPES: dict[str, pa.DataType] = {
    "line": pa.int64(), "time": pa.timestamp("us", tz="UTC"), "status": pa.int16(), "ok": pa.bool_(),
    "rows": pa.int64(), "bytes": pa.int64(),
}  # fmt: skip
NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as opened:
        yield opened


@pytest.fixture
def as_map(tmp_path: Path) -> Callable[[str], DataMap]:
    """A map read from its text."""

    def read(text: str) -> DataMap:
        path = tmp_path / "map.toml"
        path.write_text(text, encoding="utf-8")
        return load_map(path)

    return read


@pytest.fixture
def as_events() -> Callable[..., pa.Table]:
    """Events from short rows: GET that succeeded at noon, unless a row says otherwise."""

    def build(*rows: dict[str, Any]) -> pa.Table:
        http: dict[str, Any] = {"method": "GET", "status": 200, "ok": True}
        full = [
            {"line": number, "time": NOON, **({} if "action" in row else http), **row}
            for number, row in enumerate(rows, start=1)
        ]
        names = list(dict.fromkeys(name for row in full for name in row))
        return pa.table(
            {name: pa.array([row.get(name) for row in full], TYPES.get(name, pa.string())) for name in names}
        )

    return build
