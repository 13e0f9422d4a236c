"""Links are judged over all parties that share a value, and sharing with others proves nothing of anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pytest

from whosaw.core.errors import WhosawError
from whosaw.scope.closed import Closure
from whosaw.scope.closure import close
from whosaw.scope.clue import Clue
from whosaw.scope.link_case_runs import case_relations
from whosaw.scope.link_cases import CaseViews, LinkCase
from whosaw.scope.link_item import load_links
from whosaw.scope.record import Record
from whosaw.store.sql import Session

LINKS = load_links()


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as opened:
        yield opened


def views(are: str, count: int, finding: str = "f-1", **values: str) -> CaseViews:
    return CaseViews(are=are, finding=finding, count=count, values=values)


def ledger(session: Session, *rows: CaseViews) -> Mapping[str, pa.Table]:
    """The n-th view (from 1) is line n, of person n and client n."""
    relations = case_relations(LinkCase(title="", held=0, possible=0, views=rows))
    for name, relation in relations.items():
        session.register(name, relation)
    return relations


def scope(session: Session, finding: str, *, given: bool = True, **more: Any) -> Closure:
    clue = Clue(kind="finding", asked=finding, value=finding)
    return close(session, [clue], LINKS, Record(given=given, **more))


def lines(session: Session, *, held: bool) -> list[int]:
    term = "held" if held else "NOT held"
    found = session.query(f"SELECT DISTINCT line FROM scope_views WHERE {term} ORDER BY line")
    rows: list[int] = found["line"].to_pylist()
    return rows


SHARED = {"agent": "browser", "network": "carrier"}
THREE = (
    views("found", 27, "f-1", token="t-{n}", **SHARED),
    views("found", 29, "f-2", token="u-{n}", **SHARED),
    views("found", 20, "f-3", token="v-{n}", **SHARED),
    views("explained", 900, token="h-{n}", **SHARED),
    views("unexplained", 40, token="l-{n}", **SHARED),
)


@pytest.mark.parametrize(("finding", "first", "last"), [("f-1", 1, 27), ("f-2", 28, 56), ("f-3", 57, 76)])
def test_each_of_three_findings_that_share_agent_and_network_may_hold_what_nothing_explains(
    session: Session, finding: str, first: int, last: int
) -> None:
    ledger(session, *THREE)
    told = scope(session, finding, proven={"f-1": True, "f-2": True, "f-3": True})
    assert lines(session, held=True) == list(range(first, last + 1))
    assert set(lines(session, held=False)) >= set(range(977, 1017))
    assert {each.link for each in told.ambiguous} >= {"same-agent", "same-network"}


@pytest.mark.parametrize("finding", ["f-1", "f-2", "f-3"])
def test_what_other_findings_count_that_share_agent_and_network_may_be_the_same_partys(
    session: Session, finding: str
) -> None:
    ledger(session, *THREE[:4])
    told = scope(session, finding)
    assert sorted({*lines(session, held=True), *lines(session, held=False)}) == list(range(1, 77))
    assert "findings-that-share" in {each.link for each in told.ambiguous}


def test_a_clue_that_may_be_of_three_parties_names_all_of_them(session: Session) -> None:
    ledger(session, *THREE[:4], views("cannot tell", 2, token="l-{n}", **SHARED))
    clue = Clue(kind="line", asked=(1, 977), value="977")
    with pytest.raises(WhosawError, match="may be of any of 3 actors that no link joins: f-1; f-2; f-3"):
        close(session, [clue], LINKS, Record(given=True))


SCRIPT = {"agent": "script/1"}
ONE_SCRIPT = (
    views("found", 1000, "f-1", token="t-{n}", network="rented", **SCRIPT),
    views("found", 9, "f-2", token="u-{n}", network="homes", **SCRIPT),
)


def test_a_script_of_many_is_no_proof(session: Session) -> None:
    ledger(session, *ONE_SCRIPT, views("explained", 20, token="h-{n}", network="homes", **SCRIPT))
    scope(session, "f-1", signs={"f-1": frozenset(("walk",)), "f-2": frozenset(("walk",))})
    assert lines(session, held=True) == list(range(1, 1001))
    assert lines(session, held=False) == list(range(1001, 1010))


@pytest.mark.parametrize(("other", "held"), [("walk", 1009), ("sign", 1000)])
def test_a_script_of_nobody_else_is_proof_where_the_same_detector_found_both(
    session: Session, other: str, held: int
) -> None:
    ledger(session, *ONE_SCRIPT, views("explained", 20, token="h-{n}", network="homes", agent="browser"))
    told = scope(
        session, "f-1", proven={"f-1": True, "f-2": True},
        signs={"f-1": frozenset(("walk",)), "f-2": frozenset((other,))},
    )  # fmt: skip
    assert lines(session, held=True) == list(range(1, held + 1))
    assert lines(session, held=False) == list(range(held + 1, 1010))
    assert {each.link for each in told.ambiguous} == (set() if held == 1009 else {"findings-that-share"})


def test_what_another_finding_counts_with_the_same_common_program_may_be_his_as_what_none_counts(
    session: Session,
) -> None:
    """They share a browser of many and nothing else: the two views that no finding counts are possible, and so are the ten of the other
    finding; not those of a third one with another program."""
    ledger(
        session,
        views("found", 30, "f-1", token="t-{n}", network="rented", agent="browser"),
        views("found", 10, "f-2", token="u-{n}", network="hired", agent="browser"),
        views("found", 10, "f-3", token="v-{n}", network="leased", agent="script"),
        views("explained", 400, token="h-{n}", network="carrier", agent="browser"),
        views("cannot tell", 2, token="l-{n}", network="carrier", agent="browser"),
    )
    scope(session, "f-1")
    assert lines(session, held=True) == list(range(1, 31))
    assert lines(session, held=False) == [*range(31, 41), 451, 452]
    # that nobody had a reason for any of their views does not say whose they are; names in the log do
    scope(session, "f-1", proven=dict.fromkeys(("f-1", "f-2"), True))
    assert lines(session, held=False) == [*range(31, 41), 451, 452]
    scope(session, "f-1", named=frozenset(("f-1", "f-2")))
    assert lines(session, held=False) == [451, 452]


@pytest.mark.parametrize(("many", "named", "possible"), [(2, (), 7), (3, (), 0), (2, ("f-1",), 0)])
def test_one_view_or_two_do_not_say_how_the_others_look(
    session: Session, many: int, named: tuple[str, ...], possible: int
) -> None:
    """Whoever takes another network and another program each time may have made the views of another finding, and those that no finding
    counts. Whom the log names is known by the name."""
    ledger(
        session,
        views("found", many, "f-1", token="t-{n}", network="hired", agent="script"),
        views("found", 4, "f-2", token="u-{n}", network="leased", agent="browser"),
        views("explained", 400, token="h-{n}", network="carrier", agent="browser"),
        views("unexplained", 2, token="l-{n}", network="carrier", agent="browser"),
        views("cannot tell", 1, token="m-{n}", network="carrier", agent="browser"),
    )
    told = scope(session, "f-1", proven={"f-1": True}, named=frozenset(named))
    assert lines(session, held=True) == list(range(1, many + 1))
    assert len(lines(session, held=False)) == possible
    assert ("too-few-views" in {each.link for each in told.ambiguous}) == bool(possible)


def test_views_that_two_findings_of_a_party_count_are_counted_once_and_not_missed(session: Session) -> None:
    """Three views, each counted twice, are three: they say how somebody works, whichever rows are met first."""
    rows = ledger(
        session,
        views("found", 3, "f-1", token="t-{n}", network="hired", agent="script"),
        views("explained", 400, token="h-{n}", network="carrier", agent="browser"),
        views("unexplained", 2, token="l-{n}", network="carrier", agent="browser"),
    )
    for name in ("counted", "members"):
        once = rows[name]
        again = once.set_column(0, "finding", pa.array(["f-2"] * once.num_rows, pa.string()))
        of = "line" if name == "counted" else "client"
        session.register(name, pa.concat_tables([once, again]).sort_by(of))
    told = scope(session, "f-1", proven={"f-1": True, "f-2": True})
    assert lines(session, held=True) == [1, 2, 3]
    assert "too-few-views" not in {each.link for each in told.ambiguous}
