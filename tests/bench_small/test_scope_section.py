"""The tables about clues and sizes say what was measured, and whether it is what was wanted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.scope_size import write_results, write_sizes
from tools.scope_section import clues_part, sizes_part

_MACHINE = {"cores": 2, "processor": "a processor", "memory_bytes": 24 << 30}


def _size(scale: float, seconds: float, persons: list[int | None]) -> dict[str, Any]:
    return {
        "scale": scale,
        "lines": 1_000,
        "seconds": seconds,
        "processor_seconds": seconds,
        "peak_megabytes": 500,
        "counts": {"views": [7, 7], "accounts": [5, 6], "persons": persons},
    }


def test_a_row_of_clues_tells_scopes_from_refusals() -> None:
    scopes = [{"clues": 12}, {"clues": 1}]
    row = {"breach": "own-login", "context": "none", "customers": 200_000, "clues": {"line": 11, "key": 9}}
    row |= {
        "scopes": scopes,
        "refused": {"key: scope.several": 7},
        "recall": 0.9999,
        "precision": None,
        "hold": 13,
    }
    told = clues_part([row])
    assert "| `own-login` | none | 200,000 | 20 | 2 | 7 | 0.9999 | - | 13 of 13 |" in told


def test_sizes_show_bounds_and_hold_the_largest_against_what_is_wanted() -> None:
    small = sizes_part({"machine": _MACHINE, "sizes": [_size(0.01, 3, [5, None])]})
    assert "| 7 | 5 to 6 | 5 to no bound |" in small
    assert "wanted" not in small
    sizes = [_size(0.01, 3, [5, 9]), _size(1.0, 61, [5, 9])]
    diff = {"persons": [33, 44], "sets_each": 22, "seconds": [0.3, 0.4], "peak_megabytes": 700}
    told = sizes_part({"machine": _MACHINE, "sizes": sizes, "diff": diff})
    assert (
        "A scope at scale 1: 61.00 s and 0.50 GB; at most 60 s and 8 GB are wanted: **not reached**." in told
    )
    assert (
        "of 44 accounts in 22 sets each: 0.40 s and 0.70 GB; at most 2 s and 8 GB are wanted: kept." in told
    )


def test_a_size_measured_anew_takes_the_place_of_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "scope.json"
    write_sizes(path, [_size(1.0, 61, [5, 9]), _size(0.01, 3, [5, 9])])
    write_results(path, {"diff": {"persons": [1]}})
    write_sizes(path, [_size(1.0, 59, [5, 9])])
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert [(each["scale"], each["seconds"]) for each in kept["sizes"]] == [(0.01, 3), (1.0, 59)]
    assert kept["diff"] == {"persons": [1]}
