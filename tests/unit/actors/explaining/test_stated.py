"""What holds of a whole context: whether the ledger knows nobody whom logins were issued to."""

from __future__ import annotations

import pyarrow as pa
import pytest

from whosaw.actors.explaining.context_rows import Stated


def logins(subjects: int, held: bool | None, *, known: int = 0, nobodys: int = 0) -> pa.Table:
    """So many rows for people of whom the ledger knows `held`, and rows for people whom it knows, and rows that name nobody."""
    told = [held] * subjects + [True] * known + [False] * nobodys
    named = ["x"] * (subjects + known) + [None] * nobodys
    return pa.table({"subject": pa.array(named, pa.string()), "held": pa.array(told, pa.bool_())})


@pytest.mark.parametrize(
    ("rows", "strangers"),
    [
        (logins(20, held=False), True),
        (logins(19, held=False), False),
        (logins(19, held=False, nobodys=5), False),
        (logins(30, held=False, known=1), False),
        (logins(30, held=None), False),
        (logins(0, held=None, nobodys=30), False),
    ],
)
def test_twenty_logins_of_people_whom_nobody_knows_are_of_strangers(rows: pa.Table, strangers: bool) -> None:
    stated = Stated.of({"logins": rows})
    assert stated.strangers == strangers
    assert stated.lacks("logins") == strangers
    assert Stated.of_text(stated.text) == stated


def test_what_was_kept_before_says_nothing_of_strangers() -> None:
    told = Stated.of_text(
        '{"given": ["logins"], "said": ["logins"], "wall": [[0, 0]], "sessions_last": null}'
    )
    assert not told.lacks("logins")
    assert (told.strangers, told.partial) == (False, ())
