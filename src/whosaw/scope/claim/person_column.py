"""Which column of a claim names people, and in which kind of identifier."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from whosaw.core.document import told_as
from whosaw.core.errors import WhosawError

__all__ = ["Identifier", "Tally", "choose_column", "kind_of_values", "needed_for"]

Identifier = Literal["hash", "email", "phone", "other"]
_EACH: Final = 10  # rows of one person at most, on average, in a column that is taken for one of people
_MOST: Final = 0.9  # of the values of a column, for it to be of a kind
_HASH: Final = re.compile(
    r"(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{56}|[0-9a-fA-F]{64}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128}|\$[0-9a-z]{1,10}\$\S{20,})"
)
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE: Final = re.compile(r"\+?(?=(?:\D*\d){8,15}\D*\Z)[\d\s().-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Of the first rows: how many have a value in this column, how many different ones, how many of these the ledger knows as people."""

    column: str
    filled: int = field(metadata=told_as(never=True))
    distinct: int
    known: int
    named: bool = field(metadata=told_as(never=True))  # the name of the column says that it numbers people
    foreign: bool = field(metadata=told_as(never=True))  # the name says that it holds no identifier
    kind: Identifier = field(metadata=told_as(never=True))

    @property
    def likely(self) -> bool:
        """Whether it may be taken for the column with people in it though nobody said so.

        Sizes, ages and the like are known as people by chance where ids are small numbers; they have few different values.
        """
        return self.known > 0 and (self.named or (not self.foreign and self.distinct * _EACH >= self.filled))


def kind_of_values(values: Sequence[str]) -> Identifier:
    """What most of the values look like."""
    kinds: tuple[tuple[Identifier, re.Pattern[str]], ...] = (
        ("hash", _HASH),
        ("email", _EMAIL),
        ("phone", _PHONE),
    )
    for kind, pattern in kinds:
        if values and sum(pattern.fullmatch(each) is not None for each in values) >= _MOST * len(values):
            return kind
    return "other"


def choose_column(tallies: Sequence[Tally]) -> Tally | None:
    """The likely column of which the ledger knows the most values as people; None where there is none.

    A column whose name says so goes before others that have no more than twice as many: ages and postcodes may be numbers of
    people, too, by chance. Where two columns are alike, `WhosawError` asks which one.
    """
    known = sorted((each for each in tallies if each.likely), key=lambda each: -each.known)
    if not known:
        return None
    rivals = [each for each in known if each.known * 2 > known[0].known]
    named = [each for each in rivals if each.named]
    chosen = named or rivals
    if len(chosen) > 1:
        raise WhosawError(
            "claim.person-ambiguous",
            f"{' and '.join(repr(each.column) for each in chosen)} could each be the column with people in it",
            hint="Say which with --person COLUMN",
        )
    return chosen[0]


def needed_for(kind: Identifier, column: str) -> str:
    """What is needed to tell who the people in a column are, of whose values the ledger knows none."""
    if kind == "hash":
        return f"{column!r} holds digests: how they were made (of what, with which function and salt), or the plain values"
    if kind in ("email", "phone"):
        what = "e-mail addresses" if kind == "email" else "phone numbers"
        return f"{column!r} holds {what}: subjects.csv in the context folder, with columns subject and contact, to link them to the ids in the logs"
    return f"{column!r} holds values that the ledger does not know: a table from them to the ids in the logs, if they are of people"
