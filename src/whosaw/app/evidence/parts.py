"""What a bundle holds of a workspace: its inputs, configuration, counts, findings and journal, as canonical JSON.

Nothing in these parts is a raw identifier: people and clients are numbers of the ledger or keyed digests.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from whosaw.actors import context_files
from whosaw.app.findings.detection import DETECTING, none_of
from whosaw.app.settings import READING
from whosaw.core.canonical_json import canonical_json
from whosaw.core.custody import Entry
from whosaw.core.document import Json, JsonObject, document, object_of
from whosaw.core.instants import format_instant, from_micros
from whosaw.core.version import __version__
from whosaw.evidence.sealed import (
    COUNTED,
    Configuration,
    Inputs,
    ItemDigest,
    LedgerTotals,
    RouteTotals,
    SealedContent,
    SealedSegment,
    Withheld,
)
from whosaw.logs.coverage.hours import coverage_of
from whosaw.store.ledger import LedgerReader
from whosaw.store.repositories.contents import ReadContent, contents_in_force
from whosaw.store.repositories.entries import as_they_stand
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.repositories.segments import ReadSegment, live_segments
from whosaw.store.workspace import Workspace

__all__ = [
    "ITEM_KINDS",
    "configuration_part",
    "folder_digest",
    "inputs_part",
    "journal_entries",
    "ledger_part",
    "shipped_items",
    "state_parts",
]

# the kinds of items that decide counts; what only makes or shows things is left out
ITEM_KINDS = (
    "categories",
    "context",
    "context_from",
    "detectors",
    "explanations",
    "formats",
    "links",
    "log_health",
    "logsources",
)
_MAY_BE_WITHHELD = (  # what people did with cases and with the vault, in their own words
    "scope.version",
    "evidence.seal",
    "exported",
    "identifiers-read",
    "line.read",
    "reconciled",
    "reidentified",
)


def state_parts(workspace: Workspace, reader: LedgerReader) -> dict[str, bytes]:
    """All parts but the scope's and the journal."""
    inputs = inputs_part(workspace)
    configuration = configuration_part(workspace)
    parts = {
        "inputs.json": canonical_json(object_of(inputs)),
        "configuration.json": canonical_json(object_of(configuration)),
        "ledger.json": canonical_json(object_of(ledger_part(reader, inputs))),
        "findings.json": canonical_json(document(stored_findings(workspace.journal))),
    }
    parts.update({f"items/{name}": data for name, data in shipped_items().items()})
    if configuration.map is not None:
        parts["map.toml"] = workspace.files.read(str(workspace.journal.setting("map")))
    rules = workspace.journal.setting("sigma")
    if rules:
        parts["sigma.json"] = workspace.files.read(json.loads(rules)["file"])
    return parts


def inputs_part(workspace: Workspace) -> Inputs:
    """Every content that was read, with digest, size, times, format and segments, and the coverage of every source."""
    journal = workspace.journal
    segments: dict[int, list[ReadSegment]] = defaultdict(list)
    for each in sorted(live_segments(journal), key=lambda one: (one.content, one.start)):
        segments[each.content].append(each)
    return Inputs(
        contents=tuple(_content(each, segments[each.id]) for each in contents_in_force(journal)),
        sources=document(coverage_of(journal)),
    )


def _content(content: ReadContent, segments: list[ReadSegment]) -> SealedContent:
    return SealedContent(
        content=content.id,
        name=content.name,
        source=content.source,
        size=content.size,
        digest=content.digest,
        modified=_instant(content.mtime),
        format=content.format,
        forced=content.forced,
        zone=content.zone,
        configuration=content.config,
        complete=content.complete,
        fault=content.fault,
        first=_instant(content.first),
        last=_instant(content.last),
        **{name: sum(getattr(each, name) for each in segments) for name in COUNTED},
        segments=tuple(
            SealedSegment(
                digest=each.digest,
                size=each.end,
                first_line=each.first_line,
                **{name: getattr(each, name) for name in COUNTED},
            )
            for each in segments
        ),
    )


