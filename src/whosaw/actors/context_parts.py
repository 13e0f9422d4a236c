"""The parts that a table of the context is made of: a file of the folder, files elsewhere, and rows out of logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from whosaw.core.errors import Fault, Where

from .context_columns import find_columns
from .context_file import TextTable, read_rows, stem_and_ending
from .context_from import Told, files_of
from .context_schema import TableSchema, folded, table_schemas
from .context_settings import ContextSettings

__all__ = ["Part", "file_fault", "joined", "part_of", "parts_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file that holds rows of a table, or all rows of it out of logs; `found`: the name in it by column."""

    schema: TableSchema
    text: TextTable
    found: Mapping[str, str]
    files: tuple[str, ...]


def parts_of(
    folder: Path, settings: ContextSettings, faults: list[Fault], notes: list[str]
) -> Iterator[Part]:
    """The tables of the folder, and those that lie elsewhere."""
    first: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        schema = _schema_of(path, faults, notes)
        if schema is None:
            continue
        if schema.name in first:
            message = f"and {first[schema.name]} are both {schema.name}"
            faults.append(file_fault(path, message, "Keep one of them"))
            continue
        first[schema.name] = path
        yield _part(path, schema, settings.columns.get(schema.name, {}), notes)
    for source in settings.sources:
        if source.table is None:
            if source.system is None and source.people_as and not source.people:
                faults.append(source.fault("people_as says nothing without people"))
            continue
        paths = files_of(folder, source.files)
        if not paths:
            faults.append(
                source.fault(
                    f"no file is {', '.join(source.files)}", "Paths begin at the folder of context.toml"
                )
            )
        for path in paths:
            yield _part(path, table_schemas()[source.table], source.columns, notes)


def _part(path: Path, schema: TableSchema, columns: Mapping[str, str], notes: list[str]) -> Part:
    text = read_rows(path, str(path))
    return Part(
        schema=schema, text=text, found=find_columns(text, schema, columns, notes), files=(str(path),)
    )


def part_of(schema: TableSchema, rows: pa.Table, told: Sequence[Told]) -> Part:
    """Rows out of logs, whose columns have the names of the table's."""
    columns = {each: rows[each].combine_chunks() for each in rows.schema.names}
    files = tuple(file for each in told if each.rows.get(schema.name) for file in each.files)
    text = TextTable(
        file=files[0] if files else schema.name,
        columns=columns,
        rows=rows.num_rows,
        faults=[],
        _line_numbers=list,
    )
    return Part(schema=schema, text=text, found={each: each for each in columns}, files=files)


def joined(parts: Sequence[Part]) -> Part:
    """All rows of a table: the parts one behind the other."""
    if len(parts) == 1:
        return parts[0]
    schema, count = parts[0].schema, sum(each.text.rows for each in parts)
    names = [each.name for each in schema.columns if any(each.name in part.found for part in parts)]
    columns = {
        name: pa.concat_arrays(
            [
                each.text.columns[each.found[name]]
                if name in each.found
                else pa.nulls(each.text.rows, pa.string())
                for each in parts
            ]
        )
        for name in names
    }

    def lines() -> list[int]:
        return [line or 0 for part in parts for line in map(part.text.line_of, range(part.text.rows))]

    text = TextTable(
        file=parts[0].text.file, columns=columns, rows=count,
        faults=[fault for each in parts for fault in each.text.faults], _line_numbers=lines,
    )  # fmt: skip
    files = tuple(file for each in parts for file in each.files)
    return Part(schema=schema, text=text, found={each: each for each in names}, files=files)


def file_fault(path: Path, message: str, hint: str = "") -> Fault:
    """Something wrong with a file of the folder as a whole."""
    return Fault(code="context.file", message=message, where=Where(file=str(path)), hint=hint)


def _schema_of(path: Path, faults: list[Fault], notes: list[str]) -> TableSchema | None:
    named = stem_and_ending(path.name)
    if named is None or not path.is_file():
        if path.name != "context.toml":
            notes.append(
                f"{path.name} was not read: context tables end in .csv, .tsv or .jsonl (or these with .gz)"
            )
        return None
    stem = folded(named[0])
    for schema in table_schemas().values():
        if stem in {folded(name) for name in schema.files}:
            return schema
    faults.append(file_fault(path, "is not a context table", f"Known: {', '.join(sorted(table_schemas()))}"))
    return None
