"""Only what is plain to see is believed of an SQL statement."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosaw.mapping.statement import key_values


@pytest.mark.parametrize(
    ("where", "values"),
    [
        ("id = 42", ("42",)),
        ("ID = 42;", ("42",)),
        ("c.\"id\" = 'a''b'", ("a'b",)),
        ("public.customers.id = -1", ("-1",)),
        ("id IN (1, 2, 2)", ("1", "2")),
        ("id IN ('x')", ("x",)),
        ("active = true AND id = 7 ORDER BY name LIMIT 10", ("7",)),
        ("made BETWEEN 1 AND 2 AND id = 7", ("7",)),
    ],
)
def test_plain_keys(where: str, values: tuple[str, ...]) -> None:
    assert key_values(f"select name from public.customers c where {where}", "id") == values


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM customers",
        "SELECT * FROM customers WHERE id = 1 OR id = 2",
        "SELECT * FROM customers WHERE id = 1 OR true",
        "SELECT * FROM customers WHERE NOT id = 1",
        "SELECT * FROM customers WHERE id <> 1",
        "SELECT * FROM customers WHERE id > 1",
        "SELECT * FROM customers WHERE id = $1",
        "SELECT * FROM customers WHERE id = other",
        "SELECT * FROM customers WHERE id = 1 + 1",
        "SELECT * FROM customers WHERE id = lower('A')",
        "SELECT * FROM customers WHERE id IN (SELECT id FROM vip)",
        "SELECT * FROM customers WHERE id IN (1, x)",
        "SELECT * FROM customers WHERE id NOT IN (1)",
        "SELECT * FROM customers WHERE id = 1 AND id = 2",
        "SELECT * FROM customers WHERE (id = 1)",
        "SELECT * FROM customers, orders WHERE id = 1",
        "SELECT * FROM customers JOIN orders USING (id) WHERE id = 1",
        "SELECT * FROM customers WHERE id = 1 -- and more",
        "SELECT * FROM customers /* x */ WHERE id = 1",
        "SELECT * FROM customers WHERE id = 1; SELECT * FROM customers",
        "SELECT * FROM customers WHERE id = 1 UNION SELECT * FROM customers",
        "WITH c AS (SELECT 1) SELECT * FROM c WHERE id = 1",
        "SELECT * FROM customers WHERE id = E'a\\'b'",
        "SELECT * FROM customers WHERE old_id = 1",
        "UPDATE customers SET x = 1 WHERE id = 1",
        "",
    ],
)
def test_anything_else_is_unknown(statement: str) -> None:
    assert key_values(statement, "id") is None


@given(st.text(alphabet="select from where id=1,()'\";*", max_size=60))
def test_never_fails(text: str) -> None:
    found = key_values(text, "id")
    assert found is None or all(isinstance(value, str) for value in found)
