"""Who reads contents, besides the threads of this process: what a scan asks of a cluster, whichever it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from whosaw.ingest.files.content import Content
from whosaw.ingest.format_item import FormatItem
from whosaw.ingest.remote_users import RemoteUsers
from whosaw.ingest.shared_addresses import SharedAddresses

from .plan import Plan
from .segments import WrittenSegment
from .through import Ended
from .together import GroupWork

__all__ = ["Elsewhere", "Runner"]


class Elsewhere(Protocol):
    """A content that is read elsewhere."""

    @property
    def done(self) -> bool:
        """Whether nobody is at it any more."""
        ...

    def segments(self, idle: Callable[[], None]) -> Iterator[WrittenSegment]:
        """Its segments in order, as `Through.segments` gives them, each of whose files stands in the workspace and holds what its
        name says. `idle` is called before each wait. Raises `WhosawError` and `ReadAnewError` as a reading here would, and before the first
        one `PlanAnewError`."""
        ...

    @property
    def ended(self) -> Ended:
        """What is known of it behind its last segment."""
        ...

    @property
    def users(self) -> Sequence[RemoteUsers]:
        """By chunk, the names that a web server wrote down, where they were asked for."""
        ...

    @property
    def shared(self) -> Sequence[SharedAddresses]:
        """By chunk or of all of it, the addresses that send most."""
        ...


class Runner(Protocol):
    """Reads contents elsewhere, by the same code. The caller plans them and commits what comes back, in order."""

    @property
    def most(self) -> int:
        """How many contents, or groups of small ones, it is worth to have under way."""
        ...

    def takes(self, content: Content) -> bool:
        """Whether a content can be read elsewhere: a stream cannot."""
        ...

    def begin(self, plan: Plan, first: str | None, *, users: bool, cut: bool) -> Elsewhere:
        """Have a content read as planned; `first` is the digest that its first chunk has, or None where nobody saw it. `users`: tell which names a web server wrote
        down. `cut`: its chunks stand alone, and any range of its bytes can be read."""
        ...

    def begin_together(
        self, contents: Sequence[tuple[Content, tuple[str, int]]], item: FormatItem, *, users: bool
    ) -> GroupWork:
        """Have small contents of one format read together; each stands with the digest of its first bytes and how many these are."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """What whoever scans is told of how contents were read."""
        ...

    def close(self) -> None: ...
