"""The gate: what each role may, told by hand, and closed for all else."""

from __future__ import annotations

import pytest

from whosaw.app.gating.rights import RIGHTS, Role, Somebody, Thing, Verb, may

# i investigator, o privacy officer, a auditor, r administrator (runs it), p portal (a program that signs people in)
BY_HAND = {
    Verb.SEE_OVERVIEW: "ioa",
    Verb.SEE_STATUS: "ioar",
    Verb.SEE_COVERAGE: "ioa",
    Verb.SEE_FINDINGS: "ioa",
    Verb.SEE_PERSON: "ioa",
    Verb.ASK_SQL: "ioa",
    Verb.SAY_PURPOSE: "ioa",
    Verb.SEE_LINE: "io",
    Verb.REVEAL: "io",
    Verb.JUDGE: "io",
    Verb.SEE_CASES: "ioa",
    Verb.COUNT_CASE: "io",
    Verb.CLOSE_CASE: "o",
    Verb.ANSWER_CASE: "io",
    Verb.DECIDE: "o",
    Verb.TELL: "o",
    Verb.ERASE: "o",
    Verb.ROTATE: "r",
    Verb.EXPORT: "io",
    Verb.SEAL: "io",
    Verb.VERIFY: "ioa",
    Verb.CONSENT: "io",
    Verb.SEE_JOBS: "ioar",
    Verb.START_SCAN: "ior",
    Verb.HOLD: "or",
    Verb.REMARK: "io",
    Verb.SEE_LOOKS: "oa",
    Verb.SEE_ACCOUNTS: "ar",
    Verb.CHANGE_ACCOUNTS: "r",
    Verb.OWN_ACCOUNT: "ioar",
    Verb.SEE_METRICS: "r",
    Verb.BACK_UP: "r",
    Verb.WITHHOLD: "o",
    Verb.LET_IN: "p",
}
LETTERS = {
    Role.INVESTIGATOR: "i",
    Role.OFFICER: "o",
    Role.AUDITOR: "a",
    Role.ADMINISTRATOR: "r",
    Role.PORTAL: "p",
}


def of(role: Role, purpose: str = "incident 12") -> Somebody:
    return Somebody(name="kim", roles=frozenset({role}), purpose=purpose)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("verb", Verb)
def test_each_role_may_what_the_table_says(role: Role, verb: Verb) -> None:
    assert may(of(role), verb).allowed == (LETTERS[role] in BY_HAND[verb])


def test_every_role_and_verb_is_in_the_table() -> None:
    assert set(BY_HAND) == set(Verb)
    assert set(RIGHTS) == set(Role) == set(LETTERS)


@pytest.mark.parametrize("verb", [*Verb, None])
def test_nobody_may_anything(verb: Verb | None) -> None:
    assert not may(None, verb).allowed
    assert not may(Somebody(name="kim", roles=frozenset()), verb).allowed


def test_what_has_no_name_may_be_done_by_nobody() -> None:
    everything = Somebody(name="kim", roles=frozenset(Role), purpose="incident 12")
    assert not may(everything, None).allowed


@pytest.mark.parametrize("verb", [Verb.SEE_PERSON, Verb.SEE_LINE, Verb.REVEAL, Verb.EXPORT])
@pytest.mark.parametrize("purpose", ["", "  \t "])
def test_nobody_is_looked_at_without_a_purpose(verb: Verb, purpose: str) -> None:
    refused = may(of(Role.INVESTIGATOR, purpose), verb)
    assert (refused.allowed, refused.why) == (False, "nobody is looked at without a purpose")


CASE, ANOTHER = frozenset({"spring"}), frozenset({"autumn"})
OF_NO_CASE = {
    Verb.SAY_PURPOSE,
    Verb.SEE_COVERAGE,
    Verb.SEE_STATUS,
    Verb.VERIFY,
    Verb.SEE_ACCOUNTS,
    Verb.CHANGE_ACCOUNTS,
    Verb.SEE_METRICS,
    Verb.OWN_ACCOUNT,
}


@pytest.mark.parametrize("verb", [each for each in Verb if each not in OF_NO_CASE])
def test_an_account_that_is_limited_to_cases_sees_nothing_of_others_and_nothing_of_the_whole(
    verb: Verb,
) -> None:
    everything = Somebody(name="kim", roles=frozenset(Role), purpose="incident 12", cases=CASE)
    assert may(everything, verb, Thing(name="x", cases=CASE | ANOTHER)).allowed
    assert not may(everything, verb, Thing(name="x", cases=ANOTHER)).allowed
    assert not may(everything, verb, Thing(name="x", cases=frozenset())).allowed
    assert not may(everything, verb, Thing(name="x")).allowed
    nowhere = Somebody(name="lee", roles=frozenset(Role), purpose="incident 12", cases=frozenset())
    assert not may(nowhere, verb, Thing(name="x", cases=CASE)).allowed


@pytest.mark.parametrize("verb", sorted(OF_NO_CASE))
def test_what_says_nothing_of_any_case_is_answered_to_limited_accounts(verb: Verb) -> None:
    everything = Somebody(name="kim", roles=frozenset(Role), cases=CASE)
    assert may(everything, verb, Thing(name="x")).allowed
