"""Values in records of other systems, found by a path: `details.token_id`, `target[type=User].id`, `agents[*].id`.

A name with dots or colons in it stands in quotes. `|` after a path says what is taken of its value: `|claim:jti` that claim of the token
that it is, `|person` under which name the list of people beside the records has that id.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["Path", "Record", "path_of", "text_of"]

Record = Mapping[str, object]
_STEP: Final = re.compile(r'(?:"([^"]+)"|([^.\[\]|"]+))((?:\[[^\]]*\])*)(?:\.|$)')
_INDEX: Final = re.compile(r"\[([^\]]*)\]")
_NOTHING: Final = frozenset(("", "-", "null", "NULL", "None", "\\N", "unknown"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """The steps of a path, names and `[…]`, and what is taken of the value: `claim`, a claim of a token; `person`, by the list of people."""

    steps: tuple[str, ...]
    claim: str = ""
    person: bool = False
    plain: bool = False  # names alone, as nearly all are: millions of records are asked for them

    def values(self, record: object) -> Iterator[str]:
        """The texts at this place, in order; none where it does not lead to a text, a number or a truth value."""
        if self.plain:
            for step in self.steps:
                if not isinstance(record, Mapping):
                    return
                record = record.get(step)
            if (text := text_of(record)) is not None:
                yield text
            return
        for found in _walk(record, self.steps):
            text = text_of(found)
            if text is not None and self.claim:
                text = _claim(text, self.claim)
            if text is not None:
                yield text


def path_of(text: str) -> Path | None:
    """The path that a text writes; None where it writes none."""
    plain, _, taken = text.partition("|")
    steps: list[str] = []
    at = 0
    while at < len(plain):
        met = _STEP.match(plain, at)
        if met is None:
            return None
        steps.append(met[1] or met[2])
        steps += [f"[{each}]" for each in _INDEX.findall(met[3])]
        at = met.end()
    claim = taken.removeprefix("claim:") if taken.startswith("claim:") else ""
    if not steps or plain.endswith(".") or not (not taken or claim or taken == "person"):
        return None
    names_alone = not claim and not any(each.startswith("[") for each in steps)
    return Path(steps=tuple(steps), claim=claim, person=taken == "person", plain=names_alone)


def text_of(value: object) -> str | None:
    """A value as a table would write it; None for nothing, for lists and for objects."""
    if isinstance(value, str):
        text = value.strip()
        return None if text in _NOTHING else text
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None


def _walk(value: object, steps: tuple[str, ...]) -> Iterator[object]:
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    if step.startswith("["):
        # one text where others write a list, as a column that repeats only where there is more than one
        among = [value] if isinstance(value, str) and step == "[*]" else value
        if isinstance(among, list):
            for each in _chosen(among, step[1:-1]):
                yield from _walk(each, rest)
    elif isinstance(value, Mapping) and step in value:
        yield from _walk(value[step], rest)


def _chosen(values: list[object], which: str) -> Iterator[object]:
    if which == "*":
        yield from values
    elif which.isdigit():
        yield from values[int(which) : int(which) + 1]
    else:
        name, _, wanted = which.partition("=")
        yield from (
            each for each in values if isinstance(each, Mapping) and text_of(each.get(name)) == wanted
        )


def _claim(token: str, name: str) -> str | None:
    """A claim of a token in three parts; its signature is of no interest here, for the login service itself kept it."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return text_of(claims.get(name)) if isinstance(claims, dict) else None
