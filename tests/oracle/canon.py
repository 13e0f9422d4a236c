"""Flags and what they count as one text and one digest, with digests for everything that history could have numbered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .detect import Flag, Oracle
from .tell import counted_views

__all__ = ["canon", "flag_rows"]

CLEAR = frozenset(
    ("agent", "key", "tls", "manner")
)  # kept as they are; of all else a digest stands for the text


def flag_rows(oracle: Oracle, detectors: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each flag with the lines that it counts, in total order."""
    rows = []
    for detector in detectors:
        for flag in oracle.flags(detector):
            views = [oracle.log.views[at] for at in counted_views(oracle, detector, flag)]
            lines = sorted({(each.file.hex(), each.line) for each in views})
            rows.append({
                "detector": flag.detector, "clause": flag.clause, "entity": _entity(oracle, flag), "raised": flag.raised,
                "lines": [list(each) for each in lines],
                "people": sorted({oracle.log.digest("person", each.person).hex() for each in views if each.person is not None}),
            })  # fmt: skip
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


def _entity(oracle: Oracle, flag: Flag) -> Sequence[str]:
    return [
        f"{name}={text if name in CLEAR else oracle.log.digest(name, text).hex()}"
        for name, text in zip(flag.group_by, flag.entity, strict=True)
    ]


def canon(oracle: Oracle, detectors: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 over all flags."""
    text = "".join(
        json.dumps(row, sort_keys=True, separators=(",", ":")) + "\n" for row in flag_rows(oracle, detectors)
    )
    return hashlib.sha256(text.encode()).hexdigest()
