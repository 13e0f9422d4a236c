"""What a ledger was made of at one moment: the contents that were read and counted, by their digests."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import WhosawError

from . import statements as sa
from .journal import Journal, tables
from .ledger import LedgerReader
from .workspace import Workspace

__all__ = ["LiveInput", "LiveInputs", "counted_by_then", "live_inputs", "open_steady"]

_TRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class LiveInput:
    """One content, up to the last line of it that the ledger counts.

    `digest` is that of its bytes up to there, `map` that of the data map it was read with; the name is the one it had when read.
    """

    digest: str
    source: str
    name: str
    lines: int
    views: int
    map: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveInputs:
    """The contents in order of digest."""

    rows: tuple[LiveInput, ...]

    @property
    def contents(self) -> int:
        return len(self.rows)

    @property
    def digest(self) -> str:
        """Changes with what was read; not with file names, nor with the pieces in which it was read."""
        return hashlib.sha256(canonical_json([each.digest for each in self.rows])).hexdigest()

    def beyond(self, other: LiveInputs) -> tuple[LiveInput, ...]:
        """The contents that `other` does not hold, byte by byte. One that has grown is among them."""
        left = Counter(each.digest for each in other.rows)
        out = []
        for each in self.rows:
            if left[each.digest]:
                left[each.digest] -= 1
            else:
                out.append(each)
        return tuple(out)

    def as_bytes(self) -> bytes:
        return canonical_json([asdict(each) for each in self.rows])

    @classmethod
    def of_bytes(cls, data: bytes) -> LiveInputs:
        rows: list[dict[str, Any]] = json.loads(data)
        return cls(rows=tuple(LiveInput(**row) for row in rows))


def live_inputs(journal: Journal) -> LiveInputs:
    """What the ledger counts now. A segment that was read and is not yet counted is not among it."""
    content = tables.content
    counted = _counted(journal)
    names = {
        row["id"]: row for row in journal.rows(sa.select(content.c.id, content.c.name, content.c.source))
    }
    found: dict[int, dict[str, Any]] = {}
    for row in counted:
        whole = found.setdefault(row["content"], {**names[row["content"]], "lines": 0, "views": 0})
        whole.pop("id", None)
        whole["lines"] += row["lines"]
        whole["views"] += row["views"]
        whole["digest"], whole["map"] = row["digest"], row["map"] or None
    rows = [LiveInput(**row) for row in found.values()]
    return LiveInputs(rows=tuple(sorted(rows, key=lambda each: (each.digest, each.source, each.name))))


def counted_by_then(journal: Journal, then: Iterable[LiveInput]) -> tuple[list[int], bool]:
    """The segments of today's ledger that `then` held already, and whether that is all of `then`.

    It is not where a content is gone since, or was read again in other pieces so that no segment ends where it ended then.
    """
    wanted = Counter(each.digest for each in then)
    before: dict[int, list[int]] = {}
    out: list[int] = []
    for row in _counted(journal):
        passed = before.setdefault(row["content"], [])
        passed.append(row["id"])
        if wanted[row["digest"]]:
            wanted[row["digest"]] -= 1
            out.extend(passed)
            passed.clear()
    return sorted(out), not any(wanted.values())


def _counted(journal: Journal) -> list[dict[str, Any]]:
    segment = tables.segment
    columns = (segment.c[each] for each in ("id", "content", "digest", "lines", "views", "map"))
    # what a running scan has taken out of force is counted until the index without it is in force
    chosen = sa.select(*columns).where(segment.c.indexed).order_by(segment.c.content, segment.c.start)
    return journal.rows(chosen)


def open_steady(
    workspace: Workspace, *, threads: int = 1, memory_bytes: int = 1 << 30
) -> tuple[LedgerReader, LiveInputs]:
    """A reader and the inputs of that very reader, also while a scan brings the ledger from one state to the next."""
    inputs = live_inputs(workspace.journal)
    for _ in range(_TRIES):
        reader = LedgerReader(workspace, threads=threads, memory_bytes=memory_bytes)
        after = live_inputs(workspace.journal)
        if after == inputs:
            return reader, inputs
        reader.close()
        inputs = after
    raise WhosawError(
        "store.restless",
        "the ledger changes faster than it can be opened",
        hint="Wait until the running scan or watch is idle, and try again",
    )
