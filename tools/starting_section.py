"""The part of the performance page about how long a whole command takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.generated import table

__all__ = ["starting_section"]


def starting_section(told: Mapping[str, Any]) -> str:
    """Markdown from the document that `bench.starting` wrote."""
    machine = told["machine"]
    rows = [
        [
            f"`{row['command']}`",
            f"{row['milliseconds']:,.0f} ms",
            f"{row['ratio']:,.1f}",
            f"{row['cpu_milliseconds']:,.0f} ms",
            f"{row['cpu_ratio']:,.1f}",
        ]
        for row in told["rows"]
    ]
    law = (
        " (`duties` on a case of law)"
        if any(row["command"].startswith("duties") for row in told["rows"])
        else ""
    )
    return "\n".join(
        [
            (
                f"Whole commands on the demo{law} and an empty program, in turns, {told['rounds']} times each; the least of each. Measured on "
                f"{machine['cores']} cores ({machine['processor']}), {machine['memory_bytes'] / 2**30:.0f} GiB, "
                f"Python {machine['python']}, {told['measured']}.\n"
            ),
            table(["command", "takes", "times the empty program", "of the processor", "times"], rows),
        ]
    )
