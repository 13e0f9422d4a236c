"""The registered steps of days: what they keep of a scanned workspace, what a day more makes again, and what a kill leaves."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.build.shop import (
    FIRST,
    day_rows,
    events_of_index,
    ledger_of,
    lines_of,
    old_of,
    opened,
    read,
    read_files,
    rows_kept,
)
from tests.chain import replay_digest
from tests.chain.shop_log import NOW
from tests.chain.test_twins import BY_ID
from tests.store.days.compare import check_equal
from tests.store.days.from_old import Old, rows_of

from whosaw.actors.signing.columns import EVENTS, OPEN
from whosaw.actors.signing.passes import passes
from whosaw.actors.signing.visits import visit
from whosaw.app.building import segment_rows, sources
from whosaw.app.replay import made_at
from whosaw.build.inputs import RunsThere
from whosaw.build.state import State
from whosaw.build.step import Span
from whosaw.replay.damage.item import load_damage
from whosaw.replay.damage.twin import make_twin
from whosaw.replay.items import load_replay
from whosaw.replay.make import make_replay
from whosaw.store import statements as sa
from whosaw.store.days.collect import collect
from whosaw.store.days.events import DAY_MICROS
from whosaw.store.days.views import REQUESTS
from whosaw.store.journal import Journal, tables
from whosaw.store.kinds import KINDS
from whosaw.store.parts import last_rounds, parts_in_force
from whosaw.store.readers import hold_for_reading
from whosaw.store.workspace import Workspace

STEPS = ("view", "visit")
DAYS = 5


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five days of a shop, each a file, and one file that holds lines of two others once more."""
    root = tmp_path_factory.mktemp("days") / "w"
    logs = {f"{day}.log": lines_of(day) for day in range(DAYS)}
    read(root, {**logs, "copy.log": [*lines_of(1)[40:], *lines_of(2)[:30]]})
    return root


def copied(root: Path, to: Path) -> Path:
    shutil.copytree(root, to)
    return to


def map_of(root: Path) -> Path:
    return root.with_name(f"{root.name}-logs") / "map.toml"


def places(workspace: Workspace) -> list[tuple[object, ...]]:
    return [
        (each.kind, each.day, each.range, each.file, each.first, each.rows, each.digest, each.edges)
        for each in parts_in_force(workspace.journal)
    ]


def test_columns_are_those_of_their_engines() -> None:
    assert REQUESTS == EVENTS
    assert KINDS["open"].in_hand == OPEN


def test_days_are_what_the_index_says(scanned: Path, tmp_path: Path) -> None:
    with opened(copied(scanned, tmp_path / "w")) as workspace:
        ledger = ledger_of(workspace, map_of(scanned))
        made = ledger.bring_up_to_date(now=NOW)
        assert {name: made.made[name] for name in STEPS} == {"view": DAYS + 1, "visit": DAYS + 1}
        given = sources.Segments(
            workspace=workspace, digests=ledger.plan.digests, given=sources.what_there_is(workspace, ())
        )
        old = old_of(workspace, given.files)
        rows = day_rows(workspace)
        assert rows.repeats.num_rows > 100
        assert rows.tries.num_rows > 5
        check_equal(old, rows)
        # visits of all days at once, from the events of the index
        events = events_of_index(old)
        days = Span(events["day"][0].as_py(), events["day"][-1].as_py())
        whole = visit(
            events,
            rows.views,
            OPEN.empty_table(),
            span=days,
            routes=_routes(workspace),
            ways=lambda texts: ledger.plan.around.numbers("way", texts),  # each has one by now
            digests=ledger.plan.around.digests,
        )
        assert rows_of(rows_kept(workspace, "visits")) == rows_of(whole.visits)
        assert sorted(map(repr, rows_of(rows_kept(workspace, "open")))) == sorted(
            map(repr, rows_of(whole.open))
        )
        assert rows_of(rows_kept(workspace, "passes")) == rows_of(
            passes(events, digests=ledger.plan.around.digests)
        )
        assert whole.visits.num_rows > 100
        assert any(rows_kept(workspace, "visits")["open"].to_pylist())


def _routes(workspace: Workspace) -> dict[int, str]:
    return {row["number"]: row["id"] for row in workspace.journal.rows(sa.select(tables.route))}


