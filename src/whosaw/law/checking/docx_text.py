"""The text of a DOCX document in reading order: paragraphs, tables, text boxes, headers and footers, without hidden runs."""

from __future__ import annotations

import io
from typing import Any, Final

import docx
from docx.oxml.ns import qn

from whosaw.core.errors import Where, WhosawError

from .text import Block

__all__ = ["docx_blocks"]

_SKIPPED: Final = (
    qn("w:del"),
    qn("w:moveFrom"),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
)


def docx_blocks(raw: bytes, origin: str) -> tuple[list[Block], tuple[str, ...]]:
    """Blocks, and what was left out. Headers come first and footers last, each once."""
    try:
        document = docx.Document(io.BytesIO(raw))
        parts: list[list[Block]] = []
        heads: list[Block] = []
        feet: list[Block] = []
        for section in document.sections:
            heads += _inside(section.header.part.element, document)
            feet += _inside(section.footer.part.element, document)
        parts = [_once(heads), _inside(document.element.body, document), _once(feet)]
    except Exception as fault:  # python-docx and lxml raise many kinds for a broken part
        raise WhosawError(
            "notice-check.unreadable", "is a broken DOCX file", where=Where(file=origin)
        ) from fault
    notes = ("footnotes, endnotes and comments",) if _has_notes(document) else ()
    return [each for part in parts for each in part], notes


def _once(blocks: list[Block]) -> list[Block]:
    return list({each.text: each for each in blocks}.values())


def _has_notes(document: Any) -> bool:
    kinds = ("footnotes+xml", "endnotes+xml", "comments+xml")
    return any(
        str(part.content_type).endswith(kinds) and b"<w:t" in part.blob
        for part in document.part.package.iter_parts()
    )


def _inside(element: Any, document: Any) -> list[Block]:
    found: list[Block] = []
    for child in element:
        if child.tag in _SKIPPED:
            continue
        if child.tag == qn("w:tbl"):
            for row in child.iter(qn("w:tr")):
                cells = [
                    " ".join(block.text for block in _inside(cell, document))
                    for cell in row.iterchildren(qn("w:tc"))
                ]
                text = " | ".join(each for each in cells if each.strip())
                if text:
                    found.append(Block(text=text, item=True))
        elif child.tag == qn("w:p"):
            text = _runs(child)
            style = _style(child, document)
            if text.strip():
                heading = style.startswith(("heading", "title"))
                found.append(Block(text=text, heading=heading, item=not heading and _is_item(child, style)))
            for box in child.iter(qn("w:txbxContent")):
                if not any(above.tag in _SKIPPED for above in box.iterancestors()):
                    found += _inside(box, document)
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:smartTag"), qn("w:customXml")):
            found += _inside(child, document)
    return found


def _runs(paragraph: Any) -> str:
    parts: list[str] = []

    def walk(element: Any) -> None:
        for child in element:
            if child.tag in (*_SKIPPED, qn("w:txbxContent"), qn("w:pPr")):
                continue
            if child.tag == qn("w:r"):
                vanish = child.find(f"{qn('w:rPr')}/{qn('w:vanish')}")
                if vanish is not None and vanish.get(qn("w:val")) not in ("0", "false", "off"):
                    continue
            if child.tag == qn("w:t"):
                parts.append(child.text or "")
            elif child.tag in (qn("w:br"), qn("w:cr"), qn("w:tab")):
                parts.append(" ")
            elif child.tag == qn("w:noBreakHyphen"):
                parts.append("-")
            else:
                walk(child)

    walk(paragraph)
    return "".join(parts)


def _style(paragraph: Any, document: Any) -> str:
    named = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    if named is None:
        return ""
    key = named.get(qn("w:val"))
    for style in document.styles:
        if style.style_id == key:
            return str(style.name).lower()
    return str(key).lower()


def _is_item(paragraph: Any, style: str) -> bool:
    return "list" in style or paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None
