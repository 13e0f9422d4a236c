"""What is said of each exposure, in files by span of days: those of spans on which it follows from the same stay as they are."""

from __future__ import annotations

import hashlib
import json
from typing import Final

import pyarrow.compute as pc

from whosaw.app.building.remembering import keep, keep_only
from whosaw.build.state import Runs
from whosaw.core.canonical_json import canonical_json
from whosaw.core.version import __version__
from whosaw.store.remembered import recall
from whosaw.store.schemas import ANSWERS
from whosaw.store.workspace import Workspace

from .added_up import answers_of
from .counted_views import IndexClients
from .spans import DaySpan, spans_of

__all__ = ["put_answers"]

_KEPT_AS: Final = "answers of days "
_FORM: Final = 1  # raised when a change of code says other things of the same runs
_NAMES: Final = ["person", "client", "route", "explained", "unexplained", "cannot_tell"]


def put_answers(workspace: Workspace, clients: IndexClients, runs: Runs) -> dict[str, int]:
    """What the explanations say of each exposure: files that are not in the journal yet, with their numbers of rows. Of a client that the index
    does not have nothing is said: that cannot be told of its exposures."""
    found: dict[str, int] = {}
    spans = spans_of(runs, ["exposures"])
    keep_only(workspace, _KEPT_AS, [_KEPT_AS + span.name for span in spans])
    for span in spans:
        name, rows = _put(workspace, clients, runs, span)
        if name is not None:
            found[name] = rows
    return found


def _put(workspace: Workspace, clients: IndexClients, runs: Runs, span: DaySpan) -> tuple[str | None, int]:
    of = [_FORM, __version__, [[day, runs.digest("exposures", day)] for day in span.days]]
    key = hashlib.sha256(canonical_json(of)).hexdigest()
    before = recall(workspace.journal, _KEPT_AS + span.name)
    if before is not None:
        told = json.loads(before[0])
        file = told["file"]
        there = file is None or workspace.files.path(file).is_file()
        if told["key"] == key and there and clients.lack_still(told["lacking"]):
            return file, told["rows"]
    rows = runs.rows("exposures", span.days, _NAMES)
    lacking = clients.lacking(rows["client"])
    if len(lacking):
        rows = rows.filter(pc.invert(pc.is_in(rows["client"], lacking)))
    rows = answers_of(rows)
    file = workspace.files.put_batches("answers", ANSWERS, rows.to_batches())
    document = {"key": key, "file": file, "rows": rows.num_rows, "lacking": sorted(lacking.to_pylist())}
    keep(workspace, _KEPT_AS + span.name, document, None)
    return file, rows.num_rows
