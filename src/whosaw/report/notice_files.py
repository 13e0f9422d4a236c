"""Writes notices as files, each channel in the formats it is sent in: all of them, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from whosaw.core.draft import Draft
from whosaw.core.errors import WhosawError

from .draft_files import draft_bytes, write_all

__all__ = ["NOTICE_FORMATS", "write_notices"]

NOTICE_FORMATS: Final = ("txt", "html", "eml", "docx", "pdf", "json")
_BY_CHANNEL: Final[Mapping[str, tuple[str, ...]]] = {
    "text-message": ("txt", "json"),
    "e-mail": ("txt", "html", "eml", "json"),
    "letter": ("txt", "html", "docx", "pdf", "json"),
    "page": ("txt", "html", "json"),
}


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
        folder / f"{draft.id}.{each}": _bytes(draft, each, own)
        for draft in drafts
        for each in _formats(draft)
        if not formats or each in formats
    }
    if not contents:
        raise WhosawError(
            "notice.no-file",
            f"no notice that was asked for is sent as {', '.join(formats)}",
            hint="; ".join(f"{channel}: {', '.join(each)}" for channel, each in _BY_CHANNEL.items()),
        )
    return write_all(contents, folder, replace=replace)


def _formats(draft: Draft) -> tuple[str, ...]:
    return next(each for channel, each in _BY_CHANNEL.items() if draft.id.endswith(f"-{channel}"))


def _bytes(draft: Draft, kind: str, own: Path | None) -> bytes:
    if kind == "eml":
        from .draft_mail import draft_mail

        return draft_mail(draft.as_json(), own=own)
    if kind == "txt" and draft.short:
        return f"{draft.short}\n".encode()
    return draft_bytes(draft, kind, own)
