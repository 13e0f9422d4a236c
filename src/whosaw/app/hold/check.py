"""Whether what a hold keeps is still there: every held file against what stands now, under its own name and any other."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from whosaw.app.reading.content import HEAD_BYTES, restore
from whosaw.app.settings import ScanSettings
from whosaw.ingest.files.content import Content
from whosaw.ingest.files.opening import Cursors
from whosaw.ingest.files.source_name import read_name
from whosaw.logs.hold import HeldFile, Look, Outcome, Verdict, judge
from whosaw.store.objects.address import is_object

from .look import Clock, Measured, Stamp, contents_now, measure, relatives, stamp_now

__all__ = ["Checker", "Seen"]

# by name of a held file: what came out last time, under which name, and the stamp of that file then
Seen = dict[str, tuple[Outcome, str, Stamp]]


class Checker:
    """Compares held files with what stands in `roots` and beside them. Files are looked for once, at the start."""

    def __init__(self, roots: Sequence[str], files: Sequence[HeldFile], settings: ScanSettings) -> None:
        self._clock = Clock(settings)
        self._now = {each.name: each for each in contents_now(_places(roots, files)).contents}
        self._heads: dict[str, bytes] = {}
        self._by_head: dict[int, dict[str, list[str]]] = {}  # how long, digest, names
        self._cursors = Cursors()

    def close(self) -> None:
        """Close archives that were kept open."""
        self._cursors.close()

    @property
    def contents(self) -> Mapping[str, Content]:
        """What stands there now, by name."""
        return self._now

    def check(self, files: Sequence[HeldFile], seen: Seen | None = None) -> tuple[list[Verdict], Seen]:
        """A verdict on each held file, and what to keep for the next check.

        With `seen` of the last check, a file whose stamp is the same is taken for unchanged without reading it.
        """
        verdicts: list[Verdict] = []
        keep: Seen = {}
        for held in files:
            verdict = self._known(held, (seen or {}).get(held.name)) or self._check(held)
            verdicts.append(verdict)
            name = verdict.name_now or held.name
            content = self._now.get(name)
            stamp = stamp_now(content)
            if stamp is not None and verdict.outcome in ("same", "grown", "moved"):
                keep[held.name] = (verdict.outcome, name, stamp)
        return verdicts, keep

    def _known(self, held: HeldFile, before: tuple[Outcome, str, Stamp] | None) -> Verdict | None:
        if before is None:
            return None
        outcome, name, stamp = before
        content = self._now.get(name)
        if content is None or stamp_now(content) != stamp:
            return None
        moved = outcome == "moved"
        why = f"the same content stands in {name}" if moved else ""
        return Verdict(file=held, outcome=outcome, why=why, now=held.size, name_now=name if moved else None)

    def _check(self, held: HeldFile) -> Verdict:
        content = self._now.get(held.name)
        told = self._measured(held, content) if content is not None else None
        if told is not None and told.digests.get(held.size) == held.digest:
            return judge(held, Look(there=True, digests=told.digests, more=told.more))
        elsewhere = self._elsewhere(held)
        under = None
        if elsewhere is None and (told is None or told.digests.get(held.head_size) != held.head):
            for under in self._beginning_as(held)[:1]:  # what is left of it, under another name
                content = self._now[under]
                told = self._measured(held, content)
        place = restore(held.place)
        path = place.path or Path(held.name)
        folder = place.stored is not None or path.parent.is_dir()
        if content is None or told is None:
            there = place.stored is None and path.exists() and place.member is None and self._listed(path)
            return judge(
                held, Look(there=there, folder=folder, elsewhere=elsewhere, trouble="it cannot be read")
            )
        first = None
        if elsewhere is None and told.digests.get(held.head_size) != held.head:
            first = self._clock.times_of(content).first
        return judge(
            held,
            Look(
                there=True, folder=folder, size=told.size, lines=told.lines, more=told.more, digests=told.digests,
                elsewhere=elsewhere, under=under, first=first, trouble=told.trouble,
            ),
        )  # fmt: skip

    def _listed(self, path: Path) -> bool:
        """Whether a file that is there was not found to be a content: one that cannot be opened, or is empty now."""
        return path.is_file() and not any(each.path == path for each in self._now.values())

    def _measured(self, held: HeldFile, content: Content) -> Measured:
        marks = [held.size, held.head_size, *(each.end for each in held.checkpoints)]
        told = measure(content, marks=marks, until=held.size, cursors=self._cursors)
        self._heads.setdefault(content.name, told.head)
        return told

    def _elsewhere(self, held: HeldFile) -> str | None:
        """The name under which the whole content stands, if any other does: one that begins with the same bytes, and
        whose first bytes are all that was held."""
        if (version := self._as_version(held)) is not None:
            return version
        for name in self._beginning_as(held):
            told = measure(self._now[name], marks=[held.size], until=held.size, cursors=self._cursors)
            if told.digests.get(held.size) == held.digest:
                return name
        return None

    def _as_version(self, held: HeldFile) -> str | None:
        """The version of an object that was held, where the store keeps it behind what stands under its name now."""
        place = restore(held.place)
        if place.stored is None or place.stored.version is None:
            return None
        told = measure(place, marks=[held.size], until=held.size, cursors=self._cursors)
        kept = told.digests.get(held.size) == held.digest
        return f"{held.name}?versionId={place.stored.version}" if kept else None

    def _beginning_as(self, held: HeldFile) -> list[str]:
        """Names other than its own under which the first bytes of a held file stand."""
        by_head = self._by_head.get(held.head_size)
        if by_head is None:
            by_head = self._by_head[held.head_size] = {}
            for name, content in self._now.items():
                head = self._head(content)
                if len(head) >= held.head_size:
                    digest = hashlib.sha256(head[: held.head_size]).hexdigest()
                    by_head.setdefault(digest, []).append(name)
        return [name for name in by_head.get(held.head, []) if name != held.name]

    def _head(self, content: Content) -> bytes:
        if content.name not in self._heads:
            told = measure(content, marks=[HEAD_BYTES], until=HEAD_BYTES, cursors=self._cursors)
            self._heads[content.name] = told.head
        return self._heads[content.name]


def _places(roots: Sequence[str], files: Sequence[HeldFile]) -> list[str]:
    """The roots, and for a held file outside of them the files of its folder that belong to the same log."""
    folders = [root.rstrip("/") + "/" for root in roots if os.path.isdir(root)]
    paths = [restore(held.place).path for held in files]
    outside = [path for path in paths if path is not None and not str(path).startswith(tuple(folders))]
    logs = dict.fromkeys((path.parent, read_name(path.name).source) for path in outside)
    beside = [name for folder, log in logs for name in relatives(folder / log)]
    below = tuple(root.rstrip("/") + "/" for root in roots if is_object(root))
    objects = [each.name for each in files if is_object(each.name) and not each.name.startswith(below)]
    return list(dict.fromkeys([*roots, *beside, *objects]))
