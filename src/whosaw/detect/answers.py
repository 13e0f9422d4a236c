"""What the explanations say of every exposure, for those who ask about one person."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from whosaw.store.sql import Session

from .context import Context
from .explanation import CANNOT_TELL, EXPLAINED, UNEXPLAINED, Explanation, answered, prepare
from .run import drop_tables

__all__ = ["exposure_answers"]


def exposure_answers(
    session: Session,
    context: Context,
    explanations: Mapping[str, Explanation],
    keep: Callable[[str, list[object]], None],
) -> None:
    """Hand `keep` a query (and its bound values) that gives person, client, route and how many views of that exposure
    are explained, unexplained and cannot be told, in that order of rows."""
    prepare(session, context)
    try:
        sql, values = answered("base", list(explanations.values()))
        told = ", ".join(
            f"count(*) FILTER (answer = {code}) AS {name}"
            for code, name in (
                (EXPLAINED, "explained"),
                (UNEXPLAINED, "unexplained"),
                (CANNOT_TELL, "cannot_tell"),
            )
        )
        keep(
            f"SELECT person, client, route, {told} FROM ({sql}) WHERE person IS NOT NULL GROUP BY person, client, route ORDER BY person, client, route",
            list(values),
        )
    finally:
        drop_tables(session)
