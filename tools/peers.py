"""The table and the plot of whosaw beside its peers, from docs/performance/peers.json (bench/peers.py).

Every time is a whole process. The time that whosaw takes for the first answer (reading the log and asking) is
1. Ratios are taken turn by turn, so that they hold on a machine whose speed drifts; the median is shown.
"""

from __future__ import annotations

import statistics
from typing import Any

from tools.generated import table

__all__ = ["chart", "plot_svg", "tables"]

_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_INK, _FAINT, _GRID = "#1b1f24", "#57606a", "#e4e7eb"
_OURS, _OTHERS = "#1f6fb4", "#d1570f"  # apart for every kind of colour sight, 3:1 or more on white


def tables(document: dict[str, Any]) -> str:
    """The part of the page about the peers, as Markdown."""
    heads = [_head(question) for question in document["questions"]]
    log, machine = document["log"], document["machine"]
    rows = _rows(document)
    ratios = [
        [row["label"], *(_ratio_cell(document, row, name) for name in _names(document)), _memory(row)]
        for row in rows
    ]
    seconds = [
        [row["label"], *(_seconds_cell(row, name) for name in _names(document))]
        for row in rows
        if row["asked"]
    ]
    how = [
        [each["label"], each["version"], each["how"]] for each in document["contenders"] if not each["absent"]
    ]
    absent = [f"Not there: {each['absent']}.\n" for each in document["contenders"] if each["absent"]]
    where = (
        f"Measured on {document['measured']} with {log['lines']:,} lines ({log['bytes'] / 1e6:,.0f} MB) on "
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory_bytes'] / 2**30:.0f} GiB. "
        f"whosaw reads the log in {document['reading']['seconds']['median']:.2f} s, once.\n"
    )
    return "\n".join(
        [
            where,
            *absent,
            table(["time, whosaw's first answer = 1", *heads, "most memory"], ratios),
            "Seconds, the middle one of the runs (smallest to largest; number of runs):\n",
            table(["seconds", *heads], seconds),
            f"{_agreement(document)}\n",
            table(["contender", "version", "how it answers"], how),
        ]
    )


def _names(document: dict[str, Any]) -> list[str]:
    return [question["name"] for question in document["questions"]]


def _head(question: dict[str, str]) -> str:
    return question["says"].partition(":")[0]


def _rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    """One row per contender, whosaw as two: `asked` holds what is known by name of question."""
    rows: list[dict[str, Any]] = []
    for each in document["contenders"]:
        if each["absent"]:
            rows.append({"label": each["label"], "ours": False, "asked": {}})
            continue
        ours = "with_reading" in each
        asked = each["questions"]
        if ours:
            first = {name: {**asked[name], **spread} for name, spread in each["with_reading"].items()}
            rows.append({"label": f"{each['label']}, first answer", "ours": True, "asked": first})
        again = f"{each['label']}, asked again" if ours else each["label"]
        rows.append({"label": again, "ours": ours, "asked": asked})
    return rows


def _ratio(document: dict[str, Any], state: dict[str, Any], name: str) -> float:
    """The median over the turns of this time by that of whosaw's first answer in the same turn."""
    ours = next(each for each in document["contenders"] if "with_reading" in each)
    first = ours["with_reading"][name]["seconds"]["each"]
    turns: list[float] = [mine / whole for mine, whole in zip(state["seconds"]["each"], first, strict=False)]
    return statistics.median(turns)


