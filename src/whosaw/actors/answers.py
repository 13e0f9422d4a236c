"""What the explanations say of every exposure, for those who ask about one person."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .explanation import CANNOT_TELL, EXPLAINED, UNEXPLAINED, Explanation, answer_over

__all__ = ["Keep", "exposure_answers"]

Keep = Callable[[str], None]


def exposure_answers(explanations: Sequence[Explanation]) -> str:
    """A query on `detect_all` that gives person, client, route and how many views of that exposure are explained, unexplained
    and cannot be told, in that order of rows."""
    told = ", ".join(
        f"count(*) FILTER (answer = {code}) AS {name}"
        for code, name in (
            (EXPLAINED, "explained"),
            (UNEXPLAINED, "unexplained"),
            (CANNOT_TELL, "cannot_tell"),
        )
    )
    answer = answer_over(explanations)
    # of a view that is only possible it cannot be told whether anything has to explain it
    answer = f"CASE WHEN unsure <> 0 AND {answer} = {UNEXPLAINED} THEN {CANNOT_TELL} ELSE {answer} END"
    return (
        f"SELECT person, client, route, {told} FROM (SELECT *, {answer} AS answer FROM detect_all) "
        "WHERE person IS NOT NULL GROUP BY person, client, route ORDER BY person, client, route"
    )
