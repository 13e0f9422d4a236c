"""What a case can cost, as one page: each range with its arithmetic, and precedents with their ratios."""

from __future__ import annotations

from collections.abc import Iterable

from whosaw.core.case_head import CasePenalties
from whosaw.core.law_items import Precedent, cited
from whosaw.core.penalties import Cap, ImposedSum, PaymentAnswer
from whosaw.core.truth import Truth

from .law_page import law_page, mark, rows
from .law_wording import (
    bounds,
    capital,
    governs,
    grounds_line,
    in_force_line,
    places_that_may_apply,
    unverified,
    wanted,
    whose_word,
)
from .markup import Markup, tag

__all__ = ["penalty_page"]


def penalty_page(result: CasePenalties) -> str:
    """The whole page. The same penalties give the same text."""
    reached = [each for each in result.penalties if each.reached]
    lead = "Ranges that the law sets, with their arithmetic. A range is a bound: it does not say what will be asked."
    sections: list[Markup | None] = []
    for place in sorted({each.area.name for each in reached}):
        sections.append(tag("h2", place))
        sections += [_item(each, result) for each in reached if each.area.name == place]
    if result.precedents:
        sections += [tag("h2", "Precedents"), _precedents(result.precedents)]
    may = places_that_may_apply(result.penalties)
    if may:
        sections += [tag("h2", "May apply too"), rows(may)]
    return law_page(f"Penalties and rights of case {result.head.case}", lead, result.head, sections)


def _item(each: PaymentAnswer, result: CasePenalties) -> Markup:
    cap, payment, origin = each.cap, each.payment, each.payment.origin
    confidence = "" if origin.confidence == "statute-read" else origin.confidence
    governed = "" if each.in_force.truth is Truth.YES else governs(each)
    prison = f", up to {payment.prison_years} years in prison" if payment.prison_years else ""
    asked = [capital(wanted(need, result.questions)) for need in each.grounds.needs]
    asked += [f"Still needed: {need}" for need in (cap.needs if cap else ())]
    currency = payment.amount.currency if payment.amount else ""
    return tag(
        "section",
        tag("h3", origin.title, mark(confidence), mark(governed)),
        tag("p", f"For {payment.why}. {cited(origin.statute, origin.article)} ({origin.text})."),
        tag("p", capital(in_force_line(each)), "."),
        tag("p", f"{capital(grounds_line(each))}."),
        rows([capital(line) for line in whose_word(each)]),
        tag("p", tag("strong", f"{each.range}{prison}")),
        _steps(cap) if cap else None,
        tag(
            "p",
            f"For each person who claims: {currency} {bounds(each.each_person)}. A bound, not a forecast.",
        )
        if each.each_person
        else None,
        rows(asked),
        rows([*payment.rules, *payment.notes]),
        rows([_imposed(one) for one in each.imposed]),
        rows(unverified(origin.unverified)),
        tag(
            "p",
            f"Item {origin.id}, reviewed {origin.reviewed.isoformat()}. Sources: {'; '.join(origin.sources)}",
            class_="faint",
        ),
        class_="item",
    )


def _steps(cap: Cap) -> Markup | None:
    found = [tag("tr", tag("td", step.text), tag("td", bounds(step.value), class_="n")) for step in cap.steps]
    return tag("div", tag("table", tag("tbody", *found)), class_="scroll") if found else None


def _imposed(done: ImposedSum) -> str:
    shares = [
        f"{share}{words}"
        for share, words in (
            (done.share_of_cap_percent, "% of the cap on the stated turnover"),
            (done.share_of_turnover_percent, "% of that turnover"),
            (done.for_each_person_at_most, " at most for each person"),
        )
        if share
    ]
    one = done.imposed
    text = f"Imposed on {one.day.isoformat()} by {one.by}: {one.currency} {bounds(one.amount)}"
    return f"{text} ({'; '.join(shares)}). {one.source}" if shares else f"{text}. {one.source}"


def _precedents(precedents: Iterable[Precedent]) -> Markup:
    found = []
    for each in precedents:
        person, share = each.for_each_person, each.percent_of_turnover
        about = "about " if each.turnover_about else ""
        confidence = "" if each.origin.confidence == "statute-read" else each.origin.confidence
        cells = (
            tag(
                "td",
                each.origin.title,
                " ",
                mark(confidence),
                tag("br"),
                tag("span", each.why, class_="faint"),
            ),
            tag("td", each.authority, tag("br"), each.decided),
            tag("td", f"{each.currency} {bounds(each.amount)}", class_="n"),
            tag("td", bounds(each.people) if each.people else "not known", class_="n"),
            tag("td", person.upper if person else "cannot be told", class_="n"),
            tag("td", f"{about}{share.upper}%" if share else "cannot be told", class_="n"),
        )
        found.append(tag("tr", *cells))
    names = ("case", "authority", "amount", "people", "for each person", "of turnover")
    head = tag("tr", *(tag("th", name, scope="col") for name in names))
    return tag("div", tag("table", tag("thead", head), tag("tbody", *found)), class_="scroll")
