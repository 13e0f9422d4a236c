"""Runs the cases that links hold, as `packs check` and the tests do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa

from whosaw.core.client import CLEAR, COLUMNS, NUMBERED
from whosaw.store.sql import Session

from .basis import prepare
from .closure import gather
from .clue import Clue
from .link_cases import CaseViews, LinkCase
from .link_item import Link
from .record import Record

__all__ = ["case_order", "case_relations", "link_case_fault", "run_link_case"]

_ANSWERS: Final = ("explained", "unexplained", "cannot tell")


def link_case_fault(link: Link, case: LinkCase, session: Session) -> str | None:
    """How the outcome differs from what the case expects; None when it does not. What `session` held of another case goes."""
    held, possible = run_link_case({link.id: link}, case, session)
    if (held, possible) == (case.held, case.possible):
        return None
    return f"{held} views are held and {possible} possible, not {case.held} and {case.possible}"


def run_link_case(links: Mapping[str, Link], case: LinkCase, session: Session) -> tuple[int, int]:
    """How many views are held and how many possible where the first finding of the case is the clue."""
    findings = dict.fromkeys(each.finding for each in case.views if each.are == "found")
    first = next(iter(findings))
    clue = Clue(kind="finding", asked=first, value=first)
    for name, relation in case_relations(case).items():
        session.register(name, relation)
    record = Record(given=True, proven=dict.fromkeys(findings, True), order=lambda: case_order(case))
    gather(session, [clue], prepare(session, links, record))
    row = session.query(
        "SELECT count(*) FILTER (held) AS held, count(*) FILTER (NOT held) AS possible FROM scope_views"
    ).to_pylist()[0]
    return int(row["held"]), int(row["possible"])


def case_order(case: LinkCase) -> pa.Table:
    """(person, place) of those with numbers. The place is the number."""
    known = _persons(case)
    rows = {person: number for (number, _), person in known.items() if number is not None}
    return pa.table({"person": pa.array(rows, pa.int32()), "place": pa.array(rows.values(), pa.int64())})


def _persons(case: LinkCase) -> dict[tuple[int | None, int], int]:
    """By number, or by the place of the view where there is none: each person's number in the ledger."""
    known: dict[tuple[int | None, int], int] = {}
    at = 0
    for views in case.views:
        for n in range(views.count):
            at += 1
            known.setdefault(_person(views, n, at), at)
    return known


def _person(views: CaseViews, n: int, at: int) -> tuple[int | None, int]:
    return (None, at) if views.number is None else (views.number + n * views.step, 0)


def case_relations(case: LinkCase) -> dict[str, pa.Table]:
    """The relations of a ledger: one client for each of the views, each of another person where no numbers say otherwise."""
    rows: list[dict[str, Any]] = []
    numbers: dict[tuple[str, str], int] = {}
    persons = _persons(case)
    for views in case.views:
        for n in range(views.count):
            values: dict[str, Any] = dict.fromkeys(COLUMNS)
            for name, text in views.values.items():
                shown = text.replace("{n}", str(n)).replace("{d}", str(n % views.deal))
                values[name] = (
                    numbers.setdefault((name, shown), len(numbers) + 1) if name in NUMBERED else shown
                )
            at = len(rows) + 1
            second = at if views.at is None else views.at + n * views.every
            rows.append(
                {"at": at, "person": persons[_person(views, n, at)], "second": second, "are": views.are,
                 "finding": views.finding, "route": views.route, **values}
            )  # fmt: skip
    at = pa.array([each["at"] for each in rows], pa.int32())
    person = pa.array([each["person"] for each in rows], pa.int32())
    found = [(each["finding"], each["at"]) for each in rows if each["are"] == "found"]
    clients = {
        name: pa.array([each[name] for each in rows], pa.string() if name in CLEAR else pa.int32())
        for name in COLUMNS
    }
    answers = {
        word.replace(" ", "_"): pa.array(
            [each["are"] == word or (word == "unexplained" and each["are"] == "found") for each in rows]
        ).cast(pa.int64())
        for word in _ANSWERS
    }
    findings = pa.array([finding for finding, _ in found], pa.string())
    at_found = pa.array([line for _, line in found], pa.int64())
    route = pa.array([each["route"] for each in rows], pa.int16())
    return {
        "clients": pa.table({"client": at, **clients}),
        "views": pa.table(
            {
                "content": pa.array([1] * len(rows), pa.int32()),
                "line": at.cast(pa.int64()),
                "person": person,
                "client": at,
                "address": clients["address"],
                "route": route,
                "micros": pa.array([each["second"] * 1_000_000 for each in rows], pa.int64()),
                "extra_at_most": pa.array([0] * len(rows), pa.int32()),
                "duplicate": pa.array([False] * len(rows)),
                "unsure": pa.array([0] * len(rows), pa.int8()),
            }
        ),
        "answers": pa.table({"person": person, "client": at, "route": route, **answers}),
        "proofs": pa.table(
            {
                "finding": pa.array([], pa.string()),
                **{name: pa.array([], pa.int64()) for name in ("client", "content", "line")},
                "standing": pa.array([], pa.int8()),
            }
        ),
        "members": pa.table({"finding": findings, "client": at_found.cast(pa.int32())}),
        "counted": pa.table(
            {
                "finding": findings,
                "content": pa.array([1] * len(found), pa.int32()),
                "line": at_found,
            }
        ),
    }
