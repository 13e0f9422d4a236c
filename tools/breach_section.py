"""The table and picture of docs/why/score.md from measured scores: `python -m tools.breach_section --write | --check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.breach_picture import breach_svg
from tools.generated import ROOT, main, table

_RESULTS = ROOT / "docs" / "performance" / "breaches.json"
_CAMPAIGNS = ROOT / "docs" / "performance" / "campaigns.json"
_PICTURE = ROOT / "docs" / "performance" / "breaches.svg"
_PAGE = ROOT / "docs" / "why" / "score.md"
_START = "<!-- breaches: made by `python -m tools.breach_section --write` -->\n"
_END = "<!-- end of breaches -->\n"
_NONE = "Nothing was measured yet. `make bench` measures it.\n"
_CONTEXTS = {
    "full": "all",
    "imperfect": "all, logins with gaps",
    "logins": "logins only",
    "none": "none",
}
_UNDAMAGED = "none"
Rows = Sequence[Mapping[str, Any]]


def _share(value: float | None) -> str:
    """Per cent, never rounded up to all or down to none."""
    if value is None:
        return "-"
    if value in (0, 1):
        return f"{100 * value:.0f} %"
    return f"{min(99.9, max(0.1, 100 * value)):.1f} %"


def _count(value: float | None) -> str:
    return "cannot tell" if value is None else f"{value:,.0f}"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {name}"
    return f"{seconds:.0f} s"


def _hold(worst: Mapping[str, Any]) -> str:
    """Which of the three counts hold the truth, and how wide that of persons is."""
    units = ("views", "accounts", "persons")
    words = {True: "yes", False: "no", None: "-"}
    return " / ".join(words[worst[f"{unit}_hold"]] for unit in units)


def _width(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _by_breach(rows: Rows) -> str:
    head = [
        "breach", "context", "seeds", "answer", "persons in truth", "before the first finding", "after", "persons found",
        "persons right", "views found", "categories found", "false a day", "a million customers",
        "bounds hold: views / accounts / persons", "width of persons",
    ]  # fmt: skip
    cells = []
    for row in rows:
        worst = row["worst"]
        found = worst["persons_before_first"]
        cells.append(
            [
                f"`{row['breach']}`",
                _CONTEXTS[row["context"]],
                f"{len(row['seeds'])}",
                worst["answer"],
                _count(worst["persons_of_breach"]),
                _count(found) if worst["answer"] == "found" else "-",
                _time(worst["first_after_seconds"]),
                _share(worst["persons_recall"]),
                _share(worst["persons_precision"]),
                _share(worst["views_recall"]),
                _share(worst["categories_recall"]),
                _rate(worst["false_per_day"]),
                _rate(worst["false_per_day_and_million_customers"]),
                _hold(worst),
                _width(worst["persons_width"]),
            ]
        )
    return table(head, cells)


def _rate(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _by_damage(rows: Rows) -> str:
    """Over all breaches: how many were found, and how many counts of persons held."""
    head = [
        "damage",
        "context",
        "breaches found",
        "persons found, worst",
        "false findings",
        "bounds of persons hold",
    ]
    cells = []
    for damage in sorted({row["damage"] for row in rows}, key=lambda each: (each != _UNDAMAGED, each)):
        for context, name in _CONTEXTS.items():
            own = [row["worst"] for row in rows if (row["damage"], row["context"]) == (damage, context)]
            false = sum(each["findings_false"] for each in own)  # most of all where there was nothing to find
            own = [each for each in own if each["answer"] != "nothing to find"]
            if not own:
                continue
            found = [each for each in own if each["answer"] == "found"]
            recall = [each["persons_recall"] for each in found if each["persons_recall"] is not None]
            cells.append(
                [
                    f"`{damage}`" if damage != _UNDAMAGED else "none",
                    name,
                    f"{len(found)} of {len(own)}",
                    _share(min(recall)) if recall else "-",
                    _count(false),
                    f"{sum(each['persons_hold'] is True for each in own)} of {len(own)}",
                ]
            )
    return table(head, cells)


def _section(document: Mapping[str, Any]) -> str:
    rows = document["rows"]
    order = list(_CONTEXTS)
    plain = sorted(
        (row for row in rows if row["damage"] == _UNDAMAGED),
        key=lambda row: (order.index(row["context"]), row["breach"]),
    )
    seeds = sorted({len(row["seeds"]) for row in rows})
    scales = sorted({row["scale"] for row in rows})
    over = " to ".join(str(each) for each in sorted({seeds[0], seeds[-1]})) if seeds else "no"
    size = " to ".join(f"{each:g}" for each in sorted({scales[0], scales[-1]})) if scales else "-"
    measured = f"The worst over {over} seed{'' if over == '1' else 's'}, at scale {size}"
    if any(row.get("as_events") for row in rows):
        measured += "; to read them sooner, logs of seeds named `as_events` were written as canonical events and not as text"
    parts = [
        f"{measured}. The numbers are in [breaches.json](../performance/breaches.json).\n",
        "![Persons seen before the first finding, for each breach and context](../performance/breaches.svg)\n",
        "Logs without damage:\n",
        _by_breach(plain),
    ]
    if any(row["damage"] != _UNDAMAGED for row in rows):
        parts += ["All breaches together, by damage:\n", _by_damage(rows)]
    return "\n".join(parts)


def campaigns_section(rows: Rows) -> str:
    """By breach and context, how many findings one campaign is; a campaign that is told as two is two to whoever reads it."""
    contexts = [each for each in _CONTEXTS if any(row["context"] == each for row in rows)]
    told = {(row["breach"], row["context"]): row["worst"] for row in rows if row["damage"] == _UNDAMAGED}
    breaches = sorted({breach for breach, _ in told})
    found = [each for each in told.values() if each["answer"] == "found"]
    several = sum(each["findings_true"] > 1 for each in found)
    scales = " to ".join(f"{each:g}" for each in sorted({row["scale"] for row in rows}))
    cells = [
        [f"`{breach}`", *(_findings(told.get((breach, context))) for context in contexts)]
        for breach in breaches
    ]
    said = (
        f"One campaign should be one finding. By breach and context, at scale {scales} and one seed, how many findings it is; of "
        f"{len(found)} that were found {several} {'is' if several == 1 else 'are'} more than one. The numbers are in "
        "[campaigns.json](../performance/campaigns.json).\n"
    )
    return f"{said}\n{table(['breach', *(_CONTEXTS[each] for each in contexts)], cells)}"


def _findings(worst: Mapping[str, Any] | None) -> str:
    if worst is None:
        return "-"
    return f"{worst['findings_true']:,}" if worst["answer"] == "found" else str(worst["answer"])


def page() -> dict[Path, str]:
    text = _PAGE.read_text(encoding="utf-8")
    before, rest = text.split(_START)
    _, after = rest.split(_END)
    if not _RESULTS.exists():
        return {_PAGE: f"{before}{_START}\n{_NONE}\n{_END}{after}"}
    document = json.loads(_RESULTS.read_text(encoding="utf-8"))
    campaigns = ""
    if _CAMPAIGNS.exists():
        rows = json.loads(_CAMPAIGNS.read_text(encoding="utf-8"))["rows"]
        campaigns = f"\n{campaigns_section(rows)}"
    undamaged = [row for row in document["rows"] if row["damage"] == _UNDAMAGED]
    return {
        _PAGE: f"{before}{_START}\n{_section(document)}{campaigns}\n{_END}{after}",
        _PICTURE: breach_svg(undamaged) + "\n",
    }


if __name__ == "__main__":
    sys.exit(main("breach_section", page))
