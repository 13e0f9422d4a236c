"""Keeps the account of what each damage did, for damage.json."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core.instants import format_instant, from_micros

from .log_text import LogText, Mask, Outcome
from .plan import Damage, Hours

__all__ = ["Account"]


@dataclass(slots=True)
class Account:
    """One damage's account. Counts are lines, by path below the replay."""

    damage: Damage
    hours: Hours
    files: dict[str, Counter[str]] = field(default_factory=dict)
    totals: Counter[str] = field(default_factory=Counter)
    attack_lines: Counter[str] = field(default_factory=Counter)
    views_lost: dict[str, int | None] = field(default_factory=dict)

    def enter(self, folder: str, text: LogText, outcome: Outcome) -> None:
        """Write down what became of one text; what stayed as it was leaves no entry."""
        removed, changed = int(outcome.removed.sum()), int(outcome.changed.sum())
        if removed or changed:
            self._count(f"{folder}/{text.name}", removed=removed, changed=changed)
        for name, added in outcome.added.items():
            self._count(f"{folder}/{name}", added=added)
        self.attack_lines.update(_parts_of(text, outcome.removed))
        lost = outcome.removed | outcome.cut
        if lost.any():
            self.views_lost[text.service] = _added(
                self.views_lost.get(text.service, 0), _views_of(text, lost)
            )

    def _count(self, path: str, **counts: int) -> None:
        self.files.setdefault(path, Counter()).update(counts)
        self.totals.update(counts)

    def as_json(self) -> dict[str, Any]:
        """The account as JSON values."""
        names = ("removed", "added", "changed")
        return {
            "kind": self.damage.kind,
            "settings": asdict(self.damage),  # type: ignore[call-overload]  # every kind is a dataclass
            **{f"lines_{name}": self.totals[name] for name in names},
            "attack_lines_removed": dict(self.attack_lines),
            "views_lost": dict(self.views_lost),
            "hours_removed": {
                service: [[_instant(start), _instant(end)] for start, end in spans]
                for service, spans in self.hours.items()
            },
            "files": {path: {name: counts[name] for name in names} for path, counts in self.files.items()},
        }


def _parts_of(text: LogText, rows: Mask) -> dict[str, int]:
    """How many of those lines belong to each part that somebody should find."""
    if not rows.any():
        return {}
    parts = text.marks["part"].combine_chunks().filter(pa.array(rows)).drop_null()
    return {str(pair["values"]): pair["counts"] for pair in parts.value_counts().to_pylist()}


def _views_of(text: LogText, rows: Mask) -> int | None:
    """How many of those lines carried somebody's data; None when the replay does not say which do."""
    if "views" not in text.marks.column_names:
        return None
    views = pc.cast(text.marks["views"].combine_chunks(), pa.int64()).fill_null(0)
    return int(np.asarray(views.to_numpy(zero_copy_only=False))[rows].sum())


def _added(before: int | None, more: int | None) -> int | None:
    return None if before is None or more is None else before + more


def _instant(milliseconds: int) -> str:
    return format_instant(from_micros(milliseconds * 1000))
