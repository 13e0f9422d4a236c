"""How a content is to be read: in which format, from where on, and what of an earlier reading it takes the place of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from whosaw.app.settings import ScanSettings, config_digest, own_digest
from whosaw.ingest.build_parser import needs_year
from whosaw.ingest.detect_format import of_no_other
from whosaw.ingest.event_file import holds_rows
from whosaw.ingest.event_rows import EVENTS
from whosaw.ingest.files.content import Content
from whosaw.ingest.format_item import FormatItem
from whosaw.ingest.times.far import parted
from whosaw.ingest.unknown import UNKNOWN
from whosaw.store.repositories.manifest import (
    NewestContent,
    find_begun,
    find_contents,
    head_sizes,
    names_known,
)
from whosaw.store.workspace import Workspace

from .content import (
    HEAD_BYTES,
    Candidate,
    Opened,
    Opener,
    candidates,
    head_of,
    heads_of,
    place_of,
    restore,
    still_there,
)
from .formats import item_named, pick_format
from .known import KnownContents

__all__ = ["NothingNew", "Plan", "Planner"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be read of one content, and how.

    `row` is what the manifest says of it until its end is reached. `known` is its number where the manifest has it already,
    and `gone` its segments that are read again. Reading begins at `start`, with `line` as the next line, and with what the
    parser (`state`) and the judge of far times (`times`) know from before."""

    content: Content
    item: FormatItem
    confidence: float | None
    row: dict[str, Any]
    head: bytes
    known: int | None = None
    gone: tuple[int, ...] = ()
    start: int = 0
    line: int = 1
    state: str | None = None
    times: str | None = None
    outcome: str = "read"  # or grown
    notes: tuple[str, ...] = ()

    def anew(self, live: tuple[int, ...]) -> Plan:
        """The same content from its start; `live` are its segments of now."""
        return replace(self, gone=live, start=0, line=1, state=None, times=None, outcome="read")


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingNew:
    """The content has the bytes of one that was read whole, and is to be read in the same way."""

    candidate: Candidate
    fault: str | None


