"""Runs the cases that links hold, as `packs check` and the tests do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa

from whosaw.store.sql import Session

from .basis import prepare
from .closure import gather
from .clue import COLUMNS, NUMBERED, Clue
from .link_cases import LinkCase
from .link_item import Link
from .record import Record

__all__ = ["case_relations", "link_case_fault", "run_link_case"]

_TEXTS: Final = tuple(each for each in COLUMNS if each not in NUMBERED)
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
    record = Record(given=True, proven=dict.fromkeys(findings, True))
    gather(session, [clue], prepare(session, links, record))
    row = session.query(
        "SELECT count(*) FILTER (held) AS held, count(*) FILTER (NOT held) AS possible FROM scope_views"
    ).to_pylist()[0]
    return int(row["held"]), int(row["possible"])


def case_relations(case: LinkCase) -> dict[str, pa.Table]:
    """The relations of a ledger: one client for each of the views, one second after the other, each of another person."""
    rows: list[dict[str, Any]] = []
    numbers: dict[tuple[str, str], int] = {}
    for views in case.views:
        for n in range(views.count):
            values: dict[str, Any] = dict.fromkeys(COLUMNS)
            for name, text in views.values.items():
                shown = text.replace("{n}", str(n))
                values[name] = (
                    numbers.setdefault((name, shown), len(numbers) + 1) if name in NUMBERED else shown
                )
            rows.append({"at": len(rows) + 1, "are": views.are, "finding": views.finding, **values})
    at = pa.array([each["at"] for each in rows], pa.int32())
    found = [(each["finding"], each["at"]) for each in rows if each["are"] == "found"]
    clients = {
        name: pa.array([each[name] for each in rows], pa.string() if name in _TEXTS else pa.int32())
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
    zeros = pa.array([0] * len(rows), pa.int16())
    return {
        "clients": pa.table({"client": at, **clients}),
        "views": pa.table(
            {
                "content": pa.array([1] * len(rows), pa.int32()),
                "line": at.cast(pa.int64()),
                "person": at,
                "client": at,
                "route": zeros,
                "micros": pa.array([each["at"] * 1_000_000 for each in rows], pa.int64()),
                "extra_at_most": zeros.cast(pa.int32()),
                "duplicate": pa.array([False] * len(rows)),
            }
        ),
        "answers": pa.table({"person": at, "client": at, "route": zeros, **answers}),
        "members": pa.table({"finding": findings, "client": at_found.cast(pa.int32())}),
        "counted": pa.table(
            {
                "finding": findings,
                "content": pa.array([1] * len(found), pa.int32()),
                "line": at_found,
            }
        ),
    }