@pytest.fixture
def brought(scanned: Path, tmp_path: Path) -> Iterator[tuple[Path, Workspace]]:
    root = copied(scanned, tmp_path / "w")
    with opened(root) as workspace:
        ledger_of(workspace, map_of(scanned)).bring_up_to_date(now=NOW)
        yield root, workspace


def test_nothing_new_looks_at_no_day(
    scanned: Path, brought: tuple[Path, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, workspace = brought
    before, rounds = places(workspace), last_rounds(workspace.journal, 9)

    def looked(*_: object) -> None:
        raise AssertionError("a day was looked at")

    with monkeypatch.context() as patch:
        patch.setattr("whosaw.build.state.State.asked", looked)
        patch.setattr(sources, "portions", looked)
        patch.setattr(segment_rows, "events_of", looked)
        patch.setattr(segment_rows, "portions", looked)
        made = ledger_of(workspace, map_of(scanned)).bring_up_to_date(now=NOW)
    assert (dict(made.made), places(workspace), last_rounds(workspace.journal, 9)) == ({}, before, rounds)
    assert ledger_of(workspace, map_of(scanned)).waiting() == {"view": {}, "visit": {}}


def test_one_day_more_makes_that_day_and_its_neighbours(scanned: Path, tmp_path: Path) -> None:
    root = copied(scanned, tmp_path / "w")
    with opened(root) as workspace:
        ledger_of(workspace, map_of(scanned)).bring_up_to_date(now=NOW)
    read(root, {"more.log": lines_of(DAYS + 1)})
    with opened(root) as workspace:
        ledger = ledger_of(workspace, map_of(scanned))
        assert ledger.waiting() == {"view": {"a new day": 2}, "visit": {"a new day": 2}}
        made = ledger.bring_up_to_date(now=NOW)
        # its lines lie on two days; visits look whether the day after goes on with what is open
        assert {name: (made.made[name], made.same[name]) for name in STEPS} == {
            "view": (2, 0), "visit": (2, 0),
        }  # fmt: skip
    # a line late on the third day: that day, and the day after it, whose visits may have begun in it
    read(root, {"late.log": [lines_of(2)[5].replace("GET /", "GET /x/")]})
    with opened(root) as workspace:
        made = ledger_of(workspace, map_of(scanned)).bring_up_to_date(now=NOW)
        assert made.made["view"] == 1
        assert 1 <= made.made["visit"] <= 2
    once = tmp_path / "once"
    logs = {f"{day}.log": lines_of(day) for day in range(DAYS)}
    read(once, {
        **logs, "copy.log": [*lines_of(1)[40:], *lines_of(2)[:30]], "more.log": lines_of(DAYS + 1),
        "late.log": [lines_of(2)[5].replace("GET /", "GET /x/")],
    })  # fmt: skip
    told = []
    for each in (root, once):
        with opened(each) as workspace:
            ledger_of(workspace, map_of(scanned)).bring_up_to_date(now=NOW)
            told.append({
                kind: Counter(rows_kept(workspace, kind)["day"].to_pylist())
                for kind in ("views", "repeats", "tries", "visits", "open", "passes")
            })  # fmt: skip
    assert told[0] == told[1]


@pytest.mark.parametrize("threads", [2])
def test_threads_make_the_same_bytes(
    scanned: Path, brought: tuple[Path, Workspace], tmp_path: Path, threads: int
) -> None:
    _, one = brought
    with opened(copied(scanned, tmp_path / "two")) as workspace:
        ledger_of(workspace, map_of(scanned), threads=threads, memory_bytes=96 << 20).bring_up_to_date(
            now=NOW
        )
        assert places(workspace) == places(one)


class _KilledError(BaseException):
    pass


@pytest.mark.parametrize("at", range(1, 14, 1 if os.environ.get("WHOSAW_WIDE") else 4))
def test_a_kill_on_the_way_ends_in_the_same_files(
    scanned: Path, brought: tuple[Path, Workspace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """What ends a run at a transaction of the journal: the next one ends it with the same files."""
    _, one = brought
    transaction, done = Journal.transaction, [0]

    @contextmanager
    def dying(journal: Journal) -> Iterator[object]:
        with transaction(journal) as connection:
            yield connection
            done[0] += 1
            if done[0] == at:
                raise _KilledError

    with opened(copied(scanned, tmp_path / "killed")) as workspace:
        with monkeypatch.context() as patch:
            patch.setattr(Journal, "transaction", dying)
            with suppress(_KilledError):
                ledger_of(workspace, map_of(scanned)).bring_up_to_date(now=NOW)
        assert done[0] >= min(at, 6)
        ledger_of(workspace, map_of(scanned)).bring_up_to_date(now=NOW)
        assert places(workspace) == places(one)


def _act(at: datetime, number: int, *, front: bool) -> str:
    """A line of one request: the server in front knows the client's address, the application who is signed in."""
    shown = at.strftime("%d/%b/%Y:%H:%M:%S +0000")
    asked = f'[{shown}] "GET /members/{number % 5} HTTP/1.1" {200 if number % 7 else 404} 7 "-"'
    if front:
        return f'192.0.2.{number % 9} - - {asked} "Firefox" rid=r{number}'
    return f'198.51.100.1 - - {asked} "-" sub=u{number % 4} rid=r{number}'


def _acts(days: int) -> dict[str, list[str]]:
    """What both sources say: at noon, and within seconds of each midnight, where the application is two seconds later."""
    logs: dict[str, list[str]] = {"edge.log": [], "app.log": []}
    for number in range(days * 60):
        day, place = divmod(number, 60)
        start = FIRST + timedelta(days=day, hours=12 if place < 30 else 24, seconds=place - 40)
        logs["edge.log"].append(_act(start, number, front=True))
        if number % 5:
            logs["app.log"].append(_act(start + timedelta(seconds=2), number, front=False))
    return logs


def test_lines_of_two_sources_are_one_act_over_midnight(tmp_path: Path) -> None:
    logs, root = _acts(4), tmp_path / "w"
    read(root, logs, BY_ID)
    with opened(copied(root, tmp_path / "one")) as workspace:
        ledger = ledger_of(workspace, map_of(root))
        ledger.bring_up_to_date(now=NOW)
        given = sources.Segments(
            workspace=workspace,
            digests=ledger.plan.digests,
            given=sources.what_there_is(workspace, ledger.setup.twins),
        )
        rows = day_rows(workspace)
        old = old_of(workspace, given.files)
        assert check_equal(old, rows) == {}
        joined = rows.twins.filter(rows.twins["joined"])
        days = [
            [at // DAY_MICROS for at in (each["time"], _time(old, each["content"], each["line"]))]
            for each in joined.to_pylist()
        ]
        assert len(days) == 192
        assert sum(one != other for one, other in days) == 8  # two of each midnight: 192 acts at all
        visits = rows_kept(workspace, "visits").group_by(["kind", "visit", "start"])
        assert sum(visits.aggregate([("events", "max")])["events_max"].to_pylist()) == 240  # each act once
        with opened(copied(root, tmp_path / "two")) as other:
            ledger_of(other, map_of(root), threads=2, memory_bytes=80 << 20).bring_up_to_date(now=NOW)
            assert places(other) == places(workspace)
    with opened(root) as workspace:
        ledger_of(workspace, map_of(root)).bring_up_to_date(now=NOW)
    late = _act(FIRST + timedelta(days=2, seconds=1), 999, front=False)
    read(root, {"app.log": [*logs["app.log"], late]}, BY_ID)  # the log grew
    with opened(root) as workspace:
        made = ledger_of(workspace, map_of(root)).bring_up_to_date(now=NOW)
        # its own day, and the day before that, which looks at the first hours after its end
        assert (made.made["view"], made.same["view"]) == (2, 1)


def _time(old: Old, content: int, line: int) -> int:
    for segment in old.segments:
        if segment.content == content:
            table = pq.read_table(segment.events, columns=["line", "time"])
            found = table.filter(pc.equal(table["line"], line))["time"].to_pylist()
            if found:
                return int(found[0])
    raise AssertionError(line)


# -- old files


def _there(workspace: Workspace) -> set[str]:
    return {path.name for path in workspace.files.root.glob("??/*") if path.suffix.startswith(".day-")}


def _in_force(workspace: Workspace, at: int | None = None) -> set[str]:
    return {each.file for each in parts_in_force(workspace.journal, at=at)}


def test_runs_that_nobody_needs_go(scanned: Path, tmp_path: Path) -> None:
    root = copied(scanned, tmp_path / "w")
    with opened(root) as workspace:
        ledger_of(workspace, map_of(scanned)).bring_up_to_date(now=NOW)
        first = _in_force(workspace)
    read(root, {"late.log": [lines_of(2)[5].replace("GET /", "GET /x/")]})
    with opened(root) as workspace:
        others = {path.name for path in workspace.files.root.glob("??/*")} - _there(workspace)
        ledger = ledger_of(workspace, map_of(scanned))
        (begun,) = last_rounds(workspace.journal)
        with suppress(_KilledError), pytest.MonkeyPatch.context() as patch:
            patch.setattr("whosaw.build.round.end_round", _killed)
            ledger.bring_up_to_date(now=NOW)
        collect(workspace)  # a round is under way: what the last one left is still read
        assert _in_force(workspace, begun.id) == first <= _there(workspace)
        ledger_of(workspace, map_of(scanned)).bring_up_to_date(now=NOW)
        assert first - _in_force(workspace)
        reading = hold_for_reading(root)
        assert reading is not None
        with reading:
            assert collect(workspace).read
            assert first <= _there(workspace)
        rows = rows_of(rows_kept(workspace, "views"))
        assert collect(workspace).files == len(first - _in_force(workspace))
        assert _there(workspace) == _in_force(workspace)
        assert rows_of(rows_kept(workspace, "views")) == rows
        assert others <= {path.name for path in workspace.files.root.glob("??/*")}


def _killed(*_: object, **_named: object) -> None:
    raise _KilledError


def test_runs_that_are_cut_are_read_in_their_order(
    scanned: Path, brought: tuple[Path, Workspace], tmp_path: Path
) -> None:
    """Where a day has more rows than a run may have it is cut by persons, and what reads it is given it as if it was not."""
    _, one = brought
    with opened(copied(scanned, tmp_path / "cut")) as workspace:
        ledger = ledger_of(workspace, map_of(scanned))
        cut = dataclasses.replace(ledger.plan, range_rows=20)
        ledger.plan = cut
        ledger.bring_up_to_date(now=NOW)
        ranges = Counter(each.kind for each in parts_in_force(workspace.journal) if each.range)
        assert ranges.keys() == {"views", "tries"} or ranges.keys() == {"views"}
        assert ranges["views"] > 20
        there = RunsThere(cut.around, State(makers={}, code={}, items={}))
        there.state.load(workspace.journal)
        for kind in ("views", "tries", "visits", "open", "passes"):
            days = there.days(kind)
            assert rows_of(there.rows(kind, days)) == rows_of(rows_kept(one, kind)), kind


# -- on replays


WIDE = bool(os.environ.get("WHOSAW_WIDE"))  # every replay, and the demo shop


@pytest.mark.slow
@pytest.mark.skipif(not WIDE, reason="WHOSAW_WIDE runs it")
@pytest.mark.parametrize("name", [*sorted(replay_digest.names()), "demo"])
def test_days_of_replays_are_what_the_index_says(name: str, tmp_path: Path) -> None:
    breach_name, damage = replay_digest.DAMAGED.get(name, (name, None))
    scale = 0.01 if name == "demo" else replay_digest.SCALE
    shop, breach = load_replay(breach="forged-token" if name == "demo" else breach_name)
    made = make_replay(tmp_path / "replay", shop=shop, breach=breach, seed=7, scale=scale)
    if damage is not None:
        made = make_twin(made.folder, tmp_path / "twin", load_damage(damage).damage, 7)
    root, data_map = tmp_path / "w", made.folder / "map.toml"
    read_files(root, [str(each) for each in made_at(made.folder).logs], data_map)
    with opened(root) as workspace:
        ledger = ledger_of(workspace, data_map, threads=2)
        ledger.bring_up_to_date(now=NOW)
        given = sources.Segments(
            workspace=workspace,
            digests=ledger.plan.digests,
            given=sources.what_there_is(workspace, ledger.setup.twins),
        )
        old, rows = old_of(workspace, given.files), day_rows(workspace)
        check_equal(old, rows)
        assert rows.views.num_rows > 100
        # each event once, and the same passes
        events = events_of_index(old) if all(each.key is None for each in old.segments) else None
        visits = rows_kept(workspace, "visits").group_by(["kind", "visit", "start"])
        seen = visits.aggregate([("views", "max")])["views_max"]
        lines = rows.views.group_by(["content", "line"]).aggregate([]).num_rows
        assert sum(seen.to_pylist()) == lines
        if events is not None:
            digests = ledger.plan.around.digests
            assert rows_of(rows_kept(workspace, "passes")) == rows_of(passes(events, digests=digests))
        assert ledger_of(workspace, data_map).bring_up_to_date(now=NOW).made == {}
