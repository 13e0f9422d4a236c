"""Writes drafts of filings and notices as files, notices in the formats of their channel: all of them, or none."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from whosaw.core.canonical_json import pretty_json
from whosaw.core.document import document
from whosaw.core.draft import Draft
from whosaw.core.errors import WhosawError

__all__ = [
    "DRAFT_FORMATS",
    "NOTICE_FORMATS",
    "check_formats",
    "draft_bytes",
    "write_all",
    "write_drafts",
    "write_notices",
]


def _html(draft: Draft, own: Path | None) -> bytes:
    from .draft_html import draft_html

    return draft_html(draft, own=own).encode("utf-8")


def _pdf(draft: Draft, own: Path | None) -> bytes:
    from .draft_pdf import draft_pdf

    return draft_pdf(draft, own=own)


def _docx(draft: Draft, own: Path | None) -> bytes:
    from .draft_docx import draft_docx

    return draft_docx(draft, own=own)


def _text(draft: Draft, own: Path | None) -> bytes:
    from .draft_text import draft_text

    return draft_text(draft, own=own).encode("utf-8")


def _json(draft: Draft, _own: Path | None) -> bytes:
    return f"{pretty_json(document(draft))}\n".encode()


_WRITERS: Final[Mapping[str, Callable[[Draft, Path | None], bytes]]] = {
    "html": _html,
    "pdf": _pdf,
    "docx": _docx,
    "txt": _text,
    "json": _json,
}
DRAFT_FORMATS: Final = tuple(_WRITERS)
NOTICE_FORMATS: Final = ("txt", "html", "eml", "docx", "pdf", "json")
_BY_CHANNEL: Final[Mapping[str, tuple[str, ...]]] = {
    "text-message": ("txt", "json"),
    "e-mail": ("txt", "html", "eml", "json"),
    "letter": ("txt", "html", "docx", "pdf", "json"),
    "page": ("txt", "html", "json"),
}


def write_drafts(
    drafts: Sequence[Draft],
    folder: Path,
    formats: Sequence[str],
    *,
    own: Path | None = None,
    replace: bool = False,
) -> list[Path]:
    """Write each draft in each format as `ID.FORMAT` into `folder`, which is made where it is not there. Returns the paths.

    A file that is there with other bytes may hold a person's work, so without `replace` it is not touched. `own` is a
    folder with languages beside the shipped ones. Raises `WhosawError`, and then no file of this call is there, or was changed.
    """
    check_formats(formats)
    contents = {
        folder / f"{draft.id}.{each}": draft_bytes(draft, each, own)
        for draft in drafts
        for each in dict.fromkeys(formats)
    }
    if len(contents) != len(drafts) * len(set(formats)):
        raise ValueError("two drafts have one id")
    return write_all(contents, folder, replace=replace)


def write_notices(
    drafts: Sequence[Draft],
    folder: Path,
    formats: Sequence[str] = (),
    *,
    own: Path | None = None,
    replace: bool = False,
) -> list[Path]:
    """Each draft as `ID.FORMAT` in every format of its channel, or in those of `formats` that its channel has. Of a text message the
    text file holds the message alone. Raises `WhosawError`, and then nothing was written."""
    unknown = [each for each in formats if each not in NOTICE_FORMATS]
    if unknown:
        raise WhosawError(
            "draft.format",
            f"no notice can be written as {', '.join(unknown)}",
            hint=f"Known: {', '.join(NOTICE_FORMATS)}",
        )
    contents = {
        folder / f"{draft.id}.{each}": _notice_bytes(draft, each, own)
        for draft in drafts
        for each in _formats_of(draft)
        if not formats or each in formats
    }
    if not contents:
        raise WhosawError(
            "notice.no-file",
            f"no notice that was asked for is sent as {', '.join(formats)}",
            hint="; ".join(f"{channel}: {', '.join(each)}" for channel, each in _BY_CHANNEL.items()),
        )
    return write_all(contents, folder, replace=replace)


def _formats_of(draft: Draft) -> tuple[str, ...]:
    return next(each for channel, each in _BY_CHANNEL.items() if draft.id.endswith(f"-{channel}"))


def _notice_bytes(draft: Draft, kind: str, own: Path | None) -> bytes:
    if kind == "eml":
        from .draft_mail import draft_mail

        return draft_mail(draft, own=own)
    if kind == "txt" and draft.short:
        return f"{draft.short}\n".encode()
    return draft_bytes(draft, kind, own)


def draft_bytes(draft: Draft, kind: str, own: Path | None = None) -> bytes:
    """A draft as one of `DRAFT_FORMATS`. `own` is a folder with languages beside the shipped ones."""
    return _WRITERS[kind](draft, own)


def write_all(contents: Mapping[Path, bytes], folder: Path, *, replace: bool = False) -> list[Path]:
    """The same for files whose contents are made already. All paths lie in `folder`."""
    try:
        if not replace:
            _refuse(path for path, data in contents.items() if path.exists() and path.read_bytes() != data)
        _write(contents, folder)
    except OSError as fault:
        raise WhosawError(
            "draft.write-failed",
            f"{fault.filename or folder} could not be written ({fault.strerror})",
            hint="Choose another folder with --out; no draft was written",
        ) from fault
    return list(contents)


def check_formats(formats: Sequence[str]) -> None:
    """Raises `WhosawError` for a format that no draft can be written in, or for none at all."""
    unknown = [each for each in formats if each not in _WRITERS]
    if unknown or not formats:
        said = f"no draft can be written as {', '.join(unknown)}" if unknown else "no format is given"
        raise WhosawError("draft.format", said, hint=f"Known: {', '.join(DRAFT_FORMATS)}")


def _refuse(changed: Iterable[Path]) -> None:
    if names := [str(path) for path in changed]:
        raise WhosawError(
            "draft.in-the-way",
            f"{', '.join(names)} is there with other contents, perhaps changed by hand",
            hint="Choose another folder with --out, or give --replace; no draft was written",
        )


def _write(contents: Mapping[Path, bytes], folder: Path) -> None:
    """Everything goes into a hidden folder beside its place first, so that a full disk or a stop leaves nothing half."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".drafts-", dir=folder) as stage:
        for path, data in contents.items():
            with open(Path(stage) / path.name, "wb") as handle:
                handle.write(data)
                handle.flush()
                os.fsync(handle.fileno())
        for path in contents:
            os.replace(Path(stage) / path.name, path)
