"""Which clients belong to which flags.

A mark stands for one set of flags, and clients of the same flags have the same mark: there may be a hundred million clients,
each in twenty flags, but there are few sets. So flags are compared by marks, and a client is written down once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from whosaw.store.sql import Session, quote_name

from .actor_views import Flag
from .detectors import Clause
from .statement import statement
from .surprise import nats

__all__ = ["by_table", "make_hits", "of_strangers", "sign_of"]

NEARLY_ALL: Final = (
    0.9  # of a crowd's signed clients, how many must come from flagged places for the rest to be left out
)
_PLACES: Final = frozenset(("address", "network"))
_CROWDS: Final = frozenset(("agent", "key", "manner", "network", "tls"))
# An address where as many people have explained views as bear the sign is somebody's: one sign more there may be theirs.
# Those who share it are flagged by the address itself, or not at all.
_STRANGERS: Final = "(v.address IS NULL OR v.address NOT IN (SELECT address FROM homes))"


def by_table(flags: Sequence[Flag]) -> Iterator[tuple[str, list[int]]]:
    """The tables of actors, each with the positions of the flags that are about an actor in it."""
    tables: dict[str, list[int]] = {}
    for at, flag in enumerate(flags):
        tables.setdefault(flag.actors, []).append(at)
    yield from tables.items()


def make_hits(session: Session, flags: Sequence[Flag]) -> None:
    """detect_marks: (client, mark); detect_mark_hits: (mark, hit), where hit is the position of a flag; detect_hit_views:
    all views of these clients with their marks."""
    session.execute("CREATE OR REPLACE TEMP TABLE detect_marks (client INTEGER, mark INTEGER)")
    session.execute("CREATE OR REPLACE TEMP TABLE detect_mark_parts (mark INTEGER, part INTEGER)")
    parts = _Parts()
    for members in _listed(flags):
        listed = pa.concat_tables([
            pa.table({
                "client": pa.array(flags[at].clients, pa.int32()),
                "part": pa.array(np.full(len(_clients(flags[at])), parts.of([at]), np.int32)),
            })
            for at in members
        ])  # fmt: skip
        _mark(session, "SELECT client, part FROM asked", listed)
    for name, members in by_table(flags):
        _mark_table(session, flags, name, [at for at in members if flags[at].clients is None], parts)
    session.query(
        "CREATE OR REPLACE TEMP TABLE detect_mark_hits AS SELECT mark, hit FROM detect_mark_parts JOIN parts USING (part)",
        parts=parts.table(),
    )
    _narrow(session, flags)
    session.execute(
        "CREATE OR REPLACE TEMP VIEW detect_hit_views AS "
        "SELECT v.*, m.mark FROM detect_all AS v JOIN detect_marks AS m USING (client)"
    )


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


def _mark(session: Session, sql: str, asked: pa.Table) -> None:
    """Add to the marks the flags of the parts that `sql` gives to clients (client, part), one to a client at most."""
    session.query(statement("mark_step").format(parts=sql), asked=asked)
    session.execute(statement("mark_clients"))


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


def _mark_table(
    session: Session, flags: Sequence[Flag], name: str, members: Sequence[int], parts: _Parts
) -> None:
    """Mark the clients of flags about actors of one table; by sign, where only those that bear it belong to the flag."""
    kinds: dict[tuple[str | None, bool], dict[int, list[int]]] = {}
    for at in members:
        kind = (sign_of(flags[at]), of_strangers(flags[at].clause))
        kinds.setdefault(kind, {}).setdefault(flags[at].actor, []).append(at)
    for (sign, strangers), actors in kinds.items():
        asked = pa.table({
            "actor": pa.array(actors, pa.int64()),
            "part": pa.array([parts.of(hits) for hits in actors.values()], pa.int32()),
        })  # fmt: skip
        if sign is None:
            _mark(session, f"SELECT client, part FROM asked JOIN {quote_name(name)} USING (actor)", asked)
            continue
        named = {"actors": quote_name(name), "sign": sign, "strangers": _STRANGERS if strangers else "true"}
        _mark(session, statement("signed_hits").format(**named), asked)


def _narrow(session: Session, flags: Sequence[Flag]) -> None:
    """Leave out of a flagged crowd the few who come from elsewhere than its flagged addresses and networks, or whom
    nothing else tells of.

    In a crowd (all who have one agent or key) some honest people bear the sign by luck. Where nearly all of its signed
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
        named = {"actors": quote_name(flag.actors), "sign": sign_of(flag)}
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


def of_strangers(clause: Clause) -> bool:
    """Whether the group is a crowd that holds honest people too, some of whom bear the sign by luck. Where explained views
    count as others do, they tell of nobody that he is honest."""
    if clause.counted == "any":
        return False
    return _CROWDS.issuperset(clause.group_by) and bool(clause.chance or clause.never_among)
