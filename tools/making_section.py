"""The part of the performance page about how fast a replay is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.generated import table

__all__ = ["making_section"]

_WORDS = {"combined": "text in the combined format", "events": "canonical events as Parquet"}


def making_section(told: Mapping[str, Any]) -> str:
    """Markdown from the document that `bench.making` wrote."""
    machine, targets = told["machine"], told["targets"]
    rows = []
    for row in told["rows"]:
        rate, wanted = row["lines"] / row["seconds"], targets[row["kind"]]
        rows.append(
            [
                _WORDS[row["kind"]],
                f"{row['scale']:g}",
                f"{row['lines']:,}",
                f"{row['bytes'] / 1e9:.2f} GB",
                f"{rate:,.0f}",
                f"{row['lines'] / row['cpu_seconds']:,.0f}",
                f"{row['cpu_seconds'] / row['seconds']:.2f}",
                f"{wanted:,.0f}",
                "reached" if rate >= wanted else "**not reached**",
                row["measured"],
            ]
        )
    return "\n".join(
        [
            (
                "Replays of the breach in the case, with their truth and context, made by `whosaw replay make --like coupang`; the best of "
                f"{_times(told)}. Measured on {machine['cores']} cores ({machine['processor']}), "
                f"{machine['memory_bytes'] / 2**30:.0f} GiB, Python {machine['python']}.\n"
            ),
            table(
                [
                    "written as",
                    "scale",
                    "lines",
                    "size",
                    "lines a second",
                    "lines a processor second",
                    "processors used",
                    "wanted a second",
                    "",
                    "measured on",
                ],
                rows,
            ),
            (
                "Small replays pay for their files: 307 days of five services, each file with tables of its own, whatever is in it. "
                "Where far fewer than two processors were used, others used the machine at the same time.\n"
            ),
        ]
    )


def _times(told: Mapping[str, Any]) -> str:
    times = sorted({row["times"] for row in told["rows"]})
    return f"{times[0]} times" if len(times) == 1 else f"{times[0]} to {times[-1]} times"
