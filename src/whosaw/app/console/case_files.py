"""Case files of the console: every text that somebody wrote stays in the journal, the last one lies as a file beside it for the command line."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros, to_micros
from whosaw.packs.toml_file import parse_toml
from whosaw.packs.toml_text import toml_text
from whosaw.store.files import write_atomically
from whosaw.store.journal import Journal
from whosaw.store.repositories.case_texts import CaseText, add_case_text, case_texts
from whosaw.store.repositories.cases import check_name
from whosaw.store.workspace import journal_of

from .case_form import Merged, Values, merged, values_of, with_values

if TYPE_CHECKING:
    from whosaw.law.loaded_case import LawCase

__all__ = ["FOLDER", "Saved", "Written", "add_made", "case_path", "read_case_texts", "save_case"]

FOLDER: Final = "case-files"
_HEAD: Final = (
    "# Written in the console of whosaw. What you change here is taken in when the console reads it next.\n"
)
_BY_HAND: Final = "by hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A text of a case file: its number, who wrote it and when, and what it holds."""

    number: int
    by: str
    time: datetime
    document: Mapping[str, Any]

    @property
    def values(self) -> Values:
        return values_of(dict(self.document))


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What came of writing: the number of the new text, or what somebody else had changed meanwhile."""

    number: int
    merged: Merged


def case_path(root: Path, case: str) -> Path:
    """Where the case file of this name lies."""
    return root / FOLDER / f"{check_name(case)}.toml"


def read_case_texts(root: Path, case: str, *, now: datetime) -> tuple[Written, ...]:
    """Every text of a case file, the first one first; none where nobody wrote one. What somebody changed in the file by hand is taken in;
    `FaultsError` where that is no TOML."""
    path = case_path(root, case)
    with closing(journal_of(root)) as journal:
        rows = case_texts(journal, case)
        held = _held(path)
        if held is not None and held not in {each.text for each in rows}:
            parse_toml(held, name=path.name)
            _add(journal, case, len(rows), held, _BY_HAND, now)
        elif rows and held != rows[-1].text:  # a server that was stopped in between
            _lay(path, rows[-1].text)
        return tuple(_written(each) for each in case_texts(journal, case))


def save_case(
    root: Path, case: str, values: Values, *, seen: int, keep_mine: bool, by: str, now: datetime
) -> Saved:
    """Write what changed since the text of number `seen`. Where somebody else changed the same meanwhile nothing is written, unless
    `keep_mine`; what they wrote stays among the texts. Raises `FaultsError` for what the case file would not take."""
    texts = read_case_texts(root, case, now=now)
    standing: dict[str, Any] = dict(texts[-1].document) if texts else {"case": case}
    base = texts[seen - 1].values if 0 < seen <= len(texts) else {}
    found = merged(base, values, values_of(standing))
    if found.both and not keep_mine:
        return Saved(number=len(texts), merged=found)
    if not found.values and texts:
        return Saved(number=len(texts), merged=Merged(values={}, both={}))
    document = with_values(standing, found.values, by=by)
    number = _put(root, case, len(texts), document, by, now)
    return Saved(number=number, merged=Merged(values=found.values, both={}))


def add_made(
    root: Path, case: str, duty: str, at: datetime, scope: int | None, *, by: str, now: datetime
) -> None:
    """Put down that a report or a notice was made, and on which scope version."""
    texts = read_case_texts(root, case, now=now)
    if not texts:
        raise WhosawError(
            "case.no-file", f"nothing was answered in the case {case} yet", hint="Fill in its form first"
        )
    document = dict(texts[-1].document)
    row: dict[str, Any] = {
        "duty": duty,
        "at": at,
        **({} if scope is None else {"scope": scope}),
        "source": by,
    }
    document["made"] = [*document.get("made", []), row]
    _put(root, case, len(texts), document, by, now)


def _put(root: Path, case: str, before: int, document: Mapping[str, Any], by: str, now: datetime) -> int:
    text = _HEAD + toml_text(document)
    _tried(root, case, text)
    with closing(journal_of(root)) as journal:
        _add(journal, case, before, text, by, now)
    _lay(case_path(root, case), text)
    return before + 1


def _tried(root: Path, case: str, text: str) -> LawCase:
    """The text as a case; raises `FaultsError` where it is none."""
    from whosaw.law.loaded_case import load_case

    folder = root / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{case}.", suffix=".toml", dir=folder)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
        return load_case(Path(name), workspace=root)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)


def _add(journal: Journal, case: str, before: int, text: str, by: str, now: datetime) -> None:
    with journal.transaction() as connection:
        if len(case_texts(journal, case, connection)) != before:
            raise WhosawError(
                "case.written",
                "somebody else wrote to this case at the same moment",
                hint="Send the form again; nothing of yours was written yet",
            )
        row = CaseText(case=case, seq=before + 1, time=to_micros(now), who=by, text=text)
        add_case_text(connection, row)
        journal.record(connection, "case.answered", {"case": case, "number": before + 1, "by": by}, now=now)


def _lay(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    write_atomically(path, text.encode("utf-8"), mode=0o600)


def _held(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as fault:
        raise WhosawError("case.unreadable", f"the case file {path.name} cannot be read") from fault


def _written(row: CaseText) -> Written:
    return Written(
        number=row.seq,
        by=row.who,
        time=from_micros(row.time),
        document=parse_toml(row.text, name=row.case).data,
    )
