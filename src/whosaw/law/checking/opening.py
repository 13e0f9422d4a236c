"""Opens a file of any kind that notices come in, and gives what a reader of it would see."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from email.message import EmailMessage, MIMEPart
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import BinaryIO, Final

from whosaw.core.errors import Where, WhosawError
from whosaw.packs.languages import language_codes, load_language, read_words

from .dates import days
from .text import Block, Passage, Text, blocks_of_plain, fold, passages_of

__all__ = ["MOST_BYTES", "MOST_CHARACTERS", "open_text", "read_text", "sent_part"]

MOST_BYTES: Final = 32 * 1024 * 1024
MOST_CHARACTERS: Final = 400_000
_HTML: Final = re.compile(
    rb"\s*(?:<!doctype html|<html|<head|<body|<\?xml[^>]*>\s*<html|<!--)", re.IGNORECASE
)
_MAIL: Final = re.compile(
    rb"(?:[A-Za-z][A-Za-z0-9-]{1,40}:[^\n]{0,2000}\r?\n(?:[ \t][^\n]{0,2000}\r?\n){0,50}){2}"
)
_MAIL_HEADS: Final = re.compile(rb"^(?:from|to|subject|date|mime-version):", re.IGNORECASE | re.MULTILINE)


def open_text(path: str, stdin: BinaryIO) -> Text:
    """Read `path`, or standard input for "-". Raises `WhosawError` for what is no text that can be read."""
    if path == "-":
        raw = stdin.read(MOST_BYTES + 1)
        return read_text(raw, "standard input", "")
    try:
        with Path(path).open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as fault:
        raise _refused(path, f"cannot be read ({fault.strerror})") from fault
    return read_text(raw, path, Path(path).suffix.lower())


def read_text(raw: bytes, origin: str, suffix: str) -> Text:
    """What a reader would see of `raw`. What it is is told by its content, and by `suffix` only where that leaves it open."""
    if len(raw) > MOST_BYTES:
        raise _refused(origin, f"is larger than {MOST_BYTES:,} bytes")
    if not raw.strip():
        raise _refused(origin, "is empty")
    try:
        form, blocks, left_out = _read(sent_part(raw), origin, suffix)
    except RecursionError as fault:
        raise _refused(origin, "is nested too deeply", "Save what it shows as text") from fault
    passages = passages_of(blocks)
    if sum(len(each.text) for each in passages) > MOST_CHARACTERS:
        raise _refused(
            origin, f"holds more than {MOST_CHARACTERS:,} characters of text", "Give the notice alone"
        )
    return Text(origin=origin, form=form, passages=passages, left_out=left_out)


def sent_part(raw: bytes) -> bytes:
    """A text as `whosaw notice --out` writes it begins with a part for whoever completes it, which says that it is a draft, and a line of
    `=`. Neither is sent, and neither may make a check hold or fail."""
    if not raw.lstrip(b"\xef\xbb\xbf \r\n").startswith(_drafts()):
        return raw
    lines = raw.splitlines(keepends=True)
    ends = next((at for at, line in enumerate(lines) if line.strip() and not line.strip().strip(b"=")), -1)
    return b"".join(lines[ends + 1 :]).lstrip(b"\r\n")


@cache
def _drafts() -> tuple[bytes, ...]:
    return tuple(f"{read_words(code, 'draft').text('draft')}.".encode() for code in language_codes())


def _read(raw: bytes, origin: str, suffix: str) -> tuple[str, list[Block], tuple[str, ...]]:
    if raw[:1024].lstrip().startswith(b"%PDF-"):
        from .pdf_text import pdf_blocks

        return "pdf", *pdf_blocks(raw, origin)
    if raw.startswith(b"PK\x03\x04"):
        return "docx", *_packed(raw, origin)
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refused(
            origin,
            "is an old or an encrypted Office document",
            "Save it as DOCX without a password, or as PDF",
        )
    if raw.startswith((b"HWP Document File", b"{\\rtf")):
        raise _refused(
            origin, "is a document of a kind that is not read", "Save it as DOCX, PDF, HTML or text"
        )
    if suffix == ".eml" or (suffix not in (".txt", ".md") and _looks_like_mail(raw)):
        return "eml", *_mail(raw)
    if suffix in (".html", ".htm", ".xhtml") or _HTML.match(raw):
        from .html_text import html_blocks

        return "html", html_blocks(raw), ()
    return "text", blocks_of_plain(_decoded(raw, origin)), ()


def _packed(raw: bytes, origin: str) -> tuple[list[Block], tuple[str, ...]]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            names = packed.namelist()
            size = sum(each.file_size for each in packed.infolist() if each.filename.endswith(".xml"))
    except (zipfile.BadZipFile, ValueError) as fault:
        raise _refused(origin, "is a broken DOCX file") from fault
    if "word/document.xml" not in names:
        raise _refused(origin, "is an archive and no DOCX document", "Unpack it first")
    if size > 4 * MOST_BYTES:
        raise _refused(origin, "unpacks to more than a notice can hold")
    from .docx_text import docx_blocks

    return docx_blocks(raw, origin)


def _mail(raw: bytes) -> tuple[list[Block], tuple[str, ...]]:
    """What the reader of an e-mail sees: its subject as the heading, the day on which it was sent, then its HTML form where it has one, else its plain one; and the
    names of attachments, which are not read."""
    from email import message_from_bytes
    from email.policy import default

    from .html_text import html_blocks

    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(preferencelist=("html", "plain"))
    blocks: list[Block] = []
    if subject := str(message.get("subject", "")).strip():
        blocks.append(Block(text=subject, heading=True))
    if (sent := _sent(message)) is not None:
        blocks.append(Block(text=sent.isoformat()))
    if body is not None:
        text = _told(body)
        blocks += html_blocks(text) if body.get_content_subtype() == "html" else blocks_of_plain(text)
    attached = tuple(
        f"attachment {part.get_filename() or part.get_content_type()}" for part in message.iter_attachments()
    )
    return blocks, attached


def _sent(message: EmailMessage) -> date | None:
    """The day that an e-mail bears in its header, which programs write in English; people write it in other ways too."""
    written = str(message.get("date", "")).strip()
    try:
        return parsedate_to_datetime(written).date()
    except ValueError:
        pass
    for code in language_codes():
        named = days(Passage(text=written, line=None, folded=fold(written)), load_language(code))
        if named and named[0].year is not None:
            return named[0].dated(date(named[0].year, 1, 1))
    return None


def _told(body: MIMEPart) -> str:
    """The text of a part; one that names no character set is read as UTF-8."""
    if body.get_content_charset() is None:
        raw = body.get_payload(decode=True)
        return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
    content = body.get_content()
    return content if isinstance(content, str) else content.decode("utf-8", "replace")


def _looks_like_mail(raw: bytes) -> bool:
    head = raw[:20_000]
    return _MAIL.match(head) is not None and len({each.lower() for each in _MAIL_HEADS.findall(head)}) >= 2


def _decoded(raw: bytes, origin: str) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _as(raw, "utf-16", origin)
    if b"\0" in raw[:4096]:
        raise _refused(
            origin, "is no text (it holds NUL bytes)", "Give a text, HTML, DOCX, PDF or e-mail file"
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = raw[: fault.start].count(b"\n") + 1
        raise WhosawError(
            "notice-check.encoding",
            "is not UTF-8, so its letters cannot be told",
            hint="Save it as UTF-8 (older Korean files are often CP949: iconv -f CP949 -t UTF-8)",
            where=Where(file=origin, line=line),
        ) from fault


def _as(raw: bytes, encoding: str, origin: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as fault:
        raise _refused(origin, f"begins like {encoding.upper()} and is not") from fault


def _refused(origin: str, message: str, hint: str = "") -> WhosawError:
    return WhosawError("notice-check.unreadable", message, hint=hint, where=Where(file=origin))
