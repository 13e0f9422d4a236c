"""Counts a sealed case again from the logs, under a new key in a workspace that is thrown away, and compares."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from whosaw.app.cases.making import make_version
from whosaw.app.progress import Progress
from whosaw.app.project.file import Logs as LogsRead
from whosaw.app.project.file import Project
from whosaw.app.scan import scan
from whosaw.core.document import JsonObject, document
from whosaw.core.errors import WhosawError
from whosaw.core.instants import parse_instant, to_micros
from whosaw.evidence.clues import segments_of
from whosaw.evidence.compare import (
    Compared,
    Comparison,
    Pair,
    compare_findings,
    compare_inputs,
    compare_numbers,
    pair_contents,
)
from whosaw.evidence.sealed import (
    Configuration,
    SealedCase,
    SealedContent,
    SealedFinding,
    SealedLine,
    finding_from_json,
)
from whosaw.store.ledger import LedgerReader
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.repositories.segments import ReadSegment
from whosaw.store.workspace import Workspace

from .parts import configuration_part, inputs_part, ledger_part

__all__ = ["Logs", "Rerun", "as_read", "rerun", "with_none"]

# what of a version says when, by whom and from what it was made, or hangs on the vault key
_NOT_COUNTED = ("case", "version", "made", "made_by", "clues", "final", "inputs", "members")
_CASE = "rerun"
_MAGIC = re.compile(r"([*?\[])")
_MOST_NAMED = 5  # in one sentence; each is named by itself, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """What somebody brings to count again from. `map` None: the map in the bundle."""

    paths: tuple[str, ...]
    map: Path | None = None
    context: Path | None = None
    own_formats: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    """The comparisons by subject, and what they come to."""

    answer: str
    parts: Mapping[str, Compared]


def rerun(sealed: SealedCase, logs: Logs, *, now: datetime, progress: Progress) -> Rerun:
    """Scan `logs` with the map and rules of the bundle and follow its clues again.

    Ids that hang on the vault key (findings, numbers of people) are not compared; the lines and the counts are.
    """
    with tempfile.TemporaryDirectory(prefix="whosaw-rerun-") as folder:
        root = Path(folder) / "ledger"
        _prepare(root, sealed)
        scan(
            list(logs.paths),
            root,
            now=now,
            zone=_only({each.zone for each in sealed.inputs.contents}),
            format_name=_forced(sealed.inputs.contents),
            map_path=logs.map or _written(Path(folder), sealed.parts),
            context=logs.context,
            own_formats=logs.own_formats,
            progress=progress,
            project=with_none(as_read(sealed.inputs.contents), sealed.configuration),
        )
        workspace = Workspace.open(root)
        try:
            return _compared(workspace, root, sealed, logs, now)
        finally:
            workspace.close()


def _prepare(root: Path, sealed: SealedCase) -> None:
    """A new workspace in which the rules of the bundle are in force."""
    workspace = Workspace.open(root, create=True)
    try:
        rules = sealed.configuration.sigma
        if "sigma.json" in sealed.parts and isinstance(rules, dict):
            name = workspace.files.put("sigma", sealed.parts["sigma.json"])
            setting = json.dumps({"file": name, "pages": rules["pages"]}, sort_keys=True)
            with workspace.journal.transaction() as connection:
                workspace.journal.set_setting(connection, "sigma", setting)
    finally:
        workspace.close()


def _written(folder: Path, parts: Mapping[str, bytes]) -> Path | None:
    if "map.toml" not in parts:
        return None
    path = folder / "map.toml"
    path.write_bytes(parts["map.toml"])
    return path


def _only(values: set[str | None]) -> str | None:
    return next(iter(values)) if len(values) == 1 else None


def _forced(contents: Sequence[SealedContent]) -> str | None:
    return _only({each.format if each.forced else None for each in contents})


def with_none(project: Project | None, sealed: Configuration) -> Project | None:
    """The project, with the tables of the context that there were none of."""
    told = sealed.context.get("none") if isinstance(sealed.context, dict) else None
    if not isinstance(told, list) or not told:
        return project
    return replace(project or Project(path=Path("/the bundle")), none=tuple(map(str, told)))


def as_read(contents: Sequence[SealedContent]) -> Project | None:
    """How each content was read, as a project says it, where they were not all read in one way. A content is told by the end of its
    name: as many of its folders as it takes to tell it from those that were read otherwise."""
    ways = {each.name: (each.format if each.forced else None, each.zone, each.source) for each in contents}
    if len({way[:2] for way in ways.values()}) < 2:
        return None
    found: dict[tuple[str | None, str | None, str], list[str]] = {}
    for name, way in ways.items():
        others = [other for other, its in ways.items() if its != way]
        found.setdefault(way, []).append(_told_apart(name.partition("!")[0], others))
    logs = tuple(
        LogsRead(files=tuple(dict.fromkeys(files)), format=format_, zone=zone, source=source)
        for (format_, zone, source), files in sorted(found.items(), key=str)
    )
    return Project(path=Path("/the bundle"), logs=logs)


def _told_apart(name: str, others: Sequence[str]) -> str:
    parts = name.split("/")
    ends = ["/".join(parts[-depth:]) for depth in range(1, len(parts) + 1)]
    files = [f"/{other.partition('!')[0]}" for other in others]
    end = next((each for each in ends if not any(other.endswith(f"/{each}") for other in files)), name)
    return "**/" + _MAGIC.sub(r"[\1]", end)


def _compared(
    workspace: Workspace,
    root: Path,
    sealed: SealedCase,
    logs: Logs,
    now: datetime,
) -> Rerun:
    parts = {name: Comparison() for name in ("configuration", "files", "ledger", "findings", "scope")}
    found = inputs_part(workspace)
    pairs = pair_contents(sealed.inputs.contents, found.contents)
    blind = _configuration(
        parts["configuration"],
        sealed.configuration,
        workspace,
        logs,
        [parts[name] for name in ("files", "ledger", "findings", "scope")],
    )
    compare_inputs(parts["files"], pairs)
    reader = LedgerReader(workspace)
    try:
        compare_numbers(parts["ledger"], "ledger", sealed.ledger, document(ledger_part(reader, found)))
    finally:
        reader.close()
    if blind is not None:
        parts["findings"].unknown("findings", blind)
        parts["scope"].unknown("scope", blind)
    else:
        findings = [finding_from_json(document(each)) for each in stored_findings(workspace.journal)]
        places = _places(sealed.findings, findings, sealed.inputs.contents, found.contents, pairs)
        compare_findings(parts["findings"], sealed.findings, findings, places)
        _scope(parts["scope"], root, workspace, sealed, pairs, now)
    whole = Comparison()
    for part in parts.values():
        whole.equal += part.equal
        whole.differs += part.differs
        whole.cannot_tell += part.cannot_tell
    return Rerun(answer=whole.answer, parts={name: part.done() for name, part in parts.items()})


def _configuration(
    into: Comparison, sealed: Configuration, workspace: Workspace, logs: Logs, excused: Sequence[Comparison]
) -> str | None:
    """Compare program, map, items and context; returns why findings and scope cannot be compared at all, if so.

    Another program or other items break nothing: they are named, and are the excuse of every number that comes out otherwise.
    """
    found = configuration_part(workspace)
    compare_numbers(into, "map", sealed.map, found.map)
    other = _other_items(sealed, found)
    for name, why in other.items():
        into.unknown(name, why)
    known = [f"program {name}" for name in sealed.program]
    known += [f"item {row.name}" for row in sealed.items]
    into.equal += sum(name not in other for name in known)
    if other:
        excuse = f"this was counted with {_named(other)} of another version than the sealed one"
        for part in excused:
            part.excuse = excuse
    if isinstance(sealed.context, dict) and "sha256" in sealed.context and logs.context is None:
        return "the case was found with a context folder, and none was given (--context)"
    compare_numbers(into, "context", sealed.context, found.context)
    return None


def _other_items(sealed: Configuration, found: Configuration) -> dict[str, str]:
    """What of the program and its items is not what was sealed, each with how."""
    other: dict[str, str] = {}
    for name, value in sealed.program.items():
        if found.program.get(name) != value:
            other[f"program {name}"] = f"sealed {value}, installed {found.program.get(name)}"
    items = {row.name: row.sha256 for row in found.items}
    for row in sealed.items:
        digest = items.pop(row.name, None)
        if digest != row.sha256:
            told = "is not installed" if digest is None else "is another in this installation"
            other[f"item {row.name}"] = f"the sealed one {told}; its text is in the bundle"
    for name in items:
        other[f"item {name}"] = "it was not there when the case was sealed"
    return other


def _named(other: Mapping[str, str]) -> str:
    names = sorted(other)
    return ", ".join(names[:_MOST_NAMED]) + (
        f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    )


def _places(
    sealed: Sequence[SealedFinding],
    found: Sequence[SealedFinding],
    sealed_contents: Sequence[SealedContent],
    found_contents: Sequence[SealedContent],
    pairs: Sequence[Pair],
) -> tuple[dict[str, set[object]], dict[str, set[object]]]:
    """The lines that findings show, as (number of the sealed content, line) on both sides."""
    partner = {b.content: a.content for a, b in pairs if a is not None and b is not None}
    own = _by_digest(sealed_contents)
    other = {
        digest: partner.get(content, -1 - content) for digest, content in _by_digest(found_contents).items()
    }
    return _of(sealed, own), _of(found, other)


def _by_digest(contents: Sequence[SealedContent]) -> dict[str, int]:
    return {row.digest[:16]: each.content for each in contents for row in each.segments}


def _of(findings: Sequence[SealedFinding], contents: Mapping[str, int]) -> dict[str, set[object]]:
    out: dict[str, set[object]] = {}
    for finding in findings:
        pairs = [locator.split(":") for locator in finding.locators]
        out[finding.id] = {(contents.get(digest), int(line)) for digest, line in pairs}
    return out


def _scope(
    into: Comparison,
    root: Path,
    workspace: Workspace,
    sealed: SealedCase,
    pairs: Sequence[Pair],
    now: datetime,
) -> None:
    """Make the newest version again from one line for each of its clues."""
    clues: list[str] = []
    reader = LedgerReader(workspace)
    try:
        for each in sealed.clues[-1].clues:
            locator = _line_again(reader, each.lines, pairs)
            if locator is None:
                into.unknown(f"clue {each.clue.kind}", "none of the lines that it led to is in these logs")
            else:
                clues.append(f"line={locator}")
    finally:
        reader.close()
    if not clues:
        into.unknown("scope", "no clue leads to a line of these logs")
        return
    try:
        again = make_version(root, _CASE, indicators=sorted(set(clues)), every=True, now=now)
    except WhosawError as fault:
        into.unknown("scope", f"it cannot be made again: {fault.message}")
        return
    compare_numbers(into, "scope", _counted(sealed.versions[-1].document), _counted(again.version.as_json()))


def _counted(told: Any) -> JsonObject:
    """What of a version follows from the logs alone. Values of links are left out: they are shown by numbers of a ledger."""
    body = {name: value for name, value in told.items() if name not in _NOT_COUNTED}
    actor = dict(body["actor"])
    for name in ("links", "refused", "ambiguous"):
        actor[name] = [{key: each[key] for key in each if key != "value"} for each in actor.get(name, [])]
    return {**body, "actor": actor}


def _line_again(reader: LedgerReader, lines: Sequence[SealedLine], pairs: Sequence[Pair]) -> str | None:
    """The locator, among the logs read now, of one of the lines that a clue led to.

    A file with the same digest has the line where it was. In another one it is the line of the same time and route that
    stands nearest.
    """
    partner = {a.content: (b, a.digest == b.digest) for a, b in pairs if a is not None and b is not None}
    segments = segments_of(reader)
    for intact in (True, False):
        for line in lines:
            found, same = partner.get(line.content, (None, False))
            if found is None or same is not intact:
                continue
            of_content = {n: row for n, row in segments.items() if row.content == found.content}
            at = _place_of(line, of_content) if same else _nearest(reader, line, of_content)
            if at is not None:
                return f"{segments[at[0]].digest}:{at[1]}"
    return None


def _place_of(line: SealedLine, segments: Mapping[int, ReadSegment]) -> tuple[int, int] | None:
    for number, row in segments.items():
        if row.first_line <= line.line < row.first_line + row.lines:
            return number, line.line
    return None


def _nearest(
    reader: LedgerReader, line: SealedLine, segments: Mapping[int, ReadSegment]
) -> tuple[int, int] | None:
    if not segments:
        return None
    rows = reader.session.query(
        "SELECT v.content, v.line FROM views v JOIN routes r USING (route) WHERE NOT v.duplicate AND v.micros = ? AND r.id = ? "
        f"AND v.content IN ({', '.join(str(number) for number in sorted(segments))}) ORDER BY abs(v.line - ?), v.line LIMIT 1",
        [to_micros(parse_instant(line.time)), line.route, line.line],
    ).to_pylist()
    return (rows[0]["content"], rows[0]["line"]) if rows else None
