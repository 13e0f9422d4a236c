"""One contact has one spelling, however somebody writes it."""

from __future__ import annotations

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.packs.contacts import ContactItem, canonical, contact_case_fault, load_contacts, read_contact

ITEMS = load_contacts()


@pytest.mark.parametrize("item", ITEMS.values(), ids=str)
def test_each_case_of_an_item_gives_what_it_states(item: ContactItem) -> None:
    faults = [why for case in item.cases if (why := contact_case_fault(item, case)) is not None]
    assert faults == []
    assert {case.gives is None for case in item.cases} == {True, False}, (
        "an item proves what it takes and what it leaves"
    )


@pytest.mark.parametrize("kind", ["mail", "phone", "code"])
def test_what_is_canonical_stays(kind: str) -> None:
    told = pa.array(
        [case.gives for item in ITEMS.values() if item.kind == kind for case in item.cases if case.gives]
    )
    assert canonical(kind, told, "KE").to_pylist() == told.to_pylist()


_DIGITS = st.text("0123456789", min_size=8, max_size=8)
_BETWEEN = st.sampled_from(["", " ", "-", ".", "\u00a0", "\u2011", "\u202c", " - "])


def _written(digits: str, between: str, wide: bool) -> str:
    """With something between the digits, and as a Korean keyboard may write them."""
    spread = between.join(digits)
    return "".join(chr(ord(each) + 0xFEE0) if wide and each.isdigit() else each for each in spread)


@settings(max_examples=examples(100), deadline=None)
@given(
    _DIGITS, _BETWEEN, st.booleans(), st.sampled_from(["010{}", "+8210{}", "+82(0)10{}", "8210{}", "10{}"])
)
def test_a_number_is_the_same_however_it_is_written(digits: str, between: str, wide: bool, form: str) -> None:
    written = form.format(_written(digits, between, wide))
    found = read_contact(written, "KR")
    assert found is not None
    assert found.key == f"phone:+8210{digits}"


@settings(max_examples=examples(60), deadline=None)
@given(st.text(min_size=0, max_size=60), st.sampled_from(["", "KR", "KE", "US"]))
def test_whatever_is_written_is_a_contact_or_none(text: str, country: str) -> None:
    found = read_contact(text, country)
    if found is not None:
        assert found.text.isascii()
        assert read_contact(found.text, country) == found


@settings(max_examples=4, deadline=None)
@given(st.sampled_from(["kim@한국.example", "a@강남.한국.example"]), st.sampled_from(["NFC", "NFD"]))
def test_hangul_is_the_same_taken_apart(text: str, form: str) -> None:
    whole, told = read_contact(text), read_contact(unicodedata.normalize(form, text))  # type: ignore[arg-type]
    assert whole is not None
    assert whole == told


def test_a_column_is_read_as_each_of_its_rows() -> None:
    texts = [case.given for item in ITEMS.values() for case in item.cases]
    for kind in ("mail", "phone"):
        whole = canonical(kind, pa.array(texts), "KE").to_pylist()
        assert whole == [canonical(kind, pa.array([each]), "KE")[0].as_py() for each in texts]
