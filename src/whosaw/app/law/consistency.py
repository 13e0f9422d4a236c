"""`whosaw consistency`: do the filings and notices of a case tell the same numbers, categories and times?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, ClassVar

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.case_head import CaseHead
from whosaw.core.document import told_as
from whosaw.core.errors import Fault, FaultsError, Where, WhosawError
from whosaw.core.instants import parse_zone
from whosaw.core.ranges import Range
from whosaw.law.checking.asked_by_case import ledger_of, names_of
from whosaw.law.checking.compare import Difference, TextTold, Told, against_scope, compare, told
from whosaw.law.checking.judge import readers
from whosaw.law.checking.opening import open_text
from whosaw.law.loaded_case import LawCase, case_head, load_case
from whosaw.packs.languages import language_codes, load_language

__all__ = ["Consistency", "VersionCounts", "consistency"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionCounts:
    """The counts of a scope version by unit."""

    version: int
    counts: Mapping[str, Range]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """What each text of a case tells, and where they differ."""

    ALSO: ClassVar[tuple[str, ...]] = ("differ", "cannot_tell")

    head: CaseHead = field(metadata=told_as(among=True))
    versions: tuple[VersionCounts, ...]
    texts: tuple[TextTold, ...]
    differences: tuple[Difference, ...]

    @property
    def differ(self) -> bool:
        """Whether two texts contradict each other."""
        return any(each.kind == "differs" for each in self.differences)

    @property
    def cannot_tell(self) -> bool:
        """Whether a part of a text could not be read."""
        return any(each.unread for each in self.texts)


@asks(Verb.SEE_CASES, "check of texts", root="workspace")
def consistency(
    case: Path, paths: Sequence[str], *, stdin: BinaryIO, workspace: Path, now: datetime
) -> Consistency:
    """Every text against every other and against the scope versions. Raises `FaultsError` with all texts that cannot be read."""
    if len(paths) < 2:
        raise WhosawError(
            "consistency.one-text",
            "there is only one text, so there is nothing to compare it with",
            hint="Name two or more files",
        )
    if again := [path for path, times in Counter(paths).items() if times > 1]:
        raise WhosawError("consistency.twice", f"named twice: {', '.join(again)}", hint="Name each file once")
    loaded = load_case(case, workspace=workspace)
    faults: list[Fault] = []
    texts: list[Told] = []
    for path in paths:
        try:
            texts.append(_told(path, stdin, loaded))
        except WhosawError as fault:
            where = fault.where or Where(file=path)
            faults.append(Fault(code=fault.code, message=fault.message, where=where, hint=fault.hint))
    if faults:
        raise FaultsError("consistency.unreadable", faults)
    zone = parse_zone(loaded.case.zone)
    versions = tuple(ledger_of(each, zone) for each in loaded.case.scopes)
    differences = (*compare(texts, versions), *against_scope(texts, versions))
    return Consistency(
        head=case_head(loaded, now=now, law_of=None),
        versions=tuple(
            VersionCounts(
                version=each.version,
                counts={unit: Range(low=low, high=high) for unit, (low, high) in sorted(each.counts.items())},
            )
            for each in versions
        ),
        texts=tuple(each.placed(versions) for each in texts),
        differences=differences,
    )


def _told(path: str, stdin: BinaryIO, loaded: LawCase) -> Told:
    text = open_text(path, stdin)
    if not text.passages:
        raise WhosawError(
            "notice-check.no-text", "holds no text that a reader would see", where=Where(file=path)
        )
    languages = {code: load_language(code) for code in language_codes()}
    found, shares = readers(text, languages, names_of(loaded))
    unread = [
        f"{share.part:.0%} of it is in a language that there are no words for"
        for share in shares
        if share.counts and not share.language
    ]
    if not found and not unread:
        unread.append("it cannot be told in which language it is")
    return told(text.origin, found, (*unread, *(f"not read: {each}" for each in text.left_out)))
