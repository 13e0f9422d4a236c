"""What is written as TOML is read as the same document again."""

from __future__ import annotations

import tomllib
from datetime import UTC, date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from whosaw.packs.toml_text import toml_text

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
PLAIN = (
    TEXT
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.dates(date(1, 1, 1))
    | st.datetimes(timezones=st.just(UTC))
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)


@given(st.dictionaries(TEXT, VALUES, max_size=5))
def test_a_document_is_read_as_it_was_written(document: dict[str, Any]) -> None:
    assert tomllib.loads(toml_text(document)) == document
