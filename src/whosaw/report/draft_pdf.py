"""A draft as PDF, tagged for screen readers (PDF/UA-1)."""

from __future__ import annotations

import re
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from whosaw.core.canonical_json import canonical_json
from whosaw.core.draft import Draft
from whosaw.core.errors import WhosawError

from .draft_view import draft_view

if TYPE_CHECKING:
    from typst import Fonts

__all__ = ["draft_pdf", "pdf_fonts"]

_TEMPLATE = Path(__file__).parents[1] / "data" / "report" / "draft.typ"
_FONTS = Path(__file__).parents[1] / "data" / "fonts"
_NO_GLYPH = re.compile(r'the text `"(.+?)"` could not be displayed')


def draft_pdf(draft: Draft, *, own: Path | None = None) -> bytes:
    """A draft as PDF: the preparer's sheets, then what is sent. The same draft gives the same bytes.

    Raises `WhosawError` for letters that the fonts at hand do not have, rather than print boxes.
    """
    import typst

    view = draft_view(draft, own)
    words = view.words
    lang, _, region = words.locale.partition("-")
    told = {
        name: getattr(words, name)
        for name in (
            "draft",
            "preparer",
            "not_legal_advice",
            "still_missing",
            "notes",
            "sources",
            "short",
            "page",
        )
    }
    data = {name: value for name, value in asdict(view).items() if name != "words"} | {
        "words": {**told, "lang": lang, "region": region or None}
    }
    try:
        return typst.compile(
            _TEMPLATE.read_bytes(),
            font_paths=pdf_fonts(),
            sys_inputs={"draft": canonical_json(data).decode()},
            pdf_standards=["ua-1"],
            timestamp=0,
        )
    except typst.TypstError as fault:
        raise _clear(str(fault)) from fault


@cache
def pdf_fonts() -> Fonts:
    """The fonts that come with us, and none of the machine: the same letters everywhere."""
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_FONTS])


def _clear(message: str) -> WhosawError:
    if found := _NO_GLYPH.search(message):
        return WhosawError(
            "draft.no-letter",
            f"the fonts for PDF have no letter for {found[1]!r}",
            hint="Write it in Latin, Greek, Cyrillic, Korean or Han letters, or use HTML or DOCX",
        )
    return WhosawError("draft.pdf", f"the draft could not be set as PDF ({message.splitlines()[0]})")
