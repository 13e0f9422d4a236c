"""Each link holds its own cases, and each of its clauses is needed: without it some case comes out otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.wide import some

from whosaw.scope.link_case_runs import link_case_fault
from whosaw.scope.link_item import Link, load_links
from whosaw.store.sql import Session

LINKS = load_links()


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as opened:
        yield opened


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_every_case_comes_out_as_stated(link: Link, session: Session) -> None:
    assert [fault for case in link.cases if (fault := link_case_fault(link, case, session))] == []


def _without(link: Link) -> dict[str, Link]:
    changed = {
        "others": replace(link, others_per_thousand=10**9),
        "joins": replace(link, joins="findings" if link.joins == "views" else "views"),
    }
    if link.possible:
        changed["possible"] = replace(link, possible=False)
    if link.least_views > 1:
        changed["least"] = replace(link, least_views=1)
    if len(link.by) > 1:
        for each in link.by:
            changed[f"by {each}"] = replace(link, by=tuple(name for name in link.by if name != each))
    if link.walk is not None:
        for name, value in (("near", 10**6), ("within", 10**15), ("acquainted", 1), ("chance", 0.5)):
            changed[f"walk {name}"] = replace(link, walk=replace(link.walk, **{name: value}))
    if link.habit is not None:
        changed["habit least_steps"] = replace(link, habit=replace(link.habit, least_steps=1))
        changed["habit within"] = replace(link, habit=replace(link.habit, within=10**15))
    return changed


FIRST = {"others": 2, "possible": 2, "least": 3, "walk acquainted": 4, "walk chance": 3}
CLAUSES = [(link, clause) for link in LINKS.values() for clause in _without(link)]


@pytest.mark.parametrize(
    ("link", "clause"),
    some(CLAUSES, of=3),
    ids=lambda value: getattr(value, "id", value),
)
def test_a_case_flips_without_the_clause(link: Link, clause: str, session: Session) -> None:
    other = _without(link)[clause]
    # the case that was written for the clause comes first: the others are only looked at where it does not flip
    first = FIRST.get(clause, 0)
    ordered = sorted(link.cases, key=lambda case: link.cases.index(case) != first)
    assert any(link_case_fault(other, case, session) for case in ordered)
