"""What the bench of clues makes of its outcomes."""

from __future__ import annotations

from bench.clues import Outcome, row_of

REAL = (10, 5, 5)


def outcome(kind: str, digest: str, *, lower: int = 5, upper: int | None = 5, recall: float = 1.0) -> Outcome:
    bounds = ((10, 10), (lower, upper), (5, None))
    return Outcome(
        kind=kind, digest=digest, evidence="each view", leads="actor", bounds=bounds, recall=recall
    )


def test_clues_that_lead_to_the_same_are_one_scope() -> None:
    row = row_of([outcome("token", "a"), outcome("agent", "a"), outcome("token", "a")], REAL)
    assert row["same_bytes"] is True
    assert row["clues"] == {"agent": 1, "token": 2}
    assert [(each["clues"], each["from"]) for each in row["scopes"]] == [(3, {"agent": 1, "token": 2})]
    assert (row["hold"], row["recall"], row["refused"]) == (3, 1.0, {})


def test_two_scopes_are_not_the_same_and_the_worst_counts() -> None:
    row = row_of([outcome("token", "a"), outcome("line", "b", lower=6, upper=None, recall=0.5)], REAL)
    assert row["same_bytes"] is False
    assert (row["hold"], row["recall"]) == (1, 0.5)
    assert [each["hold"] for each in row["scopes"]] == [True, False]


def test_a_refused_clue_is_told_and_is_not_the_same() -> None:
    row = row_of([outcome("token", "a"), Outcome(kind="person", refused="scope.nothing")], REAL)
    assert row["same_bytes"] is False
    assert row["refused"] == {"person: scope.nothing": 1}
    assert row["hold"] == 1
