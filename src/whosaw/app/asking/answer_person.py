"""Answers a person who asked who saw their data: letters in languages and formats, journalled before any of them has its name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Final

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.counts import Count
from whosaw.core.document import object_of, told_as
from whosaw.core.draft import Draft
from whosaw.core.errors import WhosawError
from whosaw.mapping.untold import UntoldSource
from whosaw.packs.languages import language_codes, load_language, read_words, words_file
from whosaw.packs.notice_words import load_notice_words
from whosaw.report.draft_files import draft_bytes, write_all

from .letter import letter
from .looks import concerned, record_look
from .questions import open_ledger
from .seen_by import seen_by
from .unended import require_ended
from .withheld import withheld_clients

__all__ = ["ANSWER_FORMATS", "AnswerMade", "WrittenLetter", "answer_person"]

ANSWER_FORMATS: Final = ("html", "pdf")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenLetter:
    """A file that was written, with its language and digest."""

    file: str
    language: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerMade:
    """Letters to one person, how many views they tell of, and what their preparer has to add."""

    person: str
    views: Count
    letters: tuple[WrittenLetter, ...]
    missing: tuple[str, ...]
    untold: tuple[UntoldSource, ...] = field(default=(), metadata=told_as("not_told", if_any=True))
    drafts: tuple[Draft, ...] = field(repr=False, metadata=told_as(never=True))


@asks(Verb.EXPORT, "answer to a person")
def answer_person(
    root: Path,
    person: str,
    folder: Path,
    *,
    languages: Sequence[str],
    formats: Sequence[str] = ANSWER_FORMATS,
    organisation: str,
    contact: str,
    zone: tzinfo,
    reason: str,
    now: datetime,
    key_file: Path | None = None,
    own: Path | None = None,
    replace: bool = False,
) -> AnswerMade:
    """Write a letter in each language and format to `folder`. The look at the person and each file are in the custody journal first.
    Without a reason nothing is looked at."""
    for each in formats:
        if each not in ANSWER_FORMATS:
            raise WhosawError(
                "answer.format",
                f"no letter is written as {each!r}",
                hint=f"Known: {', '.join(ANSWER_FORMATS)}",
            )
    for code in languages:
        _check_language(code, own)
    with closing(open_ledger(root, now=now, key_file=key_file)) as ledger:
        require_ended(ledger.workspace.journal)
        number = ledger.person_number(person)
        look = record_look(ledger.workspace, {"person": [number]}, what="answer", reason=reason, now=now)
        told = seen_by(ledger, number, hidden=withheld_clients(ledger, now=now))
        drafts = tuple(
            letter(
                told,
                read_words(code, "answer", own=own),
                load_notice_words(code, words_file(code, "notice", own=own)),
                load_language(code, own),
                organisation=organisation.strip(),
                contact=contact.strip(),
                zone=zone,
                now=now,
            )
            for code in dict.fromkeys(languages)
        )
        contents = {
            folder / f"{each.id}.{kind}": draft_bytes(each, kind, own)
            for each in drafts
            for kind in dict.fromkeys(formats)
        }
        letters = tuple(
            WrittenLetter(
                file=str(path), language=path.stem.rpartition("-")[2], sha256=hashlib.sha256(data).hexdigest()
            )
            for path, data in contents.items()
        )
        made = AnswerMade(
            person=f"p{number}",
            views=told.count,
            letters=letters,
            missing=tuple(dict.fromkeys(each.needs for draft in drafts for each in draft.missing)),
            untold=told.untold,
            drafts=drafts,
        )
        journal = ledger.workspace.journal
        with journal.transaction() as connection:
            body = {
                "what": "answer",
                **object_of(made),
                **object_of(concerned(ledger.workspace, {"person": [number]})),
                "look": look,
                "reason": reason.strip(),
            }
            journal.record(connection, "exported", body, now=now)
        write_all(contents, folder, replace=replace)
        return made


def _check_language(code: str, own: Path | None) -> None:
    known = [each for each in language_codes(own) if words_file(each, "answer", own=own).is_file()]
    if code not in known:
        raise WhosawError(
            "answer.language",
            f"no letter is written in the language {code!r}",
            hint=f"Known: {', '.join(known)}",
        )
