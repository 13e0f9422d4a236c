"""The part of the performance page about reading, beside a bare split of the same log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tools.generated import table

__all__ = ["reading_section"]

_COMMANDS: Final = {
    "split": "2 million lines split into a table by DuckDB, which whosaw reads with",
    "plain": "the same lines scanned without a map",
    "plain_again": "once more, nothing new",
    "lnav": "lnav counting distinct addresses of the same lines",
    "start": "`whosaw --help`",
    "one": "20,000 lines in one file, with a map",
    "many": "the same lines in 1,000 files",
    "many_again": "these once more, nothing new",
    "demo": "the demo's logs with map and context, findings and all",
    "replay": "the replay of the case at 0.01, the same",
    "replay_again": "once more, nothing new",
}
_RATIOS: Final = {
    "plain/split": ("without a map over the split", "at most", 2.5),
    "lnav/plain": ("lnav over without a map", "at least", 1.8),
    "many/one": ("1,000 files over one", "at most", 2.0),
}


def reading_section(told: Mapping[str, Any]) -> str:
    """Markdown from the document that `bench.reading` wrote."""
    taken, ratios = told["taken"], told["ratios"]
    rows = [
        [says, f"{taken[name]['seconds']:.2f}", f"{taken[name]['processor']:.2f}"]
        for name, says in _COMMANDS.items()
        if name in taken
    ]
    wanted = []
    for name, (says, sign, limit) in _RATIOS.items():
        if name in ratios:
            by_clock = ratios[name]["seconds"]
            kept = by_clock <= limit if sign == "at most" else by_clock >= limit
            wanted.append(
                [says, f"{sign} {limit:g}", f"{by_clock:.2f}", f"{ratios[name]['processor']:.2f}", "reached" if kept else "**not reached**"]
            )  # fmt: skip
    return (
        f"Whole commands, the middle of their turns in one run, measured on {told['measured']}.\n\n"
        f"{table(['command', 'seconds', 'processor seconds'], rows)}\n"
        f"{table(['', 'wanted', 'by the clock', 'by processor seconds', ''], wanted)}"
    )
