"""The part of the performance page about a breach of national size: text with tables, and the growth as a picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import vl_convert

from tools.generated import table

__all__ = ["national_picture", "national_section"]

_PHASES = (
    ("read", "read into segments"),
    ("index", "ledger"),
    ("findings", "findings"),
    ("counts", "exact counts"),
)
_PICTURE_WIDTH = 560
_PICTURE_HEIGHT = 320
_INK = "#1f4e79"


def national_section(told: Mapping[str, Any], picture: str) -> str:
    """Markdown from the document that `bench.national` wrote. `picture` is where the drawing stands, seen from the page."""
    machine = told["machine"]
    parts = [
        (
            "Replays of the breach in the case, of growing size: scale 1 has 33.7 million accounts and 226 million requests "
            "of one attacker. Events are canonical events as Parquet, text is log lines. Measured on "
            f"{machine['cores']} cores ({machine['processor']}), {machine['memory_bytes'] / 2**30:.0f} GiB.\n"
        ),
        table(
            [
                "scale",
                "lines",
                "made, lines a second",
                "seconds",
                "seconds a million lines",
                "processor seconds a million lines",
                "processors used",
                "most memory",
                "logs",
                "ledger",
            ],
            [_size_row(size) for size in told["sizes"]],
        ),
        (
            "Where fewer than one processor was used, others used the machine at the same time: then seconds say how busy it was, "
            "and processor seconds what the work takes.\n"
        ),
        "Where the time goes, in seconds (processor seconds):\n",
        table(
            ["scale", *(title for _, title in _PHASES), "findings over reading"],
            [
                [_scale(size), *(_phase(size, name) for name, _ in _PHASES), _ratio(size)]
                for size in told["sizes"]
            ],
        ),
        *_apart(told),
        *_growth(told, picture),
        *_reading_target(told),
        *_extrapolation(told),
    ]
    return "\n".join(parts)


def _scale(size: Mapping[str, Any]) -> str:
    return f"{size['scale']:g}, {'text' if size['text'] else 'events'}"


def _size_row(size: Mapping[str, Any]) -> list[str]:
    return [
        _scale(size),
        f"{size['lines']:,}",
        _making(size),
        f"{size['seconds']:,.1f}",
        f"{size['seconds_per_million_lines']:,.2f}",
        f"{size['cpu_seconds'] / size['lines'] * 1e6:,.2f}",
        f"{size['cpu_seconds'] / size['seconds']:.2f}",
        f"{size['peak_bytes'] / 1e9:.2f} GB",
        f"{size['log_bytes'] / 1e9:.2f} GB",
        f"{size['ledger_bytes'] / 1e9:.2f} GB",
    ]


def _making(size: Mapping[str, Any]) -> str:
    """How fast the replay was made, and in brackets what one processor makes in a second of its time."""
    rate = f"{size['lines'] / size['making_seconds']:,.0f}"
    if "making_cpu_seconds" not in size:
        return rate
    return f"{rate} ({size['lines'] / size['making_cpu_seconds']:,.0f})"


def _ratio(size: Mapping[str, Any]) -> str:
    """Findings over reading, in seconds and (in brackets) in processor seconds."""
    read, findings = size["phases"]["read"], size["phases"].get("findings")
    if findings is None:
        return "none"
    seconds, processor = (findings[name] / read[name] for name in ("seconds", "cpu_seconds"))
    return f"{seconds:.2f} ({processor:.2f})"


def _phase(size: Mapping[str, Any], name: str) -> str:
    phase = size["phases"].get(name)
    return "none" if phase is None else f"{phase['seconds']:,.1f} ({phase['cpu_seconds']:,.1f})"


def _apart(told: Mapping[str, Any]) -> list[str]:
    """Which phases were not run by the process that ran the others."""
    return [
        f"At scale {size['scale']:g}, {' and '.join(size['apart'])} ran in a process of their own over the ledger that the others had made.\n"
        for size in told["sizes"]
        if size.get("apart")
    ]


def _growth(told: Mapping[str, Any], picture: str) -> list[str]:
    slope, against = told["slope"]["seconds"], told["largest_per_line_against_hundredth"]["seconds"]
    if slope is None:
        return ["One size alone says nothing about growth.\n"]
    said = (
        f"Time grows with the power {slope:.2f} of the lines (least squares over logarithms; 1 is proportional), "
        f"processor time with {told['slope']['cpu_seconds']:.2f}, memory with {told['slope']['peak_bytes']:.2f}."
    )
    if against is not None:
        processor = told["largest_per_line_against_hundredth"]["cpu_seconds"]
        said += (
            f" A line of the largest size takes {against:.3f} times as long as one at 0.01, and {processor:.3f} times the "
            "processor time; at most 1.25 is wanted."
        )
    off = [size for size in told["sizes"] if not size["text"] and "findings" not in size["phases"]]
    if off:
        without = told["largest_per_line_against_hundredth_without_findings"]
        said += (
            f" At scale {off[0]['scale']:g} looking for findings did not come to its end, so that this size is left out of these. "
            f"Without findings, one of its lines takes {without['seconds']:.2f} times as long as one at 0.01, and "
            f"{without['cpu_seconds']:.2f} times the processor time."
        )
    return [said + "\n", f"![Seconds over lines, both in powers of ten]({picture})\n"]


def _reading_target(told: Mapping[str, Any]) -> list[str]:
    full = [size for size in told["sizes"] if size["scale"] == 1.0 and not size["text"]]
    if not full:
        return ["Scale 1 was not measured.\n"]
    phases = full[0]["phases"]
    after = sum(phases[name]["seconds"] for name in ("index", "counts"))
    word = "kept" if after <= told["target_seconds"] else "**not reached**"
    return [
        (
            f"Ledger and exact counts at scale 1 within {told['target_seconds']:.0f} s of reading: {word}; they took "
            f"{after:,.0f} s after {phases['read']['seconds']:,.0f} s of reading.\n"
        )
    ]


def _extrapolation(told: Mapping[str, Any]) -> list[str]:
    if "extrapolation" not in told:
        return ["Text was not measured, so nothing is said of an archive of text.\n"]
    far = told["extrapolation"]
    hours = far["hours_by_cores"]
    return [
        (
            f"The case's archive held {far['archive_bytes'] / 1e12:.1f} TB of logs. At {far['bytes_per_line']:.0f} bytes a line "
            f"of unpacked text these are {far['archive_lines'] / 1e9:,.1f} billion lines. One core reads {far['lines_per_core_second']:,.0f} "
            f"lines a second (lines over processor seconds of reading at scale {far['from_scale']:g}), so the archive takes "
            f"{far['archive_lines'] / 1e9:,.1f} billion / {far['lines_per_core_second']:,.0f} = {far['core_seconds'] / 3600:,.0f} core "
            "hours of reading:\n"
        ),
        table(
            ["cores", "hours of reading"],
            [[cores, f"{hours[cores]:,.1f}"] for cores in sorted(hours, key=int)],
        ),
        (
            "Ledger, findings and counts come after it. By one machine like this one they would take "
            f"{far['brought_together_seconds_per_line'] * 1e6:.2f} µs a line, {far['brought_together_hours_on_this_machine']:,.0f} hours in all. "
            "Both are extrapolated, not measured. The replay is some 1,500 files of a day each, and at this scale a file costs more "
            "than its lines do; a file of the archive is large, so its lines cost less.\n"
        ),
    ]


def national_picture(told: Mapping[str, Any]) -> str:
    """The growth as SVG: the same document gives the same bytes."""
    points = [_point(size) for size in told["sizes"] if not size["text"] and "findings" in size["phases"]]
    slope = told["slope"]["seconds"]
    axis = {"gridColor": "#e5e5e5", "format": "~s"}
    places = {
        name: {"field": name, "type": "quantitative", "scale": {"type": "log"}, "axis": axis, "title": name}
        for name in ("lines", "seconds")
    }
    where = {"x": places["lines"], "y": places["seconds"]}
    names = {
        "mark": {"type": "text", "dy": -12, "color": _INK},
        "encoding": {**where, "text": {"field": "scale"}},
    }
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "point", "filled": True, "size": 70, "color": _INK}, "encoding": where},
        names,
    ]
    if slope is not None:
        fitted = {"data": {"values": _fitted(points, slope)}, "encoding": where}
        layers.insert(0, {**fitted, "mark": {"type": "line", "color": _INK, "opacity": 0.5}})
    chart = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": _PICTURE_WIDTH,
        "height": _PICTURE_HEIGHT,
        "title": "one size" if slope is None else f"slope {slope:.2f}",
        "data": {"values": points},
        "layer": layers,
    }
    return str(vl_convert.vegalite_to_svg(chart))


def _point(size: Mapping[str, Any]) -> dict[str, Any]:
    return {"lines": size["lines"], "seconds": round(size["seconds"], 3), "scale": f"{size['scale']:g}"}


def _fitted(points: Sequence[Mapping[str, Any]], slope: float) -> list[dict[str, float]]:
    """The line of least squares between the first and the last point; it goes through the mean of the logarithms."""
    x = sum(math.log(point["lines"]) for point in points) / len(points)
    y = sum(math.log(point["seconds"]) for point in points) / len(points)
    ends = sorted(point["lines"] for point in points)
    return [
        {"lines": lines, "seconds": round(math.exp(y + slope * (math.log(lines) - x)), 3)}
        for lines in (ends[0], ends[-1])
    ]
