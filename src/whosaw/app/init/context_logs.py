"""Which of the files are logs and exports that fill tables of the context, and the `context.toml` that names them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from whosaw.actors.context_from import Recognised, recognise
from whosaw.core.errors import FaultsError

from .groups import FileGroup

__all__ = ["ContextLog", "context_logs", "context_text"]

_MOST = 0.5  # of the records of a file whose format is of no product
_FILES = 3  # of a group are looked at
_WIDTH = 110


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextLog:
    """Files of one kind that a system wrote, and the tables that they fill. `also_log`: they are read as logs as well."""

    files: tuple[str, ...]  # patterns, from where whosaw runs
    system: str
    title: str
    tables: tuple[str, ...]
    zone: str | None
    needs_zone: bool
    ids: str
    gaps: tuple[str, ...]
    also_log: bool


def context_logs(group: FileGroup, *, of_a_product: bool, zone: str | None) -> tuple[ContextLog, ...]:
    """What the files of a group fill, as some of them show; none where they are no records of a system that is known, or cannot be read
    for the context. `of_a_product`: their format is one of a product, of whose records those of the system may be a few."""
    if any(each.member is not None or set(each.packing) - {"gz"} for each in group.contents):
        return ()
    paths = [each.path for each in group.contents if each.path is not None]
    found: list[Recognised] = []
    for path in paths[:: max(1, len(paths) // _FILES)][:_FILES]:
        try:
            found += recognise(path)
        except FaultsError:
            return ()
    filled: dict[str, set[str]] = {}
    for each in found:
        if of_a_product or each.share >= _MOST:
            filled.setdefault(each.system.id, set()).update(each.tables)
    systems = {each.system.id: each.system for each in found}
    return tuple(
        ContextLog(
            files=group.patterns,
            system=id_,
            title=systems[id_].title,
            tables=tuple(each for each in systems[id_].tables if each in tables),
            zone=zone,
            needs_zone=systems[id_].zone is None,
            ids=systems[id_].ids,
            gaps=systems[id_].gaps,
            also_log=of_a_product,
        )
        for id_, tables in sorted(filled.items())
    )


def context_text(logs: Sequence[ContextLog], folder: Path) -> str:
    """The file that names them, in the folder in which it will lie."""
    lines = [
        "# Which logs and exports say who was logged in, who works here and why. Drafted; nobody has checked it yet:",
        "# `whosaw context check` says what of it is known in the logs, and which detectors it wakes.",
        "",
        '# Tables that there are none of, such as: none = ["services", "staff"]',
    ]
    for each in logs:
        lines += ["", *_from(each, folder)]
    return "\n".join(lines) + "\n"


def _from(log: ContextLog, folder: Path) -> Iterator[str]:
    yield f"# {log.title}: {', '.join(log.tables)}"
    yield from _comment(f"joins: {log.ids}")
    for gap in log.gaps:
        yield from _comment(f"not in it: {gap}")
    yield "[[from]]"
    yield f"format = {json.dumps(log.system)}"
    patterns = [os.path.relpath(each, folder) for each in log.files]
    told = ", ".join(json.dumps(each, ensure_ascii=False) for each in patterns)
    yield f"files = {told}" if len(patterns) == 1 else f"files = [{told}]"
    if log.needs_zone and log.zone is not None:
        yield f"zone = {json.dumps(log.zone)}"
    elif log.needs_zone:
        yield '# zone = "Africa/Nairobi"  # where its times have no offset'


def _comment(text: str) -> Iterator[str]:
    """A text in lines of a comment."""
    line = "#"
    for word in text.split():
        if len(line) + len(word) + 1 > _WIDTH:
            yield line
            line = "#  "
        line += f" {word}"
    yield line
