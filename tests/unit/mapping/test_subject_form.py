"""One person in many spellings is one person, and whose id it is stays unsure where parsers differ."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest

from whosaw.mapping.apply import Mapper
from whosaw.mapping.data_map import DataMap
from whosaw.mapping.possible import Unsure
from whosaw.mapping.subject_form import Form, proposed_form
from whosaw.store.sql import Session

ID = "0a1b2c3d-0000-4000-8000-00000000000f"


@pytest.mark.parametrize(
    ("form", "value", "told", "unsure"),
    [
        ("integer", "7", "7", False),
        ("integer", "0", "0", False),
        ("integer", "007", "7", True),
        ("integer", "+7", "7", True),
        ("integer", " 7", "7", True),
        ("integer", "7.0", "7", True),
        ("integer", "7e0", "7", True),
        ("integer", "0x7", "7", True),
        ("integer", "7x1", "7", True),
        ("integer", "7\n", "7", True),
        ("integer", "7abc", "7", True),
        ("integer", "7.9", "7", True),
        ("integer", "\uff17", "7", True),
        ("integer", "\u0667", "7", True),
        ("integer", "7\x1c", "7", True),
        ("integer", "7;x", "7", True),
        ("integer", "ann", "ann", True),
        ("integer", "9" * 5000, "9" * 5000, False),
        ("integer", "0" + "9" * 5000, "0" + "9" * 5000, True),
        ("integer", "", "", False),
        ("uuid", ID, ID, False),
        ("uuid", ID.upper(), ID, False),
        ("uuid", "{" + ID + "}", ID, True),
        ("uuid", "urn:uuid:" + ID, ID, True),
        ("uuid", ID.replace("-", ""), ID, True),
        ("uuid", "7", "7", True),
        ("mail", "ann@example.org", "ann@example.org", False),
        ("mail", "Ann@Example.ORG", "Ann@example.org", False),
        ("mail", " ann@example.org", "ann@example.org", True),
        ("mail", "ann", "ann", True),
        ("phone", "+254700000001", "+254700000001", False),
        ("phone", "+254 700-000 001", "+254700000001", False),
        ("phone", "00254700000001", "+254700000001", False),
        ("phone", "0700000001", "0700000001", False),
        ("phone", "ann", "ann", True),
        ("text", "ann lee", "ann lee", False),
        ("text", "ann ", "ann", True),
    ],
)
def test_a_value_is_read_as_its_form(form: str, value: str, told: str, unsure: bool) -> None:
    assert Form(name=form).one(value) == (told, unsure)
    texts, doubt = Form(name=form).read(pa.array([value, None, value], pa.string()))
    assert texts.to_pylist() == [told, None, told]
    assert doubt.to_pylist() == [unsure, False, unsure]


def test_a_number_at_home_has_the_country_that_is_told() -> None:
    assert Form(name="phone", country="+254").one("0700 000 001") == ("+254700000001", False)


def test_an_own_pattern() -> None:
    form = Form(pattern="C[0-9]{3}")
    assert [form.one(each) for each in ("C123", "c123", " C123", "C12")] == [
        ("C123", False),
        ("C123", True),
        ("C123", True),
        ("C12", True),
    ]


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (["1", "22", "333"], "integer"),
        ([ID, ID], "uuid"),
        (["a@example.org"], "mail"),
        (["a", "1"], ""),
        ([], ""),
    ],
)
def test_a_form_is_proposed_from_what_is_seen(values: list[str], form: str) -> None:
    assert proposed_form(pa.array(values, pa.string())) == form


def test_a_map_gives_one_person_for_many_spellings(
    as_map: Callable[[str], DataMap], as_events: Callable[..., pa.Table], session: Session
) -> None:
    data_map = as_map(
        '[[route]]\nid = "r"\nmatch = { path = "/c/{id}" }\n'
        'subject = { from = "path", name = "id", form = "integer" }\ncategories = ["identity.name"]\n'
    )
    paths = ["/c/7", "/c/007", "/c/%207", "/c/7x299", "/c/%2B7", "/C/7", "/C/07"]
    rows = Mapper(data_map).apply(as_events(*({"path": each} for each in paths)), session).rows.to_pylist()
    assert [row["person"] for row in rows] == ["customer\x1f7"] * 7
    assert [row["unsure"] for row in rows] == [
        0, *[Unsure.PERSON] * 4, Unsure.SPELLING, Unsure.SPELLING | Unsure.PERSON,
    ]  # fmt: skip


def test_several_values_of_one_person_are_one(
    as_map: Callable[[str], DataMap], as_events: Callable[..., pa.Table], session: Session
) -> None:
    data_map = as_map(
        '[[route]]\nid = "r"\nmatch = { path = "/c" }\n'
        'subject = { from = "query", name = "id", many = true, form = "integer" }\ncategories = ["identity.name"]\n'
    )
    events = as_events({"path": "/c", "query": "id=7,007,8"}, {"path": "/c", "query": "id=8,9"})
    mapped = Mapper(data_map).apply(events, session)
    assert mapped.rows["person"].to_pylist() == ["customer\x1f7", "customer\x1f8"]
    assert mapped.more.to_pylist() == [
        {"row": 0, "person": "customer\x1f8"},
        {"row": 1, "person": "customer\x1f9"},
    ]
    assert mapped.rows["unsure"].to_pylist() == [Unsure.PERSON, 0]
