"""The context of a workspace for its steps: a folder that is read and kept row by row, and its tables as sources of days."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.explaining.digested import Unmet, read_context
from whosaw.actors.explaining.keeping import ContentShelf, rows_kept
from whosaw.actors.explaining.kept_context import KeptContext, keep_context, met_since, spellings
from whosaw.actors.explaining.met_rows import Remembered, context_sources
from whosaw.actors.explaining.numbering import numbered
from whosaw.actors.signing.columns import Digests
from whosaw.actors.signing.first_days import TRIED, FirstDays, first_day_sources
from whosaw.actors.signing.places import NUMBERS
from whosaw.build.state import Source
from whosaw.core.canonical_json import canonical_json
from whosaw.core.version import __version__
from whosaw.mapping.subject_form import Form, forms_of
from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.numbers.facts import Spellings, keep_facts
from whosaw.store.numbers.history import load_history
from whosaw.store.numbers.people import OfHistory
from whosaw.store.parts import last_rounds
from whosaw.store.sql import Session
from whosaw.store.workspace import Workspace

from .findings import People
from .numbers_of import NumbersOf
from .remembering import keep, recalled

__all__ = [
    "OfPeople",
    "canaries_with_logins",
    "context_of",
    "kept_last",
    "of_people",
    "people_named",
    "sources_of_context",
]

Ints = npt.NDArray[np.int64]
_READING: Final = 1  # raised when a change of code reads other rows from the same folder


class _Known(NumbersOf):
    """What the ledger has of identifiers, and by which spellings it may know them."""

    def __init__(self, workspace: Workspace) -> None:
        bodies = workspace.journal.rows(
            sa.select(tables.route.c.id, tables.route.c.number, tables.route.c.body)
        )
        super().__init__(
            workspace.vault,
            load_history(workspace.journal, workspace.files),
            {row["id"]: row["number"] for row in bodies},
        )
        routes = [json.loads(row["body"]) for row in bodies]
        self._kinds: Sequence[str] = sorted({body["subject"]["kind"] for body in routes}) or ["customer"]
        self._forms: Mapping[str, Sequence[Form]] = forms_of(routes)

    def digests(self, kind: str, texts: pa.Array) -> list[pa.Array]:
        """The keyed digests of texts, beside each other under each spelling by which the ledger may know them. A person without a kind
        is tried as each kind of the map."""
        if kind != "person":
            return [self.digests_of(kind, texts)]
        return [
            self.digests_of(kind, pc.binary_join_element_wise(pa.scalar(name), each, "\x1f"))
            for name in self._kinds
            for each in (texts, *(form.read(texts)[0] for form in self._forms.get(name, ())))
        ]

    def reads(self, digest: str, zone: tzinfo | None, none: Sequence[str]) -> str:
        """A digest of all that rows of a folder with this digest follow from, but for what the ledger knows."""
        spelled = {kind: [repr(each) for each in forms] for kind, forms in self._forms.items()}
        return _digest([_READING, __version__, digest, str(zone), sorted(none), self._kinds, spelled])

    def knows(self, kind: str, digests: Sequence[pa.Array]) -> pa.Array:
        """Whether it knows any of the digests that stand beside each other."""
        told = [self.numbers(kind, each).is_valid() for each in digests]
        out = told[0]
        for each in told[1:]:
            out = pc.or_(out, each)
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class OfPeople:
    """What ids of so many people say, once they have numbers: which principals they claim to be, the numbers in them, and whose may be
    spellings of others'."""

    people: int
    claims: pa.Table
    numbers: pa.Table
    spellings: Spellings

    @property
    def without_claims(self) -> OfPeople:
        """The same for who asks for numbers alone, for as long as days are made."""
        return replace(self, claims=_CLAIMS.empty_table())


def of_people(workspace: Workspace) -> OfPeople:
    """Of all who have a number now."""
    history = load_history(workspace.journal, workspace.files)
    with Session(spill=workspace.spill) as session:
        facts = keep_facts(OfHistory(workspace, history, session), claims=True)
    return OfPeople(
        people=history.given("person"),
        claims=facts.claims.cast(_CLAIMS),
        numbers=facts.numbers.cast(NUMBERS),
        spellings=facts.spellings(),
    )


def kept_last(workspace: Workspace) -> KeptContext:
    """The context that the last round was given."""
    rounds = last_rounds(workspace.journal)
    told = rounds[0].inputs.get("context") if rounds else None
    return KeptContext() if told is None else KeptContext.of_text(told)


def context_of(
    workspace: Workspace,
    folder: Path | None,
    *,
    zone: tzinfo | None = None,
    none: Sequence[str] = (),
    digest: str | None = None,
    told: OfPeople | None = None,
) -> KeptContext:
    """The context in a folder as it is now, kept row by row after what was kept last; without a folder, what the ledger knows by itself.
    `none`: tables that there are none of, as the project says. `digest`, where the caller knows it, says what the folder holds: one that is as it
    was when it was read last is not read again. Its identifiers have to be numbered. Raises `FaultsError` with all faults of all files, and nothing
    is kept."""
    known = _Known(workspace)
    claims = (of_people(workspace) if told is None else told).claims
    shelf, last = ContentShelf(workspace.files), kept_last(workspace)
    key = workspace.vault.secret("rows of the context", 32)
    memo = _ReadMemo(workspace, None if digest is None else known.reads(digest, zone, none))
    if folder is not None and (unmet := memo.load(last)) is not None:
        is_met = known.knows("address", [unmet["address"].combine_chunks()])
        kept = met_since(shelf, last, unmet.filter(is_met), claims, key)
        if kept.text != last.text:
            memo.store(kept, unmet.filter(pc.invert(is_met)))
        return kept
    read = None
    if folder is not None or none:
        read = read_context(folder, known.digests, zone=zone, knows=known.knows, none=none)
    kept = keep_context(shelf, last, read, claims, key)
    if folder is not None and read is not None:
        memo.store(kept, read.unmet)
    return kept


