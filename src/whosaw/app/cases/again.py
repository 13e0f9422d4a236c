"""The views of a version of a case once more, where the ledger, its context and the items still give what they gave then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from whosaw.app.findings.detection import load_detection
from whosaw.core.client import NUMBERED
from whosaw.core.errors import WhosawError
from whosaw.core.scope_version import ScopeVersion, ToldClue
from whosaw.scope.closure import close_prepared
from whosaw.scope.clue import Clue
from whosaw.scope.link_item import load_links
from whosaw.scope.resolve_clues import resolve_clues
from whosaw.store.ledger import LedgerReader
from whosaw.store.live_inputs import open_steady
from whosaw.store.repositories.cases import CaseStore
from whosaw.store.workspace import Workspace

from .making import context_of, members_of, prepare_actors

__all__ = ["views_again"]


@contextmanager
def views_again(workspace: Workspace, version: ScopeVersion) -> Iterator[LedgerReader | None]:
    """A reader whose session holds `scope_views` of this very version; None where they cannot be had again: logs were read or lost since, the
    context changed, or another release finds otherwise. The version's own digest of its views decides, and nothing else."""
    reader, inputs = open_steady(workspace)
    try:
        same = inputs.digest == version.inputs.segments
        yield reader if same and _closed(workspace, reader, version) else None
    finally:
        reader.close()


def _closed(workspace: Workspace, reader: LedgerReader, version: ScopeVersion) -> bool:
    sets = CaseStore(workspace).sets(version.case, version.version)
    try:
        clues = _clues(reader, version.clues)
        _, given = context_of(workspace, reader, None, None)
        basis = prepare_actors(reader, given, load_detection(), load_links())
        close_prepared(reader.session, clues, basis, every=True)
    except (
        WhosawError
    ):  # a finding that is gone, a context folder that is not there: it is not the same any more
        return False
    return members_of(reader.session, sets) == version.members


def _clues(reader: LedgerReader, told: Sequence[ToldClue]) -> list[Clue]:
    """Clues as the version tells them: a keyed digest where one singles somebody out."""
    return [_clue(reader, each) for each in told]


def _clue(reader: LedgerReader, told: ToldClue) -> Clue:
    if told.kind == "finding":
        return resolve_clues(reader, [told.value], [])[0]
    if told.kind != "person" and told.kind not in NUMBERED:
        return resolve_clues(reader, [], [f"{told.kind}={told.value}"])[0]
    number = reader.number_of_first(told.kind, told.value)
    if number is None:
        raise WhosawError(
            "scope.unknown-clue", f"a {told.kind} of this version is not in the ledger any more"
        )
    return Clue(kind=told.kind, asked=number, value=told.value)
