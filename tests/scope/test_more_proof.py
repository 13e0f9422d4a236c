"""What a record proves of a finding never makes a lower bound sink, whatever else is held and wherever it came from."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import WIDE

from whosaw.core.scope_version import HonestAtMost
from whosaw.scope.closure import close
from whosaw.scope.clue import Clue
from whosaw.scope.link_case_runs import case_relations
from whosaw.scope.link_cases import CaseViews, LinkCase
from whosaw.scope.link_item import load_links
from whosaw.scope.record import Record
from whosaw.store import schemas
from whosaw.store.sql import Session

LINKS = load_links()
VIEWS = st.lists(
    st.tuples(
        st.sampled_from(("explained", "unexplained", "cannot tell", "found")),
        st.integers(1, 30),
        st.sampled_from(("office", "carrier", "rented")),
        st.sampled_from(("browser", "script")),
    ),
    min_size=1,
    max_size=5,
)
PROVEN = st.sets(st.integers(0, 29))


def lower(session: Session, rows: Sequence[CaseViews], proven: Sequence[int]) -> tuple[int, int]:
    """The lower bounds of views and persons where of the finding's clients these, counted from the first, are proven."""
    relations = case_relations(LinkCase(title="", held=0, possible=0, views=tuple(rows)))
    found = relations["members"]["client"].to_pylist()
    clients = [found[each] for each in proven if each < len(found)]
    none = pa.nulls(len(clients), pa.int64())
    relations["proofs"] = pa.table(
        {
            "finding": pa.array(["f-1"] * len(clients), pa.string()),
            "client": pa.array(clients, pa.int32()),
            "content": none.cast(pa.int32()),
            "line": none,
            "standing": pa.array([schemas.PROVEN] * len(clients), pa.int8()),
        }
    )
    for name, relation in relations.items():
        session.register(name, relation)
    told = close(session, [Clue(kind="finding", asked="f-1", value="f-1")], LINKS, Record(given=True))
    row = session.query(
        "SELECT count(*) AS views, count(DISTINCT person) AS persons FROM scope_views WHERE held"
    ).to_pylist()[0]
    honest = told.honest_at_most or HonestAtMost(views=0, persons=0, chance=0.0)
    return max(0, row["views"] - honest.views), max(0, row["persons"] - honest.persons)


@settings(max_examples=12 if WIDE else 4, deadline=None)
@given(rows=VIEWS, some=PROVEN, more=PROVEN)
def test_more_proof_never_lowers_a_lower_bound(
    rows: list[tuple[str, int, str, str]], some: set[int], more: set[int]
) -> None:
    drawn = [
        CaseViews(are=are, finding="f-1", count=count, values={"token": f"t-{at}-{{n}}", "network": network, "agent": agent})
        for at, (are, count, network, agent) in enumerate((*rows, ("found", 3, "carrier", "browser")))
    ]  # fmt: skip
    with Session() as session:
        bounds = [lower(session, drawn, sorted(each)) for each in (set(), some, some | more)]
    for before, after in pairwise(bounds):
        assert after[0] >= before[0]
        assert after[1] >= before[1]
    known = sum(each < sum(row.count for row in drawn if row.are == "found") for each in some | more)
    assert bounds[-1] >= (known, known)
