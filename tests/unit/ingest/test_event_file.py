"""A Parquet file of events is cut into chunks of rows by the file alone, and every row is an event or a reject."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whosaw.core.errors import WhosawError
from whosaw.ingest.event_file import RowReader, holds_rows
from whosaw.ingest.event_rows import EventRows, check_event_files
from whosaw.ingest.files.content import Content
from whosaw.ingest.parser import Parsed, Piece

START = datetime(2025, 4, 14, tzinfo=UTC)
TIME = pa.timestamp("us", tz="UTC")


def _times(count: int) -> pa.Array:
    return pa.array([START + timedelta(seconds=n) for n in range(count)], TIME)


def _file(folder: Path, table: pa.Table, rows: int = 10) -> Content:
    path = folder / "log.parquet"
    pq.write_table(table, path, row_group_size=rows)
    return Content(name="log.parquet", source="log", path=path)


def _parsed(content: Content) -> list[Parsed]:
    with RowReader(content) as reader:
        return [EventRows(content.name).parse(chunk).check(chunk) for chunk in reader]


@settings(deadline=None)  # writes files
@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=6),
    st.integers(1, 9),
    st.integers(0, 5),
)
def test_chunks_cover_every_row_once_and_go_on_at_any_border(
    tmp_path_factory: pytest.TempPathFactory, groups: list[int], most: int, border: int
) -> None:
    folder = tmp_path_factory.mktemp("x")
    path = folder / "log.parquet"
    whole = pa.table({"time": _times(sum(groups))})
    with pq.ParquetWriter(path, whole.schema) as writer:
        at = 0
        for size in groups:
            writer.write_table(whole.slice(at, size), row_group_size=size)
            at += size
    content = Content(name="log.parquet", source="log", path=path)
    with RowReader(content, max_rows=most) as reader:
        chunks = list(reader)
    assert [chunk.first_line for chunk in chunks] == [
        1 + sum(chunk.lines for chunk in chunks[:at]) for at in range(len(chunks))
    ]
    assert pa.concat_tables([chunk.rows.load() for chunk in chunks if chunk.rows]).equals(whole)
    assert max(chunk.lines for chunk in chunks) <= most
    assert chunks[-1].end == path.stat().st_size == reader.size
    again = chunks[min(border, len(chunks) - 1)]
    with RowReader(content, max_rows=most, start_line=again.first_line) as reader:
        rest = [(chunk.first_line, chunk.lines, chunk.offset, chunk.end) for chunk in reader]
    later = [c for c in chunks if c.first_line >= again.first_line]
    assert rest == [(c.first_line, c.lines, c.offset, c.end) for c in later]


def test_a_file_is_known_by_its_magic(tmp_path: Path) -> None:
    content = _file(tmp_path, pa.table({"time": _times(1)}))
    assert holds_rows(content)
    text = tmp_path / "access.log"
    text.write_bytes(b"PAR1 is how this line of text begins\n")
    assert not holds_rows(Content(name="a", source="a", path=text))
    assert not holds_rows(Content(name="a", source="a", path=tmp_path / "absent"))
    assert not holds_rows(Content(name="-", source="stdin"))


def test_narrower_numbers_coarser_times_and_any_text_are_taken(tmp_path: Path) -> None:
    table = pa.table(
        {
            "time": pa.array([START], pa.timestamp("ms", tz="Africa/Nairobi")),
            "bytes": pa.array([7], pa.int32()),
            "path": pa.array(["/a"], pa.large_string()),
            "agent": pa.array(["x"], pa.large_string()).dictionary_encode(),
        }
    )
    (parsed,) = _parsed(_file(tmp_path, table))
    assert parsed.events.to_pylist() == [{"line": 1, "time": START, "bytes": 7, "path": "/a", "agent": "x"}]


def test_addresses_are_spelled_as_in_every_format(tmp_path: Path) -> None:
    table = pa.table({"time": _times(3), "address": ["2001:DB8:0:0::1", "192.0.2.1:443", "192.0.2.1"]})
    (parsed,) = _parsed(_file(tmp_path, table))
    assert parsed.events["address"].to_pylist() == ["2001:db8::1", "192.0.2.1", "192.0.2.1"]


def test_a_text_that_is_not_utf8_is_a_reject(tmp_path: Path) -> None:
    path = pa.Array.from_buffers(
        pa.string(), 3, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0"), pa.py_buffer(b"a\xffc")]
    )
    (parsed,) = _parsed(_file(tmp_path, pa.table({"time": _times(3), "path": path})))
    assert parsed.events["line"].to_pylist() == [1, 3]
    assert parsed.rejects.to_pylist() == [{"line": 2, "reason": "not UTF-8"}]


def test_line_numbers_of_another_count_are_refused(tmp_path: Path) -> None:
    right = pa.table({"line": pa.array([1, 2], pa.int64()), "time": _times(2)})
    assert _parsed(_file(tmp_path, right))[0].events.num_rows == 2
    wrong = pa.table({"line": pa.array([1, 3], pa.int64()), "time": _times(2)})
    with pytest.raises(WhosawError, match="'line' is not the number of the row"):
        _parsed(_file(tmp_path, wrong))


@pytest.mark.parametrize(
    ("column", "says"),
    [
        ({"colour": ["red"]}, "the column 'colour' is none of an event"),
        ({"status": pa.array([200], pa.int32())}, "the column 'status' is int32, not int16"),
        ({"path": pa.array([b"/"])}, "the column 'path' is binary, not string"),
    ],
)
def test_what_is_no_event_is_refused_in_one_line(
    tmp_path: Path, column: dict[str, object], says: str
) -> None:
    with pytest.raises(WhosawError) as fault:
        check_event_files([_file(tmp_path, pa.table({"time": _times(1), **column}))])
    assert str(fault.value).splitlines()[0].startswith(f"log.parquet: {says}")


def test_times_without_a_zone_and_no_times_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WhosawError, match=r"'time' is timestamp\[us\], not"):
        check_event_files([_file(tmp_path, pa.table({"time": pa.array([0], pa.timestamp("us"))}))])
    with pytest.raises(WhosawError, match="no column 'time'"):
        check_event_files([_file(tmp_path, pa.table({"path": ["/"]}))])


def test_text_under_this_format_is_refused() -> None:
    with pytest.raises(WhosawError, match="no Parquet file"):
        EventRows("access.log").parse(Piece(data=b"x\n", lines=1))


def test_a_file_that_changes_while_it_is_read_ends_with_a_fault(tmp_path: Path) -> None:
    content = _file(tmp_path, pa.table({"time": _times(30)}))
    with RowReader(content, max_rows=10) as reader:
        chunks = iter(reader)
        next(chunks)
        _file(tmp_path, pa.table({"time": _times(40)}))
        assert list(chunks) == []
        assert reader.fault == "the file changed while it was read; scan it again: 10 rows read before"
