"""Cases and their versions: immutable documents with the sets of persons that they count.

A version is a canonical document, named sets of persons and the list of what the ledger held, all files named by their
digests, and one row that ties them together. The digests also stand in the custody journal, and a version is held
against them whenever it is read. Files are written first; one transaction makes the version and its journal entry.
"""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pyroaring import BitMap

from whosaw.core.canonical_json import canonical_json
from whosaw.core.document import told_as
from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant, from_micros, to_micros
from whosaw.core.scope_version import ScopeVersion, read_version
from whosaw.store import statements as sa
from whosaw.store.files import ContentStore
from whosaw.store.journal import Journal, tables
from whosaw.store.kept import keeping
from whosaw.store.live_inputs import LiveInputs, live_inputs
from whosaw.store.workspace import Workspace

__all__ = ["Beside", "CaseStore", "VersionRow", "bitmap_bytes", "check_name"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """What is known of a version without opening it. `digest` is the SHA-256 of the canonical document; `made` is UTC."""

    case: str
    version: int
    made: datetime
    by: str = field(metadata=told_as("made_by"))
    digest: str
    final: bool
    sets: Mapping[str, str] = field(metadata=told_as(never=True))  # name of a set -> its file
    entry: int = field(metadata=told_as(never=True))  # of the custody journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A workspace without its vault key: nothing of a case stands in the vault."""

    root: Path
    journal: Journal
    files: ContentStore

    @classmethod
    def of(cls, journal: Journal, root: Path) -> Beside:
        """By its journal and its folder."""
        return cls(root=root, journal=journal, files=ContentStore.of(root))


def bitmap_bytes(persons: BitMap) -> bytes:
    """The one byte form of a set of persons, however it was put together."""
    plain = BitMap(
        persons.to_array()
    )  # member by member: a copy keeps runs where both forms take as much room
    plain.run_optimize()
    return bytes(plain.serialize())


class CaseStore:
    """The cases of a workspace. Versions are added and never changed; any number of processes may add at once."""

    def __init__(self, workspace: Workspace | Beside) -> None:
        self._root = workspace.root
        self._journal = workspace.journal
        self._files = workspace.files.beside("part-cases")

    def add(
        self,
        text: bytes,
        sets: Mapping[str, BitMap],
        *,
        now: datetime,
        inputs: LiveInputs | None = None,
    ) -> int:
        """Add the next version of the case that the document `text` names, and return its number.

        `version`, `made` and `made_by` of the document are filled in here. `inputs` is what the ledger held when it was asked;
        without it, what it holds now. The journal entry `scope.version` holds the digests of all of it.
        """
        document = json.loads(text)
        case = check_name(document.get("case"))
        self._journal.create()  # a workspace of an earlier release has no table for cases
        with self._adding():
            self._files.clear_parts()
            files = {name: self._files.put("persons", bitmap_bytes(each)) for name, each in sets.items()}
            held = inputs if inputs is not None else live_inputs(self._journal)
            listed = self._files.put("inputs", held.as_bytes())
            with self._journal.transaction() as connection:
                last = connection.execute(
                    sa.select(sa.func.max(tables.case_version.c.version)).where(
                        tables.case_version.c.case == case
                    )
                ).scalar()
                version = int(last or 0) + 1
                whole = {
                    **document,
                    "version": version,
                    "made": format_instant(now),
                    "made_by": self._journal.who,
                }
                name = self._files.put("scope", canonical_json(whole))
                body = {
                    "case": case,
                    "version": version,
                    "document": _digest_of(name),
                    "sets": {each: _digest_of(file) for each, file in files.items()},
                    "inputs": _digest_of(listed),
                    "final": whole.get("final"),
                }
                entry = self._journal.record(connection, "scope.version", body, now=now)
                connection.execute(
                    tables.case_version.insert().values(
                        case=case,
                        version=version,
                        made=to_micros(now),
                        who=self._journal.who,
                        document=name,
                        sets=json.dumps(files, sort_keys=True),
                        inputs=listed,
                        final=whole.get("final") is not None,
                        entry=entry,
                    )
                )
        return version

    def cases(self) -> list[str]:
        """Names of all cases, in order."""
        return sorted({row.case for row in self._rows()})

    def versions(self, case: str) -> list[VersionRow]:
        """All versions of a case, the first one first. Raises `WhosawError` where there is no such case."""
        found = self._rows(case)
        if not found:
            known = ", ".join(self.cases()) or "none"
            raise WhosawError(
                "case.unknown",
                f"there is no case {case!r} in {self._root}",
                hint=f"Cases here: {known}. `whosaw scope new --case NAME` makes one",
            )
        return found

    def row(self, case: str, version: int | None = None) -> VersionRow:
        """One version, the last where none is named."""
        found = self.versions(case)
        if version is None:
            return found[-1]
        for each in found:
            if each.version == version:
                return each
        raise WhosawError(
            "case.no-version",
            f"case {case!r} has no version {version}",
            hint=f"It has 1 to {found[-1].version}",
        )

    def get(self, case: str, version: int | None = None) -> ScopeVersion:
        """A version, after its digest was held against the custody journal."""
        row = self.row(case, version)
        try:
            return read_version(self.text(case, row.version))
        except ValueError as fault:
            raise WhosawError(
                "case.unreadable",
                f"{row.case} {row.version} cannot be read: {fault}",
                hint="Another release of whosaw made it; read it with that one",
            ) from fault

    def text(self, case: str, version: int | None = None) -> bytes:
        """The document of a version as it is kept, after its digest was held against the custody journal."""
        row = self.row(case, version)
        said = self._said(row)
        if said.get("document") != row.digest:
            raise _changed(row, "the document")
        return self._files.read(f"{row.digest}.scope")

    def sets(
        self,
        case: str,
        version: int | None = None,
        names: Sequence[str] | None = None,
        *,
        opened: dict[str, BitMap] | None = None,
    ) -> dict[str, BitMap]:
        """The sets of persons of a version, or those of them that are named and there, held against the custody journal.

        `opened` keeps them by file from one call to the next, so that equal sets of two versions are one object.
        """
        row = self.row(case, version)
        said = self._said(row).get("sets", {})
        known = opened if opened is not None else {}
        out: dict[str, BitMap] = {}
        for name, file in row.sets.items():
            if names is None or name in names:
                if said.get(name) != _digest_of(file):
                    raise _changed(row, f"the set {name!r}")
                if file not in known:
                    known[file] = self._set(file)
                out[name] = known[file]
        return out

    def _set(self, file: str) -> BitMap:
        """The persons in a file; the caller's own set, also where it is kept."""
        kept = keeping.get()
        found = kept.sets.get(file) if kept is not None else None
        if found is None:
            data = self._files.read(file)
            found = BitMap.deserialize(data)
            if kept is None:
                return found
            kept.sets.put(file, found, len(data))
        return BitMap(found)

    def inputs(self, case: str, version: int | None = None) -> LiveInputs:
        """What the ledger held when a version was made, held against the custody journal."""
        row = self.row(case, version)
        table = tables.case_version
        (found,) = self._journal.rows(
            sa.select(table.c.inputs).where(table.c.case == row.case, table.c.version == row.version)
        )
        if self._said(row).get("inputs") != _digest_of(found["inputs"]):
            raise _changed(row, "the list of inputs")
        return LiveInputs.of_bytes(self._files.read(found["inputs"]))

    def final_version(self, case: str) -> int | None:
        """The last version that was closed as final; None where none was, or there is no such case."""
        return max((row.version for row in self._rows(case) if row.final), default=None)

    def _rows(self, case: str | None = None) -> list[VersionRow]:
        table = tables.case_version
        if not self._journal.has(table):
            return []
        query = sa.select(table).order_by(table.c.case, table.c.version)
        if case is not None:
            query = query.where(table.c.case == case)
        return [
            VersionRow(
                case=row["case"],
                version=row["version"],
                made=from_micros(row["made"]),
                by=row["who"],
                digest=_digest_of(row["document"]),
                final=row["final"],
                sets=json.loads(row["sets"]),
                entry=row["entry"],
            )
            for row in self._journal.rows(query)
        ]

    def _said(self, row: VersionRow) -> dict[str, Any]:
        """What the custody journal says of a version."""
        found = self._journal.entries("scope.version", where=[tables.entry.c.seq == row.entry])
        body: dict[str, Any] = json.loads(found[0].body) if found else {}
        if (body.get("case"), body.get("version")) != (row.case, row.version):
            raise _changed(row, "the version")
        return body

    @contextmanager
    def _adding(self) -> Iterator[None]:
        """One process adds at a time; the next waits. A scan does not hold this lock and is not held up by it."""
        path = self._root / "cases.lock"
        try:
            handle = open(path, "a", encoding="ascii")  # noqa: SIM115  # closed below
        except OSError as fault:
            raise WhosawError(
                "store.write-failed",
                f"{path} could not be made ({fault.strerror})",
                hint="Free some space, or ask for the right to write there",
            ) from fault
        with handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def check_name(name: object) -> str:
    """The name of a case, or `WhosawError`: letters, digits, dots, dashes and underscores, at most 64."""
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name
    raise WhosawError(
        "case.name",
        "a case needs a name of letters, digits, dots, dashes and underscores, 64 at most",
        hint="Such as --case spring-2025; no name of a person",
    )


def _digest_of(file: str) -> str:
    return file.partition(".")[0]


def _changed(row: VersionRow, what: str) -> WhosawError:
    return WhosawError(
        "case.changed",
        f"{what} of {row.case} {row.version} is not what the custody journal says of it",
        hint="Somebody changed the workspace; restore it from a backup",
    )
