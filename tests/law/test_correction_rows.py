"""Each correction of the record by its own case: the item put back to what it said before comes out otherwise.

A row is named by the place where it stands in the list of corrections that was worked through; nothing of that list is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

import pytest

from whosaw.law import Law
from whosaw.law.conditions import Condition
from whosaw.law.item_cases import duty_case_fault, payment_case_fault
from whosaw.law.items import Duty, Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class ByCase:
    """`case` of `item` holds as the item is, and does not once `before` put it back."""

    item: str
    case: str
    before: Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ByWords:
    """`holds` is true of the item as it is, and false once `before` put it back: words have no case."""

    item: str
    holds: Callable[[Any], bool]
    before: Callable[[Any], Any]


def _without(condition: Condition | None, *keys: str) -> Condition | None:
    """A condition less each leaf with one of these keys."""
    if condition is None or not condition.parts:
        return None if condition is not None and condition.key in keys else condition
    parts = tuple(kept for each in condition.parts if (kept := _without(each, *keys)) is not None)
    return replace(condition, parts=parts) if parts else None


def _threshold(*keys: str) -> Callable[[Duty], Duty]:
    return lambda duty: replace(duty, threshold=_without(duty.threshold, *keys))


def _when(*keys: str) -> Callable[[Payment], Payment]:
    return lambda payment: replace(payment, when=_without(payment.when, *keys))


def _decided_by(event: str) -> Callable[[Any], Any]:
    return lambda item: replace(item, in_force=replace(item.in_force, decided_by=event))


def _no_transition(payment: Payment) -> Payment:
    return replace(payment, in_force=replace(payment.in_force, start=None, end=None))


def _no_exceptions(duty: Duty) -> Duty:
    return replace(duty, exceptions=())


def _owed_by(role: str) -> Callable[[Duty], Duty]:
    return lambda duty: replace(duty, owed_by=role)


def _limit(limit: int) -> Callable[[Duty], Duty]:
    def before(duty: Duty) -> Duty:
        assert duty.clock.period is not None
        return replace(duty, clock=replace(duty.clock, period=replace(duty.clock.period, limit=limit)))

    return before


def _terms(**change: Any) -> Callable[[Payment], Payment]:
    def before(payment: Payment) -> Payment:
        assert payment.amount is not None
        terms = tuple(replace(each, **change) for each in payment.amount.terms)
        return replace(payment, amount=replace(payment.amount, terms=terms))

    return before


def _last_terms(payment: Payment) -> Payment:
    assert payment.amount is not None
    return replace(payment, amount=replace(payment.amount, terms=payment.amount.terms[2:], combine="only"))


def _article(article: str) -> Callable[[Any], Any]:
    return lambda item: replace(item, origin=replace(item.origin, article=article))


UNPROVEN: Final = "an authority's finding is no judgment"
ROWS: Final[Mapping[str, tuple[ByCase | ByWords, ...]]] = {
    "2.01": (
        ByWords(
            item="kr/pipa-report-2026",
            holds=lambda duty: not any("contain" in each.casefold() for each in duty.delays),
            before=lambda duty: replace(duty, delays=("until urgent containment is done",)),
        ),
    ),
    "2.02": (
        ByWords(
            item="kr/pipa-report-2026",
            holds=lambda duty: "items 3 to 5" in duty.phasing,
            before=lambda duty: replace(duty, phasing=duty.phasing.replace("3 to 5", "3 to 6")),
        ),
    ),
    "2.03": (
        ByWords(
            item="kr/pipa-report-2026",
            holds=lambda duty: (
                {f"제34조제1항제{n}호" for n in range(1, 7)} <= {each.article for each in duty.contents}
            ),
            before=lambda duty: replace(duty, contents=duty.contents[-3:]),
        ),
    ),
    "2.04": (
        ByWords(
            item="kr/pipa-possible-leak-2026",
            holds=lambda duty: bool(duty.delays) and "30" in duty.form,
            before=lambda duty: replace(duty, delays=(), form=""),
        ),
        ByCase(
            item="kr/pipa-not-leaked-2026",
            case="told of a possible leak, and confirmed that nothing leaked",
            before=lambda duty: replace(duty, clock=replace(duty.clock, starts=("aware-possible",))),
        ),
    ),
    "2.05": (
        ByCase(
            item="kr/pipa-money-10",
            case="sanctioned after the rule for a violation of a second before it",
            before=_when("first-violation"),
        ),
    ),
    "2.06": (
        ByCase(
            item="kr/pipa-money-10",
            case="an order received before the rule was not obeyed after it",
            before=_when("corrective-order"),
        ),
        ByCase(
            item="kr/pipa-money-10",
            case="an order was not obeyed, and nothing leaked",
            before=_when("leak.occurred", "violation.safety-measures"),
        ),
    ),
    "2.07": (
        ByCase(
            item="kr/pipa-money-3",
            case="a leak, and the controller showed that every measure was taken",
            before=_when("violation.safety-measures"),
        ),
        ByCase(
            item="kr/pipa-money-3",
            case="another item of the article",
            before=_when("violation.processor-supervision", "violation.processing-rules"),
        ),
    ),
    "2.08": (
        ByCase(
            item="kr/network-daily-2026",
            case="one order not obeyed, none given again",
            before=_when("order.second-not-obeyed"),
        ),
        ByCase(
            item="kr/network-daily-2026",
            case="learnt before, not obeyed after: the non-compliance decides",
            before=_decided_by("aware"),
        ),
    ),
    "2.09": (
        ByCase(
            item="kr/network-users-2026",
            case="it happened before and was learnt after",
            before=_decided_by("start"),
        ),
        ByCase(
            item="kr/network-users-2026", case="the users were told under another law", before=_no_exceptions
        ),
    ),
    "2.10": (
        ByCase(item="kr/network-fine-report-2024", case="due as the change came", before=_no_transition),
        ByCase(
            item="kr/network-fine-report-2026", case="due a second before the change", before=_no_transition
        ),
    ),
    "2.11": (
        ByCase(
            item="kr/network-money-2026",
            case="it happened before, and was learnt after",
            before=_decided_by("aware"),
        ),
    ),
    "2.12": (
        ByWords(
            item="kr/network-preservation-crime-before",
            holds=lambda payment: "제73조제6호" in payment.origin.article,
            before=_article(""),
        ),
    ),
    "2.13": (
        ByCase(
            item="kr/credit-report", case="9,999 people", before=lambda duty: replace(duty, threshold=None)
        ),
    ),
    "2.14": (
        ByCase(
            item="kr/credit-money-3",
            case="3 percent of the mean of three years, though the last was higher",
            before=_terms(base="last-year"),
        ),
    ),
    "2.15": tuple(
        ByWords(
            item=f"kr/precedent-{name}",
            holds=lambda precedent: not precedent.origin.article.startswith(("64-2", "제64조의2")),
            before=_article("제64조의2"),
        )
        for name in ("google-meta", "lg-uplus", "kakao")
    ),
    "2.16": (
        ByCase(
            item="cn/cyber-incident",
            case="an intrusion that is not relatively major",
            before=lambda duty: replace(duty, threshold=duty.threshold.parts[0]),
        ),
    ),
    "2.17": (
        ByCase(
            item="jp/individuals",
            case="1,000 people, none of the four cases",
            before=lambda duty: replace(duty, threshold=None),
        ),
        ByCase(item="jp/individuals", case="encrypted to a high grade", before=_no_exceptions),
    ),
    "2.18": (
        ByWords(
            item="ke/authority",
            holds=lambda duty: "43(7)" in duty.phasing,
            before=lambda duty: replace(duty, phasing="43(4)"),
        ),
        ByWords(
            item="ke/individuals",
            holds=lambda duty: "43(4)" in duty.delays[0] and "43(6)" in duty.exceptions[1].text,
            before=lambda duty: replace(duty, delays=("43(7)",)),
        ),
    ),
    "2.19": (
        ByWords(
            item="ke/daily",
            holds=lambda payment: "each breach" in payment.why,
            before=lambda payment: replace(payment, why="for each day"),
        ),
    ),
    "2.20": (
        ByCase(item="uk/processor", case="a processor", before=_owed_by("controller")),
        ByCase(
            item="uk/record",
            case="any breach",
            before=lambda duty: replace(duty, clock=replace(duty.clock, standing=False)),
        ),
        ByCase(item="uk/pecr-authority", case="done at the last second", before=_limit(24)),
    ),
    "2.21": (
        ByCase(item="us-ca/individuals", case="unreadable, and the key safe", before=_no_exceptions),
        ByCase(item="us-ny/individuals", case="unreadable, and the key safe", before=_no_exceptions),
        ByCase(item="us-tx/individuals", case="unreadable, and the key safe", before=_no_exceptions),
        ByCase(item="us-ca/processor", case="a controller does not owe it", before=_owed_by("any")),
        ByCase(
            item="us-ny/credit-bureaus",
            case="5,000 people",
            before=lambda duty: replace(duty, threshold=None),
        ),
        ByCase(item="us-ny/late", case="a million people", before=_terms(value=Decimal(100))),
        ByCase(item="us-tx/violation", case="one violation", before=_terms(value=Decimal(100))),
    ),
    "2.22": (ByCase(item="us/sec-8k", case="a foreign private issuer", before=_no_exceptions),),
    "2.23": (
        ByCase(
            item="us/hipaa-individuals",
            case="a low probability that they were compromised",
            before=_no_exceptions,
        ),
        ByCase(item="us/hipaa-associate", case="a processor", before=_owed_by("controller")),
    ),
    "2.24": tuple(
        ByCase(item="sg/individuals", case=case, before=_no_exceptions)
        for case in (
            "later action made harm unlikely",
            "a measure of before makes harm unlikely",
            "the police or the commission want nobody told",
        )
    ),
    "2.25": (ByCase(item="au/fine", case="the benefit is not known", before=_last_terms),),
    "2.26": (ByCase(item="br/individuals-small", case="done at the last second", before=_limit(3)),),
    "2.27": (
        ByWords(
            item="tw/draft-rules",
            holds=lambda item: "72 hours" in item.believed["clock"],
            before=lambda item: replace(item, believed={"clock": "set by rules"}),
        ),
    ),
    "2.28": (
        ByCase(item="za/operator", case="a processor", before=_owed_by("controller")),
        ByCase(item="ng/processor", case="a processor", before=_owed_by("controller")),
        ByWords(
            item="za/offence",
            holds=lambda payment: payment.form == "criminal" and payment.prison_years == 10,
            before=lambda payment: replace(payment, form="administrative-fine"),
        ),
    ),
    "2.29": tuple(
        ByCase(item=item, case=UNPROVEN, before=lambda payment: replace(payment, form="administrative-fine"))
        for item in ("ca/fine", "ke/offence")
    ),
}
# how many rows the list has there; a row that is added needs a line above
LISTED: Final = 29


def test_every_row_has_what_holds_it() -> None:
    assert list(ROWS) == [f"2.{number:02}" for number in range(1, LISTED + 1)]
    assert all(ROWS.values())


def _item(law: Law, name: str) -> Any:
    for group in (law.duties, law.payments, law.precedents, law.unchecked):
        if name in group:
            return group[name]
    raise AssertionError(f"{name} is no item")


@pytest.mark.parametrize(
    ("row", "number"), [(row, number) for row, each in ROWS.items() for number in range(len(each))]
)
def test_what_the_item_said_before_comes_out_otherwise(law: Law, row: str, number: int) -> None:
    held = ROWS[row][number]
    item = _item(law, held.item)
    if isinstance(held, ByWords):
        assert held.holds(item)
        assert not held.holds(held.before(item))
        return
    (case,) = [each for each in item.cases if each.title == held.case]
    fault = duty_case_fault if isinstance(item, Duty) else payment_case_fault
    assert fault(item, case, law) is None
    assert fault(held.before(item), case, law) is not None
