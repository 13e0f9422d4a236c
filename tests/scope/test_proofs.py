"""What one sign proves by itself is held, whatever other signs say of the same finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pytest

from whosaw.scope.closed import Closure
from whosaw.scope.closure import close
from whosaw.scope.clue import Clue
from whosaw.scope.link_case_runs import case_relations
from whosaw.scope.link_cases import CaseViews, LinkCase
from whosaw.scope.link_item import load_links
from whosaw.scope.record import Record
from whosaw.store.schemas import ASKED, COMPANY, CROWD, PROVEN
from whosaw.store.sql import Session

LINKS = load_links()
# 12 views of one clerk among 400 of colleagues, 8 of which no record explains
SHOP = (
    ("explained", 400, "h-{n}", "office"),
    ("unexplained", 8, "l-{n}", "office"),
    ("found", 12, "t-{n}", "office"),
)


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as opened:
        yield opened


def ledger(
    session: Session,
    proofs: Sequence[tuple[int, int | None]],
    *,
    one_client: bool = False,
    standing: int = PROVEN,
    shop: Sequence[tuple[str, int, str, str]] = SHOP,
) -> None:
    """`proofs` are (client, line); the n-th view (from 1) is line n, of person n and of client n, or of client 409."""
    rows = tuple(
        CaseViews(
            are=are, finding="f-1", count=count, values={"token": token, "network": place, "agent": "browser"}
        )
        for are, count, token, place in shop
    )
    relations = case_relations(LinkCase(title="", held=0, possible=0, views=rows))
    if one_client:
        for name in ("views", "answers"):
            table = relations[name]
            client = pa.array([min(each, 409) for each in table["client"].to_pylist()], pa.int32())
            relations[name] = table.set_column(table.schema.get_field_index("client"), "client", client)
        relations["members"] = pa.table({"finding": ["f-1"], "client": pa.array([409], pa.int32())})
    relations["proofs"] = pa.table(
        {
            "finding": pa.array(["f-1"] * len(proofs), pa.string()),
            "client": pa.array([client for client, _ in proofs], pa.int32()),
            "content": pa.array([None if line is None else 1 for _, line in proofs], pa.int32()),
            "line": pa.array([line for _, line in proofs], pa.int64()),
            "standing": pa.array([standing] * len(proofs), pa.int8()),
        }
    )
    for name, relation in relations.items():
        session.register(name, relation)


def scope(session: Session, **more: Any) -> Closure:
    return close(session, [Clue(kind="finding", asked="f-1", value="f-1")], LINKS, Record(given=True, **more))


def lines(session: Session, *, held: bool) -> list[int]:
    term = "held" if held else "NOT held"
    rows: list[int] = session.query(f"SELECT line FROM scope_views WHERE {term} ORDER BY line")[
        "line"
    ].to_pylist()
    return rows


def test_without_any_proof_what_lies_where_others_live_is_possible(session: Session) -> None:
    ledger(session, [])
    scope(session)
    # 20 of 420 may be luck where 8 in 408 are usual
    assert lines(session, held=True) == []
    assert set(lines(session, held=False)) >= set(range(409, 421))


def test_a_second_sign_does_not_turn_proof_into_statistics(session: Session) -> None:
    ledger(session, [(client, None) for client in range(409, 421)])
    told = scope(session)
    assert lines(session, held=True) == list(range(409, 421))
    assert (told.evidence, told.honest_at_most) == ("each view", None)


def test_what_one_sign_proves_is_held_and_the_rest_stays_possible(session: Session) -> None:
    ledger(session, [(client, None) for client in range(409, 417)])
    told = scope(session)
    assert lines(session, held=True) == list(range(409, 417))
    assert set(lines(session, held=False)) >= set(range(417, 421))
    assert told.evidence == "statistical"
    assert told.honest_at_most is not None
    assert told.honest_at_most.views == 0


def test_lines_of_one_client_are_proven_one_by_one(session: Session) -> None:
    ledger(session, [(409, line) for line in range(409, 417)], one_client=True)
    told = scope(session)
    assert lines(session, held=True) == list(range(409, 417))
    assert set(lines(session, held=False)) >= set(range(417, 421))
    assert told.honest_at_most is not None
    assert told.honest_at_most.views == 0
    assert told.clients == 1


def test_people_of_whom_a_view_is_proven_are_not_taken_for_honest_ones(session: Session) -> None:
    """Clients 409 to 414 are proven; 415 to 420, of whom chance may have given any, saw the same six people."""
    ledger(session, [(client, None) for client in range(409, 415)])
    views = session.query("SELECT * FROM views ORDER BY line")
    person = [each if each < 415 else each - 6 for each in views["person"].to_pylist()]
    at = views.schema.get_field_index("person")
    session.register("views", views.set_column(at, "person", pa.array(person, pa.int32())))
    clients = session.query("SELECT * FROM clients ORDER BY client")
    # they come from a network in which twenty others live
    numbers = clients["client"].to_pylist()
    network = [7 if n <= 20 or n >= 409 else 8 for n in numbers]
    at = clients.schema.get_field_index("network")
    session.register("clients", clients.set_column(at, "network", pa.array(network, pa.int32())))
    told = scope(session)
    assert lines(session, held=True) == list(range(409, 421))
    assert told.honest_at_most is not None
    assert told.honest_at_most.persons == 0


def test_who_leaves_a_scope_though_a_finding_counts_him_is_named_with_the_reason(session: Session) -> None:
    ledger(session, [(client, None) for client in range(409, 417)])
    told = scope(session)
    (left,) = told.actor.left
    assert (left.code, left.views, left.accounts) == ("where-others-live", 4, 4)
    assert "1 network in which" in left.what
    ledger(session, [(client, None) for client in range(409, 421)])
    assert scope(session).left == ()


HOMES = ("explained", 2000, "h-{n}", "homes")  # luck gives nobody the sign
ONE = ("unexplained", 1, "l-{n}", "homes")  # but one
ALONE = (HOMES, ONE, ("found", 30, "t-{n}", "hired"))
BESIDE = (HOMES, ONE, ("found", 30, "t-{n}", "carrier"), ("explained", 20, "n-{n}", "carrier"))


@pytest.mark.parametrize(
    ("standing", "shop", "less"),
    [(COMPANY, ALONE, 5), (COMPANY, BESIDE, 5), (CROWD, ALONE, 0), (CROWD, BESIDE, 5)],
)
def test_what_was_only_seen_beside_something_else_may_be_of_others(
    session: Session, standing: int, shop: Sequence[tuple[str, int, str, str]], less: int
) -> None:
    """Five of thirty clients are counted because a canary was read at their address, or because most visits of their network began at one page.
    That others live there shows in the second case alone: beside a canary all that nobody can tell of is counted."""
    honest = []
    for beside in ([], [(client, None) for client in range(2002, 2007)]):
        ledger(session, beside, standing=standing, shop=shop)
        told = scope(session)
        assert lines(session, held=True) == list(range(2002, 2032))
        assert told.honest_at_most is not None
        honest.append((told.honest_at_most.views, told.honest_at_most.persons))
    assert honest[1] == (honest[0][0] + less, honest[0][1] + less)


LOST = (
    HOMES,
    ("unexplained", 600, "l-{n}", "homes"),
    ("explained", 10, "n-{n}", "carrier"),
    ("found", 30, "t-{n}", "carrier"),
)


def test_a_record_does_not_take_away_what_a_finding_counts_that_asks_for_none(session: Session) -> None:
    """Logins lost rows of people, who look like the thirty of a pattern for which no login is asked. Of two of the thirty only the logins say that
    nobody gave them their tokens: these two may be as honest as the others."""
    ledger(session, [(2639, None), (2640, None)], standing=ASKED, shop=LOST)
    bounds = []
    for unasked in (frozenset[str](), frozenset(("f-1",))):
        told = scope(session, unasked=unasked)
        assert told.honest_at_most is not None
        bounds.append(len(lines(session, held=True)) - told.honest_at_most.views)
    alone, both = bounds
    assert alone < both <= 28
