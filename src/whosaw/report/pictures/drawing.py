"""A picture as a drawing: which one it is, as one SVG file, as PNG, and as two sizes within a page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from whosaw.core.errors import WhosawError
from whosaw.report.markup import Markup, join, tag, trusted

from .canvas import LINE, Links, Plot, label, place, wrapped
from .data import (
    CategoriesByActor,
    CoverageOfSources,
    Networks,
    NumberOrder,
    OverTime,
    PersonTime,
    Picture,
    ScopeVersions,
    Telling,
    WeekHours,
)
from .grids import plot_order, plot_week
from .over_time import plot_over_time
from .rows import plot_categories, plot_coverage, plot_networks, plot_person, plot_telling, plot_versions

if TYPE_CHECKING:
    from typst import Fonts

__all__ = ["NARROW", "WIDE", "inline_svg", "picture_png", "picture_style", "picture_svg", "plot"]

WIDE: Final = 900
NARROW: Final = 320
_MARGIN: Final = 20.0
_DATA: Final = Path(__file__).parents[2] / "data"
_PNG_SCALE: Final = 2.0


def picture_style() -> str:
    """The style sheet of pictures: colours for light and for dark, told apart by every kind of colour sight."""
    return (_DATA / "report" / "pictures.css").read_text(encoding="utf-8")


def plot(data: Picture, width: float, links: Links = None) -> Plot:
    """The drawing itself, without title, so many pixels wide."""
    match data:
        case OverTime():
            return plot_over_time(data, width, links)
        case WeekHours():
            return plot_week(data, width, links)
        case NumberOrder():
            return plot_order(data, width, links)
        case Networks():
            return plot_networks(data, width, links)
        case PersonTime():
            return plot_person(data, width, links)
        case CategoriesByActor():
            return plot_categories(data, width, links)
        case ScopeVersions():
            return plot_versions(data, width, links)
        case CoverageOfSources():
            return plot_coverage(data, width, links)
        case Telling():
            return plot_telling(data, width, links)


def inline_svg(data: Picture, width: int, class_: str, links: Links) -> Markup:
    """The drawing for a page that has the style sheet, and tells title, words and numbers beside it: for the eye and the mouse alone."""
    made = plot(data, width, links)
    return tag(
        "svg",
        made.marks,
        viewBox=f"-1 0 {width + 2} {place(made.height)}",
        aria_hidden="true",
        focusable="false",
        class_=f"pic {class_}",
    )


def picture_svg(data: Picture, *, width: int = WIDE) -> str:
    """The picture as one file, with title, zone and what has to be said. The same data give the same text."""
    return _svg(data, width, picture_style())


def picture_png(data: Picture, *, width: int = WIDE) -> bytes:
    """The same in light colours as pixels, twice as many as the SVG is wide, with the letters that whosaw carries."""
    import typst

    light = picture_style().partition("@media")[0]
    source = (
        "#set page(width: auto, height: auto, margin: 0pt)\n"
        '#image(bytes(sys.inputs.picture), format: "svg", width: '
        f"{width}pt)\n"
    )
    try:
        made = typst.compile(
            source.encode(),
            font_paths=_fonts(),
            sys_inputs={"picture": _svg(data, width, light)},
            format="png",
            ppi=72 * _PNG_SCALE,
        )
    except typst.TypstError as fault:
        raise WhosawError(
            "picture.png",
            f"the picture could not be made as PNG ({str(fault).splitlines()[0]})",
            hint="Write it as SVG",
        ) from fault
    assert isinstance(made, bytes)
    return made


@cache
def _fonts() -> Fonts:
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_DATA / "fonts"])


def _svg(data: Picture, width: int, style: str) -> str:
    inside = width - 2 * _MARGIN
    marks: list[Markup] = []
    y = _MARGIN
    for line in wrapped(data.title, inside, 19.5):  # set bold, its letters are wider
        marks.append(label(line, 0, y + 14, class_="title"))
        y += 23
    for words in (*data.notes, _zone_of(data)):
        for line in wrapped(words, inside):
            marks.append(label(line, 0, y + 11, class_="faint"))
            y += LINE
    y += 12
    made = plot(data, inside)
    height = y + made.height + _MARGIN
    drawn = tag(
        "svg",
        tag("title", data.title, id="title"),
        tag("desc", data.says, id="desc"),
        tag("style", trusted(style)),
        tag("rect", width="100%", height="100%", class_="ground"),
        tag(
            "g",
            *marks,
            tag("g", made.marks, transform=f"translate(0 {place(y)})"),
            transform=f"translate({place(_MARGIN)} 0)",
        ),
        xmlns="http://www.w3.org/2000/svg",
        width=str(width),
        height=place(height),
        viewBox=f"0 0 {width} {place(height)}",
        role="img",
        aria_labelledby="title desc",
        class_="pic",
    )
    return str(join([drawn, "\n"]))


def _zone_of(data: Picture) -> str:
    return f"Times in {data.zone_name}."
