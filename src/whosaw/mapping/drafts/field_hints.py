"""What a name suggests: which kind of personal data a field holds, whose it is, whom a path is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar, cast, get_args

from whosaw.core.errors import Fault, FaultsError
from whosaw.core.name_words import words_of
from whosaw.mapping.categories import load_categories
from whosaw.packs.table import Table
from whosaw.packs.toml_file import load_toml

from .words import Found, Phrases

__all__ = ["HINTS_FOLDER", "FieldHint", "Hints", "Owner", "RecordHint", "Role", "load_hints"]

HINTS_FOLDER = Path(__file__).resolve().parents[2] / "data" / "hints"
Role = Literal["person", "other", "organisation", "thing", "general"]
_ROLES: tuple[str, ...] = get_args(Role)
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldHint:
    """What a field with this name holds. `firm`: also where it stands under an organisation; `key`: it says whose record it is;
    `exact`: of a record, only where the name is nothing else; `inner`: of a group, only where it is an object in the answer, no path and no table; `finds`: a request may ask for a person by it; `elsewhere`: its category where the operation is none of a bank."""

    category: str
    elsewhere: str = ""
    firm: bool = False
    key: bool = False
    finds: bool = False
    inner: bool = False
    exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """What fields below this word belong to. `alone`: only where the name is nothing else."""

    role: Role
    alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordHint:
    """A record about somebody, such as an order: which of its fields tell something, and what."""

    fields: Phrases[FieldHint]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """The tables of hints. Of two phrases the longer speaks, then the one of the earlier row."""

    strong: Phrases[FieldHint]  # wherever it stands, but under things
    sole: Phrases[FieldHint]  # the same, for a name that is nothing else
    bare: Phrases[FieldHint]  # a name that is nothing else, of a person
    columns: Phrases[FieldHint]  # a name that is nothing else, of a column of a list of people
    formats: Mapping[str, FieldHint]
    systems: tuple[tuple[str, FieldHint], ...]  # part of the name of a code system, and what its values are
    owners: Phrases[Owner]
    records: Phrases[RecordHint]
    groups: Phrases[FieldHint]  # everything below tells this
    never: Phrases[bool]  # a name that ends so tells nothing
    passing: Phrases[bool]  # a field that only repeats what it stands under, such as `value`
    neutral: Phrases[bool]  # an object that only wraps
    pointers: Phrases[bool]  # a last word that points to what the others name
    marks: Phrases[Role]  # a field beside others that says whose they are
    bank: Phrases[bool]
    paths: Phrases[str]
    subjects: Phrases[str]
    own: Phrases[bool]
    size: Phrases[bool]

    def field_category(self, name: str) -> str | None:
        """The category of a column of a list of people, by its name alone: `name` is theirs there."""
        words = words_of(name)
        found = self.strong.longest(words)
        whole = self.columns.whole(words) if found is None else found.row
        return whole.category if whole is not None else None

    def path_categories(self, segments: Iterable[str]) -> tuple[str, ...]:
        """The categories that words of a path suggest."""
        return tuple(sorted({each.row for s in segments for each in self.paths.all_in(words_of(s))}))

    def subject_kind(self, name: str) -> str | None:
        """The kind of person that a segment or parameter names, None for anything else."""
        found = self.subjects.longest(words_of(name))
        return found.row if found is not None else None

    def names_subject(self, name: str) -> bool:
        """Whether a parameter is called as a person is, and nothing else: `user`, `cust`."""
        return self.subjects.whole(words_of(name)) is not None

    def is_own(self, segment: str) -> bool:
        """Whether a path with this segment answers about whoever asks."""
        return self.own.whole(words_of(segment)) is not None

    def is_size(self, name: str) -> bool:
        """Whether a parameter asks for a number of records."""
        return self.size.whole(words_of(name)) is not None

    def is_thing(self, name: str) -> bool:
        """Whether a word stands for goods, places, organisations or the like."""
        found = self.owner_of(words_of(name))
        return found is not None and found.row.role in ("thing", "organisation", "general")

    def owners_in(self, words: tuple[str, ...]) -> list[Found[Owner]]:
        """Every word of a name that may own what stands below it."""
        return [
            each
            for each in self.owners.all_in(words)
            if not each.row.alone or each.end - each.start >= len(words)
        ]

    def owner_of(self, words: tuple[str, ...]) -> Found[Owner] | None:
        """The owner that a name ends with: the last, and of two that end there the longer; what is general prevails."""
        found = self.owners_in(words)
        general = [each for each in found if each.row.role == "general"]
        chosen = general or found
        return chosen[-1] if chosen else None


@cache
def load_hints(folder: Path = HINTS_FOLDER) -> Hints:
    """The shipped hints. Raises `FaultsError` with every fault in them."""
    known = tuple(load_categories())
    faults: list[Fault] = []
    hints = Hints(
        strong=Phrases(), sole=Phrases(), bare=Phrases(), columns=Phrases(), formats={}, systems=(), owners=Phrases(), records=Phrases(), groups=Phrases(),
        never=Phrases(), passing=Phrases(), neutral=Phrases(), pointers=Phrases(), marks=Phrases(), bank=Phrases(), paths=Phrases(),
        subjects=Phrases(), own=Phrases(), size=Phrases(),
    )  # fmt: skip
    formats: dict[str, FieldHint] = {}
    systems: list[tuple[str, FieldHint]] = []
    for path in sorted(folder.glob("*.toml")):
        file = load_toml(path, name=f"hints/{path.name}")
        top = Table.top(file, faults, code="hints.invalid", unknown_code="hints.unknown-key")
        for table in top.tables("field"):
            _field(table, known, hints, formats)
        for table in top.tables("record"):
            _record(table, known, hints)
        for table in top.tables("system"):
            row = _row(table, known)
            systems += [(part.lower(), row) for part in table.texts("contains", some=True)]
            table.rest_unknown()
        for table in top.tables("owner"):
            role = cast("Role", table.text("role", one_of=_ROLES))
            _phrases(table, hints.owners, Owner(role=role, alone=table.flag("alone")))
        for table in top.tables("mark"):
            _phrases(table, hints.marks, cast("Role", table.text("role", one_of=_ROLES)))
        for table in top.tables("group"):
            _phrases(table, hints.groups, _row(table, known))
        for table in top.tables("path"):
            _phrases(table, hints.paths, table.text("category", one_of=known))
        for table in top.tables("subject"):
            _phrases(table, hints.subjects, table.text("kind"))
        for name, phrases in (
            ("never", hints.never), ("passing", hints.passing), ("neutral", hints.neutral), ("pointer", hints.pointers), ("bank", hints.bank),
            ("own", hints.own), ("size", hints.size),
        ):  # fmt: skip
            for table in top.tables(name):
                _phrases(table, phrases, row=True)
        top.raw("cases")  # read by whoever tries the hints
        top.raw("behind"), top.raw("ahead"), top.raw("nobody"), top.raw("page")  # read by packs/path_words
        top.rest_unknown()
    if faults:
        raise FaultsError("hints.invalid", faults)
    return replace(hints, formats=formats, systems=tuple(systems))


def _row(table: Table, known: tuple[str, ...]) -> FieldHint:
    return FieldHint(
        category=table.text("category", one_of=known),
        elsewhere=table.text("elsewhere", one_of=known, required=False),
        firm=table.flag("firm"),
        key=table.flag("key"),
        finds=table.flag("finds"),
        inner=table.flag("inner"),
        exact=table.flag("exact"),
    )


def _field(table: Table, known: tuple[str, ...], hints: Hints, formats: dict[str, FieldHint]) -> None:
    row = _row(table, known)
    words, bare = table.texts("words", required=False), table.texts("bare", required=False)
    sole, columns = table.texts("sole", required=False), table.texts("columns", required=False)
    inside, forms = table.texts("contains", required=False), table.texts("formats", required=False)
    table.rest_unknown()
    if not (words or bare or sole or columns or inside or forms):
        table.fault("gives no words")
    hints.strong.add(row, words, inside)
    hints.sole.add(row, sole)
    hints.bare.add(row, bare)
    hints.columns.add(row, columns)
    for form in forms:
        formats.setdefault(form, row)


def _record(table: Table, known: tuple[str, ...], hints: Hints) -> None:
    row = RecordHint(fields=Phrases())
    hints.records.add(row, table.texts("words", required=False), table.texts("contains", required=False))
    for told in table.tables("tells"):
        told_row = _row(told, known)
        row.fields.add(told_row, told.texts("fields", required=False), told.texts("contains", required=False))
        told.rest_unknown()
    table.rest_unknown()


def _phrases(table: Table, into: Phrases[Row], row: Row) -> None:
    words, inside = table.texts("words", required=False), table.texts("contains", required=False)
    table.rest_unknown()
    if not (words or inside):
        table.fault("gives no words")
    into.add(row, words, inside)
