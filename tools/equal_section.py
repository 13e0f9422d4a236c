"""The tables of docs/design/ledger-build.md that hold the steps of days against the present detection:
`python -m tools.equal_section --write | --check`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from tools.generated import ROOT, between, main, table

__all__ = ["equal_section", "letters_of"]

_RESULTS = ROOT / "docs" / "performance" / "equal.json"
_PAGE = ROOT / "docs" / "design" / "ledger-build.md"
_START = "<!-- equal: made by `python -m tools.equal_section --write` -->\n"
_END = "<!-- end of equal -->\n"
_NONE = "Nothing was measured yet. `python -m bench.equal` measures it.\n"
_LETTER = re.compile(r"\b[a-j]\b")
Rows = Sequence[Mapping[str, Any]]


def letters_of(page: str) -> dict[str, str]:
    """By detector, the letters of changes that the table of clauses names."""
    found: dict[str, set[str]] = {}
    after = page.partition("| detector, clause | grouping |")[2]
    for line in after.split("\n\n")[0].splitlines()[2:]:
        cells = [each.strip() for each in line.strip("|").split("|")]
        found.setdefault(cells[0].strip("`").split()[0], set()).update(
            _LETTER.findall(cells[-1].split(";")[0])
        )
    return {name: " ".join(sorted(letters)) for name, letters in found.items()}


def equal_section(rows: Rows, letters: Mapping[str, str]) -> str:
    """By size a row for each breach, and above it what it comes to; below it which clauses tell later, or of some flags nothing."""
    if not rows:
        return _NONE
    parts = []
    for scale in sorted({row["scale"] for row in rows}):
        mine = [row for row in rows if row["scale"] == scale]
        parts += [_summed(scale, mine), _by_breach(mine), _by_clause(mine, letters)]
    return "\n".join(parts)


def _summed(scale: float, rows: Rows) -> str:
    lost = [row["breach"] for row in rows if row["now"]["answer"] == "found" != row["days"]["answer"]]
    won = [row["breach"] for row in rows if row["days"]["answer"] == "found" != row["now"]["answer"]]
    before = {
        side: [row[side]["persons_before_first"] for row in rows if row[side]["answer"] == "found"]
        for side in ("now", "days")
    }
    said = f"Scale {scale:g}, {len(rows)} replays. Breaches lost: {', '.join(lost) or 'none'}."
    if won:
        said += f" Found by days alone: {', '.join(won)}."
    if all(before.values()):
        said += f" Median of people before the first finding: now {median(before['now']):g}, by days {median(before['days']):g}."
    for word, name in (("False findings", "findings_false"), ("Findings of nosy staff", "findings_nosy")):
        many = {side: sum(row[side][name] for row in rows) for side in ("now", "days")}
        said += f" {word}: now {many['now']}, by days {many['days']}."
    return f"{said}\n"


def _by_breach(rows: Rows) -> str:
    head = [
        "breach", "seed", "found: now, by days", "people before the first", "raised after (s)", "recall of people", "precision of people",
        "recall of views", "precision of views", "true findings", "false findings", "findings of nosy staff",
    ]  # fmt: skip
    cells = []
    for row in sorted(rows, key=lambda each: (each["breach"], each["seed"])):
        now, days = row["now"], row["days"]
        cells.append(
            [
                f"`{row['breach']}`",
                str(row["seed"]),
                _pair(now["answer"], days["answer"], str),
                *(
                    _pair(now[name], days[name], _count)
                    for name in ("persons_before_first", "first_after_seconds")
                ),
                *(
                    _pair(now[name], days[name], _share)
                    for name in ("persons_recall", "persons_precision", "views_recall", "views_precision")
                ),
                *(
                    _pair(now[name], days[name], _count)
                    for name in ("findings_true", "findings_false", "findings_nosy")
                ),
            ]
        )
    return table(head, cells)


def _pair(now: Any, days: Any, show: Any) -> str:
    """One value where both are equal, else both; a value that is not equal stands out."""
    return show(now) if now == days else f"{show(now)}, **{show(days)}**"


def _count(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _share(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{100 * value:.0f} %" if value in (0, 1) else f"{min(99.9, max(0.1, 100 * value)):.1f} %"


def _by_clause(rows: Rows, letters: Mapping[str, str]) -> str:
    every = sum(row["flags"]["both"] for row in rows)
    told = {
        name: {clause: 0 for row in rows for clause in row["flags"][name]}
        for name in ("later_by_clause", "lost_by_clause", "new_by_clause")
    }
    for row in rows:
        for name, of in told.items():
            for clause, many in row["flags"][name].items():
                of[clause] += many
    clauses = sorted({clause for of in told.values() for clause in of})
    said = f"Flags that both tell: {every:,}. Those that are told otherwise, by clause, with the letters of what changed:\n"
    if not clauses:
        return f"Flags that both tell: {every:,}; all at the same instant.\n"
    cells = [
        [
            f"`{clause}`",
            letters.get(clause.split()[0], ""),
            *(f"{of.get(clause, 0):,}" for of in told.values()),
        ]
        for clause in clauses
    ]
    return f"{said}\n{table(['clause', 'letters', 'later', 'now alone', 'by days alone'], cells)}"


def page() -> Mapping[Path, str]:
    text = _PAGE.read_text(encoding="utf-8")
    rows = json.loads(_RESULTS.read_text(encoding="utf-8")) if _RESULTS.is_file() else []
    return {_PAGE: between(text, _START, _END, equal_section(rows, letters_of(text)))}


if __name__ == "__main__":
    sys.exit(main("equal_section", page))
