"""What is thought of each field of a document: the same that drafts are made from, field by field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from whosaw.core.name_words import words_of

from .answer import Answer
from .documents import parts_of_document
from .field_hints import Hints
from .json_fields import AnswerFields
from .judge import Place, Verdict, frame_of_path, judge_field

__all__ = ["JudgedField", "judge_answer", "judge_open_place", "judged_fields"]

_OPEN = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedField:
    """A field and what it is held to be. `operation` is method and path; `at` is `$.a.b` in an answer, `{x}` in a path."""

    operation: str
    at: str
    verdict: Verdict
    names: tuple[str, ...] = ()
    in_list: bool = False
    sent: bool = False  # it stands in the request

    @property
    def category(self) -> str | None:
        return self.verdict.category

    @property
    def subject(self) -> bool:
        return self.verdict.subject


def judged_fields(path: Path, hints: Hints) -> Iterator[JudgedField]:
    """Every field of a document. Raises `WhosawError` where the document is of no known kind."""
    for answer in parts_of_document(path):
        yield from judge_answer(answer, hints)


def judge_answer(answer: Answer, hints: Hints) -> Iterator[JudgedField]:
    """The fields of one operation: open places of the path, parameters, what is sent, what is answered."""
    segments = answer.path.split("/")[1:]
    frame = answer.frame or frame_of_path(segments)
    bank = _of_a_bank(answer, hints)
    operation = answer.name or f"{answer.method} {answer.path}".strip()
    for place, segment in enumerate(segments):
        for name in _OPEN.findall(segment):
            verdict = judge_open_place(name, frame_of_path(segments[:place]), hints, bank=bank)
            yield JudgedField(operation=operation, at=f"{{{name}}}", verdict=verdict)
    for parameter in answer.parameters:
        frame_here = frame if parameter.place == "argument" else ()
        verdict = judge_open_place(parameter.name, frame_here, hints, bank=bank)
        yield JudgedField(operation=operation, at=f"{{{parameter.name}}}", verdict=verdict)
    for fields, sent in ((answer.fields, False), (answer.sent, True)):
        yield from _body(fields, operation, frame, hints, bank=bank, sent=sent, at=answer.at)


def _body(
    fields: AnswerFields,
    operation: str,
    frame: tuple[str, ...],
    hints: Hints,
    *,
    bank: bool,
    sent: bool,
    at: str,
) -> Iterator[JudgedField]:
    beside: dict[tuple[str, ...], set[str]] = {}
    for names in fields.fields:
        beside.setdefault(names[:-1], set()).add(names[-1])
    for names, found in sorted(fields.fields.items()):
        place = Place(names=names, frame=frame, beside=beside[names[:-1]], bank=bank, field=found)
        yield JudgedField(
            operation=operation, at=f"{at}{'.'.join(names)}", verdict=judge_field(place, hints), names=names,
            in_list=found.in_list, sent=sent,
        )  # fmt: skip


def judge_open_place(name: str, frame: tuple[str, ...], hints: Hints, *, bank: bool = False) -> Verdict:
    """A parameter that says whose data is asked for: by its own name, else by the word before it."""
    return judge_field(Place(names=(name,), frame=frame[-1:], bank=bank, asked=True), hints)


def _of_a_bank(answer: Answer, hints: Hints) -> bool:
    words = {word for names in answer.fields.fields for word in names} | set(answer.path.split("/"))
    return any(hints.bank.all_in(words_of(word)) for word in words)
