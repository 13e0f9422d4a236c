"""Statements to the journal's database: their SQL written out by hand, and what SQLite says to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from whosaw.store import statements as sa

PERSON = sa.Table(
    "person",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(64), nullable=False, index=True),
    sa.Column("mail", sa.Text, unique=True),
    sa.Column("live", sa.Boolean, nullable=False, default=True),
)
ORDER = sa.Table(
    "order",
    sa.Column("person", sa.Integer, primary_key=True),
    sa.Column("at", sa.BigInteger, primary_key=True),
)


@pytest.fixture
def connection(tmp_path: Path) -> sa.Connection:
    opened = sa.Connection.open(f"file:{tmp_path / 'j.sqlite'}")
    for table in (PERSON, ORDER):
        table.create(opened)
    opened.execute(
        PERSON.insert(),
        [
            {"id": 1, "name": "Kim_1", "mail": None},
            {"id": 2, "name": "Kimx1", "mail": "b@example.org", "live": False},
            {"id": 3, "name": "Lee%", "mail": "c@example.org"},
        ],
    )
    opened.execute(
        ORDER.insert(), [{"person": 1, "at": 10}, {"person": 1, "at": 30}, {"person": 3, "at": 20}]
    )
    return opened


def ids(connection: sa.Connection, *terms: sa.Element) -> list[int]:
    return list(connection.execute(sa.select(PERSON.c.id).where(*terms).order_by(PERSON.c.id)).scalars())


def test_a_table_is_made_once_with_its_keys_and_indexes(connection: sa.Connection) -> None:
    PERSON.create(connection)
    made = connection.run("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").scalars()
    assert list(made) == [
        'CREATE INDEX "ix_person_name" ON "person" ("name")',
        'CREATE TABLE "order" ("person" INTEGER NOT NULL, "at" BIGINT NOT NULL, PRIMARY KEY ("person", "at"))',
        'CREATE TABLE "person" ("id" INTEGER NOT NULL, "name" VARCHAR(64) NOT NULL, "mail" TEXT, "live" BOOLEAN NOT NULL, PRIMARY KEY ("id"), UNIQUE ("mail"))',
    ]


def test_a_question_is_written_in_the_order_of_sql_with_its_values_beside_it() -> None:
    query = (
        sa.select(PERSON.c.name, sa.func.max(ORDER.c.at).label("last"))
        .join(ORDER, (ORDER.c.person == PERSON.c.id) & (ORDER.c.at > 5))
        .where(PERSON.c.id.in_([1, 2]), PERSON.c.mail.is_(None) | ~PERSON.c.name.startswith("L"))
        .group_by(PERSON.c.name)
        .order_by(PERSON.c.id.desc())
        .limit(3)
    )
    sql, values, _ = query.compiled()
    assert sql == (
        'SELECT "person"."name", max("order"."at") AS "last" FROM "person" JOIN "order" '
        'ON (("order"."person" = "person"."id") AND ("order"."at" > ?)) '
        'WHERE ("person"."id" IN (?, ?)) AND ((("person"."mail" IS NULL) OR (NOT ("person"."name" LIKE ? ESCAPE \'/\')))) '
        'GROUP BY "person"."name" ORDER BY "person"."id" DESC LIMIT 3'
    )
    assert values == (5, 1, 2, "L%")


def test_what_a_condition_speaks_of_is_read_from_too() -> None:
    assert sa.select(sa.func.count()).where(PERSON.c.id == 1).compiled()[0] == (
        'SELECT count(*) FROM "person" WHERE ("person"."id" = ?)'
    )


def test_conditions_find_what_they_say(connection: sa.Connection) -> None:
    assert ids(connection, PERSON.c.live) == [1, 3]
    assert ids(connection, ~PERSON.c.live) == [2]
    assert ids(connection, PERSON.c.mail == None) == [1]  # noqa: E711  # what a variable may hold
    assert ids(connection, PERSON.c.mail != None) == [2, 3]  # noqa: E711
    assert ids(connection, PERSON.c.id.in_([])) == []
    assert ids(connection, ~PERSON.c.id.in_([])) == [1, 2, 3]
    assert ids(connection, PERSON.c.id.in_(sa.select(ORDER.c.person))) == [1, 3]
    assert ids(connection, sa.or_(PERSON.c.id == 3, PERSON.c.id <= 1)) == [1, 3]
    assert ids(connection, PERSON.c.name.startswith("Kim_")) == [1]
    assert ids(connection, PERSON.c.name.startswith("Lee%")) == [3]
    assert ids(connection, PERSON.c.name.like("Kim_1")) == [1, 2]
    assert ids(connection, PERSON.c.name == "' OR 1 = 1 --") == []


def test_rows_have_the_names_and_types_of_their_columns(connection: sa.Connection) -> None:
    found = connection.execute(PERSON.select().where(PERSON.c.id == 2)).mappings()
    assert list(found) == [{"id": 2, "name": "Kimx1", "mail": "b@example.org", "live": False}]
    row = connection.execute(sa.select(PERSON.c.id, PERSON.c.live).where(PERSON.c.id == 1)).first()
    assert row is not None
    assert (row.id, row.live is True, tuple(row)) == (1, True, (1, True))
    with pytest.raises(AttributeError, match="no column name"):
        row.name  # noqa: B018
    assert connection.execute(sa.select(PERSON.c.id).where(PERSON.c.id == 9)).first() is None


def test_a_table_beside_itself(connection: sa.Connection) -> None:
    after = ORDER.alias("after")
    query = (
        sa.select(ORDER, after.c.at.label("then"))
        .select_from(ORDER.outerjoin(after, (after.c.person == ORDER.c.person) & (after.c.at > ORDER.c.at)))
        .order_by(ORDER.c.at)
    )
    assert [tuple(row) for row in connection.execute(query)] == [(1, 10, 30), (3, 20, None), (1, 30, None)]


def test_changes(connection: sa.Connection) -> None:
    assert connection.execute(PERSON.insert().values(name="Park")).key == 4
    connection.execute(ORDER.update().where(ORDER.c.person == 1).values(at=ORDER.c.at + 1))
    connection.execute(ORDER.delete().where(ORDER.c.person == 3))
    assert [tuple(row) for row in connection.execute(ORDER.select())] == [(1, 11), (1, 31)]
    with pytest.raises(KeyError, match="no column nome"):
        connection.execute(PERSON.insert().values(nome="Park"))
    with pytest.raises(KeyError):
        PERSON.update().values(nome="Park").compiled()


def test_a_comparison_is_no_answer_in_python() -> None:
    with pytest.raises(TypeError, match="in the database alone"):
        bool(PERSON.c.id == 1)
