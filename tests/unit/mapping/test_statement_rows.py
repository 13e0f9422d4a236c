"""A number of rows bounds the persons in an answer only where no row is made of many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosaw.mapping.statement_rows import persons_per_row


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM members",
        "select name, mail from public.members m where id between 10 and 20 order by id limit 5;",
        "SELECT lower(name) || ' ' || upper(mail) FROM members WHERE (id > 3 OR id IN (1, 2)) AND price * 2 > 1 + 1",
        "SELECT count(*) FROM members",
        "SELECT id::varchar(10), extract(year from born) FROM ONLY members",
        "SELECT CASE WHEN (id > 1) THEN name END AS n FROM members WHERE id = ANY ('{1,2}')",
        "TABLE members",
        "COPY (SELECT * FROM members WHERE id < 5) TO STDOUT",
        "DECLARE c CURSOR FOR SELECT * FROM members",
        "CREATE TABLE x AS SELECT * FROM members",
    ],
)
def test_row_of_one_table_shows_one_person(statement: str) -> None:
    assert persons_per_row(statement, "public.members") == 1
    assert persons_per_row(statement) == 1


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("SELECT * FROM members a, members b WHERE a.id = b.id", 2),
        ("SELECT * FROM members a JOIN members b USING (id) LEFT JOIN orders o ON o.member = a.id", 3),
        ("SELECT * FROM members a CROSS JOIN members b WHERE a.id IN (1, 2, 3) ORDER BY a.id, b.id", 2),
    ],
)
def test_joined_row_shows_one_person_for_each_table(statement: str, tables: int) -> None:
    assert persons_per_row(statement) == tables


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT string_agg(name, ',') FROM members",
        "SELECT pg_catalog.string_agg(name, ',') FROM members",
        'SELECT "count"(name) FROM members',
        "SELECT own.lower(name) FROM members",
        "SELECT min(name) FROM members",
        "SELECT lag(name) OVER (ORDER BY id) FROM members",
        "SELECT DISTINCT name FROM members",
        "SELECT name FROM members GROUP BY name",
        "SELECT name FROM members UNION SELECT name FROM members",
        "SELECT ARRAY(SELECT name FROM members)",
        "SELECT 1 FROM members WHERE id = (SELECT 1)",
        "WITH m AS (SELECT * FROM members) SELECT * FROM m",
        "SELECT name /* hidden */ FROM members",
        "SELECT name -- hidden\nFROM members",
        "SELECT name FROM members; SELECT name FROM members",
        "COPY members TO STDOUT",
        "EXPLAIN ANALYZE SELECT * FROM members",
        "UPDATE members SET name = 'x' RETURNING name",
        "",
    ],
)
def test_anything_else_has_no_bound(statement: str) -> None:
    assert persons_per_row(statement) is None


@pytest.mark.parametrize("statement", ["SELECT * FROM all_names", "TABLE all_names"])
def test_table_read_through_something_else_has_no_bound(statement: str) -> None:
    assert persons_per_row(statement, "public.members") is None


@given(st.text(alphabet="select from where id=1,()'\";*$|", max_size=60))
def test_never_fails(text: str) -> None:
    found = persons_per_row(text)
    assert found is None or found >= 1
