"""Somebody at work on the formats: how each source was understood, a draft for each layout that nobody described, and a decision on each,
which the next reading goes by."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from whosaw.app.in_force import format_texts, formats_folder, keep_format_texts
from whosaw.app.read_as import ReadAs, read_as
from whosaw.app.reading.drafts import head_of
from whosaw.app.reading.trying import TriedFile, try_file
from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import WhosawError
from whosaw.ingest.canonical import CANONICAL
from whosaw.ingest.drafts.propose import FormatDraft, propose
from whosaw.ingest.files.content import Content
from whosaw.ingest.files.discover import discover
from whosaw.ingest.unknown import UNKNOWN
from whosaw.store.journal import Connection, Journal
from whosaw.store.repositories.contents import contents_in_force

from .desk import Desk
from .gate import Verb

__all__ = ["COLUMNS", "FormatDesk", "Layout", "SeenFormats", "SourceFormat"]

_SAID: Final = "formats-said"  # setting: by layout, what somebody said of its draft
_MOST_LAYOUTS: Final = 12
_SAMPLES: Final = 3
COLUMNS: Final = tuple(each for each in CANONICAL if each not in ("line", "offset", "fields", "ok"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFormat:
    """A source as it was read last: by which format, in how many files."""

    source: str
    format: str
    files: int

    @property
    def unknown(self) -> bool:
        """Whether nothing knew its layout."""
        return self.format == UNKNOWN.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A draft that waits: for the files of a source, `key` of its fields, and some lines as it understands them, masked (`tried`; None where
    it has no time). `seen` is of the draft as it stands, which a decision names."""

    key: str
    source: str
    file: str
    draft: FormatDraft
    tried: TriedFile | None
    fields: tuple[str, ...]

    @property
    def seen(self) -> str:
        return hashlib.sha256(canonical_json([self.key, dict(_columns(self.draft))])).hexdigest()

    @property
    def reads(self) -> bool:
        """Whether it makes an event of any line that was tried."""
        return self.tried is not None and self.tried.events > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFormats:
    """The sources, the drafts that wait, and the ids of formats that were accepted here. `more` sources were not looked at."""

    sources: tuple[SourceFormat, ...]
    waiting: tuple[Layout, ...]
    accepted: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatDesk(Desk):
    """The formats."""

    def formats(self) -> SeenFormats:
        """How sources were understood, and the drafts that wait."""
        self.allow(Verb.SEE_COVERAGE, "formats")
        with self._journal() as journal:
            texts, sources = format_texts(journal), _sources(journal)
            drafted, more = self._drafted(journal)
            waiting = tuple(each for each in drafted if not self._decided(each, texts, _said(journal)))
        return SeenFormats(sources=sources, waiting=waiting, accepted=tuple(sorted(texts)), more=more)

    def format_file(self, id_: str) -> bytes:
        """The text of a format that was accepted, as a file for `--formats`."""
        self.allow(Verb.SEE_COVERAGE, "formats")
        with self._journal() as journal:
            text = format_texts(journal).get(id_)
        if text is None:
            raise WhosawError("format.none-accepted", "no format of this name was accepted here")
        return text.encode()

    def decide(self, key: str, what: str, *, seen: str, column: str = "", field: str = "") -> None:
        """Accept a draft, leave it out, or take another field for one of its columns (`field` empty: none). Raises `WhosawError` where the
        draft is another one than `seen`, where a column or a field is none, and where a draft that is accepted reads no line."""
        who = self.allow(Verb.START_SCAN, "formats")
        if what not in ("accept", "reject", "edit"):
            raise WhosawError("format.form", "this form does not say what becomes of the draft")
        with self._journal() as journal:
            layout = next((each for each in self._drafted(journal)[0] if each.key == key), None)
            if layout is None or self._decided(layout, format_texts(journal), _said(journal)):
                raise WhosawError("format.gone", "this draft waits no more", hint="Load the page anew")
            if layout.seen != seen:
                raise WhosawError(
                    "format.changed",
                    "somebody changed this draft meanwhile",
                    hint="Load the page anew, look at it and decide again",
                )
            if what == "edit" and (column not in COLUMNS or field not in ("", *layout.fields)):
                raise WhosawError("format.form", "this form names no column or field of the draft")
            if what == "accept" and not layout.reads:
                raise WhosawError(
                    "format.reads-nothing",
                    "this draft reads no line of the file",
                    hint="Say first which field is the time",
                )
            with journal.transaction() as connection:
                self._keep(journal, connection, layout, what, column, field)
                body = {
                    "source": layout.source,
                    "layout": key,
                    "what": what,
                    "format": layout.draft.id,
                    "column": column,
                    "field": field,
                    "by": who.name,
                    "columns": dict(_columns(layout.draft)),
                }
                journal.record(connection, "format.decided", body, now=self.now)

    def _keep(
        self, journal: Journal, connection: Connection, layout: Layout, what: str, column: str, field: str
    ) -> None:
        if what == "accept":
            texts = format_texts(journal, connection)
            keep_format_texts(journal, connection, {**texts, layout.draft.id: layout.draft.text})
            return
        said = _said(journal, connection)
        of_it = said.setdefault(layout.key, {"left": False, "chosen": {}})
        if what == "reject":
            of_it["left"] = True
        else:
            of_it["chosen"][column] = field
        journal.set_setting(connection, _SAID, canonical_json(said).decode())

    def _decided(self, layout: Layout, texts: Mapping[str, str], said: Mapping[str, Any]) -> bool:
        return layout.draft.id in texts or said.get(layout.key, {}).get("left", False)

    def _drafted(self, journal: Journal) -> tuple[list[Layout], int]:
        """A draft for each source that nothing knew, or of which next to nothing was understood; and how many sources have no room."""
        try:
            last = read_as(journal)
            there = {each.name: each for each in discover(last.paths).contents}
        except WhosawError:  # nothing was read yet, or the logs lie elsewhere by now
            return [], 0
        of: dict[str, list[Content]] = {}
        for read in contents_in_force(journal):
            content = there.get(read.name)
            if content is not None and content.path is not None:
                of.setdefault(read.source, []).append(content)
        known = {each.source for each in _sources(journal) if not each.unknown}
        chosen = sorted(of, key=lambda source: (source in known, source))
        found = [
            layout
            for source in chosen[:_MOST_LAYOUTS]
            if (layout := self._layout(source, of[source], last, _said(journal), new=source not in known))
        ]
        return found, max(0, len(chosen) - _MOST_LAYOUTS)

    def _layout(
        self,
        source: str,
        contents: Sequence[Content],
        last: ReadAs,
        said: Mapping[str, Any],
        *,
        new: bool,
    ) -> Layout | None:
        path = str(contents[0].path)
        try:
            asked = partial(try_file, path, zone=last.zone, project=last.project, day=self.now.date())
            if not new and asked(own_formats=last.own_formats, format_name=last.format_name).draft is None:
                return None
            heads = [head for each in contents[:_SAMPLES] if (head := head_of(each)).strip()]
        except WhosawError:  # gone, or not to be read any more: coverage says so
            return None
        id_ = f"own-{'-'.join(re.findall('[a-z0-9]+', source.lower()))}".rstrip("-")
        draft = propose(heads, day=self.now.date(), id_=id_)
        if draft is None:
            return None
        fields = tuple(sorted(_fields(draft)))
        key = hashlib.sha256(canonical_json([source, draft.shape, list(fields)])).hexdigest()[:16]
        if own := said.get(key, {}).get("chosen"):
            draft = propose(heads, day=self.now.date(), id_=id_, chosen=own) or draft
        tried = None
        if draft.text:
            with formats_folder({id_: draft.text}) as folder:
                tried = asked(format_name=id_, own_formats=[*last.own_formats, folder])
        return Layout(key=key, source=source, file=Path(path).name, draft=draft, tried=tried, fields=fields)


def _columns(draft: FormatDraft) -> Iterator[tuple[str, str]]:
    for each in draft.columns:
        yield each.column, each.source


def _fields(draft: FormatDraft) -> set[str]:
    named = {name for each in (*draft.columns, *draft.perhaps) for name in each.fields}
    return named | {each.name for each in draft.unused}


def _sources(journal: Journal) -> tuple[SourceFormat, ...]:
    files: dict[tuple[str, str], int] = {}
    for each in contents_in_force(journal):
        files[each.source, each.format] = files.get((each.source, each.format), 0) + 1
    return tuple(
        SourceFormat(source=source, format=name, files=many) for (source, name), many in sorted(files.items())
    )


def _said(journal: Journal, connection: Connection | None = None) -> dict[str, Any]:
    """By layout, the fields that were chosen for its columns, and whether its draft is left out."""
    found: dict[str, Any] = json.loads(journal.setting(_SAID, connection) or "{}")
    return found
