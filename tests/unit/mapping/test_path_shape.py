"""What looks like an id in a path, and how a path is shown without it."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosaw.mapping.path_shape import (
    COLLAPSED_PATH,
    COLLAPSED_QUERY,
    masked_shape,
    masked_text,
    path_shape,
    template_of_path,
)
from whosaw.store.sql import Session


@pytest.mark.parametrize(
    ("path", "query", "shape", "parts"),
    [
        ("/customers/42/orders/7", None, "/customers/{number}/orders/{number}", ("number", "number")),
        ("/u/a%40example.org", None, "/u/{mail}", ("mail",)),
        ("/u/+254700000001", None, "/u/{phone}", ("phone",)),
        ("/u/123e4567-e89b-12d3-a456-426614174000/x", None, "/u/{uuid}/x", ("uuid",)),
        ("/u/5f2a9c0b1d3e", None, "/u/{hex}", ("hex",)),
        ("/u/01HZX4T8Q6W9RS5VYN2M", None, "/u/{token}", ("token",)),
        ("/invoices/inv-2041.pdf", None, "/invoices/inv-{number}.pdf", ("number",)),
        ("/api/v2/me", None, "/api/v2/me", ()),
        ("/api/v2.1/2024-05-01/x", None, "/api/v2.1/{date}/x", ()),
        ("/find", "page=2&id=42&q=shoes", "/find?id={number}", ("number",)),
        ("/find", "email=a%40example.org&size=20", "/find?email={mail}", ("mail",)),
        ("/about", None, "/about", ()),
    ],
)
def test_shapes(path: str, query: str | None, shape: str, parts: tuple[str, ...]) -> None:
    found = path_shape(path, query)
    assert (found.text, found.parts) == (shape, parts)


def test_pictures_and_scripts_are_told_apart() -> None:
    assert path_shape("/img/42.JPG").asset
    assert not path_shape("/files/42.pdf").asset


@pytest.mark.parametrize(
    ("path", "query", "shown"),
    [
        ("/customers/1234567/orders", None, "/customers/1***7/orders"),
        ("/u/someone%40example.org", "q=secret&b=", "/u/s***g?q=s***t&b"),
        ("/고객/홍길동", None, "/***/***"),
        ("/p", "someone@example.org", "/p?s***g"),
        ("/p", "1234567", "/p?1***7"),
        ("/p/1234567?tab=secret", "tab=secret", "/p/1***7?tab=s***t"),
        ("/p/1234567?tab=secret", None, "/p/1***7?tab=s***t"),
        ("/users/anna/orders", None, "/users/a***a/orders"),
        ("/alice/profile", None, "/a***e/profile"),
        ("/alice/photos/17", None, "/a***e/photos/***"),
        ("/portal/profile", None, "/portal/profile"),
        ("/users/search", "q=anna", "/users/search?q=a***a"),
        ("/blog/tags/puppet", None, "/blog/tags/puppet"),
        ("/~anna/cv.pdf", None, "/~***a/cv.pdf"),
    ],
)
def test_examples_are_masked(path: str, query: str | None, shown: str) -> None:
    assert masked_text(path, query) == shown


def test_a_shape_is_shown_with_its_places_and_without_names() -> None:
    assert (
        masked_shape("/users/anna/orders/{number}?id={number}") == "/users/a***a/orders/{number}?id={number}"
    )
    assert masked_shape("/users/{number}/orders") == "/users/{number}/orders"
    assert masked_shape("/고객/{number}") == "/***/{number}"


SEGMENTS = st.sampled_from(
    ["customers", "1", "42", "7.jpg", "v2", "a@example.org", "x-9", "", "2024-05-01", "{n}"]
)


@given(
    parts=st.lists(SEGMENTS, max_size=5),
    pairs=st.lists(
        st.tuples(st.sampled_from(["id", "page"]), st.sampled_from(["1", "42", "x", ""])), max_size=3
    ),
)
def test_grouping_numbers_in_sql_first_changes_no_shape(
    parts: list[str], pairs: list[tuple[str, str]], session: Session
) -> None:
    path, query = "/" + "/".join(parts), "&".join(f"{name}={value}" for name, value in pairs)
    sql = f"SELECT {COLLAPSED_PATH} AS path, {COLLAPSED_QUERY} AS query FROM t"
    row = session.query(sql, t=pa.table({"path": [path], "query": [query]})).to_pylist()[0]
    assert path_shape(row["path"], row["query"]) == path_shape(path, query)


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/customers/42/orders/7", "/customers/{id}/orders/{id2}"),
        ("/u/a@example.org", "/u/{mail}"),
        ("/inv-2041.pdf", "/inv-{id}.pdf"),
        ("/a/{x}/*", "/a/{id}/{id2}"),
        ("/", "/"),
    ],
)
def test_templates_of_paths(path: str, template: str) -> None:
    assert template_of_path(path) == template
