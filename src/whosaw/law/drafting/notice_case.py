"""What a notice is made from: the case as it concerns people, what the law asks, and the words of a language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from whosaw.core.errors import WhosawError
from whosaw.law.account import Contact, Statement
from whosaw.packs.languages import Language
from whosaw.packs.notice_further import Further
from whosaw.packs.notice_rights import RightsSource
from whosaw.packs.notice_words import NoticeWords

from .case_material import AskedContent
from .notice_groups import Group
from .preparer_notes import Note

__all__ = ["Addressed", "NoticeCase", "Wording"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeCase:
    """The facts. `people` bounds all people of the scope, in every country. `first` and `last` are local days of the first and last view, None where they are not known, and `when` says
    where they are from. `earlier` and `later`: records do not reach far enough to rule out more. `records_open`: something in
    the scope is still open. `statistical`: single views may have been honest. `again`: people were told before. `found`: the first local day on which the organisation was aware, as far as the case says."""

    name: str
    organisation: Mapping[str, str]
    version: int
    people: tuple[int, int | None]
    first: date | None
    last: date | None
    when: str
    earlier: bool
    later: bool
    records_open: bool
    statistical: bool
    again: bool
    contact: Contact
    statements: tuple[Statement, ...]
    today: date
    found: date | None = None

    def about(self, *kinds: str) -> tuple[Statement, ...]:
        return tuple(each for each in self.statements if each.about in kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """The people of one place: what its laws ask a notice to say, and the duties that do.

    `listed` is false where a duty is owed whose contents are not recorded: then everything that is usually asked is. `further` is what
    they ask beside their contents.
    """

    jurisdiction: str
    place: str
    duties: tuple[str, ...]
    asked: tuple[AskedContent, ...]
    rights: RightsSource
    listed: bool = True
    notes: tuple[Note, ...] = ()
    further: tuple[Further, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A language: its sentences and its names of categories."""

    language: Language
    words: NoticeWords

    @property
    def code(self) -> str:
        return self.words.language

    def category(self, key: str) -> str | None:
        """None where the language has no name for it."""
        try:
            return self.language.category(key).name
        except WhosawError:
            return None

    def categories(self, group: Group) -> str:
        """The names in one line, without those that the language has no name for."""
        return ", ".join(each for key in group.categories if (each := self.category(key)) is not None)
