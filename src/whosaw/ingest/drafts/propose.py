"""Drafts the format item of a layout that nobody described, from samples of its files: `propose(samples, id_=...)`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import ClassVar

from whosaw.core.document import told_as
from whosaw.ingest.meaning import WHAT, WHERE, WHO

from .guess import LEAST, Guess, guesses
from .item_text import item_text
from .lists import in_events
from .masking import shown
from .records import Records, Shape, records_in
from .values import Values, columns_of

__all__ = ["FormatDraft", "UnusedField", "propose"]

_EXAMPLES = 3
_FEW, _LITTLE = 5, 0.6  # from so few records little can be told
_MOST_UNUSED = 60
_ESSENTIAL: Mapping[str, tuple[str, ...]] = {"who": WHO, "from where": WHERE, "what": WHAT}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedField:
    """A field that no column takes: in which part of the records it stands, and some of its values, masked."""

    name: str
    filled: float
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatDraft:
    """A format item that was drafted. `columns` are in it; `perhaps` are columns of which it is not sure enough, and that stand in
    its text as remarks. `missing` names what an event should say and no field does: the time, who, from where, what. `option` is
    the same for `--format`, where that can say it; `doubted` is, where only the time is in doubt, what it would be with the day before the
    month. `text` is the item's file, which loads and whose cases hold, where there is a
    time; without one there is none."""

    id: str
    shape: Shape
    delimiter: str
    header: bool
    records: int
    columns: tuple[Guess, ...]
    perhaps: tuple[Guess, ...]
    unused: tuple[UnusedField, ...]
    missing: tuple[str, ...]
    needs_zone: bool
    option: str
    text: str
    doubted: str = field(default="", metadata=told_as(if_any=True))
    ALSO: ClassVar[tuple[str, ...]] = ("confidence",)

    @property
    def confidence(self) -> float:
        """That of the column of which it is least sure; 0 where something is missing without which nothing is found."""
        return (
            0.0
            if "time" in self.missing or not self.columns
            else min(each.confidence for each in self.columns)
        )


def propose(
    samples: Sequence[bytes],
    *,
    day: date,
    id_: str = "own",
    title: str = "",
    source: str = "",
    chosen: Mapping[str, str] | None = None,
) -> FormatDraft | None:
    """The draft for files of one layout, of each of which a sample of whole lines is given; None where they are neither JSON nor
    key=value nor delimited text. The same samples give the same draft; `day` is the date on which it was held against
    them. Values in it are invented: nobody in the logs can be read from it. `chosen` are columns with the field that somebody who knows the
    layout took for each; an empty one leaves the column out."""
    records = records_in([sample for sample in samples if sample.strip()])
    if records is None:
        return None
    records = (
        records if records.inside else in_events(records)
    )  # what stands inside something is one event a line
    fields = columns_of([dict(row) for row in records.rows])
    found = guesses(fields)
    found = _as_chosen(found, chosen or {})
    if len(records.rows) < _FEW:
        found = [replace(each, confidence=round(each.confidence * _LITTLE, 2)) for each in found]
    columns = tuple(each for each in found if each.confidence >= LEAST)
    known = {each.column for each in columns}
    missing = [] if "time" in known else ["time"]
    missing += [what for what, names in _ESSENTIAL.items() if not known & set(names)]
    used = {name for each in columns for name in each.fields}
    perhaps = tuple(each for each in found if each.confidence < LEAST and not used & set(each.fields))
    doubt = [each for each in perhaps if each.column == "time" and "|dmy}" in each.source]
    needs_zone = any(each.name in used and each.naive for each in fields if _is_time(each.name, columns))
    text = ""
    if "time" in known:
        text = item_text(
            records,
            fields,
            columns,
            perhaps,
            id_=id_,
            title=title,
            source=source,
            day=day,
            needs_zone=needs_zone,
        )
    return FormatDraft(
        id=id_,
        shape=records.shape,
        delimiter=records.delimiter,
        header=records.header,
        records=len(records.rows),
        columns=columns,
        perhaps=perhaps,
        unused=_unused(fields, used),
        missing=tuple(missing),
        needs_zone=needs_zone,
        option=_option(records, columns),
        text=text,
        doubted=_option(records, [*doubt, *columns]) if doubt else "",
    )


def _as_chosen(found: Sequence[Guess], chosen: Mapping[str, str]) -> list[Guess]:
    """Guesses, but for what somebody said."""
    taken = set(chosen.values())
    left = [each for each in found if each.column not in chosen and taken.isdisjoint(each.fields)]
    sure = [
        Guess(column=column, source=field, fields=(field,), confidence=1.0)
        for column, field in chosen.items()
        if field
    ]
    return [*sure, *left]


def _is_time(name: str, columns: Sequence[Guess]) -> bool:
    return any(each.column == "time" and name in each.fields for each in columns)


def _unused(fields: Sequence[Values], used: set[str]) -> tuple[UnusedField, ...]:
    rest = [each for each in fields if each.given and each.name not in used]
    return tuple(
        UnusedField(
            name=each.name,
            filled=round(each.filled, 2),
            examples=tuple(dict.fromkeys(shown(value) for value in dict.fromkeys(each.given)))[:_EXAMPLES],
        )
        for each in rest[:_MOST_UNUSED]
    )


_OPTIONS: Mapping[str, str] = {
    "json": "json", "pairs": "pairs", ",": "csv", ";": "csv", "|": "csv", "\t": "tsv",
}  # fmt: skip


def _option(records: Records, columns: Sequence[Guess]) -> str:
    """The layout as `--format` takes it; empty where only an item can say it."""
    kind = _OPTIONS.get(records.delimiter if records.shape == "delimited" else records.shape, "")
    if not kind or (records.shape == "delimited" and not records.header):
        return ""
    if any("," in each.source or "=" in each.source for each in columns) or not columns:
        return ""
    named = [f"records={records.path}"] if records.path else []
    inside = f"{records.inside}:" if records.inside else ""
    return f"{inside}{kind}:" + ",".join([*named, *(f"{each.column}={each.source}" for each in columns)])
