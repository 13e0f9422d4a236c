"""What became of one content in a scan, and what a person may do about one that was not understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from whosaw.core.document import told_as

from .files.content import Chunk
from .format_item import FormatItem
from .meaning import Meaning, meaning_of
from .parser import LineLostError, Parsed
from .remote_users import RemoteUsers
from .seen_fields import HEAD_BYTES, SeenFields, seen_fields
from .shared_addresses import SharedAddresses
from .unknown import NO_ZONE, UNKNOWN

__all__ = ["ContentReport", "Counts", "notes_on"]

_MOST_NAMES = 12
Text = bytes  # a report counts "bytes"
_ADDED = ("lines", "events", "rejects", "comments", "continued", "bytes")
_TIME_REASONS = ("no time", "the time is not understood", "the time cannot be read")


def _three(says: Meaning) -> Mapping[str, int]:
    return {"who": says.who, "from_where": says.where, "what": says.what}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentReport:
    """What happened to one content in this scan. Counts are of what was read now, not of what was known.

    `says` counts the events that say who, from where and what. `time_only`: next to none says any of it, and `fields` are
    those that were seen. `refused`: every line of the content was rejected."""

    name: str
    source: str
    outcome: str  # read, grown, unchanged, copy, renamed, empty
    content: int | None = None
    format: str | None = None
    confidence: float | None = None
    lines: int = 0
    events: int = 0
    rejects: int = 0
    comments: int = 0
    continued: int = 0
    bytes: int = 0
    says: Meaning = field(default_factory=Meaning, metadata=told_as(form=_three))
    time_only: bool = False
    refused: bool = False
    fields: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Counts:
    """Adds up what came out of the chunks of a content."""

    item: FormatItem
    first_line: int = 1
    records: bool = False  # whether the unit is a record of a document
    lines: int = 0
    events: int = 0
    rejects: int = 0
    comments: int = 0
    continued: int = 0
    bytes: int = 0
    says: Meaning = field(default_factory=Meaning)
    reasons: Counter[str] = field(default_factory=Counter)
    head: Text = b""  # how the content begins
    found: SeenFields | None = None  # the fields in its first lines, where whoever read them told
    users: RemoteUsers | None = None  # where the names are those that a web server wrote down
    shared: SharedAddresses | None = None

    def add(self, chunk: Chunk, parsed: Parsed, says: Meaning | None = None) -> None:
        """Take in one chunk and what was parsed of it; `says`, where it is known what its events say."""
        if not self.lines:
            self.first_line, self.records = chunk.first_line, parsed.records is not None
            self.head = chunk.data[:HEAD_BYTES]
        self.lines += chunk.lines if parsed.records is None else parsed.records
        self.events += parsed.events.num_rows
        self.rejects += parsed.rejects.num_rows
        self.comments += parsed.comments
        self.continued += parsed.continued
        self.bytes += chunk.end - chunk.offset
        self.says += meaning_of(parsed.events, self.item) if says is None else says
        if self.users is not None:
            self.users.add(parsed.events)
        if self.shared is not None:
            self.shared.add(parsed.events)
        if not self.events and parsed.rejects.num_rows:
            for each in parsed.rejects["reason"].value_counts().to_pylist():
                self.reasons[each["values"]] += each["counts"]

    def check(self, name: str, read: int) -> None:
        """Make sure that no line of the content was lost or told twice on its way through all chunks. `read` is how many
        lines its reader gave; where the unit is a record, only what was parsed is compared."""
        told = self.events + self.rejects + self.comments + self.continued
        if told != self.lines:
            raise LineLostError(f"{name}: its chunks hold {self.lines:,} lines, but {told:,} are told")
        if not self.records and self.lines != read:
            raise LineLostError(f"{name}: {read:,} lines were read, but its chunks hold {self.lines:,}")

    @property
    def seen(self) -> SeenFields:
        """The fields that stand in the first lines."""
        return seen_fields(self.head) if self.found is None else self.found

    def take(self, behind: Counts) -> None:
        """Take in what was counted of the chunks that come next, without the names that a web server wrote down."""
        if not self.lines:
            self.first_line, self.records, self.found = behind.first_line, behind.records, behind.found
        for name in _ADDED:
            setattr(self, name, getattr(self, name) + getattr(behind, name))
        self.says += behind.says
        if not self.events:
            self.reasons.update(behind.reasons)

    @property
    def refused(self) -> bool:
        """Whether there were lines, and every one of them was rejected."""
        return self.rejects > 0 and not self.events

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that were seen, of a content that told times only or nothing."""
        return self.seen.names if self.refused or self.says.time_only else ()


def notes_on(counts: Counts, *, zone_given: bool) -> tuple[str, ...]:
    """What a person may do about a content that was not understood, and what was assumed of one that was."""
    item = counts.item
    if counts.refused:
        return (_refused(counts, zone_given=zone_given),)
    if counts.says.time_only:
        seen = counts.seen
        named = f"; fields seen: {_list(seen.names)}" if seen.names else ""
        how = f"--format '{seen.kind}:principal=FIELD,address=FIELD,path=FIELD'" if seen.kind else "--format"
        told = f"TIME ONLY: {counts.events:,} events say when, and next to none says who, from where or what"
        return (f"{told}; nothing can be found in them{named}; say which fields hold it with {how}",)
    assumed = item.table.get("assumes")
    return (str(assumed),) if assumed else ()


def _refused(counts: Counts, *, zone_given: bool) -> str:
    reason = counts.reasons.most_common(1)[0][0]
    seen = counts.seen
    kind = seen.kind
    known = counts.item.id != UNKNOWN.id
    if reason == NO_ZONE and not zone_given:
        return "every line was rejected: its times have no offset; state their zone with --tz"
    why = reason if known else "no known format"
    if kind and (reason in _TIME_REASONS or not known):
        if seen.times:
            return f"every line was rejected: {why}; {_list(seen.times)} may hold the time: --format '{kind}:time={seen.times[0]}'"
        named = f"; fields seen: {_list(seen.names)}" if seen.names else ""
        return f"every line was rejected: {why}; name the field of the time with --format '{kind}:time=FIELD'{named}"
    return f"every line was rejected: {why}; name the format with --format (`whosaw formats` lists them)"


def _list(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more
