"""Nobody vanishes: the people by place in the answer hold the people of the scope, whatever is known of where they are."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.core.moments import Moment
from whosaw.core.ranges import Range
from whosaw.law import Facts, ScopeFacts, places_without_law
from whosaw.law.loading import load_law
from whosaw.law.places_without_law import people_by_place
from whosaw.law.scope_document import scope_facts

LAW = load_law()
# countries, a country whose state is not known beside states of it with and without a law, and nowhere
PLACES = ("KR", "KE", "FJ", "US", "US-AS", "US-CA", "CA", "CA-QC", "DE", "TZ", "")
MADE = Moment.at(datetime.fromisoformat("2026-10-05T00:00:00+00:00"))


@st.composite
def bounds(draw: st.DrawFn) -> Range:
    low = draw(st.integers(0, 50))
    return Range(low=low, high=draw(st.none() | st.integers(low, 80)))


@st.composite
def cases(draw: st.DrawFn) -> Facts:
    """Rows of places, and a scope that they do not contradict: at least what they hold, more where some are of no place."""
    rows = draw(st.dictionaries(st.sampled_from(PLACES), bounds(), max_size=6))
    most = (
        None
        if any(row.high is None for row in rows.values())
        else sum(int(row.high or 0) for row in rows.values())
    )
    low = sum(int(row.low) for row in rows.values()) + draw(st.integers(0, 40))
    high = draw(st.none() | st.integers(0, 60).map(lambda more: max(low, most or 0) + more))
    if "" in rows:  # the row says who is nowhere, and the rows are everybody
        low, high = sum(int(row.low) for row in rows.values()), most
    persons = Range(low=low, high=high)
    return Facts(
        roles=draw(st.sampled_from((None, ("controller",), ("processor",)))),
        established=draw(st.sampled_from((None, (), ("FJ",)))),
        unplaced=draw(st.sampled_from((None, "KE", "FJ", "US", "US-CA"))),
        scopes=(
            ScopeFacts(
                version=1, known=MADE, known_from="a case", persons=persons, accounts=persons, by_place=rows,
                accounts_by_place=rows, categories={},
            ),
        ),
    )  # fmt: skip


@given(cases())
@settings(max_examples=examples(300), deadline=None)
def test_the_people_by_place_hold_the_people_of_the_scope(facts: Facts) -> None:
    assert facts.scope is not None
    persons, told = facts.scope.persons, people_by_place(LAW, facts)
    assert sum(int(each.people.low) for each in told) <= int(persons.low)
    tops = [each.people.high for each in told]
    if None not in tops:
        assert persons.high is not None
        assert sum(int(top) for top in tops if top is not None) >= int(persons.high)
    assert len({each.place for each in told}) == len(told)


@given(cases())
@settings(max_examples=examples(100), deadline=None)
def test_every_place_of_which_no_law_is_on_record_is_named_with_its_people(facts: Facts) -> None:
    named = {each.place: each.people for each in places_without_law(LAW, facts)}
    for each in people_by_place(LAW, facts):
        if not each.laws:
            assert named[each.place] == each.people


def _count(unit: str, people: int) -> dict[str, object]:
    return {"unit": unit, "lower": people, "upper": people}


@given(
    st.dictionaries(st.sampled_from(PLACES), st.integers(0, 500), max_size=8),
    st.integers(0, 100),
    st.sampled_from((None, "KE", "FJ", "US", "US-CA")),
    st.sampled_from((("controller",), ("processor",), ("controller", "processor"))),
)
@settings(max_examples=examples(200), deadline=None)
def test_exact_people_by_place_are_exactly_the_people_of_the_scope(
    rows: dict[str, int], rest: int, unplaced: str | None, roles: tuple[str, ...]
) -> None:
    """From the document of a scope version, as the ledger counts residence: by country, by state, and not known."""
    more = 0 if "" in rows else rest
    whole = sum(rows.values()) + more
    document = {
        "version": 1, "made": "2026-10-05T00:00:00Z", "final": None, "open": [],
        "counts": [_count("accounts", whole), _count("persons", whole)],
        "by": {"category": [], "jurisdiction": [
            {"name": place or "not stated", "accounts": _count("accounts", n), "persons": _count("persons", n)}
            for place, n in rows.items()
        ]},
        "categories_held": [],
    }  # fmt: skip
    scope = scope_facts(document, known=MADE, said_by="a case")
    facts = Facts(roles=roles, established=(), unplaced=unplaced, scopes=(scope,))
    told = people_by_place(LAW, facts)
    assert all(each.people.low == each.people.high for each in told)
    assert sum(int(each.people.low) for each in told) == whole
    # whoever is of no law stands in both, and nobody else does
    without = {each.place: each.people for each in places_without_law(LAW, facts) if each.people is not None}
    assert {each.place for each in told if not each.laws} <= set(without)
    for each in told:
        assert without.get(each.place, each.people) == each.people
