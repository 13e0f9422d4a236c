"""A recorded assessment of risk: its parts with their reasons, what they come to, and which questions of a law that answers.

A method is an item of `data/assessments`. One with values works a score out of its parts; one without asks for a reason for each part,
and for what the organisation concludes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from whosaw.core.errors import Fault, FaultsError
from whosaw.packs.items import item_files, shipped
from whosaw.packs.table import Table

from .facts import Flag

__all__ = ["Assessed", "Method", "load_methods", "read_assessment"]

_CONFIDENCE: Final = ("statute-read", "secondary", "unverified")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One thing to judge. `times`: its score is multiplied with that of the others so marked; the rest are added."""

    key: str
    asks: str
    values: tuple[Decimal, ...]
    times: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answers:
    question: str
    yes_from: Decimal | None
    no_below: Decimal | None
    no_from: Decimal | None

    def of(self, score: Decimal) -> bool | None:
        """None where the score does not decide it."""
        if self.yes_from is not None and score >= self.yes_from:
            return True
        if self.no_below is not None and score < self.no_below:
            return False
        return False if self.no_from is not None and score >= self.no_from else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One way to assess. `levels` are names with the least score of each, the lowest first."""

    id: str
    title: str
    source: str
    confidence: str
    parts: tuple[_Part, ...]
    levels: tuple[tuple[str, Decimal], ...]
    answers: tuple[_Answers, ...]

    @property
    def scored(self) -> bool:
        """Whether it works a score out."""
        return bool(self.levels)

    def level(self, score: Decimal) -> str:
        """The highest level whose least score is reached."""
        return next(name for name, least in reversed(self.levels) if score >= least)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """What an assessment answers under one act: question to answer with the reasons."""

    act: str
    flags: Mapping[str, Flag]


@cache
def load_methods() -> Mapping[str, Method]:
    """Every method that is shipped. Raises `FaultsError` with every fault."""
    faults: list[Fault] = []
    found = [_method(Table.of_item(file, faults)) for file in item_files([shipped("assessments")], faults)]
    if faults:
        raise FaultsError("items.invalid", faults)
    return {each.id: each for each in found}


def _method(table: Table) -> Method:
    found = Method(
        id=table.text("id"),
        title=table.text("title"),
        source=table.text("source"),
        confidence=table.text("confidence", one_of=_CONFIDENCE),
        parts=tuple(_part(each) for each in table.tables("part", required=True)),
        levels=tuple(_level(each) for each in table.tables("level")),
        answers=tuple(_answers(each) for each in table.tables("answers")),
    )
    table.rest_unknown()
    return found


def _part(table: Table) -> _Part:
    values = table.take("values", list, "a list of numbers", required=False) or []
    found = _Part(
        key=table.text("key"),
        asks=table.text("asks"),
        values=tuple(Decimal(str(each)) for each in values),
        times=table.flag("times"),
    )
    table.rest_unknown()
    return found


def _level(table: Table) -> tuple[str, Decimal]:
    found = table.text("name"), table.number("least") or Decimal(0)
    table.rest_unknown()
    return found


def _answers(table: Table) -> _Answers:
    found = _Answers(
        question=table.text("question"),
        yes_from=table.number("yes_from", required=False),
        no_below=table.number("no_below", required=False),
        no_from=table.number("no_from", required=False),
    )
    table.rest_unknown()
    return found


def read_assessment(table: Table, asked: Mapping[str, Sequence[str]]) -> Assessed | None:
    """One `[[assessment]]` of a case file. `asked` gives the questions of risk of each act. None, with the faults noted, where it is
    none."""
    methods = load_methods()
    method = methods.get(table.text("method", one_of=methods))
    act, by = table.text("law", one_of=asked), table.text("by")
    made = table.day("day")
    if method is None or act not in asked:
        for key in table.values:
            table.raw(key)
        return None
    judged = [(part, *_judged(table, part)) for part in method.parts]
    concluded = _concluded(table, asked[act]) if not method.scored else {}
    table.rest_unknown()
    if any(reason is None for _, _, reason in judged) or made is None:
        return None
    told = "; ".join(
        f"{part.key}{f' {score}' if part.values else ''}: {reason}" for part, score, reason in judged
    )
    if method.scored:
        score, sum_ = _score([(part, score) for part, score, _ in judged])
        answers = {each.question: each.of(score) for each in method.answers if each.question in asked[act]}
        head = f"{sum_} = {score}, {method.level(score)}"
        concluded = {key: value for key, value in answers.items() if value is not None}
    else:
        head = "as concluded"
    because = f"{method.title}, {made.isoformat()}: {head} ({told}); the method is {method.confidence}"
    flags = {
        key: Flag(value=value, by=by, because=because, found_by="party") for key, value in concluded.items()
    }
    return Assessed(act=act, flags=flags)


def _judged(table: Table, part: _Part) -> tuple[Decimal, str | None]:
    """The score of a part (0 where it has none) and its reason; None, with the fault noted, where it is not judged."""
    inner = table.optional_table(part.key)
    if inner is None:
        table.fault(f"{part.key} is missing: {part.asks}", hint='Give it as a table with because = "..."')
        return Decimal(0), None
    score = Decimal(0)
    if part.values:
        given = inner.number("score")
        if given is not None and given not in part.values:
            known = ", ".join(str(each) for each in part.values)
            inner.fault(f"score is {given}, and {part.key} is one of {known}", "score", hint=part.asks)
            given = None
        score = given if given is not None else Decimal(-1)
    reason = inner.text("because")
    inner.rest_unknown()
    return score, reason if reason and score >= 0 else None


def _concluded(table: Table, questions: Sequence[str]) -> dict[str, bool]:
    inner = table.table("concludes", required=True)
    found = {}
    for key in inner.values:
        if key not in questions:
            inner.fault(
                f"{key} is no question of risk of this act", key, hint=f"It asks {', '.join(questions)}"
            )
            inner.raw(key)
        else:
            found[str(key)] = inner.flag(str(key), required=True)
    return found


def _score(parts: Sequence[tuple[_Part, Decimal]]) -> tuple[Decimal, str]:
    """The product of the parts so marked and the sum of the rest, with the sum in words."""
    product, added = Decimal(1), Decimal(0)
    for part, score in parts:
        product, added = (product * score, added) if part.times else (product, added + score)
    return product + added, " + ".join(_words(parts))


def _words(parts: Sequence[tuple[_Part, Decimal]]) -> Iterator[str]:
    yield " x ".join(str(score) for part, score in parts if part.times)
    yield from (str(score) for part, score in parts if not part.times and score)
