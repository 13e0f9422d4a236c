"""What explains views and which signs they bear, made day by day over a scanned workspace: as now, and no more days than changed rows meet."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.build.explained import Rows, brought_up, digests, ledger_in, made, with_rows
from tests.build.shop import rows_kept
from tests.unit.actors.signing.old_ledger import ledger_at
from tests.unit.actors.signing.old_path import ASKED, old_signs
from tests.wide import WIDE

from whosaw.actors.explaining.answers import EXPLAINED_BY, answer_of
from whosaw.actors.explaining.learning import OF_DAY
from whosaw.actors.explanation import CANNOT_TELL
from whosaw.actors.signing.columns import SHIFTS, TOKEN
from whosaw.actors.signs import SIGNS
from whosaw.app.building.explaining import MAKERS
from whosaw.build.step import Step
from whosaw.store.digest_words import halves
from whosaw.store.numbers.allot import in_order_of_digest
from whosaw.store.numbers.history import load_history
from whosaw.store.parts import facts_learnt
from whosaw.store.sql import Session
from whosaw.store.vault import as_column
from whosaw.store.workspace import Workspace

KINDS = tuple(kind for each in MAKERS if isinstance(each, Step) for kind in each.keeps)
LATE = 20  # logins


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A replay, scanned into `w`, and brought up with its context in `up`."""
    folder = made(tmp_path_factory.mktemp("explained"))
    shutil.copytree(folder / "w", folder / "up")
    with ledger_in(folder / "up") as workspace:
        brought_up(workspace, folder / "replay" / "context", folder / "replay" / "map.toml")
    return folder


@contextmanager
def copied(root: Path, to: Path) -> Iterator[Workspace]:
    shutil.copytree(root, to)
    with ledger_in(to) as workspace:
        yield workspace


@pytest.mark.skipif(not WIDE, reason="WHOSAW_WIDE runs it")
def test_answers_and_signs_are_those_of_now_view_by_view(shop: Path, tmp_path: Path) -> None:
    """The logins of the replay are whole, nobody comes back after thirty days, and no visit pauses for hours, so no letter makes a difference
    but to `nothing-else`, which is told by the week and not by the life of a client."""
    with Session(memory_bytes=1 << 30) as session:
        old, _ = old_signs(ledger_at(shop / "w", shop / "replay" / "context"), session, ASKED)
    with copied(shop / "up", tmp_path / "up") as workspace:
        views, answers, late = (rows_kept(workspace, kind) for kind in ("views", "answers", "late"))
    place = {each: at for at, each in enumerate(_lines(views))}
    order = np.array([place[each] for each in _lines(old)])
    assert len(place) == views.num_rows == old.num_rows
    for name in EXPLAINED_BY:
        told = answer_of(answers["answers"].to_numpy(), name)[order]
        assert (name, told.tolist()) == (name, old[name].to_pylist())
        assert (
            name == "same-household" or len(set(told.tolist())) > 1
        )  # in these days nobody has another's token
    rows = dict(
        zip(
            zip(*(answers[each].to_pylist() for each in ("day", "position")), strict=True),
            range(len(order)),
            strict=True,
        )
    )
    bits, borne = answers["signs"].to_numpy(), set()
    for name in sorted({*SIGNS} - {"nothing-else"}):
        said = [
            [False, True, None][each] for each in (bits >> np.uint64(SHIFTS[name]) & np.uint64(3)).tolist()
        ]
        for each in late.to_pylist():
            if SIGNS[each["sign"]] == name:
                said[rows[each["view_day"], each["position"]]] = True
        assert (name, [said[at] for at in order.tolist()]) == (name, old[f"sign {name}"].to_pylist())
        borne |= {name} if True in said else set()
    assert borne >= {"never-issued", "no-reason", "relative", "hollow"}


def _lines(views: pa.Table) -> list[tuple[int, int, int | None]]:
    return list(zip(*(views[each].to_pylist() for each in ("content", "line", "person")), strict=True))


def test_logins_make_the_days_of_their_passes_again_and_no_others(shop: Path, tmp_path: Path) -> None:
    """Some are taken away, and come late."""
    replay, chosen = shop / "replay", Rows()

    def without(rows: Rows) -> Rows:
        chosen.extend(sorted(rows, key=lambda row: row["time"])[-2 * LATE : -LATE])
        return [row for row in rows if row not in chosen]

    less = with_rows(replay / "context", tmp_path / "less", "logins", without)
    with copied(shop / "up", tmp_path / "up") as workspace:
        whole = digests(workspace, *KINDS)
        for context in (less, replay / "context"):
            before, facts = digests(workspace, "explained"), _facts(workspace)
            made = brought_up(workspace, context, replay / "map.toml").made
            after = digests(workspace, "explained")
            moved = {day for day, told in _facts(workspace).items() if told != facts[day]}
            meeting = _days_of(workspace, chosen)
            changed = {day for kind, day in after if after[kind, day] != before[kind, day]}
            assert changed
            assert changed <= meeting | moved
            assert made["explain"] == len(meeting | moved) < len(after)
            assert made["view"] == made["visit"] == made["meet"] == 0
        assert digests(workspace, *KINDS) == whole
        assert not any(brought_up(workspace, replay / "context", replay / "map.toml").made.values())


def _facts(workspace: Workspace) -> dict[int, list[str]]:
    """By day, the facts that explanations ask."""
    found: dict[int, list[str]] = {}
    for each in sorted(facts_learnt(workspace.journal), key=lambda each: each.name):
        if each.name in OF_DAY:
            found.setdefault(each.day, []).append(json.dumps([each.name, each.value]))
    return found


def _days_of(workspace: Workspace, logins: Rows) -> set[int]:
    """The days on which a pass of these logins was carried."""
    passes = rows_kept(workspace, "passes")
    mine = _is_any(workspace, passes["pass"], "token", {row["token"] for row in logins})
    return set(passes.filter(pc.and_(pc.equal(passes["kind"], TOKEN), mine))["day"].to_pylist())


def _is_any(workspace: Workspace, numbers: pa.ChunkedArray, kind: str, texts: set[str]) -> pa.ChunkedArray:
    known = load_history(workspace.journal, workspace.files).known[kind]
    high, low = halves(as_column(workspace.vault.digest_all(kind, pa.array(sorted(texts), pa.string()))))
    order = in_order_of_digest(high, low)
    found = known.find(high[order], low[order])
    return pc.is_in(numbers, pa.array(found[found >= 0], numbers.type))


def test_logins_that_come_late_in_any_order_and_tables_that_come_back_end_equal(
    shop: Path, tmp_path: Path
) -> None:
    """First half of the logins in any order, without staff and keys; then all."""
    replay, chance = shop / "replay", Random(3)

    def half(rows: Rows) -> Rows:
        return chance.sample(rows, len(rows) // 2)

    first = with_rows(replay / "context", tmp_path / "first", "logins", half)
    (first / "staff.csv").unlink()
    (first / "keys.csv").unlink()
    mixed = with_rows(
        replay / "context", tmp_path / "mixed", "logins", lambda rows: chance.sample(rows, len(rows))
    )
    with copied(shop / "w", tmp_path / "w") as workspace:
        brought_up(workspace, first, replay / "map.toml")
        answers = rows_kept(workspace, "explained")["answers"].to_numpy()
        assert set(answer_of(answers, "staff-with-ticket").tolist()) == {CANNOT_TELL}
        brought_up(workspace, mixed, replay / "map.toml")
        ends = digests(workspace, *KINDS)
    with copied(shop / "up", tmp_path / "in-time") as workspace:
        assert digests(workspace, *KINDS) == ends
