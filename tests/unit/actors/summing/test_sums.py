"""Sums of a day against a plain recount, and parts and spans against the whole."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.actors.summing.crutch import by_number, sums
from tests.unit.actors.summing.small import DAY, PLAN, TOLD, Small, small_ledgers
from tests.wide import examples

from whosaw.actors.summing.baselines import eighth
from whosaw.actors.summing.colleagues import without_own
from whosaw.actors.summing.groupings import Grouping, Kinds
from whosaw.actors.summing.known_days import known_days
from whosaw.actors.summing.sums import CLIENTS, PEOPLE
from whosaw.actors.surprise import usual_of
from whosaw.build.step import Span
from whosaw.core.errors import WhosawError
from whosaw.store.person_sets import unpack

ALL = ("own-session", "service-job", "staff-with-ticket")


def made(ledger: Small, span: Span | None = None) -> dict[str, pa.Table]:
    return sums(
        ledger.views(), ledger.answers(), ledger.late_rows(),
        span=span or ledger.span, plan=PLAN, digests=by_number,
    )  # fmt: skip


def who(ledger: Small, row: dict[str, Any]) -> int:
    if row["person"] is not None:
        return int(row["person"])
    named = [
        each["person"]
        for each in ledger.rows
        if each["day"] == row["day"] and each["client"] == row["client"] and each["person"] is not None
    ]
    return min(named) if named else -2 - int(row["client"])


def entity(row: dict[str, Any], grouping: Grouping) -> int | None:
    if any(row[name] is not None for name in grouping.lacks):
        return None
    values = [row["way" if name == "manner" else name] for name in grouping.by]
    if None in values:
        return None
    return int(values[0]) if len(values) == 1 else (int(values[0]) << 32) + int(values[1])


def people(packed: bytes | None) -> set[int]:
    return set(unpack(packed).tolist())


def named(of: set[int], fewest: int = 3) -> set[int]:
    found = {each for each in of if each >= 0}
    return found if len(found) >= fewest else set()


@settings(max_examples=examples(30), deadline=None)
@given(small_ledgers())
def test_entities_are_counted_as_in_a_plain_recount(ledger: Small) -> None:
    expected: dict[tuple[int, int, int], tuple[Any, ...]] = {}
    for code, grouping in PLAN.kinds.groupings.items():
        groups = defaultdict(list)
        for row in ledger.rows:
            if (its := entity(row, grouping)) is not None:
                groups[row["day"], its].append(row)
        for (day, its), rows in groups.items():
            records = sum(
                1 if row["extra"] is None else row["extra"]
                for row in rows
                if row["person"] is None and ledger.counts(row, "not-explained", ALL)
            )
            seen = {who(ledger, row) for row in rows}
            if len(seen) < 2 and not records:
                continue
            counted, unexplained = (
                {row["person"] for row in rows if row["person"] is not None and ledger.counts(row, rule, ALL)}
                for rule in ("not-explained", "unexplained")
            )
            times = [row["time"] for row in rows]
            expected[day, code, its] = (
                len(rows), len(seen), len(counted), len(unexplained), records, min(times), max(times), named(seen),
            )  # fmt: skip
    got = made(ledger)["entities"].to_pylist()
    names = ("views", "seen", "counted", "unexplained", "records", "first", "last")
    assert {
        (row["day"], row["kind"], row["entity"]): (*(row[name] for name in names), people(row["people"]))
        for row in got
    } == expected
    assert len(got) == len(expected)


@settings(max_examples=examples(30), deadline=None)
@given(small_ledgers())
def test_who_bears_a_sign_is_counted_on_the_day_on_which_it_is_known(ledger: Small) -> None:
    expected: dict[tuple[int, int, int, int], tuple[Any, ...]] = {}
    for code, pairs in PLAN.asked.items():
        grouping = PLAN.kinds.groupings[code]
        for at in pairs:
            pair = PLAN.pairs[at]
            place = TOLD.signs.index(pair.sign)
            told, bears, seen, records = (defaultdict(set) for _ in range(4))
            times = defaultdict(list)

            def bear(
                day: int,
                its: int,
                row: dict[str, Any],
                known: int,
                told=told,
                bears=bears,
                times=times,
                rule=pair.rule,
            ) -> None:  # type: ignore[no-untyped-def]
                if ledger.counts(row, rule.counted, rule.tried):
                    told[day, its].add(who(ledger, row))
                    bears[day, its].add(who(ledger, row))
                    times[day, its].append(known)

            for row in ledger.rows:
                its = entity(row, grouping)
                if its is None:
                    continue
                seen[row["day"], its].add(who(ledger, row))
                if row["person"] is None and row["extra"] != 0 and ledger.counts(row, "not-explained", ALL):
                    records[row["day"], its].add(1)
                if row["signs"][place] != 2:
                    told[row["day"], its].add(who(ledger, row))
                if row["signs"][place] == 1:
                    bear(row["day"], its, row, row["time"])
            for number, sign, known in ledger.late:
                its = entity(ledger.rows[number], grouping)
                if sign == place and its is not None:
                    bear(known // DAY, its, ledger.rows[number], known)
            for day, its in {*seen, *bears}:
                several = len(seen[day, its]) >= 2 or bool(records[day, its])
                untold = several and len(told[day, its] & seen[day, its]) < len(seen[day, its])
                if bears[day, its] or untold:
                    expected[day, code, its, at] = (
                        len(told[day, its] & seen[day, its]), len(bears[day, its]), len(times[day, its]),
                        min(times[day, its], default=None), max(times[day, its], default=None), named(bears[day, its]),
                    )  # fmt: skip
    got = made(ledger)["signed"].to_pylist()
    names = ("told", "signed", "views", "first", "last")
    assert {
        (row["day"], row["kind"], row["entity"], row["pair"]): (
            *(row[name] for name in names),
            people(row["people"]),
        )
        for row in got
    } == expected
    assert len(got) == len(expected)


@settings(max_examples=examples(30), deadline=None)
@given(small_ledgers(), st.sampled_from([0, 1, 2, 1_024]))
def test_groups_at_an_address_are_those_of_a_plain_recount(ledger: Small, sample: int) -> None:
    """One token or session is one group, under the person with the smallest digest; else each person is. Of addresses with one group or
    two on a day those with the smallest digests are kept, of others all."""
    expected = {}
    quiet: dict[tuple[int, int], list[int]] = defaultdict(list)
    for at, pair in enumerate(PLAN.pairs):
        place = TOLD.signs.index(pair.sign)
        rows = [
            (row["day"], row, row["signs"][place] == 1) for row in ledger.rows if row["signs"][place] != 2
        ]
        rows += [
            (known // DAY, ledger.rows[number], True) for number, sign, known in ledger.late if sign == place
        ]
        rows = [
            (day, row, bears)
            for day, row, bears in rows
            if bears or not pair.by_explanation or ledger.over(row, pair.tried) != 2
        ]
        seen = defaultdict(lambda: defaultdict(list))
        for day, row, bears in rows:
            if row["address"] is not None:
                seen[day, row["address"]][who(ledger, row)].append((row["client"], row, bears))
        for (day, address), by_person in seen.items():
            groups: dict[bool, dict[Any, list[int]]] = {True: defaultdict(list), False: defaultdict(list)}
            for person, its in by_person.items():
                _, row, _ = min(its, key=lambda each: each[0])
                alone = row["token"] is None and row["session"] is None
                party = ("who", person) if alone else ("client", row["client"])
                groups[any(bears for *_, bears in its)][party].append(person)
            if sum(map(len, groups.values())) < 3:
                quiet[day, at].append(address)
            expected[day, at, address] = tuple(
                each
                for signed in (True, False)
                for each in (
                    len(groups[signed]),
                    {_least(its) for its in groups[signed].values()} - {None},
                )
            )
    for (day, at), those in quiet.items():
        for address in sorted(those)[sample:]:  # their digests are in the order of their numbers
            del expected[day, at, address]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("whosaw.actors.summing.places.SAMPLE", sample)
        rows_of = made(ledger)["places"]
    got = {
        (row["day"], row["pair"], row["address"]): (
            row["signed"], people(row["signed_people"]), row["others"], people(row["other_people"]),
        )
        for row in rows_of.to_pylist()
    }  # fmt: skip
    assert got == expected


@settings(max_examples=examples(30), deadline=None)
@given(small_ledgers())
def test_who_bears_a_sign_around_each_hour(ledger: Small) -> None:
    expected = {}
    for (code, at), least in PLAN.of_a_day.items():
        grouping, pair = PLAN.kinds.groupings[code], PLAN.pairs[at]
        sign = TOLD.signs.index(pair.sign)
        told, bears = defaultdict(set), defaultdict(set)
        for row in ledger.rows:
            its, hour = entity(row, grouping), row["time"] // 3_600_000_000
            if its is not None and row["signs"][sign] != 2:
                told[its].add((hour, who(ledger, row)))
                if row["signs"][sign] == 1 and ledger.counts(row, pair.rule.counted, pair.rule.tried):
                    bears[its].add((hour, who(ledger, row)))
        for number, of, known in ledger.late:
            row = ledger.rows[number]
            its = entity(row, grouping)
            if of == sign and its is not None and ledger.counts(row, pair.rule.counted, pair.rule.tried):
                told[its].add((known // 3_600_000_000, who(ledger, row)))
                bears[its].add((known // 3_600_000_000, who(ledger, row)))
        for its, seen in bears.items():
            first = min(hour for hour, _ in seen)
            for hour in range(first, first + 24 * 6):
                signed = {one for when, one in seen if hour - 24 <= when <= hour}
                people = {one for when, one in told[its] if hour - 23 <= when <= hour - 1}
                if len(signed) >= least:
                    expected[hour // 24, code, its, at, hour] = (len(signed), len(people))
    names = ("day", "kind", "entity", "pair", "hour")
    days = {row["day"] for row in ledger.rows} | {known // DAY for *_, known in ledger.late}
    got = {
        tuple(row[name] for name in names): (row["signed"], row["told"])
        for row in made(ledger)["signed_hours"].to_pylist()
    }
    assert got == {key: told for key, told in expected.items() if key[0] in days}


@settings(max_examples=examples(30), deadline=None)
@given(small_ledgers())
def test_ways_of_reading_are_counted_at_addresses_where_people_are_seen_otherwise_too(ledger: Small) -> None:
    expected = {}
    for at in PLAN.asked[16]:
        sign = TOLD.signs.index(PLAN.pairs[at].sign)
        rows = [(row["day"], row, row["signs"][sign] == 1) for row in ledger.rows if row["signs"][sign] != 2]
        rows += [(known // DAY, ledger.rows[number], True) for number, of, known in ledger.late if of == sign]
        for day in {day for day, *_ in rows}:
            mine = [(row, bears) for of, row, bears in rows if of == day and row["address"] is not None]
            honest = set()
            for address in {row["address"] for row, _ in mine}:
                there = [(who(ledger, row), bears) for row, bears in mine if row["address"] == address]
                with_it, without = (
                    {one for one, bears in there if bears is which} for which in (True, False)
                )
                if len({one for one, _ in there}) >= 3 and len(without) >= len(with_it):
                    honest.add(address)
            for way in {row["way"] for row, _ in mine} - {None}:
                seen = [
                    (who(ledger, row), bears)
                    for row, bears in mine
                    if row["way"] == way and row["address"] in honest
                ]
                if seen:
                    expected[day, at, way] = (
                        len({one for one, bears in seen if bears}), len({one for one, _ in seen}),
                    )  # fmt: skip
    got = {
        (row["day"], row["pair"], row["way"]): (row["signed"], row["people"])
        for row in made(ledger)["alike"].to_pylist()
    }
    assert got == expected


@settings(max_examples=examples(30), deadline=None)
@given(small_ledgers())
def test_whom_each_colleague_saw_is_kept_by_address_and_what_is_usual_of_one_is_that_of_the_others(
    ledger: Small,
) -> None:
    (at,) = (each for each in PLAN.usual if PLAN.pairs[each].sign == "no-reason")
    pair, sign = PLAN.pairs[at], TOLD.signs.index("no-reason")
    told = [(row["day"], row, row["signs"][sign] == 1) for row in ledger.rows if row["signs"][sign] != 2]
    told = [each for each in told if each[2] or ledger.over(each[1], pair.tried) != 2]
    told += [(known // DAY, ledger.rows[number], True) for number, of, known in ledger.late if of == sign]
    expected = defaultdict(lambda: (set(), set()))
    for day, row, bears in told:
        whom = who(ledger, row)
        if row["address"] is not None and row["principal"] is not None and whom >= 0:
            expected[day, row["address"], row["principal"]][not bears].add(whom)
    rows = made(ledger)["colleagues"]
    got = {
        (row["day"], row["address"], row["principal"]): (
            people(row["signed_people"]),
            people(row["other_people"]),
        )
        for row in rows.to_pylist()
    }
    assert got == {key: (signed, others - signed) for key, (signed, others) in expected.items()}
    days = sorted({day for day, *_ in got})
    shares = without_own(rows, at, days)
    assert list(shares) == days
    for day in days:
        window = known_days(days, day).days
        mine = [
            (key, bears, one)
            for key, sets in got.items()
            if key[0] in window
            for bears in (True, False)
            for one in sets[not bears]
        ]
        bearers = {key[2] for key, bears, _ in mine if bears}
        told_of = {}
        for principal in bearers:
            places = defaultdict(lambda: (set(), set()))
            for (_, address, by), bears, one in mine:
                if by != principal:
                    places[address][not bears].add(one)
            usual = usual_of(
                *np.array([(len(signed), len(others - signed)) for signed, others in places.values()], int)
                .reshape(-1, 2)
                .T
            )
            if usual.people:
                told_of[principal] = eighth(min(usual.share, 0.999))
        assert shares[day] == told_of


def _least(people: list[int]) -> int | None:
    return min((each for each in people if each >= 0), default=None)


@settings(max_examples=examples(20), deadline=None)
@given(small_ledgers())
def test_who_was_there_is_said_of_each_kind_and_of_people(ledger: Small) -> None:
    got = {(row["day"], row["kind"]): row for row in made(ledger)["present"].to_pylist()}
    for row in ledger.rows:
        if row["person"] is not None:
            assert row["person"] in people(got[row["day"], PEOPLE]["people"])
        for code, grouping in PLAN.kinds.groupings.items():
            its = entity(row, grouping)
            assert its is None or its in people(got[row["day"], code]["entities"])
    for (day, code), row in got.items():
        of_day = [each for each in ledger.rows if each["day"] == day]
        if code == PEOPLE:
            assert people(row["people"]) == {each["person"] for each in of_day} - {None}
        elif code == CLIENTS:
            assert people(row["entities"]) == {each["client"] for each in of_day}
        else:
            there = {entity(each, PLAN.kinds.groupings[code]) for each in of_day} - {None}
            assert people(row["entities"]) == there


@settings(max_examples=examples(20), deadline=None)
@given(small_ledgers())
def test_a_sign_can_be_told_of_entities_with_a_view_of_which_it_can(ledger: Small) -> None:
    got = {
        (row["day"], row["kind"], row["pair"]): people(row["entities"])
        for row in made(ledger)["tellable"].to_pylist()
    }
    for (day, code, at), entities in got.items():
        place, grouping = TOLD.signs.index(PLAN.pairs[at].sign), PLAN.kinds.groupings[code]
        told = {
            entity(row, grouping) for row in ledger.rows if row["day"] == day and row["signs"][place] != 2
        }
        rule = PLAN.pairs[at].rule
        told |= {
            entity(ledger.rows[number], grouping)
            for number, sign, known in ledger.late
            if sign == place
            and known // DAY == day
            and ledger.counts(ledger.rows[number], rule.counted, rule.tried)
        }
        assert entities == told - {None}
    days = {row["day"] for row in ledger.rows} | {known // DAY for *_, known in ledger.late}
    assert {day for day, *_ in got} == days


@settings(max_examples=examples(20), deadline=None)
@given(small_ledgers())
def test_people_of_a_page_and_an_hour(ledger: Small) -> None:
    got = {
        (row["route"], row["hour"], row["rule"]): (row["people"], row["every"])
        for row in made(ledger)["pages"].to_pylist()
    }
    expected: dict[tuple[int, int, int], tuple[set[int], set[int]]] = {}
    for row in ledger.rows:
        if row["route"] is None or row["person"] is None:
            continue
        for at, rule in enumerate(PLAN.hourly):
            mine = expected.setdefault((row["route"], row["time"] // 3_600_000_000, at), (set(), set()))
            mine[1].add(row["person"])
            if ledger.counts(row, rule.counted, rule.tried):
                mine[0].add(row["person"])
    assert got == {key: (len(mine[0]), len(mine[1])) for key, mine in expected.items()}


@settings(max_examples=examples(20), deadline=None)
@given(small_ledgers())
def test_a_span_gives_what_its_days_give_one_by_one(ledger: Small) -> None:
    whole = made(ledger)
    days = [made(ledger, Span(day, day)) for day in range(ledger.span.first, ledger.span.last + 1)]
    for name, rows in whole.items():
        assert rows.equals(pa.concat_tables([day[name] for day in days]))


def test_kinds_of_a_single_trait_have_a_number_for_life_and_others_follow() -> None:
    plain = Kinds([Grouping(by=("address",)), Grouping(by=("network",)), Grouping(by=("manner",))])
    more = Kinds(
        [
            Grouping(by=("address", "agent")),
            Grouping(by=("address",), lacks=("agent",)),
            *plain.groupings.values(),
        ]
    )
    assert {plain.code(each) for each in plain.groupings.values()} == {0, 7, 16}
    assert all(more.code(each) == plain.code(each) for each in plain.groupings.values())
    assert sorted(set(more.groupings) - set(plain.groupings)) == [32, 33]


def test_what_cannot_be_put_together_is_refused_in_one_sentence() -> None:
    with pytest.raises(WhosawError, match="cannot be put together by token, agent at once"):
        Grouping(by=("token", "agent")).entities(Small([], []).views())


def test_agents_that_a_pattern_finds_are_a_kind_of_their_own() -> None:
    grouping = Grouping(by=("network",), agent_matches="curl")
    rows = [{"network": 5, "agent": 1}, {"network": 5, "agent": 2}, {"network": None, "agent": 2}]
    schema = pa.schema([("network", pa.int32()), ("agent", pa.int32())])
    views = pa.Table.from_pylist(rows, schema)
    assert grouping.entities(views, {"curl": [2]}).tolist() == [-1, 5, -1]
    assert np.array_equal(Grouping(by=("network",)).entities(views), [5, 5, -1])
