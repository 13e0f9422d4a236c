"""What one run over the ledger found, before it is named and stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa

from whosaw.actors.detectors import LEVELS
from whosaw.actors.sigma.rules_in_force import SigmaFindings, merged, sigma_findings
from whosaw.core.finding import Baseline, Finding
from whosaw.mapping.collapsed import classes_of_ids, with_collapsed
from whosaw.scope.unread import with_unread
from whosaw.store.identifiers import LedgerDigests, register_spellings
from whosaw.store.ledger import LedgerReader
from whosaw.store.numbers.facts import Spellings
from whosaw.store.schemas import COUNTED, MEMBERS, PROOFS
from whosaw.store.workspace import Workspace

from .shared import with_shared

__all__ = ["Files", "Found", "Put", "finished", "located", "put_rows", "put_whole"]

Files = dict[str, int]
"""Names of files with their numbers of rows."""
Put = Callable[[Mapping[str, str]], dict[str, Files]]
"""Writes by kind what findings count, under the ids that they have now."""
_CAST_ROWS: Final = 1 << 17
_SCHEMAS: Final = {"members": MEMBERS, "counted": COUNTED, "proofs": PROOFS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one run found, under the ids that it gives by itself. `answers` are files that are not in the journal yet."""

    findings: list[Finding]
    classes: dict[int, int]  # people whose ids may be spellings of one another
    plain_kinds: list[str]  # kinds of people most of whose ids are plain numbers
    untold: tuple[str, ...]
    usual: list[Baseline]
    sigma: SigmaFindings | None
    answers: Files
    put: Put


def finished(
    reader: LedgerReader,
    findings: Sequence[Finding],
    *,
    untold: tuple[str, ...],
    usual: list[Baseline],
    answers: Files,
    counted: pa.Table,
    put: Put,
    with_rules: bool,
    spellings: Spellings | None = None,
) -> Found:
    """What detectors found, with what Sigma rules found, and with what a count cannot know. `spellings`: whose ids may be spellings of others',
    where that is known of all people of the reader; `counted`: the lines (finding, content, line) that detectors count."""
    register_spellings(reader, spellings)
    found = list(findings)
    sigma = sigma_findings(reader, LedgerDigests(reader)) if with_rules else None
    if sigma is not None:
        found = merged(found, [located(reader, each) for each in sigma.findings], LEVELS)
        counted = pa.concat_tables([counted.cast(COUNTED), sigma.counted])
        put = _together(put, put_whole(reader.workspace, members=sigma.members, counted=sigma.counted))
    classes = classes_of_ids(reader)
    return Found(
        findings=with_shared(
            reader, with_collapsed(reader, with_unread(reader, found, counted), counted, classes)
        ),
        classes=classes,
        plain_kinds=reader.session.query("SELECT kind FROM plain_kinds ORDER BY kind")["kind"].to_pylist(),
        untold=untold,
        usual=usual,
        sigma=sigma,
        answers=answers,
        put=put,
    )


def located(reader: LedgerReader, finding: Finding) -> Finding:
    """The finding with locators that stay, for places in the ledger."""
    pairs = [(each.content, each.line) for each in finding.places]
    return replace(finding, places=(), locators=tuple(str(each) for each in reader.locators(pairs)))


def put_whole(workspace: Workspace, **rows: pa.Table) -> Put:
    """Writes rows of these kinds in a file each."""
    return lambda ids: {kind: put_rows(workspace, kind, its, ids) for kind, its in rows.items()}


def put_rows(workspace: Workspace, kind: str, rows: pa.Table, ids: Mapping[str, str]) -> Files:
    """Write rows of a kind, under the ids that findings have now; no file where there are none."""
    schema = _SCHEMAS[kind]
    name = workspace.files.put_batches(kind, schema, _cast(rows, schema, ids))
    return {} if name is None else {name: rows.num_rows}


def _together(first: Put, second: Put) -> Put:
    def put(ids: Mapping[str, str]) -> dict[str, Files]:
        found = first(ids)
        for kind, files in second(ids).items():
            found[kind] = {**found.get(kind, {}), **files}
        return found

    return put


def _cast(table: pa.Table, schema: pa.Schema, ids: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
    """The rows in the types of `schema`, under the ids that findings have now, so many at a time: there may be hundreds of
    millions, and an id is long."""
    for batch in table.to_batches(max_chunksize=_CAST_ROWS):
        found = batch.column("finding")
        coded = found if pa.types.is_dictionary(found.type) else found.dictionary_encode()
        names = pa.array([ids[each] for each in coded.dictionary.to_pylist()], pa.string())
        columns = [pa.DictionaryArray.from_arrays(coded.indices, names), *batch.columns[1:]]
        yield from pa.table(columns, names=batch.schema.names).cast(schema).to_batches()
