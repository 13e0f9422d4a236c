"""Who came in, who went out, and why: exact numbers, one reason where there is one, cannot tell where there are several."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap
from tests.scope.made_document import count, document, version_of

from whosaw.core.document import object_of
from whosaw.scope.versions.causes import KnownRoute
from whosaw.scope.versions.differences import differences
from whosaw.store.live_inputs import LiveInput, LiveInputs

NOTHING = LiveInputs(rows=())


def content(name: str, digest: str, *, lines: int = 10, views: int = 4) -> LiveInput:
    return LiveInput(digest=digest * 64, source="web", name=name, lines=lines, views=views, map="b" * 64)


PART = {
    "number": 0,
    "first": "2025-03-01T00:00:00Z",
    "last": "2025-04-15T00:00:00Z",
    "how": "46 views",
    "clients": 1,
}


def logs(*rows: LiveInput) -> LiveInputs:
    return LiveInputs(rows=tuple(sorted(rows)))


def told(
    old: dict[str, Any],
    new: dict[str, Any],
    *,
    sets: tuple[dict[str, BitMap], dict[str, BitMap]] = ({}, {}),
    inputs: tuple[LiveInputs, LiveInputs] = (NOTHING, NOTHING),
    **more: Any,
) -> dict[str, Any]:
    found = differences(
        version_of(old), version_of(new), *sets, old_inputs=inputs[0], new_inputs=inputs[1], **more
    )
    return object_of(found)


def route(name: str, *categories: str) -> KnownRoute:
    return KnownRoute(id=name, categories=frozenset(categories), said=repr(categories).encode())


def codes(entries: list[dict[str, Any]]) -> list[str]:
    return [each["code"] for each in entries]


people = st.sets(st.integers(0, 60))


@given(people, people, people, people)
def test_numbers_are_those_of_plain_sets(a: set[int], b: set[int], c: set[int], d: set[int]) -> None:
    old_held, old_possible, new_held, new_possible = a, b - a, c, d - c
    answer = told(
        document(),
        document(accounts=4),
        sets=(
            {"held": BitMap(old_held), "possible": BitMap(old_possible), "category:x": BitMap(old_held)},
            {"held": BitMap(new_held), "possible": BitMap(new_possible)},
        ),
    )
    held, possible, either = (answer["persons"][name] for name in ("held", "possible", "either"))
    assert (held["came_in"], held["went_out"]) == (len(new_held - old_held), len(old_held - new_held))
    assert held["in_both"] == len(old_held & new_held)
    assert held["proved"] == len(new_held & old_possible)
    assert held["doubted"] == len(old_held & new_possible)
    assert (possible["came_in"], possible["went_out"]) == (
        len(new_possible - old_possible),
        len(old_possible - new_possible),
    )
    before, after = old_held | old_possible, new_held | new_possible
    assert (either["came_in"], either["went_out"]) == (len(after - before), len(before - after))
    assert answer["categories"] == [
        {"name": "x", "came_in": 0, "went_out": len(old_held), "in_both": 0}
    ]  # fmt: skip


def test_two_versions_that_say_the_same_differ_in_nothing_and_need_no_reason() -> None:
    same = BitMap([1, 2])
    answer = told(
        document(),
        document(clues=[{"kind": "agent", "value": "okhttp"}]),
        sets=({"held": same}, {"held": same}),
    )
    assert (answer["same"], answer["certain"], answer["causes"], answer["how"]) == (True, True, [], [])
    assert answer["cannot_tell"] is None
    assert answer["persons"]["held"] == {
        "came_in": 0, "went_out": 0, "in_both": 2, "proved": 0, "doubted": 0,
    }  # fmt: skip


CHANGED = {
    "corrected-map": document(accounts=4, inputs={"map": "0" * 64}),
    "changed-context": document(accounts=4, inputs={"context": "0" * 64}),
    "changed-items": document(accounts=4, inputs={"items": "0" * 64}),
    "other-program": document(accounts=4, inputs={"detecting": 8}),
    "other-clues": document(accounts=4, clues=[{"kind": "key", "value": "k-2025"}]),
}


@pytest.mark.parametrize("code", sorted(CHANGED))
def test_one_thing_that_changed_is_the_reason(code: str) -> None:
    answer = told(document(), CHANGED[code])
    assert codes(answer["causes"]) == [code]
    assert answer["certain"]
    assert answer["cannot_tell"] is None


def test_new_and_grown_and_lost_logs_are_named() -> None:
    old = logs(content("a.log", "1"), content("b.log", "2", lines=10), content("c.log", "3"))
    new = logs(content("a.log", "1"), content("b.log", "4", lines=25, views=9), content("d.log", "5"))
    answer = told(document(), document(accounts=4, inputs={"segments": "0" * 64}), inputs=(old, new))
    came, gone = answer["causes"]
    assert (came["code"], came["what"]) == ("new-logs", "contents of logs: 1 more read, 1 grew")
    assert [(each["name"], each["lines"], each["lines_before"]) for each in came["evidence"]["contents"]] == [
        ("b.log", 25, 10),
        ("d.log", 10, 0),
    ]
    assert (gone["code"], [each["name"] for each in gone["evidence"]["contents"]]) == ("lost-logs", ["c.log"])
    assert not answer["certain"]
    assert "new logs, lost logs" in answer["cannot_tell"]


def test_a_content_that_only_has_another_name_is_no_new_log() -> None:
    answer = told(
        document(), document(accounts=4), inputs=(logs(content("a", "1")), logs(content("a.1", "1")))
    )
    assert answer["causes"] == []
    assert not answer["certain"]
    assert "nothing that a scope is made of" in answer["cannot_tell"]


def test_one_copy_more_of_the_same_bytes_is_a_new_log() -> None:
    one = content("a", "1")
    answer = told(document(), document(accounts=4, inputs={"segments": "0" * 64}),
                  inputs=(logs(one), logs(one, content("copy", "1"))))  # fmt: skip
    assert codes(answer["causes"]) == ["new-logs"]


def test_a_long_list_of_logs_is_cut_and_says_so() -> None:
    many = logs(*(content(f"{n:03}.log", f"{n:x}"[-1]) for n in range(45)))
    many = LiveInputs(rows=tuple(LiveInput(digest=f"{n:064x}", source="web", name=f"{n:03}", lines=1, views=0, map=None) for n in range(45)))  # fmt: skip
    answer = told(document(), document(accounts=4, inputs={"segments": "0" * 64}), inputs=(NOTHING, many))
    evidence = answer["causes"][0]["evidence"]
    assert (len(evidence["contents"]), evidence["more"]) == (20, 25)


def test_what_a_corrected_map_changed_is_said_by_route() -> None:
    before = [
        route("my-info", "identity.name"),
        route("address-edit", "contact.address"),
        route("old-page", "identity.name"),
    ]
    after = [
        route("my-info", "identity.name"),
        route("address-edit", "contact.address", "contact.entrance-code"),
        route("cards", "financial.card-number"),
    ]
    answer = told(document(), CHANGED["corrected-map"], old_routes=before, new_routes=after)
    assert answer["causes"][0]["evidence"]["routes"] == {
        "added": ["cards"],
        "dropped": ["old-page"],
        "changed": [
            {
                "route": "address-edit",
                "categories_added": ["contact.entrance-code"],
                "categories_dropped": [],
            }
        ],
    }
    unknown = told(document(), CHANGED["corrected-map"], old_routes=None, new_routes=after)
    assert unknown["causes"][0]["evidence"]["routes"] is None


def test_the_window_and_the_links_are_the_way_and_not_the_reason() -> None:
    new = document(
        accounts=4,
        inputs={"segments": "0" * 64},
        window={"first_view": "2025-03-01T00:00:00Z", "logs_from": "2025-02-01T00:00:00Z"},
        actor={
            "links": [
                {
                    "link": "same-agent",
                    "by": ["agent"],
                    "groups": 1,
                    "views": 40,
                    "confidence": "low",
                    "reason": "one program",
                }
            ],
            "refused": [
                {
                    "link": "same-address",
                    "by": ["address"],
                    "value": "1***9",
                    "why": "a carrier",
                    "persons": 5000,
                    "views": 6000,
                }
            ],
            "parts": [PART, {**PART, "number": 1}],
        },
    )
    answer = told(document(), new, inputs=(NOTHING, logs(content("feb.log", "1"))))
    assert codes(answer["causes"]) == ["new-logs"]
    assert answer["certain"]
    assert codes(answer["how"]) == [
        "wider-window", "wider-window", "new-link", "removed-link", "newly-refused-link", "parts",
    ]  # fmt: skip
    assert answer["how"][0]["what"] == (
        "the views of this actor span 2025-03-01T00:00:00Z to 2025-04-15T00:00:00Z, "
        "before 2025-04-14T00:00:00Z to 2025-04-15T00:00:00Z"
    )


def test_counts_change_by_bounds_and_an_open_bound_has_no_change() -> None:
    new = document(counts=[count("views", 8), count("accounts", 4, 6), {**count("persons", 4), "upper": None, "exact": False, "reasons": [{"code": "x"}]}])  # fmt: skip
    changes = [
        (each["unit"], each["lower_change"], each["upper_change"]) for each in told(document(), new)["counts"]
    ]
    assert changes == [("views", 2, 2), ("accounts", 1, 3), ("persons", 1, None)]


def test_what_was_settled_and_what_is_newly_open_is_listed() -> None:
    gap = {"code": "coverage-gap", "what": "web has no log for an hour"}
    link = {"code": "ambiguous-link", "what": "an office"}
    answer = told(document(open=[gap]), document(accounts=4, open=[link]))
    assert answer["open"] == {"new": [link], "settled": [gap]}
