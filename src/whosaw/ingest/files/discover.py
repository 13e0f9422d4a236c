"""From the paths a person names to the contents to read, in order, and to what is passed over and why."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from whosaw.core.errors import Where, WhosawError
from whosaw.store.objects.address import is_object
from whosaw.store.objects.buckets import Buckets

from .archive import Listed, list_tar, list_zip
from .content import STDIN, Content, Discovery, Skipped, shown
from .found import Finder, Found, root_labels
from .object_listing import ObjectFinder, ObjectsFound
from .opening import unpacked
from .packing import ARCHIVES, HEAD_BYTES, UNREADABLE, kind_of, layers_of
from .source_name import RotatedName, read_member_name, read_name
from .streams import CannotOpenError, FileStream, why

__all__ = ["discover", "one_pass_order"]

_FIRST = 512


def discover(paths: Sequence[str], stdin: IO[bytes] | None = None) -> Discovery:
    """Finds what to read under `paths`: files, folders (with all below them), patterns with `*`, prefixes in object stores, and `-`.

    Contents come per source, oldest first, whatever the order of `paths`; objects come after files. Each file is read once, however
    often it is named. `stdin` is only asked whether it is a terminal; it is read by `ContentReader`.
    Raises `WhosawError` for a path that does not exist, a pattern that matches nothing, a store that cannot be listed, and if nothing
    is left to read: no logs never means no breach.
    """
    finder = Finder()
    files = [path for path in paths if path != STDIN and not is_object(path)]
    finder.take_all(files)
    found, skipped = finder.result()
    buckets = Buckets()
    try:
        objects = ObjectFinder(buckets)
        objects.take_all([path for path in paths if is_object(path)])
    finally:
        buckets.close()
    skipped += objects.skipped
    of_files = [(read_name(file.relative).source, file.root) for file in found]
    labels = root_labels([*of_files, *objects.roots])
    readable: list[tuple[RotatedName, Content]] = []
    for file, own in zip(found, of_files, strict=True):
        for entry in _contents_of(file, labels.get(own, "")):
            if isinstance(entry, Skipped):
                skipped.append(entry)
            else:
                readable.append(entry)
    asked_stdin = sum(path == STDIN for path in paths)
    if asked_stdin:
        readable.append(_stdin_content(stdin))
    if asked_stdin > 1:
        skipped.append(Skipped(name=STDIN, reason="named more than once; read once"))
    stored = objects.result(labels)
    if not readable and not stored:
        raise _nothing(paths, skipped)
    readable.sort(key=lambda entry: (entry[0].source, entry[0].ranks, entry[1].name, entry[1].place or 0))
    local = tuple(content for _, content in readable)
    return Discovery(
        contents=stored if not local else (*local, *stored) if stored else local,
        skipped=tuple(sorted(set(skipped), key=lambda entry: (entry.name, entry.reason))),
    )


def one_pass_order(contents: Sequence[Content]) -> Sequence[Content]:
    """The same contents so that each packed tar is unpacked once: its members together and as they lie in it.

    Rotated logs mostly lie in an archive newest first, and a packed tar cannot be read backwards. What is
    counted does not depend on the order, so this one is for speed, and goes with `Cursors`.
    """
    if isinstance(contents, ObjectsFound):
        return contents
    ordered: dict[Path | str, list[Content]] = {}
    for content in contents:
        packed_tar = content.path is not None and "tar" in content.packing[1:]
        ordered.setdefault(content.path if packed_tar and content.path else content.name, []).append(content)
    return [
        content
        for together in ordered.values()
        for content in sorted(together, key=lambda each: each.place or 0)
    ]


def _stdin_content(stdin: IO[bytes] | None) -> tuple[RotatedName, Content]:
    if stdin is not None and stdin.isatty():
        raise WhosawError(
            "scan.stdin-is-terminal",
            "`-` stands for standard input, but nothing is piped into it",
            hint="Pipe a log into it, such as `zcat access.log.gz | whosaw scan -`, or name a file",
        )
    return RotatedName(source="stdin", ranks=()), Content(name=STDIN, source="stdin")


def _nothing(paths: Sequence[str], skipped: list[Skipped]) -> WhosawError:
    first = min(skipped, key=lambda entry: entry.name, default=None)
    named = ", ".join(shown(path) for path in paths[:3])
    what = f"nothing to read in {named}{' ...' if len(paths) > 3 else ''}"
    if first is not None:
        more = f" (and {len(skipped) - 1:,} more)" if len(skipped) > 1 else ""
        what += f"; passed over: {first.name}: {first.reason}{more}"
    return WhosawError(
        "scan.nothing-to-read",
        what,
        hint="Name a log file, or a folder that holds some",
        where=Where(file=shown(paths[0])) if paths else None,
    )


Entry = tuple[RotatedName, Content]


def _contents_of(file: Found, prefix: str) -> list[Entry | Skipped]:
    """The file itself, or what is in it if it is an archive."""
    try:
        packing, status = _look_into(file.path)
    except OSError as error:
        return [Skipped(name=file.name, reason=f"cannot be opened: {why(error)}")]
    if packing and packing[-1] in UNREADABLE:
        return [
            Skipped(name=file.name, reason=f"packed as {packing[-1]}, which is not read; unpack it first")
        ]
    if packing and packing[-1] in ARCHIVES:
        if packing[-1] == "zip" and len(packing) > 1:
            return [Skipped(name=file.name, reason="a zip inside another packing; unpack it first")]
        return _members_of(file, prefix, packing, status)
    parts = read_name(file.relative)
    content = Content(
        name=file.name,
        source=prefix + parts.source,
        path=file.path,
        packing=packing,
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
    )
    return [(RotatedName(source=content.source, ranks=parts.ranks), content)]


def _look_into(path: Path) -> tuple[tuple[str, ...], os.stat_result]:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        head = os.pread(handle, _FIRST, 0)
        if kind_of(head) is None:
            return (), os.fstat(handle)
        head = os.pread(handle, HEAD_BYTES, 0)
        return layers_of(head, path.name), os.fstat(handle)
    finally:
        os.close(handle)


def _members_of(
    file: Found, prefix: str, packing: tuple[str, ...], status: os.stat_result
) -> list[Entry | Skipped]:
    entries: list[Entry | Skipped] = []
    seen: dict[str, int] = {}
    for listed in _list(file.path, packing):
        if not listed.name:
            entries.append(Skipped(name=file.name, reason=listed.problem or "cannot be listed"))
            continue
        seen[listed.name] = seen.get(listed.name, 0) + 1
        twin = f"#{seen[listed.name]}" if seen[listed.name] > 1 else ""
        name = f"{file.name}!{shown(listed.name)}{twin}"
        inner = layers_of(listed.head, listed.name)
        problem = listed.problem or _member_problem(listed, inner)
        if problem is not None:
            entries.append(Skipped(name=name, reason=problem))
            continue
        parts = read_member_name(file.relative, shown(listed.name))
        content = Content(
            name=name,
            source=prefix + parts.source,
            path=file.path,
            member=listed.name,
            packing=packing + inner,
            size=status.st_size,
            mtime_ns=status.st_mtime_ns,
            place=listed.place,
            member_size=listed.size,
        )
        entries.append((RotatedName(source=content.source, ranks=parts.ranks), content))
    return entries or [Skipped(name=file.name, reason="an archive without files")]


def _list(path: Path, packing: tuple[str, ...]) -> list[Listed]:
    if packing[-1] == "zip":
        return list(list_zip(path))
    try:
        stream = unpacked(FileStream(path), packing[:-1])
    except (OSError, CannotOpenError) as error:
        return [Listed(problem=f"cannot be opened: {why(error)}")]
    try:
        return list(list_tar(stream))
    finally:
        stream.close()


def _member_problem(listed: Listed, inner: tuple[str, ...]) -> str | None:
    base = listed.name.rstrip("/").rpartition("/")[2]
    if base.startswith(".") or "__MACOSX/" in listed.name:
        return "hidden; unpack the archive and name the file to read it"
    if inner and inner[-1] in ARCHIVES:
        return "an archive inside an archive; unpack it first"
    if inner and inner[-1] in UNREADABLE:
        return f"packed as {inner[-1]}, which is not read; unpack it first"
    return None
