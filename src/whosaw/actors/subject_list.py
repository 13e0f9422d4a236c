"""The list of known people of a context folder, as it stands there: ids and contacts in plain, for matching only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from whosaw.core.errors import Fault, FaultsError

from .context_columns import find_columns
from .context_file import read_rows, stem_and_ending
from .context_schema import folded, table_schemas
from .context_settings import load_settings

__all__ = ["SubjectList", "contact_form", "read_subject_list"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectList:
    """`ids` of all known people and, row by row, their `contacts`; None where the table has no such column."""

    ids: pa.Array
    contacts: pa.Array | None


def read_subject_list(folder: Path) -> SubjectList | None:
    """The subjects table of `folder`; None where there is none. Raises `FaultsError` with all its faults."""
    schema = table_schemas()["subjects"]
    stems = {folded(name) for name in schema.files}
    faults: list[Fault] = []
    settings = load_settings(folder / "context.toml", table_schemas(), faults)
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        named = stem_and_ending(path.name)
        if named is None or folded(named[0]) not in stems:
            continue
        text = read_rows(path, str(path))
        found = find_columns(text, schema, settings.columns.get(schema.name, {}), [])
        faults += text.faults
        if faults:
            raise FaultsError("context.invalid", faults)
        contact = found.get("contact")
        return SubjectList(
            ids=text.columns[found["subject"]],
            contacts=text.columns[contact] if contact is not None else None,
        )
    return None


def contact_form(text: str) -> str:
    """One spelling of an e-mail address (case does not count) or a phone number (only digits count)."""
    if "@" in text:
        return text.strip().casefold()
    return "".join(each for each in text if each.isdigit())