def configuration_part(workspace: Workspace) -> Configuration:
    """Program, map, context, rules and items that were in force, each by its digest."""
    journal = workspace.journal
    rules, context = journal.setting("sigma"), journal.setting("context")
    data_map = journal.setting("map")
    return Configuration(
        program={"name": "whosaw", "version": __version__, "reading": READING, "detecting": DETECTING},
        map=None if data_map is None else hashlib.sha256(workspace.files.read(data_map)).hexdigest(),
        context=_context_of(None if context is None else Path(context), none_of(journal)),
        sigma=json.loads(rules) if rules else None,
        items=tuple(
            ItemDigest(name=name, sha256=hashlib.sha256(data).hexdigest())
            for name, data in shipped_items().items()
        ),
    )


def _context_of(folder: Path | None, none: Sequence[str]) -> Json:
    """The context folder by its digests, and the tables that there are none of; None where nothing was said."""
    told: JsonObject = {"none": list[Json](none)} if none else {}
    if folder is not None:
        told |= {"sha256": folder_digest(folder), "files": _files_of(folder)}
    return told or None


def folder_digest(folder: Path) -> str | None:
    """One digest over the names and bytes of all files of a folder; None when it is gone."""
    if not folder.is_dir():
        return None
    digest = hashlib.sha256()
    for name, file in context_files(folder):
        with file.open("rb") as handle:
            digest.update(f"{name}\0".encode() + hashlib.file_digest(handle, "sha256").digest())
    return digest.hexdigest()


def _files_of(folder: Path) -> list[Json]:
    """Name, size and digest of each file of the context folder; their text is about people and stays where it is."""
    out = list[Json]()
    for name, file in context_files(folder) if folder.is_dir() else ():
        with file.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
        out.append({"name": name, "size": file.stat().st_size, "sha256": digest})
    return out


def shipped_items() -> dict[str, bytes]:
    """The items of this program that decide counts: `kind/file.toml` to their text, in order."""
    root = files("whosaw") / "data"
    return {
        f"{kind}/{each.name}": each.read_bytes()
        for kind in ITEM_KINDS
        if (root / kind).is_dir()
        for each in sorted((root / kind).iterdir(), key=lambda entry: entry.name)
        if each.name.endswith(".toml")
    }


def ledger_part(reader: LedgerReader, inputs: Inputs) -> LedgerTotals:
    """How much the ledger holds: lines of the inputs, and views, clients and people altogether and by route."""
    by_route = reader.session.query(
        "SELECT route, count(DISTINCT (content, line)) AS views, count(DISTINCT person) AS persons, count(DISTINCT client) AS clients, "
        "min(micros) AS first, max(micros) AS last FROM views WHERE NOT duplicate GROUP BY route"
    ).to_pylist()
    whole = reader.session.query(
        "SELECT count(DISTINCT (content, line)) AS views, count(DISTINCT person) AS persons, count(DISTINCT client) AS clients "
        "FROM views WHERE NOT duplicate"
    ).to_pylist()[0]
    routes = [
        RouteTotals(
            name=reader.routes[row["route"]]["id"],
            views=row["views"],
            persons=row["persons"],
            clients=row["clients"],
            first=_instant(row["first"]),
            last=_instant(row["last"]),
        )
        for row in by_route
    ]
    return LedgerTotals(
        totals={name: sum(getattr(each, name) for each in inputs.contents) for name in COUNTED},
        views=whole["views"],
        persons=whole["persons"],
        clients=whole["clients"],
        routes=tuple(sorted(routes, key=lambda row: (row.name, row.first or "", row.views))),
    )


def journal_entries(workspace: Workspace, case: str, others: Iterable[str]) -> list[Entry | Withheld]:
    """The whole custody journal, each entry as its hash was made over it.

    Of entries that name one of the `others` and are not of `case`, only the place in the chain is there. What was read and
    held is never withheld.
    """
    entries = as_they_stand(workspace.journal)
    names = sorted(others)
    if not names:
        return list(entries)
    named = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")
    return [_withheld(entry) if _of_another(entry, case, named) else entry for entry in entries]


def _of_another(entry: Entry, case: str, named: re.Pattern[str]) -> bool:
    if entry.kind not in _MAY_BE_WITHHELD:
        return False
    body = json.loads(entry.body)
    return body.get("case") != case and any(named.search(text) for text in _texts(body))


def _texts(value: object) -> Iterator[str]:
    """All texts in a JSON document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _withheld(entry: Entry) -> Withheld:
    return Withheld(seq=entry.seq, previous=entry.previous, hash=entry.hash, withheld="another case")


def _instant(micros: int | None) -> str | None:
    return None if micros is None else format_instant(from_micros(micros))