def _digest(told: Any) -> str:
    return sha256(canonical_json(told)).hexdigest()


class _ReadMemo:
    """What the ledger did not know of the context when its folder was read. `of` says what was read, and how; None: that is not known."""

    _NAME: Final = "addresses of the context that the ledger does not know"

    def __init__(self, workspace: Workspace, of: str | None) -> None:
        self._workspace, self._of = workspace, of

    def load(self, last: KeptContext) -> pa.Table | None:
        """Rows of `Unmet`, where the same was read in the same way and kept as `last`; None where the folder has to be read."""
        told = None if self._of is None or last.stated.strangers else recalled(self._workspace, self._NAME)
        if told is None or told[0] != {"of": self._of, "kept": _digest(last.text)}:
            return None
        return told[1].cast(Unmet)

    def store(self, kept: KeptContext, unmet: pa.Table) -> None:
        if self._of is not None:
            keep(self._workspace, self._NAME, {"of": self._of, "kept": _digest(kept.text)}, unmet)


_CLAIMS: Final = pa.schema([("principal", pa.int64()), ("person", pa.int64())])


def sources_of_context(
    workspace: Workspace, context: KeptContext, digests: Digests, told: OfPeople | None = None
) -> list[Source]:
    """Tables of the context by day, hours of logins and tickets, people who were asked for in vain, and numbers of people. `digests`: the
    keyed digests of numbers of a kind of identifier."""
    known = _Known(workspace)
    if told is None or told.people != known.history.given("person"):  # somebody came since
        told = of_people(workspace)
    secret = workspace.vault.secret("first days of people", 16)
    return [
        *context_sources(
            ContentShelf(workspace.files),
            context,
            known.numbers,
            _MetMemo(workspace),
            known.digests_at,
            workspace.spill,
        ),
        *first_day_sources(told.numbers, secret, _DaysMemo(workspace), digests),
    ]


def people_named(workspace: Workspace, context: KeptContext) -> People:
    """Whom the context names of those whom the ledger knows: who was planted, and who is staff."""
    known, shelf = _Known(workspace), ContentShelf(workspace.files)
    also = spellings(shelf, context)
    found = {}
    for table, column in (("canaries", "person"), ("staff", "staff")):
        kept = context.tables.get(table)
        numbers = np.empty(0, np.int64)
        if kept is not None and kept.rows:
            told = numbered(table, rows_kept(shelf, table, kept), also, known.numbers)[column].drop_null()
            numbers = np.unique(told.to_numpy().astype(np.int64))
        found[table] = numbers[numbers >= 0]
    return People(planted=found["canaries"], staff=found["staff"])


def canaries_with_logins(workspace: Workspace, context: KeptContext, planted: Ints) -> list[int]:
    """Which of the planted people have a login on record."""
    kept = context.tables.get("logins")
    if kept is None or not len(planted):
        return []
    shelf = ContentShelf(workspace.files)
    rows = rows_kept(shelf, "logins", kept)
    told = numbered("logins", rows, spellings(shelf, context), _Known(workspace).numbers)["subject"]
    return sorted(set(planted.tolist()) & set(told.unique().to_pylist()))


class _MetMemo:
    """Which rows of the context days met last."""

    _NAME: Final = "rows of the context that days meet"

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def load(self) -> Remembered:
        told = recalled(self._workspace, self._NAME)
        if told is None:
            return Remembered()
        document, rows = told
        return Remembered(
            context=KeptContext.of_text(document["context"]),
            days={int(day): digest for day, digest in document["days"].items()},
            sums={
                name: rows.filter(pc.equal(rows["of"], name)).drop_columns(["of"])
                for name in document["tables"]
            },
        )

    def store(self, told: Remembered) -> None:
        parts = [
            each.add_column(0, "of", pa.array([name] * each.num_rows, pa.string()))
            for name, each in sorted(told.sums.items())
        ]
        document = {
            "context": told.context.text,
            "days": {str(day): digest for day, digest in told.days.items()},
            "tables": sorted(told.sums),
        }
        keep(self._workspace, self._NAME, document, pa.concat_tables(parts) if parts else None)


class _DaysMemo:
    """When people were seen first."""

    _NAME: Final = "first days of people"

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def load(self) -> FirstDays:
        told = recalled(self._workspace, self._NAME)
        if told is None:
            return FirstDays()
        document, rows = told
        runs = {
            kind: {int(day): digest for day, digest in days.items()}
            for kind, days in document["runs"].items()
        }
        seen = rows.slice(0, document["people"])["day"].to_numpy()
        return FirstDays(
            seen=seen.astype(np.int32), tried=rows.slice(document["people"]).cast(TRIED), runs=runs
        )

    def store(self, told: FirstDays) -> None:
        people = len(told.seen)
        first = pa.table(
            [pa.array(told.seen), pa.array(np.arange(people), pa.int32()), pa.nulls(people, pa.bool_())],
            schema=TRIED,
        )
        runs = {kind: {str(day): digest for day, digest in days.items()} for kind, days in told.runs.items()}
        keep(
            self._workspace,
            self._NAME,
            {"runs": runs, "people": people},
            pa.concat_tables([first, told.tried]),
        )
