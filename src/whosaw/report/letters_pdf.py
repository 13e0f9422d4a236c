"""Letters to print: one PDF for a batch, each letter with its address and sheet code, as data of one template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import WhosawError

from .draft_pdf import pdf_fonts

__all__ = ["Letter", "letters_pdf"]

_TEMPLATE = Path(__file__).parents[1] / "data" / "report" / "letters.typ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter: the address by lines, its text with a blank line between paragraphs, and the code on each of its sheets."""

    code: str
    language: str
    address: str = field(repr=False)
    text: str


def letters_pdf(name: str, organisation: str, letters: Sequence[Letter]) -> bytes:
    """All letters behind each other, each beginning on a sheet of its own. The same letters give the same bytes. Raises `WhosawError` for
    letters of a script that the fonts do not have, rather than print boxes."""
    import typst

    data = {"name": name, "organisation": organisation, "letters": [asdict(each) for each in letters]}
    try:
        return typst.compile(
            _TEMPLATE.read_bytes(),
            font_paths=pdf_fonts(),
            sys_inputs={"batch": canonical_json(data).decode()},
            timestamp=0,
        )
    except typst.TypstError:
        raise WhosawError(
            "notice.letter",
            f"the letters of {name} could not be set as PDF",  # the reason may quote an address
            hint="An address or text has letters that the fonts do not have; Latin, Greek, Cyrillic, Korean and Han are there",
        ) from None
