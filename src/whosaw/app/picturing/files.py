"""Pictures written as files."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, tzinfo
from pathlib import Path

from whosaw.app.asking.questions import open_ledger
from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.report.pictures.data import Picture
from whosaw.report.pictures.files import picture_bytes
from whosaw.store.files import write_atomically

from .pictures import How, pictures_of_ledger

__all__ = ["write_picture", "write_pictures"]


def write_picture(picture: Picture, path: Path, *, width: int) -> None:
    """One picture, in the form that the ending of the name says; whole or not at all."""
    write_atomically(path, picture_bytes(picture, path.name, width=width), mode=0o644)


@asks(Verb.EXPORT, "pictures")
def write_pictures(
    root: Path,
    folder: Path,
    *,
    zone: tzinfo,
    zone_name: str,
    now: datetime,
    width: int,
    key_file: Path | None = None,
) -> tuple[Path, ...]:
    """Every picture that a report shows, as SVG with its numbers as JSON beside it."""
    how = How(zone=zone, zone_name=zone_name, workspace=str(root))
    with closing(open_ledger(root, now=now, key_file=key_file)) as ledger:
        pictures = pictures_of_ledger(ledger, how)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for each in pictures:
        name = each.kind if each.of in ("findings", "sources") else f"{each.kind}-{each.of}"
        for ending in (".svg", ".json"):
            path = folder / f"{name}{ending}"
            write_picture(each, path, width=width)
            written.append(path)
    return tuple(written)
