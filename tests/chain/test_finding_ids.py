"""An id stays for life: what it is told of when findings grow, merge, split, end and come back."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.findings import a_finding, crossed, people

from whosaw.actors.ended import changed_since
from whosaw.core.document import object_of
from whosaw.core.errors import WhosawError
from whosaw.core.finding import Became, Finding
from whosaw.store.journal import Journal, tables
from whosaw.store.repositories.finding_ids import EXPLAINED, FOUND, GONE, PART, Names, flag_keys, load_names
from whosaw.store.repositories.findings import past_findings, replace_findings, stored_finding

NOW = datetime(2025, 11, 17, 7, 0, tzinfo=UTC)


def finding(*flags: str) -> Finding:
    """A finding of these flags, the earliest first, under the id that a run gives it by itself."""
    crossings = tuple(crossed(each) for each in flags)
    return a_finding(
        id=f"f-{flags[0]}", actor=crossings[0].actor, crossings=crossings, counts=people(len(flags), None)
    )


def after(*runs: tuple[Finding, ...]) -> Names:
    names = Names()
    for run in runs:
        names = names.give(run).names
    return names


def ids(names: Names, *findings: Finding) -> list[str]:
    return [each.id for each in names.give(findings).findings]


def test_a_flag_is_known_by_detector_clause_grouping_and_party() -> None:
    one = finding("a")
    (flag,) = one.crossings
    others = [
        replace(flag, detector="other"),
        replace(flag, clause="agent"),
        replace(flag, actor=replace(flag.actor, by=("agent",))),
        replace(flag, actor=replace(flag.actor, digest="b")),
    ]
    keys = {flag_keys(replace(one, crossings=(each,)))[0] for each in (flag, *others)}
    assert len(keys) == 5
    twice = replace(one, crossings=(flag, replace(flag, window="30d")))
    assert flag_keys(twice) == flag_keys(one)


def test_the_first_id_stays_when_an_earlier_flag_turns_up() -> None:
    assert ids(after((finding("b"),)), finding("a", "b", "c")) == ["f-b"]
    assert ids(after((finding("b"),), (finding("a", "b", "c"),)), finding("a", "c")) == ["f-b"]


def test_of_two_that_merge_the_older_id_stays_and_the_other_is_part_of_it() -> None:
    names = after((finding("b"),), (finding("a"), finding("b")))
    told = names.give([finding("a", "b")])
    (one,) = told.findings
    assert (one.id, one.parts, told.ids, told.ended) == ("f-b", ("f-a",), {"f-a": "f-b"}, ())
    assert (told.names.by_id["f-a"].state, told.names.by_id["f-a"].of) == (PART, "f-b")
    # and a third time, into one older still
    again = after((finding("z"),), (finding("z"), finding("b")), (finding("z"), finding("b"), finding("a")), (finding("z"), finding("a", "b")))  # fmt: skip
    (whole,) = again.give([finding("a", "b", "z")]).findings
    assert (whole.id, whole.parts) == ("f-z", ("f-a", "f-b"))


def test_what_splits_off_says_what_it_split_from() -> None:
    told = after((finding("a", "b"),)).give([finding("a"), finding("b")])
    assert [(each.id, each.split_from) for each in told.findings] == [("f-a", None), ("f-b", "f-a")]
    # from then on it is a finding of its own
    later = told.names.give([finding("a"), finding("b", "c")])
    assert [(each.id, each.split_from) for each in later.findings] == [("f-a", None), ("f-b", "f-a")]


def test_what_was_part_and_splits_off_has_its_own_id_again() -> None:
    names = after((finding("b"),), (finding("a"), finding("b")), (finding("a", "b"),))
    told = names.give([finding("a"), finding("b")])
    assert [(each.id, each.split_from, each.parts) for each in told.findings] == [
        ("f-a", "f-b", ()),
        ("f-b", None, ()),
    ]


def test_an_id_goes_with_the_flag_that_it_belongs_to() -> None:
    names = after((finding("a", "b", "c"),))
    assert ids(names, finding("b", "c"), finding("a")) == ["f-b", "f-a"]
    # and with its oldest flag that is there where that one is not
    assert ids(names, finding("c"), finding("b")) == ["f-c", "f-a"]


def test_what_ends_is_not_forgotten_and_comes_back_under_its_id() -> None:
    names = after((finding("a"),))
    told = names.give([])
    assert (told.ended, told.names.by_id["f-a"].state) == (("f-a",), GONE)
    assert told.names.give([]).ended == ()
    assert ids(told.names, finding("0", "a")) == ["f-a"]


def test_what_was_told_while_the_run_went_on_does_not_end() -> None:
    names = after((finding("a"),)).give_part([finding("b")]).names
    told = names.give([finding("a")], until=1)
    assert told.ended == ()
    assert names.give([finding("a")]).ended == ("f-b",)


def test_a_part_of_the_ledger_tells_of_nothing_but_itself() -> None:
    names = after((finding("b"),), (finding("a"), finding("b")), (finding("a", "b"), finding("d")))
    told = names.give_part([finding("a"), finding("e")])
    assert [each.id for each in told.findings] == ["f-b", "f-e"]
    assert told.names.by_id["f-d"].state == FOUND
    # what hangs together there hangs together in the whole
    assert [each.id for each in names.give_part([finding("a", "d")]).findings] == ["f-b"]


@given(st.integers(0, 1 << 32))
def test_whatever_happens_every_id_says_what_it_is(seed: int) -> None:
    chance = random.Random(seed)
    names, ever = Names(), set[str]()
    for _ in range(chance.randint(1, 5)):
        flags = [str(each) for each in range(7) if chance.random() < 0.7]
        chance.shuffle(flags)
        groups: dict[int, list[str]] = {}
        for flag in flags:
            groups.setdefault(chance.randrange(4), []).append(flag)
        findings = [finding(*sorted(mine)) for mine in groups.values()]
        shuffled = list(findings)
        chance.shuffle(shuffled)
        told, other = names.give(findings), names.give(shuffled)
        assert sorted(map(str, told.findings)) == sorted(map(str, other.findings)), "order decides nothing"
        current = [each.id for each in told.findings]
        assert len(set(current)) == len(current)
        names, ever = told.names, ever | set(current)
        assert set(names.by_id) == ever
        for name, known in names.by_id.items():
            root = names.by_id[names.root(name)]
            assert (known.state == FOUND) == (name in current)
            assert root.state in (FOUND, GONE)
            assert known.state != PART or names.by_id[str(known.of)].seq < known.seq


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal.at(tmp_path / "journal.sqlite", who="tests")
    made.create()
    yield made
    made.close()


def run(journal: Journal, *findings: Finding, why: dict[str, tuple[str, list[str]]] | None = None) -> None:
    """Store findings as a run over the whole ledger does."""
    with journal.transaction() as connection:
        names = load_names(journal, connection)
        told = names.give(findings)
        told.names.store(connection, names, now=NOW, why=why)
        replace_findings(connection, told.findings)


def test_an_old_id_says_what_it_became(journal: Journal) -> None:
    run(journal, finding("b"))
    run(journal, finding("a"), finding("b"))
    run(journal, finding("a", "b"))
    told = stored_finding(journal, "f-a")
    assert (told.id, told.asked) == (
        "f-b",
        Became(id="f-a", became="part", of="f-b", since=NOW, changed=()),
    )
    assert stored_finding(journal, "f-b").asked is None
    assert [each.id for each in past_findings(journal)] == ["f-a"]


def test_what_is_explained_since_stays_as_that(journal: Journal) -> None:
    run(journal, finding("a", "b"))
    run(journal, why={"f-a": (EXPLAINED, ["the context"])})
    with pytest.raises(WhosawError, match=r"f-a is no longer found: explained since 2025-11-17T07:00:00Z \(changed then: the context\)"):  # fmt: skip
        stored_finding(journal, "f-a")
    told = stored_finding(journal, "f-a", ended=True)
    assert told.asked is not None
    assert (told.id, told.persons.lower, told.asked.became) == ("f-a", 2, "explained")
    run(journal, finding("a"))
    assert stored_finding(journal, "f-a").asked is None
    assert past_findings(journal) == []


def test_what_changed_is_said_where_something_ends() -> None:
    known = json.dumps({"state": "1", "reasons": {"the logs": "a", "the map": "a", "the context": "a"}})
    assert changed_since(known, {"the logs": "b", "the map": "a", "the context": "c"}) == (
        "the logs",
        "the context",
    )
    assert changed_since(known, {"the detectors": "d"}) == (), "what nobody wrote down then did not change"
    assert changed_since(json.dumps({"state": "1"}), {"the logs": "b"}) == ()
    assert changed_since(None, {"the logs": "b"}) == ()


def test_findings_of_an_earlier_release_keep_their_ids(journal: Journal) -> None:
    with journal.transaction() as connection:
        told = object_of(finding("a", "b"))
        # that release knew of no parts, and kept one sentence for title and facts
        told = {
            name: each for name, each in told.items() if name not in ("title", "facts", "parts", "split_from")
        }
        body = json.dumps({**told, "id": "f-old", "sentence": "One address saw the data of 2 people."})
        connection.execute(tables.finding.insert().values(id="f-old", position=0, body=body))
    old = stored_finding(journal, "f-old")
    assert (old.parts, old.split_from, old.title) == ((), None, "One address saw at least 2 people")
    assert old.facts == ("One address saw the data of 2 people.",)
    run(journal, finding("0", "b"))
    assert stored_finding(journal, "f-old").crossings == finding("0", "b").crossings
    with journal.transaction() as connection:
        tables.finding_name.drop(connection)  # as a workspace has it that no scan has opened since
    assert stored_finding(journal, "f-old").id == "f-old"
