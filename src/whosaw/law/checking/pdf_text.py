"""The text of a PDF, page by page. A page that is a picture has none, which is said and never taken for an empty page."""

from __future__ import annotations

import io
import logging
import re

import pypdf
from pypdf.errors import PdfReadError, PyPdfError

from whosaw.core.errors import Where, WhosawError

from .text import Block, blocks_of_plain

__all__ = ["pdf_blocks"]

_MOST_PAGES = 200


def pdf_blocks(raw: bytes, origin: str) -> tuple[list[Block], tuple[str, ...]]:
    """Blocks without lines, and the pages that held no text. Raises `WhosawError` where no page does."""
    logging.getLogger("pypdf").setLevel(
        logging.CRITICAL
    )  # its remarks on odd files are nothing a reader can act on
    try:
        pages, refusal = _pages(raw)
    except (PdfReadError, PyPdfError) as fault:
        raise _refused(origin, "is a PDF that cannot be read") from fault
    except Exception as fault:  # a broken PDF makes pypdf fail in many ways
        raise _refused(origin, "is a broken PDF") from fault
    if refusal:
        raise _refused(origin, *refusal)
    empty = [number for number, text in enumerate(pages, start=1) if not re.search(r"\w", text)]
    if len(empty) == len(pages):
        raise _refused(
            origin,
            "is a PDF without text, such as a scan: what it says cannot be told",
            "Give the text it was printed from, or have it read by a text recogniser first",
        )
    blocks = [
        Block(text=block.text, heading=block.heading, item=block.item)
        for text in pages
        for block in blocks_of_plain(text)
    ]
    return blocks, tuple(f"page {number}: a picture without text" for number in empty)


def _pages(raw: bytes) -> tuple[list[str], tuple[str, str] | None]:
    """The text of each page, or why none is read with what to do."""
    reader = pypdf.PdfReader(io.BytesIO(raw))
    if reader.is_encrypted and not reader.decrypt(""):
        return [], ("is encrypted", "Save it without a password")
    if len(reader.pages) > _MOST_PAGES:
        return [], (f"has more than {_MOST_PAGES} pages", "Give the notice alone")
    return [page.extract_text() for page in reader.pages], None


def _refused(origin: str, message: str, hint: str = "") -> WhosawError:
    return WhosawError("notice-check.unreadable", message, hint=hint, where=Where(file=origin))
