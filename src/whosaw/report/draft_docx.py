"""A draft as DOCX, for whoever completes it in a word processor."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from whosaw.core.draft import Draft

from .draft_view import DraftView, Group, Line, draft_view

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

__all__ = ["draft_docx"]

# Fonts that word processors have or put others in place of; the second is for Hangul.
_LATIN: Final = "Arial"
_EAST_ASIAN: Final = "Malgun Gothic"
_FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP can hold
_SIZES: Final = {"Normal": 10.5, "Title": 18, "Heading 1": 13, "Heading 2": 11}


def draft_docx(draft: Draft, *, own: Path | None = None) -> bytes:
    """A draft as a DOCX file: the preparer's pages, then what is sent. The same draft gives the same bytes."""
    import docx

    view = draft_view(draft, own)
    made = docx.Document()
    _prepare(made, view)
    _preparer(made, view)
    made.add_page_break()  # type: ignore[no-untyped-call]  # the library types its arguments only
    _sent(made, view)
    out = io.BytesIO()
    made.save(out)
    return _same_bytes(out.getvalue())


def _same_bytes(packed: bytes) -> bytes:
    """The archive without the time at which it was made."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as given, zipfile.ZipFile(out, "w") as kept:
        for name in given.namelist():
            about = zipfile.ZipInfo(name, _FIRST_DAY)
            about.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(about, given.read(name))
    return out.getvalue()


def _prepare(made: Document, view: DraftView) -> None:
    """Page, letters, header and footer."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm, Pt

    about = made.core_properties
    about.title, about.author, about.language = view.title[:255], view.organisation[:255], view.words.tag
    about.last_modified_by = about.comments = about.keywords = ""
    about.created = about.modified = datetime(*_FIRST_DAY, tzinfo=UTC)
    _letters(made, view.words.locale)
    for name, size in _SIZES.items():
        font: Any = made.styles[name]
        font.font.size = Pt(size)
        font.font.color.rgb = None
    page = made.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(22)
    if not view.complete:
        _alarm(page.header.paragraphs[0].add_run(view.words.draft))
    footer = page.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for piece in re.split(r"(\{pages?\})", view.words.page):
        if piece.startswith("{"):
            _field(footer, "NUMPAGES" if piece == "{pages}" else "PAGE")
        else:
            footer.add_run(piece)


def _letters(made: Document, locale: str) -> None:
    """One font for each script, in place of those of the theme, which differ by machine; and the language."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    styles = made.styles.element
    for old in [*styles.iter(qn("w:lang")), *styles.iter(qn("w:rFonts")), *styles.iter(qn("w:pBdr"))]:
        old.getparent().remove(old)
    fonts, language = OxmlElement("w:rFonts"), OxmlElement("w:lang")
    for script in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{script}"), _LATIN)
    fonts.set(qn("w:eastAsia"), _EAST_ASIAN)
    for script in ("val", "eastAsia"):
        language.set(qn(f"w:{script}"), locale)
    (first,) = styles.iterfind(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    # no blank is drawn between Hangul and digits: 2025년, not 2025 년
    (paragraph,) = styles.iterfind(f"{qn('w:docDefaults')}/{qn('w:pPrDefault')}/{qn('w:pPr')}")
    for name in ("w:autoSpaceDN", "w:autoSpaceDE"):
        apart = OxmlElement(name)
        apart.set(qn("w:val"), "0")
        paragraph.insert(0, apart)
    first.insert(0, fonts)
    first.append(language)


def _field(paragraph: Paragraph, name: str) -> None:
    """A field that the word processor counts, such as the number of the page."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    field, run, text = (OxmlElement(f"w:{each}") for each in ("fldSimple", "r", "t"))
    field.set(qn("w:instr"), name)
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)  # noqa: SLF001  # the library knows no fields


def _alarm(run: Run) -> None:
    from docx.shared import RGBColor

    run.bold = True
    run.font.color.rgb = RGBColor(0x7A, 0x18, 0x10)


def _preparer(made: Document, view: DraftView) -> None:
    words, told = view.words, view.preparer
    _alarm(made.add_paragraph().add_run(words.draft))
    made.add_paragraph(words.preparer)
    made.add_paragraph(words.not_legal_advice)
    _table(made, [Line(label=label, text=text) for label, text in told.facts])
    lists = (
        (words.still_missing, told.missing),
        (words.notes, (*told.notes, *told.confidence)),
        (words.sources, told.sources),
    )
    for heading, entries in lists:
        if entries:
            made.add_heading(heading, 2)
            _items(made, [Line(text=each) for each in entries])
    if told.short:
        made.add_heading(words.short, 2)
        made.add_paragraph(told.short)


def _sent(made: Document, view: DraftView) -> None:
    from docx.shared import Pt

    made.add_heading(view.title, 0)
    if view.head:
        _table(made, [Line(label=label, text=text) for label, text in view.head])
    _groups(made, view.opening)
    for part in view.parts:
        heading = made.add_heading(part.heading, 1)
        if part.reference:
            reference = heading.add_run(f" ({part.reference})")
            reference.bold, reference.font.size = False, Pt(9)
        _groups(made, part.groups)
        for each in part.missing:
            _alarm(made.add_paragraph().add_run(each))
    _groups(made, view.closing)
    if view.sources:
        made.add_heading(view.words.sources, 2)
        for number, each in enumerate(view.sources, start=1):
            made.add_paragraph().add_run(f"[{number}] {each}").font.size = Pt(8.5)


def _groups(made: Document, groups: Iterable[Group]) -> None:
    for group in groups:
        if group.kind == "row":
            _table(made, group.lines)
        elif group.kind == "item":
            _items(made, group.lines)
        else:
            for line in group.lines:
                paragraph = made.add_paragraph()
                paragraph.paragraph_format.keep_with_next = line.text.endswith(":") or None
                _labelled(paragraph, line)


def _items(made: Document, lines: Sequence[Line]) -> None:
    for line in lines:
        _labelled(made.add_paragraph(style="List Bullet"), line)


def _table(made: Document, rows: Sequence[Line]) -> None:
    from docx.oxml.parser import OxmlElement
    from docx.shared import Mm, Pt

    widths = (Mm(50), Mm(116))
    table = made.add_table(rows=len(rows), cols=2, style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row, line in zip(table.rows, rows, strict=True):
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001  # the library cannot say it
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width
            cell.paragraphs[0].paragraph_format.space_after = Pt(2)
        row.cells[0].paragraphs[0].add_run(line.label).bold = True
        _noted(row.cells[1].paragraphs[0], line)
    made.add_paragraph().paragraph_format.space_after = Pt(0)


def _labelled(paragraph: Paragraph, line: Line) -> None:
    if line.label:
        paragraph.add_run(f"{line.label}:").bold = True
        paragraph.add_run(" ")
    _noted(paragraph, line)


def _noted(paragraph: Paragraph, line: Line) -> None:
    paragraph.add_run(line.text)
    if line.notes:
        paragraph.add_run("".join(f"[{each}]" for each in line.notes)).font.superscript = True
