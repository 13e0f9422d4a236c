"""A draft of a filing or a notice: sections that a law asks for, each filled from facts with their sources, or said to be missing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal

from .document import told_as

__all__ = ["BLOCK_KINDS", "Block", "BlockKind", "Draft", "Missing", "Section"]

BlockKind = Literal["text", "item", "row"]
BLOCK_KINDS: Final[tuple[BlockKind, ...]] = ("text", "item", "row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, an item of a list, or a row of a table whose first column is `label`. `sources` says where it comes from,
    such as "scope version 3" or "case file: event aware"; templates of this program have none."""

    kind: BlockKind
    text: str
    label: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What a section still needs, and the place in the case file or the command that would give it. `label` is the word of a form for it,
    which stands beside the line to write on."""

    needs: str
    where: str
    label: str = field(default="", metadata=told_as(never=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One item of the contents that a law asks for. `key` is that of the law item's contents; empty for what no law asks for.
    `confidence` is that of the law item, so that what is unverified is shown as such."""

    key: str
    heading: str
    article: str = ""
    confidence: str = ""
    blocks: tuple[Block, ...] = ()
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A whole draft in one language (a BCP 47 tag). `id` names it among the drafts of its case and is fit for a file name.

    `kind`: a filing and a notice are sent, so what is for their preparer stands apart from what their recipient reads; a record is kept, with
    its sources in it. `closing` are blocks after the last section, such as the signature. `notes` are for whoever completes the draft, never for its
    recipient. `short` is the form for a text message, where there is one.
    """

    ALSO: ClassVar[tuple[str, ...]] = ("complete",)

    id: str
    kind: Literal["filing", "notice", "record"]
    language: str
    title: str
    organisation: str
    recipient: str
    case: str
    scope_version: int | None
    duties: tuple[str, ...]
    opening: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    closing: tuple[Block, ...] = ()
    notes: tuple[str, ...] = ()
    short: str = ""

    @property
    def missing(self) -> tuple[Missing, ...]:
        return tuple(each for section in self.sections for each in section.missing)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing
