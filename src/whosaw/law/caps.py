"""The most a law lets somebody ask, worked out step by step from what is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo
from decimal import Decimal

from whosaw.core.law_items import Amount, Area, Term
from whosaw.core.penalties import Cap, Step
from whosaw.core.ranges import UNKNOWN, Range, higher_of, lower_of

from .facts import Facts, Turnover

__all__ = ["cap_of"]

_WORDS = {"only": "", "lower": "the lower of these", "higher": "the higher of these"}


@dataclass(slots=True)
class _Work:
    """What one calculation has found so far."""

    amount: Amount
    facts: Facts
    area: Area
    year: int | None
    steps: list[Step] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    turnover: Range | None = None

    def note(self, text: str, value: Range) -> Range:
        self.steps.append(Step(text=text, value=value))
        return value

    def need(self, what: str) -> None:
        if what not in self.needs:
            self.needs.append(what)


def cap_of(amount: Amount | None, facts: Facts, area: Area, zone: tzinfo) -> Cap | None:
    """The cap of an amount; None where the law names no sum. `zone` decides in which year an event lies."""
    if amount is None:
        return None
    years = {
        at.astimezone(zone).year - 1
        for event in facts.of_kind(amount.year_before)
        for at in (event.when.earliest, event.when.latest)
    }
    work = _Work(amount=amount, facts=facts, area=area, year=years.pop() if len(years) == 1 else None)
    flag = facts.flags.get("turnover.none")
    if amount.if_no_turnover is not None and flag is not None and flag.value:
        said, bounds = (
            "there is no turnover, or none that can be worked out",
            Range.exactly(amount.if_no_turnover),
        )
        if any("day" in term.kind for term in amount.terms):
            days = _sum("days", work)
            said, bounds = (
                f"{said}: {amount.currency} {amount.if_no_turnover:,} x {days} days",
                _product(bounds, days),
            )
        work.note(said, bounds)
        return Cap(
            bounds=bounds, reference=None, turnover=None, steps=tuple(work.steps), needs=tuple(work.needs)
        )
    found = [_term(term, work) for term in amount.terms]
    bounds, reference = _joined(amount.combine, [each[0] for each in found]), None
    if work.turnover is not None:
        reference = _joined(amount.combine, [each[1] for each in found])
    if len(found) > 1:
        work.note(_WORDS[amount.combine], bounds)
    return Cap(
        bounds=bounds,
        reference=reference,
        turnover=work.turnover,
        steps=tuple(work.steps),
        needs=tuple(work.needs),
    )


def _joined(combine: str, ranges: list[Range]) -> Range:
    return higher_of(ranges) if combine == "higher" else lower_of(ranges)


def _term(term: Term, work: _Work) -> tuple[Range, Range]:
    """Bounds of one term, and its value on the stated turnover alone."""
    currency, value = work.amount.currency, term.value
    if term.kind == "fixed":
        found = work.note(f"{currency} {value:,}", Range.exactly(value))
    elif term.kind in ("percent", "percent_per_day"):
        return _percent(term, work)
    elif term.kind == "multiple":
        found = _sum(term.of, work).times(value)
        work.note(f"{value} times {term.of}", found)
    else:
        found = Range.exactly(value)
        words = [f"{currency} {value:,}"]
        if "person" in term.kind:
            people = work.facts.people(work.area)
            if people.high is None:
                work.need(f"an upper bound of the people in {work.area.name}")
            words.append(f"{people} people in {work.area.name}")
            found = _product(found, people)
        if "day" in term.kind:
            days = _sum("days", work)
            words.append(f"{days} days")
            found = _product(found, days)
        work.note(" x ".join(words), found)
    return found, found


def _product(one: Range, other: Range) -> Range:
    high = None if one.high is None or other.high is None else one.high * other.high
    return Range(low=one.low * other.low, high=high)


def _sum(name: str, work: _Work) -> Range:
    """An amount that only the case can state, such as the damage of one person."""
    known = work.facts.sums.get(work.amount.currency, {}).get(name)
    if known is None:
        work.need(f"sums.{work.amount.currency}.{name}")
        return UNKNOWN
    return known


def _percent(term: Term, work: _Work) -> tuple[Range, Range]:
    base, stated = _base(term, work)
    share = term.value / (36_500 if term.kind == "percent_per_day" else 100)
    found, plain = base.times(share), stated.times(share)
    name = f"{term.value}% of it" if term.kind == "percent" else f"{term.value}% of a day's part of it"
    if term.kind == "percent_per_day":
        days = _sum("days", work)
        name, found, plain = f"{name} x {days} days", _product(found, days), _product(plain, days)
    return work.note(name, found), plain


def _base(term: Term, work: _Work) -> tuple[Range, Range]:
    """The turnover a percentage is taken of: as bounds, and as stated for the last year."""
    if work.year is None:
        work.need(f"event {work.amount.year_before}, which says what the year before is")
        return work.note("turnover of the year before: the year is not known", UNKNOWN), UNKNOWN
    last, row = _turnover(term.place, work.year, work)
    stated = last
    if row is not None:
        work.turnover = stated
    base = last
    if term.base != "last-year":
        earlier = [_turnover(term.place, work.year - back, work)[0] for back in (1, 2)]
        total = last.plus(earlier[0]).plus(earlier[1])
        mean = Range(low=Decimal(total.low) / 3, high=None if total.high is None else Decimal(total.high) / 3)
        if term.base == "3-year-average":
            base = work.note("the mean of the last three years", mean)
        else:
            base = work.note(
                "the larger of the last year and the mean of three years", higher_of([last, mean])
            )
    if work.amount.unrelated_left_out:
        unrelated = row.unrelated if row is not None else None
        if unrelated is None:
            work.need(f"turnover {work.year}: the part unrelated to the violation")
            base = work.note(
                "less the part unrelated to the violation, which is not known", Range(low=0, high=base.high)
            )
        else:
            base = work.note(f"less {unrelated} unrelated to the violation", base.less(unrelated))
            stated = stated.less(unrelated)
    return base, stated


def _turnover(place: str, year: int, work: _Work) -> tuple[Range, Turnover | None]:
    """Turnover of a year and place in the currency of the law; that of the world bounds it from above."""
    rows = {row.place: row for row in work.facts.turnover if row.year == year}
    exact, wide = rows.get(place), rows.get("world")
    row = exact or wide
    where = "worldwide" if place == "world" else f"in {place}"
    if exact is None:
        work.need(f"turnover {year} {where}")
    if row is None:
        return work.note(f"turnover {year} {where}: not stated", UNKNOWN), None
    known = _converted(row, work)
    if known is None:
        return UNKNOWN, None
    about = "about " if row.about else ""
    source = f" ({row.source})" if row.source else ""
    if exact is None:
        bound = Range(low=0, high=known.high)
        return work.note(f"turnover {year} {where}: no more than {about}that worldwide{source}", bound), None
    return work.note(f"turnover {year} {where}: {about}{row.currency} {row.amount}{source}", known), row


def _converted(row: Turnover, work: _Work) -> Range | None:
    currency = work.amount.currency
    if row.currency == currency:
        return row.amount
    for rate in work.facts.rates:
        if (rate.source_currency, rate.target_currency) == (row.currency, currency):
            said = f"1 {row.currency} = {currency} {rate.value} on {rate.day.isoformat()} ({rate.source})"
            work.note(said, Range.exactly(rate.value))
            return row.amount.times(rate.value)
    work.need(f"a rate from {row.currency} to {currency}")
    work.note(f"turnover {row.year} is in {row.currency}: no rate to {currency} is stated", UNKNOWN)
    return None
