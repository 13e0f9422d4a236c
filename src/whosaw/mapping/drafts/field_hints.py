"""What a name suggests: which kind of personal data a field holds, whom a path is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from whosaw.core.errors import Fault, FaultsError
from whosaw.mapping.categories import load_categories
from whosaw.packs.table import Table
from whosaw.packs.toml_file import load_toml

__all__ = ["HINTS_FOLDER", "Hints", "load_hints", "words_of"]

HINTS_FOLDER = Path(__file__).resolve().parents[2] / "data" / "hints"
_BREAK = re.compile(r"[^0-9A-Za-z\u0080-\U0010ffff]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LISTS = ("words", "whole", "contains", "formats")
_LABELS = {"field": "category", "path": "category", "subject": "kind", "own": "", "size": "", "thing": ""}


def words_of(name: str) -> tuple[str, ...]:
    """The words of `customerId`, `customer_id`, `CUSTOMER-ID`: customer, id."""
    return tuple(word.lower() for word in _BREAK.split(name[:200]) if word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """One row of a table of hints; phrases are split into words."""

    label: str
    words: tuple[tuple[str, ...], ...] = ()
    whole: tuple[tuple[str, ...], ...] = ()
    contains: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()

    def strength(self, name: str) -> int:
        """How many letters of the name this hint explains; 0 where it does not fit."""
        words = words_of(name)
        joined = "".join(words)
        best = max((len("".join(p)) for p in self.whole if p == words or "".join(p) == joined), default=0)
        for phrase in self.words:
            size = len(phrase)
            if "".join(phrase) == joined or any(
                words[start : start + size] == phrase for start in range(len(words) - size + 1)
            ):
                best = max(best, len("".join(phrase)))
        return max([best, *(len(part) for part in self.contains if part in joined)])

    def only_whole(self, name: str) -> bool:
        """Whether the name is a bare word such as `name`, which may as well be a thing's."""
        words = words_of(name)
        return words in self.whole and words not in self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """The tables, each in file order; the strongest hint wins, then the first."""

    fields: tuple[Hint, ...]
    paths: tuple[Hint, ...]
    subjects: tuple[Hint, ...]
    own: tuple[Hint, ...]
    size: tuple[Hint, ...]
    things: tuple[Hint, ...]

    def field_category(self, name: str, *, form: str | None = None, under: Sequence[str] = ()) -> str | None:
        """The category of a field, by its name, its format and the names of what it stands under."""
        hint = _best(self.fields, name)
        if hint is not None and hint.only_whole(name) and under and _best(self.things, under[-1]):
            hint = None
        if hint is None and form is not None:
            hint = next((h for h in self.fields if form in h.formats), None)
        return hint.label if hint else None

    def path_categories(self, segments: Iterable[str]) -> tuple[str, ...]:
        """The categories that words of a path suggest."""
        found = {hint.label for segment in segments for hint in self.paths if hint.strength(segment)}
        return tuple(sorted(found))

    def subject_kind(self, name: str) -> str | None:
        """The kind of person that a segment or parameter names, None for anything else."""
        hint = _best(self.subjects, name)
        return hint.label if hint else None

    def is_own(self, segment: str) -> bool:
        """Whether a path with this segment answers about whoever asks."""
        words = words_of(segment)
        return any(words in hint.words for hint in self.own)

    def is_size(self, name: str) -> bool:
        """Whether a parameter asks for a number of records."""
        words = words_of(name)
        return any(words in hint.words or ("".join(words),) in hint.words for hint in self.size)

    def is_thing(self, name: str) -> bool:
        """Whether a word stands for goods, places or the like."""
        return _best(self.things, name) is not None


def _best(hints: tuple[Hint, ...], name: str) -> Hint | None:
    graded = [(hint.strength(name), -place, hint) for place, hint in enumerate(hints)]
    top = max(graded, key=lambda entry: entry[:2], default=None)
    return top[2] if top and top[0] else None


@cache
def load_hints(folder: Path = HINTS_FOLDER) -> Hints:
    """The shipped hints. Raises `FaultsError` with every fault in them."""
    known = load_categories()
    faults: list[Fault] = []
    tables: dict[str, list[Hint]] = {name: [] for name in _LABELS}
    for path in sorted(folder.glob("*.toml")):
        file = load_toml(path, name=f"hints/{path.name}")
        top = Table.top(file, faults, code="hints.invalid", unknown_code="hints.unknown-key")
        for name, label in _LABELS.items():
            tables[name] += [_hint(each, label, known) for each in top.tables(name)]
        top.rest_unknown()
    if faults:
        raise FaultsError("hints.invalid", faults)
    return Hints(
        fields=tuple(tables["field"]), paths=tuple(tables["path"]), subjects=tuple(tables["subject"]),
        own=tuple(tables["own"]), size=tuple(tables["size"]), things=tuple(tables["thing"]),
    )  # fmt: skip


def _hint(table: Table, label: str, categories: Iterable[str]) -> Hint:
    words = {name: table.texts(name, required=False) for name in _LISTS}
    known = tuple(categories) if label == "category" else ()
    found = Hint(
        label=table.text(label, one_of=known) if label else "",
        words=tuple(words_of(phrase) for phrase in words["words"]),
        whole=tuple(words_of(phrase) for phrase in words["whole"]),
        contains=words["contains"],
        formats=words["formats"],
    )
    table.rest_unknown()
    if not any(table.has(name) for name in _LISTS):
        table.fault("gives no words")
    return found