def _shown(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 9.95 else f"{ratio:.0f}"


def _ratio_cell(document: dict[str, Any], row: dict[str, Any], name: str) -> str:
    if not row["asked"]:
        return "not there"
    state = row["asked"].get(name, {"outcome": "failed", "why": ""})
    word = {"agrees": "", "own": f"counts by its own rule: {_answer(state.get('answer'))}", "differs": f"**differs**: {_answer(state.get('answer'))}"}  # fmt: skip
    told = word.get(state["outcome"], f"{state['outcome']}{': ' if state['why'] else ''}{state['why']}")
    if "seconds" not in state:
        return told
    shown = _shown(_ratio(document, state, name))
    return f"{shown} ({told})" if told else shown


def _answer(answer: dict[str, Any] | None) -> str:
    if answer is None:
        return "none"
    if answer["text"].isdecimal():
        return f"{int(answer['text']):,}"
    return answer["text"] or f"{answer['rows']:,} rows, SHA-256 {answer['checksum'][:8]}"


def _seconds_cell(row: dict[str, Any], name: str) -> str:
    state = row["asked"].get(name, {})
    if "seconds" not in state:
        return ""
    low, middle, high = (state["seconds"][each] for each in ("min", "median", "max"))
    if state["runs"] == 1:
        return f"{middle:.2f} (1)"
    return f"{middle:.2f} ({low:.2f} to {high:.2f}; {state['runs']})"


def _memory(row: dict[str, Any]) -> str:
    peaks = [state["peak_bytes"] for state in row["asked"].values() if state.get("peak_bytes")]
    return f"{max(peaks) / 1e6:,.0f} MB" if peaks else ""


def _agreement(document: dict[str, Any]) -> str:
    compared = [
        state["outcome"]
        for each in document["contenders"]
        for state in each.get("questions", {}).values()
        if state["outcome"] in ("agrees", "differs")
    ]
    agree = compared.count("agrees")
    answers = document["answers"]
    told = "; ".join(
        f"{_head(question)} {_answer(answers[question['name']])}" for question in document["questions"]
    )
    verdict = f"all {agree}" if agree == len(compared) else f"{agree} of {len(compared)}"
    return f"A plain count in Python answers: {told}. Of the answers that can be compared with it, {verdict} are the same."


def chart(document: dict[str, Any]) -> dict[str, Any]:
    """The plot as a Vega-Lite document: a panel per question, a line per contender, time on a logarithmic axis."""
    import altair as alt

    rows = _rows(document)
    heads = [_head(question) for question in document["questions"]]
    order = [row["label"] for row in rows]
    title = alt.TitleParams(
        f"The same three questions about one log of {document['log']['lines']:,} lines",
        subtitle="A dot is the median time of the whole process, its line runs from fastest to slowest. "
        "Beside it: times whosaw's first answer.",
        anchor="start",
        frame="group",
        offset=14,
        subtitlePadding=6,
    )
    header = alt.Header(labelFontSize=13, labelFontWeight="bold", labelColor=_INK, labelAnchor="start")
    panels = (
        _panel(_marks(document, rows), order)
        .properties(width=205, height=26 * len(order))
        .facet(column=alt.Column("question:N", sort=heads, title=None, header=header), spacing=22)
        .properties(title=title)
    )
    spec: dict[str, Any] = (
        panels.configure(background="#ffffff", font=_FONT, padding=16)
        .configure_view(stroke=None)
        .configure_title(color=_INK, subtitleColor=_FAINT, fontSize=17, subtitleFontSize=12.5)
        .configure_axis(
            labelColor=_INK,
            titleColor=_FAINT,
            gridColor=_GRID,
            domainColor=_FAINT,
            tickColor=_FAINT,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            titlePadding=8,
        )
        .to_dict()
    )
    return spec


def _marks(document: dict[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What stands in each panel: times with their ratio, or a word in their place (`word`)."""
    marks: list[dict[str, Any]] = []
    for question in document["questions"]:
        for row in rows:
            name, state = question["name"], row["asked"].get(question["name"], {})
            mark = {"contender": row["label"], "question": _head(question), "ours": row["ours"]}
            if "seconds" not in state:
                marks.append({**mark, "word": True, "text": state.get("outcome", "not there")})
                continue
            note = {"agrees": "", "own": " (own count)"}.get(state["outcome"], f" ({state['outcome']})")
            text = f"{_shown(_ratio(document, state, name))}{note}"
            marks.append({**mark, "word": False, **_spread(state), "text": text})
    return marks


def _spread(state: dict[str, Any]) -> dict[str, float]:
    return {each: state["seconds"][each] for each in ("min", "median", "max")}


def _panel(marks: list[dict[str, Any]], order: list[str]) -> Any:
    import altair as alt

    lowest = min(mark["min"] for mark in marks if not mark["word"]) / 1.6
    highest = max(mark["max"] for mark in marks if not mark["word"]) * 3.5  # room for the last number
    scale = alt.Scale(type="log", domain=[lowest, highest], nice=False)
    ticks = [tick for tick in (0.01, 0.1, 1, 10, 100, 1000) if lowest <= tick <= highest]
    axis = alt.Axis(title="seconds, logarithmic", values=ticks, format="~g")
    names = alt.Axis(title=None, domain=False, ticks=False, labelLimit=200, labelPadding=8)
    y = alt.Y("contender:N", sort=order, axis=names)
    colours = alt.Scale(domain=[True, False], range=[_OURS, _OTHERS])
    colour = alt.Color("ours:N", scale=colours, legend=None)
    base = alt.Chart(alt.InlineData(values=marks))  # one source for all layers, so that they can be panels
    timed, said = base.transform_filter("!datum.word"), base.transform_filter("datum.word")
    spread = timed.mark_rule(strokeWidth=2).encode(
        x=alt.X("min:Q", scale=scale, axis=axis), x2="max:Q", y=y, color=colour
    )
    dots = timed.mark_point(filled=True, size=90, opacity=1).encode(
        x=alt.X("median:Q", scale=scale), y=y, color=colour
    )
    ratios = timed.mark_text(align="left", dx=9, fontSize=12, color=_INK).encode(
        x=alt.X("max:Q", scale=scale), y=y, text="text:N"
    )
    words = said.mark_text(align="left", fontSize=12, fontStyle="italic", color=_FAINT).encode(
        x=alt.value(6), y=y, text="text:N"
    )
    return alt.layer(spread, dots, ratios, words)


def plot_svg(document: dict[str, Any]) -> str:
    """The plot as SVG text. The same document gives the same text."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(chart(document), vl_version="6.1", show_warnings=False)
    return f"{svg}\n"
