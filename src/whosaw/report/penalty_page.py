"""What a case can cost, as one page: each range with its arithmetic, and precedents with their ratios."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .law_page import law_page, mark, rows
from .law_wording import bounds, in_force_line, places_that_may_apply, unverified_lines, wanted
from .markup import Markup, tag

__all__ = ["penalty_page"]


def penalty_page(document: Mapping[str, Any]) -> str:
    """The whole page. The same document gives the same text."""
    reached = [each for each in document["penalties"] if each["applies"]["answer"] == "met"]
    lead = "Ranges that the law sets, with their arithmetic. A range is a bound: it does not say what will be asked."
    sections: list[Markup | None] = []
    for place in sorted({each["place"] for each in reached}):
        sections.append(tag("h2", place))
        sections += [_item(each, document) for each in reached if each["place"] == place]
    if document["precedents"]:
        sections += [tag("h2", "Precedents"), _precedents(document["precedents"])]
    may = places_that_may_apply(document["penalties"])
    if may:
        sections += [tag("h2", "May apply too"), rows(may)]
    return law_page(f"Penalties and rights of case {document['case']}", lead, document, sections)


def _item(each: Mapping[str, Any], document: Mapping[str, Any]) -> Markup:
    cap = each["cap"]
    confidence = "" if each["confidence"] == "statute-read" else each["confidence"]
    governs = "" if each["in_force"]["answer"] == "met" else in_force_line(each).partition(":")[0]
    prison = f", up to {each['prison_years']} years of prison" if each["prison_years"] else ""
    asked = [f"Cannot tell: needs {wanted(need, document['questions'])}" for need in each["grounds"]["needs"]]
    asked += [f"Cannot tell: needs {need}" for need in (cap["needs"] if cap else ())]
    person = each["each_person"]
    return tag(
        "section",
        tag("h3", each["title"], mark(confidence), mark(governs)),
        tag("p", f"For {each['for']}. {each['statute']}, {each['article']} ({each['text']})."),
        tag("p", in_force_line(each), "."),
        tag("p", f"Grounds: {each['grounds']['answer']}."),
        rows(each["grounds"]["because"]),
        tag("p", tag("strong", f"{each['range']}{prison}")),
        _steps(cap) if cap else None,
        tag("p", f"For each person who claims: {each['currency']} {bounds(person)}. A bound, not a forecast.")
        if person
        else None,
        rows(asked),
        rows([*each["rules"], *each["notes"]]),
        rows(_imposed(each)),
        rows(unverified_lines(each)),
        tag(
            "p",
            f"Item {each['id']}, reviewed {each['reviewed']}. Sources: {'; '.join(each['sources'])}",
            class_="faint",
        ),
        class_="item",
    )


def _steps(cap: Mapping[str, Any]) -> Markup | None:
    found = [tag("tr", tag("td", step["text"]), tag("td", bounds(step), class_="n")) for step in cap["steps"]]
    return tag("div", tag("table", tag("tbody", *found)), class_="scroll") if found else None


def _imposed(each: Mapping[str, Any]) -> list[str]:
    found = []
    for done in each["imposed"]:
        shares = [
            f"{done[key]}{words}"
            for key, words in (
                ("share_of_cap_percent", "% of the cap on the stated turnover"),
                ("share_of_turnover_percent", "% of that turnover"),
                ("for_each_person_at_most", " at most for each person"),
            )
            if key in done
        ]
        text = f"Imposed on {done['day']} by {done['by']}: {done['currency']} {bounds(done['amount'])}"
        found.append(
            f"{text} ({'; '.join(shares)}). {done['source']}" if shares else f"{text}. {done['source']}"
        )
    return found


def _precedents(precedents: list[Mapping[str, Any]]) -> Markup:
    found = []
    for each in precedents:
        person, share = each["for_each_person"], each["percent_of_turnover"]
        about = "about " if each["turnover_about"] else ""
        confidence = "" if each["confidence"] == "statute-read" else each["confidence"]
        cells = (
            tag(
                "td",
                each["title"],
                " ",
                mark(confidence),
                tag("br"),
                tag("span", each["for"], class_="faint"),
            ),
            tag("td", each["authority"], tag("br"), each["decided"]),
            tag("td", f"{each['currency']} {bounds(each['amount'])}", class_="n"),
            tag("td", bounds(each["people"]) if each["people"] else "not known", class_="n"),
            tag("td", person["upper"] if person else "cannot be told", class_="n"),
            tag("td", f"{about}{share['upper']}%" if share else "cannot be told", class_="n"),
        )
        found.append(tag("tr", *cells))
    names = ("case", "authority", "amount", "people", "for each person", "of turnover")
    head = tag("tr", *(tag("th", name, scope="col") for name in names))
    return tag("div", tag("table", tag("thead", head), tag("tbody", *found)), class_="scroll")
