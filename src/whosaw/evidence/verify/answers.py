"""What is said of a bundle: each part holds, is broken, or cannot be told, and the worst answer counts."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime

from .canonical_json import Json
from .names import CONTAINER, JOURNAL, MANIFEST, SIGNED, STAMPED

__all__ = ["BROKEN", "CANNOT_TELL", "HOLDS", "MALFORMED", "Guard", "Part", "Told", "Verdict", "instant"]

HOLDS, CANNOT_TELL, BROKEN = "holds", "cannot tell", "broken"
_LOOKED_AT = {CONTAINER, MANIFEST, SIGNED, STAMPED, JOURNAL}
MALFORMED = (
    KeyError,
    TypeError,
    ValueError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
    struct.error,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is said of one part, and why where it does not simply hold."""

    name: str
    answer: str
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is said of a bundle. `signer` is the SHA-256 of the public key that signed; `stamped` is a proven time."""

    bundle: str
    case: str | None
    sealed: str | None
    signer: str | None
    stamped: datetime | None
    parts: tuple[Part, ...]
    examined: bool = True

    @property
    def answer(self) -> str:
        """The worst answer of any part; nothing holds unless all that must be looked at was."""
        said = {part.answer for part in self.parts}
        if BROKEN in said:
            return BROKEN
        whole = {part.name for part in self.parts} >= _LOOKED_AT
        return HOLDS if whole and said == {HOLDS} else CANNOT_TELL

    @property
    def exit_code(self) -> int:
        """0 when all of it holds, 1 when something is broken, 2 when it could not be examined, 3 when it cannot be told."""
        if not self.examined:
            return 2
        return {HOLDS: 0, BROKEN: 1, CANNOT_TELL: 3}[self.answer]

    def as_json(self) -> Json:
        return {
            "bundle": self.bundle,
            "case": self.case,
            "sealed": self.sealed,
            "signer": self.signer,
            "stamped": None if self.stamped is None else instant(self.stamped),
            "answer": self.answer,
            "parts": [
                {"part": each.name, "answer": each.answer, "why": list(each.why)} for each in self.parts
            ],
        }


class Told:
    """Collects answers part by part; the worst one counts."""

    def __init__(self) -> None:
        self._said: dict[str, list[tuple[str, str]]] = {}

    def holds(self, part: str) -> None:
        self._said.setdefault(part, [])

    def broken(self, part: str, why: str) -> None:
        self._said.setdefault(part, []).append((BROKEN, why))

    def unknown(self, part: str, why: str) -> None:
        self._said.setdefault(part, []).append((CANNOT_TELL, why))

    def note(self, part: str, why: str) -> None:
        """Something to know of a part that is no flaw of it."""
        self._said.setdefault(part, []).append((HOLDS, why))

    def is_broken(self, part: str) -> bool:
        return any(answer == BROKEN for answer, _ in self._said.get(part, []))

    def parts(self) -> tuple[Part, ...]:
        return tuple(self._part(name, said) for name, said in self._said.items())

    @staticmethod
    def _part(name: str, said: list[tuple[str, str]]) -> Part:
        answers = {answer for answer, _ in said}
        worst = next((each for each in (BROKEN, CANNOT_TELL) if each in answers), HOLDS)
        return Part(name=name, answer=worst, why=tuple(dict.fromkeys(why for _, why in said)))


class Guard:
    """Whatever does not have the form of the format is a flaw of its part, never a crash."""

    def __init__(self, told: Told, part: str) -> None:
        self._told, self._part = told, part

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, _trace: object) -> bool:
        if fault is None or not isinstance(fault, MALFORMED):
            return False
        self._told.broken(
            self._part,
            f"it is not of the form that the format asks for ({kind.__name__ if kind else kind}: {fault})"[
                :200
            ],
        )
        return True


def instant(when: datetime) -> str:
    """An instant as people and documents get it: RFC 3339 in UTC."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")
