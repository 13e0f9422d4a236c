"""An item of law in words: where it stands, whom it binds, when, within what time, unless what, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from whosaw.core.law_items import Amount, Content, InForce, Origin, Precedent, Term

from .conditions import Condition
from .facts import EVENTS
from .items import CRIME, Duty, Law, Payment, UncheckedLaw

__all__ = ["ItemWords", "condition_lines", "item_words"]

_SURE: Final = {
    "statute-read": "the text of the law was read",
    "secondary": "read with a law firm, an authority or the press, not in the text itself",
    "unverified": "from general knowledge: nobody has opened a source",
}
_GROUPS: Final = {"all": "all of", "any": "one of", "not": "not"}
_BASE: Final = {
    "last-year": "last year's turnover",
    "3-year-average": "the mean turnover of three years",
    "larger-of-last-year-and-3-year-average": "last year's turnover or the mean of three years, whichever is larger",
}
_COMBINE: Final = {"only": "", "lower": "the lower of ", "higher": "the higher of "}
_ROLE: Final = {"controller": "the controller", "processor": "the processor", "any": "whoever it befalls"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemWords:
    """An item as rows of (what, sentences); a row without sentences is left out."""

    item: str
    title: str
    kind: str
    place: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def item_words(law: Law, item: str) -> ItemWords | None:
    """The item of that id; None where there is none."""
    if duty := law.duties.get(item):
        return _told(law, duty.origin, "duty", _duty(law, duty))
    if payment := law.payments.get(item):
        return _told(law, payment.origin, payment.kind, _payment(law, payment))
    if precedent := law.precedents.get(item):
        return _told(law, precedent.origin, "precedent", _precedent(precedent))
    if unchecked := law.unchecked.get(item):
        return _told(law, unchecked.origin, "unchecked", _unchecked(law, unchecked))
    return None


def _told(law: Law, origin: Origin, kind: str, rows: Iterable[tuple[str, Iterable[str]]]) -> ItemWords:
    every: list[tuple[str, Iterable[str]]] = [
        ("stands in", (f"{origin.statute}, {origin.article}",)),
        *rows,
        ("how sure", (f"{origin.confidence}: {_SURE[origin.confidence]}", origin.text)),
        ("not checked", (f"{part}: {why}" for part, why in sorted(origin.unverified.items()))),
        ("sources", origin.sources),
        ("last review", (origin.reviewed.isoformat(),)),
    ]
    told = [(name, tuple(text for text in texts if text)) for name, texts in every]
    return ItemWords(
        item=origin.id,
        title=origin.title,
        kind=kind,
        place=law.jurisdictions[origin.jurisdiction].area.name,
        rows=tuple(row for row in told if row[1]),
    )


def _duty(law: Law, duty: Duty) -> Iterator[tuple[str, Iterable[str]]]:
    clock = duty.clock
    yield "owed by", (_ROLE[duty.owed_by],)
    yield "to", (duty.recipient,)
    yield "in force", (_in_force(duty.in_force),)
    yield "if", _if(law, duty.applies, duty.threshold)
    yield "unless", _unless(law, duty)
    yield "from when", (EVENTS[each] for each in clock.starts)
    words = clock.words if clock.words or clock.period is None else ""
    figure = "" if clock.period is None else f"{clock.period.limit} {clock.period.unit}"
    expected = "; an authority expects it, the law does not say it" if clock.force == "guidance" else ""
    yield "within", (f"{'; '.join(filter(None, (figure, words)))}{expected}",)
    yield "again", (f"{clock.again}: {clock.again_because}" if clock.again else "",)
    yield "may be late", (*duty.delays, "a late one gives its reasons" if duty.late_needs_reasons else "")
    yield "must say", (_content(each) for each in duty.contents)
    yield "in phases", (duty.phasing,)
    yield "form", (duty.form, duty.language)
    yield "breach brings", duty.consequences
    yield "notes", duty.notes


def _unless(law: Law, duty: Duty) -> Iterator[str]:
    for way in duty.exceptions:
        yield f"{way.text}:"
        yield from condition_lines(way.when, law, 1)


def _content(content: Content) -> str:
    where = f" ({content.article})" if content.article else ""
    return f"{content.text}{where}{'; not checked' if content.unverified else ''}"


def _payment(law: Law, payment: Payment) -> Iterator[tuple[str, Iterable[str]]]:
    yield "form", (payment.form,)
    yield "for", (payment.why,)
    yield "in force", (_in_force(payment.in_force),)
    yield "if", _if(law, payment.applies, payment.when)
    yield "answers", (payment.duty,)
    yield "amount", () if payment.amount is None else _amount(payment.amount)
    prison = f"up to {payment.prison_years} years" if payment.prison_years else ""
    yield "prison", (f"{prison}; only a court can say that it is met" if payment.form == CRIME else prison,)
    yield "rules", payment.rules
    yield "notes", payment.notes


def _precedent(precedent: Precedent) -> Iterator[tuple[str, Iterable[str]]]:
    yield "decided by", (f"{precedent.authority}, {precedent.decided}",)
    yield "for", (precedent.why,)
    yield "amount", (f"{precedent.currency} {precedent.amount}",)
    yield "people", () if precedent.people is None else (str(precedent.people),)
    yield "notes", precedent.notes


def _unchecked(law: Law, item: UncheckedLaw) -> Iterator[tuple[str, Iterable[str]]]:
    yield "what to do", ("its text was not checked, so it has no clock here: ask a lawyer",)
    yield "in force", (_in_force(item.in_force),)
    yield "if", _if(law, item.applies)
    yield "believed, not checked", (f"{name}: {text}" for name, text in item.believed.items())


def _in_force(in_force: InForce) -> str:
    if in_force.start is None and in_force.end is None:
        return ""
    decided = {
        "start": "the start of the clock",
        "due": "the end of the duty's clock",
        "grounds": "its grounds, which hold their own days",
    }
    return f"{in_force.text()}, decided by {decided.get(in_force.decided_by) or EVENTS[in_force.decided_by]}"


def _if(law: Law, *conditions: Condition | None) -> Iterator[str]:
    for each in conditions:
        if each is not None:
            for part in each.parts if each.kind == "all" else (each,):
                yield from condition_lines(part, law)


def condition_lines(condition: Condition, law: Law, depth: int = 0) -> Iterator[str]:
    """A condition, a line each; what belongs to a group stands below it, two blanks further in for each step."""
    indent = "  " * depth
    if condition.kind in _GROUPS:
        yield f"{indent}{_GROUPS[condition.kind]}:"
        for each in condition.parts:
            yield from condition_lines(each, law, depth + 1)
    else:
        yield f"{indent}{_leaf(condition, law)}"


def _leaf(condition: Condition, law: Law) -> str:
    if condition.kind == "people-in-one":
        return f"at least {condition.least:,} people of one state were seen"
    if condition.kind == "people":
        return f"at least {condition.least:,} people of the place were seen"
    if condition.kind == "category":
        return f"any of these was seen: {', '.join(condition.keys)}"
    if condition.kind == "event":
        since = f", on or after {condition.since.isoformat()}" if condition.since else ""
        return f"{EVENTS[condition.key]}{since}"
    group, _, name = condition.key.partition(".")
    if group == "role":
        return f"the organisation is the {name}"
    if group == "sector":
        return f"the organisation {law.sectors[name]}"
    if condition.key in ("established", "listed"):
        return f"the organisation is {condition.key} there"
    return f"yes to: {law.questions[condition.key]} ({condition.key})"


def _amount(amount: Amount) -> Iterator[str]:
    parts = [_term(each, amount.currency) for each in amount.terms]
    yield f"up to {_COMBINE[amount.combine]}{' and '.join(parts)}"
    if amount.least is not None:
        yield f"at least {amount.currency} {amount.least:,f}"
    if amount.if_no_turnover is not None:
        yield f"up to {amount.currency} {amount.if_no_turnover:,f} where there is no turnover"


def _term(term: Term, currency: str) -> str:
    base = _BASE.get(term.base, term.base)
    of = f" of {base}{'' if term.place in ('', 'world') else f' in {term.place}'}"
    money, share = f"{currency} {term.value:,f}", f"{_share(term.value)} %"
    return {
        "fixed": money,
        "percent": f"{share}{of}",
        "per_person": f"{money} for each person",
        "per_day": f"{money} a day",
        "per_person_day": f"{money} a day for each person",
        "percent_per_day": f"{share} a day of the daily average{of}",
        "multiple": f"{_share(term.value)} times the {term.of}",
    }[term.kind]


def _share(value: Decimal) -> str:
    return f"{value.normalize():f}"
