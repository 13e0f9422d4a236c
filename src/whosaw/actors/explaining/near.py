"""Which rows of a large table a few days may meet, found from whom and what these days hold: so that one more day costs what it holds, and
not what the table has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .digested import CLAIMS
from .numbering import word_of

__all__ = ["There", "near", "with_spellings"]

Ints = npt.NDArray[np.int64]
There = Callable[[str], pa.Array]
"""Of a kind of identifier all that the days hold: numbers of principals for claims (`claimed`), else digests, under each spelling."""
_LOGINS: Final = ("token", "session")


def near(name: str, tables: Mapping[str, pa.Table], there: There) -> Ints | None:
    """The places, ascending, of all rows that the days meet, and maybe of others; None: of this table it is not known."""
    if name == CLAIMS:
        return _places(pc.is_in(tables[name]["principal"], there("claimed")))
    return _subjects(tables, there) if name == "subjects" else None


def with_spellings(kind: str, digests: pa.Array, spellings: pa.Table) -> pa.Array:
    """These digests, and each that the ledger may know by one of them."""
    own = spellings.filter(pc.equal(spellings["kind"], kind))
    also = own.filter(pc.is_in(own["spelled"], digests))["digest"]
    return pa.concat_arrays([digests, *also.chunks]).unique()


def _subjects(tables: Mapping[str, pa.Table], there: There) -> Ints:
    """Whoever is there or has a pass that is, whoever works here and is, and all who live with any of them: all rows of each."""
    rows, people = tables["subjects"], [there("person")]
    if "logins" in tables:
        logins = tables["logins"]
        carried = [pc.is_in(logins[each], there(each)) for each in _LOGINS]
        people += logins.filter(pc.or_(*carried))["subject"].chunks
    if "staff" in tables:
        staff = tables["staff"]
        people += staff.filter(pc.is_in(staff["staff"], there("principal")))["subject"].chunks
    asked = pa.chunked_array(people).unique().drop_null()
    own = pc.or_(pc.is_in(rows["subject"], asked), pc.is_in(rows["staff"], there("principal")))
    own = pc.or_(own, rows["subject"].is_null())  # whoever is not named is taken for one
    homes = word_of(rows["home"].combine_chunks())
    beside = pc.is_in(homes, homes.filter(own).drop_null().unique())
    near_them = rows["subject"].filter(pc.fill_null(beside, fill_value=False)).unique().drop_null()
    return _places(pc.or_(own, pc.is_in(rows["subject"], near_them)))


def _places(told: pa.ChunkedArray | pa.Array) -> Ints:
    return np.flatnonzero(told.to_numpy())
