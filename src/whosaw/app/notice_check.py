"""`whosaw notice check`: does a text, ours or anybody's, say what the ledger and the law ask of it?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from whosaw.core.errors import WhosawError
from whosaw.law import answer_duties
from whosaw.law.checking.judge import judge
from whosaw.law.checking.opening import open_text
from whosaw.law.checking.verdict import CANNOT_TELL, FAILS, HOLDS
from whosaw.law.loaded_case import case_head, load_case
from whosaw.packs.languages import language_codes, load_language

from .text_case import FORMS, choose_duties, expected_of, form_of

__all__ = ["check_notice"]


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
) -> dict[str, Any]:
    """Every check of the text at `path` ("-" is standard input) as one document. Raises `WhosawError`."""
    _known(form, language)
    text = open_text(path, stdin)
    loaded = load_case(case, workspace=workspace)
    form = form_of(loaded, form, version=version, group=group)
    answers = answer_duties(loaded.law, loaded.case.facts, now=now, law_of=law_of)
    chosen = choose_duties(answers, form, wanted, supplement=supplement)
    expected = expected_of(loaded, chosen, form, version=version, group=group)
    judged = judge(text, expected, {code: load_language(code) for code in language_codes()}, language)
    counted = {
        each: sum(one.verdict == each for one in judged.verdicts) for each in (HOLDS, FAILS, CANNOT_TELL)
    }
    return {
        **case_head(loaded, now=now, law_of=law_of),
        "text": text.origin,
        "form": text.form,
        "checked_as": form,
        "group": group,
        "checked_version": expected.ledger.version if expected.ledger is not None else None,
        "languages": [
            {
                "language": share.language,
                "words": share.words,
                "checked": bool(share.language and share.counts),
            }
            for share in judged.shares
        ],
        "left_out": list(text.left_out),
        "duties": [
            {
                "item": each.duty.origin.id,
                "title": each.duty.origin.title,
                "place": each.area.name,
                "confidence": each.duty.origin.confidence,
                "owed": each.state,
                "in_force": each.in_force.truth.value,
                "phasing": each.duty.phasing,
            }
            for each in chosen.answers
        ],
        "undecided": [
            {"item": each.duty.origin.id, "place": each.area.name, "needs": list(each.owed.needs)}
            for each in chosen.undecided
        ],
        "checks": [each.as_json() for each in judged.verdicts],
        "counted": counted,
        "passes": counted[FAILS] == 0,
    }


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
