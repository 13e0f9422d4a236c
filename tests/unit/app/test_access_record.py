"""The access record as CSV: no spreadsheet may take an id for a formula."""

from __future__ import annotations

import csv
import io

import pytest

from whosaw.app.asking.access_record import FIELDS, as_csv


# what OWASP lists under CSV injection: https://owasp.org/www-community/attacks/CSV_Injection
@pytest.mark.parametrize(
    "first", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
)
def test_an_id_that_begins_like_a_formula_is_disarmed(first: str) -> None:
    for raw in (f"{first}1+1", f"{first}=1+1"):
        record = dict.fromkeys(FIELDS, "x") | {"identifier": raw, "data_subject": raw}
        (_, row) = csv.reader(io.StringIO("".join(as_csv(iter([record]))), newline=""))
        assert dict(zip(FIELDS, row, strict=True)) == record | {
            "identifier": f"'{raw}",
            "data_subject": f"'{raw}",
        }


@pytest.mark.parametrize("raw", ["4711", "a=b", "user@example.org", "-", " =1", ""])
def test_any_other_id_stays_as_it_is(raw: str) -> None:
    record = dict.fromkeys(FIELDS, raw)
    (_, row) = csv.reader(io.StringIO("".join(as_csv(iter([record]))), newline=""))
    assert row == [raw] * len(FIELDS)
