"""What the context can do for a ledger, or could for one that is not there yet: tables, what of the logs they know, and what they wake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

import numpy as np
import pyarrow as pa

from whosaw.actors import Context, Resolve, load_context
from whosaw.actors.context_checking import (
    CheckedTable,
    Clock,
    Passes,
    Wakes,
    check_tables,
    clock_of,
    passes_of,
    wakes,
)
from whosaw.actors.context_from import Told
from whosaw.actors.explanation import prepare
from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.errors import WhosawError
from whosaw.mapping.resolver import Resolver
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import MARKER, Workspace

from .findings.detection import load_detection, none_of

__all__ = ["ContextCheck", "check_context_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextCheck:
    """`folder` None: no context is named. `ledger`: whether it was held against logs that were read; without, nobody can say what of them is
    known. `clock` None: not measured, for no token or session stands in both."""

    folder: str | None
    ledger: bool
    tables: tuple[CheckedTable, ...]
    sources: tuple[Told, ...]
    passes: tuple[Passes, ...]
    clock: Clock | None
    detectors: tuple[Wakes, ...]
    explanations: tuple[Wakes, ...]
    notes: tuple[str, ...]


@asks(Verb.START_SCAN, "context")
def check_context_of(
    root: Path,
    folder: Path | None,
    *,
    zone: tzinfo | None,
    none: Sequence[str] | None = None,
    key_file: Path | None = None,
) -> ContextCheck:
    """Read the context in `folder`, or that of the last scan, and hold it against the ledger in `root` where there is one. `none`: tables that
    there are none of; None: as at the last scan. Raises `FaultsError` with all faults of the context. Changes nothing."""
    if not (root / MARKER).is_file():
        return _told(folder, _read(folder, _as_if_known, zone, none or ()), None)
    workspace = Workspace.open(root, key_file=key_file)
    try:
        journal = workspace.journal
        given = folder or _of_last_scan(journal.setting("context"))
        reader = LedgerReader(workspace)
        try:
            context = _read(given, Resolver(reader), zone, none_of(journal) if none is None else none)
            return _told(given, context, reader)
        finally:
            reader.close()
    finally:
        workspace.close()


def _read(folder: Path | None, resolve: Resolve, zone: tzinfo | None, none: Sequence[str]) -> Context:
    return (
        Context.none() if folder is None and not none else load_context(folder, resolve, zone=zone, none=none)
    )


def _as_if_known(kind: str, texts: pa.Array) -> pa.Array:  # noqa: ARG001  # whoever is asked of whatever kind
    """Where there is no ledger nobody can say whom it knows, so all that is asked is whether a table names anybody."""
    return pa.array(np.zeros(len(texts), np.int64))


def _of_last_scan(known: str | None) -> Path | None:
    if known is not None and not Path(known).is_dir():
        raise WhosawError(
            "context.gone",
            f"the context folder {known} of the last scan is gone",
            hint="Name one with --context",
        )
    return Path(known) if known is not None else None


def _told(folder: Path | None, context: Context, reader: LedgerReader | None) -> ContextCheck:
    questions: tuple[str, ...] = ()
    passes: tuple[Passes, ...] = ()
    clock = None
    tables = check_tables(context, reader.session if reader is not None else None)
    if reader is not None:
        passes, clock = passes_of(context, reader.session), clock_of(context, reader.session)
        believed = prepare(reader.session, context)
        context, questions = believed.context, believed.questions
    setup = load_detection()
    detectors, explanations = wakes(context, setup.detectors, setup.explanations)
    return ContextCheck(
        folder=str(folder) if folder is not None else None,
        ledger=reader is not None,
        tables=tables,
        sources=context.told,
        passes=passes,
        clock=clock,
        detectors=tuple(detectors),
        explanations=tuple(explanations),
        notes=(*context.notes, *questions),
    )
