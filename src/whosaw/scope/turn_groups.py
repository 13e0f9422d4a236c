"""Addresses that take turns in one walk: which do, and in whose walk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from whosaw.store.sql import Session

from .link_item import Link
from .luck import at_most
from .statement import statement
from .walk_clause import WalkClause

__all__ = ["leave_takers", "turn_groups"]

Group = dict[str, Any]
_TESTED: Final = (
    "SELECT (SELECT count(DISTINCT address) FROM scope_turn_loose)"
    " + (SELECT count(*) FROM (SELECT DISTINCT address, node FROM scope_turn_held WHERE few)) AS addresses,"
    " (SELECT count(*) + 2 FROM scope_nodes) AS parties"
)
_OTHERS: Final = (
    "SELECT o.address, sum(o.explained)::BIGINT AS explained,"
    " sum(CASE WHEN j.client IS NULL THEN o.unexplained + o.cannot_tell ELSE 0 END)::BIGINT AS loose,"
    " sum(o.unexplained + o.cannot_tell)::BIGINT AS whole FROM scope_outside AS o"
    " SEMI JOIN scope_turn_clients AS c ON c.client = o.client {joined} GROUP BY o.address"
)
_TYPES: Final = {"address": pa.int32(), "turns": pa.int64()}
_NOT_JOINED: Final = "LEFT JOIN scope_joined AS j ON j.client = o.client"
_NONE_JOINED: Final = "LEFT JOIN (SELECT NULL::INTEGER AS client WHERE false) AS j ON j.client = o.client"


def leave_takers(session: Session, link: Link, clause: WalkClause) -> None:
    """Keep in scope_turn_takers the addresses nearly all of whose views come when the number walk is due there, far more often than
    chance allows: the largest set for each of whose members that is true, whatever clue is asked about.
    scope_turn_beyond (address) has all of whom chance does not explain how often they stand at turns of anybody."""
    chance = _chance(session, clause)
    others = _others(session, _NONE_JOINED)
    many = session.query("SELECT count(*) AS n FROM scope_turn_takers")["n"][0].as_py()
    beyond: list[int] | None = None
    while many or beyond is None:
        rows = [
            each for each in _tests(session, clause, "all") if each["kept"] > at_most(each["mean"], chance)
        ]
        beyond = [each["address"] for each in rows] if beyond is None else beyond
        left = [
            each for each in rows if _accepts(link, _group(each, others, each["turns"], of_finding=False))
        ]
        takers = {"address": [each["address"] for each in left], "turns": [each["turns"] for each in left]}
        session.query("CREATE OR REPLACE TEMP TABLE scope_turn_takers AS SELECT * FROM takers",
                      takers=_numbers(takers))  # fmt: skip
        if len(left) == many:
            break
        many = len(left)
    session.register("scope_turn_beyond", _numbers({"address": beyond}))


def _numbers(columns: Mapping[str, Sequence[int]]) -> pa.Table:
    return pa.table({name: pa.array(values, _TYPES[name]) for name, values in columns.items()})


def turn_groups(session: Session, link: Link) -> list[Group]:
    """As other links' groups, one for each address and party whose turns chance does not explain, in their order; of takers, of
    whom it is known that they take turns, also those with too few to say so of this party alone. `held` are the views at turns, `unexplained` those of them that no finding counts, `cannot_tell` the loose ones at no turn. Where
    `of_finding`, the views are those that a finding of the other party counts: they unite parties, no more.

    A taker of turns takes them in the walk of a party at whose turn it stands half as often as the party's own addresses do, or
    more. Less than that may be another walk that crosses this one: such groups are `apart`, and never accepted.
    """
    clause = link.walk
    assert clause is not None
    if not session.query("SELECT 1 FROM scope_turn_beyond LIMIT 1").num_rows:
        return []
    chance = _chance(session, clause)
    takers = dict(_pairs(session, "SELECT address, turns FROM scope_turn_takers"))
    rows = [
        {**each, "beyond": each["kept"] > at_most(each["mean"], chance)}
        for each in _tests(session, clause, "parties")
    ]
    asked = [each for each in rows if each["beyond"] or (each["own"] is None and each["address"] in takers)]
    if not asked:
        return []
    cells = statement("turn_cells_of_parties")
    shares = {
        each["party"]: each["hits"] / each["rows"]
        for each in session.query(statement("turn_shares").format(cells=cells)).to_pylist()
    }
    others = _others(session, _NOT_JOINED)
    groups: list[Group] = []
    own: dict[int, list[Group]] = {}
    for row in asked:
        of_finding = row["own"] is not None
        turns = takers.get(row["address"], row["turns"])
        group = _group(row, others, turns, of_finding=of_finding)
        at_its_own = shares.get(row["party"], 1.0)
        if row["address"] not in takers or 2 * row["hits"] < at_its_own * row["rows"]:
            group["cannot_tell"] += group["unexplained"]
            group["unexplained"] = 0
            group["apart"] = True
            if not row["beyond"]:
                continue
        if of_finding:
            groups.append(group)
        else:
            own.setdefault(row["address"], []).append(group)
    for some in own.values():
        groups.extend(_one_address(link, some))
    return [each for each in groups if not (each["of_finding"] and each["apart"])]


def _chance(session: Session, clause: WalkClause) -> float:
    """Of one address and party, so that of all of them none passes by accident but for the chance of the clause."""
    tested = session.query(_TESTED).to_pylist()[0]
    return clause.chance / max(1, int(tested["addresses"] * tested["parties"]))


def _tests(session: Session, clause: WalkClause, of: str) -> list[dict[str, Any]]:
    sql = statement("turn_tests").format(
        block=clause.block,
        cells=statement(f"turn_cells_of_{of}"),
        own=statement(f"turn_own_of_{of}"),
        active=statement(f"turn_active_of_{of}"),
    )
    rows: list[dict[str, Any]] = session.query(sql).to_pylist()
    return rows


def _others(session: Session, joined: str) -> dict[int, Mapping[str, int]]:
    rows = session.query(_OTHERS.format(joined=joined)).to_pylist()
    return {each["address"]: each for each in rows}


def _pairs(session: Session, sql: str) -> list[tuple[int, int]]:
    rows = session.query(sql)
    return list(zip(*(rows[name].to_pylist() for name in rows.column_names), strict=True))


def _group(
    row: Mapping[str, Any], others: Mapping[int, Mapping[str, int]], turns: int, *, of_finding: bool
) -> Group:
    other = others.get(row["address"], {"explained": 0, "loose": 0})
    at_turn = 0 if of_finding else min(turns, other["loose"])
    return {
        "address": row["address"],
        "held": turns,
        "unexplained": at_turn,
        "cannot_tell": other["loose"] - at_turn if not of_finding else max(0, row["rows"] - row["hits"]),
        "explained": other["explained"],
        "parties": sorted({row["party"], row["own"]}) if of_finding else [row["party"]],
        "of_finding": of_finding,
        "beyond": row.get("beyond", True),
        "hits": row["hits"],
        "apart": False,
    }


def _accepts(link: Link, group: Group) -> bool:
    return link.accepts(held=group["held"], others=group["explained"] + group["cannot_tell"])


def _one_address(link: Link, groups: list[Group]) -> list[Group]:
    """The loose views of a taker of turns join the party at whose turn most of them stand; parties at whose turns they stand
    beyond chance are one."""
    accepted = [each for each in groups if not each["apart"] and _accepts(link, each)]
    if not accepted:
        return groups[:1]
    first = max(accepted, key=lambda each: (each["beyond"], each["hits"], -each["parties"][0]))
    return [
        first,
        *(
            {**each, "parties": [*first["parties"], *each["parties"]], "of_finding": True}
            for each in accepted
            if each["beyond"] and first["beyond"] and each is not first
        ),
    ]
