"""What the context says of a view: its pass, its key, who asked and whom they read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.explaining.answers import EXPLAINED_BY
from whosaw.actors.explaining.context_rows import ContextRows
from whosaw.actors.explanation import Explanation
from whosaw.actors.signs import Sign
from whosaw.actors.statement import statement as shared
from whosaw.store.sql import Session, quote_name

from .columns import UNTOLD, Ints, plain
from .statement import statement

__all__ = ["coded", "lay_out", "told_of_context"]

_OWN: Final = {
    "key-unknown": "key_unknown"
}  # what rests on a day, where the shared statement asks the whole ledger
_BITS: Final = 3
_ASKED: Final = ("keys", "logins", "services", "staff", "subjects")  # tables that a statement of a sign reads


def lay_out(session: Session, context: ContextRows) -> Ints:
    """Put the tables of the context where statements look for them. Returns the principals on record as staff, jobs or partners."""
    for name in _ASKED:
        session.query(
            f"CREATE OR REPLACE TEMP TABLE {quote_name('detect_' + name)} AS SELECT * FROM given_rows",
            given_rows=context.rows(name),
        )
    for name in ("prepare_logins", "not_customers", "prepare_people"):
        session.execute(shared(name))
    session.execute(
        "CREATE OR REPLACE TEMP TABLE detect_given AS SELECT ?::BOOLEAN AS staff", [context.given("staff")]
    )
    working: Ints = plain(
        session.query("SELECT principal FROM detect_not_customers ORDER BY principal")["principal"]
    )
    return working


def told_of_context(
    session: Session,
    views: pa.Table,
    context: ContextRows,
    signs: Sequence[Sign],
    explanations: Sequence[Explanation],
) -> dict[str, npt.NDArray[np.int8]]:
    """By sign what it says of each view. `views` carry `row` (from 0) and `answers`."""
    sql, values = "SELECT * FROM sign_told", list[object]()
    places = {each.rule: EXPLAINED_BY.index(each.id) for each in explanations if each.id in EXPLAINED_BY}
    asked = [each for each in signs if not any(context.stated.lacks(name) for name in each.needs)]
    for sign in asked:
        answer = "NULL"
        if sign.rule in places:
            answer = f"(answers::INTEGER >> {_BITS * places[sign.rule]} & {(1 << _BITS) - 1})"
        text = statement(_OWN[sign.name]) if sign.name in _OWN else sign.sql(answer)
        sql = sign.named(f"WITH input AS ({sql}) SELECT * FROM ({text})")
        values += [sign.clock_slack] if sign.clocks else []
    columns = "".join(f", {sign.column}" for sign in asked)
    found = session.query(f'SELECT "row"{columns} FROM ({sql}) ORDER BY "row"', values, sign_told=views)
    return {
        sign.name: coded(found[sign.column[1:-1]])
        if sign in asked
        else np.full(views.num_rows, UNTOLD, np.int8)
        for sign in signs
    }


def coded(said: pa.ChunkedArray) -> npt.NDArray[np.int8]:
    """True, false and null as they stand in `answers`."""
    found: npt.NDArray[np.int8] = plain(said.cast(pa.int8()), UNTOLD).astype(np.int8)
    return found
