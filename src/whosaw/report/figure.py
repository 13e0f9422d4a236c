"""A picture on the page: drawn for wide and for narrow screens, with the table of its numbers and the lines behind each."""

from __future__ import annotations

from datetime import datetime, tzinfo

from whosaw.core.counts import Count

from .markup import Child, Markup, tag
from .opening import Opener, at, link
from .pictures.data import Cell, Picture
from .pictures.drawing import NARROW, WIDE, inline_svg
from .wording import bare_count, day_and_time, number

__all__ = ["figure"]


def figure(picture: Picture, anchor: str, opener: Opener, *, heading: str = "h4") -> Markup:
    """The picture under its title. `anchor` is unique on the page; a mark leads to its row."""
    numbers = picture.numbers()
    places = {row.name: f"{anchor}-{at_}" for at_, row in enumerate(numbers.rows)}
    notes = " ".join((*picture.notes, f"Times in {picture.zone_name}."))
    title: Child = link(picture.title, anchor) if numbers.rows else picture.title
    return tag(
        "figure",
        tag(heading, title),
        tag("p", notes, class_="faint"),
        tag("p", picture.says, class_="heard"),
        inline_svg(picture, WIDE, "wide", lambda name: f"#{places[name]}"),
        inline_svg(picture, NARROW, "narrow", lambda name: f"#{places[name]}"),
        _numbers(picture, anchor, places, opener) if numbers.rows else None,
        class_="picture",
    )


def _numbers(picture: Picture, anchor: str, places: dict[str, str], opener: Opener) -> Markup:
    numbers = picture.numbers()
    # the name of a row says when it begins
    kept = [at_ for at_, each in enumerate(numbers.columns) if each.name not in ("start", "end")]
    columns = [numbers.columns[at_] for at_ in kept]
    head = [
        tag("th", "Row", scope="col"),
        *(tag("th", each.title, scope="col", class_="n" if each.number else None) for each in columns),
        tag("th", "First lines", scope="col"),
    ]
    rows = [
        tag(
            "tr",
            tag("td", tag("code", row.name)),
            *(
                tag("td", _shown(row.cells[at_], picture.zone), class_="n" if column.number else None)
                for at_, column in zip(kept, columns, strict=True)
            ),
            tag("td", opener.lines(row.lines)),
            id=places[row.name],
        )
        for row in numbers.rows
    ]
    whole = tag("table", tag("thead", tag("tr", *head)), tag("tbody", *rows), aria_label=picture.title)
    return tag(
        "details",
        tag("summary", "Its numbers, and the lines behind each"),
        tag("div", whole, class_="scroll", id=anchor, tabindex=0, role="region", aria_label=picture.title),
        tag("p", "All that is behind a row: ", tag("code", picture.opens), class_="faint")
        if picture.opens
        else None,
    )


def _shown(cell: Cell, zone: tzinfo) -> Child:
    if cell is None:
        return "cannot tell"
    if isinstance(cell, datetime):
        return at(cell, day_and_time(cell, zone))
    if isinstance(cell, Count):
        return bare_count(cell)
    return number(cell) if isinstance(cell, int) else cell
