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
        ("id = 007", ("7",)),
        ("id IN (7.0, 7, -0, -7.50)", ("7", "0", "-7.5")),
        ("id = '007'", ("007",)),
        ("id = '42'::bigint", ("42",)),
        ("id IN ('42'::text, 7::int)", ("42", "7")),
        ("id = ANY ('{3, 4,NULL,3}')", ("3", "4")),
        ("id = any('{}'::int[])", ()),
        ("name ~ 'x' AND price / 2 > 1 + 1 AND id = 7", ("7",)),
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
        "SELECT * FROM customers WHERE id = ANY (SELECT 1)",
        "SELECT * FROM customers WHERE id = ANY (ARRAY[1, 2])",
        "SELECT * FROM customers WHERE id = ANY ('{{1},{2}}')",
        "SELECT * FROM customers WHERE id = ANY ('{1,\"a,b\"}')",
        "SELECT * FROM customers WHERE id = ANY ('1,2')",
        "SELECT * FROM customers WHERE id = ALL ('{1}')",
        "SELECT * FROM customers WHERE id BETWEEN 1 AND 2",
        "SELECT * FROM customers WHERE id = 1 || 1 = 1",
        "SELECT * FROM customers WHERE x = 1 || y = 2 AND id = 1",
        "SELECT * FROM customers WHERE id IN ()",
        "EXPLAIN ANALYZE SELECT * FROM customers WHERE id = 1",
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


@pytest.mark.parametrize(
    ("where", "parameters", "values"),
    [
        ("id = $1", "42", ("42",)),
        ("id = $1::bigint", "42", ("42",)),
        ("name = $1 AND id = $2", '"a,""b\nc",42', ("42",)),
        ("id IN ($1, $2, 9)", "7,8", ("7", "8", "9")),
        ("id = ANY($1)", '"{4,5}"', ("4", "5")),
        ("id = $2", "42", None),
        ("id = $1", "", None),
        ("id = $1", None, None),
        ("id = $1", "<long param suppressed>", None),
        ("id = $1", '"cut', None),
        ("id > $1", "42", None),
        ("id = ANY($1)", '"{4,{5}}"', None),
    ],
)
def test_parameters_have_the_values_that_were_logged(
    where: str, parameters: str | None, values: tuple[str, ...] | None
) -> None:
    assert key_values(f"SELECT * FROM customers WHERE {where}", "id", parameters) == values


@pytest.mark.parametrize(
    "statement",
    [
        "PREPARE p(int, varchar(9)) AS SELECT * FROM customers WHERE id = $1",
        "DECLARE c CURSOR WITH HOLD FOR SELECT * FROM customers WHERE id = $1",
        "COPY (SELECT * FROM customers WHERE id = $1) TO STDOUT WITH (FORMAT csv)",
        "CREATE TEMP TABLE x AS SELECT * FROM customers WHERE id = $1",
        "INSERT INTO x (a, b) SELECT a, b FROM customers WHERE id = $1",
    ],
)
def test_select_inside_another_command_is_read(statement: str) -> None:
    assert key_values(statement, "id", "42") == ("42",)


def test_long_list_of_keys_is_left_untold() -> None:
    keys = ",".join(map(str, range(1_001)))
    assert key_values("SELECT * FROM customers WHERE id = ANY($1)", "id", f'"{{{keys}}}"') is None


@given(st.text(alphabet="select from where id=1,()'\";*", max_size=60))
def test_never_fails(text: str) -> None:
    found = key_values(text, "id")
    assert found is None or all(isinstance(value, str) for value in found)
