"""Signs of a span from what a step is given: which days of what are in hand, and in which form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.explaining.context_rows import Stated
from whosaw.actors.explaining.learning import once, rows_of
from whosaw.actors.explanation import Explanation
from whosaw.actors.signs import Sign
from whosaw.build.step import Inputs, Span
from whosaw.core import client
from whosaw.store.kinds import kind

from .columns import SEEN
from .first_days import last_of_hindsight
from .signs import DAYS_BACK, NEAR, OLDER, Days, Facts, Rows, sign

__all__ = ["CONTEXT", "hindsight", "judged_together", "signed"]

CONTEXT: Final = ("keys", "logins", "services", "staff", "subjects")
"""Tables of the context that signs are told from."""
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
    days = Days(
        views=inputs.rows("views", _VIEWS, near),
        answers=explained,
        visits=inputs.rows("visits"),
        passes=inputs.rows("passes"),
        tries=inputs.rows("tries", _TRIES),
        seen=seen.rename_columns(SEEN.names).cast(SEEN),
        older=lambda: inputs.rows("views", list(OLDER), Span(span.first - DAYS_BACK, near.first - 1)),
    )
    rows = Rows(context=rows_of(inputs, stated, CONTEXT), claims=once(inputs.rows("claims")))
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
