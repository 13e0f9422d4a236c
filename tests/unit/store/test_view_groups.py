"""Views get numbers for local codes, stand in person order, and add up to exposures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from whosaw.store.files import parquet_bytes
from whosaw.store.index.view_groups import Numbers, Wanted, as_views, exposures_of, sorted_views, views_of

NUMBERS = Numbers(
    identity=np.array([70, 71, 72, 73], np.int32),
    client=np.array([20, 21], np.int32),
    address=np.array([9, -1], np.int32),
    route=np.array([4, 5], np.int16),
    repeated=np.array([3], np.int64),
)


def _wanted(folder: Path, rows: list[dict[str, object]], more: list[tuple[int, int]] | None = None) -> Wanted:
    kinds = {
        "line": pa.int64(), "time": pa.int64(), "client": pa.int32(), "person": pa.int32(), "route": pa.int16(),
        "view": pa.bool_(), "extra": pa.int32(), "duplicate": pa.bool_(), "unsure": pa.int8(),
    }  # fmt: skip
    whole = [
        {"line": n + 1, "time": 10, "client": 0, "route": 0, "view": True, "duplicate": False, "unsure": 0}
        | row
        for n, row in enumerate(rows)
    ]
    table = pa.table({name: pa.array([row.get(name) for row in whole], kind) for name, kind in kinds.items()})
    (folder / "events").write_bytes(parquet_bytes(table))
    if more is not None:
        lines, persons = zip(*more, strict=True)
        further = pa.table({"line": pa.array(lines, pa.int64()), "person": pa.array(persons, pa.int32())})
        (folder / "more").write_bytes(parquet_bytes(further))
    return Wanted(
        segment=8,
        events=str(folder / "events"),
        more=str(folder / "more") if more is not None else None,
        numbers=NUMBERS,
    )


def test_numbers_stand_for_codes_and_repeats_are_marked(tmp_path: Path) -> None:
    views = sorted_views(
        [
            views_of(
                _wanted(
                    tmp_path,
                    [
                        {"person": 3, "time": 7, "extra": 2},
                        {"view": False, "person": 1},
                        {"client": 1, "route": 1, "unsure": 5},
                        {"person": 0},
                    ],
                )
            )
        ]
    )
    assert as_views(views).to_pylist() == [
        {
            "person": 70,
            "time": 10,
            "segment": 8,
            "line": 4,
            "client": 20,
            "address": 9,
            "route": 4,
            "extra": None,
            "duplicate": False,
            "unsure": 0,
        },
        {
            "person": 73,
            "time": 7,
            "segment": 8,
            "line": 1,
            "client": 20,
            "address": 9,
            "route": 4,
            "extra": 2,
            "duplicate": False,
            "unsure": 0,
        },
        {
            "person": None,
            "time": 10,
            "segment": 8,
            "line": 3,
            "client": 21,
            "address": None,
            "route": 5,
            "extra": None,
            "duplicate": True,
            "unsure": 5,
        },
    ]


def test_each_person_of_a_response_is_a_row(tmp_path: Path) -> None:
    # line 1 names 70, 71 and 72; line 2 is no view; line 4 names nobody for sure, and maybe 73
    wanted = _wanted(
        tmp_path,
        [{"person": 0}, {"view": False}, {"person": 3}, {}],
        [(1, 1), (1, 2), (1, 0), (2, 2), (4, 3)],
    )
    views = as_views(sorted_views([views_of(wanted)]))
    pairs = list(zip(views["person"].to_pylist(), views["line"].to_pylist(), strict=True))
    assert pairs == [(70, 1), (71, 1), (72, 1), (73, 3), (73, 4), (None, 4)]


def test_a_segment_of_before_marks_has_none(tmp_path: Path) -> None:
    wanted = _wanted(tmp_path, [{"person": 0}])
    old = pq.read_table(wanted.events).drop_columns(["unsure"])
    (tmp_path / "events").write_bytes(parquet_bytes(old))
    assert as_views(views_of(wanted))["unsure"].to_pylist() == [0]


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "person": st.none() | st.integers(0, 3),
            "time": st.integers(0, 3),
            "client": st.integers(0, 1),
            "route": st.integers(0, 1),
            "extra": st.none() | st.integers(0, 2),
            "duplicate": st.booleans(),
            "unsure": st.sampled_from([0, 0, 1, 64]),
        }
    ),
    max_size=15,
)


@settings(deadline=None)  # writes files
@given(ROWS)
def test_exposures_add_up_the_views_of_each_person_client_and_route(
    tmp_path_factory: object, rows: list[dict[str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("x")  # type: ignore[attr-defined]  # pytest's own
    views = sorted_views([views_of(_wanted(folder, rows))])
    table = as_views(views).to_pylist()
    order = [(row["person"] is None, row["person"] or 0, row["time"], row["line"]) for row in table]
    assert order == sorted(order)
    groups: dict[tuple[int, int, int], list[dict[str, object]]] = {}
    for row in table:
        if row["person"] is not None and not row["duplicate"]:
            groups.setdefault((row["person"], row["client"], row["route"]), []).append(row)
    assert exposures_of(views).to_pylist() == [
        {
            "person": key[0],
            "client": key[1],
            "route": key[2],
            "first": min(row["time"] for row in group),  # type: ignore[type-var]
            "last": max(row["time"] for row in group),  # type: ignore[type-var]
            "views": len(group),
            "extra": max((row["extra"] for row in group if row["extra"] is not None), default=None),  # type: ignore[type-var]
            "unbounded": sum(row["extra"] is None for row in group),
            "possible": sum(row["unsure"] != 0 for row in group),
        }
        for key, group in sorted(groups.items())
    ]
