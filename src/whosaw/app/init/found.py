"""What was found in a folder of logs, group by group, and what was written of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from whosaw.core.document import told_as
from whosaw.ingest.shared_addresses import SharedAddress

from .context_logs import ContextLog
from .proposing import Proposal
from .twin_groups import TwinGroups

__all__ = ["Found", "Group", "Written"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Files of one kind, what they seem to be, and what is proposed to write of them. `quiet_proposed`: the hours in which none of their
    events stands on any day, as `--quiet-hours` takes them."""

    files: tuple[str, ...]  # patterns
    count: int
    bytes: int
    source: str | None
    zone: str | None
    proposal: Proposal
    quiet: tuple[str, ...] = field(
        default=(), metadata=told_as(if_any=True)
    )  # when it has no traffic, as was said
    quiet_proposed: str | None = field(default=None, metadata=told_as(if_known=True))
    # where its addresses are those of an edge or a proxy that many people share
    shared: SharedAddress | None = field(default=None, metadata=told_as(if_known=True))
    no_draft: str = field(default="", metadata=told_as(if_any=True))  # why, where it is plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What lies in a folder: groups of logs, tables of the context, API documents, and what is not read."""

    groups: tuple[Group, ...]
    context: str | None
    tables: tuple[str, ...]
    documents: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...] = field(
        metadata=told_as(form=lambda pairs: [{"name": name, "reason": reason} for name, reason in pairs])
    )

    context_logs: tuple[ContextLog, ...] = field(default=(), metadata=told_as(if_any=True))
    twins: tuple[TwinGroups, ...] = ()
    none: tuple[str, ...] = field(
        default=(), metadata=told_as(if_any=True)
    )  # tables that there are none of, as was said
    language: str | None = field(default=None, metadata=told_as(if_known=True))

    @property
    def unopened(self) -> tuple[tuple[str, str], ...]:
        """Files that are there and could not be opened, and why: whether they are logs is not known."""
        return tuple(each for each in self.skipped if each[1].startswith("cannot be opened"))

    @property
    def without_zone(self) -> tuple[Group, ...]:
        """Groups whose times have no offset, and of which nobody has said the zone."""
        return tuple(each for each in self.groups if each.proposal.needs_zone and each.zone is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The files that were written, and what is drafted in the map."""

    found: Found
    project: str
    formats: tuple[str, ...]  # items that were drafted
    context: str | None
    map: str | None
    map_is_new: bool
    routes: int
    open: tuple[str, ...]  # what a person has to say before it can be scanned
    next: str
