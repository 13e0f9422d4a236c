"""Where people live comes from the table of people, and a state alone is no country."""

from __future__ import annotations

import pyarrow as pa
import pytest

from whosaw.app.cases.facts import _jurisdictions
from whosaw.app.cases.residence import place_of


@pytest.mark.parametrize(
    ("country", "state", "place"),
    [
        ("KR", "", "KR"),
        ("ke", "", "KE"),
        ("Kenya", "", "KE"),
        ("대한민국", "", "KR"),
        ("US", "CA", "US-CA"),
        ("United States", "california", "US-CA"),
        ("", "US-NY", "US-NY"),
        ("CA", "QC", "CA-QC"),
        ("", "CA", None),  # Canada or California
        ("", "", None),
        ("Atlantis", "", "Atlantis"),
    ],
)
def test_a_place_is_a_country_with_a_state_of_it(country: str, state: str, place: str | None) -> None:
    assert place_of(country, state) == place


def _table(*rows: tuple[int, str | None, str | None]) -> pa.Table:
    subject, country, state = zip(*rows, strict=True)
    return pa.table(
        {
            "subject": pa.array(subject, pa.int32()),
            "jurisdiction": pa.array(country, pa.string()),
            "state": pa.array(state, pa.string()),
        }
    )


def test_each_person_gets_the_place_of_their_rows_and_none_where_these_differ() -> None:
    rows = _table(
        (0, "US", "CA"), (1, "CA", None), (2, "KE", None), (2, "KE", None),
        (3, "KE", None), (3, "UG", None), (4, None, "CA"), (-1, "KR", None), (5, "US", None),
    )  # fmt: skip
    found = _jurisdictions(rows)
    assert found is not None
    assert dict(zip(found["person"].to_pylist(), found["name"].to_pylist(), strict=True)) == {
        0: "US-CA",
        1: "CA",
        2: "KE",
        5: "US",
    }


def test_a_table_that_names_no_place_is_no_table_of_places() -> None:
    assert _jurisdictions(_table((0, None, None), (1, None, "CA"))) is None
