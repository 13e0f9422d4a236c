"""The picture of all breaches: how many persons each had seen before the first finding, by context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["breach_svg"]

_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_TITLE = "Persons seen before the first finding (logarithmic)"
_NAMES = {
    "full": "all context",
    "imperfect": "all context, logins with gaps",
    "logins": "logins only",
    "none": "no context",
}
_GROUND, _INK, _FAINT, _GRID = "#ffffff", "#1b1f24", "#57606a", "#e4e7eb"
# blue and orange keep apart for every kind of colour sight; the others by shape too
_COLOURS = ("#1f6fb4", "#d1570f", "#757c88", "#111827")
_SHAPES = ("circle", "triangle-up", "square", "diamond")
_CROSS = "M-0.8,-0.8L0.8,0.8M0.8,-0.8L-0.8,0.8"  # drawn, so that no font has to have it
_WIDTH, _ROW = 560, 46


def _values(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A point for each breach and context: at the persons before the first finding, or at all of them where none came."""
    values = []
    for row in rows:
        worst = row["worst"]
        before = worst["persons_before_first"]
        persons = worst["persons_of_breach"] if before is None else before
        values.append(
            {
                "breach": row["breach"],
                "context": _NAMES[row["context"]],
                "persons": max(1, persons),  # a logarithm has no place for 0
                "label": f"{persons:,}",
                "answer": "not found" if before is None else "found",
            }
        )
    return values


def breach_svg(rows: Sequence[Mapping[str, Any]]) -> str:
    """The picture as SVG text; the same rows give the same text. Breaches that saw nobody are left out."""
    import altair as alt
    import vl_convert

    shown = [row for row in rows if row["worst"]["answer"] != "nothing to find"]
    values = _values(shown)
    names = [_NAMES[each] for each in _NAMES if any(row["context"] == each for row in rows)]
    colour = alt.Color(
        "context:N",
        scale=alt.Scale(domain=names, range=list(_COLOURS[: len(names)])),
        legend=alt.Legend(orient="top", title=None, symbolType="square"),
    )
    offset = alt.YOffset("context:N", scale=alt.Scale(domain=names))
    x = alt.X(
        "persons:Q",
        scale=alt.Scale(type="log", domainMin=1),
        axis=alt.Axis(title=_TITLE, format=",d", values=[10**each for each in range(9)]),
    )
    y = alt.Y(
        "breach:N", axis=alt.Axis(title=None, ticks=False, domain=False, labelLimit=220, labelPadding=12)
    )
    base = alt.Chart(alt.InlineData(values=values)).encode(x=x, y=y, yOffset=offset, color=colour)
    found = base.transform_filter("datum.answer === 'found'").mark_point(filled=True, size=70, opacity=1)
    found = found.encode(
        shape=alt.Shape("context:N", scale=alt.Scale(domain=names, range=list(_SHAPES)), legend=None)
    )
    missed = base.transform_filter("datum.answer !== 'found'").mark_point(
        shape=_CROSS, size=70, strokeWidth=2.5, filled=False, opacity=1
    )
    labels = base.mark_text(align="left", dx=9, fontSize=10.5).encode(text="label:N")
    breaches = len({row["breach"] for row in shown})
    chart = (found + missed + labels).properties(
        width=_WIDTH,
        height=max(1, breaches) * _ROW,
        title=alt.TitleParams(
            "How many persons a breach had seen before the first finding",
            subtitle="A cross is a breach that was not found: it stands at all persons whom the breach saw.",
            anchor="start",
            frame="group",
            offset=10,
        ),
        description="Table 1 of this page holds these numbers.",
    )
    spec = _styled(chart).to_dict()
    svg: str = vl_convert.vegalite_to_svg(spec, vl_version="6.1", show_warnings=False)
    return svg


def _styled(chart: Any) -> Any:
    return (
        chart.configure(background=_GROUND, font=_FONT, padding=16)
        .configure_view(stroke=None)
        .configure_title(color=_INK, subtitleColor=_FAINT, fontSize=16, subtitleFontSize=12)
        .configure_axis(
            labelColor=_INK,
            titleColor=_FAINT,
            gridColor=_GRID,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            titlePadding=10,
        )
        .configure_legend(labelColor=_INK, labelFontSize=12.5)
    )
