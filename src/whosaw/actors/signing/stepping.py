"""Signs of a span from what a step is given: which days of what are in hand, and in which form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.explaining.context_rows import Stated
from whosaw.actors.explaining.learning import rows_of
from whosaw.actors.explanation import Explanation
from whosaw.actors.signs import Sign
from whosaw.build.step import Inputs, Span
from whosaw.core import client
from whosaw.store.distinct import distinct
from whosaw.store.kinds import kind

from .columns import SEEN, Ints, among, keys_of, plain
from .first_days import last_of_hindsight
from .signs import DAYS_BACK, NEAR, OLDER, VISITS_BACK, Days, Facts, Rows, sign

__all__ = ["CONTEXT", "hindsight", "judged_together", "signed"]

CONTEXT: Final = ("keys", "logins", "services", "staff", "subjects")
"""Tables of the context that signs are told from."""
_VISITS: Final = ["kind", "visit", "start", "end", "events", "others", "tries", "views", "agents"]
_PASSES: Final = ["kind", "pass", "agent", "network", "first", "viewed", "events", "views"]
_VIEWS: Final = ["person", "time", "client", *client.NAMES]
_TRIES: Final = ["person", "time", "client", "status", *client.NAMES]
_ANSWERS: Final = kind("answers").in_hand


def signed(
    inputs: Inputs, span: Span, stated: Stated, explanations: Sequence[Explanation], signs: Sequence[Sign]
) -> dict[str, pa.Table]:
    """The rows of `answers` and of `late` of a span."""
    near = span.wider(NEAR, 1)
    explained = inputs.rows("explained")
    seen = (
        inputs.rows("seen")
        .drop_columns(["day"])
        .group_by("person", use_threads=False)
        .aggregate([("first", "min")])
    )
    views, tries = inputs.rows("views", _VIEWS, near), inputs.rows("tries", _TRIES)
    asked = distinct(np.concatenate([keys_of(each)[1] for each in (views, tries)]))
    carried = inputs.rows("passes", _PASSES, span)
    days = Days(
        views=views,
        answers=explained,
        visits=_of(inputs, "visits", _VISITS, span.wider(VISITS_BACK, 1), near, "visit", asked),
        passes=pa.concat_tables(
            [
                _of(
                    inputs,
                    "passes",
                    _PASSES,
                    Span(span.first - DAYS_BACK, span.first - 1),
                    None,
                    "pass",
                    distinct(plain(carried["pass"])),
                ),
                carried,
            ]
        ),
        tries=tries,
        seen=seen.rename_columns(SEEN.names).cast(SEEN),
        older=lambda: (
            inputs.rows("views", list(OLDER), Span(day, day))
            for day in range(span.first - DAYS_BACK, near.first)
        ),
    )
    rows = Rows(context=rows_of(inputs, stated, CONTEXT), claims=inputs.each("claims"))
    every = range(span.first, span.last + 1)
    facts = Facts(
        keys_met=frozenset(day for day in every if inputs.fact("keys-known", day)),
        hindsight=max(
            (end for day in every if (end := inputs.fact("judged-together", day)) is not None), default=None
        ),
    )
    told = sign(inputs.session, span, days, rows, facts, explanations=explanations, signs=signs)
    if told.signs.num_rows != explained.num_rows:
        raise ValueError("signs do not stand beside the answers")
    answers = explained.append_column("signs", told.signs["signs"])
    return {"answers": answers.select(_ANSWERS.names).cast(_ANSWERS), "late": told.late}


def _of(
    inputs: Inputs, kind: str, columns: list[str], days: Span, whole: Span | None, name: str, asked: Ints
) -> pa.Table:
    """Rows of these days, of those outside of `whole` no more than is asked for, in order: they are many times as many, and are taken day by
    day."""
    found = [inputs.rows(kind, columns, Span(days.first, days.first - 1))]
    for day in range(days.first, days.last + 1):
        rows = inputs.rows(kind, columns, Span(day, day))
        if whole is None or day not in whole:
            rows = rows.filter(pa.array(among(plain(rows[name]), asked)))
        found.append(rows)
    return pa.concat_tables(found)


def hindsight(known: Sequence[int], day: int) -> Sequence[int]:
    """The days that are judged together where `day` is among them."""
    end = last_of_hindsight(known, day)
    return (
        []
        if end is None
        else [each for each in known if each <= end and last_of_hindsight(known, each) == end]
    )


def judged_together(inputs: Inputs, days: Sequence[int]) -> dict[int, int | None]:
    """The last of the days that are judged together with each, as nothing lies before them; None: it is judged by the days before it."""
    known = pc.unique(inputs.rows("matches", ["tokens"])["day"]).to_pylist()
    return {day: last_of_hindsight(known, day) for day in days}
