"""Runs of every kind come back from files as they were put there, and the same rows are the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from whosaw.build.row_digest import RowDigests
from whosaw.core.errors import WhosawError
from whosaw.store.files import ContentStore
from whosaw.store.kinds import KINDS, Kind
from whosaw.store.parts import Part
from whosaw.store.recent import Recent
from whosaw.store.run_files import Placed, RunCache, RunWriter, cut_into_ranges, read_parts, read_runs
from whosaw.store.vault import Vault

DIGESTS = RowDigests(Vault(bytes(32)))


def _value(kind: pa.DataType, at: int) -> Any:
    if pa.types.is_boolean(kind):
        return at % 2 == 0
    if pa.types.is_list(kind):
        return [_value(kind.value_type, at + each) for each in range(at % 3)]
    if pa.types.is_fixed_size_binary(kind):
        return bytes([at % 256] * 16)
    if pa.types.is_binary(kind):
        return bytes([255, at % 256]) * (at % 5)  # no UTF-8
    most = (1 << (kind.bit_width - (0 if pa.types.is_unsigned_integer(kind) else 1))) - 1
    return [0, most, at % 100, -most - 1 if pa.types.is_signed_integer(kind) else 1][at % 4]


def _run(of: Kind, rows: int, seed: int) -> pa.Table:
    """Rows with the greatest and the least that each column can hold, and with none."""
    columns = [
        pa.array(
            [None if (at + seed) % 7 == 0 else _value(field.type, at + seed) for at in range(rows)],
            field.type,
        )
        for field in of.columns
    ]
    return pa.table(columns, schema=of.columns)


def _part(placed: Placed, kind: str) -> Part:
    return Part(
        kind=kind,
        day=placed.day,
        range=placed.range,
        file=placed.file,
        first=placed.first,
        rows=placed.rows,
        digest="",
        edges={},
    )


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_comes_back_as_it_was(tmp_path: Path, name: str) -> None:
    of, store = KINDS[name], ContentStore(tmp_path)
    runs = {5: _run(of, 40, 0), 6: _run(of, 1, 3), 9: _run(of, 25, 2)}
    writer = RunWriter(store, name, of.columns)
    for day, run in runs.items():
        writer.add(day, "", run)
    placed = writer.close()
    assert [(each.day, each.first, each.rows) for each in placed] == [(5, 0, 40), (6, 40, 1), (9, 41, 25)]
    assert len({each.file for each in placed}) == 1
    read = list(read_parts(store, [_part(each, name) for each in placed], of.columns.names))
    for run, back in zip(runs.values(), read, strict=True):
        assert back.schema.types == of.columns.types
        assert back.to_pylist() == run.to_pylist()
        assert DIGESTS.of(back) == DIGESTS.of(run)
    last = of.columns.names[-1]
    (narrow,) = read_parts(store, [_part(placed[1], name)], [last])
    assert narrow.to_pydict() == {last: runs[6][last].to_pylist()}


@pytest.mark.parametrize("name", ["views", "flags"])
def test_the_same_rows_are_the_same_bytes_however_arrow_holds_them(tmp_path: Path, name: str) -> None:
    of, store = KINDS[name], ContentStore(tmp_path)
    run = _run(of, 60, 0)
    pieces = pa.concat_tables([run.slice(0, 7), run.slice(7, 30), run.slice(37)])
    coded = pa.table({each: run[each].dictionary_encode() for each in run.column_names})
    found = set()
    for given in (run, pieces, coded):
        writer = RunWriter(store, name, of.columns)
        writer.add(1, "", given)
        found.add(writer.close()[0].file)
    assert len(found) == 1


def _passes(first: list[int | None], last: list[int | None]) -> pa.Table:
    of = KINDS["passes"].columns
    columns = {name: pa.array([1] * len(first)).cast(of.field(name).type) for name in of.names}
    columns |= {"first": pa.array(first, pa.int64()), "last": pa.array(last, pa.int64())}
    return pa.table([columns[name] for name in of.names], schema=of)


def test_a_column_that_lies_behind_another_is_written_as_how_far_unless_the_other_is_not_always_there(
    tmp_path: Path,
) -> None:
    least, most = -(1 << 63), (1 << 63) - 1
    store = ContentStore(tmp_path)
    histories: dict[bool, tuple[list[int | None], list[int | None]]] = {
        True: ([5, least, most, 7], [9, most, least, None]),
        False: ([5, None], [9, 8]),
    }
    for behind, (first, last) in histories.items():
        writer = RunWriter(store, "passes", KINDS["passes"].columns)
        writer.add(3, "", _passes(first, last))
        (placed,) = writer.close()
        names = pq.read_schema(store.path(placed.file)).names
        assert ("last behind first" in names, "last" in names) == (behind, not behind)
        for asked in (["last"], ["last", "first"], ["kind", "viewed", "last"]):
            for cache in (None, Recent[tuple[str, str], pa.ChunkedArray](1 << 20)):
                (read,) = read_runs(store, [_part(placed, "passes")], asked, cache)
                assert read.column_names == asked
                assert read["last"].to_pylist() == last


def test_a_file_that_was_written_with_all_columns_as_they_are_is_read(tmp_path: Path) -> None:
    run = _run(KINDS["passes"], 40, 0)
    store = ContentStore(tmp_path)
    sink = pa.BufferOutputStream()
    pq.write_table(run, sink)
    name = store.put("day-passes", memoryview(sink.getvalue()))
    part = _part(Placed(day=1, range="", file=name, first=0, rows=40), "passes")
    (read,) = read_parts(store, [part], run.column_names)
    assert read.to_pylist() == run.to_pylist()


def test_an_instant_is_written_as_its_seconds_and_what_is_beside_them(tmp_path: Path) -> None:
    told = [0, 1_764_720_000_000_000, 1_764_720_000_000_001, -1, -1_000_001, None]
    store = ContentStore(tmp_path)
    writer = RunWriter(store, "passes", KINDS["passes"].columns)
    writer.add(3, "", _passes(told, told))
    (placed,) = writer.close()
    file = pq.read_table(store.path(placed.file))
    assert "first" not in file.column_names
    assert file["first in seconds"].to_pylist() == [0, 1_764_720_000, 1_764_720_000, 0, -1, None]
    assert file["first beside them"].to_pylist() == [0, 0, 1, -1, -1, None]
    (read,) = read_parts(store, [_part(placed, "passes")], ["first"])
    assert read.to_pydict() == {"first": told}


def test_a_file_that_is_full_gets_no_further_run(tmp_path: Path) -> None:
    of = KINDS["ways"]
    writer = RunWriter(ContentStore(tmp_path), "ways", of.columns, rows=10)
    for day, rows in enumerate((4, 6, 1, 12, 3)):
        writer.add(day, "", _run(of, rows, 0))
    placed = writer.close()
    files = list(dict.fromkeys(each.file for each in placed))
    assert [files.index(each.file) for each in placed] == [0, 0, 1, 2, 3]


def test_small_runs_share_a_row_group_and_each_is_read_by_itself(tmp_path: Path) -> None:
    of, store = KINDS["repeats"], ContentStore(tmp_path)
    sizes = (20_000, 12_768, 1, 40_000, 5)  # 32,768 rows are a group; what is more stands by itself
    writer = RunWriter(store, "repeats", of.columns)
    for day, rows in enumerate(sizes):
        numbers = np.arange(rows) + 100_000 * day
        run = pa.table({name: pa.array(numbers).cast(of.columns.field(name).type, safe=False) for name in of.columns.names})  # fmt: skip
        writer.add(day, "", run)
    parts = [_part(each, "repeats") for each in writer.close()]
    file = pq.ParquetFile(store.path(parts[0].file))
    groups = [file.metadata.row_group(at).num_rows for at in range(file.metadata.num_row_groups)]
    assert groups == [32_768, 1, 40_000, 5]
    for asked in ([0, 1, 2, 3, 4], [1], [3, 4], [4, 0, 2]):
        read = read_parts(store, [parts[each] for each in asked], ["line"])
        for each, rows in zip(asked, read, strict=True):
            assert rows["line"].to_pylist() == list(range(100_000 * each, 100_000 * each + sizes[each]))


def test_runs_that_were_read_are_kept_up_to_so_many_bytes_and_those_side_by_side_are_one_table(
    tmp_path: Path,
) -> None:
    of, store = KINDS["repeats"], ContentStore(tmp_path)
    writer = RunWriter(store, "repeats", of.columns)
    runs = [_run(of, rows, rows) for rows in (3, 4, 5)]
    for day, run in enumerate(runs):
        writer.add(day, "", run)
    parts = [_part(each, "repeats") for each in writer.close()]
    cache: RunCache = Recent(1_000)

    def lines(*asked: int, names: tuple[str, ...] = ("line",)) -> list[list[int]]:
        read = read_runs(store, [parts[each] for each in asked], names, cache)
        return [each["line"].to_pylist() for each in read]

    told = [run["line"].to_pylist() for run in runs]
    assert lines(0, 1) == [told[0] + told[1]]
    assert lines(2, 0) == [told[2], told[0]]
    store.path(parts[0].file).unlink()
    assert lines(1) == [told[1]]  # from memory
    with pytest.raises(WhosawError, match="is gone"):
        lines(1, names=("line", "content"))
    cache.clear()
    with pytest.raises(WhosawError, match="is gone"):
        lines(1)


def test_few_rows_that_were_written_are_read_from_memory_and_are_those_of_the_file(tmp_path: Path) -> None:
    for name, of in sorted(KINDS.items()):
        store, cache = ContentStore(tmp_path), RunCache(1 << 20)
        writer = RunWriter(store, name, of.columns, cache=cache)
        for day in range(3):
            writer.add(day, "", _run(of, 40 + day, day))
        parts = [_part(each, name) for each in writer.close()]
        (from_file,) = read_runs(store, parts, of.columns.names)
        store.path(parts[0].file).unlink()
        (from_memory,) = read_runs(store, parts, of.columns.names, cache)
        assert from_memory.to_pylist() == from_file.to_pylist()
        assert from_memory.schema.equals(of.columns)


def test_a_run_is_cut_by_the_fewest_first_bits_that_do() -> None:
    run = pa.table({"person": pa.array(range(8), pa.int32())})
    bits = np.array([0, 1, 2, 3, 4, 5, 6, 7], np.uint64) << np.uint64(61)  # all three first bits

    def cut(rows: int) -> list[tuple[str, list[int]]]:
        return [(name, part["person"].to_pylist()) for name, part in cut_into_ranges(run, bits, rows=rows)]

    assert cut(8) == [("", [0, 1, 2, 3, 4, 5, 6, 7])]
    assert cut(7) == [("0", [0, 1, 2, 3]), ("1", [4, 5, 6, 7])]
    assert cut(3) == [("00", [0, 1]), ("01", [2, 3]), ("10", [4, 5]), ("11", [6, 7])]
    alone = list(cut_into_ranges(run, np.zeros(8, np.uint64), rows=3))
    assert [(name, part.num_rows) for name, part in alone] == [
        ("0" * 16, 8)
    ]  # of one person: it cannot be cut
    assert [name for name, _ in cut_into_ranges(run, None, rows=3)] == [""]


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    part = _part(Placed(day=1, range="", file=f"{'0' * 64}.day-ways", first=0, rows=1), "ways")
    with pytest.raises(WhosawError, match="is gone") as told:
        list(read_parts(ContentStore(tmp_path), [part], ["page"]))
    assert told.value.code == "store.missing"


def test_a_file_that_another_release_wrote_is_refused_by_the_column_that_it_has_not(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    sink = pa.BufferOutputStream()
    run = _passes([5, 6], [9, 8]).rename_columns(
        [f"{each} told otherwise" if each == "last" else each for each in KINDS["passes"].columns.names]
    )
    pq.write_table(run, sink)
    name = store.put("day-passes", memoryview(sink.getvalue()))
    parts = [_part(Placed(day=1, range="", file=name, first=0, rows=2), "passes")]
    (read,) = read_runs(store, parts, ["first"], None)
    assert read["first"].to_pylist() == [5, 6]
    for cache in (None, Recent[tuple[str, str], pa.ChunkedArray](1 << 20)):
        with pytest.raises(WhosawError, match=f"{name} holds .* another release .* no column last") as told:
            read_runs(store, parts, ["first", "last"], cache)
        assert told.value.code == "store.written"
