"""Regular expressions in items and rules: refused when they are bad or could cost more than a line is worth.

They are RE2 expressions and run inside the SQL session, in linear time. What RE2 still allows is a
pattern whose compiled form is huge, so repetition is bounded here before anything compiles it.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["pattern_fault"]

MAX_PATTERN = 1_000
MAX_REPEAT = 1_000  # product of nested counted repetitions, RE2's own limit for a single one


@dataclass(slots=True)
class _Group:
    """What is known of one open group: the largest repetition inside it and whether one has no end."""

    repeat: int = 1
    endless: bool = False


def _quantifier(text: str, at: int) -> tuple[int, int, bool] | None:
    """(position after it, most repetitions, without end) of the quantifier at `at`, if there is one."""
    if at >= len(text):
        return None
    if text[at] in "*+":
        return at + 1, 1, True
    if text[at] == "?":
        return at + 1, 1, False
    if text[at] != "{":
        return None
    close = text.find("}", at)
    low, comma, high = text[at + 1 : close].partition(",") if close > 0 else ("", "", "")
    if not low.isdigit() or (high and not high.isdigit()) or len(low) > 9 or len(high) > 9:
        return None
    return close + 1, int(high or low), bool(comma) and not high


def _class_end(text: str, at: int) -> int:
    """The position after the character class that opens at `at`."""
    at += 2 if text[at + 1 : at + 2] == "^" else 1
    if text[at : at + 1] == "]":
        at += 1
    while at < len(text) and text[at] != "]":
        at += 2 if text[at] == "\\" else 1
    return at + 1


def _repetition_fault(text: str) -> str | None:
    groups = [_Group()]
    at = 0
    while at < len(text):
        atom = _Group()
        if text[at] == "(":
            groups.append(_Group())
            at += 1
            continue
        if text[at] == ")" and len(groups) > 1:
            atom = groups.pop()
            at += 1
        elif text[at] == "[":
            at = _class_end(text, at)
        else:
            at += 2 if text[at] == "\\" else 1
        while (found := _quantifier(text, at)) is not None:
            at, most, endless = found
            if endless and atom.endless:
                return "repeats without end something that already repeats without end"
            atom = _Group(repeat=atom.repeat * most, endless=atom.endless or endless)
            if text[at : at + 1] == "?":  # lazy form of the same quantifier
                at += 1
        if atom.repeat > MAX_REPEAT:
            return f"can repeat a part more than {MAX_REPEAT:,} times"
        outer = groups[-1]
        groups[-1] = _Group(repeat=max(outer.repeat, atom.repeat), endless=outer.endless or atom.endless)
    return None


def pattern_fault(text: str) -> str | None:
    """Why `text` is refused as a pattern, or None when it is fine."""
    if len(text) > MAX_PATTERN:
        return f"is longer than {MAX_PATTERN:,} characters"
    if "\0" in text:
        return "holds a NUL character"
    if (fault := _repetition_fault(text)) is not None:
        return fault
    from .sql import Session  # the engine is loaded only for items that hold a pattern

    with Session() as session:
        compiled = session.query("SELECT try(regexp_matches('', ?)) IS NOT NULL AS fine", [text])
    return None if compiled["fine"][0].as_py() else "is not a regular expression that RE2 accepts"
