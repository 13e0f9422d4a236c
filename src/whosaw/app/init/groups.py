"""Which files of a folder belong together: those of one folder whose names differ in a date, a number or a packing alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from whosaw.ingest.files.content import Content
from whosaw.ingest.files.name_patterns import fits
from whosaw.ingest.files.source_name import read_name

__all__ = ["FileGroup", "grouped", "plain_pattern"]

_DIGITS = re.compile(r"\d+")
_MAGIC = re.compile(r"([*?\[])")
_AT_END = re.compile(r"[\d._@-]+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileGroup:
    """Files that are taken to be of one kind. `patterns` fit all of them and none of any other group; `sources` are the names
    of the streams that their own names tell."""

    patterns: tuple[str, ...]
    contents: tuple[Content, ...]
    sources: tuple[str, ...]


def grouped(contents: Iterable[Content]) -> tuple[FileGroup, ...]:
    """The groups of contents that were found, by name."""
    by_file: dict[str, list[Content]] = defaultdict(list)
    for content in contents:
        by_file[_file_of(content)].append(content)
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in by_file:
        source = read_name(name).source
        folder, _, base = source.rpartition("/")
        found[folder, _DIGITS.sub("#", base)].append(name)
    names = sorted(by_file)
    return tuple(
        FileGroup(
            patterns=_patterns(files, [each for each in names if each not in set(files)]),
            contents=tuple(content for name in sorted(files) for content in by_file[name]),
            sources=tuple(sorted({content.source for name in files for content in by_file[name]})),
        )
        for _, files in sorted(found.items())
    )


def _file_of(content: Content) -> str:
    """The name of the file that a content is in."""
    if content.member is None or content.path is None:
        return content.name
    return content.name.partition("!")[0]


def _patterns(files: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """The shortest pattern that fits these files and no other; each by itself where there is none."""
    for pattern in _candidates(files):
        if all(fits(each, (pattern,)) for each in files) and not any(
            fits(each, (pattern,)) for each in others
        ):
            return (pattern,)
    return tuple(plain_pattern(each) for each in sorted(files))


def _candidates(files: Sequence[str]) -> Iterable[str]:
    folders = {each.rpartition("/")[0] for each in files}
    bases = [each.rpartition("/")[2] for each in files]
    stems = [read_name(each).source.rpartition("/")[2] for each in files]
    top = _common_folder(folders)
    head = _common_head([*bases, *stems])
    if head != bases[0] or len(set(bases)) > 1:
        head = _AT_END.sub("", head) or head
    tail = _common_tail([each[len(head) :] for each in (*bases, *stems)])
    within = plain_pattern(top) + "/" if top else ""
    deep = within + ("**/" if len(folders) > 1 else "")
    yield f"{deep}{plain_pattern(head)}*{plain_pattern(tail)}*" if tail else f"{deep}{plain_pattern(head)}*"
    yield f"{deep}{plain_pattern(head)}*{plain_pattern(tail)}"


def _common_folder(folders: Iterable[str]) -> str:
    parts = [each.split("/") for each in folders]
    same = []
    for level in zip(*parts, strict=False):
        if len(set(level)) > 1:
            break
        same.append(level[0])
    return "/".join(same)


def _common_head(texts: Sequence[str]) -> str:
    """The letters with which all begin."""
    first, last = min(texts), max(texts)
    return next((first[:at] for at, letter in enumerate(first) if last[at : at + 1] != letter), first)


def _common_tail(texts: Sequence[str]) -> str:
    """The ending that all have, such as `.log`."""
    tail = _common_head([each[::-1] for each in texts])[::-1]
    return tail[tail.find(".") :] if "." in tail else ""


def plain_pattern(text: str) -> str:
    """The pattern that fits this text alone."""
    return _MAGIC.sub(r"[\1]", text)
