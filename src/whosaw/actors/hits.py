"""Which clients belong to which flags.

A mark stands for one set of flags, and clients of the same flags have the same mark: there may be a hundred million clients,
each in twenty flags, but there are few sets. So flags are compared by marks, and a client is written down once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core import client
from whosaw.store.sql import Session, quote_name

from .actor_views import Actors, Flag
from .detectors import Clause
from .explanation import EXPLAINED
from .statement import statement
from .surprise import nats

__all__ = ["by_table", "holds_others", "make_hits", "of_strangers", "sign_of"]

NEARLY_ALL: Final = (
    0.9  # of a crowd's signed clients, how many must come from flagged places for the rest to be left out
)
MARKED: Final = 1 << 25  # clients that are marked at once
_BATCH: Final = 1 << 20  # rows that are handed on at once
_PLACES: Final = frozenset(client.with_(lambda each: each.place))
_CROWDS: Final = frozenset(("manner", *client.with_(lambda each: each.holders != "one")))


def by_table(flags: Sequence[Flag]) -> Iterator[tuple[Actors, list[int]]]:
    """The ways to put clients together, each with the positions of the flags that are about an actor of it."""
    tables: dict[Actors, list[int]] = {}
    for at, flag in enumerate(flags):
        tables.setdefault(flag.actors, []).append(at)
    yield from tables.items()


def make_hits(session: Session, flags: Sequence[Flag]) -> None:
    """detect_marks: (client, mark, and what groups that hold others are put together by); detect_mark_hits: (mark, hit), where hit is the position of a flag;
    detect_hit_views: all views of these clients with their marks."""
    parts = _Parts()
    steps = [_listed_step(flags, members, parts) for members in _listed(flags)]
    for actors, members in by_table(flags):
        if unlisted := [at for at in members if flags[at].clients is None]:
            steps.append(_step(flags, actors, unlisted, parts))
    asked = {
        name
        for flag in flags
        if holds_others(flag)
        for name in (*flag.clause.group_by, *flag.clause.lacks, "agent")
    }
    _mark(session, steps, sorted(asked - {"client"}))
    session.query(
        "CREATE OR REPLACE TEMP TABLE detect_mark_hits AS SELECT mark, hit FROM detect_mark_parts JOIN parts USING (part)",
        parts=parts.table(),
    )
    _narrow(session, flags)
    rows = session.query("SELECT count(*) AS views FROM detect_all")["views"][0].as_py()
    _keep_in_spans(session, "detect_hit_views", statement("hit_views"), (), rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """Flags about actors put together in one way: `number`, an SQL expression, says which actor a client is; `asked` holds
    of each flagged actor, column by column, the part that its clients have, one for each sign that these must bear (None:
    all have it), and the explanations by which somebody honest is at home, where it counts for nothing (None: it counts)."""

    number: str
    asked: pa.Table  # actor, part_0, ...
    borne: tuple[tuple[str | None, tuple[str, ...] | None], ...]

    def between(self, since: int, until: int) -> pa.Table:
        """What is asked of these clients."""
        if self.number != "client":
            return self.asked
        return self.asked.filter((pc.field("actor") >= since) & (pc.field("actor") < until))


class _Parts:
    """Numbers, from 1, for flags that always go together: of one actor, by the same sign."""

    def __init__(self) -> None:
        self._hits: list[list[int]] = []

    def of(self, hits: list[int]) -> int:
        self._hits.append(hits)
        return len(self._hits)

    def table(self) -> pa.Table:
        """(part, hit)"""
        pairs = [(part, hit) for part, hits in enumerate(self._hits, start=1) for hit in hits]
        return pa.table({
            "part": pa.array([part for part, _ in pairs], pa.int32()),
            "hit": pa.array([hit for _, hit in pairs], pa.int64()),
        })  # fmt: skip


def _mark(session: Session, steps: Sequence[_Step], carrying: Sequence[str]) -> None:
    """Give every client that has a part in any step a mark for all its parts, and keep beside it what it is carrying."""
    borne: dict[tuple[str | None, tuple[str, ...] | None], str] = {}
    picked = []
    for at, step in enumerate(steps):
        for column, kind in enumerate(step.borne):
            part = f"a{at}.part_{column}"
            if kind[0] is not None:
                part = f"CASE WHEN b.{borne.setdefault(kind, f's{len(borne)}')} THEN {part} END"
            picked.append(f"coalesce({part}, 0)")
    _bear(session, borne)
    names = [f"p{at}" for at in range(len(picked))]
    joins = [f"LEFT JOIN asked_{at} AS a{at} ON a{at}.actor = c.n{at}" for at in range(len(steps))]
    if borne:
        joins.append(
            "LEFT JOIN (SELECT * FROM detect_borne WHERE bearer >= $1 AND bearer < $2) AS b ON b.bearer = c.client"
        )
    carried = ", ".join(f"c.{quote_name(name)}" for name in ("client", *carrying))
    sql = statement("parted").format(
        columns=carried,
        parts=", ".join(f"{sql} AS {name}" for sql, name in zip(picked, names, strict=True)),
        picked=", ".join(picked),
        numbers=", ".join(f"{step.number} AS n{at}" for at, step in enumerate(steps)),
        joins=" ".join(joins),
    )
    _keep_in_spans(session, "detect_parted", sql, steps, rows=0)
    session.execute(statement("marks").format(columns=carried, names=", ".join(names)))
    session.forget("detect_parted")


def _keep_in_spans(session: Session, name: str, sql: str, steps: Sequence[_Step], *, rows: int) -> None:
    """Keep what `sql` gives of clients from $1 to before $2, for so many clients at a time; it reads what each step asks of them. `rows` is
    about how many there are of few clients, where nothing is asked."""
    row = session.query("SELECT coalesce(max(client), 0) AS most FROM detect_clients")
    spans = range(0, int(row["most"][0].as_py()) + 1, MARKED)

    def asked(since: int, until: int) -> dict[str, pa.Table]:
        return {f"asked_{at}": step.between(since, until) for at, step in enumerate(steps)}

    def batches() -> Iterator[pa.RecordBatch]:
        for since in spans:
            until = since + MARKED
            yield from session.batches(sql, _BATCH, [since, until], **asked(since, until))

    session.forget(name)
    if len(spans) > 1:
        schema = session.query(f"SELECT * FROM ({sql}) LIMIT 0", [0, 0], **asked(0, 0)).schema
        session.keep_rows(name, batches(), schema)
    else:
        session.keep(name, sql, [0, MARKED], rows=0 if steps else rows, tables=asked(0, MARKED))


def _bear(session: Session, borne: Mapping[tuple[str | None, tuple[str, ...] | None], str]) -> None:
    """detect_borne: which clients bear which sign, as columns of the names given."""
    if not borne:
        return
    terms = []
    for (sign, explanations), name in borne.items():
        term = f"coalesce(v.{sign}, false)"
        if explanations:
            explained = " OR ".join(f"{quote_name(each)} = {EXPLAINED}" for each in explanations)
            session.execute(
                f"CREATE OR REPLACE TEMP TABLE detect_honest_{name} AS "
                + statement("honest_places").format(sign=sign, explained=explained)
            )
            term += f" AND (v.address IS NULL OR v.address NOT IN (SELECT address FROM detect_honest_{name}))"
        terms.append(term)
    session.execute(
        statement("borne").format(
            borne=", ".join(
                f"bool_or({term}) AS {name}" for term, name in zip(terms, borne.values(), strict=True)
            ),
            any_borne=" OR ".join(f"({term})" for term in terms),
        )
    )


def _clients(flag: Flag) -> np.ndarray:
    assert flag.clients is not None
    return flag.clients


def _listed(flags: Sequence[Flag]) -> list[list[int]]:
    """Flags that name their clients, by detector and clause: of one clause no two have a client in common."""
    found: dict[tuple[str, str], list[int]] = {}
    for at, flag in enumerate(flags):
        if flag.clients is not None:
            found.setdefault((flag.detector.id, flag.clause.id), []).append(at)
    return list(found.values())


def _listed_step(flags: Sequence[Flag], members: Sequence[int], parts: _Parts) -> _Step:
    listed = [
        pa.table({
            "actor": pa.array(_clients(flags[at])),
            "part_0": pa.array(np.full(len(_clients(flags[at])), parts.of([at]), np.int32)),
        })
        for at in members
    ]  # fmt: skip
    return _Step(number="client", asked=pa.concat_tables(listed), borne=((None, None),))


def _step(flags: Sequence[Flag], actors: Actors, members: Sequence[int], parts: _Parts) -> _Step:
    """Flags about actors put together in one way; by sign, where only clients that bear it belong to the flag."""
    kinds: dict[tuple[str | None, tuple[str, ...] | None], dict[int, list[int]]] = {}
    for at in members:
        sign = sign_of(flags[at])
        # where a detector does not accept an explanation for its own views, it does not take it as proof that anybody is honest
        kind = (sign, flags[at].detector.explanations if sign and of_strangers(flags[at].clause) else None)
        kinds.setdefault(kind, {}).setdefault(flags[at].actor, []).append(at)
    columns: list[dict[int, int]] = [
        {actor: parts.of(hits) for actor, hits in of_kind.items()} for of_kind in kinds.values()
    ]
    flagged = sorted({flags[at].actor for at in members})
    asked = pa.table({
        "actor": pa.array(flagged, pa.int64()),
        **{
            f"part_{at}": pa.array([column.get(actor) for actor in flagged], pa.int32())
            for at, column in enumerate(columns)
        },
    })  # fmt: skip
    return _Step(number=actors.number, asked=asked, borne=tuple(kinds))


def _narrow(session: Session, flags: Sequence[Flag]) -> None:
    """Leave out of a flagged crowd the few who come from elsewhere than its flagged addresses and networks, or whom
    nothing else tells of.

    Among all who have one user agent or key, some honest people show the sign by chance. Where nearly all of its signed
    clients come from places that were flagged by themselves, the others are taken for these.
    """
    kinds = pa.table({
        "hit": pa.array(range(len(flags)), pa.int64()),
        "detector": pa.array([flag.detector.id for flag in flags], pa.string()),
        "crowd": pa.array([_is_crowd(flag) for flag in flags], pa.bool_()),
        "place": pa.array([bool(_PLACES & set(flag.clause.group_by)) for flag in flags], pa.bool_()),
    })  # fmt: skip
    if not any(kinds["crowd"].to_pylist()):
        return
    before = _count(session)
    if any(kinds["place"].to_pylist()):
        session.query(statement("narrow"), [NEARLY_ALL], kinds=kinds)
    _leave_out_luck(session, flags, kinds)
    if _count(session) < before:
        session.execute(statement("same_marks"))


def _leave_out_luck(session: Session, flags: Sequence[Flag], kinds: pa.Table) -> None:
    """Leave out of a flagged crowd those whom no other detector found, where it found nearly all of the crowd and among
    everybody else of the crowd no more people bear the sign than luck gives."""
    for hit in session.query(statement("nearly_found"), [NEARLY_ALL], kinds=kinds)["hit"].to_pylist():
        flag = flags[hit]
        assert flag.bar is not None  # a crowd of strangers was held against what is usual
        sign = sign_of(flag)  # without one, all that counts is who was listed
        named = {
            "actors": quote_name(flag.actors.table),
            "borne": f"v.{sign}" if sign else "true",
            "told": f"v.{sign} IS NOT NULL" if sign else "v.person IS NOT NULL",
        }
        row = session.query(
            statement("left_over").format(**named), [flag.actor, hit, hit], kinds=kinds
        ).to_pylist()[0]
        signed, people = (np.array([row[each]], np.int64) for each in ("signed", "people"))
        if nats(signed, people, flag.bar.usual)[0] < flag.bar.nats:
            session.query(statement("leave_out"), [hit, hit], kinds=kinds)


def _count(session: Session) -> int:
    return int(session.query("SELECT count(*) AS pairs FROM detect_mark_hits")["pairs"][0].as_py())


def _is_crowd(flag: Flag) -> bool:
    return (
        flag.clause.members == "signed"
        and of_strangers(flag.clause)
        and not _PLACES & set(flag.clause.group_by)
    )


def sign_of(flag: Flag) -> str | None:
    """The column of the sign that a client must bear to belong to the flag."""
    sign = flag.clause.belongs or flag.clause.sign
    return sign.column if sign and flag.clause.members == "signed" else None


def holds_others(flag: Flag) -> bool:
    """Whether it is a group flagged for some of its clients, in which smaller actors may lie."""
    return flag.clause.members == "signed" and "address" not in flag.clause.group_by


def of_strangers(clause: Clause) -> bool:
    """Whether the cluster holds honest people too, some of whom show the sign by chance. Where explained views count as
    others do, they do not prove anybody honest."""
    if clause.counted == "any":
        return False
    return _CROWDS.issuperset(clause.group_by) and bool(clause.chance or clause.never_among)
