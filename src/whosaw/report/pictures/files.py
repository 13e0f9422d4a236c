"""A picture as a file: SVG, PNG, or its numbers as JSON, by the ending of the name."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from whosaw.core.canonical_json import pretty_json
from whosaw.core.document import JsonObject, document
from whosaw.core.errors import WhosawError

from .data import Picture
from .drawing import WIDE, picture_png, picture_svg

__all__ = ["ENDINGS", "picture_bytes", "told_numbers"]

ENDINGS: Final = (".svg", ".png", ".json")


def told_numbers(picture: Picture) -> JsonObject:
    """The numbers of a picture, and what is said of it. Each row names the first lines that it was counted from."""
    numbers = picture.numbers()
    names = [column.name for column in numbers.columns]
    return {
        "kind": picture.kind,
        "of": picture.of,
        "title": picture.title,
        "says": picture.says,
        "notes": list(picture.notes),
        "zone": picture.zone_name,
        "opens": picture.opens,
        "rows": [
            {
                "row": row.name,
                **{name: document(cell) for name, cell in zip(names, row.cells, strict=True)},
                "lines": list(row.lines),
            }
            for row in numbers.rows
        ],
    }


def picture_bytes(picture: Picture, name: str, *, width: int = WIDE) -> bytes:
    """The picture in the form that the ending of the name says. Raises `WhosawError` for another ending."""
    ending = Path(name).suffix.casefold()
    if ending == ".svg":
        return picture_svg(picture, width=width).encode()
    if ending == ".png":
        return picture_png(picture, width=width)
    if ending == ".json":
        return pretty_json(told_numbers(picture)).encode()
    raise WhosawError(
        "picture.form",
        f"{name} ends in no form of a picture",
        hint=f"Give a name in {', '.join(ENDINGS)}, or a folder",
    )
