"""Files that are not what they were when they were read."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from .facts import Facts, FileFacts
from .items import Check
from .statement import Level, Statement, cannot_tell

__all__ = ["edited_after_intake", "file_lost"]

_QUESTION: Final = "the files are still what was read"


def file_lost(check: Check, facts: Facts) -> list[Statement]:
    """A statement for each file that is shorter than it was, or gone though rotation does not take it."""
    made: list[Statement] = []
    unknown: dict[str, list[str]] = defaultdict(list)
    for file in facts.files:
        if file.state == "shorter":
            made.append(_lost(check, file, "high", f"{file.now or 0:,} bytes"))
        elif file.state == "gone" and (level := _level_of_gone(file, facts.files)) is not None:
            made.append(_lost(check, file, level, "gone"))
        elif file.state == "unreachable" and file.source not in unknown["the folder is not there"]:
            unknown["the folder is not there"].append(file.source)
    return [*made, *cannot_tell(check.id, _QUESTION, {why: each for why, each in unknown.items() if each})]


def _level_of_gone(file: FileFacts, files: tuple[FileFacts, ...]) -> Level | None:
    """None where rotation explains it: it takes the oldest file of a source, and newer ones stay."""
    beside = [
        each for each in files if each.source == file.source and each.state not in ("gone", "unreachable")
    ]
    if file.first is None or file.last is None:
        return "medium"
    start, end = file.first, file.last
    if any(each.last is not None and each.last <= start for each in beside):
        return "high"
    return None if any(each.first is not None and each.first >= end for each in beside) else "medium"


def _lost(check: Check, file: FileFacts, level: Level, now: str) -> Statement:
    return Statement(
        check=check.id,
        sources=(file.source,),
        level=level,
        file=file.name,
        since=file.first,
        sentence=f"{file.source}: {file.name} had {file.then:,} bytes when it was read and now is {now}",
        numbers={"bytes_then": file.then, "bytes_now": file.now},
    )


def edited_after_intake(check: Check, facts: Facts) -> list[Statement]:
    """A statement for each file whose bytes, up to where it was read, are others now."""
    return [
        Statement(
            check=check.id,
            sources=(file.source,),
            level="high",
            file=file.name,
            since=file.first,
            sentence=f"{file.source}: {file.name} was changed after it was read{_from(file)}",
            numbers={
                "bytes_then": file.then,
                "bytes_now": file.now,
                "from_byte": file.from_byte,
                "from_line": file.from_line,
            },
        )
        for file in facts.files
        if file.state == "changed"
    ]


def _from(file: FileFacts) -> str:
    if file.from_line is None or file.from_byte is None:
        return "; `whosaw coverage --verify` says from where on"
    return f", at line {file.from_line:,} (byte {file.from_byte:,}) or later"
