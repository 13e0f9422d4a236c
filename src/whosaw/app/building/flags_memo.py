"""Which flags are about a day, kept in the workspace from one scan to the next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa

from whosaw.actors.marking.flagged_days import CLAUSE_FLAGS
from whosaw.build.keys import short
from whosaw.core.canonical_json import canonical_json
from whosaw.store.workspace import Workspace

from .flagged import DAYS_OF_CLAUSE, ClauseDays, Found
from .remembering import keep, recalled_in_part

__all__ = ["FlagsMemo"]

_NAME: Final = "flagged of days"
_EARLIER: Final = "flags of earlier days"


class FlagsMemo:
    """What days hardly change any more say of each flag grows with the ledger and stays as it is on most days, so it is kept apart. `told`: what
    all of it follows from beside runs."""

    def __init__(self, workspace: Workspace, told: str) -> None:
        self._workspace, self._told = workspace, told
        self._earlier: str | None = None  # what is kept of earlier days, in short

    def load(self) -> Found | None:
        """What was kept, where it follows from the same."""
        kept, earlier = (recalled_in_part(self._workspace, name) for name in (_NAME, _EARLIER))
        if kept is None or earlier is None:
            return None
        document = json.loads(kept[0])
        if document["told"] != self._told or document["earlier"] != short(earlier[0]):
            return None
        self._earlier = document["earlier"]
        runs = {name: _numbered(days) for name, days in document["runs"].items()}

        def clauses() -> Mapping[str, ClauseDays]:
            rows, latest = earlier[1]().cast(CLAUSE_FLAGS), kept[1]().cast(DAYS_OF_CLAUSE)
            found, first, first_latest = {}, 0, 0
            for each in json.loads(earlier[0])["clauses"]:
                name, days, many = each["name"], _numbered(each["days"]), document["latest"][each["name"]]
                found[name] = ClauseDays(
                    days=days,
                    rows=rows.slice(first, each["rows"]),
                    latest={day: told for day, told in runs[name].items() if day not in days},
                    of_latest=latest.slice(first_latest, many),
                )
                first, first_latest = first + each["rows"], first_latest + many
            return found

        return Found(
            runs=runs,
            digests=_numbered(document["digests"]),
            rows=_numbered(document["rows"]),
            highest={day: _numbered(each) for day, each in _numbered(document["highest"]).items()},
            clauses=clauses,
        )

    def store(self, told: Found) -> None:
        """Keep it until the next look."""
        clauses = sorted(told.clauses().items())
        earlier = {
            "clauses": [
                {"name": name, "days": _named(each.days), "rows": each.rows.num_rows}
                for name, each in clauses
            ]
        }
        if self._earlier != (of := short(canonical_json(earlier).decode())):
            rows = pa.concat_tables([CLAUSE_FLAGS.empty_table(), *(each.rows for _, each in clauses)])
            keep(self._workspace, _EARLIER, earlier, rows)
            self._earlier = of
        document = {
            "told": self._told,
            "earlier": of,
            "runs": {name: _named(days) for name, days in told.runs.items()},
            "digests": _named(told.digests),
            "rows": _named(told.rows),
            "highest": _named({day: _named(each) for day, each in told.highest.items()}),
            "latest": {name: each.of_latest.num_rows for name, each in clauses},
        }
        latest = pa.concat_tables([DAYS_OF_CLAUSE.empty_table(), *(each.of_latest for _, each in clauses)])
        keep(self._workspace, _NAME, document, latest)


def _named(told: Mapping[int, Any]) -> dict[str, Any]:
    return {str(number): each for number, each in told.items()}


def _numbered(told: Mapping[str, Any]) -> dict[int, Any]:
    return {int(name): each for name, each in told.items()}
