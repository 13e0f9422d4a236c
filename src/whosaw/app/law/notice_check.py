"""`whosaw notice check`: does a text, ours or anybody's, say what the ledger and the law ask of it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, ClassVar

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.case_head import CaseHead
from whosaw.core.document import told_as
from whosaw.core.errors import WhosawError
from whosaw.law import answer_duties, for_this_organisation
from whosaw.law.checking.asked_by_case import FORMS, choose_duties, expected_of, form_of
from whosaw.law.checking.judge import judge
from whosaw.law.checking.opening import open_text
from whosaw.law.checking.verdict import CANNOT_TELL, FAILS, HOLDS, Verdict
from whosaw.law.loaded_case import case_head, load_case
from whosaw.packs.languages import language_codes, load_language

__all__ = ["DutyChecked", "DutyUndecided", "LanguagePart", "NoticeCheck", "check_notice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguagePart:
    """How many words of the text are in one language, and whether they were checked."""

    language: str
    words: int
    checked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyChecked:
    """A duty that the text was held against."""

    item: str
    title: str
    place: str
    confidence: str
    owed: str
    in_force: str
    phasing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyUndecided:
    """A duty that the text was not held against, for it is not known whether it is owed."""

    item: str
    place: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeCheck:
    """Every check of one text. `left_out` are parts of its file that were not read."""

    ALSO: ClassVar[tuple[str, ...]] = ("counted", "passes")

    head: CaseHead = field(metadata=told_as(among=True))
    text: str
    form: str
    checked_as: str
    group: str
    checked_version: int | None
    languages: tuple[LanguagePart, ...]
    left_out: tuple[str, ...]
    duties: tuple[DutyChecked, ...]
    undecided: tuple[DutyUndecided, ...]
    checks: tuple[Verdict, ...]

    @property
    def counted(self) -> dict[str, int]:
        """How many checks came out each way."""
        return {each: sum(one.verdict == each for one in self.checks) for each in (HOLDS, FAILS, CANNOT_TELL)}

    @property
    def passes(self) -> bool:
        """Whether none fails."""
        return self.counted[FAILS] == 0


@asks(Verb.SEE_CASES, "check of a notice", root="workspace")
def check_notice(
    path: str,
    case: Path,
    *,
    stdin: BinaryIO,
    workspace: Path,
    now: datetime,
    form: str = "notice",
    wanted: Sequence[str] = (),
    supplement: bool = False,
    language: str = "",
    group: str = "",
    version: int | None = None,
    law_of: date | None = None,
) -> NoticeCheck:
    """Every check of the text at `path` ("-" is standard input). Raises `WhosawError`."""
    _known(form, language)
    text = open_text(path, stdin)
    loaded = load_case(case, workspace=workspace)
    form = form_of(loaded, form, version=version, group=group)
    answers = for_this_organisation(
        answer_duties(loaded.law, loaded.case.facts, now=now, law_of=law_of),
        loaded.case.facts.roles,
    )
    chosen = choose_duties(answers, form, wanted, supplement=supplement)
    expected = expected_of(loaded, chosen, form, version=version, group=group)
    judged = judge(text, expected, {code: load_language(code) for code in language_codes()}, language)
    return NoticeCheck(
        head=case_head(loaded, now=now, law_of=law_of),
        text=text.origin,
        form=text.form,
        checked_as=form,
        group=group,
        checked_version=expected.ledger.version if expected.ledger is not None else None,
        languages=tuple(
            LanguagePart(
                language=share.language, words=share.words, checked=bool(share.language and share.counts)
            )
            for share in judged.shares
        ),
        left_out=tuple(text.left_out),
        duties=tuple(
            DutyChecked(
                item=each.duty.origin.id,
                title=each.duty.origin.title,
                place=each.area.name,
                confidence=each.duty.origin.confidence,
                owed=each.state,
                in_force=each.in_force.truth.value,
                phasing=each.duty.phasing,
            )
            for each in chosen.answers
        ),
        undecided=tuple(
            DutyUndecided(item=each.duty.origin.id, place=each.area.name, needs=each.owed.needs)
            for each in chosen.undecided
        ),
        checks=tuple(judged.verdicts),
    )


def _known(form: str, language: str) -> None:
    if form not in FORMS:
        raise WhosawError(
            "notice-check.as", f"{form!r} is no kind of text", hint=f"--as takes {', '.join(FORMS)}"
        )
    if language and language not in language_codes():
        raise WhosawError(
            "language.unknown",
            f"there are no words for the language {language!r}",
            hint=f"Known: {', '.join(language_codes())}",
        )
