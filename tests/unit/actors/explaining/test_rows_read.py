"""A folder read again costs the rows that changed, and touches the days that meet them; nothing of anybody stands in what is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.actors.explaining.made import DAY, HOUR, made_views
from tests.wide import examples

from whosaw.actors import load_explanations
from whosaw.actors.explaining import keeping
from whosaw.actors.explaining.context_rows import ContextRows, Stated
from whosaw.actors.explaining.day_facts import DayFacts, LoginCover
from whosaw.actors.explaining.digested import ReadContext, Spellings, digested_schema, read_context
from whosaw.actors.explaining.explain import explain
from whosaw.actors.explaining.keeping import Changes, ContentShelf, KeptTable, changes, kept, rows_kept
from whosaw.actors.explaining.meeting import met, met_on, moved
from whosaw.actors.explaining.numbering import numbered
from whosaw.store.files import ContentStore, parquet_bytes
from whosaw.store.sql import Session

KEY = b"k" * 32
EXPLANATIONS = load_explanations()


class Memory:
    """A shelf that counts."""

    def __init__(self) -> None:
        self.tables: dict[str, pa.Table] = {}

    def put(self, table: pa.Table) -> str:
        name = hashlib.sha256(parquet_bytes(table)).hexdigest()
        self.tables[name] = table
        return name

    def get(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        return self.tables[name] if columns is None else self.tables[name].select(list(columns))


def digests(kind: str, texts: pa.Array) -> list[pa.Array]:
    """Persons may be known as they stand or as their number alone."""
    told = [hashlib.sha256(f"{kind}:{each}".encode()).digest()[:16] for each in texts.to_pylist()]
    if kind != "person":
        return [pa.array(told, pa.binary(16))]
    bare = [hashlib.sha256(f"{kind}:{each.lstrip('c')}".encode()).digest()[:16] for each in texts.to_pylist()]
    return [pa.array(told, pa.binary(16)), pa.array(bare, pa.binary(16))]


def digest(kind: str, text: str) -> bytes:
    return hashlib.sha256(f"{kind}:{text}".encode()).digest()[:16]


def written(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def logins(count: int, *, after: int = 0) -> str:
    rows = [f"2025-05-01T10:00:{at % 60:02d}Z,c{at},t{at}\n" for at in range(after, after + count)]
    return "time,user,jti\n" + "".join(rows)


def test_a_folder_is_read_as_digests_and_nothing_of_anybody_stands_in_them(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "context",
        logins="time,user,jti,ip\n2025-05-01T10:00:00Z,c1,t1,192.0.2.7\n",
        subjects="customer_id,address\nc1,Elm 5\nc2,ELM 5\nc3,\n",
        keys="kid,held_by\nk1,anna; bo\nk2,\n",
    )
    read = read_context(folder, digests)
    (login,) = read.tables["logins"].to_pylist()
    assert (login["subject"], login["token"], login["session"]) == (
        digest("person", "c1"),
        digest("token", "t1"),
        None,
    )
    assert login["address"] == digest("address", "192.0.2.7")
    homes = read.tables["subjects"]["home"].to_pylist()
    assert homes == [digest("alike", "elm 5")] * 2 + [None]
    assert read.tables["keys"]["holders"].to_pylist() == [
        [digest("principal", "anna"), digest("principal", "bo")],
        None,
    ]
    spelled = {(row["digest"], row["spelled"]) for row in read.spellings.to_pylist()}
    assert spelled == {(digest("person", f"c{at}"), digest("person", str(at))) for at in (1, 2, 3)}


def test_a_row_is_met_later_by_whom_the_ledger_did_not_know_when_it_was_read(tmp_path: Path) -> None:
    read = read_context(written(tmp_path / "context", logins=logins(2), subjects="id,home\nc9,x\n"), digests)
    known = {digest("token", "t1"): 7, digest("person", "1"): 5}

    def numbers(kind: str, values: pa.Array) -> pa.Array:
        return pa.array([known.get(each) for each in values.to_pylist()], pa.int64())

    def told() -> list[tuple[int, int]]:
        rows = numbered("logins", read.tables["logins"], read.spellings, numbers)
        return list(zip(rows["subject"].to_pylist(), rows["token"].to_pylist(), strict=True))

    (stranger, token), second = told()
    assert stranger < -1
    assert (token, second) == (-1, (5, 7))
    known |= {digest("token", "t0"): 8, digest("person", "c0"): 6}
    assert told() == [(6, 8), (5, 7)]


def test_a_hundred_logins_more_cost_a_hundred_logins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "LARGE", 20)
    many = 4_000  # so many that they lie in 256 shards
    shelf = Memory()
    first = read_context(written(tmp_path / "context", logins=logins(many)), digests).tables["logins"]
    told, _ = changes(shelf, "logins", KeptTable(), first, KEY)
    assert (told.added.num_rows, told.taken.num_rows) == (many, 0)
    last, work = kept(shelf, "logins", KeptTable(), told)
    assert (last.rows, work.written, len(last.files)) == (many, many, 256)
    more = read_context(written(tmp_path / "context", logins=logins(many + 100)), digests).tables["logins"]
    told, work = changes(shelf, "logins", last, more, KEY)
    assert (told.added.num_rows, told.taken.num_rows, work.read) == (100, 0, 0)
    assert work.compared == 2 * many + 100
    files = len(shelf.tables)
    now, work = kept(shelf, "logins", last, told)
    assert (work.written, work.read, len(shelf.tables) - files, now.rows) == (100, 0, 1, many + 100)
    # nothing changed: nothing is written
    told, _ = changes(shelf, "logins", now, more, KEY)
    assert not told.any
    assert kept(shelf, "logins", now, told)[0] == now


def test_what_is_kept_are_files_of_the_workspace_named_by_what_they_hold(tmp_path: Path) -> None:
    shelf = ContentShelf(ContentStore(tmp_path / "files"))
    read = read_context(
        written(
            tmp_path / "context",
            logins=logins(3),
            keys="kid,held_by\nk1,anna; bo\nk2,\n",
            staff="id,role\nanna,support\n",
        ),
        digests,
    )
    for name, rows in read.tables.items():
        told, _ = changes(shelf, name, KeptTable(), rows, KEY)
        table, _ = kept(shelf, name, KeptTable(), told)
        back = rows_kept(shelf, name, table).select(rows.schema.names)
        assert sorted(map(str, back.to_pylist())) == sorted(map(str, rows.to_pylist()))
        assert not changes(shelf, name, table, rows, KEY)[0].any
        raw = b"".join(path.read_bytes() for path in (tmp_path / "files").rglob("*.context"))
        assert b"anna" not in raw
        assert b"c1" not in raw


# a small world: identifiers are numbers, and their digests say which
def word(number: int | None) -> bytes | None:
    return None if number is None else number.to_bytes(8, "little") * 2


FEW, SOMEBODY, AT = (
    st.integers(1, 3),
    st.integers(1, 5),
    st.integers(0, 4 * 24 - 1).map(lambda hour: hour * HOUR),
)
TABLES = {
    "logins": st.lists(
        st.fixed_dictionaries(
            {"time": AT, "subject": SOMEBODY, "token": st.none() | FEW, "session": st.none() | FEW}
        ),
        max_size=6,
    ),
    "subjects": st.lists(st.fixed_dictionaries({"subject": SOMEBODY, "home": st.none() | FEW}), max_size=6),
    "delegations": st.lists(st.fixed_dictionaries({"subject": SOMEBODY, "delegate": SOMEBODY}), max_size=2),
    "services": st.lists(st.fixed_dictionaries({"principal": st.none() | FEW, "address": FEW}), max_size=2),
    "staff": st.lists(st.fixed_dictionaries({"staff": FEW, "role": st.sampled_from(["a", "b"])}), max_size=3),
    "tickets": st.lists(st.fixed_dictionaries({"agent": FEW, "subject": SOMEBODY, "opened": AT}), max_size=4),
    "shifts": st.lists(st.fixed_dictionaries({"staff": FEW, "starts": AT, "ends": AT}), max_size=2),
    "roles": st.lists(st.fixed_dictionaries({"role": st.sampled_from(["a", "b"])}), max_size=2),
}
WORLDS = st.fixed_dictionaries(TABLES)
SEEN = st.lists(
    st.fixed_dictionaries({
        "time": AT, "person": st.none() | SOMEBODY, "token": st.none() | FEW, "session": st.none() | FEW,
        "principal": st.none() | FEW, "address": FEW, "route": st.just(1),
    }),
    max_size=10,
)  # fmt: skip
World = dict[str, list[dict[str, int | str | None]]]


def digested(name: str, rows: list[dict[str, int | str | None]]) -> pa.Table:
    schema = digested_schema(name)
    columns = []
    for each in schema:
        values = [row.get(each.name) for row in rows]
        columns.append(
            pa.array(
                [word(value) for value in values] if pa.types.is_fixed_size_binary(each.type) else values,
                each.type,
            )
        )  # type: ignore[arg-type]
    return pa.table(columns, schema=schema)


def present_in(views: pa.Table):  # type: ignore[no-untyped-def]
    def present(kind: str, values: pa.Array) -> pa.Table:
        seen = {(word(row[kind]), row["day"]) for row in views.to_pylist()}
        found = [
            (at, day)
            for at, each in enumerate(values.to_pylist())
            for own, day in sorted(seen, key=str)
            if own == each
        ]
        return pa.table(
            {
                "place": pa.array([at for at, _ in found], pa.int64()),
                "day": pa.array([day for _, day in found], pa.int32()),
            }
        )

    return present


def rows_of(tables: dict[str, pa.Table], stated: Stated | None = None) -> ContextRows:
    def numbers(_kind: str, values: pa.Array) -> pa.Array:
        return pa.array([int.from_bytes(each[:8], "little") for each in values.to_pylist()], pa.int64())

    none = Spellings.empty_table()
    return ContextRows(
        tables={name: numbered(name, rows, none, numbers) for name, rows in tables.items()},
        stated=stated or Stated.of(tables),
    )


@given(WORLDS, WORLDS, SEEN, st.randoms(use_true_random=False))
@settings(max_examples=examples(20), deadline=None)
def test_a_day_that_no_changed_row_meets_says_what_it_said_and_sums_move_with_rows(
    before: World, fresh: World, seen: list[dict[str, int | None]], chance: Random
) -> None:
    """Some rows of the one world go, some of the other come, in any order."""
    after = {
        name: [row for row in rows if chance.random() < 0.8]
        + [row for row in fresh[name] if chance.random() < 0.3]
        for name, rows in before.items()
    }
    for rows in after.values():
        chance.shuffle(rows)
    views = made_views(seen)
    present = present_in(views)
    shelf = Memory()
    last, now, told = {}, {}, {}
    for name, rows in before.items():
        first, _ = changes(shelf, name, KeptTable(), digested(name, rows), KEY)
        table, _ = kept(shelf, name, KeptTable(), first)
        last[name] = rows_kept(shelf, name, table)
        told[name], _ = changes(shelf, name, table, digested(name, after[name]), KEY)
        table, _ = kept(shelf, name, table, told[name])
        now[name] = rows_kept(shelf, name, table)
        assert table.rows == len(after[name])
        # the same rows read at once are kept as the same rows
        again, _ = changes(shelf, name, KeptTable(), digested(name, after[name]), KEY)
        assert rows_kept(shelf, name, kept(shelf, name, KeptTable(), again)[0]).equals(now[name])
    sums, earlier = met(now, present), met(last, present)
    assert moved(earlier, told, last, now, present) == sums
    changed = set()
    for name, rows in sums.items():
        was, then = ({row["day"]: row for row in each.to_pylist()} for each in (earlier[name], rows))
        changed |= {day for day in was.keys() | then.keys() if was.get(day) != then.get(day)}
    facts = {
        day: DayFacts(
            tokens=True,
            sessions=True,
            cover=LoginCover(since=0, until=4 * DAY),
            sessions_last=6 * HOUR,
            tickets_from=HOUR,
        )
        for day in range(4)
    }
    with Session() as session:
        once = explain(
            session,
            views,
            rows_of({name: digested(name, rows) for name, rows in before.items()}),
            facts,
            EXPLANATIONS,
        )
        then = explain(session, views, rows_of(now), facts, EXPLANATIONS)
        day = chance.randrange(4)  # and rows that a day meets say of it what all rows say
        own = views.filter(pc.equal(views["day"], day))
        here = {
            name: rows.take(pa.array(np.unique(_of_day(name, now, present, day))))
            for name, rows in now.items()
        }
        alone = explain(session, own, rows_of(here, rows_of(now).stated), facts, EXPLANATIONS)
        assert alone.equals(then.filter(pc.equal(then["day"], day)))
    other = {a["day"] for a, b in zip(once.to_pylist(), then.to_pylist(), strict=True) if a != b}
    assert other <= changed


def _of_day(name: str, rows: dict[str, pa.Table], present, day: int) -> np.ndarray:  # type: ignore[no-untyped-def]
    row, days = met_on(name, rows, present)
    return row[days == day]


def test_sums_of_no_rows_are_none() -> None:
    present = present_in(made_views([]))
    assert met({}, present) == {}
    empty = digested("logins", [])
    told, _ = changes(Memory(), "logins", KeptTable(), empty, KEY)
    assert isinstance(told, Changes)
    assert not told.any
    assert moved({}, {"logins": told}, {}, {"logins": empty}, present)["logins"].num_rows == 0


def test_a_login_is_the_same_row_before_and_after_the_ledger_knows_whom_it_was_for(tmp_path: Path) -> None:
    folder = written(tmp_path / "context", logins=logins(30))

    def read(known: bool) -> ReadContext:
        return read_context(folder, digests, knows=lambda _, told: pa.array([known] * len(told[0])))

    before, after = read(known=False), read(known=True)
    assert after.tables["logins"].equals(before.tables["logins"])
    assert (before.stated.strangers, after.stated.strangers) == (True, False)
