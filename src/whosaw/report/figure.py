"""A picture on the page: drawn for wide and for narrow screens, with the table of its numbers and the lines behind each."""

from __future__ import annotations

from datetime import datetime, tzinfo

from whosaw.core.counts import Count

from .markup import Child, Markup, tag
from .opening import Opener, at, link
from .pictures.data import Cell, Picture
from .pictures.drawing import NARROW, WIDE, inline_svg
from .saying import worded
from .wording import bare_count, day_and_time, number

__all__ = ["figure"]


def figure(picture: Picture, anchor: str, opener: Opener, *, heading: str = "h4") -> Markup:
    """The picture under its title. `anchor` is unique on the page; a mark leads to its row."""
    numbers = picture.numbers()
    places = {row.name: f"{anchor}-{at_}" for at_, row in enumerate(numbers.rows)}
    notes = worded(" ".join((*picture.notes, f"Times in {picture.zone_name}.")))
    called, says = worded(picture.title), worded(picture.says)
    title: Child = link(called, anchor) if numbers.rows else called
    return tag(
        "figure",
        tag(heading, title, lang=called.lang),
        tag("p", notes, class_="faint", lang=notes.lang),
        tag("p", says, class_="heard", lang=says.lang),
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
        tag("th", worded("Row"), scope="col"),
        *(
            tag("th", worded(each.title), scope="col", class_="n" if each.number else None)
            for each in columns
        ),
        tag("th", worded("First lines"), scope="col"),
    ]
    rows = [
        tag(
            "tr",
            tag("td", tag("code", row.name)),
            *(
                _cell(row.cells[at_], picture.zone, number_=column.number)
                for at_, column in zip(kept, columns, strict=True)
            ),
            tag("td", opener.lines(row.lines)),
            id=places[row.name],
        )
        for row in numbers.rows
    ]
    called = worded(picture.title)
    whole = tag("table", tag("thead", tag("tr", *head)), tag("tbody", *rows), aria_label=called)
    return tag(
        "details",
        tag("summary", worded("Its numbers, and the lines behind each")),
        tag("div", whole, class_="scroll", id=anchor, tabindex=0, role="region", aria_label=called),
        tag("p", worded("All that is behind a row:"), " ", tag("code", picture.opens), class_="faint")
        if picture.opens
        else None,
    )


def _cell(cell: Cell, zone: tzinfo, *, number_: bool) -> Markup:
    told = worded(_told(cell, zone))
    shown = at(cell, told) if isinstance(cell, datetime) else told
    return tag("td", shown, class_="n" if number_ else None, lang=told.lang)


def _told(cell: Cell, zone: tzinfo) -> str:
    if cell is None:
        return "cannot tell"
    if isinstance(cell, datetime):
        return day_and_time(cell, zone)
    if isinstance(cell, Count):
        return bare_count(cell)
    return number(cell) if isinstance(cell, int) else cell