class Planner:
    """Plans the contents of one scan, in order: what one turns out to be is expected of the next of its source or folder."""

    def __init__(self, workspace: Workspace, settings: ScanSettings, scan: int, opener: Opener) -> None:
        self._workspace, self._settings, self._scan, self._opener = workspace, settings, scan, opener
        self.known = KnownContents(workspace.journal, opener)
        self._of_source: dict[str, FormatItem] = {}
        self._of_folder: dict[str, FormatItem] = {}
        self._configs: dict[tuple[str, str | None], str] = {}  # by format and zone
        self._shared: dict[tuple[str, bool], bool] = {}  # by format, and whether it is forced

    def unchanged(self, content: Content) -> NewestContent | None:
        """The content in the manifest of which this is surely nothing but the same again; else None."""
        known = self.known.unchanged(content)
        return known if known is not None and self._same_setup(content, known.format, known.config) else None

    def renamed(self, contents: Iterable[Content]) -> list[tuple[Content, dict[str, Any]]]:
        """The contents that surely are known ones under new names, and to be read as they were, up to the first that may be another;
        each with the row of the manifest. All of them must be expected."""
        found: list[tuple[Content, dict[str, Any]]] = []
        for content in contents:
            row = self.known.moved(content)
            if row is None or not self._same_setup(content, row["format"], row["config"]) or still_there(row):
                break
            found.append((content, row))
        return found

    def plan(self, content: Content, opened: Opened) -> Plan | NothingNew:
        """A plan for a content that is open and can be read."""
        content = opened.version_of(content)
        for candidate in candidates(self._workspace.journal, content, opened.sample):
            found = self._continue(content, candidate, opened.sample)
            if found is not None:
                return found
        return self._new(content, opened.sample)

    def may_be_new(self, content: Content) -> bool:
        """Whether a content may be one that is planned before its turn: a file of its own under a name that is not known."""
        return (
            content.lasting
            and content.member is None
            and not find_contents(self._workspace.journal, content.name)
        )

    def plan_new(self, content: Content, opened: Opened) -> Plan | None:
        """A plan for a content that begins as none in the manifest does; None for any other."""
        if candidates(self._workspace.journal, content, opened.sample):
            return None
        return self._new(opened.version_of(content), opened.sample)

    def plan_by_head(self, content: Content, head: bytes) -> Plan | None:
        """A plan for a content by its first bytes, where whoever reads it says whether it is of the format that is expected of it; None
        where nothing is expected that so could be told, or where a content in the manifest begins alike."""
        item, forced = self.expected(content), self._settings.of(content).forced is not None
        if item is None or holds_rows(content) or candidates(self._workspace.journal, content, head):
            return None
        if not forced and (item.generic or item.second is not None or item.id in (UNKNOWN.id, EVENTS.id)):
            return None  # held against all others, which takes more than its first bytes
        return self.plan_as(content, item, head)

    def shared(self, content: Content) -> FormatItem | None:
        """The format that is expected of a content, where contents of it can be read together; else None."""
        item = self.expected(content)
        if item is None:
            return None
        key = self._key(content, item)
        if key not in self._shared:
            # what reads whatever has its form is held against all others, content by content
            lines = (
                item.kind == "json" and not item.wrapped
            )  # of which `of_no_other` can tell for many at once
            alone = item.id in (UNKNOWN.id, EVENTS.id) or (_must_be_told(item, forced=key[1]) and not lines)
            self._shared[key] = not alone and not needs_year(item)
        return item if self._shared[key] else None

    def expected(self, content: Content) -> FormatItem | None:
        """The format that a content is forced to have, or that another one of its source or folder had."""
        return self._settings.of(content).forced or self._known(content)

    def told_apart(self, first: Content, item: FormatItem, samples: Sequence[bytes]) -> bool:
        """Whether contents of a format that are expected to be of it, read as the `first` of them, are of no other: a format of no
        product reads whatever has its form. Where one is not, none is read together any more."""
        key = self._key(first, item)
        if self.asks_all(first, item):
            told = self._settings.of(first)
            self._shared[key] = of_no_other(samples, item, told.formats, told.zone)
        return self._shared[key]

    def asks_all(self, first: Content, item: FormatItem) -> bool:
        """Whether that takes all the text of them."""
        return _must_be_told(item, forced=self._settings.of(first).forced is not None)

    def apart(self, first: Content, item: FormatItem) -> None:
        """Contents of a format, as the `first` of them, were read together for nothing: none is any more."""
        self._shared[self._key(first, item)] = False

    def read_alike(self, one: Content, other: Content) -> bool:
        """Whether the project says the same of both."""
        return self._settings.logs_of(one) is self._settings.logs_of(other)

    def _key(self, content: Content, item: FormatItem) -> tuple[str, bool]:
        return item.id, self._settings.of(content).forced is not None

    def new_ones(self, contents: Sequence[Content]) -> int:
        """How many of them, from the first on, have names that are not known."""
        known = names_known(self._workspace.journal, [each.name for each in contents])
        return next((at for at, each in enumerate(contents) if each.name in known), len(contents))

    def begin_anew(self, samples: Sequence[bytes]) -> int:
        """How many of them, from the first on, begin as no content in the manifest does."""
        journal = self._workspace.journal
        sizes = head_sizes(journal, max(map(len, samples), default=0))
        heads = [heads_of(sample, [size for size in sizes if size <= len(sample)]) for sample in samples]
        begun = {row["head"] for row in find_begun(journal, [each for own in heads for each in own])}
        return next((at for at, own in enumerate(heads) if not begun.isdisjoint(own)), len(heads))

    def plan_as(self, content: Content, item: FormatItem, sample: bytes) -> Plan:
        """A plan for a new content that is wholly understood in the format that is expected of it."""
        confidence = None if self._settings.of(content).forced is not None else 1.0
        self._expect(content, item)
        row = self._row(content, item, confidence, sample)
        return Plan(content=content, item=item, confidence=confidence, row=row, head=sample[:HEAD_BYTES])

    def empty_row(self, content: Content) -> dict[str, Any]:
        """What the manifest says of a content without a line."""
        return self._row(content, UNKNOWN, None, b"")

    def _new(self, content: Content, sample: bytes) -> Plan:
        item, confidence = self._pick(content, sample)
        return Plan(
            content=content,
            item=item,
            confidence=confidence,
            row=self._row(content, item, confidence, sample),
            head=sample[:HEAD_BYTES],
        )

    def _continue(self, content: Content, candidate: Candidate, sample: bytes) -> Plan | NothingNew | None:
        """Go on where `candidate` stopped, if this content really begins with what was read of it; else None."""
        if not content.lasting:
            return None  # a stream cannot be read twice; what repeats is found as duplicates
        row = candidate.row
        same = self._same_setup(content, row["format"], row["config"])
        line = candidate.line if holds_rows(content) else 1
        with self._opener.open(content, candidate.known, line) as checked:
            more = next(iter(checked), None)
            if checked.prefix_digest != candidate.digest:
                return None
            if more is None and (same or self._copy_elsewhere(content, row)):
                return NothingNew(candidate=candidate, fault=checked.fault)
            if more is not None and row["name"] != content.name and still_there(row):
                return None  # a longer copy beside the original: its repeats are found as duplicates
        item, confidence = self._as_before(content, row), row["confidence"]
        again = not same or item.id == UNKNOWN.id
        if again:
            item, confidence = self._pick(content, sample)
        plan = Plan(
            content=content,
            item=item,
            confidence=confidence,
            row={**self._row(content, item, confidence, sample), "digest": candidate.digest},
            head=sample[:HEAD_BYTES],
            known=candidate.id,
            gone=tuple(each["id"] for each in candidate.segments),
        )
        if again:
            why = "read again: the format, the zone, the map or the Sigma rules changed"
            return plan if more is not None else replace(plan, notes=(why,))
        times, state = parted(self._workspace.vault.open_text(candidate.state))
        return replace(
            plan,
            gone=tuple(each["id"] for each in candidate.tail),
            start=candidate.end,
            line=candidate.line,
            state=state,
            times=times,
            outcome="grown",
        )

    def _copy_elsewhere(self, content: Content, row: dict[str, Any]) -> bool:
        """Whether the same bytes lie under another name, of which the project says otherwise: they are read once, as it says there."""
        if not self._settings.logs or row["name"] == content.name or not still_there(row):
            return False
        return not self.read_alike(content, restore(row["place"]))

    # -- what a content is

    def _as_before(self, content: Content, row: dict[str, Any]) -> FormatItem:
        if holds_rows(content):
            return EVENTS
        return self._settings.of(content).forced or item_named(row["format"], self._settings) or UNKNOWN

    def _same_setup(self, content: Content, format_name: str, config: str) -> bool:
        told = self._settings.of(content)
        item = told.forced or item_named(format_name, told)
        if format_name == EVENTS.id:
            item = EVENTS
        return item is not None and config == self._config(item, told.zone_name)

    def _config(self, item: FormatItem, zone: str | None) -> str:
        key = item.id, zone
        if key not in self._configs:
            # a format that somebody described since may know a layout that none did, or only roughly
            own = own_digest(self._settings.formats) if item.id == UNKNOWN.id or item.generic else None
            self._configs[key] = config_digest(item, zone, self._settings.map, self._settings.sigma, own)
        return self._configs[key]

    def _pick(self, content: Content, sample: bytes) -> tuple[FormatItem, float | None]:
        if holds_rows(content):
            return EVENTS, None
        item, confidence = pick_format(content, sample, self._settings.of(content), self._known(content))
        self._expect(content, item)
        return item, confidence

    def _known(self, content: Content) -> FormatItem | None:
        """What another content of the same source or folder had."""
        return self._of_source.get(content.source) or self._of_folder.get(content.name.rpartition("/")[0])

    def _expect(self, content: Content, item: FormatItem) -> None:
        """A content has this format, and so may the next of its source or folder."""
        self._of_source[content.source] = item
        if item.id != UNKNOWN.id and not item.generic and item.table.get("header") != "syslog":
            self._of_folder[content.name.rpartition("/")[0]] = item

    def _row(
        self, content: Content, item: FormatItem, confidence: float | None, sample: bytes
    ) -> dict[str, Any]:
        head, head_size = head_of(sample)
        told = self._settings.of(content)
        return {
            "name": content.name,
            "source": content.source,
            "place": place_of(content),
            "stamp": "",
            "head": head,
            "head_size": head_size,
            "size": 0,
            "digest": head_of(b"")[0],
            "format": item.id,
            "confidence": confidence,
            "forced": told.forced is not None,
            "config": self._config(item, told.zone_name),
            "zone": told.zone_name,
            "fault": None,
            "complete": False,
            "read_in": self._scan,
            "mtime": content.mtime_ns // 1000 if content.mtime_ns is not None else None,
        }


def _must_be_told(item: FormatItem, *, forced: bool) -> bool:
    return item.generic and not forced
