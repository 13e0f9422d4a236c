"""Prints what goes by letter: PDFs of so many letters each, every one with a sheet code that names its attempt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from whosaw.app.asking.looks import require_reason
from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.errors import WhosawError
from whosaw.core.instants import to_micros
from whosaw.report.letters_pdf import Letter, letters_pdf
from whosaw.sending.keys import Keys, Return
from whosaw.store.files import held_back
from whosaw.store.sending.sending_store import ACCEPTED, UNDELIVERABLE, Job, Outcome, SendingStore
from whosaw.store.workspace import Workspace

from .manifest import open_pieces, read_manifest

__all__ = ["Printed", "print_letters"]

LETTER: Final = "letter"
_MOST: Final = 2_000  # letters of one file


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What was printed: files, letters, and how many of a run before it are unknown."""

    case: str
    version: int
    files: tuple[str, ...]
    letters: int
    unknown_found: int


@asks(Verb.TELL, "letters", root="workspace", case="case")
def print_letters(
    case: str,
    folder: Path,
    *,
    workspace: Path,
    reason: str,
    now: Callable[[], datetime],
    batch: int = 500,
    version: int | None = None,
    key_file: Path | None = None,
) -> Printed:
    """Write the letters of released waves into `folder`, `batch` in a file. That they are about to be there is on disk before a file has its
    name; a letter counts as accepted when it has. Raises `WhosawError` where nothing was released."""
    require_reason(reason)
    if not 1 <= batch <= _MOST:
        raise WhosawError("notice.batch", f"a file holds 1 to {_MOST:,} letters", hint="Choose --batch so")
    opened = Workspace.open(workspace, key_file=key_file)
    try:
        store = SendingStore(opened.root)
        try:
            with store.sender():
                return _print(case, folder, opened, store, reason, now, batch, version)
        finally:
            store.close()
    finally:
        opened.close()


def _print(
    case: str,
    folder: Path,
    opened: Workspace,
    store: SendingStore,
    reason: str,
    now: Callable[[], datetime],
    batch: int,
    version: int | None,
) -> Printed:
    row = store.find(case, version)
    manifest = read_manifest(opened.files, opened.journal, row)
    pieces = open_pieces(opened.files, opened.vault, manifest.label, manifest.pieces)
    texts = {each.audience: each for each in manifest.texts if each.channel == LETTER}
    read = lru_cache(maxsize=64)(lambda kept: opened.files.read(kept).decode("utf-8"))
    keys = Keys(opened.vault)
    left, _ = store.recover(row.id, now=to_micros(now()))
    _make_folder(folder)
    written: list[str] = []
    printed = 0
    while jobs := store.lease(row.id, LETTER, now=to_micros(now()), most=batch):
        letters: list[tuple[Job, Letter]] = []
        lost: list[Outcome] = []
        for job in jobs:
            who, address = pieces.recipient(job.part, job.row), pieces.address(job.part, job.row)
            audience = manifest.audiences[who.audience]
            if address.post is None or audience not in texts:
                lost.append(Outcome(job=job, state=UNDELIVERABLE, reply="no address"))
                continue
            code = keys.sheet_code(Return(sending=row.id, part=job.part, row=job.row, n=job.n))
            lines = "\n".join(
                filter(None, (address.name, *(each.strip() for each in address.post.split(";"))))
            )
            letter = Letter(
                code=code, language=audience.language, address=lines, text=read(texts[audience].kept)
            )
            letters.append((job, letter))
        store.write(row.id, outcomes=lost, now=to_micros(now()))
        if not letters:
            continue
        name = f"{row.case}-{row.version}-letters-{jobs[0].part}-{jobs[0].row}-{jobs[0].n}.pdf"
        data = letters_pdf(name, manifest.organisation, [letter for _, letter in letters])
        with held_back(folder / name, [data], code="export.write-failed") as digest:
            body = {
                "case": row.case,
                "version": row.version,
                "file": name,
                "sha256": digest,
                "letters": len(letters),
                "reason": reason.strip(),
            }
            with opened.journal.transaction() as connection:
                opened.journal.record(connection, "notice.printed", body, now=now())
            store.write(row.id, handed=[job for job, _ in letters], now=to_micros(now()))
        outcomes = [Outcome(job=job, state=ACCEPTED, reply=name) for job, _ in letters]
        store.write(row.id, outcomes=outcomes, now=to_micros(now()))
        written.append(str(folder / name))
        printed += len(letters)
    return Printed(
        case=row.case, version=row.version, files=tuple(written), letters=printed, unknown_found=left
    )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as fault:
        raise WhosawError(
            "export.write-failed",
            f"{folder} could not be made ({fault.strerror})",
            hint="Choose another folder with --out",
        ) from fault
