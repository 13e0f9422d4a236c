"""Which line of which file was whose."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from whosaw.replay.score.input import HONEST_LINE
from whosaw.replay.score.truth_lines import TruthLines


def write(path: Path, rows: Sequence[tuple[str, int, int, str | None]]) -> Path:
    columns = zip(*rows, strict=True)
    names = ("file", "line", "time_ms", "part")
    pq.write_table(pa.table({n: pa.array(c) for n, c in zip(names, columns, strict=True)}), path)
    return path


@pytest.fixture
def lines(tmp_path: Path) -> TruthLines:
    """Two services whose files have the same name; the second line of the first stands for no request."""
    web = write(tmp_path / "web.parquet", [("access.log", 1, 10, None), ("access.log", 3, 30, "walk")])
    office = [("access.log", 1, 40, "curious"), ("access.log.1", 1, 5, None), ("access.log.1", 2, 6, "walk")]
    tables = {"web": web, "office": write(tmp_path / "office.parquet", office)}
    return TruthLines.load(tables, ["walk", "curious"])


def test_files_follow_one_another_and_each_line_has_its_party(lines: TruthLines) -> None:
    assert len(lines) == 6
    assert lines.span_of("office/access.log") == (0, 1)
    assert lines.span_of("office/access.log.1") == (1, 3)
    assert lines.span_of("web/access.log") == (3, 6)
    assert lines.parties.tolist() == [1, HONEST_LINE, 0, HONEST_LINE, HONEST_LINE, 0]


def test_a_file_is_known_by_the_end_of_its_path(lines: TruthLines) -> None:
    assert lines.span_of("/somewhere/else/web/access.log") == (3, 6)
    assert lines.span_of("access.log") is None
    assert lines.span_of("mobile/access.log") is None


def test_the_time_of_a_line_is_that_of_its_request(lines: TruthLines) -> None:
    assert [lines.time_of(at) for at in range(6)] == [40, 5, 6, 10, None, 30]
    assert lines.time_of(6) is None


def test_lines_of_a_party_that_is_not_counted_are_refused(tmp_path: Path) -> None:
    table = write(tmp_path / "web.parquet", [("access.log", 1, 10, "somebody")])
    with pytest.raises(ValueError, match=r"whom truth\.json does not"):
        TruthLines.load({"web": table}, ["walk"])
